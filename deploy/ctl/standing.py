"""How the three services stand: how far they have come, and what went in and out of each."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import BaseModel

from deploy.ctl.calls import Calls
from shared.topology import BINDINGS, HR, SERVICES


class Progress(BaseModel):
    """How far a service has come: timers done until `ran_until`, and work that is under way."""

    ran_until: datetime | None
    next_due: datetime | None
    outbox_pending: int
    in_flight: int
    busy: int
    taken_in: int
    announced: int
    dead: int
    """Messages that could not be handled, recorded, and have had no effect."""

    def is_quiet_at(self, moment: datetime) -> bool:
        """Whether nothing is under way and everything due by `moment` is done."""
        return (
            self.ran_until is not None
            and self.ran_until >= moment
            and not (self.outbox_pending or self.in_flight or self.busy)
        )


class Ledger(BaseModel):
    """What a service has taken in, by queue, event type and outcome; and what it has announced, by event type."""

    inbox: dict[str, dict[str, dict[str, int]]]
    outbox: dict[str, dict[str, int]]

    def handled(self, queue: str, event_type: str) -> int:
        """How many events of a type from a queue have had their effect (or were found stale, or wait for their day)."""
        return sum(self.inbox.get(queue, {}).get(event_type, {}).values())

    def published(self, event_type: str) -> int:
        """How many events of a type have been announced and confirmed by the broker."""
        return self.outbox.get(event_type, {}).get("published", 0)


class Standing:
    """Asks every service how it stands; `addresses` by service name."""

    def __init__(self, calls: Calls, addresses: Mapping[str, str]) -> None:
        self._calls = calls
        self._addresses = {service: addresses[service] for service in SERVICES}

    async def progress(self) -> dict[str, Progress]:
        """How far each service has come."""
        return dict(zip(SERVICES, [Progress.model_validate(one) for one in await self._all("/progress")], strict=True))

    async def ledgers(self) -> dict[str, Ledger]:
        """What has gone in and out of each service since it was new."""
        return dict(zip(SERVICES, [Ledger.model_validate(one) for one in await self._all("/ledger")], strict=True))

    async def _all(self, path: str) -> list[object]:
        return list(await asyncio.gather(*(self._calls.get(address + path) for address in self._addresses.values())))


class Delivery(BaseModel):
    """Events of one type on their way into one queue: how many were announced, how many handled there."""

    queue: str
    event_type: str
    published: int
    handled: int


def deliveries(ledgers: Mapping[str, Ledger], hr_published: Mapping[str, int] | None) -> Iterator[Delivery]:
    """Every binding with its two counts. HR keeps no ledger here: without `hr_published` its queues are left out."""
    for queue, events in BINDINGS.items():
        consumer, _, publisher = queue.partition(".")
        for event_type in (event.type for event in events):
            if publisher == HR:
                published = None if hr_published is None else hr_published.get(event_type, 0)
            else:
                published = ledgers[publisher].published(event_type)
            if published is not None:
                handled = ledgers[consumer].handled(queue, event_type)
                yield Delivery(queue=queue, event_type=event_type, published=published, handled=handled)


def unhandled(ledgers: Mapping[str, Ledger], hr_published: Mapping[str, int] | None) -> Counter[str]:
    """How many announced events each service has not handled: under way, or dead."""
    missing: Counter[str] = Counter()
    for delivery in deliveries(ledgers, hr_published):
        missing[delivery.queue.partition(".")[0]] += delivery.published - delivery.handled
    return missing
