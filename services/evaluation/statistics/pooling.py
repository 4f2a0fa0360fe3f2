"""Several cohorts together: what is known of each, of all, and of one revision against another.

The model: a cohort's mean y_j ~ N(θ_j, s_j²), cohorts of a programme θ_j ~ N(μ, τ²), τ ~ HalfNormal(8), and μ anywhere
or N(0, 15²), all in index points. τ is integrated on a grid, everything else in closed form: the same input gives the
same digits. Source: Gelman et al., Bayesian Data Analysis, chapter 5; half-normal prior: Röver 2020 (bayesmeta).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from scipy.special import ndtr

from services.evaluation.statistics.change import Numbers, finite

BETWEEN_COHORTS = 8.0
"""Scale of the half-normal prior of τ: cohorts of one programme rarely differ by more than twice as many points."""

DOUBTFUL_OF_CHANGE = 15.0
"""SD of the prior N(0, 15²) of μ, where a programme is believed to change little until it shows."""

_NODES = 1000
_REACH = 6.0
_HALVINGS = 60


@dataclass(frozen=True)
class CohortMean:
    """What a release tells of a cohort's change (or level): how many people, their mean, and their SD."""

    n: int
    mean: float
    sd: float


@dataclass(frozen=True, eq=False)
class Belief:
    """What is known of a value: a mixture of normal distributions, one for each τ of the grid."""

    weights: Numbers
    means: Numbers
    sds: Numbers

    @property
    def mean(self) -> float:
        """The value to expect, in points."""
        return float(self.weights @ self.means)

    @property
    def sd(self) -> float:
        """Standard deviation, in points."""
        return sqrt(float(self.weights @ (self.sds**2 + (self.means - self.mean) ** 2)))

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.quantile(0.025)

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.quantile(0.975)

    def below(self, threshold: float) -> float:
        """The probability that the value is below `threshold`."""
        return min(1.0, float(self.weights @ ndtr((threshold - self.means) / self.sds)))

    def quantile(self, probability: float) -> float:
        """The value below which it is with this probability, by bisection."""
        low, high = float((self.means - 9 * self.sds).min()), float((self.means + 9 * self.sds).max())
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.below(middle) < probability else (low, middle)
        return (low + high) / 2


@dataclass(frozen=True, eq=False)
class Pooled:
    """Cohorts seen together."""

    mean: Belief
    """μ: what the programme does in the mean of its cohorts, those that are yet to come included."""
    cohorts: tuple[Belief, ...]
    """θ_j in the order of the cohorts, each drawn towards the others by as much as it is uncertain."""
    between: float
    """τ to expect: how much cohorts differ, in points."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two revisions of a programme."""

    earlier: Belief
    later: Belief
    gain: Belief
    """The later one's μ less the earlier one's."""

    @property
    def probability_better(self) -> float:
        """The probability that the later revision does more."""
        return 1 - self.gain.below(0)


def within_variances(cohorts: Sequence[CohortMean]) -> list[float] | None:
    """s_j² = s²/n_j with one s² for all, pooled over cohorts by their degrees of freedom.

    A cohort's own SD on eight degrees of freedom is mostly noise. None where nothing tells how much people differ: no
    cohort of two people or more, or all of them the same.

    Raises:
        ValueError: a cohort without people, or an SD below zero.
    """
    if any(cohort.n < 1 or cohort.sd < 0 for cohort in cohorts):
        raise ValueError("a cohort needs somebody in it, and an SD that is not below zero")
    freedom = sum(cohort.n - 1 for cohort in cohorts)
    squares = sum((cohort.n - 1) * cohort.sd**2 for cohort in cohorts)
    return [squares / freedom / cohort.n for cohort in cohorts] if freedom and squares > 0 else None


def pool(cohorts: Sequence[CohortMean], *, mean_sd: float = inf, between: float = BETWEEN_COHORTS) -> Pooled | None:
    """Cohorts seen together, from what their releases tell; None where people's spread is not known.

    `mean_sd` is the SD of μ's prior around zero; without it, μ is anywhere.
    """
    variances = within_variances(cohorts)
    return shrink([one.mean for one in cohorts], variances, mean_sd=mean_sd, between=between) if variances else None


