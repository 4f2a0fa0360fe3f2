"""When a programme should be watched, and when it needs change: the rule proposes, people decide.

A cohort's index is judged through what is known of indices in general, so that ten people on a bad day do not condemn a
healthy programme: "mean below 60" would raise four false alarms a year for twenty healthy cohorts with five
indicators (docs/statistics.md tells how often this rule is wrong). The rule and its numbers are ours.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt

from scipy.special import ndtr, ndtri

from services.evaluation.statistics.network import FADING_FROM, Status, Vitality
from services.evaluation.statistics.pooling import Belief

RULE_VERSION = "1"
"""Rises with every change of what follows from the same figures."""

THRESHOLD = 60.0
"""An indicator is to be at least here."""

EXPECTED, EXPECTED_SD = 72.0, 12.0
"""Prior of an indicator: N(72, 12²)."""

ASSUMED_SPREAD, OWN_ANSWERS = 18.0, 100
"""SD between people, until there are so many answers of one's own to tell it."""

WATCH_FROM, CHANGE_FROM = 0.5, 0.8
"""Probabilities above which an indicator is watched, and above which it needs change alone."""

SMALLEST_GAIN = 5.0
"""The understanding of mission and goals is to have risen by so many points half a year later."""

SEVERAL = 2
"""So many indicators on watch in one cohort, cohorts in a row, or stalled networks are enough for change."""

UNDERSTANDING, VITALITY = "UM.change", "NV.vitality"


class Because(StrEnum):
    """What made a finding."""

    doubtful = "doubtful"
    """More likely than not below the threshold."""
    likely_low = "likely_low"
    """Below the threshold with a probability above `CHANGE_FROM`."""
    again = "again"
    """On watch in two cohorts in a row."""
    several = "several"
    """One of several indicators on watch in the same cohort."""
    small_gain = "small_gain"
    """The change is below `SMALLEST_GAIN` with a probability above `CHANGE_FROM`."""
    stalled_twice = "stalled_twice"
    """The networks of two cohorts have stalled."""


@dataclass(frozen=True)
class Reading:
    """An indicator of one cohort, as it is published: its mean (0–100) over n people."""

    mean: float
    n: int


@dataclass(frozen=True)
class CohortFigures:
    """What is published about a cohort that the rule looks at. What is hidden is left out, and is no evidence."""

    cohort: str
    indicators: Mapping[str, Reading] = field(default_factory=dict)
    understanding: Belief | None = None
    """The change of UM half a year after the programme, shrunk (`pool`)."""
    vitality: Vitality | None = None


@dataclass(frozen=True)
class Judged:
    """What is known of an indicator: N(estimate, sd²), and the probability that it is below the threshold."""

    estimate: float
    sd: float
    probability: float

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.estimate + float(ndtri(0.025)) * self.sd

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.estimate + float(ndtri(0.975)) * self.sd


@dataclass(frozen=True)
class Finding:
    """What the rule found, with the numbers that it rests on; vitality has neither interval nor probability."""

    indicator: str
    cohorts: tuple[str, ...]
    because: tuple[Because, ...]
    estimate: float
    low: float | None
    high: float | None
    probability: float | None
    threshold: float
    direction: str = "below"
    rule_version: str = RULE_VERSION


@dataclass(frozen=True)
class Verdict:
    """How it stands: what to watch, and what calls for change."""

    watch: tuple[Finding, ...] = ()
    change: tuple[Finding, ...] = ()


def spread_between_people(own_sd: float | None, own_answers: int) -> float:
    """The SD to judge by: our own from 100 answers on, the assumed 18 points before; never none."""
    return own_sd if own_sd and own_answers >= OWN_ANSWERS else ASSUMED_SPREAD


