"""What a look at the system finds: how bad it is, in one sentence, and what to do about it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import typer

Level = Literal["ok", "warn", "bad"]

CODES: Final[dict[Level, int]] = {"ok": 0, "warn": 1, "bad": 2}
"""Exit codes: all is well; somebody should look today; people wait, or something cannot be asked."""

_COLOURS: Final[dict[Level, str]] = {"ok": "green", "warn": "yellow", "bad": "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` says what to do; nothing if it is well."""

    theme: str
    what: str
    level: Level
    says: str
    mend: str = ""


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level among them."""
    return max((one.level for one in findings), key=CODES.__getitem__, default="ok")


def next_step(findings: Sequence[Finding]) -> str:
    """What to do first: about the first of the worst; and how many other things are to be done then."""
    level = worst(findings)
    first = next((one for one in findings if one.level == level and one.mend), None)
    if level == "ok" or first is None:
        return "All is well."
    others = len({one.mend for one in findings if one.level != "ok"} - {first.mend})
    rest = f" Then look at what else is said above ({others} more)." if others else ""
    return f"Next: {first.mend}{rest}"


def coloured(level: Level) -> str:
    """The level's name, in its colour on a terminal."""
    return typer.style(f"{level:<4}", fg=_COLOURS[level], bold=level != "ok")


def as_data(findings: Sequence[Finding]) -> dict[str, Any]:
    """For a program."""
    return {
        "level": worst(findings),
        "next": next_step(findings),
        "findings": [asdict(one) for one in findings],
    }
