"""What is to happen in a sample year, as data: groups, nominations, revisions and what befalls people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from deploy.sample.organisation import MUNICIPALITY, VILLAGE, Size
from deploy.sample.staff import Turnover
from shared.events.hr import Level


@dataclass(frozen=True)
class Group:
    """A cohort the office plans on one day and composes on another."""

    cohort_id: str
    programme: str
    planned_on: date
    composed_on: date | None
    """None: it is composed together with others."""
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
class Grouping:
    """The office has several groups composed together, exchanges two people, and accepts."""

    programme: str
    cohorts: tuple[str, ...]
    on: date


@dataclass(frozen=True)
class Alteration:
    """The office proposes a change, looks at what it leads to, and lets it ripple, undoes it in time, or drops it.

    `ends`: the state in which the change is then: applied, undone or dropped.
    """

    on: date
    kind: str
    command: Mapping[str, Any]
    ends: str = "applied"
    at_once: bool = False


@dataclass(frozen=True)
class Census:
    """HR publishes its whole staff. With a share `lacking` by mistake, an operator rejects it later in the day."""

    on: date
    lacking: float = 0.0


@dataclass(frozen=True)
class Favour:
    """The office sees to one person's place in a group, or in the queue for it: `what` is put_first, take_back,
    withdraw, correct (the attendance of one who was noted absent) or contact (another contact of the network)."""

    what: str
    cohort_id: str
    on: date


@dataclass(frozen=True)
class Swap:
    """Two colleagues exchange groups."""

    one: str
    other: str
    on: date


@dataclass(frozen=True)
class Fate:
    """Something befalls a member of a group: `what` is leaves, parental_leave, promoted, steps_down, succeeded (her
    last day is decided and somebody takes over her post), rehired (she leaves, and is back at `until`) or moves.

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
    groupings: tuple[Grouping, ...] = ()
    alterations: tuple[Alteration, ...] = ()
    censuses: tuple[Census, ...] = ()
    favours: tuple[Favour, ...] = ()
    swaps: tuple[Swap, ...] = ()
    successions: int = 3
    """How many managers are succeeded in a month."""
    appointments: int = 2
    """How many become first-line managers in a month besides."""
    turnover: Turnover = field(default_factory=Turnover)


_ILL: Final = {"sv": "Den som skulle ha lett träffen är sjuk.", "en": "Whoever was to lead the session is ill."}
_FEW: Final = {"sv": "Vi är för få för att mötas.", "en": "We are too few to meet."}

