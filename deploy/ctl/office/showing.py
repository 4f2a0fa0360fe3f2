"""How the office's commands print: calm tables within the width of the terminal, names beside ids, local time."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from shared.settings import ServiceSettings

ZONE: Final = ZoneInfo(ServiceSettings.model_fields["time_zone"].default)


def day(moment: str | None) -> str:
    """A moment's day where the municipality is."""
    return f"{_local(moment):%Y-%m-%d}" if moment else "–"


def time(moment: str | None) -> str:
    """A moment where the municipality is, to the minute."""
    return f"{_local(moment):%Y-%m-%d %H:%M}" if moment else "–"


def stamp(moment: str | None) -> str:
    """A moment where the municipality is, with its zone: where somebody compares it with others, or types it."""
    return f"{_local(moment):%Y-%m-%d %H:%M %Z}" if moment else "–"


def in_utc(text: str) -> str:
    """A day or moment that somebody typed, as services are asked for it; read where the municipality is, as moments
    are shown.

    Raises:
        ValueError: it is neither.
    """
    moment = datetime.fromisoformat(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC).isoformat()


def many(number: int, one: str) -> str:
    """So many of a thing."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def span(starts_at: str, ends_at: str) -> str:
    """When something is held, with the day of the week."""
    start, end = _local(starts_at), _local(ends_at)
    return f"{start:%a %Y-%m-%d %H:%M}–{end:%H:%M}"


def _local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(ZONE)


def why(reason: Mapping[str, Any] | None) -> str:
    """A reason in English, as its person reads it."""
    return str(reason["text"]["en"]) if reason else ""


def table(headings: Iterable[str], rows: Iterable[Iterable[object]], *, title: str = "") -> None:
    """A table without lines; nothing at all if it has no rows. Short columns are kept whole, the last one folds."""
    *short, last = headings
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in short:
        shown.add_column(heading, no_wrap=True, overflow="ellipsis")
    shown.add_column(last, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(str(cell)) for cell in row))
    if not shown.row_count:
        return
    if title:
        heading_of(title)
    Console(highlight=False).print(shown)


def heading_of(title: str) -> None:
    """A heading with an empty line above it."""
    Console(highlight=False).print(Text(f"\n{title}", style="bold"))


def say(*lines: str) -> None:
    """Sentences, folded at the width of the terminal."""
    console = Console(highlight=False)
    for line in lines:
        console.print(Text(line))


def indented(*lines: str) -> None:
    """Sentences below what they are about, folded at the width of the terminal."""
    console = Console(highlight=False)
    for line in lines:
        console.print(Padding(Text(line), (0, 0, 0, 4)))


def type_next(*commands: tuple[str, str]) -> None:
    """What can be typed next and what for, each command whole on a line of its own, so that it can be copied."""
    heading_of("Next")
    for command, what_for in commands:
        typer.echo(f"  {command}")
        typer.echo(typer.style(f"      {what_for}", dim=True))


def as_sentence(words: str) -> str:
    """Words with a capital letter before and a full stop behind."""
    return f"{words[:1].upper()}{words[1:]}".rstrip(".") + "."


def people(number: int) -> str:
    """So many people."""
    return "nobody" if number == 0 else "1 person" if number == 1 else f"{number} people"
