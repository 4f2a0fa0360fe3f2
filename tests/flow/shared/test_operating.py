"""What operators see of a service's machinery moves when it should, on a real MongoDB."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY, Counter

from shared import heartbeat
from shared.cloudevents import Reject, uuid7
from shared.documents import Database, Transaction
from shared.events.enrolment import HeartbeatStarted
from shared.heartbeat import Heart
from shared.jobs import repeat
from shared.model import Timer
from shared.outbox import NotPublishedError, Outbox, Outgoing
from shared.timers import Timers
from shared.vitals import watch_loop
from tests.flow.counted import value
from tests.harness import Harness, harness

COUNTED = Counter("test_counted_total", "Whatever a test counts.")

timers = Timers()


@timers.due("remind")
async def remind(timer: Timer, tx: Transaction) -> None:
    if timer.data:
        raise ValueError("a timer that cannot")


@pytest.fixture
async def service(database: Database) -> AsyncIterator[Harness[Transaction]]:
    async with harness(
        database, name="enrolment", transaction=Transaction, subscriptions=[], timers=timers, indexes={}
    ) as service:
        yield service


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not reached():  # noqa: ASYNC110 — it is somebody else's state
            await asyncio.sleep(0.02)


class Refusing:
    """A broker that takes nothing, for the reason it is told."""

    def __init__(self, result: str) -> None:
        self.result = result

    async def publish(self, message: Outgoing) -> None:
        raise NotPublishedError(self.result, "not now")


def beat(minutes: int = 0) -> HeartbeatStarted:
    started_at = datetime(2026, 8, 17, 6, minutes, tzinfo=UTC)
    return HeartbeatStarted(version=1, beat_id=uuid7(), started_at=started_at)


async def test_what_a_transaction_counts_is_counted_once_when_it_is_committed(service: Harness[Transaction]) -> None:
    before = COUNTED._value.get()

    async def count(tx: Transaction) -> None:
        tx.count(COUNTED, 2)

    await service.delivery.run(count, rehearsal=True)
    assert COUNTED._value.get() == before

    async def fail(tx: Transaction) -> None:
        tx.count(COUNTED)
        raise Reject("this cannot be")

    with pytest.raises(Reject):
        await service.delivery.run(fail)
    assert COUNTED._value.get() == before
    await service.delivery.run(count)
    assert COUNTED._value.get() == before + 2


async def test_several_replicas_start_one_beat_a_minute_between_them(service: Harness[Transaction]) -> None:
    hearts = [Heart(service.delivery) for _ in range(4)]
    started = await asyncio.gather(*(heart.beat_if_due() for heart in hearts))
    await service.published()
    assert (sorted(started), len(service.said(HeartbeatStarted))) == ([False, False, False, True], 1)
    assert not await hearts[0].beat_if_due()
    a_minute_later = {"$set": {"due_at": datetime.now(UTC) - timedelta(seconds=1)}}
    await service.delivery.database["heartbeats"].update_one({"_id": "turn"}, a_minute_later)
    assert await hearts[1].beat_if_due()


async def test_the_newest_beat_that_came_to_a_hop_is_shown_also_by_a_new_process(service: Harness[Transaction]) -> None:
    for minutes in (5, 3):  # the older one comes late
        await service.delivery.run(lambda tx, m=minutes: heartbeat.came_to("evaluation", beat(m), tx))  # type: ignore[misc]
    await heartbeat.show("evaluation", service.delivery.database)
    shown = value("heartbeat_last_seen_timestamp_seconds", hop="evaluation")
    assert shown == datetime(2026, 8, 17, 6, 5, tzinfo=UTC).timestamp()


async def test_nothing_is_shown_before_the_first_beat(service: Harness[Transaction]) -> None:
    await heartbeat.show("nowhere", service.delivery.database)
    assert REGISTRY.get_sample_value("ledstjarna_heartbeat_last_seen_timestamp_seconds", {"hop": "nowhere"}) is None


async def test_what_was_published_is_timed_from_its_transaction_on(service: Harness[Transaction]) -> None:
    before = value("outbox_publish_seconds_count")

    async def say(tx: Transaction) -> None:
        tx.save(beat())

    await service.delivery.run(say)
    await service.published()
    assert value("outbox_publish_seconds_count") == before + 1


@pytest.mark.parametrize(("result", "is_late"), [("error", True), ("returned", False)])
async def test_an_event_is_late_unless_it_rests_until_a_queue_is_there(
    database: Database, result: str, *, is_late: bool
) -> None:
    outbox = Outbox(database, Refusing(result))
    minutes_ago = datetime.now(UTC) - timedelta(minutes=5)
    row = {"_id": uuid7(), "type": beat().type, "headers": {}, "body": b"{}", "status": "pending"}
    await outbox.collection.insert_one(row | {"created_at": minutes_ago})
    before = value("outbox_published_total", event_type=beat().type, result=result)
    await outbox.sweep()
    assert value("outbox_published_total", event_type=beat().type, result=result) == before + 1
    assert value("outbox_pending") == 1
    late_since = value("outbox_oldest_pending_timestamp_seconds")
    assert late_since == pytest.approx(minutes_ago.timestamp() if is_late else 0, abs=0.01)


async def test_what_waits_is_not_told_while_nobody_has_looked(database: Database) -> None:
    outbox = Outbox(database, Refusing("error"))
    names = ("outbox_pending", "outbox_oldest_pending_timestamp_seconds")
    assert all(math.isnan(value(name)) for name in names), "the number of an outbox before it would be a lie"
    await outbox.sweep()
    assert [value(name) for name in names] == [0, 0]


async def test_runs_of_timers_are_counted_by_kind_and_by_how_they_ended(service: Harness[Transaction]) -> None:
    def runs() -> list[float]:
        return [value("scheduler_runs_total", job_name="remind", result=how) for how in ("done", "failed")]

    done, failed = runs()
    now = service.clock.now()

    async def plan(tx: Transaction) -> None:
        tx.save(Timer.of("remind", "A", now), Timer.of("remind", "B", now, broken=True), Timer.of("gone", "C", now))

    unknown = value("scheduler_runs_total", job_name="unknown", result="failed")
    await service.delivery.run(plan)
    await service.timers.run_due(now)
    assert runs() == [done + 1, failed + 1]
    assert value("scheduler_runs_total", job_name="unknown", result="failed") == unknown + 1
    assert value("scheduler_last_success_timestamp_seconds", job_name="remind") == pytest.approx(
        datetime.now(UTC).timestamp(), abs=10
    )


async def test_a_job_that_fails_is_counted_and_done_again() -> None:
    tried = []

    async def step() -> None:
        tried.append(1)
        if len(tried) == 1:
            raise ConnectionError("away")

    job = asyncio.create_task(repeat("a_job", 0.01, step))
    await until(lambda: value("scheduler_runs_total", job_name="a_job", result="done") >= 1)
    job.cancel()
    assert value("scheduler_runs_total", job_name="a_job", result="failed") == 1


async def test_every_command_to_the_database_is_timed_by_its_name(service: Harness[Transaction]) -> None:
    names = ("find", "insert", "commitTransaction", "abortTransaction", "other")
    before = {name: value("mongo_command_seconds_count", command=name) for name in names}

    async def say(tx: Transaction) -> None:
        await tx.documents(Timer).get("none")
        tx.save(beat())

    await service.delivery.run(say)
    await service.delivery.run(say, rehearsal=True)
    await service.delivery.database.command("ping")
    assert [name for name in names if value("mongo_command_seconds_count", command=name) <= before[name]] == []


async def test_connections_to_the_database_are_counted_while_they_are_used(service: Harness[Transaction]) -> None:
    await service.published()
    seen = []

    async def slowly() -> None:
        await service.delivery.database.command({"aggregate": 1, "pipeline": [_slow()], "cursor": {}})

    task = asyncio.create_task(slowly())
    while not task.done():
        seen.append(value("mongo_pool_in_use"))
        await asyncio.sleep(0.005)
    assert max(seen) >= 1


def _slow() -> dict[str, object]:
    return {"$documents": [{"n": {"$reduce": {"input": {"$range": [0, 300_000]}, "initialValue": 0, "in": "$$this"}}}]}


async def test_a_loop_that_is_held_up_is_seen_for_a_while() -> None:
    watching = asyncio.create_task(watch_loop())
    await asyncio.sleep(0.3)
    until_then = datetime.now(UTC) + timedelta(seconds=0.6)
    while datetime.now(UTC) < until_then:
        pass  # whoever computes without a pause holds up everybody else
    await asyncio.sleep(0.6)
    watching.cancel()
    assert value("event_loop_lag_seconds") >= 0.3
