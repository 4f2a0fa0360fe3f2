"""The rules about groups in numbers, and which of them the people who sit together do not keep."""

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from services.enrolment.model import Cohort
from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.people import Person, related
from shared.events.base import Fact


def department_limit(rules: GroupRules, size: int, *, composed: bool) -> int:
    """How many from one department may come into a group that is `size` people in all, they included.

    All, if the share is the whole group. Into a group that has been composed and has become small, whoever is the only
    one from her department always may.
    """
    if rules.max_share_per_department >= 1:
        return rules.max
    return max(math.floor(rules.max_share_per_department * size + 1e-9), int(composed))


class BrokenRule(Fact):
    """A rule about groups that a cohort keeps now and would not keep."""

    cohort_id: str
    rule: Literal["min", "max", "max_share_per_department", "separate_manager_and_report"]
    employees: tuple[str, ...] = ()
    detail: str


def newly_broken(before: Sequence[BrokenRule], after: Sequence[BrokenRule]) -> tuple[BrokenRule, ...]:
    """Rules that are kept now and would not be, or would be broken by others than those who break them now."""
    known = {(rule.rule, rule.employees) for rule in before}
    return tuple(rule for rule in after if (rule.rule, rule.employees) not in known)


def broken_rules(cohort: Cohort, seated: Sequence[Person]) -> tuple[BrokenRule, ...]:
    """The rules about groups that the people who sit in the cohort do not keep. One not yet composed keeps all."""
    if cohort.state != "composed":
        return ()
    rules = cohort.content.group
    found = [*_size(cohort.id, rules, len(seated)), *_share(cohort, seated), *_pairs(cohort.id, rules, seated)]
    return tuple(found)


def _size(cohort_id: str, rules: GroupRules, size: int) -> Iterable[BrokenRule]:
    if size > rules.max:
        yield BrokenRule(cohort_id=cohort_id, rule="max", detail=f"{size} have a seat, and at most {rules.max} may")
    if size < rules.min:
        yield BrokenRule(cohort_id=cohort_id, rule="min", detail=f"{size} have a seat, and at least {rules.min} should")


def _share(cohort: Cohort, seated: Sequence[Person]) -> Iterable[BrokenRule]:
    most = department_limit(cohort.content.group, len(seated), composed=True)
    by_department: dict[str, list[str]] = {}
    for person in seated:
        by_department.setdefault(person.department, []).append(person.employee_id)
    for department, them in sorted(by_department.items()):
        if len(them) > most:
            yield BrokenRule(
                cohort_id=cohort.id,
                rule="max_share_per_department",
                employees=tuple(sorted(them)),
                detail=f"{len(them)} come from {department}, and at most {most} may",
            )


def _pairs(cohort_id: str, rules: GroupRules, seated: Sequence[Person]) -> Iterable[BrokenRule]:
    if not rules.separate_manager_and_report:
        return
    people = sorted(seated, key=lambda person: person.employee_id)
    for number, one in enumerate(people):
        for other in people[number + 1 :]:
            if related(one, other):
                yield BrokenRule(
                    cohort_id=cohort_id,
                    rule="separate_manager_and_report",
                    employees=(one.employee_id, other.employee_id),
                    detail=f"{one.employee_id} and {other.employee_id} are manager and report",
                )
