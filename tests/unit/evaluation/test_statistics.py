"""The indices and the paired change, against figures that others have published or computed."""

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp, ttest_ind, wilcoxon

from services.evaluation.statistics import (
    Ratings,
    behaviour_change,
    item_index,
    mean_with_interval,
    movement,
    paired_change,
    person_score,
    response_rate,
    sign_flip_p,
    signed_ranks,
    worst_case_change,
)
from services.evaluation.statistics.change import EXACT_UP_TO

SLEEP_BEFORE = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2]
SLEEP_AFTER = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
"""Student's sleep data (1908), as in R's `t.test(extra ~ group, data = sleep, paired = TRUE)`."""

LIKERT_BEFORE = [50, 56.25, 43.75, 62.5, 50, 68.75, 37.5, 56.25, 50, 62.5, 43.75, 56.25]
LIKERT_AFTER = [62.5, 62.5, 56.25, 62.5, 68.75, 75, 50, 56.25, 56.25, 75, 56.25, 50]

scores = st.lists(st.integers(0, 20).map(lambda step: step * 5.0), min_size=1, max_size=20)


def test_an_item_index_agrees_with_the_published_example() -> None:
    answers = [1] * 3 + [2] * 4 + [4] * 5 + [5] * 7  # brilliantfuture.se, how the results are calculated
    assert item_index(answers) == pytest.approx(61.8421, abs=5e-5)


def test_an_item_that_nobody_answered_has_no_index() -> None:
    assert item_index([None, None]) is None


def test_who_does_not_know_is_left_out_of_an_index() -> None:
    assert item_index([5, None, 4, None]) == 87.5


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ([5, 4, 3, None, None], 75.0),
        ([5, 4, None, None, None], None),
        ([3, None], 50.0),
        ([None, None], None),
        ([5, 4, 3], 75.0),  # COPSOQ: very large, large, somewhat
    ],
)
def test_a_person_needs_half_of_the_items_for_a_score(answers: list[int | None], score: float | None) -> None:
    assert person_score(answers) == score


def test_paired_change_agrees_with_r_on_students_sleep_data() -> None:
    result = paired_change(SLEEP_BEFORE, SLEEP_AFTER)
    assert result.change.mean == pytest.approx(1.58)
    assert result.t == pytest.approx(4.0621, abs=5e-5)
    assert result.change.low == pytest.approx(0.7001142, abs=5e-8)
    assert result.change.high == pytest.approx(2.4598858, abs=5e-8)
    assert result.p == pytest.approx(0.002833, abs=5e-7)


def test_paired_change_agrees_with_the_likert_vector() -> None:
    result = paired_change(LIKERT_BEFORE, LIKERT_AFTER)
    assert result.change.mean == 7.8125
    assert result.change.sd == pytest.approx(7.113627, abs=5e-7)
    assert result.t == pytest.approx(3.804430, abs=5e-7)
    assert result.change.low == pytest.approx(3.292717, abs=5e-7)
    assert result.change.high == pytest.approx(12.332283, abs=5e-7)
    assert result.p == pytest.approx(0.00292079, abs=5e-9)


def test_paired_change_agrees_with_a_published_t_of_five_pairs() -> None:
    result = paired_change([110, 122, 101, 120, 140], [150, 160, 110, 140, 155])  # effsize, issue 49
    assert result.t == pytest.approx(3.92427, abs=5e-6)
    assert result.change.mean / result.change.sd == pytest.approx(1.754987, abs=5e-7)
    assert result.p == pytest.approx(0.0171857, abs=5e-8)


def test_people_taken_as_two_groups_would_hide_the_change_that_their_pairs_show() -> None:
    unpaired = ttest_ind(SLEEP_AFTER, SLEEP_BEFORE, equal_var=False)
    interval = unpaired.confidence_interval()
    assert unpaired.pvalue == pytest.approx(0.07939, abs=5e-6)
    assert (interval.low, interval.high) == pytest.approx((-0.2054832, 3.3654832), abs=5e-8)
    paired = paired_change(SLEEP_BEFORE, SLEEP_AFTER).change
    assert paired.low is not None
    assert paired.low > 0 > interval.low


def test_sign_flips_agree_with_the_counts_of_all_patterns() -> None:
    assert sign_flip_p(SLEEP_BEFORE, SLEEP_AFTER) == 4 / 1024
    assert sign_flip_p(LIKERT_BEFORE, LIKERT_AFTER) == 40 / 4096
    assert sign_flip_p([0, 0, 0], [1, 2, 3]) == 2 / 8


