"""Who sits together: the people chosen from a queue for a group, and why others before them were not."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.reasons import DepartmentShareReached, OnLeave, OwnManagerInGroup
from shared.events.base import Fact

BLOCK = 10
"""Candidates decided at a time. Weights 1 … 2^9 keep every difference far above the solver's tolerance of 1e-6."""


class Person(Fact):
    """Somebody who may sit in a group, or already does."""

    employee_id: str
    place_id: str
    department: str
    manager_id: str | None = None
    away: OnLeave | None = None
    """Her leave, if it covers the first session."""


class Passed(Fact):
    """Somebody who stood before the last one chosen and was not chosen."""

    person: Person
    why: OnLeave | OwnManagerInGroup | DepartmentShareReached


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
    are filled, and a minimum no longer matters. Solved as integer programmes (HiGHS through `scipy.optimize.milp`).
    """
    present = [person for person in candidates if person.away is None]
    model = _Model(present, seated, rules, department_limit)
    size = model.largest()
    if size is None or (department_limit is None and size + len(seated) < rules.min):
        return NobodyFits(possible=len(seated) + (size or 0))
    limit = department_limit or math.floor(rules.max_share_per_department * (size + len(seated)) + 1e-9)
    chosen = model.first_in_line(size, limit)
    passed = _passed_over(candidates, chosen, seated, rules, limit)
    return Composition(chosen=chosen, passed=passed, department_limit=limit)


class _Model:
    """One yes-or-no variable for each candidate, and the group's rules as linear constraints on them."""

    def __init__(
        self, people: Sequence[Person], seated: Sequence[Person], rules: GroupRules, department_limit: int | None
    ) -> None:
        self.people, self.seated, self.rules, self.limit = people, seated, rules, department_limit
        self.free = rules.max - len(seated)
        self.lower = np.zeros(len(people))
        self.upper = np.ones(len(people))
        self.apart: list[LinearConstraint] = []
        if rules.separate_manager_and_report:
            self._keep_apart()

    def _keep_apart(self) -> None:
        numbers = {person.employee_id: number for number, person in enumerate(self.people)}
        for number, person in enumerate(self.people):
            if any(_related(person, other) for other in self.seated):
                self.upper[number] = 0
            if person.manager_id in numbers and person.manager_id != person.employee_id:
                row = np.zeros(len(self.people))
                row[[number, numbers[person.manager_id]]] = 1
                self.apart.append(LinearConstraint(row, -np.inf, 1))

    def largest(self) -> int | None:
        """How many seats can be filled; none if not even the rules for those seated can be kept."""
        if not self.people or self.free <= 0:
            return 0 if self.free >= 0 else None
        chosen = self._solve(np.ones(len(self.people)), [self._total(0, self.free), *self._shares()])
        return None if chosen is None else int(chosen.sum())

    def first_in_line(self, size: int, limit: int) -> tuple[Person, ...]:
        """Of all groups of `size`, the one that has the first in line: blocks of the queue are fixed one by one."""
        self.limit = limit
        rules = [self._total(size, size), *self._shares()]
        for start in range(0, len(self.people), BLOCK):
            block = slice(start, min(start + BLOCK, len(self.people)))
            if self.lower.sum() == size:
                break
            weights = np.zeros(len(self.people))
            weights[block] = 2.0 ** np.arange(block.stop - start - 1, -1, -1)
            chosen = self._solve(weights, rules)
            if chosen is None:
                raise AssertionError("a group of this size exists, since it was found before")
            self.lower[block] = self.upper[block] = chosen[block]
        return tuple(person for person, yes in zip(self.people, self.lower, strict=True) if yes)

    def _solve(self, weights: np.ndarray, rules: list[LinearConstraint]) -> np.ndarray | None:
        result = milp(
            -weights,
            integrality=np.ones(len(weights), dtype=np.int64),
            bounds=Bounds(self.lower, self.upper),
            constraints=[*rules, *self.apart],
            options={"mip_rel_gap": 0.0},
        )
        return None if result.x is None else np.round(result.x)

    def _total(self, least: int, most: int) -> LinearConstraint:
        return LinearConstraint(np.ones(len(self.people)), least, most)

    def _shares(self) -> list[LinearConstraint]:
        """Per department: Σx ≤ limit once that is known, else Σx ≤ share · everybody, those seated included."""
        share = self.rules.max_share_per_department
        constraints = []
        for department in sorted({person.department for person in self.people}):
            there = sum(other.department == department for other in self.seated)
            row = np.array([float(person.department == department) for person in self.people])
            if self.limit is not None:
                constraints.append(LinearConstraint(row, -np.inf, max(0, self.limit - there)))
            else:
                most = share * len(self.seated) - there + 1e-9
                constraints.append(LinearConstraint(row - share, -np.inf, most))
        return constraints


def _related(one: Person, other: Person) -> bool:
    return one.manager_id == other.employee_id or other.manager_id == one.employee_id


def _passed_over(
    candidates: Sequence[Person], chosen: Sequence[Person], seated: Sequence[Person], rules: GroupRules, limit: int
) -> tuple[Passed, ...]:
    """Those before the last one chosen. One of the three reasons always holds: could she sit with the others, she would
    have been chosen instead of the last one."""
    if not chosen:
        return ()
    last = candidates.index(chosen[-1])
    taken = {person.employee_id for person in chosen}
    group = (*chosen, *seated)
    skipped = [person for person in candidates[:last] if person.employee_id not in taken]
    return tuple(Passed(person=person, why=_why(person, group, rules, limit)) for person in skipped)


def _why(
    person: Person, group: Sequence[Person], rules: GroupRules, limit: int
) -> OnLeave | OwnManagerInGroup | DepartmentShareReached:
    if person.away:
        return person.away
    if rules.separate_manager_and_report and any(_related(person, other) for other in group):
        return OwnManagerInGroup()
    return DepartmentShareReached(limit=limit)
