"""A tiny service on a real broker and a real database, and an HR system that publishes to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import aio_pika

from shared.cloudevents import uuid7, wrap
from shared.consuming import Consumer
from shared.dead_letters.recorder import Recorder
from shared.dead_letters.replayer import Replayer
from shared.dead_letters.store import DeadLetters
from shared.delivery import Delivery, Outcome, prepare
from shared.documents import Database, Transaction
from shared.events.base import Event
from shared.events.hr import EmployeeLeft, UnitChanged
from shared.messaging import Subscription, WorkQueue
from shared.model import Document
from shared.outbox import Outbox, Outgoing
from shared.publishing import BrokerPublisher
from tests.harness import START, SetClock


class Unit(Document):
    """What the tiny service keeps."""

    collection: ClassVar[str] = "units"

    version: int
    times: int


@dataclass
class TinyService:
    """Counts how often a unit was changed; `trouble` is raised by its handler as long as it is set."""

    database: Database
    amqp_url: str
    trouble: Callable[[UnitChanged], Exception | None]
    keeps_letters: bool = False
    """Whether it takes its dead letters from the broker, and sends them again when told to."""

    async def start(self) -> None:
        hr = Subscription("hr")

        @hr.handles(UnitChanged, loads=lambda event: [(Unit, event.unit_id)])
        async def count(event: UnitChanged, tx: Transaction) -> Outcome | None:
            if error := self.trouble(event):
                raise error
            before = await tx.documents(Unit).get(event.unit_id)
            if before and before.version >= event.version:
                return Outcome.stale
            tx.save(Unit(id=event.unit_id, version=event.version, times=before.times + 1 if before else 1))
            return Outcome.applied

        await prepare(self.database, {"units": []})
        self.publisher = BrokerPublisher(self.amqp_url)
        self.outbox = Outbox(self.database, self.publisher)
        self.delivery = Delivery(self.database, Transaction, self.outbox, SetClock(START), "/ledstjarna/enrolment")
        self.letters = DeadLetters("enrolment", self.database)
        self.recorder, self.replayer = Recorder(self.letters), Replayer(self.letters, self.publisher)
        queue = WorkQueue("enrolment", hr, self.delivery, self.publisher, self.letters)
        self.consumer = Consumer(self.amqp_url, [queue, self.recorder] if self.keeps_letters else [queue])
        await self.publisher.start()
        self.loops = [
            asyncio.create_task(self.outbox.publish_committed()),
            asyncio.create_task(self.outbox.sweep_for_ever()),
            asyncio.create_task(self.replayer.send_for_ever()),
            asyncio.create_task(self.recorder.look_after_for_ever()),
        ]
        await self.consumer.start()

    async def stop(self) -> None:
        await self.consumer.stop()
        await self.outbox.drain()
        for loop in self.loops:
            loop.cancel()
        await self.publisher.stop()

    async def inbox(self) -> list[str]:
        return [row["outcome"] async for row in self.database["inbox"].find()]

    async def units(self) -> dict[str, int]:
        return {row["_id"]: row["times"] async for row in self.database["units"].find()}


@asynccontextmanager
async def tiny_service(
    database: Database,
    amqp_url: str,
    trouble: Callable[[UnitChanged], Exception | None] = lambda _: None,
    *,
    keeps_letters: bool = False,
) -> AsyncIterator[TinyService]:
    service = TinyService(database, amqp_url, trouble, keeps_letters)
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


@dataclass
class HrSystem:
    """Publishes like the municipality's HR system."""

    publisher: BrokerPublisher

    async def says(self, event: Event, *, event_id: str | None = None) -> None:
        headers = wrap(event, source="/hr", time=START, cause=None, event_id=event_id or uuid7())
        await self.raw(event.type, event.model_dump_json(by_alias=True).encode(), headers)

    async def says_structured(self, event: Event) -> None:
        whole = {
            "specversion": "1.0",
            "id": uuid7(),
            "type": event.type,
            "source": "/hr",
            "data": json.loads(event.model_dump_json(by_alias=True)),
        }
        await self.raw(event.type, json.dumps(whole).encode(), {}, "application/cloudevents+json")

    async def raw(self, key: str, body: bytes, headers: dict[str, Any], content_type: str = "application/json") -> None:
        message_id = headers.get("ce-id", uuid7())
        await self.publisher.publish(Outgoing("hr", key, body, headers, message_id, content_type=content_type))


async def until(reached: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait for something that must come true."""
    async with asyncio.timeout(seconds):
        while not await reached():  # noqa: ASYNC110 — what is waited for happens in other processes
            await asyncio.sleep(0.005)


async def read_all(amqp_url: str, queue: str) -> list[aio_pika.abc.AbstractIncomingMessage]:
    """Empty a queue."""
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        source = await channel.get_queue(queue, ensure=False)
        messages = []
        while message := await source.get(fail=False, timeout=5):
            await message.ack()
            messages.append(message)
        return messages


def unit(unit_id: str, version: int = 1, name: str = "Skolan") -> UnitChanged:
    return UnitChanged(unit_id=unit_id, version=version, name=name)


__all__ = ["EmployeeLeft", "HrSystem", "TinyService", "read_all", "tiny_service", "unit", "until"]
