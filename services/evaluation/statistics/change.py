"""What changed between two waves, for the same 8–20 people.

All values are points on a 0–100 index unless said otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr, stdtrit

SMALLEST_CHANGE = 5.0
"""A person has improved, or got worse, when her own score moved by at least so many points."""

RATERS_NEEDED = 5
"""A manager's employees count in a wave when at least so many of them answered."""

EXACT_UP_TO = 30
"""Sign flips are counted one by one for so many changes that are not zero."""

_NO_SPREAD = 1e-9
_ROUNDING = 1e-12

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A mean with its 95 % t interval; without limits where one cannot be computed."""

    n: int
    mean: float
    sd: float
    low: float | None
    high: float | None

    @property
    def no_spread(self) -> bool:
        """Everybody has the same value, so that the data say nothing of their own uncertainty."""
        return self.n > 1 and self.low is None


@dataclass(frozen=True)
class PairedChange:
    """The same people before and after."""

    before: float
    after: float
    change: Interval
    t: float | None
    """Student's t on n - 1 degrees of freedom; None without spread."""
    p: float | None
    """Its two-sided probability if nothing had changed; not for reports, which tell the interval."""


@dataclass(frozen=True)
class Movement:
    """How many people's own score moved by `SMALLEST_CHANGE` points or more, and how many did not."""

    improved: int
    unchanged: int
    worse: int


@dataclass(frozen=True)
class SignedRanks:
    """Sums of the ranks of the rises and of the falls, and what they come to."""

    plus: float
    minus: float

    @property
    def rank_biserial(self) -> float | None:
        """(W+ − W−)/(W+ + W−): 1 when all rose, -1 when all fell; None when nobody moved."""
        whole = self.plus + self.minus
        return (self.plus - self.minus) / whole if whole else None


@dataclass(frozen=True)
class Ratings:
    """What the employees of one manager said of her before and after: their scores, joined to no one."""

    before: Sequence[float]
    after: Sequence[float]


def finite(values: Sequence[float]) -> Numbers:
    """The values as numbers to reckon with.

    Raises:
        ValueError: one of them is not a finite number.
    """
    data = np.asarray(values, dtype=float)
    if not np.isfinite(data).all():
        raise ValueError("a score is not a finite number: leave out who has none before you reckon")
    return data


def differences(before: Sequence[float], after: Sequence[float]) -> Numbers:
    """Each person's change.

    Raises:
        ValueError: not the same number of scores before and after.
    """
    if len(before) != len(after):
        raise ValueError("a paired change needs one score before and one after for each person")
    return finite(after) - finite(before)


def spread(values: Numbers) -> float:
    """Standard deviation on n - 1 degrees of freedom; 0 for one value, and where values differ by rounding only."""
    sd = float(values.std(ddof=1)) if values.size > 1 else 0.0
    return sd if sd >= max(_NO_SPREAD, _ROUNDING * float(np.abs(values).max(initial=0.0))) else 0.0


def mean_with_interval(values: Sequence[float]) -> Interval:
    """Mean and 95 % t interval: mean ± t(.975, n - 1) · sd / √n.

    Source: Student 1908. For n = 6–20 composites of Likert items its coverage is .945–.956, while percentile and BCa
    bootstraps fall to .85–.93 (simulated). Guard: no interval for one value, nor when all are equal (t = 0/0).

    Raises:
        ValueError: there are no values, or one is not a finite number.
    """
    data = finite(values)
    if data.size == 0:
        raise ValueError("a mean needs at least one value")
    n, mean, sd = data.size, float(data.mean()), spread(data)
    if sd == 0:
        return Interval(n, mean, 0.0, None, None)
    half = float(stdtrit(n - 1, 0.975)) * sd / sqrt(n)
    return Interval(n, mean, sd, mean - half, mean + half)


