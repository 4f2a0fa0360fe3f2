"""Dead letters on a real broker: none is lost, none circles, each is sent to one queue and has its effect once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import aio_pika
import pytest

from deploy.local.rabbitmq import RabbitMQ
from shared.cloudevents import uuid7
from shared.dead_letters import orders
from shared.dead_letters.letters import DeadLetter, State
from shared.dead_letters.reading import MOST_BODY
from shared.delivery import connect
from shared.documents import Database
from shared.events.hr import UnitChanged
from shared.topology import DELIVERY_LIMIT
from tests.integration.wiring import HrSystem, TinyService, read_all, tiny_service, unit, until


@pytest.fixture(autouse=True)
async def _nothing_left(broker: RabbitMQ) -> AsyncIterator[None]:
    yield
    for queue in ("enrolment.hr", "enrolment.dead"):
        await read_all(broker.url_of("enrolment"), queue)


async def letters(service: TinyService, count: int, *states: State) -> list[DeadLetter]:
    """The letters in these states (at first open ones), once there are `count`."""
    query = {"state": {"$in": list(states or (State.open,))}}

    async def reached() -> bool:
        return await service.letters.collection.count_documents(query) >= count

    await until(reached)
    return [DeadLetter.model_validate(row) async for row in service.letters.collection.find(query)]


async def replay(
    service: TinyService, *ids: str, group: str | None = None, queue: str | None = None, force: bool = False
) -> orders.Ordered:
    choice = orders.Choice(ids, group, queue)
    order = orders.Order("it is mended", "an operator", datetime.now(UTC), force)
    told = await service.delivery.run(lambda tx: orders.replay(tx, choice, order, rate=100))
    service.replayer.wake()
    return told


def failing(*units: str) -> Callable[[UnitChanged], Exception | None]:
    def trouble(event: UnitChanged) -> Exception | None:
        return KeyError("a fault of ours") if event.unit_id in units else None

    return trouble


async def test_a_letter_is_recorded_and_leaves_the_broker(broker: RabbitMQ, database: Database, hr: HrSystem) -> None:
    async with tiny_service(database, broker.url_of("enrolment"), failing("U13"), keeps_letters=True) as service:
        await hr.says(unit("U13"), event_id=(event_id := uuid7()))
        [letter] = await letters(service, 1)
    assert letter.id == f"{event_id}:enrolment.hr"
    assert (letter.event_type, letter.error.code, letter.error.kind) == ("hr.unit.changed.v1", "fault", "KeyError")
    assert letter.error.where.startswith("shared.delivery."), (
        "the innermost function of ours; the handler is the test's"
    )
    assert "in count" in letter.error.traceback
    assert letter.body == unit("U13").model_dump_json(by_alias=True).encode()
    assert await read_all(broker.url_of("enrolment"), "enrolment.dead") == []


async def test_a_replayed_letter_is_handled_and_closed_and_keeps_no_body(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    broken = {"U13"}
    async with tiny_service(
        database, broker.url_of("enrolment"), lambda event: KeyError() if event.unit_id in broken else None,
        keeps_letters=True,
    ) as service:  # fmt: skip
        await hr.says(unit("U13"))
        [letter] = await letters(service, 1)
        broken.clear()
        told = await replay(service, letter.id)
        assert (told.accepted, told.queues) == ([letter.id], {"enrolment.hr": 1})
        [closed] = await letters(service, 1, State.resolved)
        assert await service.units() == {"U13": 1}
    assert (closed.body, closed.replay_count) == (None, 1)
    assert [entry.action for entry in closed.history if entry.actor == "an operator"] == ["replay ordered", "replayed"]


async def test_a_letter_that_dies_again_is_open_again_and_force_is_needed_after_three_replays(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    async with tiny_service(database, broker.url_of("enrolment"), failing("U13"), keeps_letters=True) as service:
        await hr.says(unit("U13"))
        [letter] = await letters(service, 1)
        for deaths in (2, 3, 4):
            assert (await replay(service, letter.id)).accepted == [letter.id]

            async def died(deaths: int = deaths) -> bool:
                found = await service.letters.get(letter.id)
                return found is not None and found.deaths == deaths and found.state is State.open

            await until(died)
        [refused] = (await replay(service, letter.id)).refused
        assert "sent 3 times and died each time" in refused.why
        assert (await replay(service, letter.id, force=True)).accepted == [letter.id]


async def test_what_the_broker_buried_is_recorded_with_its_queue(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    await hr.says(unit("U1"), event_id=(event_id := uuid7()))
    connection = await aio_pika.connect(broker.url_of("enrolment"))
    async with connection:
        queue = await (await connection.channel()).get_queue("enrolment.hr", ensure=False)
        while message := await queue.get(fail=False, timeout=5):
            await message.reject(requeue=False)
    async with tiny_service(database, broker.url_of("enrolment"), keeps_letters=True) as service:
        [letter] = await letters(service, 1)
        assert (letter.id, letter.queue) == (f"{event_id}:enrolment.hr", "enrolment.hr")
        assert (letter.error.code, letter.error.by_broker) == ("rejected", True)
        await replay(service, letter.id)
        await letters(service, 1, State.resolved)
        assert await service.units() == {"U1": 1}


async def test_a_process_that_ended_before_noting_that_it_sent_sends_again_and_nothing_happens_twice(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    broken = {"U13"}
    async with tiny_service(
        database, broker.url_of("enrolment"), lambda event: KeyError() if event.unit_id in broken else None,
        keeps_letters=True,
    ) as service:  # fmt: skip
        await hr.says(unit("U13"))
        [letter] = await letters(service, 1)
        broken.clear()
        for _ in range(2):
            await replay(service, letter.id)
            await letters(service, 1, State.resolved)
            await service.letters.collection.update_one(
                {"_id": letter.id}, {"$set": {"state": "open", "body": letter.body}, "$unset": {"closed_at": ""}}
            )
            await asyncio.sleep(0)
        await letters(service, 1, State.resolved)
        assert await service.units() == {"U13": 1}


async def test_a_message_that_ends_whoever_takes_it_is_recorded_as_poison(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    await hr.says(unit("U1"))
    for _ in range(DELIVERY_LIMIT + 1):
        connection = await aio_pika.connect(broker.url_of("enrolment"))
        queue = await (await connection.channel()).get_queue("enrolment.hr", ensure=False)
        await queue.get(fail=False, timeout=5)
        await connection.close()
    async with tiny_service(database, broker.url_of("enrolment"), keeps_letters=True) as service:
        [letter] = await letters(service, 1)
        assert (letter.queue, letter.error.code) == ("enrolment.hr", "poison")
        assert "see why the service ended" in letter.error.message


STRANGE: list[tuple[bytes, dict[str, Any], str]] = [
    (b"", {}, "application/json"),
    (b"\xff\xfe", {"ce-id": "a b", "ce-type": "hr.unit.changed.v1", "$set": "x", "a.b": "y"}, "application/json"),
    (
        b"{}",
        {"ce-id": "n", "ce-type": "hr.unit.changed.v1", "attempt": -1, "deep": {"list": [1, {"of": "things"}]}},
        "",
    ),
    (b'{"id": "\\ud800", "type": "\\udfff", "data": 1}', {}, "application/cloudevents+json"),
    (b"[" * 100_000, {}, "application/cloudevents+json"),
    (b"{}", {"ce-id": "l", "ce-type": "x" * 20_000, "dead-queue": "evaluation.hr", "x-death": "none"}, "text/plain"),
    (b"[]", {"ce-id": "h", "ce-type": "hr.unit.changed.v1", "long": "x" * 125_000}, "application/json"),
    (b" " * (MOST_BODY + 1), {"ce-id": "large", "ce-type": "hr.unit.changed.v1"}, "application/json"),
]


async def test_however_strange_a_message_is_it_is_recorded_and_does_not_circle(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    async with tiny_service(database, broker.url_of("enrolment"), keeps_letters=True) as service:
        for body, headers, content_type in STRANGE:
            await hr.raw("hr.unit.changed.v1", body, headers, content_type)
        found = await letters(service, len(STRANGE))
    assert {letter.queue for letter in found} == {"enrolment.hr"}
    assert {letter.body for letter in found} == {body for body, _, _ in STRANGE if len(body) <= MOST_BODY} | {None}
    for queue in ("enrolment.hr", "enrolment.dead"):
        assert await read_all(broker.url_of("enrolment"), queue) == []


async def test_letters_wait_in_the_broker_for_a_database_that_is_away_and_hold_up_no_stop(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    away = connect("mongodb://127.0.0.1:9/away?serverSelectionTimeoutMS=50")
    async with tiny_service(database, broker.url_of("enrolment"), failing("U13"), keeps_letters=True) as service:
        service.letters.collection = away[DeadLetter.collection]
        await hr.says(unit("U13"))
        await until(taken_by_recorder(service))
    away.client.close()
    async with tiny_service(database, broker.url_of("enrolment"), failing("U13"), keeps_letters=True) as service:
        assert len(await letters(service, 1)) == 1


def taken_by_recorder(service: TinyService) -> Callable[[], Awaitable[bool]]:
    async def reached() -> bool:
        return service.recorder.waits

    return reached
