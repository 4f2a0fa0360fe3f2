"""The best group as an integer programme, for queues from which a group cannot be filled simply in order."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.group_rules import department_limit
from services.enrolment.rules.people import Person, related

BLOCK = 10
"""Candidates decided at a time. Weights 1 … 2^9 keep every difference far above the solver's tolerance of 1e-6."""


def best_group(
    people: Sequence[Person], seated: Sequence[Person], rules: GroupRules, *, composed: bool
) -> tuple[Person, ...]:
    """The largest group that follows the rules and, of all such groups, has the first in line.

    Solved exactly by HiGHS through `scipy.optimize.milp`: first the size, then block by block of the queue whom it has.
    """
    model = _Model(people, seated, rules, composed=composed)
    size = model.largest()
    return model.first_in_line(size) if size else ()


class _Model:
    """One yes-or-no variable for each candidate, and the group's rules as linear constraints on them."""

    def __init__(
        self, people: Sequence[Person], seated: Sequence[Person], rules: GroupRules, *, composed: bool
    ) -> None:
        self.people, self.seated, self.rules, self.composed = people, seated, rules, composed
        self.free = rules.max - len(seated)
        self.lower = np.zeros(len(people))
        self.upper = np.ones(len(people))
        self.apart: list[LinearConstraint] = []
        if rules.separate_manager_and_report:
            self._keep_apart()

    def _keep_apart(self) -> None:
        numbers = {person.employee_id: number for number, person in enumerate(self.people)}
        for number, person in enumerate(self.people):
            if any(related(person, other) for other in self.seated):
                self.upper[number] = 0
            if person.manager_id in numbers and person.manager_id != person.employee_id:
                row = np.zeros(len(self.people))
                row[[number, numbers[person.manager_id]]] = 1
                self.apart.append(LinearConstraint(row, -np.inf, 1))

    def largest(self) -> int:
        """How many seats can be filled. Fewer people make tighter limits, so what those of a size leave room for is
        looked at until it is that size."""
        size, fitting = -1, min(self.free, len(self.people))
        while fitting > 0 and size != fitting:
            size = fitting
            chosen = self._solve(np.ones(len(self.people)), [self._total(0, size), *self._shares(size)])
            fitting = 0 if chosen is None else int(chosen.sum())
        return max(fitting, 0)

    def first_in_line(self, size: int) -> tuple[Person, ...]:
        """Of all groups of `size`, the one that has the first in line: blocks of the queue are fixed one by one."""
        rules = [self._total(size, size), *self._shares(size)]
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
            options={"mip_rel_gap": 0.0, "presolve": False},  # with it HiGHS may end the whole process
        )
        return None if result.x is None else np.round(result.x)

    def _total(self, least: int, most: int) -> LinearConstraint:
        return LinearConstraint(np.ones(len(self.people)), least, most)

    def _shares(self, size: int) -> list[LinearConstraint]:
        """Per department: no more than a group with `size` people more may have, those seated included."""
        limit = department_limit(self.rules, len(self.seated) + size, composed=self.composed)
        constraints = []
        for department in sorted({person.department for person in self.people}):
            there = sum(other.department == department for other in self.seated)
            row = np.array([float(person.department == department) for person in self.people])
            constraints.append(LinearConstraint(row, -np.inf, max(0, limit - there)))
        return constraints
