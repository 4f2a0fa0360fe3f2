"""What only a real broker shows of what operators see: ages, outcomes, lost connections, a beat all around the ring."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.rabbitmq import RabbitMQ
from deploy.local.stack import Stack
from shared.cloudevents import COMMITTED_AT, Reject, uuid7, wrap
from shared.dead_letters.letters import REPLAY_COUNT
from shared.documents import Database
from shared.events.hr import UnitChanged
from shared.topology import SERVICES
from tests.flow.counted import value
from tests.harness import START
from tests.integration.wiring import HrSystem, read_all, tiny_service, unit, until

QUEUE = "enrolment.hr"


def consumed(outcome: str) -> float:
    return value("messages_consumed_total", queue=QUEUE, event_type=UnitChanged.type, outcome=outcome)


async def says(hr: HrSystem, event: UnitChanged, at: datetime, **more: object) -> None:
    headers: dict[str, object] = dict(wrap(event, source="/hr", time=at, cause=None, event_id=uuid7()))
    await hr.raw(event.type, event.model_dump_json(by_alias=True).encode(), headers | more)


async def test_how_a_message_ended_and_how_old_it_was_is_counted(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    def hopeless(event: UnitChanged) -> Exception | None:
        return Reject("this unit cannot be") if event.unit_id == "U9" else None

    before = {outcome: consumed(outcome) for outcome in ("ok", "duplicate", "dead_lettered")}
    count, total = (value(f"message_age_seconds_{one}", queue=QUEUE) for one in ("count", "sum"))
    async with tiny_service(database, broker.url_of("enrolment"), hopeless) as service:
        await says(hr, unit("U1", 2), START - timedelta(minutes=10))
        await says(hr, unit("U1", 1), START)  # out of date: no fault
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        await says(hr, unit("U2", 1), START - timedelta(days=400), **{COMMITTED_AT: an_hour_ago.isoformat()})
        await says(hr, unit("U3", 1), START - timedelta(days=9), **{REPLAY_COUNT: 1})
        await says(hr, unit("U9", 1), START)

        async def done() -> bool:
            return consumed("dead_lettered") > before["dead_lettered"] and len(await service.inbox()) == 4

        await until(done)
    await read_all(broker.url_of("enrolment"), "enrolment.dead")
    risen = {outcome: consumed(outcome) - n for outcome, n in before.items()}
    assert risen == {"ok": 4, "duplicate": 0, "dead_lettered": 1}
    assert value("message_age_seconds_count", queue=QUEUE) == count + 4, "one that is sent again has no age"
    assert value("message_age_seconds_sum", queue=QUEUE) - total == pytest.approx(600 + 3600, abs=20)


async def test_a_connection_that_is_made_again_is_counted(broker: RabbitMQ, database: Database, hr: HrSystem) -> None:
    before = {one: value("broker_reconnects_total", connection=one) for one in ("publishing", "consuming")}
    async with tiny_service(database, broker.url_of("enrolment")) as service:
        for connection in (service.consumer._broker._connection, service.publisher._connection):
            assert connection
            assert connection.transport
            await connection.transport.connection.close(ConnectionError("lost"))

        async def again() -> bool:
            return all(value("broker_reconnects_total", connection=one) == n + 1 for one, n in before.items())

        await until(again)


@pytest.mark.timeout(180)
async def test_a_beat_goes_through_all_services_and_operators_see_it_at_each_hop(tmp_path: Path) -> None:
    async with Stack(tmp_path) as stack, httpx.AsyncClient(trust_env=False) as web:

        async def came_round() -> bool:
            seen: dict[str, float] = {}
            for service in SERVICES:
                text = (await web.get(f"{getattr(stack.endpoints, service)}/metrics")).text
                for family in text_string_to_metric_families(text):
                    if family.name == "ledstjarna_heartbeat_last_seen_timestamp_seconds":
                        seen |= {sample.labels["hop"]: sample.value for sample in family.samples}
            now = datetime.now(UTC).timestamp()
            return set(seen) == set(SERVICES) and all(now - moment < 60 for moment in seen.values())

        await until(came_round, 60)
