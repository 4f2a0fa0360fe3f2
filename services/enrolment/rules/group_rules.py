"""Which rules about groups the people who sit together do not keep."""

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from services.enrolment.model import Cohort
from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.people import Person, related
from shared.events.base import Fact


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
    share = cohort.content.group.max_share_per_department
    limit = cohort.department_limit
    most = math.floor(share * len(seated) + 1e-9) if limit is None else limit
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
