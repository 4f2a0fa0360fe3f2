"""Cohorts together, against Efron and Morris, an integration of another kind, and the truth of simulated programmes."""

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.statistics import CohortMean, compare, given_between, pool, shrink, within_variances

BATTING = [0.400, 0.378, 0.356, 0.333, 0.311, 0.311, 0.289, 0.267, 0.244, 0.244, *[0.222] * 5, 0.200, 0.178, 0.156]
"""Hits in the first 45 times at bat of eighteen players (Efron and Morris 1977)."""

REST_OF_SEASON = [
    *(0.346, 0.298, 0.276, 0.222, 0.273, 0.270, 0.263, 0.210, 0.269),
    *(0.230, 0.264, 0.256, 0.303, 0.264, 0.226, 0.285, 0.316, 0.200),
]

COACHED = [28, 8, -3, 7, -1, 1, 18, 12]
COACHED_SD = [15, 10, 16, 11, 9, 11, 10, 18]
"""Eight schools (Rubin 1981)."""


def test_eighteen_players_are_drawn_together_as_by_efron_and_morris() -> None:
    mean = float(np.mean(BATTING))
    assert mean == pytest.approx(0.265389, abs=5e-7)
    variance = mean * (1 - mean) / 45
    c = 1 - 15 * variance / sum((hits - mean) ** 2 for hits in BATTING)  # James and Stein's estimate of 1 − B
    assert c == pytest.approx(0.212391, abs=5e-7)
    drawn = given_between(BATTING, [variance] * 18, np.array([sqrt(variance * c / (1 - c))])).means[0]
    assert drawn[0] == pytest.approx(0.294, abs=5e-4)  # Clemente
    squares = [sum((np.array(guess) - REST_OF_SEASON) ** 2) for guess in (BATTING, drawn)]
    assert squares == pytest.approx([0.0754, 0.0213], abs=5e-5)


@pytest.mark.parametrize(
    ("means", "variances", "scale", "mean_sd"),
    [
        (COACHED, [sd**2 for sd in COACHED_SD], 8.0, inf),
        (COACHED, [sd**2 for sd in COACHED_SD], 25.0, 15.0),
        ([3, 9, 12], [16, 20, 9], 8.0, 15.0),
        ([5], [9], 8.0, 15.0),
        ([2, 2.1, 8], [0.02] * 3, 8.0, inf),
    ],
)
def test_pooling_agrees_with_an_integration_over_both_unknowns(
    means: list[float], variances: list[float], scale: float, mean_sd: float
) -> None:
    told = shrink(means, variances, between=scale, mean_sd=mean_sd)
    centre, between, thetas = _over_both(means, variances, scale, mean_sd)
    assert (told.mean.mean, told.mean.sd) == pytest.approx(centre, abs=1e-3)
    assert told.between == pytest.approx(between, abs=1e-3)
    for theta, known in zip(told.cohorts, thetas, strict=True):
        assert (theta.mean, theta.sd) == pytest.approx(known, abs=1e-3)


def test_eight_schools_are_drawn_together_about_as_in_the_textbook() -> None:
    told = shrink(COACHED, [sd**2 for sd in COACHED_SD], between=25)  # Gelman et al. have τ uniform: medians 10 and 8
    assert told.cohorts[0].quantile(0.5) == pytest.approx(10, abs=0.6)
    assert told.mean.mean == pytest.approx(8, abs=0.6)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(11)
    held = []
    for _ in range(300):
        effect, between = rng.normal(0, 15), abs(rng.normal(0, 8))
        truths = rng.normal(effect, between, 5)
        errors = 15 / np.sqrt(rng.integers(6, 16, 5))
        told = shrink(rng.normal(truths, errors).tolist(), (errors**2).tolist(), mean_sd=15)
        held += [0.025 < one.below(truth) < 0.975 for one, truth in zip(told.cohorts, truths, strict=True)]
        held.append(0.025 < told.mean.below(effect) < 0.975)
    assert np.mean(held) == pytest.approx(0.95, abs=3 * sqrt(0.05 * 0.95 / 300))


