"""A mean of which only a band is told must not be reckoned from other figures."""

from collections.abc import Sequence

import pytest

from services.evaluation.anonymity import Candidate, Published, publishable
from shared.events.evaluation import Figure

K = 5
EARLY: Sequence[float] = (0, 25, 50, 75, 100, 50)
ALIKE: Sequence[float] = (100,) * 6


def a_level(name: str, scores: Sequence[float], first: int = 0) -> Candidate:
    """A mean of one item, named like it, of so many people."""
    by_person = {f"p{first + place}": score for place, score in enumerate(scores)}
    figure = Figure(indicator=name, wave="T", n=len(scores), value=sum(scores) / len(scores))
    return Candidate(name, frozenset({(name, "T")}), frozenset(by_person), lambda: figure, scores=by_person)


def a_sum(name: str, **signs: float) -> Candidate:
    """A change or an index of the same six people: how much of each item is in it."""
    people = [f"p{number}" for number in range(6)]
    return Candidate(
        name,
        frozenset((item, "T") for item in signs),
        frozenset(people),
        lambda: Figure(indicator=name, wave="T", n=6, value=0),
        weights={(person, (item, "T")): sign for person in people for item, sign in signs.items()},
    )


def told(published: Published) -> list[str]:
    return [figure.indicator for figure in published.figures]


CHANGE = a_sum("change", early=-1.0, late=1.0)


def test_the_change_is_not_told_beside_the_level_before_and_a_band_after() -> None:
    published = publishable([a_level("early", EARLY), a_level("late", ALIKE), CHANGE], k=K)
    assert told(published) == ["early", "late"]
    assert [(hidden.indicator, hidden.reason) for hidden in published.hidden] == [("change", "homogeneous")]


def test_nor_is_it_when_it_comes_before_the_band() -> None:
    assert told(publishable([CHANGE, a_level("early", EARLY), a_level("late", ALIKE)], k=K)) == ["change", "late"]


def test_it_is_told_when_they_do_not_agree() -> None:
    assert len(told(publishable([a_level("early", EARLY), a_level("late", EARLY), CHANGE], k=K))) == 3


def test_a_level_that_nobody_asks_for_is_not_given_away_either() -> None:
    asked = [a_level("early", EARLY), CHANGE]
    assert told(publishable(asked, k=K)) == ["early", "change"]
    assert told(publishable(asked, k=K, unasked=[a_level("late", ALIKE)])) == ["early"]


def test_a_whole_and_all_other_parts_are_not_told_beside_a_part_that_is_a_band() -> None:
    whole = a_sum("whole", one=0.5, other=0.5)
    for order in ((whole, a_level("one", EARLY)), (a_level("one", EARLY), whole)):
        published = publishable([*order, a_level("other", ALIKE)], k=K)
        assert told(published) == [order[0].indicator, "other"]


@pytest.mark.parametrize("first", [0, 1])
def test_no_band_is_told_where_the_mean_is_known_already(first: int) -> None:
    """It would add that they agree: a unit of six whose cohort and whose other unit are published."""
    mixed: Sequence[float] = (0, 25, 50, 75, 100, 50)
    middle: Sequence[float] = (50,) * 6
    cohort, other = a_level("Q", [*middle, *mixed]), a_level("Q", mixed, first=6)
    published = publishable([a_level("Q", middle)], k=K, already=[(cohort, other)[first], (other, cohort)[first]])
    assert published.figures == ()
    assert [hidden.reason for hidden in published.hidden] == ["difference"]
