"""What one service knows of all that happened about an id, in the order of time: the door `/api/trace/{id}`.

It tells ids and codes, never a name, an address or a text.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from shared.delivery import INBOX_DAYS, OUTBOX_DAYS
from shared.documents import Database
from shared.events.base import Id
from shared.topology import BINDINGS
from shared.web import Guard

Kind = Literal["received", "decided", "announced", "dead", "mail", "answer", "promise"]
RANK: Final[Mapping[str, int]] = {
    kind: rank for rank, kind in enumerate(("answer", "received", "dead", "decided", "promise", "mail", "announced"))
}
"""In which order things stand that happened in one transaction."""

MOST: Final = 2000
"""How many steps of one service are told at a time at most."""

_QUEUES: Final = {
    event.type: [queue for queue, events in BINDINGS.items() if event in events]
    for events in BINDINGS.values()
    for event in events
}
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


class Step(BaseModel):
    """One thing that happened in a service.

    `at` goes by the services' clock, which may be simulated; `machine_at` by the machine's, where it is known. `id` is
    that of the event, the mail, or what was decided; `causation_id` the event or mail that led to it.
    """

    service: str
    at: datetime
    machine_at: datetime | None = None
    kind: Kind
    what: str
    outcome: str = ""
    id: str = ""
    where: tuple[str, ...] = ()
    """Queues that it came from or went to; for a decision the kind of what was decided on."""
    by: str = ""
    """The role of whoever asked for it; nothing if it followed by itself."""
    concerns: tuple[str, ...] = ()
    correlation_id: str | None = None
    causation_id: str | None = None


class Story(BaseModel):
    """What one service knows about an id. `more`: there was more, and only the newest steps are told."""

    service: str
    asked: str
    steps: tuple[Step, ...]
    more: bool
    inbox_days: int = INBOX_DAYS
    outbox_days: int = OUTBOX_DAYS


Tell = Callable[[str], Awaitable[Sequence[Step]]]
Sieve = Callable[[Step, str], Step | None]


class Trace:
    """Gathers what a service's inbox, outbox, audit log and dead letters say, and what else it knows (`also`)."""

    def __init__(self, database: Database, service: str) -> None:
        self.service = service
        self._database = database
        self._others: list[Tell] = []
        self._sieve: Sieve = lambda step, _: step

    def also(self, tell: Tell) -> None:
        """Let `tell` add what it knows about an id."""
        self._others.append(tell)

    def only(self, sieve: Sieve) -> None:
        """Let `sieve` decide what is told of each step when an id is asked for; nothing: it is not told."""
        self._sieve = sieve

    async def of(self, wanted: str, limit: int) -> Story:
        """The newest `limit` steps about an id, the oldest of them first."""
        kinds = (self._received, self._announced, self._dead, self._decided)
        parts = await asyncio.gather(
            *(part(wanted, limit + 1) for part in kinds), *(one(wanted) for one in self._others)
        )
        told = (self._sieve(step, wanted) for part in parts for step in part)
        steps = in_order(step for step in told if step is not None)
        more = len(steps) > limit or any(len(part) > limit for part in parts)
        return Story(service=self.service, asked=wanted, steps=tuple(steps[-limit:]), more=more)

    async def decided(self, subjects: Sequence[str], limit: int = MOST) -> list[Step]:
        """What the audit log says about these subjects."""
        return [self._decision(row) for row in await self._newest("audit", {"subject": {"$in": list(subjects)}}, limit)]

    async def _received(self, wanted: str, limit: int) -> list[Step]:
        own = [f"{queue}|{wanted}" for queue in BINDINGS if queue.startswith(f"{self.service}.")]
        rows = await self._newest("inbox", {"$or": [{"concerns": wanted}, {"_id": {"$in": own}}]}, limit)
        return [
            Step(
                service=self.service,
                at=row.get("clock_at", row["at"]),
                machine_at=row["at"],
                kind="received",
                what=row["type"],
                outcome=row["outcome"],
                id=row["_id"].partition("|")[2],
                where=(row["queue"],),
                **_joined(row, row.get("correlation_id"), row.get("causation_id")),
            )
            for row in rows
        ]

    async def _announced(self, wanted: str, limit: int) -> list[Step]:
        rows = await self._newest("outbox", {"$or": [{"concerns": wanted}, {"_id": wanted}]}, limit, by="created_at")
        return [
            Step(
                service=self.service,
                at=row["headers"]["ce-time"],
                machine_at=row["created_at"],
                kind="announced",
                what=row["type"],
                outcome=row["status"] + (f", taken by no queue {row['tries']} times" if row.get("tries") else ""),
                id=row["_id"],
                where=tuple(_QUEUES.get(row["type"], ())),
                **_joined(row, row["headers"]["ce-correlationid"], row["headers"].get("ce-causationid")),
            )
            for row in rows
        ]

    async def _dead(self, wanted: str, limit: int) -> list[Step]:
        itself_or_her_place = {"$in": [wanted, re.compile(f":{re.escape(wanted)}:")]}
        about = {"headers": {"$elemMatch": {"0": "ce-subject", "1": itself_or_her_place}}}
        query = {"$or": [{"event_id": wanted}, {"correlation_id": wanted}, about]}
        return [
            Step(
                service=self.service,
                at=row.get("occurred_at", row["first_failed_at"]),
                machine_at=row["first_failed_at"],
                kind="dead",
                what=row["event_type"],
                outcome=f"{row['error']['code']}, now {row['state']}: ledstjarna dead show {row['_id']}",
                id=row["event_id"],
                where=(row["queue"],),
                concerns=tuple(str(value) for name, value in row["headers"] if name == "ce-subject"),
                correlation_id=row["correlation_id"],
                causation_id=row["causation_id"] or None,
            )
            for row in await self._newest("dead_letters", query, limit, by="first_failed_at")
        ]

    async def _decided(self, wanted: str, limit: int) -> list[Step]:
        query = {"$or": [{"subject": wanted}, {"correlation_id": wanted}]}
        return [self._decision(row) for row in await self._newest("audit", query, limit)]

    def _decision(self, row: Mapping[str, Any]) -> Step:
        before, after = row["before"] or {}, row["after"] or {}
        states = [str(each["state"]) for each in (before, after) if each.get("state")]
        fate = "made" if not before else "gone" if not after else "changed"
        return Step(
            service=self.service,
            at=row["at"],
            machine_at=row["_id"].generation_time,
            kind="decided",
            what=row["what"],
            outcome=" → ".join(dict.fromkeys(states)) or fate,
            id=row["subject"],
            where=(row["kind"],),
            by=row["role"],
            concerns=(row["subject"],),
            correlation_id=row.get("correlation_id"),
            causation_id=row.get("correlation_id"),
        )

    async def _newest(self, collection: str, query: Mapping[str, Any], limit: int, by: str = "at") -> list[Any]:
        return await self._database[collection].find(query).sort(by, -1).limit(limit).to_list(None)