def shrink(
    means: Sequence[float], variances: Sequence[float], *, mean_sd: float = inf, between: float = BETWEEN_COHORTS
) -> Pooled:
    """The model on means y_j with known variances s_j²; `between` is the scale of τ's prior, in the same units.

    Raises:
        ValueError: no means, not as many variances, or one of them (or a prior's scale) not above zero.
    """
    tau, prior = _grid(between)
    given = given_between(means, variances, tau, mean_sd=mean_sd)
    weights = _normalised(given.log_likelihood + prior)
    cohorts = tuple(Belief(weights, *each) for each in zip(given.means.T, given.sds.T, strict=True))
    return Pooled(Belief(weights, given.centre, given.centre_sd), cohorts, float(weights @ tau))


def compare(
    earlier: Sequence[CohortMean],
    later: Sequence[CohortMean],
    *,
    mean_sd: float = inf,
    between: float = BETWEEN_COHORTS,
) -> Comparison | None:
    """One revision against another: two μ, one τ and one spread of people for both. None where that is not known.

    Raises:
        ValueError: a revision without cohorts, or one that `within_variances` refuses.
    """
    if not earlier or not later:
        raise ValueError("a comparison needs at least one cohort of each revision")
    variances = within_variances([*earlier, *later])
    if variances is None:
        return None
    tau, prior = _grid(between)
    old = given_between([one.mean for one in earlier], variances[: len(earlier)], tau, mean_sd=mean_sd)
    new = given_between([one.mean for one in later], variances[len(earlier) :], tau, mean_sd=mean_sd)
    weights = _normalised(old.log_likelihood + new.log_likelihood + prior)
    return Comparison(
        Belief(weights, old.centre, old.centre_sd),
        Belief(weights, new.centre, new.centre_sd),
        Belief(weights, new.centre - old.centre, np.hypot(old.centre_sd, new.centre_sd)),
    )


@dataclass(frozen=True, eq=False)
class GivenBetween:
    """The model with τ known, for each of some τ: μ, the θ_j (a row for each τ), and how likely the means are."""

    centre: Numbers
    centre_sd: Numbers
    means: Numbers
    sds: Numbers
    log_likelihood: Numbers


def given_between(
    means: Sequence[float], variances: Sequence[float], tau: Numbers, *, mean_sd: float = inf
) -> GivenBetween:
    """The model for known τ: θ_j = (1 − B_j)·y_j + B_j·μ with B_j = s_j²/(s_j² + τ²).

    Source: Gelman et al., equations 5.17–5.21. With B estimated from the means it is James and Stein's estimator
    towards their mean (Efron and Morris 1977).

    Raises:
        ValueError: no means, not as many variances, or a variance or the prior's SD not above zero.
    """
    y, s2 = finite(means), finite(variances)
    if y.size == 0 or y.size != s2.size or not (s2 > 0).all() or not mean_sd > 0:
        raise ValueError("pooling needs a mean and a variance above zero for each cohort, and a prior wider than zero")
    weight = 1 / (s2 + tau[:, None] ** 2)
    prior = mean_sd**-2
    precision = weight.sum(axis=1) + prior
    centre = weight @ y / precision
    squares = (weight * (y - centre[:, None]) ** 2).sum(axis=1) + prior * centre**2
    drawn = s2 * weight
    return GivenBetween(
        centre,
        np.sqrt(1 / precision),
        (1 - drawn) * y + drawn * centre[:, None],
        np.sqrt(s2 * (1 - drawn) + drawn**2 / precision[:, None]),
        (np.log(weight).sum(axis=1) - squares - np.log(precision)) / 2,
    )


def _grid(scale: float) -> tuple[Numbers, Numbers]:
    """Values of τ from 0 to six times the prior's scale, finer near zero, and the logarithm of their prior weight."""
    if not 0 < scale < inf:
        raise ValueError("the prior of how much cohorts differ needs a finite scale above zero")
    step = (np.arange(_NODES) + 0.5) / _NODES
    tau = scale * _REACH * step**2
    return tau, np.log(step) - (tau / scale) ** 2 / 2


def _normalised(log_weights: Numbers) -> Numbers:
    weights: Numbers = np.exp(log_weights - log_weights.max())
    return weights / float(weights.sum())