def judged(reading: Reading, *, spread: float = ASSUMED_SPREAD) -> Judged:
    """An indicator's posterior: y ~ N(θ, spread²/n), θ ~ N(72, 12²); P = Φ((60 − estimate)/sd).

    Source: the normal model with known variance (Gelman et al., Bayesian Data Analysis, § 2.5).

    Raises:
        ValueError: nobody answered, no spread, or a mean outside 0–100.
    """
    if reading.n < 1 or spread <= 0 or not 0 <= reading.mean <= 100:
        raise ValueError(
            "an indicator is judged by a mean within 0–100 of at least one person, and a spread above zero"
        )
    sampling, prior = spread**2 / reading.n, EXPECTED_SD**2
    drawn = sampling / (sampling + prior)
    estimate, sd = (1 - drawn) * reading.mean + drawn * EXPECTED, sqrt(prior * drawn)
    return Judged(estimate, sd, float(ndtr((THRESHOLD - estimate) / sd)))


def judge(cohorts: Sequence[CohortFigures], *, spread: float = ASSUMED_SPREAD) -> Verdict:
    """How it stands with a revision of a programme, whose cohorts are given in their order.

    An indicator is judged in the newest cohort that told it, as later waves of one come after the first of the next.
    Watch: it is more likely than not below 60 (P > .5). Change: P > .8; or it was on watch in the cohort before, or
    another one is in the same cohort; or the understanding has hardly risen (P > .8); or the networks of two cohorts
    have stalled. The same figures give the same verdict: whoever announces it keeps track of what has been said.
    """
    told = _told(cohorts, spread)
    watched = {name: seen for name, seen in told.items() if seen[-1][1].probability > WATCH_FROM}
    in_cohort = Counter(seen[-1][0] for seen in watched.values())
    watch, change = [], []
    for name, seen in watched.items():
        cohort, newest = seen[-1]
        earlier = tuple(before for before, one in seen[-2:-1] if one.probability > WATCH_FROM)
        watch.append(_finding(name, (cohort,), (Because.doubtful,), newest))
        reasons = (
            (Because.likely_low, newest.probability > CHANGE_FROM),
            (Because.again, bool(earlier)),
            (Because.several, in_cohort[cohort] >= SEVERAL),
        )
        if because := tuple(reason for reason, holds in reasons if holds):
            change.append(_finding(name, (*earlier, cohort), because, newest))
    return Verdict(tuple(watch), (*change, *_small_gain(cohorts), *_stalled(cohorts)))


def _told(cohorts: Sequence[CohortFigures], spread: float) -> dict[str, list[tuple[str, Judged]]]:
    """Each indicator in the cohorts that told it, in their order."""
    told: dict[str, list[tuple[str, Judged]]] = {}
    for one in cohorts:
        for name, reading in one.indicators.items():
            told.setdefault(name, []).append((one.cohort, judged(reading, spread=spread)))
    return told


def _small_gain(cohorts: Sequence[CohortFigures]) -> list[Finding]:
    known = [(one.cohort, one.understanding) for one in cohorts if one.understanding is not None]
    if not known:
        return []
    cohort, gain = known[-1]
    probability = gain.below(SMALLEST_GAIN)
    if probability <= CHANGE_FROM:
        return []
    numbers = (gain.mean, gain.low, gain.high, probability, SMALLEST_GAIN)
    return [Finding(UNDERSTANDING, (cohort,), (Because.small_gain,), *numbers)]


def _stalled(cohorts: Sequence[CohortFigures]) -> list[Finding]:
    known = [(one.cohort, one.vitality) for one in cohorts if one.vitality is not None]
    stalled = [(cohort, vitality.value) for cohort, vitality in known if vitality.status is Status.stalled]
    if len(stalled) < SEVERAL:
        return []
    mean = sum(value for _, value in stalled) / len(stalled)
    names = tuple(cohort for cohort, _ in stalled)
    return [Finding(VITALITY, names, (Because.stalled_twice,), mean, None, None, None, FADING_FROM)]


def _finding(name: str, cohorts: tuple[str, ...], because: tuple[Because, ...], one: Judged) -> Finding:
    return Finding(name, cohorts, because, one.estimate, one.low, one.high, one.probability, THRESHOLD)
