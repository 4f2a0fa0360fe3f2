"""Moving simulated time: from one thing due to the next, each time waiting until the whole system is still."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from deploy.ctl.queues import WORK, Queues
from deploy.ctl.standing import Ledger, Progress, Standing, unhandled
from shared.clock import SimulatedClock

_POLL_SECONDS: Final = 0.02
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes"}


class NotStillError(Exception):
    """Something was still under way when patience ended."""


def span(text: str) -> timedelta:
    """A positive duration as operators write it: 3d, 4h or 90m.

    Raises:
        ValueError: it is written in another way.
    """
    found = re.fullmatch(r"([1-9][0-9]{0,4})([dhm])", text)
    if not found:
        raise ValueError(
            f"{text!r} is no duration to advance by: it must be positive, in days, hours or minutes, like 3d, 4h or 90m"
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


class SimulatedTime:
    """The clock that all services share, moved as fast as they can follow.

    `hr_published` (a live count by event type, kept by whoever plays HR) makes stillness exact: every message of HR has
    then been seen to be handled or dead.
    """

    def __init__(
        self,
        clock: SimulatedClock,
        standing: Standing,
        queues: Queues,
        hr_published: Mapping[str, int] | None = None,
        patience: float = 180.0,
    ) -> None:
        self._clock = clock
        self._standing = standing
        self._queues = queues
        self._hr_published = hr_published
        self._patience = patience
        self._still_at: dict[str, tuple[int, int]] = {}
        self._expected = 0
        self.ledgers: dict[str, Ledger] = {}
        """What had gone in and out of each service when it was still last."""

    @property
    def now(self) -> datetime:
        """The present simulated moment."""
        return self._clock.now()

    async def advance(self, target: datetime, look: Callable[[], Awaitable[None]] | None = None) -> None:
        """Go to `target`, stopping wherever something is due; `look` is called each time all is still."""
        progress = await self.settle()
        while self.now < target:
            due = [one.next_due for one in progress.values() if one.next_due is not None]
            self._clock.set(min([target, *(max(_full_hour(moment), self.now) for moment in due if moment > self.now)]))
            progress = await self.settle()
            if look is not None:
                await look()

    async def settle(self) -> dict[str, Progress]:
        """Wait until every service is quiet, every queue empty, and every event announced has been handled.

        Raises:
            NotStillError: that did not come about in time; the message says what was under way.
        """
        started = time.monotonic()
        while True:
            progress = await self._standing.progress()
            trouble = self._unquiet(progress) or await self._unsettled(progress)
            if not trouble:
                return progress
            if time.monotonic() - started > self._patience:
                raise NotStillError(
                    f"Not all was done after {self._patience:.0f} s: {trouble}. See the logs of the services."
                )
            await asyncio.sleep(_POLL_SECONDS)

    def _unquiet(self, progress: Mapping[str, Progress]) -> str:
        loud = {service: one for service, one in progress.items() if not one.is_quiet_at(self.now)}
        return "; ".join(f"{service} has {one!r}" for service, one in loud.items())

    async def _unsettled(self, progress: Mapping[str, Progress]) -> str:
        """What is still on its way between services that are all quiet.

        A message on its way into a service is in no queue and not yet in that service, so the counts decide. As long as
        nobody has taken in or announced anything since all was still last, all is still.
        """
        counts = {service: (one.taken_in, one.announced) for service, one in progress.items()}
        if counts == self._still_at and self._expected == self._known():
            return ""
        known = self._known()
        before, self.ledgers = self.ledgers, await self._standing.ledgers()
        trouble = "events are still being handled" if before != self.ledgers else await self._in_the_broker(progress)
        if not trouble:
            self._still_at, self._expected = counts, known
        return trouble

    async def _in_the_broker(self, progress: Mapping[str, Progress]) -> str:
        """The broker is asked after the services: a letter that is just being recorded is rather missed than counted
        twice."""
        waiting, dead = await self._queues.waiting(WORK), await self._queues.dead()
        if waiting is None or dead is None:
            return "the broker cannot be asked"
        if any(waiting.values()):
            return f"messages wait in {', '.join(name for name, count in waiting.items() if count)}"
        missing = unhandled(self.ledgers, self._hr_published)
        late = [service for service, count in missing.items() if count > dead[service] + progress[service].dead]
        return f"events are on their way to {', '.join(late)}" if late else ""

    def _known(self) -> int:
        """How many messages of HR there should be."""
        return sum(self._hr_published.values()) if self._hr_published is not None else 0


def _full_hour(moment: datetime) -> datetime:
    """The next full hour: what is due within an hour is done together."""
    floor = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(hours=1)
