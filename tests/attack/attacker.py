"""Somebody who wants to know what one person answered. She shares no code with what she attacks.

She knows every published figure, who is in each set behind it and which items each of them left out. She does not know
what anybody answered, but one insider may tell her what that one did.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Cell = tuple[str, tuple[str, str]]
"""One unknown: a person's answer to an item in a wave, on the 0–100 scale."""

ROUNDING = 0.0501
SETS_AT_ONCE = 4
EXACT = 1e-4
"""Below this a singular value of a matrix of weights in hundredths is a rounding error."""


@dataclass(frozen=True)
class Seen:
    """A published mean as she sees it: value = Σ weight · answer, unless only a band is told."""

    people: frozenset[str]
    weights: Mapping[Cell, float]
    n: int
    value: float | None
    low: float | None = None
    high: float | None = None
    step: float = 25.0
    is_level: bool = True
    wave_open: bool = False
    own: tuple[float, ...] = ()
    """What each of the people would tell of herself, if she were the insider; used one at a time."""

    @property
    def asks(self) -> frozenset[tuple[str, str]]:
        """The questions it is about."""
        return frozenset(question for _, question in self.weights)

    @property
    def is_plain(self) -> bool:
        """Everybody weighs the same, so that sets can be subtracted person by person."""
        return len(set(self.weights.values())) == 1 and len(self.weights) == len(self.people) * len(self.asks)

    @property
    def is_plain_per_question(self) -> bool:
        """Everybody has answered everything that it asks."""
        return len(self.weights) == len(self.people) * len(self.asks)


@dataclass(frozen=True)
class Found:
    """People of whom she has learnt something, how, and their mean answer where she could reckon it."""

    how: str
    people: frozenset[str]
    value: float | None = None
    asks: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Counted:
    """A published distribution: over whom, to which question, and how many gave each answer."""

    people: frozenset[str]
    question: tuple[str, str]
    counts: Mapping[str, int]


def attack(seen: Sequence[Seen], k: int) -> list[Found]:
    """Everything that she finds in published means."""
    return [
        *(Found("few", one.people) for one in seen if len(one.people) < k or one.n < k),
        *(Found("open", one.people) for one in seen if one.wave_open),
        *_differences(seen, k),
        *_isolated(seen, k),
        *_at_an_end(seen),
        *_of_one_mind(seen),
        *_undone_bands(seen),
        *_reckoned_ends(seen),
    ]


def _differences(seen: Sequence[Seen], k: int) -> Iterator[Found]:
    """Add and subtract up to four sums over the same questions, and see whether few people remain."""
    by_question: dict[frozenset[tuple[str, str]], dict[frozenset[str], Seen]] = {}
    for one in seen:
        if one.is_plain:
            by_question.setdefault(one.asks, {})[one.people] = one
    for sets in by_question.values():
        published = list(sets.values())
        names = sorted(frozenset[str]().union(*sets))
        matrix = np.array([[name in one.people for name in names] for one in published], dtype=float)
        for count in range(2, min(SETS_AT_ONCE, len(published)) + 1):
            for signs in product((1.0, -1.0), repeat=count - 1):
                yield from _remainders(published, names, matrix, np.array((1.0, *signs)), k)


def _remainders(
    published: Sequence[Seen], names: Sequence[str], matrix: NDArray[np.float64], signs: NDArray[np.float64], k: int
) -> Iterator[Found]:
    chosen = np.array(list(combinations(range(len(published)), len(signs))))
    left = np.einsum("s,csp->cp", signs, matrix[chosen])
    few = np.count_nonzero(left, axis=1)
    for place in np.flatnonzero((few > 0) & (few < k)):
        rest, sets = left[place], [published[number] for number in chosen[place]]
        value = None
        if all(one.value is not None for one in sets) and len(set(rest[rest != 0])) == 1:
            total = sum(sign * len(one.people) * (one.value or 0.0) for sign, one in zip(signs, sets, strict=True))
            value = float(total / rest.sum())
        yield Found(
            "difference",
            frozenset(name for name, left_in in zip(names, rest, strict=True) if left_in),
            value,
            published[0].asks,
        )


