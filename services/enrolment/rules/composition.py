"""Who sits together: the people chosen from a queue for a group, and why others before them were not."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.people import Person, related
from services.enrolment.rules.reasons import DepartmentShareReached, OwnManagerInGroup, Why
from shared.events.base import Fact


class Passed(Fact):
    """Somebody who stood before the last one chosen and was not chosen."""

    person: Person
    why: Why


class Composition(Fact):
    """The people chosen, in the order of the queue; who was passed over; how many may come from one department."""

    chosen: tuple[Person, ...]
    passed: tuple[Passed, ...]
    department_limit: int


class NobodyFits(Fact):
    """No group of the wanted size follows the rules; `possible` says how many at most could sit together."""

    possible: int


def in_line(people: Iterable[tuple[int, datetime, Person]], seed: int) -> tuple[Person, ...]:
    """The queue's order: priority, then time queued, then a lot that the seed decides and anybody can draw again."""

    def lot(employee_id: str) -> bytes:
        return hashlib.sha256(f"{seed}:{employee_id}".encode()).digest()

    ordered = sorted(people, key=lambda each: (each[0], each[1], lot(each[2].employee_id)))
    return tuple(person for _, _, person in ordered)


def compose(
    candidates: Sequence[Person],
    seated: Sequence[Person],
    rules: GroupRules,
    department_limit: int | None = None,
) -> Composition | NobodyFits:
    """The group that is as full as the rules allow and, of all such groups, has the first in line.

    First in line is meant strictly: a person is passed over only if no group of that size has her together with all
    those chosen before her. With a `department_limit` the group has been composed before: `seated` stay, free seats
    are filled, and a minimum no longer matters.
    """
    present = [person for person in candidates if person.hindered is None]
    chosen = _one_by_one(present, seated, rules, department_limit)
    if chosen is None:
        chosen = _solved(present, seated, rules, department_limit)
    size = len(seated) + len(chosen)
    if department_limit is None and size < rules.min:
        return NobodyFits(possible=size)
    limit = _limit(rules, size) if department_limit is None else department_limit
    passed = _passed_over(candidates, chosen, seated, rules, limit)
    return Composition(chosen=chosen, passed=passed, department_limit=limit)


def _one_by_one(
    present: Sequence[Person], seated: Sequence[Person], rules: GroupRules, department_limit: int | None
) -> tuple[Person, ...] | None:
    """Everybody who fits with those before her, if that fills the group or takes all; then nothing can be better.

    Whoever cannot sit with some people cannot sit with more of them, so a group that has her and all those chosen
    before her does not exist. Nothing, if seats stay free: passing somebody over might then fill them.
    """
    limit = _limit(rules, rules.max) if department_limit is None else department_limit
    chosen: list[Person] = []
    for person in present:
        if len(seated) + len(chosen) >= rules.max:
            break
        if sits_badly(person, (*seated, *chosen), rules, limit) is None:
            chosen.append(person)
    full = len(seated) + len(chosen) >= rules.max
    all_of_them = department_limit is not None and len(chosen) == len(present)  # without, the limit depends on the size
    return tuple(chosen) if full or all_of_them else None


def _solved(
    present: Sequence[Person], seated: Sequence[Person], rules: GroupRules, department_limit: int | None
) -> tuple[Person, ...]:
    # The solver takes 55 MB and is needed only when the queue is short for the group: it is loaded then.
    from services.enrolment.rules.integer_programme import best_group  # noqa: PLC0415

    return best_group(present, seated, rules, department_limit)


def _limit(rules: GroupRules, size: int) -> int:
    """How many from one department a group of `size` may have; all, now and later, if the share is the whole group."""
    if rules.max_share_per_department >= 1:
        return rules.max
    return math.floor(rules.max_share_per_department * size + 1e-9)


def _passed_over(
    candidates: Sequence[Person], chosen: Sequence[Person], seated: Sequence[Person], rules: GroupRules, limit: int
) -> tuple[Passed, ...]:
    """Those before the last one chosen. One of the reasons always holds: could she sit with the others, she would
    have been chosen instead of the last one."""
    if not chosen:
        return ()
    last = candidates.index(chosen[-1])
    taken = {person.employee_id for person in chosen}
    group = (*chosen, *seated)
    skipped = [person for person in candidates[:last] if person.employee_id not in taken]
    return tuple(Passed(person=person, why=_why(person, group, rules, limit)) for person in skipped)


def _why(person: Person, group: Sequence[Person], rules: GroupRules, limit: int) -> Why:
    hindrance = person.hindered or sits_badly(person, group, rules, limit)
    if hindrance is None:
        raise AssertionError(f"{person.employee_id} was passed over without a reason")
    return hindrance


def sits_badly(
    person: Person, group: Sequence[Person], rules: GroupRules, limit: int
) -> OwnManagerInGroup | DepartmentShareReached | None:
    """Why she cannot sit with the group; nothing if she can."""
    if rules.separate_manager_and_report and any(related(person, other) for other in group):
        return OwnManagerInGroup()
    if sum(other.department == person.department for other in group) >= limit:
        return DepartmentShareReached(limit=limit)
    return None