def _joined(row: Mapping[str, Any], correlation_id: str | None, causation_id: str | None) -> dict[str, Any]:
    about = tuple(one for one in row.get("concerns", ()) if one != correlation_id)
    return {"concerns": about, "correlation_id": correlation_id, "causation_id": causation_id}


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Each step once, in the order of time: that of the clock first, since a simulated one stands still while much
    happens the machine's, and within one transaction what came in before what went out."""
    each = list({_key(step): step for step in steps}.values())
    begun = _beginnings(each)

    def when(step: Step) -> tuple[datetime, datetime, int]:
        at = _millisecond(step.at)
        marks = ((step.service, step.causation_id), *((step.service, at, one) for one in step.concerns))
        known = (begun[mark] for mark in marks if mark in begun)
        return at, step.machine_at or next(known, begun.get((step.service, at), _EPOCH)), RANK[step.kind]

    return sorted(each, key=when)


def _beginnings(steps: Iterable[Step]) -> dict[tuple[object, ...], datetime]:
    """When, by the machine's clock, a service took an event in, and did something at a moment of the other clock: for
    steps of which only that moment is known."""
    begun: dict[tuple[object, ...], datetime] = {}
    for step in steps:
        if step.machine_at is None:
            continue
        at = _millisecond(step.at)
        marks: list[tuple[object, ...]] = [(step.service, at), *((step.service, at, one) for one in step.concerns)]
        marks.append((step.service, step.id if step.kind == "received" else step.causation_id))
        for mark in marks:
            begun[mark] = min(begun.get(mark, step.machine_at), step.machine_at)
    return begun


def _key(step: Step) -> tuple[object, ...]:
    return step.service, step.kind, step.what, step.id, step.where, step.at, step.outcome, step.concerns


def _millisecond(moment: datetime) -> datetime:
    """What MongoDB keeps of a moment."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def routes(trace: Trace, guard: Guard) -> APIRouter:
    """The door of a trace."""
    router = APIRouter(prefix="/api", tags=["trace"], dependencies=[Depends(guard.needs("operator", "auditor"))])

    @router.get("/trace/{wanted}")
    async def tell(wanted: Id, limit: Annotated[int, Query(ge=1, le=MOST)] = 500) -> Story:
        """All that happened here about a person, a mail, an event, a change, a place or a whole chain (correlation id).

        The newest `limit` steps; `more` says that there were others. What was taken in is known for `inbox_days`, what
        was announced for `outbox_days`; decisions and mails as long as they are kept at all. Nothing known: no steps.
        """
        return await trace.of(wanted, limit)

    return router
