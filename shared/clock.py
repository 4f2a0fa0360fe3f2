"""The one source of "now" for everything that has a meaning to people: real, or simulated for a year in minutes.

Leases, back-off and timeouts between machines are about machines: they use the database's or the process's own time.
"""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the moment."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


class SimulatedClock:
    """A clock that stands still until somebody writes another moment into its file; all services share the file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._changed = -1
        self._now = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The moment in the file, in UTC. Never goes back."""
        changed = self.file.stat().st_mtime_ns
        if changed != self._changed:
            self._now = max(self._now, datetime.fromisoformat(self.file.read_text("utf-8").strip()))
            self._changed = changed
        return self._now

    def set(self, moment: datetime) -> None:
        """Move everybody who shares the file to `moment`."""
        handle, name = tempfile.mkstemp(dir=self.file.parent, prefix=".clock-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(moment.astimezone(UTC).isoformat())
        Path(name).replace(self.file)


def clock_from(setting: str) -> Clock:
    """The clock that a setting names: `real`, or `simulated:FILE`.

    Raises:
        ValueError: the setting names neither.
    """
    kind, _, file = setting.partition(":")
    if kind == "real" and not file:
        return RealClock()
    if kind == "simulated" and file:
        return SimulatedClock(Path(file))
    raise ValueError(f"LEDSTJARNA_CLOCK is {setting!r}: write 'real', or 'simulated:' and the name of a file")
