"""What the released figures of several cohorts say together. Nothing but what has been published goes in."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.evaluation.instruments import Library
from services.evaluation.reports.released import Released, comparable, spread_of
from services.evaluation.statistics import CohortMean, Pooled, pool
from shared.events.evaluation import Figure


@dataclass(frozen=True)
class Told:
    """A cohort with the figure that is looked at."""

    cohort: Released
    figure: Figure
    mean: CohortMean | None
    """What it tells to be seen together with others; nothing where its uncertainty is not known."""


def telling(cohorts: Sequence[Released], indicator: str, wave: str, library: Library) -> tuple[Told, ...]:
    """The cohorts that tell the figure, in wordings that may be compared."""
    return tuple(
        Told(cohort, figure, spread_of(figure))
        for cohort in comparable(cohorts, indicator.split(".", maxsplit=1)[0], library)
        if (figure := cohort.figures.get((indicator, wave))) is not None
    )


def means(told: Sequence[Told]) -> list[CohortMean]:
    """Those whose uncertainty is known."""
    return [one.mean for one in told if one.mean is not None]


def pooled(told: Sequence[Told]) -> Pooled | None:
    """The cohorts seen together; nothing for fewer than two, which nothing can be drawn towards."""
    known = means(told)
    return pool(known) if len(known) > 1 else None


@dataclass(frozen=True)
class Estimate:
    """What is believed of a value, with its 95 % interval: numbers reckoned once."""

    value: float
    low: float
    high: float

    def model_dump(self) -> dict[str, float]:
        """The estimate for programs, with one decimal as all that is released."""
        return {"value": round(self.value, 1), "low": round(self.low, 1), "high": round(self.high, 1)}


@dataclass(frozen=True)
class Together:
    """A figure of several cohorts: of all, and of each as it looks beside the others."""

    indicator: str
    wave: str
    mean: Estimate
    cohorts: tuple[tuple[Told, Estimate], ...]


def seen_together(cohorts: Sequence[Released], indicator: str, wave: str, library: Library) -> Together | None:
    """The cohorts that tell a figure, seen together; nothing for fewer than two."""
    told = telling(cohorts, indicator, wave, library)
    both = pooled(told)
    if both is None:
        return None
    known = [one for one in told if one.mean is not None]
    estimates = [Estimate(belief.mean, belief.low, belief.high) for belief in both.cohorts]
    mean = Estimate(both.mean.mean, both.mean.low, both.mean.high)
    return Together(indicator, wave, mean, tuple(zip(known, estimates, strict=True)))


def weighted(figures: Sequence[Figure]) -> float | None:
    """Mean of published means, each person counted once."""
    people = sum(figure.n for figure in figures)
    return sum(figure.value * figure.n for figure in figures) / people if people else None
