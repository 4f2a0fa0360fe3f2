"""The municipality's local time, and what is to happen when."""

import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Stockholm")


def at(day: date, clock: str) -> datetime:
    """The moment in UTC when clocks in the municipality show `clock` on `day`."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE).astimezone(UTC)


def local_day(moment: datetime) -> date:
    """The date in the municipality."""
    return moment.astimezone(ZONE).date()


def working_day(day: date) -> date:
    """The day, or the Monday after it when it is in a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


@dataclass(frozen=True, order=True)
class Happening:
    """Something that happens at a moment; what was planned first comes first."""

    at: datetime
    turn: int
    act: Callable[[], Awaitable[None]] = field(compare=False)


class Agenda:
    """What is still to happen, in order."""

    def __init__(self) -> None:
        self._planned: list[Happening] = []
        self._turns = count()

    def plan(self, moment: datetime, act: Callable[[], Awaitable[None]]) -> None:
        """Let `act` happen at `moment`."""
        heapq.heappush(self._planned, Happening(moment, next(self._turns), act))

    @property
    def next_at(self) -> datetime | None:
        """When the next thing happens, if anything does."""
        return self._planned[0].at if self._planned else None

    def take(self, now: datetime) -> Happening | None:
        """The next thing that should have happened by now."""
        return heapq.heappop(self._planned) if self._planned and self._planned[0].at <= now else None
