"""Standardised effects, against those that R's packages publish."""

from math import hypot, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit
from statsmodels.stats.meta_analysis import combine_effects

from services.evaluation.statistics import (
    Effect,
    against_waiting_list,
    approximate_correction,
    correction,
    effect_sizes,
    standardised_change,
)
from tests.unit.evaluation.test_statistics import LIKERT_AFTER, LIKERT_BEFORE, SLEEP_AFTER, SLEEP_BEFORE

R = (0.47, 0.64, 0.77, 0.89, 0.44)
TRAINED = (
    (20, 30.6, 38.5, 15.0, 11.6, 0.5056, 0.0594),
    (50, 23.5, 26.8, 3.1, 4.1, 1.0481, 0.0254),
    (9, 0.5, 0.7, 0.1, 0.1, 1.8054, 0.2322),
    (10, 53.4, 75.9, 14.5, 4.4, 1.4181, 0.1225),
    (14, 35.6, 36.0, 4.7, 4.6, 0.0801, 0.0802),
)
WAITED = (
    (20, 23.1, 19.7, 13.8, 14.8, -0.2365, 0.0544),
    (42, 24.9, 25.3, 4.1, 3.3, 0.0958, 0.0173),
    (9, 0.6, 0.6, 0.2, 0.2, 0.0000, 0.0511),
    (11, 55.7, 60.7, 17.3, 17.9, 0.2667, 0.0232),
    (14, 34.8, 33.4, 3.1, 6.9, -0.4250, 0.0864),
)
"""Five training studies (Morris 2008): n, means before and after, SDs before and after; metafor's g and variance."""


def _effects(group: tuple[tuple[float, ...], ...]) -> list[Effect]:
    told = [
        standardised_change(n=int(n), change=after - before, sd_before=sd, r=r)
        for (n, before, after, sd, *_), r in zip(group, R, strict=True)
    ]
    return [one for one in told if one is not None]


@pytest.mark.parametrize(
    ("df", "j"), [(4, 0.797885), (7, 0.888203), (9, 0.913875), (11, 0.929960), (16, 0.952254), (19, 0.959910)]
)
def test_the_correction_agrees_with_the_gamma_formula(df: int, j: float) -> None:
    assert correction(df) == pytest.approx(j, abs=5e-7)
    assert approximate_correction(df) == pytest.approx(j, abs=3e-3)


@pytest.mark.parametrize("df", [-1, 0, 1])
def test_two_people_have_no_correction(df: int) -> None:
    assert correction(df) is None
    assert approximate_correction(df) is None


def test_the_correction_of_a_large_group_is_none_and_does_not_overflow() -> None:
    assert correction(100_000) == pytest.approx(1, abs=1e-5)


def test_effects_agree_with_r_on_students_sleep_data() -> None:
    told = effect_sizes(SLEEP_BEFORE, SLEEP_AFTER)
    assert told.d_z == pytest.approx(1.2846, abs=5e-5)
    assert told.g_z == pytest.approx(1.173925, abs=5e-7)
    assert told.g_z_approximate == pytest.approx(1.174453, abs=5e-7)
    assert told.d_av == pytest.approx(0.8322, abs=5e-5)
    assert told.pre is not None
    assert told.pre.g == pytest.approx(0.8071, abs=5e-5)


def test_effects_agree_with_the_likert_vector() -> None:
    told = effect_sizes(LIKERT_BEFORE, LIKERT_AFTER)
    assert told.r == pytest.approx(0.671880, abs=5e-7)
    assert told.g_z == pytest.approx(1.021323, abs=5e-7)
    assert told.pre is not None
    assert told.pre.g == pytest.approx(0.803908, abs=1e-6)
    assert told.pre.variance == pytest.approx(0.0816146, abs=5e-8)


def test_two_programs_that_told_different_effects_of_five_pairs_divided_by_different_spreads() -> None:
    told = effect_sizes([110, 122, 101, 120, 140], [150, 160, 110, 140, 155])  # effsize, issue 49
    assert told.d_z == pytest.approx(1.754987, abs=5e-7)
    assert told.d_rm == pytest.approx(1.325, abs=5e-4)


def test_changes_over_the_spread_before_agree_with_metafors_twenty_figures() -> None:
    for group in (TRAINED, WAITED):
        for told, (*_, g, variance) in zip(_effects(group), group, strict=True):
            assert (told.g, told.variance) == pytest.approx((g, variance), abs=5.1e-5)