FULL: Final = Plan(
    size=MUNICIPALITY,
    until=date(2027, 8, 16),
    programmes=("potential", "first_line", "middle", "executive"),
    applied_on=date(2026, 8, 19),
    groups=(
        Group(
            "EXE-2026", "EXE", date(2026, 8, 21), date(2026, 8, 24), date(2026, 9, 16), "13:00", "Stadshuset, Rådssalen"
        ),
        Group("FLC-2026-1", "FLC", date(2026, 8, 21), None, date(2026, 9, 29), "09:00", "Stadshuset, sal A"),
        Group("FLC-2026-2", "FLC", date(2026, 8, 21), None, date(2026, 10, 1), "09:00", "Stadshuset, sal B"),
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
        Group(
            "MLC-2027-2",
            "MLC",
            date(2027, 1, 11),
            date(2027, 2, 1),
            date(2027, 3, 10),
            "09:00",
            "Kulturhuset, Spegelsalen",
        ),
    ),
    groupings=(Grouping("FLC", ("FLC-2026-1", "FLC-2026-2"), date(2026, 9, 1)),),
    swaps=(Swap("FLC-2026-1", "FLC-2026-2", date(2026, 9, 22)),),
    alterations=(
        Alteration(
            date(2026, 10, 5), "change_place", {"cohort_id": "MLC-2026", "location": "Stadshuset, sal C"}, at_once=True
        ),
        Alteration(
            date(2026, 10, 12),
            "reschedule_session",
            {"cohort_id": "FLC-2026-2", "session_id": "FLC-2026-2:M2", "starts_at": "2026-10-30T13:07:00"},
            ends="undone",
        ),
        Alteration(date(2026, 10, 19), "set_facilitators", {"cohort_id": "FLC-2026-1", "facilitators": ["Karin Holm"]}),
        Alteration(date(2026, 10, 20), "cancel_cohort", {"cohort_id": "MLC-2026", "reason": _FEW}, ends="dropped"),
        Alteration(
            date(2026, 11, 16),
            "cancel_session",
            {"cohort_id": "POT-2026", "session_id": "POT-2026:M3", "reason": _ILL},
        ),
        Alteration(date(2026, 11, 19), "adopt_revision", {"cohort_id": "FLC-2026-2"}),
        Alteration(
            date(2026, 12, 1),
            "reschedule_session",
            {"cohort_id": "MLC-2026", "session_id": "MLC-2026:M3", "starts_at": "2026-12-14T13:00:00"},
        ),
        Alteration(
            date(2027, 2, 15),
            "add_session",
            {
                "cohort_id": "MLC-2027",
                "module": "X1",
                "title": {"sv": "Möte med kommunstyrelsen", "en": "Meeting the municipal board"},
                "starts_at": "2027-03-17T09:00:00",
                "ends_at": "2027-03-17T11:00:00",
                "location": "Stadshuset, Rådssalen",
            },
        ),
        Alteration(date(2027, 2, 22), "cancel_cohort", {"cohort_id": "MLC-2027-2", "reason": _FEW}),
        Alteration(date(2027, 6, 14), "retire_programme", {"code": "POT"}),
    ),
    censuses=(Census(date(2026, 11, 11), lacking=0.4), Census(date(2026, 11, 12)), Census(date(2027, 5, 12))),
    favours=(
        Favour("withdraw", "MLC-2026", date(2026, 11, 5)),
        Favour("put_first", "FLC-2027-1", date(2026, 11, 25)),
        Favour("take_back", "FLC-2027-2", date(2026, 12, 4)),
        Favour("correct", "FLC-2026-1", date(2027, 2, 5)),
        Favour("contact", "FLC-2026-1", date(2027, 3, 3)),
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
        Fate("FLC-2026-2", "parental_leave", date(2026, 10, 5), until=date(2026, 11, 20)),
        Fate("POT-2026", "rehired", date(2026, 10, 26), until=date(2027, 1, 18)),
        Fate("MLC-2026", "moves", date(2026, 10, 20)),
        Fate("FLC-2026-1", "promoted", date(2026, 11, 2)),
        Fate("FLC-2026-2", "steps_down", date(2026, 11, 3)),
        Fate("EXE-2026", "succeeded", date(2026, 11, 4)),
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
        Group("FLC-2026-1", "FLC", date(2026, 8, 21), None, date(2026, 9, 29), "09:00", "Stadshuset, sal A"),
        Group("FLC-2026-2", "FLC", date(2026, 8, 21), None, date(2026, 10, 1), "09:00", "Stadshuset, sal B"),
    ),
    moves=(Move("FLC-2026-1", "M3", date(2026, 11, 3), date(2026, 11, 30), "13:00", "Biblioteket, Årummet"),),
    fates=(
        Fate("FLC-2026-1", "leaves", date(2026, 9, 14), until=date(2026, 9, 18)),
        Fate("FLC-2026-2", "parental_leave", date(2026, 9, 21), until=date(2026, 12, 14)),
        Fate("FLC-2026-1", "promoted", date(2026, 11, 2)),
        Fate("FLC-2026-2", "leaves", date(2026, 11, 9), until=date(2026, 11, 20)),
    ),
    mergers=(date(2027, 1, 4),),
    groupings=(Grouping("FLC", ("FLC-2026-1", "FLC-2026-2"), date(2026, 9, 1)),),
    alterations=(
        Alteration(
            date(2026, 10, 5),
            "reschedule_session",
            {"cohort_id": "FLC-2026-2", "session_id": "FLC-2026-2:M2", "starts_at": "2026-10-30T13:07:00"},
            ends="undone",
        ),
        Alteration(date(2026, 10, 12), "change_place", {"cohort_id": "FLC-2026-2", "location": "Stadshuset, sal C"}),
    ),
    censuses=(Census(date(2026, 11, 11), lacking=0.4), Census(date(2026, 11, 12))),
    successions=1,
    appointments=1,
)
"""A village's half year with one programme: everything once, in seconds."""
