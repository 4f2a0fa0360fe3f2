"""What HR's words about a person mean, told apart by an outsider: what her timeline should say of her work."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from deploy.sample.municipality import Municipality
from shared.events.hr import LEVELS, EmployeeChanged, EmployeeLeft

KINDS: Final = frozenset(
    {
        "Joined",
        "Promoted",
        "SteppedDown",
        "Moved",
        "NewLineManager",
        "Renamed",
        "NewAddress",
        "WentOnLeave",
        "Returned",
        "Leaving",
        "StaysAfterAll",
        "Left",
        "Rehired",
    }
)
"""Every kind of change in somebody's work that a year has."""

_EACH: Final = 3
"""How many people of each kind are looked at, besides those with whom the year has something in mind."""


def expected(facts: Sequence[EmployeeChanged | EmployeeLeft], until: date) -> Counter[str]:
    """How often each kind of change has happened to a person by the end of a day.

    A word whose day has not come is replaced by a newer one that holds before it. A departure is heard of at once.
    """
    counts: Counter[str] = Counter()
    before: EmployeeChanged | None = None
    last_day: date | None = None
    for number, fact in enumerate(facts):
        if isinstance(fact, EmployeeLeft):
            counts["Leaving"] += 1
            last_day = fact.last_day
            continue
        if fact.effective_from > until or any(_begins(newer) < fact.effective_from for newer in facts[number + 1 :]):
            continue
        if last_day is not None:
            gone = last_day < fact.effective_from
            counts.update(["Left", "Rehired"] if gone else ["StaysAfterAll"])
            last_day = None
        counts.update(_differences(before, fact))
        before = fact
    if last_day is not None and last_day < until:
        counts["Left"] += 1
    return counts


def worth_a_look(town: Municipality, until: date) -> list[str]:
    """Those with whom the year had something in mind, and some of every kind besides."""
    chosen, found = set(town.in_the_plan), Counter[str]()
    for who in sorted(town.told):
        kinds = expected(town.told[who], until)
        if any(found[kind] < _EACH for kind in kinds):
            chosen.add(who)
            found.update(kinds.keys())
    return sorted(chosen)


def _begins(fact: EmployeeChanged | EmployeeLeft) -> date:
    return fact.effective_from if isinstance(fact, EmployeeChanged) else fact.last_day + timedelta(days=1)


def _differences(before: EmployeeChanged | None, now: EmployeeChanged) -> list[str]:
    if before is None:
        return ["Joined"]
    rises = LEVELS.index(now.level) - LEVELS.index(before.level)
    told = {
        "Promoted": rises > 0,
        "SteppedDown": rises < 0,
        "Moved": now.unit_id != before.unit_id,
        "NewLineManager": now.manager_id != before.manager_id,
        "Renamed": (now.given_name, now.family_name) != (before.given_name, before.family_name),
        "NewAddress": now.email != before.email,
        "WentOnLeave": now.absent is not None and before.absent is None,
        "Returned": now.absent is None and before.absent is not None,
    }
    return [kind for kind, so in told.items() if so]
