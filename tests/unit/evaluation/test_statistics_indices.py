"""Indices, shares and how a scale holds together, against published figures and worked examples."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from services.evaluation import statistics
from services.evaluation.statistics import Recommendation

A = (5, 5, 5, 4, 4, 4, 3, 3, 3)
B = (1, None, None, 2, None, None, 3, None, None)
"""Two persons' answers to the nine questions of HME; the second left most of them out."""

answers = st.lists(st.one_of(st.none(), st.integers(1, 5)), max_size=30)
given_answers = st.lists(st.integers(1, 5), min_size=1, max_size=30)


def test_a_total_is_the_mean_of_questions_not_of_persons_nor_of_answers() -> None:
    by_item = list(zip(A, B, strict=True))
    indices = [statistics.item_index(item) for item in by_item]
    assert indices == [50, 100, 100, 50, 75, 75, 50, 50, 50]
    parts = [statistics.mean_of_indices(indices[start : start + 3]) for start in (0, 3, 6)]
    assert parts == [pytest.approx(83.33, abs=5e-3), pytest.approx(66.67, abs=5e-3), 50]
    assert statistics.scale_index(by_item) == pytest.approx(66.67, abs=5e-3)
    assert statistics.mean_of_indices(parts) == pytest.approx(66.67, abs=5e-3)


def test_the_total_that_a_municipality_published_is_the_mean_of_its_parts() -> None:
    assert statistics.mean_of_indices([82, 79, 84]) == pytest.approx(81.67, abs=5e-3)  # Enköping 2017: 82


def test_an_index_of_a_scale_needs_an_answer_to_each_of_its_questions() -> None:
    assert statistics.scale_index([[5, 4], [None, None]]) is None
    assert statistics.scale_index([]) is None


def test_copsoq_answers_from_a_very_large_to_a_very_small_extent_are_100_to_0() -> None:
    assert [statistics.points(answer, statistics.EXTENT) for answer in (1, 2, 3, 4, 5)] == [100, 75, 50, 25, 0]
    assert statistics.person_score([1, 2, 3], statistics.EXTENT) == 75


@pytest.mark.parametrize("wrong", [0, 6, -1])
def test_an_answer_that_is_not_on_the_scale_is_a_wrong_code_not_a_low_score(wrong: int) -> None:
    with pytest.raises(ValueError, match="not on the scale"):
        statistics.item_index([5, wrong])


def test_the_recommendation_index_agrees_with_its_definition() -> None:
    told = statistics.recommendation([10, 9, 9, 8, 7, 7, 6, 3, None])
    assert told == Recommendation(would=3, between=3, would_not=2)
    assert told.index == 12.5


def test_under_thirty_answers_the_counts_are_shown_instead_of_the_recommendation_index() -> None:
    assert statistics.recommendation([10] * 29).shown_index is None
    assert statistics.recommendation([10] * 30).shown_index == 100


def test_nobody_recommends_nothing() -> None:
    assert statistics.recommendation([None]).index is None


def test_a_recommendation_above_ten_is_refused() -> None:
    with pytest.raises(ValueError, match="0 to 10"):
        statistics.recommendation([11])


