"""Who gets a seat: everybody in line whom the rooms can hold together with all those before her."""

import heapq
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from services.enrolment.rules.grouping_board import NOBODY, Board, Numbers

ROUNDS = 2
"""How often the sizes of the groups are tried anew when a short queue does not fill them."""


def first_in_line(board: Board) -> bool:
    """Seat the first in line; whether it is certain that nobody else could be seated instead, or besides.

    Seats, departments' limits, languages and absences together are a flow network, and the sets of people that such a
    network can seat are a matroid (Perfect 1968): taking everybody who fits, in order, gives as many as possible and
    of those the first in line. That managers and reports sit apart is no part of it: where it stops somebody, nothing
    is certain.
    """
    board.aim(_aims(board, board.free))
    sure = _seat_all(board)
    certain = sure and (_full(board) or _all_seated(board))
    for _ in range(ROUNDS):
        if (board.filled >= board.seats).all():
            break
        certain = False
        board.aim(_aims(board, _lowered(board)))
        sure = _seat_all(board)
    _prune(board)
    claim(board)
    return certain


def _full(board: Board) -> bool:
    return bool((board.filled == board.free).all())


def _all_seated(board: Board) -> bool:
    """Whether everybody has a seat who could have one anywhere, in groups that are as full as they were to be."""
    return bool((board.filled == board.seats).all() and (board.room != NOBODY).sum() == board.can.any(axis=1).sum())


def _aims(board: Board, most: Numbers) -> Numbers:
    """How many to seat in each room: as many as are there, as evenly as the smallest sizes allow.

    As many groups are used as can have their smallest size.
    """
    waiting = int(board.can[:, most > 0].any(axis=1).sum())
    if waiting >= most.sum():
        return most.copy()
    aims = np.zeros(len(board.rooms), dtype=np.int64)
    rooms = sorted(range(len(board.rooms)), key=lambda g: (board.rooms[g].least, g))
    used = []
    for g in rooms:
        if most[g] >= board.rooms[g].least and board.rooms[g].least <= waiting:
            aims[g] = board.rooms[g].least
            waiting -= int(aims[g])
            used.append(g)
    heap = [(len(board.rooms[g].seated) + int(aims[g]), g) for g in used if aims[g] < most[g]]
    heapq.heapify(heap)
    while waiting and heap:
        size, g = heapq.heappop(heap)
        aims[g] += 1
        waiting -= 1
        if aims[g] < most[g]:
            heapq.heappush(heap, (size + 1, g))
    return aims


def _lowered(board: Board) -> Numbers:
    """The most that each room can take, now that some could not be filled: no more than they got."""
    short = board.filled < board.seats
    most = np.where(short, board.filled, board.free)
    for g in np.flatnonzero(short):
        if most[g] < board.rooms[g].least:
            most[g] = 0
    return most


def _seat_all(board: Board) -> bool:
    """Go down the line; whether nobody was stopped by a manager or a report of hers, or of somebody in the way."""
    certain = True
    hopeless: set[tuple[int, bytes]] = set()
    left = int(board.seats.sum())
    for p in range(len(board.people)):
        if not left:
            break
        kind = (int(board.department[p]), board.can[p].tobytes())
        if kind in hopeless:
            continue
        search = Search(board, p)
        if seat_directly(board, p) or search.succeeds():
            left -= 1
            continue
        certain = certain and not search.stopped_by_relations
        if p not in board.near:
            hopeless.add(kind)
    return certain


def seat_directly(board: Board, p: int) -> bool:
    """Seat her where the fewest of her department sit, of those rooms the emptiest; whether there was one."""
    d = board.department[p]
    possible = board.can[p] & (board.filled < board.seats) & (board.count[d] < board.limit)
    if p in board.near:
        for other in board.near[p]:
            g = board.room[other]
            if g != NOBODY and board.separate[g]:
                possible[g] = False
    if not possible.any():
        return False
    count = len(board.rooms)
    order = (np.arange(count) - board.turn[p]) % count
    cost = (board.count[d] * (board.filled.max() + 1) + board.filled) * count + order
    board.put(p, int(np.where(possible, cost, np.iinfo(np.int64).max).argmin()))
    return True


