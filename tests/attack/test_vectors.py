"""Worked examples: what the attacker reckons from two figures, and that the second of them is refused."""

from collections.abc import Mapping

import pytest

from services.evaluation.anonymity import Candidate, LedgerEntry, publishable, published_before
from shared.events.evaluation import Figure
from tests.attack.attacker import Cell, Seen, attack

QUESTION = ("Q", "T1")


def a_set(count: int) -> frozenset[str]:
    return frozenset(f"p{number}" for number in range(count))


def seen(count: int, value: float) -> Seen:
    people = a_set(count)
    return Seen(people, {(person, QUESTION): 1 / count for person in people}, count, value)


def wanted(count: int, value: float) -> Candidate:
    return Candidate(
        "Q",
        frozenset({QUESTION}),
        a_set(count),
        lambda: Figure(indicator="Q", wave="T1", n=count, value=value),
        domain="C1",
    )


def of_row(row: Mapping[Cell, float]) -> Candidate:
    people = frozenset(person for person, _ in row)
    return Candidate(
        "Q",
        frozenset(question for _, question in row),
        people,
        lambda: Figure(indicator="Q", wave="T1", n=len(people), value=50.0),
        weights=row,
    )


PAIRS = [((9, 70.0), (8, 67.5), 90.0), ((6, 62.5), (5, 60.0), 75.0)]


@pytest.mark.parametrize(("many", "few", "single"), PAIRS)
def test_the_attacker_reckons_the_one_between(many: tuple[int, float], few: tuple[int, float], single: float) -> None:
    learnt = [one for one in attack([seen(*many), seen(*few)], 5) if one.how == "difference"]
    assert [one.people for one in learnt] == [a_set(many[0]) - a_set(few[0])]
    assert learnt[0].value == pytest.approx(single)


@pytest.mark.parametrize(("many", "few", "single"), PAIRS)
@pytest.mark.parametrize("in_one_release", [True, False])
def test_the_second_figure_is_refused_in_either_order(
    many: tuple[int, float], few: tuple[int, float], single: float, in_one_release: bool
) -> None:
    for first, second in ((many, few), (few, many)):
        if in_one_release:
            told = publishable([wanted(*first), wanted(*second)], k=5)
        else:
            release = publishable([wanted(*first)], k=5)
            ledger = [LedgerEntry.of("r1", 0, release.shown[0], release.figures[0])]
            told = publishable([wanted(*second)], k=5, already=published_before(ledger))
        assert all(figure.n != second[0] for figure in told.figures), f"{single} would be known"
        assert [hidden.reason for hidden in told.hidden] == ["difference"]


def test_three_sets_of_which_no_two_are_close_may_give_three_people_away() -> None:
    """A parent of thirteen, and two children of five of its three: what is left are three."""
    names = [f"p{number}" for number in range(13)]
    groups = [frozenset(names), frozenset(names[:5]), frozenset(names[5:10])]
    sums = [Seen(g, {(p, QUESTION): 1 / len(g) for p in g}, len(g), 50.0) for g in groups]
    assert {one.how for one in attack(sums, 5)} == {"difference", "rank"}
    candidates = [of_row(one.weights) for one in sums]
    told = publishable(candidates, k=5)
    assert [figure.n for figure in told.figures] == [13, 5]


def test_who_skipped_an_item_is_not_given_away_by_the_other_items_and_the_index() -> None:
    """Nine people, an index of two items, and one who answered only the first: the two sums would leave her."""
    first, second = ("Q1", "T1"), ("Q2", "T1")
    people = a_set(9)
    index = {(p, q): 1 / 18 for p in people for q in (first, second)}
    del index["p8", second]
    index["p8", first] = 1 / 9
    rows = [index, {(p, first): 1 / 9 for p in people}, {(p, second): 1 / 8 for p in a_set(8)}]
    sums = [Seen(frozenset(p for p, _ in row), row, len({p for p, _ in row}), 50.0, step=12.5) for row in rows]
    assert any(one.how == "rank" and one.people == frozenset({"p8"}) for one in attack(sums, 5))

    assert len(publishable([of_row(row) for row in rows], k=5).figures) == 2