def test_changes_over_the_spread_of_changes_agree_with_metafor() -> None:
    published = ((0.5417, 1.0198, 2.6619, 1.9088, 0.0765), (-0.2213, 0.1219, 0.0000, 0.5575, -0.2126))
    for group, figures in zip((TRAINED, WAITED), published, strict=True):
        for (n, before, after, sd, later_sd, *_), r, g in zip(group, R, figures, strict=True):
            of_changes = sqrt(hypot(sd, later_sd) ** 2 - 2 * r * sd * later_sd)
            j = correction(int(n) - 1)
            assert j is not None
            assert j * (after - before) / of_changes == pytest.approx(g, abs=5.1e-5)


def test_what_a_programme_did_beyond_waiting_agrees_with_morris() -> None:
    told = [against_waiting_list(*both) for both in zip(_effects(TRAINED), _effects(WAITED), strict=True)]
    assert [round(one.g, 2) for one in told] == [0.74, 0.95, 1.81, 1.15, 0.51]  # his table 1
    assert [one.variance for one in told] == pytest.approx([0.1138, 0.0426, 0.2833, 0.1458, 0.1667], abs=5.1e-5)


def test_five_studies_taken_together_agree_with_other_programs() -> None:
    told = _effects(TRAINED)
    effects, variances = np.array([one.g for one in told]), np.array([one.variance for one in told])
    quick = combine_effects(effects, variances, method_re="dl").summary_frame().loc["random effect"]
    assert (quick["ci_low"], quick["ci_upp"]) == pytest.approx((0.396, 1.408), abs=5.1e-4)
    careful = combine_effects(effects, variances, method_re="iterated").summary_frame().loc["random effect wls"]
    half = stdtrit(4, 0.975) * careful["sd_eff"]  # Paule and Mandel's, by Hartung and Knapp
    assert (careful["eff"] - half, careful["eff"] + half) == pytest.approx((0.091, 1.740), abs=5.1e-4)


def test_without_spread_there_is_no_effect_by_it() -> None:
    level = effect_sizes([50, 50, 50], [55, 60, 65])
    assert (level.pre, level.d_rm, level.r) == (None, None, None)
    assert level.d_z == 2
    equal = effect_sizes([50, 60, 70], [55, 65, 75])
    assert (equal.d_z, equal.g_z, equal.d_rm) == (None, None, None)
    assert equal.pre is not None
    nobody_moves = effect_sizes([50, 50], [50, 50])
    assert (nobody_moves.d_av, nobody_moves.d_z, nobody_moves.pre) == (None, None, None)


def test_one_pair_has_no_effect_and_two_have_no_corrected_one() -> None:
    one = effect_sizes([50.0], [60.0])
    assert (one.d_z, one.d_av, one.pre) == (None, None, None)
    two = effect_sizes([50.0, 60.0], [60.0, 80.0])
    assert two.d_z is not None
    assert (two.g_z, two.pre) == (None, None)
    with pytest.raises(ValueError, match="at least one pair"):
        effect_sizes([], [])


@pytest.mark.parametrize("numbers", [(10, 1.0, 1.1), (10, -1.0, 0.5), (-1, 1.0, 0.5)])
def test_a_standardised_change_of_impossible_numbers_is_refused(numbers: tuple[int, float, float]) -> None:
    n, sd, r = numbers
    with pytest.raises(ValueError, match="correlation"):
        standardised_change(n=n, change=1.0, sd_before=sd, r=r)


scores = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=3, max_size=14)


@given(scores, st.integers(-20, 20), st.sampled_from([0.2, 5.0, 12.5]))
def test_effects_have_no_units(pairs: list[tuple[int, int]], plus: int, times: float) -> None:
    before, after = [float(early) for early, _ in pairs], [float(late) for _, late in pairs]
    here = effect_sizes(before, after)
    there = effect_sizes([plus + times * x for x in before], [plus + times * x for x in after])
    for name in ("d_z", "g_z", "d_av", "d_rm", "r"):
        one, other = getattr(here, name), getattr(there, name)
        assert (one is None) == (other is None)
        assert one is None or other == pytest.approx(one, rel=1e-6, abs=1e-7)
    assert (here.pre is None) == (there.pre is None)
    if here.pre and there.pre:
        assert (there.pre.g, there.pre.variance) == pytest.approx((here.pre.g, here.pre.variance), rel=1e-6, abs=1e-7)


@given(scores)
def test_what_a_release_tells_is_enough_for_the_effect(pairs: list[tuple[int, int]]) -> None:
    before, after = [float(early) for early, _ in pairs], [float(late) for _, late in pairs]
    told = effect_sizes(before, after)
    if told.r is not None:
        change = float(np.mean(after) - np.mean(before))
        again = standardised_change(n=len(pairs), change=change, sd_before=float(np.std(before, ddof=1)), r=told.r)
        assert told.pre is not None
        assert again is not None
        assert (again.g, again.variance) == pytest.approx((told.pre.g, told.pre.variance))