@dataclass
class Search:
    """A chain of moves that ends at a free seat and makes room for somebody: breadth first, so the shortest."""

    board: Board
    person: int
    stopped_by_relations: bool = False
    came: dict[tuple[int, int], tuple[tuple[int, int] | None, int]] = field(default_factory=dict)
    """Where the search has been, as (department, room): from where, and who would move in."""

    def succeeds(self) -> bool:
        """Seat her and move the others; whether it was possible."""
        board = self.board
        self.seen = np.zeros(board.count.shape, dtype=np.bool_)
        self.opened = np.zeros(len(board.rooms), dtype=np.bool_)
        self.queue: deque[tuple[int, int]] = deque()
        self._enter(self.person, None)
        while self.queue:
            d, g = step = self.queue.popleft()
            if board.count[d, g] >= board.limit[g]:
                movable = [q for q in board.members(g) if board.department[q] == d]
            elif board.filled[g] < board.seats[g]:
                if self._follow(step):
                    return True
                continue
            elif self.opened[g]:
                continue
            else:
                self.opened[g] = True
                movable = board.members(g)
            for q in movable:
                self._enter(q, step)
        return False

    def _enter(self, p: int, step: tuple[int, int] | None) -> None:
        d = int(self.board.department[p])
        for g in np.flatnonzero(self.board.can[p] & ~self.seen[d]):
            if self.board.apart(p, int(g)):
                self.seen[d, g] = True
                self.came[d, int(g)] = (step, p)
                self.queue.append((d, int(g)))
            else:
                self.stopped_by_relations = True

    def _follow(self, end: tuple[int, int]) -> bool:
        """Make the moves, unless two of them bring a manager and a report together."""
        before = self.board.arrangement()
        step: tuple[int, int] | None = end
        moves = []
        while step is not None:
            origin, p = self.came[step]
            moves.append((p, step[1]))
            step = origin
        for p, g in moves:
            self.board.put(p, g)
        if len({p for p, _ in moves}) == len(moves) and all(self.board.apart(p, g) for p, g in moves):
            return True
        self.board.arrange(before)
        self.stopped_by_relations = True
        return False


def _prune(board: Board) -> None:
    """Take the last in line out of groups that could not be filled, until the rules hold for the sizes they have."""
    for g, room in enumerate(board.rooms):
        while board.filled[g] and (over := np.flatnonzero(board.count[:, g] > board.final_limit(g))).size:
            inside = [p for p in board.members(g) if board.department[p] in over]
            if not inside:
                break
            board.put(inside[-1], NOBODY)
        if board.filled[g] < room.least:
            for p in board.members(g):
                board.put(p, NOBODY)
    board.settle()


def claim(board: Board) -> bool:
    """Give whoever has no seat that of somebody behind her, wherever the rules allow just that exchange; whether one
    was made."""
    last = board.last_in_room()
    changed = False
    for p in np.flatnonzero(board.room == NOBODY):
        d = board.department[p]
        possible = board.can[p] & (last > p)
        if possible.any() and any(_claim_in(board, int(p), int(d), int(g)) for g in np.flatnonzero(possible)):
            last = board.last_in_room()
            changed = True
    return changed


def _claim_in(board: Board, p: int, d: int, g: int) -> bool:
    full = board.count[d, g] >= board.limit[g]
    behind = [q for q in board.members(g) if q > p and (board.department[q] == d or not full)]
    behind = [q for q in behind if board.apart(p, g, leaving=q)]
    if not behind:
        return False
    board.put(behind[-1], NOBODY)
    board.put(p, g)
    return True
