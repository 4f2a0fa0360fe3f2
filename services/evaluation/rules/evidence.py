"""What published figures say about a revision of a programme, and about one revision beside another.

Nothing here sees an answer: whoever has the releases can reckon all of it again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt

from scipy.special import stdtrit

from services.evaluation.model import Release
from services.evaluation.statistics import (
    Belief,
    CohortFigures,
    CohortMean,
    Reading,
    Verdict,
    Vitality,
    compare,
    judge,
    pool,
    spread_between_people,
)
from shared.events.evaluation import Figure

GAIN, VITALITY, RETENTION = "UM.change", "NV.vitality", "NV.retention"
GAIN_AT = "T3"
"""The wave of the primary outcome: half a year after the programme."""

REACTION, TRANSFER = "RX.", "TR"
REACTION_AT = "T1"

ENOUGH_COHORTS = 2
"""So many cohorts of each revision before the two are compared: with one of each, the interval is as wide as what one
believed before (docs/recommendations.md tells the widths)."""


_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Compared:
    """An indicator since a revision beside what it was before, in points, with the 95 % interval of the difference."""

    indicator: str
    earlier: int
    later: int
    """How many cohorts there are of each."""
    gain: float
    low: float
    high: float


def verdict(releases: Sequence[Release], ends: Mapping[str, datetime]) -> Verdict:
    """What the change rule says of a revision's releases; `ends` is when each cohort's last session ended."""
    told = _by_cohort(releases, ends)
    readings = [_readings(figures) for figures in told.values()]
    beliefs = _gains(told)
    cohorts = [
        CohortFigures(
            cohort, {name: Reading(one.value, one.n) for name, one in seen.items()}, beliefs.get(cohort), life
        )
        for (cohort, figures), seen in zip(told.items(), readings, strict=True)
        for life in [_vitality(figures)]
    ]
    return judge(cohorts, spread=_spread(readings))


def rests_on(found: Iterable[tuple[str, Sequence[str]]], releases: Sequence[Release]) -> tuple[str, ...]:
    """Ids of the releases that told these indicators of these cohorts, in order."""
    wanted = [(indicator, cohort) for indicator, cohorts in found for cohort in cohorts]
    told = {
        one.id
        for one in releases
        for indicator, cohort in wanted
        if one.cohort_id == cohort and any(_counts(figure, indicator) for figure in one.figures)
    }
    return tuple(sorted(told))


def compared(releases: Sequence[Release], indicator: str, *, revision: int, since: int) -> Compared | None:
    """How an indicator is in revisions from `since` on, beside those from `revision` until then.

    None until there are `ENOUGH_COHORTS` of each, and for figures whose spread is not told.
    """
    before = _means(releases, indicator, range(revision, since))
    after = _means([one for one in releases if one.revision >= since], indicator, None)
    if min(len(before), len(after)) < ENOUGH_COHORTS:
        return None
    told = compare(before, after)
    if told is None:
        return None
    return Compared(indicator, len(before), len(after), told.gain.mean, told.gain.low, told.gain.high)


def sd_of(figure: Figure) -> float | None:
    """The SD between people behind a mean, as it was published or else from its interval.

    Half the width of a t interval is t(.975, n − 1) · SD / √n; one that was cut off at an end of the scale is whole on
    its other side.
    """
    if figure.sd is not None:
        return figure.sd
    if figure.low is None or figure.high is None or figure.n < 2:
        return None
    half = max(figure.high - figure.value, figure.value - figure.low)
    return half * sqrt(figure.n) / float(stdtrit(figure.n - 1, 0.975))


def _by_cohort(releases: Sequence[Release], ends: Mapping[str, datetime]) -> dict[str, list[Figure]]:
    """Each cohort's figures, wave after wave, in the order in which the cohorts ended."""
    cohorts = sorted({one.cohort_id for one in releases}, key=lambda cohort: (ends.get(cohort, _LAST), cohort))
    return {
        cohort: sorted(
            (figure for one in releases if one.cohort_id == cohort for figure in one.figures), key=lambda f: f.wave
        )
        for cohort in cohorts
    }


def _counts(figure: Figure, indicator: str) -> bool:
    """Whether it is a figure that the rule looks at for this indicator."""
    if figure.indicator != indicator:
        return False
    if indicator.startswith(REACTION):
        return figure.wave == REACTION_AT
    return indicator in (TRANSFER, VITALITY) or (indicator == GAIN and figure.wave == GAIN_AT)


def _readings(figures: Sequence[Figure]) -> dict[str, Figure]:
    """The levels that are judged; of an indicator that was told twice, the later wave's."""
    return {
        one.indicator: one
        for one in figures
        if (one.indicator.startswith(REACTION) or one.indicator == TRANSFER) and _counts(one, one.indicator)
    }


def _gains(told: Mapping[str, Sequence[Figure]]) -> dict[str, Belief]:
    """Each cohort's change of understanding half a year later, drawn towards the others'."""
    means = {
        cohort: CohortMean(one.n, one.value, sd_of(one) or 0.0)
        for cohort, figures in told.items()
        for one in figures
        if _counts(one, GAIN)
    }
    pooled = pool(list(means.values())) if means else None
    return dict(zip(means, pooled.cohorts, strict=True)) if pooled else {}


def _vitality(figures: Sequence[Figure]) -> Vitality | None:
    """How alive the network is, by the last wave that told it."""
    known = {one.indicator: one.value for one in figures}
    return Vitality(known[VITALITY], min(1.0, known.get(RETENTION, 100.0) / 100)) if VITALITY in known else None


def _spread(readings: Sequence[Mapping[str, Figure]]) -> float:
    """The SD between people to judge by: that of our own answers once there are enough of them."""
    known = [(one.n, sd) for seen in readings for one in seen.values() if (sd := sd_of(one)) is not None]
    freedom = sum(n - 1 for n, _ in known)
    own = sqrt(sum((n - 1) * sd**2 for n, sd in known) / freedom) if freedom else None
    return spread_between_people(own, sum(max((one.n for one in seen.values()), default=0) for seen in readings))


def _means(releases: Sequence[Release], indicator: str, revisions: range | None) -> list[CohortMean]:
    """Each cohort's last figure for an indicator, in the revisions named or in all."""
    latest = {
        one.cohort_id: figure
        for one in sorted(releases, key=lambda each: each.id)
        if revisions is None or one.revision in revisions
        for figure in one.figures
        if _counts(figure, indicator)
    }
    if indicator == VITALITY:
        return []
    known = [(one, sd_of(one)) for one in latest.values()]
    assumed = None if indicator == GAIN else spread_between_people(None, 0)
    spreads = [(one, sd if sd is not None else assumed) for one, sd in known]
    return [CohortMean(one.n, one.value, sd) for one, sd in spreads if sd is not None]
