"""Events that have been committed are published: at once by the process that committed them, and whatever a crash or a
lost broker left behind by a sweep. At least once; whoever receives one twice knows by its id."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Protocol

import structlog
from motor.motor_asyncio import AsyncIOMotorDatabase

from shared.cloudevents import JSON
from shared.events.base import EVENT_TYPES
from shared.jobs import repeat
from shared.spans import HEADER, span
from shared.telemetry import OUTBOX_OLDEST, OUTBOX_PENDING, OUTBOX_PUBLISH_SECONDS, OUTBOX_PUBLISHED
from shared.topology import BINDINGS, exchange_of

log = structlog.get_logger()

TOGETHER = 500
"""How many events are handed to the broker before their confirms are waited for."""

LEFT_BEHIND = timedelta(seconds=2)
"""A committed event that is this old and still unpublished has been left behind by whoever committed it."""

SWEEP_SECONDS = 0.5

KNOWN_FOR_SECONDS = 15
"""How long what a sweep has seen is told; longer than a sweep takes while the broker confirms nothing. After that the
database is away, and what waits is not known: an old number would say that the broker does not take it."""

EXPECTED = frozenset(event.type for events in BINDINGS.values() for event in events)
"""Types that somebody is bound to receive: one of these that no queue takes is a fault, and kept until mended."""


class NotPublishedError(Exception):
    """The broker did not take responsibility for a message; `result` says why: `returned` or `error`."""

    def __init__(self, result: str, reason: str) -> None:
        super().__init__(reason)
        self.result = result


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message for the broker. One that is `mandatory` must reach a queue, or it counts as not published."""

    exchange: str
    routing_key: str
    body: bytes
    headers: dict[str, Any]
    message_id: str
    mandatory: bool = True
    content_type: str = JSON


class Publisher(Protocol):
    """Hands a message to the broker and waits until it is safe there."""

    async def publish(self, message: Outgoing) -> None:
        """Publish one message.

        Raises:
            NotPublishedError: the broker did not confirm it, returned it, or cannot be reached.
        """
        ...


class Outbox:
    """The outgoing events of one service."""

    def __init__(self, database: AsyncIOMotorDatabase[dict[str, Any]], publisher: Publisher) -> None:
        self.collection = database["outbox"]
        self._publisher = publisher
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._mine: set[str] = set()
        self._seen_at, self._seen_pending, self._seen_oldest = -math.inf, 0.0, 0.0
        OUTBOX_PENDING.set_function(lambda: self._if_known(self._seen_pending))
        OUTBOX_OLDEST.set_function(lambda: self._if_known(self._seen_oldest))

    def publish_soon(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take over rows that have just been committed, in this order."""
        for row in rows:
            self._mine.add(row["_id"])
            self._waiting.put_nowait(row)

    async def publish_committed(self) -> None:
        """Publish what `publish_soon` was given, for ever."""
        while True:
            rows = [await self._waiting.get()]
            while len(rows) < TOGETHER and not self._waiting.empty():
                rows.append(self._waiting.get_nowait())
            await self._publish(rows)

    async def sweep_for_ever(self) -> None:
        """Publish what was left behind, oldest first, and tell operators how much waits."""
        await repeat("outbox_sweep", SWEEP_SECONDS, self.sweep)

    async def sweep(self) -> None:
        """Publish events left behind for which the time to try again has come."""
        now = datetime.now(UTC)
        left_behind = {**_due(now), "created_at": {"$lt": now - LEFT_BEHIND}}
        rows = await self.collection.find(left_behind).sort("created_at", 1).limit(TOGETHER).to_list(None)
        rows = [row for row in rows if row["_id"] not in self._mine]
        self._mine.update(row["_id"] for row in rows)
        if rows and (published := await self._publish(rows)):
            log.info("events left behind were published", count=published)
        await self._observe()

    async def pending(self) -> int:
        """How many events the broker has not confirmed yet."""
        return await self.collection.count_documents({"status": "pending"})

    async def drain(self) -> None:
        """Wait until what was committed here has been tried at least once."""
        while self._mine:  # noqa: ASYNC110 — only at shutdown; an event would have to be kept true for nothing else
            await asyncio.sleep(0.01)

    async def _publish(self, rows: Sequence[dict[str, Any]]) -> int:
        ids: list[str] = []
        try:
            confirmed = await asyncio.gather(*(self._try(row) for row in rows))
            ids = [row["_id"] for row, ok in zip(rows, confirmed, strict=True) if ok]
            if ids:
                # The body has done its work, and may hold somebody's link: keep only that it was said.
                done = {"$set": {"status": "published", "published_at": datetime.now(UTC)}, "$unset": {"body": ""}}
                await self.collection.update_many({"_id": {"$in": ids}}, done)
        except Exception as error:  # noqa: BLE001 — what could not be marked stays pending and is swept
            log.warning("published events could not be marked, they will be sent again", error=repr(error))
        finally:
            self._mine.difference_update(row["_id"] for row in rows)
        return len(ids)

    async def _try(self, row: dict[str, Any]) -> bool:
        event_type, must_arrive = row["type"], row["type"] in EXPECTED
        exchange = exchange_of(event_type)
        try:
            with span(f"publish {event_type}", "PRODUCER", parent=row["headers"].get(HEADER), event_id=row["_id"]):
                await self._publisher.publish(
                    Outgoing(exchange, event_type, row["body"], row["headers"], row["_id"], must_arrive)
                )
        except NotPublishedError as error:
            OUTBOX_PUBLISHED.labels(_label(event_type), error.result).inc()
            if error.result == "returned":
                await self._put_off(row)
            return False
        OUTBOX_PUBLISHED.labels(_label(event_type), "confirmed").inc()
        OUTBOX_PUBLISH_SECONDS.observe((datetime.now(UTC) - row["created_at"]).total_seconds())
        return True

    async def _put_off(self, row: dict[str, Any]) -> None:
        tries = row.get("tries", 0) + 1
        next_at = datetime.now(UTC) + timedelta(seconds=min(2**tries, 60))
        log.error(
            "no queue takes an event that one should: import definitions.json again",
            event_type=row["type"],
            event_id=row["_id"],
            correlation_id=row["headers"].get("ce-correlationid"),
        )
        await self.collection.update_one({"_id": row["_id"]}, {"$set": {"tries": tries, "next_at": next_at}})

    async def _observe(self) -> None:
        any_pending = await self.collection.find_one({"status": "pending"}, {"_id": 1})
        oldest = any_pending and await self.collection.find_one(_due(datetime.now(UTC)), sort=[("created_at", 1)])
        self._seen_pending = await self.pending() if any_pending else 0
        self._seen_oldest = oldest["created_at"].timestamp() if oldest else 0
        self._seen_at = monotonic()

    def _if_known(self, seen: float) -> float:
        return seen if monotonic() - self._seen_at < KNOWN_FOR_SECONDS else math.nan


def _due(now: datetime) -> dict[str, Any]:
    return {"status": "pending", "$or": [{"next_at": {"$exists": False}}, {"next_at": {"$lte": now}}]}


def _label(event_type: str) -> str:
    return event_type if event_type in EVENT_TYPES else "other"


def know_events(owner: str) -> None:
    """Show all that a service can announce before it does."""
    for event_type in (name for name in EVENT_TYPES if name.startswith(f"{owner}.")):
        for result in ("confirmed", "returned", "error"):
            OUTBOX_PUBLISHED.labels(event_type, result)
