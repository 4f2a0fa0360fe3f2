"""What was really done in the year, and to whom: what the promises about single deeds are judged by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Entry:
    """Something that was done. `who`: the person it was done to, if to one; `about`: what else is worth knowing."""

    what: str
    on: date
    who: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)


class Diary:
    """Everything done by plan, as it happened; nothing is written for a deed for which nobody was found."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def note(self, what: str, on: date, who: str = "", **about: Any) -> None:
        """Write down what was done."""
        self.entries.append(Entry(what, on, who, about))