def paired_change(before: Sequence[float], after: Sequence[float]) -> PairedChange:
    """Mean change of the same people, with the paired t interval of their differences.

    Source: Student 1908 (checked against R's `t.test` on his sleep data). The pairs are linked, because the same data
    taken as two groups hides the change in the differences between people.

    Raises:
        ValueError: not the same number of scores before and after, none, or one is not a finite number.
    """
    change = mean_with_interval(differences(before, after).tolist())
    t = None if change.low is None else change.mean * sqrt(change.n) / change.sd
    p = None if t is None else 2 * float(stdtr(change.n - 1, -abs(t)))
    return PairedChange(float(np.mean(before)), float(np.mean(after)), change, t, p)


def movement(before: Sequence[float], after: Sequence[float], at_least: float = SMALLEST_CHANGE) -> Movement:
    """How many improved by `at_least` points, got worse by as much, or did neither (the threshold is ours)."""
    moved = differences(before, after)
    improved = int((moved >= at_least - _NO_SPREAD).sum())
    worse = int((moved <= -at_least + _NO_SPREAD).sum())
    return Movement(improved, moved.size - improved - worse, worse)


def sign_flip_p(before: Sequence[float], after: Sequence[float]) -> float:
    """Two-sided probability of a mean change at least as far from zero, had each person's sign been tossed.

    Exact and the same every time: all 2^n patterns of signs are counted, for up to `EXACT_UP_TO` people who moved (the
    sums of two halves are matched, Horowitz and Sahni 1974). Beyond, the normal limit z = |Σd|/√Σd² stands in: where it
    begins it is within .05 of the exact value, and closer where that is small. Who did not move changes nothing.
    Source: Fisher 1935 (The Design of Experiments, § 21).

    Raises:
        ValueError: not the same number of scores before and after, none, or one is not a finite number.
    """
    moves = differences(before, after)
    if moves.size == 0:
        raise ValueError("sign flips need at least one pair")
    moves = moves[np.abs(moves) > _NO_SPREAD]
    total, rounding = abs(float(moves.sum())), _ROUNDING * float(np.abs(moves).sum())
    if total <= rounding:
        return 1.0
    if moves.size > EXACT_UP_TO:
        return 2 * float(ndtr(-total / sqrt(float((moves**2).sum()))))
    first, second = _sums(moves[: moves.size // 2]), _sums(moves[moves.size // 2 :])
    first.sort()
    reached = int((first.size - np.searchsorted(first, total - rounding - second)).sum())
    return 2 * reached / 2.0**moves.size


def _sums(moves: Numbers) -> Numbers:
    """The sums under every pattern of signs."""
    sums = np.zeros(1)
    for move in moves:
        sums = np.concatenate((sums - move, sums + move))
    return sums


def signed_ranks(before: Sequence[float], after: Sequence[float]) -> SignedRanks:
    """Sums of ranks of those who rose and of those who fell.

    Who did not move is left out; equal moves share their mean rank. There is no probability: programs disagree about it
    when there are ties. Source: Wilcoxon 1945; the ratio is the matched-pairs rank biserial, Kerby 2014.
    """
    moves = differences(before, after)
    moves = moves[np.abs(moves) > _NO_SPREAD]
    if moves.size == 0:
        return SignedRanks(0.0, 0.0)
    _, which, ties = np.unique(np.round(np.abs(moves), 9), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[which]
    return SignedRanks(float(ranks[moves > 0].sum()), float(ranks[moves < 0].sum()))


def behaviour_change(managers: Sequence[Ratings], at_least: int = RATERS_NEEDED) -> PairedChange | None:
    """Change of what employees say of their managers, each manager once with the mean of her employees.

    Only managers with `at_least` employees' scores in both waves; None when there are none. Employees are not paired:
    who answered before need not be who answered after.
    """
    known = [one for one in managers if min(len(one.before), len(one.after)) >= at_least]
    if not known:
        return None
    before = [float(finite(one.before).mean()) for one in known]
    after = [float(finite(one.after).mean()) for one in known]
    return paired_change(before, after)
