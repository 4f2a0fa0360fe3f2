"""From answers to indices: items, scales and persons on 0–100, shares, and how well a scale holds together.

An answer of None ("vet ej") is no answer: it counts in no figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import fdtri, ndtri

Answer = int | None

Scale = tuple[int, int]
"""The answers that stand for 0 and for 100 points; the first is the larger where answers run from good to bad."""

AGREEMENT: Scale = (1, 5)
"""Answers 1..5 become 0, 25, 50, 75, 100 (Kolada's metadata for U15200)."""

EXTENT: Scale = (5, 1)
"""COPSOQ: to a very large (1), large, somewhat, small, very small extent (5) are 100, 75, 50, 25, 0."""

ALPHA_NEEDS = 50
"""Cronbach's alpha of fewer persons says next to nothing: for eight of them its interval is .74–.98."""

SCORE_NEEDS = 30
"""A recommendation index of fewer persons is not shown: one person of twelve moves it by 16.7 points."""


@dataclass(frozen=True)
class Share:
    """How many of those who answered, and the share (0–1) with its 95 % interval."""

    count: int
    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Recommendation:
    """How many would recommend the programme (9–10), are between (7–8), or would not (0–6)."""

    would: int
    between: int
    would_not: int

    @property
    def n(self) -> int:
        """How many answered."""
        return self.would + self.between + self.would_not

    @property
    def index(self) -> float | None:
        """Percent who would less percent who would not: -100 to 100; None when nobody answered."""
        return 100 * (self.would - self.would_not) / self.n if self.n else None

    @property
    def shown_index(self) -> float | None:
        """The index as it may be shown: only over `SCORE_NEEDS` answers or more. Below that, show the counts."""
        return self.index if self.n >= SCORE_NEEDS else None


@dataclass(frozen=True)
class Alpha:
    """Cronbach's alpha with its 95 % interval, over `n` persons who answered every item."""

    n: int
    alpha: float
    low: float
    high: float


def points(answer: int, scale: Scale = AGREEMENT) -> float:
    """One answer on 0–100.

    Raises:
        ValueError: the answer is not on the scale.
    """
    worst, best = scale
    if not min(scale) <= answer <= max(scale):
        raise ValueError(f"the answer {answer} is not on the scale {min(scale)}–{max(scale)}: look at how it was coded")
    return 100 * (answer - worst) / (best - worst)


def item_index(answers: Sequence[Answer], scale: Scale = AGREEMENT) -> float | None:
    """Index of one item over all who answered it; None when nobody did. Source: Kolada, metadata for U15200.

    Raises:
        ValueError: an answer is not on the scale.
    """
    given = [points(answer, scale) for answer in answers if answer is not None]
    return float(np.mean(given)) if given else None


def mean_of_indices(indices: Sequence[float | None]) -> float | None:
    """Index of a part or a whole: the mean of its questions' indices, each question counting once.

    Source: Kolada, metadata for U15200 (total = mean of the nine questions). With answers missing it is neither the
    mean of persons nor that of all answers. None when there are no indices or one is missing: the mean of the rest
    would be an index of other questions.
    """
    known = [index for index in indices if index is not None]
    return float(np.mean(known)) if known and len(known) == len(indices) else None


def scale_index(answers_by_item: Sequence[Sequence[Answer]], scale: Scale = AGREEMENT) -> float | None:
    """Index of a group over a scale's items, each item with everybody's answers to it: `mean_of_indices`."""
    return mean_of_indices([item_index(answers, scale) for answers in answers_by_item])


def person_score(answers: Sequence[Answer], scale: Scale = AGREEMENT) -> float | None:
    """One person's index over a scale's items; None with fewer than half of them answered.

    Source: the half rule is COPSOQ's convention for scale scores.
    """
    given = [answer for answer in answers if answer is not None]
    return None if len(given) * 2 < len(answers) else item_index(given, scale)


def recommendation(answers: Sequence[Answer]) -> Recommendation:
    """Answers 0–10 to whether one would recommend the programme, in the three groups of Reichheld 2003.

    Raises:
        ValueError: an answer is not within 0–10.
    """
    given = [answer for answer in answers if answer is not None]
    if wrong := [answer for answer in given if not 0 <= answer <= 10]:
        raise ValueError(f"{wrong[0]} is not an answer from 0 to 10: look at how it was coded")
    would, would_not = sum(answer >= 9 for answer in given), sum(answer <= 6 for answer in given)
    return Recommendation(would, len(given) - would - would_not, would_not)


def wilson(count: int, n: int, confidence: float = 0.95) -> Share:
    """A share with its score interval, which holds its level for small groups and for none or all of them.

    Source: Wilson 1927, without continuity correction.

    Raises:
        ValueError: nobody answered, or more count than answered.
    """
    if not 0 <= count <= n or n == 0:
        raise ValueError(f"{count} of {n} is not a share: at least one must have answered, and no more may count")
    z = float(ndtri(0.5 + confidence / 2))
    share = count / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if count == 0 else middle - half
    return Share(count, n, share, low, 1.0 if count == n else middle + half)


def top_two(answers: Sequence[Answer], scale: Scale = AGREEMENT) -> Share | None:
    """The share of the two best answers, with Wilson's interval; None when nobody answered."""
    given = [points(answer, scale) for answer in answers if answer is not None]
    second_best = points(scale[1] - (1 if scale[1] > scale[0] else -1), scale)
    return wilson(sum(value >= second_best for value in given), len(given)) if given else None


def median_answer(answers: Sequence[Answer]) -> float | None:
    """The middle answer to one item, between the two middle ones of an even number; None when nobody answered."""
    given = [answer for answer in answers if answer is not None]
    return float(np.median(given)) if given else None


def cronbach_alpha(persons: Sequence[Sequence[float | None]], at_least: int = ALPHA_NEEDS) -> Alpha | None:
    """How well the items of a scale hold together: k/(k − 1) · (1 − Σ item variances / variance of the sums).

    One row per person with her answers in the order of the items; who left one out is left out. None where it would
    mislead: fewer than `at_least` whole rows, or sums that are all the same.
    Source: Cronbach 1951; interval by F(n − 1, (n − 1)(k − 1)), Feldt 1965.

    Raises:
        ValueError: fewer than two items, or rows of different length.
    """
    if any(len(row) != len(persons[0]) or len(row) < 2 for row in persons):
        raise ValueError("alpha needs two items or more, and one answer or None of each person to each item")
    whole = np.array([row for row in persons if None not in row], dtype=float)
    n = len(whole)
    if n < max(2, at_least):
        return None
    of_sums = float(whole.sum(axis=1).var(ddof=1))
    if of_sums <= 0:
        return None
    k = whole.shape[1]
    apart = (1 - float(whole.var(axis=0, ddof=1).sum()) / of_sums) * k / (k - 1)
    df = (n - 1, (n - 1) * (k - 1))
    return Alpha(n, apart, 1 - (1 - apart) * float(fdtri(*df, 0.975)), 1 - (1 - apart) * float(fdtri(*df, 0.025)))
