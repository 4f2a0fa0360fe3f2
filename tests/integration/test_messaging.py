"""What only a real broker shows: redelivery, dead letters, the retry ladder, an outage in the middle."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aio_pika
import pytest
from aio_pika.exceptions import ChannelClosed
from pymongo.errors import AutoReconnect

from deploy.local.rabbitmq import RabbitMQ
from shared.cloudevents import uuid7
from shared.documents import Database
from shared.events.hr import UnitChanged
from shared.outbox import NotPublishedError, Outgoing
from shared.publishing import BrokerPublisher
from tests.integration.wiring import HrSystem, TinyService, read_all, tiny_service, unit, until


@pytest.fixture(autouse=True)
async def _nothing_left(broker: RabbitMQ) -> AsyncIterator[None]:
    yield
    for queue in ("enrolment.hr", "enrolment.dead"):
        await read_all(broker.url_of("enrolment"), queue)


async def handled(service: TinyService, count: int) -> None:
    async def reached() -> bool:
        return len(await service.inbox()) >= count

    await until(reached)


def taken(service: TinyService, count: int) -> Callable[[], Awaitable[bool]]:
    async def reached() -> bool:
        return service.consumer.in_flight == count

    return reached


@asynccontextmanager
async def held_back(service: TinyService, count: int) -> AsyncIterator[None]:
    """Messages are taken and wait together, as behind a long transaction, until `count` are there."""
    [queue] = service.consumer.queues
    service.consumer._tasks.pop().cancel()
    yield
    await until(taken(service, count))
    service.consumer._tasks.append(asyncio.create_task(queue.handle_for_ever()))


async def lose_connection(service: TinyService) -> None:
    connection = service.consumer._broker._connection
    assert connection is not None
    assert connection.transport is not None
    await connection.transport.connection.close(ConnectionError("lost"))


async def dead(broker: RabbitMQ, count: int) -> dict[str, str]:
    """The reasons among enrolment's dead letters, by event id."""
    found: dict[str, str] = {}

    async def reached() -> bool:
        for message in await read_all(broker.url_of("enrolment"), "enrolment.dead"):
            found[str(message.headers.get("ce-id"))] = str(message.headers["dead-reason"])
        return len(found) >= count

    await until(reached)
    return found


