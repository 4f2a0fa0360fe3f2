"""Groups as an integer programme, where nothing simpler is certain to be best; and a tighter bound by flow."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array

from services.enrolment.rules.grouping_board import NOBODY, Board

BLOCK = 10
"""People decided at a time. Weights 1 … 2^9 keep every difference far above the solver's tolerance of 1e-6."""

Row = dict[int, float]
"""Factors of variables."""


class _Programme:
    """Linear constraints, row by row, on variables from 0 to `most`."""

    def __init__(self) -> None:
        self.whole: list[bool] = []
        self.most: list[float] = []
        self.rows: list[Row] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def variable(self, *, whole: bool, most: float = 1) -> int:
        self.whole.append(whole)
        self.most.append(most)
        return len(self.whole) - 1

    def demand(self, row: Row, low: float = -np.inf, high: float = np.inf) -> None:
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def least(self, cost: Row) -> NDArray[np.float64]:
        """The variables' values that cost least."""
        objective = np.zeros(len(self.whole))
        objective[list(cost)] = list(cost.values())
        result = milp(
            objective,
            integrality=np.array(self.whole, dtype=np.int64),
            bounds=Bounds(0, np.array(self.most)),
            constraints=[LinearConstraint(_matrix(self.rows, len(self.whole)), self.low, self.high)],
            options={"mip_rel_gap": 0.0, "presolve": False},  # with it HiGHS may end the whole process
        )
        if result.x is None:
            raise AssertionError("to seat nobody follows the rules, so there is a solution")
        return np.asarray(result.x)


def best_grouping(board: Board) -> None:
    """Seat as many as possible, of all such ways the first in line, then as the wishes and the mix ask; exactly.

    Solved by HiGHS through `scipy.optimize.milp`: the number of seats, block by block of the line who has one, the
    number of wishes that cannot be met, and the pairs from one department.
    """
    model = _Model(board)
    x = model.least(dict.fromkeys(model.seat.values(), -1.0))
    model.demand(dict.fromkeys(model.seat.values(), 1.0), low=round(sum(x[v] for v in model.seat.values())))
    for start in range(0, len(board.people), BLOCK):
        block = list(enumerate(range(start, min(start + BLOCK, len(board.people)))))
        x = model.least({v: -(2.0 ** (BLOCK - 1 - i)) for i, p in block for v in model.of_person[p]})
        for _, p in block:
            seated = round(sum(x[v] for v in model.of_person[p]))
            if model.of_person[p]:
                model.demand(dict.fromkeys(model.of_person[p], 1.0), seated, seated)
    model.add_wishes()
    if model.missed:
        x = model.least(dict.fromkeys(model.missed, 1.0))
        model.demand(dict.fromkeys(model.missed, 1.0), high=round(sum(x[v] for v in model.missed)))
    x = model.least(model.add_pairs())
    board.clear()
    for (p, g), v in model.seat.items():
        if round(x[v]):
            board.put(p, g)
    board.settle()