@pytest.mark.parametrize(("count", "n"), [(0, 10), (1, 10), (3, 12), (8, 8), (81, 263), (15, 148)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_wilsons_interval_agrees_with_statsmodels(count: int, n: int, confidence: float) -> None:
    share = statistics.wilson(count, n, confidence)
    assert (share.low, share.high) == pytest.approx(
        proportion_confint(count, n, alpha=1 - confidence, method="wilson"), abs=1e-12
    )


def test_wilsons_interval_agrees_with_newcombes_table() -> None:
    share = statistics.wilson(81, 263)  # Newcombe 1998, table I, method 3
    assert (round(share.low, 4), round(share.high, 4)) == (0.2553, 0.3662)
    assert (round(statistics.wilson(0, 20).low, 4), round(statistics.wilson(0, 20).high, 4)) == (0.0, 0.1611)


@pytest.mark.parametrize(("count", "n"), [(1, 0), (0, 0), (3, 2), (-1, 4)])
def test_what_is_not_a_share_is_refused(count: int, n: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        statistics.wilson(count, n)


def test_the_two_best_answers_are_counted_whichever_way_the_scale_runs() -> None:
    agree = statistics.top_two([5, 4, 3, None, 1])
    extent = statistics.top_two([1, 2, 3, None, 5], statistics.EXTENT)
    assert agree == extent
    assert agree is not None
    assert (agree.count, agree.n) == (2, 4)
    assert statistics.top_two([None]) is None


def test_the_middle_of_an_even_number_of_answers_lies_between_two() -> None:
    assert statistics.median_answer([1, 4, 5, 5]) == 4.5
    assert statistics.median_answer([3, None, 5, 5]) == 5
    assert statistics.median_answer([None]) is None


def test_alpha_agrees_with_its_definition_by_covariances() -> None:
    rng = random.Random(4)
    rows = [[level + rng.choice((-1, 0, 1)) for _ in range(4)] for level in (rng.choice((2, 3, 4)) for _ in range(60))]
    told = statistics.cronbach_alpha(rows)
    assert told is not None
    columns = list(zip(*rows, strict=True))
    covariances = [[_covariance(one, other) for other in columns] for one in columns]
    whole = sum(map(sum, covariances))
    assert told.alpha == pytest.approx(4 / 3 * (1 - sum(covariances[i][i] for i in range(4)) / whole))
    assert told.n == 60
    assert told.low < told.alpha < told.high < 1


def test_feldts_interval_of_alpha_is_as_wide_as_eight_persons_make_it() -> None:
    rows = [
        [1, 2, 1, 2],
        [2, 2, 3, 2],
        [3, 3, 3, 4],
        [4, 3, 4, 4],
        [5, 4, 5, 4],
        [2, 3, 2, 2],
        [4, 5, 4, 5],
        [3, 4, 3, 3],
    ]
    told = statistics.cronbach_alpha(rows, at_least=8)
    assert told is not None
    missing = 1 - told.alpha
    # eight persons, four items, α = .911: .74–.98
    assert 1 - 0.089 * (1 - told.low) / missing == pytest.approx(0.74, abs=5e-3)
    assert 1 - 0.089 * (1 - told.high) / missing == pytest.approx(0.98, abs=5e-3)


@pytest.mark.parametrize(
    "rows",
    [
        [[1.0, 2.0]] * 49,
        [[1.0, 2.0]] * 60,  # everybody answers alike: no sum differs
        [[1.0, None]] * 60,
        [],
    ],
)
def test_alpha_is_not_told_of_too_few_or_without_spread(rows: list[list[float | None]]) -> None:
    assert statistics.cronbach_alpha(rows) is None


@pytest.mark.parametrize("rows", [[[1.0], [2.0]], [[1.0, 2.0], [1.0, 2.0, 3.0]]])
def test_alpha_needs_items_that_all_were_asked(rows: list[list[float | None]]) -> None:
    with pytest.raises(ValueError, match="two items or more"):
        statistics.cronbach_alpha(rows)


@given(given_answers)
def test_a_scale_read_backwards_gives_what_is_missing_to_a_hundred(given: list[int]) -> None:
    forward, backward = statistics.item_index(given), statistics.item_index(given, (5, 1))
    assert forward is not None
    assert backward == pytest.approx(100 - forward)


@given(answers, st.randoms(use_true_random=False))
def test_figures_of_an_item_do_not_depend_on_who_answered_first(given: list[int | None], lot: random.Random) -> None:
    mixed = lot.sample(given, len(given))
    assert statistics.item_index(mixed) == pytest.approx(statistics.item_index(given))
    assert statistics.median_answer(mixed) == statistics.median_answer(given)
    assert statistics.top_two(mixed) == statistics.top_two(given)


@given(answers)
def test_not_knowing_changes_no_figure_of_an_item(given: list[int | None]) -> None:
    known = [answer for answer in given if answer is not None]
    assert statistics.item_index(given) == statistics.item_index(known)
    assert statistics.top_two(given) == statistics.top_two(known)


@given(st.lists(st.lists(st.integers(1, 5), min_size=9, max_size=9), min_size=1, max_size=12))
def test_without_gaps_a_total_is_the_same_over_questions_persons_and_parts(people: list[list[int]]) -> None:
    by_item = list(zip(*people, strict=True))
    total = statistics.scale_index(by_item)
    parts = [statistics.scale_index(by_item[start : start + 3]) for start in (0, 3, 6)]
    scores = [statistics.person_score(person) for person in people]
    assert statistics.mean_of_indices(parts) == pytest.approx(total)
    assert statistics.mean_of_indices(scores) == pytest.approx(total)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_within_its_interval_and_that_within_0_and_1(counted: tuple[int, int]) -> None:
    share = statistics.wilson(*counted)
    assert 0 <= share.low <= share.share <= share.high <= 1
    other = statistics.wilson(counted[1] - counted[0], counted[1])
    assert (other.low, other.high) == pytest.approx((1 - share.high, 1 - share.low))


def _covariance(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    mean_one, mean_other = sum(one) / len(one), sum(other) / len(other)
    return sum((a - mean_one) * (b - mean_other) for a, b in zip(one, other, strict=True)) / (len(one) - 1)