def test_sign_flips_agree_with_fishers_count_on_darwins_plants() -> None:
    # Fisher 1935, § 21: of 2^15 patterns 1726 have a sum as far from zero as the differences of Darwin's fifteen pairs
    moves = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    assert sign_flip_p([0] * 15, moves) * 2**15 == 1726


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("step", [1.0, 12.5])
def test_sign_flips_agree_with_every_pattern_written_out(seed: int, step: float) -> None:
    rng = np.random.default_rng(seed)
    moves = np.round(rng.normal(6, 15, 9) / step) * step
    patterns = np.array(list(itertools.product((-1, 1), repeat=9)))
    reached = np.abs(patterns @ moves) >= abs(moves.sum()) - 1e-9
    assert sign_flip_p([0] * 9, moves.tolist()) == pytest.approx(reached.mean(), abs=1e-15)


def test_beyond_exact_counts_the_normal_limit_stands_in_close_by() -> None:
    rng = np.random.default_rng(7)
    for effect in (0.0, 0.2, 0.4, 0.6):
        moves = np.round(rng.normal(effect, 1, EXACT_UP_TO) * 4) * 6.25
        moves[moves == 0] = 6.25
        exact = sign_flip_p([0] * EXACT_UP_TO, moves.tolist())
        limit = sign_flip_p([0] * (EXACT_UP_TO + 1), [*moves.tolist(), 1e-6])
        assert limit == pytest.approx(exact, abs=0.05)


def test_three_hundred_changes_are_judged_at_once_and_the_same_every_time() -> None:
    moves = np.random.default_rng(1).normal(2, 15, 300).tolist()
    assert sign_flip_p([0] * 300, moves) == sign_flip_p([0] * 300, moves)
    assert sign_flip_p([0] * 300, moves) == pytest.approx(ttest_1samp(moves, 0).pvalue, abs=2e-3)


def test_where_nobody_moved_every_pattern_of_signs_is_the_same() -> None:
    assert sign_flip_p([50, 60], [50, 60]) == 1
    assert sign_flip_p([50, 60], [55, 55]) == 1
    with pytest.raises(ValueError, match="at least one pair"):
        sign_flip_p([], [])


def test_ranks_of_rises_and_falls_agree_with_the_likert_vector() -> None:
    ranks = signed_ranks(LIKERT_BEFORE, LIKERT_AFTER)
    assert (ranks.plus, ranks.minus) == (52.5, 2.5)
    assert ranks.rank_biserial == pytest.approx(0.909091, abs=5e-7)


def test_ranks_agree_with_scipy_on_students_sleep_data() -> None:
    ranks = signed_ranks(SLEEP_BEFORE, SLEEP_AFTER)
    assert min(ranks.plus, ranks.minus) == wilcoxon(SLEEP_AFTER, SLEEP_BEFORE, method="approx").statistic


def test_where_nobody_moved_there_is_no_rank() -> None:
    assert signed_ranks([50.0], [50.0]).rank_biserial is None
    assert signed_ranks([], []).rank_biserial is None


def test_each_manager_counts_once_however_many_employees_she_has() -> None:
    small = Ratings([50.0] * 5, [60.0] * 5)
    large = Ratings([50.0] * 40, [50.0] * 30)
    known = behaviour_change([small, large])
    assert known is not None
    assert (known.before, known.after, known.change.n) == (50, 55, 2)


def test_a_manager_with_four_raters_in_one_wave_is_left_out() -> None:
    assert behaviour_change([Ratings([50.0] * 4, [60.0] * 9)]) is None
    assert behaviour_change([]) is None


def test_who_could_not_answer_does_not_lower_the_response_rate() -> None:
    assert response_rate(completed=9, invited=14, undeliverable=1, withdrawn=1) == 0.75
    assert response_rate(completed=0, invited=2, undeliverable=2) is None


@pytest.mark.parametrize("numbers", [(10, 9, 0, 0), (9, 10, 2, 0), (-1, 9, 0, 0), (0, 1, 1, 1)])
def test_a_response_rate_of_numbers_that_do_not_belong_together_is_refused(numbers: tuple[int, int, int, int]) -> None:
    completed, invited, undeliverable, withdrawn = numbers
    with pytest.raises(ValueError, match="not of the same wave"):
        response_rate(completed=completed, invited=invited, undeliverable=undeliverable, withdrawn=withdrawn)


def test_the_worst_case_takes_everybody_else_for_unchanged() -> None:
    assert worst_case_change(7.8125, pairs=12, asked=15) == pytest.approx(6.25)
    assert worst_case_change(7.8125, pairs=12, asked=12) == 7.8125
    assert worst_case_change(-4, pairs=0, asked=9) == 0


@pytest.mark.parametrize(("pairs", "asked"), [(3, 2), (0, 0), (-1, 2)])
def test_a_worst_case_of_more_pairs_than_people_is_refused(pairs: int, asked: int) -> None:
    with pytest.raises(ValueError, match="same cohort"):
        worst_case_change(5.0, pairs=pairs, asked=asked)


def test_movement_counts_those_who_rose_stayed_and_fell() -> None:
    moved = movement(LIKERT_BEFORE, LIKERT_AFTER)
    assert (moved.improved, moved.unchanged, moved.worse) == (9, 2, 1)


