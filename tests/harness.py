"""A service's handlers and timers on a real MongoDB, without a broker: what is published is written down."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

from pymongo import IndexModel

from shared.cloudevents import Envelope, uuid7
from shared.delivery import Delivery, Outcome, prepare
from shared.documents import Database, Transaction, Unit
from shared.events import EVENT_TYPES, Event
from shared.messaging import Subscription
from shared.outbox import Outbox, Outgoing
from shared.timers import TimerRunner, Timers

T = TypeVar("T", bound=Transaction)
E = TypeVar("E", bound=Event)

START = datetime(2026, 8, 17, 6, tzinfo=UTC)


class SetClock:
    """A clock that a test moves."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@dataclass
class RecordingPublisher:
    """Stands where the broker would: takes every event, and keeps it."""

    events: list[Event] = field(default_factory=list)

    async def publish(self, message: Outgoing) -> None:
        assert message.headers["ce-id"] == message.message_id
        self.events.append(EVENT_TYPES[message.routing_key].model_validate_json(message.body))


@dataclass
class Harness(Generic[T]):
    """One service under test."""

    name: str
    delivery: Delivery[T]
    subscriptions: Sequence[Subscription]
    timers: TimerRunner
    clock: SetClock
    publisher: RecordingPublisher

    @property
    def announced(self) -> list[Event]:
        """All that the service has published, in order."""
        return self.publisher.events

    def said(self, kind: type[E]) -> list[E]:
        """What it has published of one type."""
        return [event for event in self.announced if isinstance(event, kind)]

    async def receives(self, *events: Event) -> list[Outcome | None]:
        """Hand events to the handlers as if they had waited together in a queue; a fault in a handler is raised."""
        works = []
        for event in events:
            owner = event.type.partition(".")[0]
            subscription = next(known for known in self.subscriptions if known.publisher == owner)
            envelope = Envelope(uuid7(), event.type, uuid7(), event.model_dump_json(by_alias=True))
            works.append(subscription.work(envelope, f"{self.name}.{owner}"))
        done = await self.delivery.run_together(works)
        for result in done:
            if result.error:
                raise result.error
        await self.published()
        return [result.outcome for result in done]

    async def advance_to(self, moment: datetime) -> None:
        """Move the clock from due timer to due timer until `moment`, and run each."""
        while (due := await self.timers.next_due(self.clock.now())) and due <= moment:
            self.clock.moment = due
            while await self.timers.run_due(due):
                pass
        self.clock.moment = moment
        while await self.timers.run_due(moment):
            pass
        await self.published()

    async def published(self) -> None:
        """Wait until everything committed has been published."""
        await self.delivery.outbox.drain()


@asynccontextmanager
async def harness(
    database: Database,
    *,
    name: str,
    transaction: Callable[[Unit], T],
    subscriptions: Sequence[Subscription],
    timers: Timers,
    indexes: Mapping[str, Sequence[IndexModel]],
    clustered: Sequence[str] = (),
    start: datetime = START,
) -> AsyncIterator[Harness[T]]:
    """Set up a service on `database`."""
    await prepare(database, indexes, clustered)
    clock, publisher = SetClock(start), RecordingPublisher()
    outbox = Outbox(database, publisher)
    delivery = Delivery(database, transaction, outbox, clock, f"/ledstjarna/{name}")
    task = asyncio.create_task(outbox.publish_committed())
    try:
        yield Harness(name, delivery, subscriptions, TimerRunner(timers, delivery, clock), clock, publisher)
        await outbox.drain()
    finally:
        task.cancel()