def _isolated(seen: Sequence[Seen], k: int) -> Iterator[Found]:
    """By ranks: take away all answers of some few; if the rank falls, something was told about them alone."""
    for family in _families(seen):
        if len(family) < 2:
            continue
        cells = sorted({cell for one in family for cell in one.weights})
        matrix = np.array([[one.weights.get(cell, 0.0) * 100 for cell in cells] for one in family])
        columns: dict[str, dict[tuple[str, str], tuple[float, ...]]] = {}
        for place, (person, question) in enumerate(cells):
            columns.setdefault(person, {})[question] = tuple(np.round(matrix[:, place], 6))
        alike: dict[tuple[object, ...], list[str]] = {}
        for person, mine in columns.items():
            alike.setdefault(tuple(sorted(mine.items())), []).append(person)
        small = [group for group in alike.values() if len(group) < k]
        if not small:
            continue
        distinct, owners = _distinct(cells, matrix)
        rank = np.linalg.matrix_rank(distinct, tol=EXACT)
        for group in _small_unions(small, k):
            others = distinct[:, [not whose <= group for whose in owners]]
            if (np.linalg.matrix_rank(others, tol=EXACT) if others.size else 0) < rank:
                yield Found("rank", group)
                break


def _distinct(cells: Sequence[Cell], matrix: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[frozenset[str]]]:
    """Each column once, with everybody whose it is: equal columns do not change a rank."""
    owners: dict[tuple[float, ...], set[str]] = {}
    for place, (person, _) in enumerate(cells):
        owners.setdefault(tuple(np.round(matrix[:, place], 6)), set()).add(person)
    return np.array(list(owners)).T, [frozenset(whose) for whose in owners.values()]


def _small_unions(groups: Sequence[list[str]], k: int, at_most: int = 400) -> list[frozenset[str]]:
    """Unions of few people, the largest first: what is told of some of them is told of the union."""
    unions = {
        frozenset(person for group in chosen for person in group)
        for count in range(1, k)
        for chosen in combinations(groups[:12], count)
    }
    return sorted((one for one in unions if len(one) < k), key=lambda one: (-len(one), sorted(one)))[:at_most]


def _families(seen: Iterable[Seen]) -> list[list[Seen]]:
    """Figures that share questions, directly or by way of others."""
    families: list[list[Seen]] = []
    for one in seen:
        touching = [family for family in families if any(one.asks & other.asks for other in family)]
        families = [family for family in families if family not in touching]
        families.append([one, *(other for family in touching for other in family)])
    return families


def _at_an_end(seen: Sequence[Seen]) -> Iterator[Found]:
    """A sum that is as small or large as it can be tells each answer in it; an insider takes her own out first."""
    levels = [one for one in seen if one.is_level and one.value is not None]
    for one in levels:
        total, error = one.n * (one.value or 0.0), one.n * ROUNDING
        if _extreme(total, one.n, error, one.step):
            yield Found("end", one.people, one.value)
        if any(_extreme(total - own, one.n - 1, error, one.step) for own in one.own):
            yield Found("end, by an insider", one.people)
    for one, other in combinations(levels, 2):
        if one.asks == other.asks and (one.people < other.people or other.people < one.people):
            many, few = (one, other) if one.n > other.n else (other, one)
            total = many.n * (many.value or 0.0) - few.n * (few.value or 0.0)
            if _extreme(total, many.n - few.n, (many.n + few.n) * ROUNDING, one.step):
                yield Found("end, between sets", many.people - few.people)


def _extreme(total: float, n: int, error: float, step: float) -> bool:
    return error < step / 2 and (total <= error or total >= 100 * n - error)


