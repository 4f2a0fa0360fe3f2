"""A real Prometheus in the local stack asks whoever has metrics, and is there only when wanted."""

import asyncio
from pathlib import Path

import httpx
import pytest

from deploy.grafana.asked import answers
from deploy.local.outside import Outside
from deploy.local.parts import CannotStart, Prometheus, RabbitMQ, Where
from deploy.local.stack import Stack

NOWHERE = Outside()


async def asked(url: str, query: str) -> list[dict[str, dict[str, str]]]:
    """What Prometheus answers to an instant query."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = (await client.get(f"{url}/api/v1/query", params={"query": query})).json()
    assert answer["status"] == "success", answer
    found: list[dict[str, dict[str, str]]] = answer["data"]["result"]
    return found


async def until_asked(url: str, query: str) -> list[dict[str, dict[str, str]]]:
    """The first answer that is not empty."""
    async with asyncio.timeout(20):
        while True:
            if found := await asked(url, query):
                return found
            await asyncio.sleep(0.2)


async def test_a_stack_with_prometheus_knows_the_broker_by_two_jobs_and_its_version_once(tmp_path: Path) -> None:
    async with Stack(tmp_path / "run", parts=("rabbitmq", "prometheus"), outside=NOWHERE) as stack:
        url = str(stack.endpoints.prometheus)
        up = await until_asked(url, "count(up == 1) == 2")
        assert up[0]["metric"] == {}
        jobs = {each["metric"]["job"] for each in await asked(url, "up")}
        ready = await until_asked(url, 'rabbitmq_detailed_queue_messages_ready{queue="enrolment.hr"}')
        versions = await until_asked(url, "rabbitmq_build_info")
    assert jobs == {"rabbitmq", "rabbitmq-queues"}
    assert (len(ready), [each["metric"]["job"] for each in versions]) == (1, ["rabbitmq"])


async def test_pages_of_this_machine_may_ask_prometheus_and_others_may_not(tmp_path: Path) -> None:
    async with Prometheus(tmp_path, {}) as prometheus, httpx.AsyncClient(trust_env=False) as client:
        allowed = []
        for origin in ("http://127.0.0.1:28111", "http://127.0.0.1.example", "https://elsewhere.example"):
            answer = await client.get(f"{prometheus.url}/api/v1/query?query=1", headers={"Origin": origin})
            allowed.append("access-control-allow-origin" in answer.headers)
    assert allowed == [True, False, False]


async def test_a_stack_without_dashboards_looks_for_no_prometheus(tmp_path: Path) -> None:
    nothing = Where(path=str(tmp_path), install=False)
    async with Stack(tmp_path / "run", parts=("mail",), outside=NOWHERE, where=nothing) as stack:
        assert (set(stack.parts), stack.endpoints.prometheus) == ({"mail"}, None)


async def test_without_prometheus_and_the_right_to_install_it_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"^prometheus is missing .*: run 'apt-get install prometheus' as root"):
        await Prometheus(tmp_path, {}, where=Where(path=str(tmp_path), install=False)).start()


def test_the_broker_is_asked_where_it_listens(tmp_path: Path) -> None:
    broker = RabbitMQ(tmp_path)
    assert broker.metrics == f"http://127.0.0.1:{broker.metrics_port}/metrics"


async def test_a_panel_with_nothing_to_show_is_a_fault_unless_it_says_when(tmp_path: Path) -> None:
    async with Prometheus(tmp_path, {}) as prometheus:
        found = await answers(prometheus.url, seconds=60, every_seconds=3)
    assert [each.refused for each in found if each.refused] == []
    empty = [each for each in found if not each.values]
    assert {each.panel.title for each in empty if not each.well} >= {"Services up", "Broken promises", "Memory"}
    assert {each.panel.title for each in empty if each.well} >= {"Alerts that fire", "Retry ladder"}
