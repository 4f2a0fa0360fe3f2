"""Looks after promises at start and every hour: that everybody has the invites and offers that she should have.

It is a loop and no timer, because a simulated clock stops at every timer: a year would have 8,760 stops more.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog
from prometheus_client import Counter, Gauge

from services.notifications.commands import promises
from services.notifications.model import Promise
from services.notifications.records import Records
from services.notifications.store import DATABASE_TROUBLE, NotificationsTransaction
from shared.clock import Clock
from shared.delivery import Delivery
from shared.telemetry import job_ran, know_job, on_machine_clock

log = structlog.get_logger()

EVERY = timedelta(hours=1)
LOOK_SECONDS = 1.0
COHORTS_TOGETHER = 4
"""How many cohorts are looked at in one transaction: about a hundred places."""

BROKEN = Gauge("ledstjarna_promises_broken", "Invites and offers that somebody should have and has not.", ("promise",))
HEALED = Counter("ledstjarna_promises_healed_total", "Broken promises that are kept again, or are none any more.")
OLDEST_BROKEN = Gauge(
    "ledstjarna_promises_broken_oldest_timestamp_seconds", "Since when the oldest of them is broken; 0 if none."
)
CHECKED = Gauge("ledstjarna_promises_checked_timestamp_seconds", "When all promises were last looked after.")
CHECK_SECONDS = Gauge("ledstjarna_promises_check_seconds", "How long the last look at all promises took.")

JOB = "promise_watch"
know_job(JOB)

for _promise in Promise:
    BROKEN.labels(_promise.value)


class Watch:
    """Goes through all cohorts, a few in a transaction."""

    def __init__(self, records: Records, delivery: Delivery[NotificationsTransaction], clock: Clock) -> None:
        self._records, self._delivery, self._clock = records, delivery, clock

    async def run(self) -> None:
        """Look at once, and again whenever an hour has gone."""
        looked_at: datetime | None = None
        while True:
            now = self._clock.now()
            if looked_at is None or now - looked_at >= EVERY:
                try:
                    await self.look()
                    looked_at = now
                    job_ran(JOB)
                except DATABASE_TROUBLE as error:
                    log.warning("promises could not be looked after, trying again", error=repr(error))
                    job_ran(JOB, failed=True)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> int:
        """Look after all promises once; how many there were."""
        began, looked_at = monotonic(), 0
        cohorts = await self._records.promised_cohorts(self._clock.now())
        for first in range(0, len(cohorts), COHORTS_TOGETHER):
            looked_at += await self._look_at(cohorts[first : first + COHORTS_TOGETHER])
        broken = await self._records.count_broken()
        for promise, number in broken.items():
            BROKEN.labels(promise.value).set(number)
        OLDEST_BROKEN.set(on_machine_clock(await self._records.broken_since(), self._clock.now()))
        CHECKED.set_to_current_time()
        CHECK_SECONDS.set(monotonic() - began)
        if any(broken.values()):
            log.error("promises are broken", **{promise.value: number for promise, number in broken.items()})
        return looked_at

    async def _look_at(self, cohort_ids: Sequence[str]) -> int:
        checked = await self._delivery.run(partial(promises.check, cohort_ids=cohort_ids))
        HEALED.inc(checked.healed)
        return checked.looked_at