def test_what_is_published_of_a_cohort_errs_less_when_drawn_to_the_others() -> None:
    rng = np.random.default_rng(5)
    raw, drawn = [], []
    for _ in range(200):
        truths = rng.normal(8, 4, 6)
        seen = rng.normal(truths, 5)
        told = shrink(seen.tolist(), [25.0] * 6)
        raw.append(np.mean((seen - truths) ** 2))
        drawn.append(np.mean([(one.mean - truth) ** 2 for one, truth in zip(told.cohorts, truths, strict=True)]))
    assert np.mean(drawn) < 0.75 * np.mean(raw)


def test_one_cohort_is_what_it_is_when_nothing_is_assumed_of_the_programme() -> None:
    told = shrink([7.0], [9.0])
    theta = told.cohorts[0]
    assert (theta.mean, theta.sd) == pytest.approx((7, 3))
    assert (theta.low, theta.high) == pytest.approx((7 - 1.959964 * 3, 7 + 1.959964 * 3), abs=1e-5)
    assert theta.below(7) == pytest.approx(0.5)
    assert told.mean.sd == pytest.approx(sqrt(9 + 64), rel=1e-3)


def test_a_programme_that_is_believed_to_change_little_is_drawn_to_nothing() -> None:
    assert 0 < shrink([10.0], [25.0], mean_sd=15).cohorts[0].mean < 10


def test_the_spread_of_people_is_pooled_by_degrees_of_freedom() -> None:
    variances = within_variances([CohortMean(9, 5, 10), CohortMean(5, 8, 16), CohortMean(1, 3, 0)])
    whole = (8 * 10**2 + 4 * 16**2) / 12
    assert variances == pytest.approx([whole / 9, whole / 5, whole])


@pytest.mark.parametrize("cohorts", [[], [CohortMean(1, 5, 0)], [CohortMean(8, 5, 0), CohortMean(9, 4, 0)]])
def test_where_nothing_tells_how_much_people_differ_cohorts_are_not_pooled(cohorts: list[CohortMean]) -> None:
    assert within_variances(cohorts) is None
    assert pool(cohorts) is None


@pytest.mark.parametrize("cohort", [CohortMean(0, 5, 3), CohortMean(8, 5, -1)])
def test_a_cohort_of_nobody_is_refused(cohort: CohortMean) -> None:
    with pytest.raises(ValueError, match="somebody in it"):
        pool([cohort])


@pytest.mark.parametrize(
    ("means", "variances"), [([], []), ([1.0], [0.0]), ([1.0], [1.0, 2.0]), ([float("nan")], [1.0])]
)
def test_means_without_their_uncertainty_are_refused(means: list[float], variances: list[float]) -> None:
    with pytest.raises(ValueError, match=r"above zero|finite"):
        shrink(means, variances)


@pytest.mark.parametrize("scale", [0.0, -1.0, inf])
def test_a_prior_without_a_scale_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="scale above zero"):
        shrink([1.0], [1.0], between=scale)


def test_a_true_effect_is_recovered_from_what_six_releases_tell() -> None:
    rng = np.random.default_rng(3)
    people = [rng.normal(8, 15, 11) for _ in range(6)]
    told = pool([CohortMean(len(one), float(one.mean()), float(one.std(ddof=1))) for one in people])
    assert told is not None
    assert told.mean.low < 8 < told.mean.high
    assert told.mean.below(0) < 0.025


OLD = [CohortMean(10, 4, 14), CohortMean(12, 6, 15), CohortMean(9, 2, 16)]
NEW = [CohortMean(11, 13, 15), CohortMean(10, 15, 13)]


def test_a_better_revision_is_told_with_the_probability_that_it_is() -> None:
    told = compare(OLD, NEW)
    assert told is not None
    assert told.gain.mean == pytest.approx(told.later.mean - told.earlier.mean)
    assert 0.9 < told.probability_better < 1
    assert told.gain.low < told.gain.mean < told.gain.high


def test_one_cohort_of_each_revision_leaves_open_how_much_cohorts_differ() -> None:
    told = compare([CohortMean(9, 4, 15)], [CohortMean(9, 10, 15)])
    assert told is not None
    assert told.gain.mean == pytest.approx(6)
    assert told.gain.sd == pytest.approx(sqrt(2 * 15**2 / 9 + 2 * 8**2), rel=1e-3)


