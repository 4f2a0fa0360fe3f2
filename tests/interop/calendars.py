"""Real calendars of others, given the mails of several people in order, and what they then show."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from tests.interop.cases import Case
from tests.interop.programs import HINT, found


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as a calendar shows it."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    status: str
    partstat: str


History = Sequence[Case]
States = list[list[Shown]]
"""What a calendar shows after each mail of a history."""


def meant(case: Case) -> Shown:
    """The entry that the mail should lead to."""
    return Shown(**{name: getattr(case.meant, name) for name in Shown.__slots__})


def evolution(histories: Sequence[History]) -> list[States]:
    """Evolution's data server, by its own door for what comes by mail; see `evolution.py`."""
    with tempfile.TemporaryDirectory(prefix="ledstjarna-evolution-") as home:
        script = Path(__file__).with_name("evolution.py")
        done = subprocess.run(  # noqa: S603 — a script of our own
            [found("dbus-run-session"), "--", "/usr/bin/python3", str(script)],
            input=json.dumps([[one.calendar.decode() for one in history] for history in histories]),
            env={"PATH": "/usr/bin:/bin", "HOME": home, "XDG_RUNTIME_DIR": home, "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, f"{done.stderr}\n{HINT}"
    return TypeAdapter(list[States]).validate_json(done.stdout)
