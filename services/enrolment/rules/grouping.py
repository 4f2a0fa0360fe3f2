"""Several groups from one queue: who sits where, who does not and why, and how good the mix is for certain.

What comes first: the rules; then as many seats as possible; then the first in line; then the office's wishes; then the
mix, measured as pairs of people from one department who sit together. Guaranteed: every rule holds, nobody sits twice,
and no grouping of the people chosen has fewer such pairs than `bound`. Whoever is passed over could not have taken the
seat of anybody behind her. If `exact`, nothing of the order above could be better. If not, the queue is long and either
managers with their reports in it, or groups that cannot be filled, left open whether another set of people comes first,
or only the mix is open: `bound` says how far.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from services.enrolment.model import Wish
from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.grouping_board import NOBODY, Board, Candidate, Room
from services.enrolment.rules.grouping_line import claim, first_in_line
from services.enrolment.rules.grouping_mix import least_pairs, mix
from services.enrolment.rules.reasons import Why
from shared.events.base import Fact

__all__ = ["Candidate", "Group", "GroupRules", "Grouping", "PassedOver", "Room", "group", "passed_over"]

SMALL = 120
"""As many pairs of a person and a group are solved as an integer programme, where nothing simpler is surely best."""
TIGHTER = 40_000
"""As many quantities a linear programme may have that looks for a better bound: a few seconds' work."""


class Group(Fact):
    """One cohort's share: who is added to those seated, first in line first."""

    cohort_id: str
    chosen: tuple[Candidate, ...]


class PassedOver(Fact):
    """Somebody who got no seat in a group where somebody behind her did, or where a seat stays free."""

    person: Candidate
    cohort_id: str
    why: Why


class Grouping(Fact):
    """The groups, in the order of the cohorts' ids, and what can be said for them."""

    groups: tuple[Group, ...]
    passed: tuple[PassedOver, ...]
    unmet: tuple[Wish, ...]
    value: int
    """Pairs of people from one department who sit together, those seated before included. Less is better."""
    bound: int
    seats_exact: bool
    """Whether it is certain that no more people could have a seat, and nobody instead of somebody behind her."""
    exact: bool
    """Whether nothing at all could be better."""

    @property
    def gap(self) -> float:
        """How far the value may be from the best possible, as a share of it; 0: it is the best."""
        return (self.value - self.bound) / max(self.value, 1)


def group(line: Sequence[Candidate], rooms: Sequence[Room], wishes: Sequence[Wish] = (), seed: int = 0) -> Grouping:
    """Seat the queue, given first in line first, in the rooms; the order of rooms and wishes says nothing.

    The same seed gives the same groups; another one gives other groups that are as good wherever there are some.
    """
    board = Board.of(line, rooms, wishes, seed)
    if not board.can.any():
        return _told(board, bound=board.value(), seats_exact=True, exact=True)
    first = first_in_line(board)
    mix(board)
    bound = least_pairs(board)
    if first and not board.unmet() and board.value() == bound:
        return _told(board, bound=bound, seats_exact=True, exact=True)
    if len(line) * len(rooms) <= SMALL:
        return _solved(board)
    if board.value() > bound:
        bound = max(bound, _tighter(board))
    exact = first and not board.unmet() and board.value() == bound
    return _told(board, bound=bound, seats_exact=first, exact=exact)


def passed_over(
    line: Sequence[Candidate], rooms: Sequence[Room], seats: Mapping[str, Collection[str]]
) -> tuple[PassedOver, ...] | Candidate:
    """Who of the line has no seat in a group of an arrangement although somebody behind her has one or a seat stays
    free, and why; or the first who could have the seat of somebody behind her, so that the arrangement is unjust as the
    line stands now. `seats`: employees by cohort."""
    board = Board.of(line, rooms, (), 0)
    for g, room in enumerate(board.rooms):
        for employee_id in seats.get(room.cohort_id, ()):
            board.put(board.numbers[employee_id], g)
    board.settle()
    before = board.arrangement()
    if claim(board):
        return line[int(np.flatnonzero((before == NOBODY) & (board.room != NOBODY))[0])]
    return _passed(board)


def _passed(board: Board) -> tuple[PassedOver, ...]:
    return tuple(
        PassedOver(person=board.people[p], cohort_id=board.rooms[g].cohort_id, why=why) for p, g, why in board.passed()
    )


def _solved(board: Board) -> Grouping:
    # The solver takes 51 MB: it is loaded only when nothing simpler is certain to be best.
    from services.enrolment.rules.grouping_solver import best_grouping  # noqa: PLC0415

    best_grouping(board)
    return _told(board, bound=board.value(), seats_exact=True, exact=True)


def _tighter(board: Board) -> int:
    from services.enrolment.rules.grouping_solver import least_pairs_of_flow, size_of_flow  # noqa: PLC0415

    return least_pairs_of_flow(board) if size_of_flow(board) <= TIGHTER else 0


def _told(board: Board, bound: int, *, seats_exact: bool, exact: bool) -> Grouping:
    return Grouping(
        groups=tuple(
            Group(
                cohort_id=room.cohort_id,
                chosen=tuple(board.people[p] for p in board.members(g)),
            )
            for g, room in enumerate(board.rooms)
        ),
        passed=_passed(board),
        unmet=board.unmet(),
        value=board.value(),
        bound=bound,
        seats_exact=seats_exact,
        exact=exact,
    )