def test_a_revision_compared_with_itself_is_as_likely_better_as_worse() -> None:
    told = compare(OLD, OLD)
    assert told is not None
    assert told.probability_better == pytest.approx(0.5)


def test_revisions_exchanged_turn_the_gain_around() -> None:
    there, back = compare(OLD, NEW), compare(NEW, OLD)
    assert there is not None
    assert back is not None
    assert back.gain.mean == pytest.approx(-there.gain.mean)
    assert back.probability_better == pytest.approx(1 - there.probability_better)


def test_a_revision_without_cohorts_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="each revision"):
        compare(OLD, [])
    assert compare([CohortMean(8, 5, 0)], [CohortMean(8, 6, 0)]) is None


cohorts = st.lists(
    st.tuples(st.integers(2, 20), st.integers(-60, 60), st.integers(1, 30)).map(lambda t: CohortMean(*t)),
    min_size=1,
    max_size=8,
)


@given(cohorts, st.floats(-30, 30))
def test_moving_all_cohorts_moves_all_that_is_known_of_them(known: list[CohortMean], plus: float) -> None:
    here, there = pool(known), pool([CohortMean(one.n, one.mean + plus, one.sd) for one in known])
    assert here is not None
    assert there is not None
    assert there.mean.mean == pytest.approx(here.mean.mean + plus, abs=1e-6)
    assert there.between == pytest.approx(here.between, abs=1e-6)
    assert there.cohorts[0].below(5 + plus) == pytest.approx(here.cohorts[0].below(5), abs=1e-6)


@given(cohorts, st.sampled_from([0.01, 3.0]))
def test_another_unit_scales_what_is_known_of_cohorts(known: list[CohortMean], times: float) -> None:
    here = pool(known)
    there = pool([CohortMean(one.n, one.mean * times, one.sd * times) for one in known], between=8 * times)
    assert here is not None
    assert there is not None
    assert there.mean.high == pytest.approx(here.mean.high * times, abs=1e-6)
    assert there.cohorts[-1].sd == pytest.approx(here.cohorts[-1].sd * times, abs=1e-6)


@given(cohorts)
def test_the_order_of_cohorts_changes_nothing_that_is_known_of_them(known: list[CohortMean]) -> None:
    here, there = pool(known), pool(known[::-1])
    assert here is not None
    assert there is not None
    assert there.mean.low == pytest.approx(here.mean.low, abs=1e-6)
    assert [one.mean for one in there.cohorts[::-1]] == pytest.approx([one.mean for one in here.cohorts], abs=1e-6)


@given(cohorts)
def test_what_is_known_of_a_cohort_lies_among_the_cohorts(known: list[CohortMean]) -> None:
    told = pool(known)
    assert told is not None
    low, high = min(one.mean for one in known), max(one.mean for one in known)
    for one in told.cohorts:
        assert low - 1e-6 <= one.mean <= high + 1e-6
        assert one.low < one.mean < one.high
        assert 0 <= one.below(5.0) <= one.below(6.0) <= 1


def _over_both(
    means: list[float], variances: list[float], scale: float, mean_sd: float
) -> tuple[tuple[float, float], float, list[tuple[float, float]]]:
    """The model once more: a plane of μ and τ instead of closed forms."""
    tau = ((np.arange(1500) + 0.5) * scale * 7 / 1500)[:, None]
    centre = np.linspace(min(means) - 80, max(means) + 80, 2001)
    log_weight = -((tau / scale) ** 2) / 2 - (0 if mean_sd == inf else centre**2 / 2 / mean_sd**2)
    for mean, variance in zip(means, variances, strict=True):
        both = variance + tau**2
        log_weight = log_weight - np.log(both) / 2 - (mean - centre) ** 2 / both / 2
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    thetas = []
    for mean, variance in zip(means, variances, strict=True):
        left = 1 / (1 / variance + 1 / tau**2)
        theta = left * (mean / variance + centre / tau**2)
        expected = float((weight * theta).sum())
        thetas.append((expected, sqrt(float((weight * (left + theta**2)).sum()) - expected**2)))
    of_centre = float((weight * centre).sum())
    return (
        (of_centre, sqrt(float((weight * centre**2).sum()) - of_centre**2)),
        float((weight * tau).sum()),
        thetas,
    )
