"""What can change for a person in her work: each kind a type, with what follows from it and how it is said."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final, Literal

from services.enrolment.rules.reasons import LEVEL_EN, LEVEL_SV, in_words
from shared.cloudevents import STAFF_CHANGE_KINDS
from shared.events.base import Fact, LocalisedText, Reason
from shared.events.hr import Level


class Joined(Fact):
    """She is employed here for the first time."""


class Rehired(Fact):
    """She had left and is employed again."""


class Leaving(Fact):
    """Her last day is known and lies ahead, or is earlier than it was."""

    last_day: date


class StaysLonger(Fact):
    """Her last day is known and later than it was."""

    last_day: date


class StaysAfterAll(Fact):
    """HR has taken back that she was to leave."""


class Left(Fact):
    """Her employment has ended."""


class Promoted(Fact):
    """She leads at a higher level than before."""

    before: Level
    level: Level


class SteppedDown(Fact):
    """She leads at a lower level than before."""

    before: Level
    level: Level


class Moved(Fact):
    """She works in another unit."""

    unit_id: str


class NewLineManager(Fact):
    """Somebody else is her manager."""

    manager_id: str | None


class WentOnLeave(Fact):
    """She is away from today."""

    until: date | None


class Returned(Fact):
    """She is back from leave."""


class Renamed(Fact):
    """She has another name."""


class NewAddress(Fact):
    """She has another mail address."""


Change = (
    Joined
    | Rehired
    | Leaving
    | StaysLonger
    | StaysAfterAll
    | Left
    | Promoted
    | SteppedDown
    | Moved
    | NewLineManager
    | WentOnLeave
    | Returned
    | Renamed
    | NewAddress
)

KINDS: Final[dict[type[Change], str]] = {
    Joined: "joined",
    Rehired: "joined",
    Leaving: "left",
    StaysLonger: "other",
    StaysAfterAll: "other",
    Left: "left",
    Promoted: "promoted",
    SteppedDown: "stepped_down",
    Moved: "moved",
    NewLineManager: "other",
    WentOnLeave: "leave",
    Returned: "leave",
    Renamed: "other",
    NewAddress: "other",
}
"""How each kind of change is counted."""

Consequence = Literal["post", "places", "restore", "queue", "approvals", "networks"]

MEANING: Final[dict[Consequence, str]] = {
    "post": "the seat of a post that she leaves is kept for her successor; one of a post that she takes over is hers",
    "places": "her places are looked at again: each stays, pauses, comes back or ends, by her programme's policies",
    "restore": "what ended because she was to leave begins again",
    "queue": "the programmes that are for her now let her wait",
    "approvals": "requests for approval go to whoever is the right manager now",
    "networks": "she leaves her networks and the list of alumni",
}
"""What can follow from a change, in the order in which it does."""

FOLLOWS: Final[dict[type[Change], frozenset[Consequence]]] = {
    Joined: frozenset({"post", "queue", "approvals"}),
    Rehired: frozenset({"post", "restore", "queue", "approvals"}),
    Leaving: frozenset({"places"}),
    StaysLonger: frozenset({"places", "restore"}),
    StaysAfterAll: frozenset({"restore", "queue"}),
    Left: frozenset({"post", "places", "approvals", "networks"}),
    Promoted: frozenset({"post", "places", "queue"}),
    SteppedDown: frozenset({"post", "places", "queue"}),
    Moved: frozenset({"post", "places", "queue"}),
    NewLineManager: frozenset({"approvals"}),
    WentOnLeave: frozenset({"places", "approvals"}),
    Returned: frozenset({"post", "places", "queue", "approvals"}),
    Renamed: frozenset(),
    NewAddress: frozenset(),
}
"""What follows from each kind of change. A name or an address is kept, and other services are told by HR themselves."""


def follows(changes: tuple[Change, ...]) -> frozenset[Consequence]:
    """All that follows from several changes at once."""
    return frozenset[Consequence]().union(*(FOLLOWS[type(change)] for change in changes))


def kinds_of(changes: tuple[Change, ...]) -> list[str]:
    """How several changes at once are counted, the one that weighs most first."""
    return sorted({KINDS[type(change)] for change in changes}, key=STAFF_CHANGE_KINDS.index)


Words = Callable[[Any], tuple[str, str]]


def _always(swedish: str, english: str) -> Words:
    return lambda _: (swedish, english)


def _until(change: WentOnLeave) -> tuple[str, str]:
    if change.until is None:
        return "Ledig tills vidare.", "On leave until further notice."
    return (
        f"Ledig till och med {in_words(change.until, 'sv')}.",
        f"On leave until {in_words(change.until, 'en')}.",
    )


def _manager(change: NewLineManager) -> tuple[str, str]:
    if change.manager_id is None:
        return "Har ingen närmaste chef.", "Has no line manager."
    return f"Ny närmaste chef ({change.manager_id}).", f"New line manager ({change.manager_id})."


def _last_day(change: Leaving | StaysLonger) -> tuple[str, str]:
    return (
        f"Sista dagen blir {in_words(change.last_day, 'sv')}.",
        f"The last day will be {in_words(change.last_day, 'en')}.",
    )


def _level(change: Promoted | SteppedDown) -> tuple[str, str]:
    return (
        f"Från {LEVEL_SV[change.before]} till {LEVEL_SV[change.level]}.",
        f"From {LEVEL_EN[change.before]} to {LEVEL_EN[change.level]}.",
    )


WORDS: Final[dict[type[Change], Words]] = {
    Joined: _always("Anställd.", "Joined."),
    Rehired: _always("Anställd igen.", "Employed again."),
    Leaving: _last_day,
    StaysLonger: _last_day,
    StaysAfterAll: _always("Stannar kvar.", "Stays after all."),
    Left: _always("Anställningen har upphört.", "Employment has ended."),
    Promoted: _level,
    SteppedDown: _level,
    Moved: lambda change: (f"Ny enhet ({change.unit_id}).", f"New unit ({change.unit_id})."),
    NewLineManager: _manager,
    WentOnLeave: _until,
    Returned: _always("Tillbaka från ledighet.", "Back from leave."),
    Renamed: _always("Nytt namn.", "New name."),
    NewAddress: _always("Ny e-postadress.", "New mail address."),
}


def said(change: Change) -> Reason:
    """The change as programs (code) and people (text) read it. It holds no name and no mail address."""
    sv, en = WORDS[type(change)](change)
    return Reason(code=type(change).__name__, text=LocalisedText(sv=sv, en=en))
