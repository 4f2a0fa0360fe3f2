"""The indices and the paired change, against figures that others have published or computed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.statistics import item_index, mean_with_interval, movement, paired_change, person_score

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


def test_paired_change_agrees_with_the_likert_vector() -> None:
    result = paired_change(LIKERT_BEFORE, LIKERT_AFTER)
    assert result.change.mean == 7.8125
    assert result.change.sd == pytest.approx(7.113627, abs=5e-7)
    assert result.t == pytest.approx(3.804430, abs=5e-7)
    assert result.change.low == pytest.approx(3.292717, abs=5e-7)
    assert result.change.high == pytest.approx(12.332283, abs=5e-7)


def test_paired_change_agrees_with_a_published_t_of_five_pairs() -> None:
    result = paired_change([110, 122, 101, 120, 140], [150, 160, 110, 140, 155])  # effsize, issue 49
    assert result.t == pytest.approx(3.92427, abs=5e-6)
    assert result.change.mean / result.change.sd == pytest.approx(1.754987, abs=5e-7)


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
    assert (result.change.low, result.change.high, result.t) == (None, None, None)
    assert result.change.no_spread


def test_one_value_has_no_interval_but_that_is_not_no_spread() -> None:
    alone = mean_with_interval([40.0])
    assert (alone.low, alone.no_spread) == (None, False)


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="at least one"):
        mean_with_interval([])


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
