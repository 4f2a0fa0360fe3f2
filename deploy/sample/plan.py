"""What is to happen in a sample year, as data: groups, nominations, revisions and what befalls people."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from deploy.sample.organisation import MUNICIPALITY, VILLAGE, Size
from deploy.sample.staff import Turnover
from shared.events.hr import Level


@dataclass(frozen=True)
class Group:
    """A cohort the office plans on one day and composes on another."""

    cohort_id: str
    programme: str
    planned_on: date
    composed_on: date
    first_day: date
    start: str
    where: str


@dataclass(frozen=True)
class Nominations:
    """The administrations name up to `count` people at these levels for a programme."""

    programme: str
    levels: tuple[Level, ...]
    count: int
    on: date


@dataclass(frozen=True)
class Move:
    """The office moves the session of a module to another day and time."""

    cohort_id: str
    module: str
    on: date
    to_day: date
    to_time: str
    where: str | None = None


@dataclass(frozen=True)
class Fate:
    """Something befalls a member of a group: `what` is leaves, parental_leave, promoted or moves.

    `until` is the last day of one who leaves, and the day on which one on leave is back.
    """

    cohort_id: str
    what: str
    on: date
    until: date | None = None


@dataclass(frozen=True)
class Plan:
    """One sample year."""

    size: Size
    until: date
    programmes: tuple[str, ...]
    """Files of the programmes that the office publishes."""
    applied_on: date
    groups: tuple[Group, ...]
    nominations: tuple[Nominations, ...] = ()
    revisions: tuple[tuple[date, str], ...] = ()
    moves: tuple[Move, ...] = ()
    fates: tuple[Fate, ...] = ()
    mergers: tuple[date, ...] = ()
    successions: int = 3
    """How many managers are succeeded in a month."""
    appointments: int = 2
    """How many become first-line managers in a month besides."""
    turnover: Turnover = field(default_factory=Turnover)


FULL: Final = Plan(
    size=MUNICIPALITY,
    until=date(2027, 8, 16),
    programmes=("potential", "first_line", "middle", "executive"),
    applied_on=date(2026, 8, 19),
    groups=(
        Group(
            "EXE-2026", "EXE", date(2026, 8, 21), date(2026, 8, 24), date(2026, 9, 16), "13:00", "Stadshuset, Rådssalen"
        ),
        Group(
            "FLC-2026-1", "FLC", date(2026, 8, 21), date(2026, 9, 1), date(2026, 9, 29), "09:00", "Stadshuset, sal A"
        ),
        Group(
            "FLC-2026-2", "FLC", date(2026, 8, 21), date(2026, 9, 3), date(2026, 10, 1), "09:00", "Stadshuset, sal B"
        ),
        Group(
            "MLC-2026",
            "MLC",
            date(2026, 8, 21),
            date(2026, 9, 8),
            date(2026, 10, 7),
            "09:00",
            "Kulturhuset, Spegelsalen",
        ),
        Group(
            "POT-2026", "POT", date(2026, 8, 21), date(2026, 9, 15), date(2026, 10, 14), "13:00", "Biblioteket, Årummet"
        ),
        Group(
            "FLC-2027-1", "FLC", date(2026, 11, 18), date(2026, 12, 1), date(2027, 1, 19), "09:00", "Stadshuset, sal A"
        ),
        Group(
            "FLC-2027-2", "FLC", date(2026, 11, 18), date(2026, 12, 3), date(2027, 1, 21), "09:00", "Stadshuset, sal B"
        ),
        Group(
            "MLC-2027",
            "MLC",
            date(2026, 11, 18),
            date(2026, 12, 8),
            date(2027, 2, 3),
            "09:00",
            "Kulturhuset, Spegelsalen",
        ),
        Group(
            "POT-2027", "POT", date(2026, 11, 18), date(2027, 1, 11), date(2027, 2, 10), "13:00", "Biblioteket, Årummet"
        ),
    ),
    nominations=(
        Nominations("EXE", ("senior", "executive"), 10, date(2026, 8, 20)),
        Nominations("POT", ("potential",), 12, date(2026, 8, 25)),
        Nominations("POT", ("potential", "none"), 9, date(2026, 12, 14)),
    ),
    revisions=((date(2026, 11, 17), "revised/first_line"),),
    moves=(
        Move("FLC-2026-1", "M3", date(2026, 11, 3), date(2026, 11, 30), "13:00", "Biblioteket, Årummet"),
        Move("EXE-2026", "M5", date(2027, 3, 16), date(2027, 3, 24), "13:00"),
        Move("FLC-2027-2", "M1", date(2027, 1, 8), date(2027, 1, 22), "10:00"),
    ),
    fates=(
        Fate("FLC-2026-2", "leaves", date(2026, 9, 14), until=date(2026, 9, 18)),
        Fate("FLC-2026-1", "parental_leave", date(2026, 9, 21), until=date(2027, 3, 1)),
        Fate("MLC-2026", "moves", date(2026, 10, 20)),
        Fate("FLC-2026-1", "promoted", date(2026, 11, 2)),
        Fate("FLC-2026-1", "leaves", date(2026, 11, 9), until=date(2026, 11, 20)),
        Fate("FLC-2027-1", "parental_leave", date(2027, 2, 22), until=date(2027, 6, 7)),
        Fate("POT-2027", "leaves", date(2027, 4, 6), until=date(2027, 4, 9)),
    ),
    mergers=(date(2027, 1, 4), date(2027, 4, 12)),
)
"""A municipality's year from August to August."""

SHORT: Final = Plan(
    size=VILLAGE,
    until=date(2027, 2, 15),
    programmes=("first_line",),
    applied_on=date(2026, 8, 19),
    groups=(
        Group(
            "FLC-2026-1", "FLC", date(2026, 8, 21), date(2026, 9, 1), date(2026, 9, 29), "09:00", "Stadshuset, sal A"
        ),
        Group(
            "FLC-2026-2", "FLC", date(2026, 8, 21), date(2026, 9, 3), date(2026, 10, 1), "09:00", "Stadshuset, sal B"
        ),
    ),
    moves=(Move("FLC-2026-1", "M3", date(2026, 11, 3), date(2026, 11, 30), "13:00", "Biblioteket, Årummet"),),
    fates=(
        Fate("FLC-2026-1", "leaves", date(2026, 9, 14), until=date(2026, 9, 18)),
        Fate("FLC-2026-2", "parental_leave", date(2026, 9, 21), until=date(2026, 12, 14)),
        Fate("FLC-2026-1", "promoted", date(2026, 11, 2)),
        Fate("FLC-2026-2", "leaves", date(2026, 11, 9), until=date(2026, 11, 20)),
    ),
    mergers=(date(2027, 1, 4),),
    successions=1,
    appointments=1,
)
"""A village's half year with one programme: everything once, in seconds."""