class _Model(_Programme):
    """One yes-or-no variable for each person and room where she may sit, one for each room that may stay empty."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self.board = board
        self.seat = {(int(p), int(g)): self.variable(whole=True) for p, g in np.argwhere(board.can)}
        self.missed: list[int] = []
        self.of_person: dict[int, list[int]] = defaultdict(list)
        self.of_room: dict[int, list[int]] = defaultdict(list)
        for (p, g), v in self.seat.items():
            self.of_person[p].append(v)
            self.of_room[g].append(v)
        for seats in self.of_person.values():
            self.demand(dict.fromkeys(seats, 1.0), high=1)
        for g in self.of_room:
            self._keep_size_and_shares(g)
        self._keep_apart()

    def _keep_size_and_shares(self, g: int) -> None:
        room, held = self.board.rooms[g], self.variable(whole=True)
        row = dict.fromkeys(self.of_room[g], 1.0)
        self.demand(row | {held: -float(room.free)}, high=0)
        self.demand(row | {held: -float(room.least)}, low=0)
        for d in range(len(self.board.base)):
            members = dict.fromkeys(self._members(d, g), 1.0)
            there = int(self.board.base[d, g])
            if members and room.rules.max_share_per_department < 1:
                asked = self._more_than_always_may(members, there) if room.composed else held
                share = room.rules.max_share_per_department
                slack = there + room.rules.max  # where nothing is asked, every rule is followed
                shares = {v: members.get(v, 0.0) - share for v in self.of_room[g]}
                most = share * len(room.seated) - there + 1e-9
                self.demand(shares | {asked: float(slack)}, high=most + slack)

    def _more_than_always_may(self, members: Row, there: int) -> int:
        """A variable that is 1 if anybody is added but the only one from her department, in a room composed before."""
        asked = self.variable(whole=True)
        self.demand(members | {asked: -float(len(members))}, high=1 if there == 0 else 0)
        return asked

    def _members(self, d: int, g: int) -> list[int]:
        return [v for p in np.flatnonzero(self.board.department == d) if (v := self.seat.get((int(p), g))) is not None]

    def _keep_apart(self) -> None:
        for p, others in self.board.near.items():
            for q in others:
                for g in np.flatnonzero(self.board.separate):
                    pair = [self.seat.get((p, int(g))), self.seat.get((q, int(g)))]
                    if p < q and None not in pair:
                        self.demand({v: 1.0 for v in pair if v is not None}, high=1)

    def add_wishes(self) -> None:
        """One variable for each wish that tells that it is not met."""
        for wish in self.board.wishes:
            missed = self.variable(whole=True)
            self.missed.append(missed)
            one, other = self._sits(wish.one), self._sits(wish.other)
            if wish.kind == "apart":
                for (row, fixed), (row2, fixed2) in zip(one, other, strict=True):
                    self.demand({**row, **row2, missed: -1.0}, high=1 - fixed - fixed2)
                continue
            for (row, fixed), (row2, fixed2) in zip(one, other, strict=True):
                minus = dict.fromkeys(row2, -1.0)
                self.demand({**row, **minus, missed: -1.0}, high=fixed2 - fixed)
            someone = {v: 1.0 for row, _ in one for v in row}
            self.demand(someone | {missed: 1.0}, low=1 - sum(fixed for _, fixed in one))

    def _sits(self, name: str) -> Sequence[tuple[Row, int]]:
        """For each room, what says that she sits there: variables, and 1 if she was seated there before."""
        p, before = self.board.numbers.get(name, NOBODY), self.board.before.get(name)
        seats = [self.seat.get((p, g)) for g in range(len(self.board.rooms))]
        return [({} if v is None else {v: 1.0}, int(before == g)) for g, v in enumerate(seats)]

    def add_pairs(self) -> Row:
        """What each further person of one department costs in a room: as many pairs as she makes there."""
        cost: Row = {}
        for (d, g), there in np.ndenumerate(self.board.base):
            members = self._members(int(d), int(g))
            steps = [self.variable(whole=False) for _ in members]
            cost |= {step: float(there + more) for more, step in enumerate(steps)}
            if members:
                self.demand(dict.fromkeys(members, 1.0) | dict.fromkeys(steps, -1.0), 0, 0)
        return cost


def _matrix(rows: Sequence[Row], width: int) -> csr_array:
    entries = [(r, c, v) for r, row in enumerate(rows) for c, v in row.items()]
    r, c, v = zip(*entries, strict=True)
    return coo_array((v, (r, c)), shape=(len(rows), width)).tocsr()


def size_of_flow(board: Board) -> int:
    """How many quantities `least_pairs_of_flow` reckons with."""
    steps = int(np.minimum(board.free, 1 + board.count.max(initial=0)).sum()) * len(board.base)
    return len(_kinds(board)) * len(board.rooms) + steps


def _kinds(board: Board) -> dict[tuple[int, bytes], int]:
    """How many of those chosen are alike, in department and in where they may sit."""
    kinds: dict[tuple[int, bytes], int] = defaultdict(int)
    for p in np.flatnonzero(board.room != NOBODY):
        kinds[int(board.department[p]), board.can[p].tobytes()] += 1
    return kinds


def least_pairs_of_flow(board: Board) -> int:
    """No grouping of those who have seats has fewer pairs from one department, their absences and the rooms' sizes and
    limits considered; that managers and reports sit apart, and wishes, are not."""
    kinds, rooms = _kinds(board), range(len(board.rooms))
    limits = [room.limit(len(room.seated) + room.free) for room in board.rooms]
    flow, cost = _Programme(), Row()
    by_room: dict[int, Row] = defaultdict(dict)
    by_cell: dict[tuple[int, int], Row] = defaultdict(dict)
    for (d, can), people in kinds.items():
        row = {
            flow.variable(whole=False, most=people): g
            for g, yes in zip(rooms, np.frombuffer(can, dtype=np.bool_), strict=True)
            if yes
        }
        flow.demand(dict.fromkeys(row, 1.0), people, people)
        for v, g in row.items():
            by_room[g][v] = by_cell[d, g][v] = 1.0
    for (d, g), cell in by_cell.items():
        base, most = int(board.base[d, g]), min(int(board.free[g]), max(0, limits[g] - int(board.base[d, g])))
        few = min(most, int(board.count.max()) + 1)
        steps = [flow.variable(whole=False, most=1 if n < few - 1 else most - n) for n in range(few)]
        cost |= {step: float(base + n) for n, step in enumerate(steps)}
        flow.demand(cell | dict.fromkeys(steps, -1.0), 0, 0)
    for g, taken in by_room.items():
        flow.demand(taken, high=int(board.free[g]))
    x = flow.least(cost)
    pairs = int((board.base * (board.base - 1) // 2).sum())
    return pairs + int(np.ceil(sum(x[v] * each for v, each in cost.items()) - 1e-6))
