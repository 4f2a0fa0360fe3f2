"""Things due later: claimed when the clock has reached them, done in a transaction that also forgets them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import structlog

from shared.clock import Clock
from shared.cloudevents import Cause, uuid7
from shared.delivery import Delivery, Work
from shared.model import Timer
from shared.telemetry import job_ran, know_job

log = structlog.get_logger()

TOGETHER = 200
"""How many due timers are claimed, and done in one transaction, at a time."""

LEASE_SECONDS = 10
"""How long a timer is a process's own. Longer work loses nothing: a timer done twice at once is done once."""

LOOKS_A_SECOND = 50
"""How often the clock is looked at, in case it is a simulated one that jumps. The database is asked less often."""

Due = Callable[[Timer, Any], Awaitable[None]]


@dataclass(slots=True)
class Timers:
    """The kinds of timers that a service knows, and what is done when one is due."""

    handlers: dict[str, Due] = field(default_factory=dict)

    def due(self, kind: str) -> Callable[[Due], Due]:
        """Register what is done when a timer of this kind is due."""

        def register(handler: Due) -> Due:
            self.handlers[kind] = handler
            return handler

        return register


class TimerRunner:
    """Runs one service's timers."""

    def __init__(self, timers: Timers, delivery: Delivery[Any], clock: Clock) -> None:
        self._timers = timers
        self._delivery = delivery
        self._clock = clock
        self._rows = delivery.database["timers"]
        self._owner = uuid4().hex
        for kind in (*timers.handlers, "unknown"):
            know_job(kind)
        self.ran_until: datetime | None = None
        """Everything that was due at this moment has been done."""

    async def run_for_ever(self) -> None:
        """Do what becomes due, in the order in which it is due."""
        while True:
            now = self._clock.now()
            try:
                while await self.run_due(now):
                    pass
                self.ran_until = now
            except Exception as error:  # noqa: BLE001 — a database that is away now will be there at the next look
                log.warning("due timers could not be run, trying again", error=repr(error))
                await asyncio.sleep(1)
            await self._wait_for_next(now)

    async def _wait_for_next(self, since: datetime) -> None:
        """Until a simulated clock has jumped or a transaction has saved a timer; a second at most, because a real clock
        moves by itself, and what another process had claimed when it died becomes free."""
        for _ in range(LOOKS_A_SECOND):
            await asyncio.sleep(1 / LOOKS_A_SECOND)
            if self._delivery.timers_saved.is_set() or (self._clock.now() - since).total_seconds() >= 1:
                break
        self._delivery.timers_saved.clear()

    async def run_due(self, now: datetime) -> int:
        """Claim a group of timers that are due at `now` and do them; how many."""
        claimed = await self._claim(now)
        if not claimed:
            return 0
        works = [self._work(timer) for timer in claimed]
        for timer, done in zip(claimed, await self._delivery.run_together(works), strict=True):
            job_ran(timer.kind if timer.kind in self._timers.handlers else "unknown", failed=bool(done.error))
            if done.error:
                await self._put_off(timer, done.error)
        return len(claimed)

    async def overdue(self, now: datetime) -> int:
        """How many timers are due at `now` and not done."""
        return await self._rows.count_documents({"due_at": {"$lte": now}})

    async def next_due(self, now: datetime) -> datetime | None:
        """When the next timer after `now` is due."""
        row = await self._rows.find_one({"due_at": {"$gt": now}}, sort=[("due_at", 1)])
        return row["due_at"] if row else None

    async def _claim(self, now: datetime) -> list[Timer]:
        """Lease due timers by the server's time, so that two processes do not do the same work."""
        free = {"$expr": {"$lt": [{"$ifNull": ["$lease.until", 0]}, "$$NOW"]}}
        rows = self._rows.find({"due_at": {"$lte": now}, **free}, {"_id": 1}).sort([("due_at", 1), ("_id", 1)])
        ids = [row["_id"] async for row in rows.limit(TOGETHER)]
        if not ids:
            return []
        until = {"$add": ["$$NOW", LEASE_SECONDS * 1000]}
        lease: list[dict[str, Any]] = [{"$set": {"lease": {"owner": self._owner, "until": until}}}]
        await self._rows.update_many({"_id": {"$in": ids}, "due_at": {"$lte": now}, **free}, lease)
        mine = {"_id": {"$in": ids}, "lease.owner": self._owner, "due_at": {"$lte": now}}
        return [Timer.model_validate(row) async for row in self._rows.find(mine).sort([("due_at", 1), ("_id", 1)])]

    def _work(self, timer: Timer) -> Work[Any]:
        handler = self._timers.handlers.get(timer.kind)

        async def do(tx: Any) -> None:
            if await tx.documents(Timer).get(timer.id) != timer:
                return  # moved or cancelled since it was claimed
            if handler is None:
                raise LookupError(
                    f"no handler for timers of kind {timer.kind}: it was renamed, or is newer than we are"
                )
            tx.delete(timer)
            await handler(timer, tx)

        command = uuid7()
        return Work(do=do, cause=Cause(command, command), ids={"timer": timer.kind, "correlation_id": command})

    async def _put_off(self, timer: Timer, error: Exception) -> None:
        """Try a timer that failed again when its lease runs out."""
        log.error(
            "a timer failed and will be tried again", kind=timer.kind, retry_in_seconds=LEASE_SECONDS, exc_info=error
        )
