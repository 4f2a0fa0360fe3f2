"""Standardised effects of a paired change: without units, for comparison with others' studies. Secondary figures.

Effects by different standard deviations are different figures; each is named by the one it is divided by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from scipy.special import gammaln

from services.evaluation.statistics.change import differences, finite, spread


@dataclass(frozen=True)
class Effect:
    """A standardised effect and its sampling variance."""

    g: float
    variance: float


@dataclass(frozen=True)
class EffectSizes:
    """The mean change over several standard deviations; None where that one is zero or a correlation is needed."""

    d_z: float | None
    """Over the SD of the changes. Depends on r, so that cohorts with another r cannot be compared by it."""
    g_z: float | None
    """d_z · J(n − 1)."""
    g_z_approximate: float | None
    """d_z · (1 − 3/(4(n − 1) − 1)), as programs that approximate J tell it."""
    d_av: float | None
    """Over √((SD²before + SD²after)/2)."""
    d_rm: float | None
    """d_z · √(2(1 − r))."""
    pre: Effect | None
    """Over the SD before: the one to tell."""
    r: float | None
    """Correlation of before and after."""


def correction(df: int) -> float | None:
    """J(df) = Γ(df/2) / (√(df/2) · Γ((df − 1)/2)), which takes the bias out of d; None for df below 2.

    Source: Hedges 1981. For pairs df is n − 1, not n1 + n2 − 2.
    """
    if df < 2:
        return None
    return exp(float(gammaln(df / 2)) - log(df / 2) / 2 - float(gammaln((df - 1) / 2)))


def approximate_correction(df: int) -> float | None:
    """J(df) ≈ 1 − 3/(4 df − 1); None for df below 2. Source: Hedges 1981."""
    return None if df < 2 else 1 - 3 / (4 * df - 1)


def standardised_change(*, n: int, change: float, sd_before: float, r: float) -> Effect | None:
    """g = J(n − 1) · change / SD before, with variance 2(1 − r)/n + g²/(2n). Enough is what a release tells.

    None where it is not defined: fewer than three pairs, or no spread before.
    Source: Becker 1988, Morris 2008 ("SMCR" in metafor, whose twenty published values it reproduces).

    Raises:
        ValueError: r is not a correlation, or a number is negative that cannot be.
    """
    if not -1 <= r <= 1 or sd_before < 0 or n < 0:
        raise ValueError("a standardised change needs a correlation within -1 and 1, and no negative number or SD")
    j = correction(n - 1)
    if j is None or sd_before == 0:
        return None
    g = j * change / sd_before
    return Effect(g, 2 * (1 - r) / n + g * g / (2 * n))


def effect_sizes(before: Sequence[float], after: Sequence[float]) -> EffectSizes:
    """All standardised effects of a paired change that others publish. Source: Cumming 2012 (d_av),
    Morris and DeShon 2002 (d_rm), Morris 2008 (pre); see Lakens 2013.

    Raises:
        ValueError: not the same number of scores before and after, none, or one is not a finite number.
    """
    moves = differences(before, after)
    if moves.size == 0:
        raise ValueError("an effect needs at least one pair")
    n, change = moves.size, float(moves.mean())
    of_moves, of_before, of_after = spread(moves), spread(finite(before)), spread(finite(after))
    r = float(np.corrcoef(before, after)[0, 1]) if of_before and of_after else None
    d_z = change / of_moves if of_moves else None
    average = sqrt((of_before**2 + of_after**2) / 2)
    exact, approximate = correction(n - 1), approximate_correction(n - 1)
    return EffectSizes(
        d_z=d_z,
        g_z=None if d_z is None or exact is None else d_z * exact,
        g_z_approximate=None if d_z is None or approximate is None else d_z * approximate,
        d_av=change / average if average else None,
        d_rm=None if d_z is None or r is None else d_z * sqrt(2 * max(0.0, 1 - r)),
        pre=None
        if r is None
        else standardised_change(n=n, change=change, sd_before=of_before, r=max(-1.0, min(1.0, r))),
        r=r,
    )


def against_waiting_list(programme: Effect, waiting: Effect) -> Effect:
    """How much more those in the programme changed than those who waited meanwhile: g = g_T − g_C, variances added.

    The next cohort's answers before its start, asked when this one answers after its end, are such a comparison for
    nothing. Both effects are `standardised_change`s, each over its own SD before. Source: Becker 1988, Morris 2008.
    """
    return Effect(programme.g - waiting.g, programme.variance + waiting.variance)
