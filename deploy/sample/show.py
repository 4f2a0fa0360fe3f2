"""The year on a terminal: where in the calendar it is and what has happened so far; without one, a line a month."""

from calendar import month_abbr
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deploy.sample.facts import Promise
from deploy.sample.moments import local_day


class Show:
    """Shows counters while simulated time goes from the first day to the last."""

    def __init__(self, console: Console, first: date, last: date) -> None:
        self._console = console
        self._first, self._last = first, last
        self._day = first
        self._counts: Mapping[str, int] = {}
        self._live: Live | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Keep the picture up to date while the year goes on."""
        if not self._console.is_terminal:
            yield
            return
        with Live(self._picture(), console=self._console, refresh_per_second=8, transient=True) as self._live:
            yield

    def update(self, now: datetime, counts: Mapping[str, int]) -> None:
        """It is `now`, and so much has happened."""
        day, before = min(local_day(now), self._last), self._day
        self._day, self._counts = day, counts
        if self._live is not None:
            self._live.update(self._picture())
        elif (day.year, day.month) != (before.year, before.month):
            self._console.print(self._line(before), soft_wrap=True)

    def _picture(self) -> RenderableType:
        whole = max((self._last - self._first).days, 1)
        head = Text.assemble(
            (f"{self._day:%A} {self._day.day} {month_abbr[self._day.month]} {self._day.year}", "bold cyan")
        )
        bar = ProgressBar(total=whole, completed=(self._day - self._first).days, width=60, complete_style="cyan")
        counters = Table.grid(padding=(0, 2))
        for _ in range(4):
            counters.add_column(justify="right", style="bold")
            counters.add_column(style="dim")
        cells = [(f"{count:,}", name) for name, count in self._counts.items()]
        for start in range(0, len(cells), 4):
            counters.add_row(*(text for cell in cells[start : start + 4] for text in cell))
        rows = Table.grid()
        for row in (head, bar, "", counters):
            rows.add_row(row)
        return Padding(rows, (1, 2))

    def _line(self, month: date) -> str:
        told = ", ".join(f"{count:,} {name}" for name, count in self._counts.items())
        return f"{month_abbr[month.month]} {month.year}: {told}"


def table(promises: Sequence[Promise]) -> Table:
    """The promises as a table to be read by people."""
    marks = {True: "[green]held[/]", False: "[bold red]BROKEN[/]", None: "[dim]as found[/]"}
    shown = Table(title="Promises", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    shown.add_column("promise", max_width=64)
    shown.add_column("expected", justify="right", max_width=28)
    shown.add_column("found", justify="right", max_width=28)
    shown.add_column("")
    for promise in promises:
        shown.add_row(promise.text, promise.expected, promise.found, marks[promise.held])
    return shown
