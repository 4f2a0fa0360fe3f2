"""The rule that calls for change: what it says of given figures, and how often it is wrong."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.statistics import (
    RULE_VERSION,
    Because,
    Belief,
    CohortFigures,
    Reading,
    Verdict,
    Vitality,
    judge,
    judged,
    shrink,
    spread_between_people,
)

PARTS = ("reflection", "breadth", "depth", "community", "transfer")
YEARS_COHORTS, HEALTHY, WEAK = 20, 70.0, 50.0


def cohort(name: str, *, n: int = 10, **means: float) -> CohortFigures:
    """A cohort of ten, with indicators by their means."""
    return CohortFigures(name, {indicator: Reading(mean, n) for indicator, mean in means.items()})


def found(verdict: Verdict) -> dict[str, tuple[Because, ...]]:
    """What calls for change, and why."""
    return {finding.indicator: finding.because for finding in verdict.change}


def test_an_indicator_agrees_with_the_closed_form_and_is_just_not_likely_enough_for_change() -> None:
    told = judged(Reading(52, 10))
    assert told.estimate == pytest.approx(55.673469, abs=5e-7)
    assert told.sd == pytest.approx(5.142857, abs=5e-7)
    assert told.probability == pytest.approx(0.799902, abs=5e-7)
    assert (52 - told.estimate) / (52 - 72) == pytest.approx(0.183673, abs=5e-7)
    verdict = judge([cohort("c1", depth=52)])
    assert [finding.indicator for finding in verdict.watch] == ["depth"]
    assert verdict.change == ()
    assert found(judge([cohort("c1", depth=51.9)])) == {"depth": (Because.likely_low,)}


def test_a_finding_tells_the_numbers_that_it_rests_on() -> None:
    finding = judge([cohort("c1", depth=40)]).change[0]
    assert (finding.cohorts, finding.threshold, finding.direction) == (("c1",), 60, "below")
    assert finding.rule_version == RULE_VERSION
    assert finding.low is not None
    assert finding.high is not None
    assert finding.low < finding.estimate < finding.high
    assert finding.high - finding.low == pytest.approx(2 * 1.959964 * 5.142857, abs=1e-5)
    assert finding.probability == judged(Reading(40, 10)).probability


def test_a_healthy_cohort_calls_for_nothing() -> None:
    assert judge([cohort("c1", depth=70, breadth=65)]) == Verdict()
    assert judge([]) == Verdict()


def test_a_few_people_on_a_bad_day_are_not_watched_where_many_would_be() -> None:
    assert judge([cohort("c1", n=5, depth=56)]).watch == ()
    assert judge([cohort("c1", n=40, depth=56)]).watch != ()


def test_an_indicator_on_watch_in_two_cohorts_in_a_row_calls_for_change() -> None:
    verdict = judge([cohort("c1", depth=55), cohort("c2", depth=56)])
    assert found(verdict) == {"depth": (Because.again,)}
    assert verdict.change[0].cohorts == ("c1", "c2")


def test_a_cohort_that_was_well_in_between_breaks_the_row() -> None:
    assert found(judge([cohort("c1", depth=55), cohort("c2", depth=70), cohort("c3", depth=55)])) == {}


def test_a_cohort_whose_figure_is_hidden_does_not_break_the_row() -> None:
    verdict = judge([cohort("c1", depth=55), cohort("c2", breadth=70), cohort("c3", depth=55)])
    assert found(verdict) == {"depth": (Because.again,)}


def test_a_part_that_has_become_well_is_not_held_against_the_programme() -> None:
    assert judge([cohort("c1", depth=40), cohort("c2", depth=75)]) == Verdict()


def test_two_indicators_on_watch_in_one_cohort_call_for_change() -> None:
    verdict = judge([cohort("c1", depth=55, breadth=56, community=80)])
    assert found(verdict) == {"depth": (Because.several,), "breadth": (Because.several,)}


def test_two_indicators_on_watch_in_different_cohorts_do_not() -> None:
    assert found(judge([cohort("c1", depth=55, breadth=70), cohort("c2", breadth=55)])) == {}


def test_all_that_speaks_for_change_is_told() -> None:
    verdict = judge([cohort("c1", depth=40, breadth=40), cohort("c2", depth=40, breadth=40)])
    assert found(verdict)["depth"] == (Because.likely_low, Because.again, Because.several)


def _belief(mean: float, sd: float) -> Belief:
    return shrink([mean], [sd**2]).cohorts[0]


def test_an_understanding_that_has_hardly_risen_calls_for_change() -> None:
    verdict = judge([CohortFigures("c1", understanding=_belief(1, 4)), cohort("c2", depth=80)])
    assert found(verdict) == {"UM.change": (Because.small_gain,)}
    finding = verdict.change[0]
    assert (finding.threshold, finding.cohorts) == (5, ("c1",))
    assert finding.probability == pytest.approx(0.8413, abs=5e-5)
    assert finding.low == pytest.approx(1 - 1.959964 * 4, abs=1e-4)


@pytest.mark.parametrize("belief", [_belief(8, 4), _belief(1, 6)])
def test_an_understanding_that_may_well_have_risen_does_not(belief: Belief) -> None:
    assert judge([CohortFigures("c1", understanding=belief)]) == Verdict()


def test_the_newest_cohort_that_tells_its_understanding_counts() -> None:
    earlier, later = (CohortFigures(n, understanding=_belief(mean, 3)) for n, mean in (("c1", -2), ("c2", 9)))
    assert judge([earlier, later]) == Verdict()


def test_two_stalled_networks_call_for_change_and_one_does_not() -> None:
    first, second = (CohortFigures(name, vitality=Vitality(value, 0.2)) for name, value in (("c1", 30), ("c2", 38)))
    assert judge([first]) == Verdict()
    verdict = judge([first, second])
    assert found(verdict) == {"NV.vitality": (Because.stalled_twice,)}
    finding = verdict.change[0]
    assert (finding.estimate, finding.threshold, finding.cohorts) == (34, 40, ("c1", "c2"))
    assert (finding.low, finding.probability) == (None, None)


def test_own_answers_tell_the_spread_from_a_hundred_on() -> None:
    assert spread_between_people(21.5, 99) == 18
    assert spread_between_people(21.5, 100) == 21.5
    assert spread_between_people(0.0, 100) == 18
    assert spread_between_people(None, 0) == 18
    assert judged(Reading(52, 10), spread=12).probability > judged(Reading(52, 10)).probability


@pytest.mark.parametrize("reading", [Reading(52, 0), Reading(-1, 8), Reading(101, 8), Reading(float("nan"), 8)])
def test_a_reading_that_cannot_be_is_refused(reading: Reading) -> None:
    with pytest.raises(ValueError, match="judged by a mean"):
        judged(reading)


@given(st.floats(0, 100), st.floats(0, 100), st.integers(1, 60))
def test_a_lower_mean_is_never_less_likely_below(one: float, other: float, n: int) -> None:
    low, high = judged(Reading(min(one, other), n)), judged(Reading(max(one, other), n))
    assert low.probability >= high.probability
    assert low.low <= low.estimate <= low.high


@given(st.lists(st.lists(st.integers(30, 90), min_size=3, max_size=3), min_size=1, max_size=4))
def test_what_calls_for_change_alone_or_again_is_on_watch_too(rows: list[list[int]]) -> None:
    verdict = judge([cohort(str(i), **dict(zip("abc", row, strict=True))) for i, row in enumerate(rows)])
    assert {one.indicator for one in verdict.change} <= {one.indicator for one in verdict.watch}


# How often the rule is wrong: people answer N(μ, 18²), clipped to 0–100; the seed is fixed.


def _means(rng: np.random.Generator, *, mean: float, n: int, times: int) -> npt.NDArray[np.float64]:
    means: npt.NDArray[np.float64] = rng.normal(mean, 18, (times, n)).clip(0, 100).mean(axis=1)
    return means


def _probabilities(means: Sequence[float], n: int) -> npt.NDArray[np.float64]:
    return np.array([judged(Reading(float(mean), n)).probability for mean in means])


within_error = partial(pytest.approx, rel=0)
"""Tolerances are three times the simulation's standard error, and the last digit of the figure told."""


