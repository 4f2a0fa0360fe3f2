"""How those who have seats are spread over the rooms: by the office's wishes, then departments as evenly as can be."""

from collections.abc import Iterable

import numpy as np

from services.enrolment.model import Wish
from services.enrolment.rules.grouping_board import NOBODY, Board, Numbers
from services.enrolment.rules.grouping_line import Search, claim, seat_directly

TRIES = 3
"""How often the mix is made anew after somebody could claim a seat from somebody behind her."""


def mix(board: Board) -> None:
    """Spread those who have seats, and keep the best found: dealt by department, or as they came down the line."""
    for _ in range(TRIES):
        _spread(board)
        if not claim(board):
            return


def _spread(board: Board) -> None:
    came = board.arrangement()
    best: tuple[tuple[int, int], Numbers] | None = None
    for dealt in (True, False):
        board.arrange(came)
        if dealt and not _deal(board):
            continue
        _grant_wishes(board)
        _exchange_all(board)
        found = (len(board.unmet()), board.value())
        if best is None or found < best[0]:
            best = (found, board.arrangement())
        if found == (0, least_pairs(board)):
            break
    if best:
        board.arrange(best[1])


def least_pairs(board: Board) -> int:
    """No grouping of those who have seats has fewer pairs from one department.

    For each department alone, the most even spread over all the groups that can be held is best: its people sit one by
    one where the fewest of them are.
    """
    pairs = int((board.base * (board.base - 1) // 2).sum())
    held = _most_rooms(board)
    for d, people in enumerate(_chosen_by_department(board)):
        costs = np.sort(_steps(board, d, int(people), held))
        pairs += int(costs[:people].sum())
    return pairs


def _steps(board: Board, d: int, people: int, held: int) -> Numbers:
    """What each further person of a department costs in the rooms where she might sit."""
    rooms = np.flatnonzero(board.free > 0)
    most = np.full(len(rooms), people)
    if held >= len(rooms):
        limits = np.array([board.rooms[g].limit(len(board.rooms[g].seated) + int(board.free[g])) for g in rooms])
        most = np.clip(limits - board.base[d, rooms], 0, np.minimum(board.free[rooms], people))
    bases = np.sort(board.base[d, rooms])[:held] if held < len(rooms) else board.base[d, rooms]
    steps = [base + np.arange(n) for base, n in zip(bases, most, strict=False)]
    return np.concatenate(steps) if steps else np.zeros(0, dtype=np.int64)


def _most_rooms(board: Board) -> int:
    """In how many rooms the people chosen can sit at most."""
    chosen, rooms = int((board.room != NOBODY).sum()), 0
    for least in sorted(room.least for room in board.rooms if room.free >= room.least):
        chosen -= least
        rooms += chosen >= 0
    return rooms


def _chosen_by_department(board: Board) -> Numbers:
    seated = board.department[board.room != NOBODY]
    return np.bincount(seated, minlength=len(board.base)).astype(np.int64)


def _deal(board: Board) -> bool:
    """Seat the same people department by department, in turn; with that rule alone no mix is better."""
    chosen = np.flatnonzero(board.room != NOBODY)
    sizes = _chosen_by_department(board)
    board.clear()

    def order(p: np.int64) -> tuple[int, int, int, int]:
        d = int(board.department[p])
        return -int(sizes[d]), d, int(board.can[p].sum()), int(board.turn[p])

    return all(seat_directly(board, int(p)) or Search(board, int(p)).succeeds() for p in sorted(chosen, key=order))


def _grant_wishes(board: Board) -> None:
    """Exchange people for wishes that are not met, as long as fewer are left each time."""
    granted = True
    while granted:
        granted = any(_grant(board, wish) for wish in board.unmet())


def _grant(board: Board, wish: Wish) -> bool:
    """The exchange that meets the wish with the best mix, if there is one; whether it was made."""
    if (there := _places(board, wish)) is None:
        return False
    before, best = len(board.unmet()), None
    for p, others in there:
        for q in others:
            if board.room[p] == board.room[q] or not _may_exchange(board, p, q):
                continue
            _exchange(board, p, q)
            found = (len(board.unmet()), board.value(), p, q)
            _exchange(board, p, q)
            best = min(best or found, found)
    if best is None or best[0] >= before:
        return False
    _exchange(board, best[2], best[3])
    return True


def _places(board: Board, wish: Wish) -> list[tuple[int, Iterable[int]]] | None:
    """Who of the two may move, and with whom; nothing if one has no seat."""
    one, other = board.where(wish.one), board.where(wish.other)
    if one is None or other is None:
        return None
    found: list[tuple[int, Iterable[int]]] = []
    for name, room in ((wish.one, other), (wish.other, one)):
        if name in board.numbers and board.room[board.numbers[name]] != NOBODY:
            others = board.members(room) if wish.kind == "together" else map(int, np.flatnonzero(board.room != NOBODY))
            found.append((board.numbers[name], list(others)))
    return found


def _may_exchange(board: Board, p: int, q: int) -> bool:
    """Whether the rules let the two exchange rooms."""
    g, h = int(board.room[p]), int(board.room[q])
    a, b = board.department[p], board.department[q]
    if not (board.fits(p, h, leaving=q) and board.fits(q, g, leaving=p)):
        return False
    return bool(a == b or (board.count[a, h] < board.limit[h] and board.count[b, g] < board.limit[g]))


def _exchange(board: Board, p: int, q: int) -> None:
    g, h = int(board.room[p]), int(board.room[q])
    board.put(p, h)
    board.put(q, g)


def _exchange_all(board: Board) -> None:
    """Exchange people between two rooms as long as the mix gets better. Whose wish is met stays where she is."""
    unmet = set(board.unmet())
    named = {name for wish in board.wishes if wish not in unmet for name in (wish.one, wish.other)}
    fixed = {board.numbers[name] for name in named if name in board.numbers}
    better = True
    while better:
        better = False
        for g in range(len(board.rooms)):
            more = board.count[:, [g]] - board.count
            for h in np.flatnonzero(more.max(axis=0) - more.min(axis=0) > 2):
                better = _exchange_between(board, g, int(h), fixed) or better


def _exchange_between(board: Board, g: int, h: int, fixed: set[int]) -> bool:
    """One exchange that leaves fewer pairs, the best there is between the two rooms; whether it was made.

    With `more` of a department in `g` than in `h`, one of department a for one of b saves more[a] - more[b] - 2 pairs.
    """
    more = board.count[:, g] - board.count[:, h]
    ours, theirs = _by_department(board, g, fixed), _by_department(board, h, fixed)
    saved = sorted((int(more[b] - more[a]), a, b) for a in ours for b in theirs if more[a] - more[b] > 2)
    for _, a, b in saved:
        for p in ours[a]:
            for q in theirs[b]:
                if _may_exchange(board, p, q):
                    _exchange(board, p, q)
                    return True
    return False


def _by_department(board: Board, g: int, fixed: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for p in board.members(g):
        if p not in fixed:
            found.setdefault(int(board.department[p]), []).append(p)
    return found