async def test_a_thousand_changes_have_a_thousand_effects_in_order(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    async with tiny_service(database, broker.url_of("enrolment")) as service:
        await asyncio.gather(*(hr.says(unit(f"U{n % 10}", n + 1)) for n in range(1000)))
        await handled(service, 1000)
        assert set(await service.inbox()) == {"applied"}, "in the order of delivery none is stale"
        assert await service.units() == {f"U{n}": 100 for n in range(10)}


async def test_the_same_change_many_times_in_parallel_and_disorder_has_one_effect(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    newest, older, event_id = unit("U1", 7), unit("U1", 6), uuid7()
    async with tiny_service(database, broker.url_of("enrolment")) as service:
        await asyncio.gather(
            *(hr.says(newest, event_id=event_id) for _ in range(5)),
            *(hr.says(newest) for _ in range(4)),
            hr.says(older),
        )
        await handled(service, 6)
        assert sorted(await service.inbox())[-5:].count("stale") >= 4
        assert (await database["units"].find_one({"_id": "U1"}) or {})["version"] == 7


async def test_a_message_that_cannot_be_handled_ends_among_the_dead_and_its_neighbours_are_handled(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    def trouble(event: UnitChanged) -> Exception | None:
        return KeyError("a fault of ours") if event.unit_id == "U13" else None

    async with tiny_service(database, broker.url_of("enrolment"), trouble) as service:
        await hr.says(unit("U1"))
        await hr.raw("hr.unit.changed.v1", b"{not json", {"ce-id": "broken", "ce-type": "hr.unit.changed.v1"})
        await hr.raw("hr.unit.changed.v2", b"{}", {"ce-id": "newer", "ce-type": "hr.unit.changed.v2"})
        await hr.raw("hr.employee.sang.v1", b"{}", {"ce-id": "strange", "ce-type": "hr.employee.sang.v1"})
        await hr.raw("hr.unit.changed.v1", b"{}", {})
        await hr.says(unit("U13"), event_id="fault")
        await database["units"].insert_one({"_id": "U14", "version": "a secret", "times": 1})
        await hr.says(unit("U14"), event_id="spoilt")
        await hr.says_structured(unit("U2"))
        await handled(service, 2)
        reasons = await dead(broker, 6)
        await database["units"].delete_one({"_id": "U14"})
    assert set(await service.units()) == {"U1", "U2"}
    assert "malformed" in reasons["broken"]
    assert "send hr.unit.changed.v1" in reasons["newer"]
    assert "do not know" in reasons["strange"], "no queue is bound to it, and it is not lost"
    assert "no header ce-type" in reasons["None"]
    assert reasons["fault"] == "KeyError: 'a fault of ours'"
    assert reasons["spoilt"].startswith("Unit does not hold: version: Input should be a valid integer")
    assert "secret" not in reasons["spoilt"]


async def test_a_message_that_breaks_the_reader_takes_no_neighbour_with_it(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    async with tiny_service(database, broker.url_of("enrolment")) as service:
        async with held_back(service, 4):
            await hr.says(unit("U1"))
            deep = b'{"id": "1", "type": "t", "data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
            await hr.raw("hr.unit.changed.v1", deep, {}, "application/cloudevents+json")
            await hr.says(unit("U2"))
            strange = {"ce-id": "strange", "ce-type": "hr.unit.changed.v1", "attempt": "many"}
            await hr.raw("hr.unit.changed.v1", b"{}", strange)
        await handled(service, 2)
        reasons = await dead(broker, 2)
    assert set(await service.units()) == {"U1", "U2"}
    assert "malformed" in reasons["strange"]
    assert "not a CloudEvent" in reasons["None"]
    assert await read_all(broker.url_of("enrolment"), "enrolment.hr") == []


async def test_what_came_before_a_lost_connection_and_again_after_it_is_acknowledged(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    async with tiny_service(database, broker.url_of("enrolment")) as service:
        async with held_back(service, 6):
            for n in range(3):
                await hr.says(unit(f"U{n}"))
            await until(taken(service, 3))
            await lose_connection(service)
        await handled(service, 3)
        await until(taken(service, 0))
    assert await service.units() == {"U0": 1, "U1": 1, "U2": 1}
    assert await read_all(broker.url_of("enrolment"), "enrolment.hr") == []


async def test_what_can_be_put_aside_nowhere_stays_and_its_neighbours_are_acknowledged(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    def trouble(event: UnitChanged) -> Exception | None:
        return AutoReconnect("the database is away") if event.unit_id == "U13" else None

    async with tiny_service(database, broker.url_of("enrolment"), trouble) as service:
        await service.publisher.stop()
        async with held_back(service, 2):
            await hr.says(unit("U1"))
            await hr.says(unit("U13"))
        await handled(service, 1)
        await asyncio.sleep(3)
        await lose_connection(service)
    left = await read_all(broker.url_of("enrolment"), "enrolment.hr")
    assert [message.headers["ce-subject"] for message in left] == ["U13"]


async def test_a_passing_fault_waits_on_the_ladder_and_is_handled_then(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    failures = iter([AutoReconnect("the database is away")])
    async with tiny_service(database, broker.url_of("enrolment"), lambda _: next(failures, None)) as service:
        await hr.says(unit("U1"))
        await handled(service, 1)
        assert await service.units() == {"U1": 1}
        assert next(failures, None) is None, "it had failed before"


async def test_nothing_is_lost_when_the_broker_goes_away_in_the_middle(database: Database, tmp_path: Path) -> None:
    async with RabbitMQ(tmp_path) as broker:
        publisher = BrokerPublisher(broker.url_of("hr"))
        await publisher.start()
        async with tiny_service(database, broker.url_of("enrolment")) as service:
            says = asyncio.gather(*(say_until_taken(HrSystem(publisher), f"U{n}") for n in range(600)))
            await handled(service, 50)
            broker.kill()
            await broker.ended()
            await asyncio.sleep(2)
            await broker.start()
            await says
            await handled(service, 600)
            await until(service.consumer.consuming)
            assert await service.units() == {f"U{n}": 1 for n in range(600)}
        await publisher.stop()


async def say_until_taken(hr: HrSystem, unit_id: str) -> None:
    """HR keeps what the broker has not confirmed and says it again, under the same id."""
    event_id = uuid7()
    while True:
        try:
            return await hr.says(unit(unit_id), event_id=event_id)
        except NotPublishedError:
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("reason", [asyncio.CancelledError, None])
async def test_a_connection_that_is_given_up_ends_no_loop_that_publishes_on_it(
    hr: HrSystem, reason: type[BaseException] | None
) -> None:
    publishing = [asyncio.create_task(hr.says(unit(f"U{n}"))) for n in range(200)]
    await asyncio.sleep(0)
    connection = hr.publisher._connection
    assert connection is not None
    assert connection.transport is not None
    await connection.transport.connection.close(reason)
    ended = await asyncio.gather(*publishing, return_exceptions=True)
    assert {type(each) for each in ended} == {NotPublishedError}


async def test_a_lost_consumer_is_seen_although_the_connection_stands(broker: RabbitMQ, database: Database) -> None:
    async with tiny_service(database, broker.url_of("enrolment")) as service:
        assert await service.consumer.consuming()
        subscriber = service.consumer._subscribers[0]
        await subscriber._queue_obj.cancel(subscriber._consumer_tag)
        assert not await service.consumer.consuming()


@pytest.mark.parametrize("exchange", ["hr", "notifications.dead", "notifications.requeue"])
async def test_a_service_may_not_write_where_it_has_no_business(broker: RabbitMQ, exchange: str) -> None:
    connection = await aio_pika.connect(broker.url_of("enrolment"))
    async with connection:
        channel = await connection.channel()
        target = await channel.get_exchange(exchange, ensure=False)
        with pytest.raises(ChannelClosed):
            await target.publish(aio_pika.Message(b"{}"), "hr.unit.changed.v1")


async def test_a_service_may_not_speak_for_another(broker: RabbitMQ) -> None:
    connection = await aio_pika.connect(broker.url_of("enrolment"))
    async with connection:
        channel = await connection.channel()
        events = await channel.get_exchange("events", ensure=False)
        with pytest.raises(ChannelClosed):
            await events.publish(aio_pika.Message(b"{}"), "evaluation.release.published.v1")


async def test_an_event_that_only_a_newer_version_knows_waits_for_a_process_of_that_version(
    broker: RabbitMQ, database: Database, hr: HrSystem
) -> None:
    newer = "enrolment.place.praised.v1"
    headers = {"ce-id": uuid7(), "ce-type": newer}
    async with tiny_service(database, broker.url_of("enrolment")) as service:
        await service.publisher.publish(Outgoing("enrolment.requeue", "enrolment.hr", b"{}", headers, headers["ce-id"]))
        await asyncio.sleep(2)
    (waiting,) = await read_all(broker.url_of("enrolment"), "enrolment.retry.5s")
    assert (waiting.headers["ce-type"], waiting.headers["attempt"]) == (newer, 1)
    assert await read_all(broker.url_of("enrolment"), "enrolment.dead") == []