def test_a_move_of_exactly_the_threshold_counts_in_spite_of_rounding() -> None:
    third = 100 / 3
    moved = movement([third, third + 5, third], [third + 5, third, third + 4.99])
    assert (moved.improved, moved.unchanged, moved.worse) == (1, 1, 1)


def test_equal_changes_have_no_interval_and_no_t() -> None:
    result = paired_change([50, 60, 70], [58.1, 68.1, 78.1])
    assert result.change.mean == pytest.approx(8.1)
    assert (result.change.low, result.change.high, result.t, result.p) == (None, None, None, None)
    assert result.change.no_spread


def test_values_that_differ_by_rounding_only_have_no_spread() -> None:
    assert mean_with_interval([0.1 + 0.2 - 0.3, 0.0]).no_spread
    assert paired_change([0.1, 0.0], [0.3 - 0.2, 0.0]).t is None


def test_one_value_has_no_interval_but_that_is_not_no_spread() -> None:
    alone = mean_with_interval([40.0])
    assert (alone.low, alone.no_spread) == (None, False)


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="at least one"):
        mean_with_interval([])


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_score_that_is_no_number_is_refused_rather_than_carried_on(wrong: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        paired_change([50.0, 60.0], [55.0, wrong])


def test_a_change_needs_as_many_before_as_after() -> None:
    with pytest.raises(ValueError, match="one score before and one after"):
        paired_change([1.0, 2.0], [1.0])


@given(scores)
def test_an_interval_is_always_finite_and_around_its_mean(values: list[float]) -> None:
    result = mean_with_interval(values)
    if result.low is None or result.high is None:
        assert len(set(values)) == 1
    else:
        assert math.isfinite(result.low)
        assert result.low < result.mean < result.high


@given(scores)
def test_everybody_is_in_exactly_one_group_of_movement(before: list[float]) -> None:
    after = list(reversed(before))
    moved = movement(before, after)
    assert moved.improved + moved.unchanged + moved.worse == len(before)


pairs = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=14)
"""Scores before and after, in steps of five points."""


def _changes(pairs: list[tuple[int, int]], *, plus: float = 0.0, times: float = 5.0) -> tuple[list[float], list[float]]:
    return [plus + times * early for early, _ in pairs], [plus + times * late for _, late in pairs]


@given(pairs, st.integers(-40, 40))
def test_moving_both_waves_by_as_much_moves_no_figure_of_change(pairs: list[tuple[int, int]], plus: int) -> None:
    here, there = _changes(pairs), _changes(pairs, plus=plus)
    assert paired_change(*there).change == paired_change(*here).change
    assert sign_flip_p(*there) == sign_flip_p(*here)
    assert signed_ranks(*there) == signed_ranks(*here)
    assert movement(*there) == movement(*here)


@given(pairs, st.sampled_from([0.01, 0.2, 20.0]))
def test_another_unit_scales_the_interval_and_leaves_probabilities(pairs: list[tuple[int, int]], times: float) -> None:
    here, there = paired_change(*_changes(pairs)), paired_change(*_changes(pairs, times=5 * times))
    assert there.change.mean == pytest.approx(times * here.change.mean)
    assert (there.t is None) == (here.t is None)
    if here.t is not None and there.t is not None:
        assert there.t == pytest.approx(here.t)
        assert there.p == pytest.approx(here.p)
    assert sign_flip_p(*_changes(pairs, times=5 * times)) == sign_flip_p(*_changes(pairs))
    assert signed_ranks(*_changes(pairs, times=5 * times)) == signed_ranks(*_changes(pairs))


@given(pairs)
def test_before_and_after_exchanged_turn_the_change_around(pairs: list[tuple[int, int]]) -> None:
    before, after = _changes(pairs)
    there, back = paired_change(before, after), paired_change(after, before)
    assert back.change.mean == -there.change.mean
    assert back.p == there.p
    assert sign_flip_p(after, before) == sign_flip_p(before, after)
    assert (signed_ranks(after, before).plus, signed_ranks(after, before).minus) == (
        signed_ranks(before, after).minus,
        signed_ranks(before, after).plus,
    )


@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_people_changes_no_figure(pairs: list[tuple[int, int]], lot: random.Random) -> None:
    here, mixed = _changes(pairs), _changes(lot.sample(pairs, len(pairs)))
    assert paired_change(*mixed).change.mean == pytest.approx(paired_change(*here).change.mean)
    assert sign_flip_p(*mixed) == sign_flip_p(*here)
    assert signed_ranks(*mixed) == signed_ranks(*here)


@given(pairs)
def test_a_probability_of_sign_flips_counts_at_least_the_pattern_seen_and_its_mirror(
    pairs: list[tuple[int, int]],
) -> None:
    assert 2 / 2 ** len(pairs) <= sign_flip_p(*_changes(pairs)) <= 1
