"""What is to happen in a sample year, as data: groups, nominations, revisions and what befalls people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from deploy.sample.organisation import Size
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
    by_manager: bool = False
    """Whether it is each one's line manager who names her."""


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
    """The office has several groups composed together, with two people apart whom it wants apart, asks for other ones,
    exchanges two people, and accepts."""

    programme: str
    cohorts: tuple[str, ...]
    on: date


@dataclass(frozen=True)
class Alteration:
    """The office proposes a change, looks at what it leads to, and lets it ripple, undoes it in time, or drops it.

    The `file` of a revision is named as the sample's files are.

    `ends`: the state in which the change is then: applied, undone or dropped.
    """

    on: date
    kind: str
    command: Mapping[str, Any]
    ends: str = "applied"
    at_once: bool = False


@dataclass(frozen=True)
class Census:
    """HR publishes its whole staff; an operator looks at what is held, and decides about it later in the day.

    With a share `lacking` by mistake it is rejected. With `new_addresses` for a share of the managers, of which HR has
    told nobody else, it is true and released.
    """

    on: date
    lacking: float = 0.0
    new_addresses: float = 0.0


@dataclass(frozen=True)
class FileImport:
    """Somebody imports a file of employees in which some are new, some stand differently, and one row is wrong."""

    on: date
    encoding: str
    delimiter: str


@dataclass(frozen=True)
class Reorganisation:
    """A unit is `renamed`, `moved` below an area of another administration, or `merged` into a unit elsewhere."""

    what: str
    on: date


@dataclass(frozen=True)
class Rewording:
    """The office words a goal anew and says until when it is in force."""

    goal_id: str
    on: date
    sv: str
    en: str
    valid_to: date


@dataclass(frozen=True)
class Favour:
    """The office sees to one person's place in a group, or (`of` is a programme) in the queue for it.

    `what` is put_first, take_back, withdraw, correct (how somebody was at a session), contact (another contact of the
    network) or alumni (three of the network join the list of alumni, and one of them thinks better of it).
    """

    what: str
    of: str
    on: date


@dataclass(frozen=True)
class Swap:
    """Two colleagues exchange groups."""

    one: str
    other: str
    on: date


@dataclass(frozen=True)
class Fate:
    """Something befalls somebody: a member of the group `among`, or (if it names a programme) one of its queue.

    `what` is leaves, stays (her last day is taken back some days later), parental_leave, promoted, steps_down,
    succeeded (her last day is decided and somebody takes over her post), rehired (she leaves, and is back at `until`),
    moves or renamed. In a queue it is new_manager or approver_away (who waits for an answer has another manager; who is
    to answer is away). Of no group and in no queue it is mistaken (appointed, not so, and appointed after all within a
    day) or replaced (a coming promotion is called off before its day).

    `until` is the last day of one who leaves, and the day on which one who is away is back.
    """

    among: str
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
    moves: tuple[Move, ...] = ()
    fates: tuple[Fate, ...] = ()
    reorganisations: tuple[Reorganisation, ...] = ()
    files: tuple[FileImport, ...] = ()
    rewordings: tuple[Rewording, ...] = ()
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