def test_healthy_programmes_raise_as_many_false_alarms_a_year_as_is_told() -> None:
    years = 1000
    asked = YEARS_COHORTS * len(PARTS)
    means = _means(np.random.default_rng(45), mean=HEALTHY, n=10, times=years * asked)
    probabilities = _probabilities(means.tolist(), 10)
    assert (means < 60).sum() / years == within_error(4.0, abs=0.05 + 3 * (4.0 / years) ** 0.5)
    assert (probabilities > 0.5).sum() / years == within_error(1.3, abs=0.05 + 3 * (1.3 / years) ** 0.5)
    assert (probabilities > 0.8).sum() / years == within_error(0.07, abs=0.005 + 3 * (0.07 / years) ** 0.5)


def test_a_weak_part_is_found_in_a_cohort_of_eight_as_often_as_is_told() -> None:
    times = 20_000
    probabilities = _probabilities(_means(np.random.default_rng(46), mean=WEAK, n=8, times=times).tolist(), 8)
    error = 3 * (0.25 / times) ** 0.5
    assert (probabilities > 0.5).mean() == within_error(0.85, abs=0.005 + error)
    assert (probabilities > 0.8).mean() == within_error(0.53, abs=0.01 + error)


def _judged_series(
    rng: np.random.Generator, *, means: Sequence[float], n: int, cohorts: int, alike: float
) -> list[Verdict]:
    """A programme's cohorts one after the other; `alike` is how much a person's answers to two parts correlate."""
    mood, own = rng.normal(size=(cohorts, n, 1)), rng.normal(size=(cohorts, n, len(means)))
    answers = np.array(means) + 18 * (np.sqrt(alike) * mood + np.sqrt(1 - alike) * own)
    told = np.clip(answers, 0, 100).mean(axis=1).tolist()
    known = [cohort(str(i), n=n, **dict(zip(PARTS, row, strict=True))) for i, row in enumerate(told)]
    return [judge(known[: i + 1][-2:]) for i in range(cohorts)]


@pytest.mark.parametrize(("alike", "a_year"), [(0.0, 0.13), (0.3, 0.19), (0.6, 0.31)])
def test_the_whole_rule_calls_for_change_of_healthy_programmes_once_in_three_to_eight_years(
    alike: float, a_year: float
) -> None:
    rng, years = np.random.default_rng(47), 700
    series = partial(_judged_series, rng, means=[HEALTHY] * 5, n=10, cohorts=YEARS_COHORTS, alike=alike)
    called = sum(bool(verdict.change) for _ in range(years) for verdict in series())
    assert called / years == within_error(a_year, abs=0.01 + 3 * (a_year / years) ** 0.5)


@pytest.mark.parametrize("alike", [0.0, 0.6])
def test_the_whole_rule_finds_a_weak_part_within_two_cohorts_of_eight(alike: float) -> None:
    rng, times = np.random.default_rng(48), 1500
    series = partial(_judged_series, rng, means=[WEAK, *[HEALTHY] * 4], n=8, cohorts=2, alike=alike)
    called = sum(any(verdict.change for verdict in series()) for _ in range(times))
    assert called / times == within_error(0.89, abs=0.01 + 3 * (0.1 / times) ** 0.5)
