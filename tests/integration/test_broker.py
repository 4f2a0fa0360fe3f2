"""The broker really has the topology that was written, and does with it what the services count on.

Run on another broker by `./check --newer-broker` and `./check --newest-broker`.
"""

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aio_pika
import httpx
import pytest
import yaml

from deploy.local.programs import BROKER_ROOT, Where, find_rabbitmq
from deploy.local.rabbitmq import RabbitMQ
from shared.cloudevents import uuid7
from shared.delivery import Done, Work
from shared.documents import Database
from shared.messaging import WorkQueue
from shared.topology import DELIVERY_LIMIT, definitions
from tests.integration.wiring import HrSystem, read_all, tiny_service, unit, until

WRITTEN = definitions({})


@pytest.fixture(autouse=True)
async def _nothing_left(broker: RabbitMQ) -> AsyncIterator[None]:
    yield
    for queue in ("enrolment.hr", "enrolment.dead"):
        await read_all(broker.url_of("enrolment"), queue)


async def asked(broker: RabbitMQ, path: str) -> Any:
    """What the broker tells its operator."""
    async with httpx.AsyncClient(trust_env=False, auth=("operator", broker.passwords["operator"])) as client:
        answer = await client.get(f"{broker.management}/api/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()


async def test_the_tests_run_on_the_broker_that_was_asked_for(broker: RabbitMQ) -> None:
    version = (await asked(broker, "overview"))["rabbitmq_version"]
    assert find_rabbitmq(Where(install=False)).parent.name == f"rabbitmq_server-{version}"
    if asked_for := os.environ.get(BROKER_ROOT):
        assert find_rabbitmq(Where(install=False)).is_relative_to(Path(asked_for))
        assert int(version.split(".")[0]) >= 4


async def test_every_queue_is_there_with_the_policy_that_was_written_for_it(broker: RabbitMQ) -> None:
    queues: dict[str, Any] = {}

    async def are_told() -> bool:
        queues.update({queue["name"]: queue for queue in await asked(broker, "queues")})
        return all("effective_policy_definition" in queue for queue in queues.values())

    await until(are_told)
    policies = {policy["name"]: policy["definition"] for policy in WRITTEN["policies"]}
    assert set(queues) == {queue["name"] for queue in WRITTEN["queues"]}
    for name, queue in queues.items():
        assert queue["type"] == "quorum", name
        assert queue["arguments"] == {"x-queue-type": "quorum"}, name
        assert queue["effective_policy_definition"] == policies[queue["policy"]], name


async def test_every_message_goes_where_it_was_written_that_it_goes(broker: RabbitMQ) -> None:
    def route(binding: dict[str, Any]) -> tuple[str, str, str]:
        return binding["source"], binding["destination"], binding["routing_key"]

    found = {route(binding) for binding in await asked(broker, "bindings") if binding["source"]}
    assert found == {route(binding) for binding in WRITTEN["bindings"]}


async def take_and_die(url: str, queue: str) -> bool:
    """Take a message as a process does that it kills; whether there was one."""
    connection = await aio_pika.connect(url)
    channel = await connection.channel()
    source = await channel.get_queue(queue, ensure=False)
    taken = await source.get(fail=False, timeout=5)
    await connection.close()
    return taken is not None


async def test_a_message_that_kills_whoever_takes_it_ends_among_the_dead_at_its_limit(
    broker: RabbitMQ, hr: HrSystem
) -> None:
    enrolment = broker.url_of("enrolment")
    await hr.says(unit("U1"), event_id="killer")
    deaths = 0
    while await take_and_die(enrolment, "enrolment.hr"):
        deaths += 1
        assert deaths <= DELIVERY_LIMIT + 1, "the limit does not hold"
    assert deaths == DELIVERY_LIMIT + 1, "it was given up too early"
    [dead] = await read_all(enrolment, "enrolment.dead")
    assert dead.headers["ce-id"] == "killer"
    assert dead.headers["x-first-death-queue"] == "enrolment.hr"
    assert dead.headers["x-first-death-reason"] == "delivery_limit"


async def test_looking_at_a_dead_letter_more_often_than_any_default_limit_loses_nothing(
    broker: RabbitMQ,
) -> None:
    enrolment = broker.url_of("enrolment")
    dead = aio_pika.Message(b"{}", message_id=uuid7())
    connection = await aio_pika.connect(enrolment)
    async with connection, connection.channel() as channel:
        await (await channel.get_exchange("enrolment.dead", ensure=False)).publish(dead, "enrolment.hr")
    for _ in range(25):
        assert await take_and_die(enrolment, "enrolment.dead")
    assert [message.message_id for message in await read_all(enrolment, "enrolment.dead")] == [dead.message_id]


async def test_a_group_that_breaks_the_service_itself_is_given_back_and_bounded(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    """Not even a fault of ours outside every transaction makes a message go round for ever."""
    async with tiny_service(database, broker.url_of("enrolment")) as service:
        queue = service.consumer.queues[0]
        assert isinstance(queue, WorkQueue)
        rounds = 0

        async def breaks(works: Sequence[Work[Any]]) -> list[Done]:
            nonlocal rounds
            rounds += 1
            raise LookupError("a fault of ours")

        queue.delivery.run_together = breaks  # type: ignore[method-assign]
        await hr.says(unit("U1"), event_id="round")
        found: list[Any] = []

        async def is_dead() -> bool:
            found.extend(await read_all(broker.url_of("enrolment"), "enrolment.dead"))
            return bool(found)

        await until(is_dead)
    assert [message.headers["ce-id"] for message in found] == ["round"]
    assert rounds == DELIVERY_LIMIT + 1


@pytest.mark.skipif(BROKER_ROOT not in os.environ, reason="a cluster's settings are for RabbitMQ 4: --newer-broker")
async def test_a_node_takes_what_a_cluster_tells_it(root: Path, tmp_path: Path) -> None:
    told = next(yaml.safe_load_all((root / "deploy/k8s/base/stores/rabbitmq.yaml").read_text()))
    lines = told["spec"]["rabbitmq"]["additionalConfig"].splitlines()
    assert lines.pop(0) == "definitions.import_backend = local_filesystem"
    assert lines.pop(0).startswith("definitions.local.path = ")
    assert len(lines) > 5
    async with RabbitMQ(tmp_path, more="\n".join(lines) + "\n") as node:
        assert {queue["name"] for queue in await asked(node, "queues")} == {each["name"] for each in WRITTEN["queues"]}
