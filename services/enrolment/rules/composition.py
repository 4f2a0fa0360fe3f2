"""Who sits together: the people chosen from a queue for a group, and why others before them were not."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.group_rules import department_limit
from services.enrolment.rules.people import Person, related
from services.enrolment.rules.reasons import DepartmentShareReached, OwnManagerInGroup, TooLateForGroup, Why
from shared.events.base import Fact


class Passed(Fact):
    """Somebody who was not chosen although somebody behind her was, or although a seat stays free."""

    person: Person
    why: Why


class Composition(Fact):
    """The people chosen, in the order of the queue; who was passed over; how many may come from one department in a
    group of that size."""

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
    candidates: Sequence[Person], seated: Sequence[Person], rules: GroupRules, *, composed: bool = False
) -> Composition | NobodyFits:
    """The group that is as full as the rules allow and, of all such groups, has the first in line.

    First in line is meant strictly: a person is passed over only if no group of that size has her together with all
    those chosen before her. What a department may have follows from the size that the group reaches. If the group has
    been `composed` before, `seated` stay, free seats are filled, and a minimum no longer matters; a department that has
    too many since others dropped out gets no more, and keeps nobody else out.
    """
    present = [person for person in candidates if person.hindered is None]
    chosen = _one_by_one(present, seated, rules, composed=composed)
    if chosen is None:
        chosen = _solved(present, seated, rules, composed=composed)
    size = len(seated) + len(chosen)
    if not composed and size < rules.min:
        return NobodyFits(possible=size)
    passed = _passed_over(candidates, chosen, seated, rules)
    return Composition(chosen=chosen, passed=passed, department_limit=department_limit(rules, size, composed=True))


def _one_by_one(
    present: Sequence[Person], seated: Sequence[Person], rules: GroupRules, *, composed: bool
) -> tuple[Person, ...] | None:
    """Everybody who fits with those before her, if that fills the group or takes all; then nothing can be better.

    Whoever cannot sit with some people cannot sit with more of them, so a group that has her and all those chosen
    before her does not exist. Nothing, if seats stay free: passing somebody over might then fill them.
    """
    limit = department_limit(rules, rules.max, composed=composed)
    chosen: list[Person] = []
    for person in present:
        if len(seated) + len(chosen) >= rules.max:
            break
        if sits_badly(person, (*seated, *chosen), rules, limit) is None:
            chosen.append(person)
    full = len(seated) + len(chosen) >= rules.max
    all_of_them = len(chosen) == len(present) and _shares_hold(chosen, seated, rules, composed=composed)
    return tuple(chosen) if full or all_of_them else None


def _shares_hold(chosen: Sequence[Person], seated: Sequence[Person], rules: GroupRules, *, composed: bool) -> bool:
    """Whether no department that somebody comes from has too many for the size that the group reaches."""
    group = (*seated, *chosen)
    counts = Counter(person.department for person in group)
    limit = department_limit(rules, len(group), composed=composed)
    return all(counts[person.department] <= limit for person in chosen)


def _solved(
    present: Sequence[Person], seated: Sequence[Person], rules: GroupRules, *, composed: bool
) -> tuple[Person, ...]:
    # The solver takes 55 MB and is needed only when the queue is short for the group: it is loaded then.
    from services.enrolment.rules.integer_programme import best_group  # noqa: PLC0415

    return best_group(present, seated, rules, composed=composed)


def _passed_over(
    candidates: Sequence[Person], chosen: Sequence[Person], seated: Sequence[Person], rules: GroupRules
) -> tuple[Passed, ...]:
    """Those before the last one chosen and, if a seat stays free, those behind her. One of the reasons always holds:
    could she sit with the others, she would have been chosen instead of the last one, or besides."""
    taken = {person.employee_id for person in chosen}
    last = candidates.index(chosen[-1]) if chosen else -1
    group = (*chosen, *seated)
    return tuple(
        Passed(person=person, why=_why(person, group, rules, instead=number < last))
        for number, person in enumerate(candidates)
        if person.employee_id not in taken and (number < last or _seat_is_left(person, group, rules))
    )


def _seat_is_left(person: Person, group: Sequence[Person], rules: GroupRules) -> bool:
    """Whether a seat that might have been hers stays free; in a group that has gone too far for her, none might."""
    return len(group) < rules.max and not isinstance(person.hindered, TooLateForGroup)


def _why(person: Person, group: Sequence[Person], rules: GroupRules, *, instead: bool) -> Why:
    """Why she is not in the group: `instead` of the last one chosen, or besides all."""
    limit = department_limit(rules, len(group) + (not instead), composed=True)
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