def _of_one_mind(seen: Sequence[Seen]) -> Iterator[Found]:
    """From a mean and its interval, the spread; without it, or without an insider's share of it, all agree."""
    for one in seen:
        if not one.is_level or one.value is None or one.low is None or one.high is None or one.n < 3:
            continue
        if one.low <= 0 or one.high >= 100:
            continue  # cut off at the scale's end: the width is not known
        factor = sqrt(one.n) / float(stdtrit(one.n - 1, 0.975))
        half = (one.high - one.low) / 2
        largest = (one.n - 1) * ((half + ROUNDING) * factor) ** 2
        if largest < 0.8 * one.step**2:
            yield Found("one mind", one.people)
        off = max((max(0.0, abs(own - one.value) - ROUNDING) for own in one.own), default=0.0)
        if largest - one.n / (one.n - 1) * off**2 < 0.8 * one.step**2 * (one.n - 2) / (one.n - 1):
            yield Found("one mind, by an insider", one.people)


def _undone_bands(seen: Sequence[Seen]) -> Iterator[Found]:
    """A mean that was told as a band only, as a sum of multiples of means that were told."""
    for family in _families(seen):
        exact = [one for one in family if one.value is not None]
        for one in family:
            if one.value is not None or not exact:
                continue
            cells = sorted({cell for other in (one, *exact) for cell in other.weights})
            matrix = np.array([[other.weights.get(cell, 0.0) * 100 for cell in cells] for other in (*exact, one)])
            if np.linalg.matrix_rank(matrix, tol=EXACT) == np.linalg.matrix_rank(matrix[:-1], tol=EXACT):
                yield Found("band undone", one.people)


def _reckoned_ends(seen: Sequence[Seen]) -> Iterator[Found]:
    """Means that were never told: each question's over each set, from all that was told; do they lie at an end?"""
    for family in _families(seen):
        exact = [one for one in family if one.value is not None and one.is_plain_per_question]
        if len(exact) < 2:
            continue
        cells = sorted({cell for one in exact for cell in one.weights})
        matrix = np.array([[one.weights.get(cell, 0.0) for cell in cells] for one in exact])
        values = np.array([one.value for one in exact])
        for people in {one.people for one in exact}:
            for question in sorted({question for _, question in cells}):
                wanted = np.array([float(cell[1] == question and cell[0] in people) for cell in cells])
                found, *_ = np.linalg.lstsq(matrix.T, wanted)
                if wanted.sum() < len(people) or np.abs(found @ matrix - wanted).max() > EXACT:
                    continue
                if _extreme(float(found @ values), len(people), float(np.abs(found).sum()) * ROUNDING, 25.0):
                    yield Found("end, reckoned", people, asks=frozenset({question}))


def attack_counts(counted: Sequence[Counted], k: int) -> Iterator[Found]:
    """Groups of a few in a distribution, or between two of them; and people between who all gave one answer."""
    for one in counted:
        if any(count < k for count in one.counts.values()):
            yield Found("few in a group", one.people)
    for one, other in combinations(counted, 2):
        if one.question != other.question or not (one.people <= other.people or other.people <= one.people):
            continue
        many, few = (one, other) if len(one.people) >= len(other.people) else (other, one)
        between = many.people - few.people
        for answer in many.counts.keys() & few.counts.keys():
            said_so = many.counts[answer] - few.counts[answer]
            if 0 < said_so < k or (between and said_so == len(between)):
                yield Found("answer between", between)
        yield from _between_groupings(many, few, k)


def _between_groupings(many: Counted, few: Counted, k: int) -> Iterator[Found]:
    """The middle group of the same people, from one distribution that joins it upwards and one that joins it down."""
    for one, other in ((many, few), (few, many)):
        joined = one.people == other.people and "low" in one.counts and "low or mid" in other.counts
        if joined and 0 < other.counts["low or mid"] - one.counts["low"] < k:
            yield Found("middle group", one.people)
