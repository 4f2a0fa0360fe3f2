"""The year without a terminal: a line a month, and nothing else."""

from datetime import date
from io import StringIO

from rich.console import Console

from deploy.sample.moments import at
from deploy.sample.show import Show


def test_a_month_is_told_once_when_it_is_over() -> None:
    written = StringIO()
    show = Show(Console(file=written, width=12), date(2026, 8, 17), date(2027, 8, 16))
    with show.shown():
        for day in (date(2026, 8, 20), date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 15), date(2026, 10, 2)):
            show.update(at(day, "10:00"), {"offers": day.day})
    assert written.getvalue().splitlines() == ["Aug 2026: 1 offers", "Sep 2026: 2 offers"]
