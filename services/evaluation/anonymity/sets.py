"""What sets of people give away when figures about them are added to and subtracted from each other.

A published mean over a set is, to somebody who knows who is in the set, a sum of unknown answers. Every number that she
can reckon from several of them is again a weighted sum of answers; what she can reach is the row space of a matrix with
one row for each published sum. Somebody is in danger when a sum other than zero is reached that rests on few people.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Question = tuple[str, str]
"""An item in a wave, such as ("UM1", "T0")."""

Row = Mapping[tuple[str, Question], float]
"""A published sum: the weight in it of each unknown answer (whose, to which question)."""

_NOTHING = 1e-9


def apart(one: frozenset[str], other: frozenset[str], k: int) -> bool:
    """Whether neither set has a few people that the other has not: nobody, or at least k."""
    return all(len(rest) == 0 or len(rest) >= k for rest in (one - other, other - one))


def plain_rows(people: Iterable[str], asks: Iterable[Question]) -> list[Row]:
    """A figure's rows when everybody in it has answered all that it asks: the sum of each question's answers.

    That tells at least as much as their mean, however the questions are weighed.
    """
    members = tuple(people)
    return [{(person, question): 1.0 for person in members} for question in asks]


def singles_out(rows: Sequence[Row], k: int) -> bool:
    """Whether some combination of the rows rests on at least one and fewer than k people.

    Everybody with the same weights in each row is in a combination together or not at all, so that only unions of such
    groups are tried. Whether the row space holds a vector on some columns only is read from its orthogonal complement:
    it does exactly when the complement's projection is singular on those columns.
    """
    weights: dict[tuple[float, ...], set[str]] = {}
    for cell in {cell for row in rows for cell in row}:
        weights.setdefault(tuple(row.get(cell, 0.0) for row in rows), set()).add(cell[0])
    alike = _alike(list(weights.values()))
    small = [(whose, size) for whose, size in alike.items() if size < k]
    if not small:
        return False
    matrix = np.array(list(weights)).T
    hidden = np.eye(matrix.shape[1]) - np.linalg.pinv(matrix) @ matrix
    return any(_reached(hidden, few, alike) for few in _unions(small, k))


def tells(rows: Sequence[Row], unknown: Row) -> bool:
    """Whether a sum that was not published can be reckoned from those that were."""
    cells = {cell for row in rows for cell in row}
    if not unknown.keys() <= cells:
        return False
    columns = {tuple(row.get(cell, 0.0) for row in (*rows, unknown)) for cell in cells}
    *published, wanted = np.array(list(columns)).T
    nearest = np.linalg.lstsq(np.array(published).T, wanted)[0]
    return bool(np.abs(nearest @ np.array(published) - wanted).max() < _NOTHING)


def _alike(owners: Sequence[set[str]]) -> dict[frozenset[int], int]:
    """How many people have each set of columns."""
    columns: dict[str, set[int]] = {}
    for number, people in enumerate(owners):
        for person in people:
            columns.setdefault(person, set()).add(number)
    counted: dict[frozenset[int], int] = {}
    for mine in columns.values():
        counted[frozenset(mine)] = counted.get(frozenset(mine), 0) + 1
    return counted


def _unions(small: Sequence[tuple[frozenset[int], int]], k: int) -> Iterator[frozenset[frozenset[int]]]:
    """The unions of small groups that are smaller than k and would not be with one group more."""
    for count in range(1, min(k, len(small) + 1)):
        for chosen in combinations(small, count):
            total = sum(size for _, size in chosen)
            names = frozenset(whose for whose, _ in chosen)
            if total < k and all(total + size >= k for whose, size in small if whose not in names):
                yield names


def _reached(hidden: NDArray[np.float64], few: frozenset[frozenset[int]], alike: Mapping[frozenset[int], int]) -> bool:
    """Whether a combination rests on these few only: it may not use a column that somebody else has, too."""
    theirs = frozenset[int]().union(*few)
    free = sorted(theirs.difference(*(whose for whose in alike if whose not in few)))
    return bool(free) and bool(np.linalg.eigvalsh(hidden[np.ix_(free, free)])[0] < _NOTHING)
