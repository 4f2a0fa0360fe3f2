"""Properties that must hold for every population, looked for by Hypothesis."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.evaluation.anonymity import Candidate, cut, publishable, publishable_groups, publishable_ratings
from services.evaluation.anonymity.limits import band, homogeneous
from services.evaluation.anonymity.sets import Row, plain_rows, singles_out
from shared.events.evaluation import Figure

K = 5
QUESTION = ("Q", "T1")

sets = st.frozensets(st.sampled_from([f"p{number}" for number in range(9)]), min_size=1)
scores = st.lists(st.sampled_from([0.0, 25.0, 50.0, 75.0, 100.0]), min_size=5, max_size=20)


def rank(rows: Sequence[Sequence[Fraction]]) -> int:
    """By elimination in exact numbers."""
    left, found = [list(row) for row in rows], 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left[found:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(found, pivot)
        for place in range(found + 1, len(left)):
            factor = left[place][column] / pivot[column]
            left[place] = [value - factor * other for value, other in zip(left[place], pivot, strict=True)]
        found += 1
    return found


def reaches_a_few(rows: Sequence[Row], k: int) -> bool:
    """Try every group of fewer than k people: does the rank fall without their answers?"""
    cells = sorted({cell for row in rows for cell in row})
    people = sorted({person for person, _ in cells})
    exact = [[Fraction(row.get(cell, 0)).limit_denominator(1000) for cell in cells] for row in rows]
    whole = rank(exact)
    for group in combinations(people, min(k - 1, len(people))):
        kept = [place for place, (person, _) in enumerate(cells) if person not in group]
        if rank([[row[place] for place in kept] for row in exact]) < whole:
            return True
    return False


@settings(max_examples=300, deadline=None)
@given(st.lists(sets, min_size=1, max_size=5), st.integers(2, 5))
def test_what_sets_give_away_is_what_trying_every_small_group_finds(groups: list[frozenset[str]], k: int) -> None:
    rows = [row for group in groups for row in plain_rows(group, [QUESTION])]
    assert singles_out(rows, k) == reaches_a_few(rows, k)


weighted = st.dictionaries(
    st.tuples(st.sampled_from([f"p{number}" for number in range(6)]), st.sampled_from([("Q1", "T"), ("Q2", "T")])),
    st.sampled_from([0.5, 1.0, -1.0, 0.25]),
    min_size=1,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(weighted, min_size=1, max_size=4), st.integers(2, 4))
def test_it_is_so_for_people_who_have_left_out_items(rows: list[Row], k: int) -> None:
    assert singles_out(rows, k) == reaches_a_few(rows, k)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.frozensets(st.integers(0, 17), min_size=5), min_size=1, max_size=9))
def test_no_combination_of_published_sets_is_about_a_few(groups: list[frozenset[int]]) -> None:
    candidates = [
        Candidate("Q", frozenset({QUESTION}), frozenset(map(str, group)), _figure(len(group), place))
        for place, group in enumerate(groups)
    ]
    shown = [groups[int(figure.value)] for figure in publishable(candidates, k=K).figures]
    rows = [row for group in shown for row in plain_rows(map(str, group), [QUESTION])]
    assert not singles_out(rows, K)


def _figure(n: int, value: float) -> Callable[[], Figure]:
    return lambda: Figure(indicator="Q", wave="T1", n=n, value=value)


@given(st.lists(st.integers(0, 14), min_size=1, max_size=6))
def test_a_parent_less_its_shown_children_is_nobody_or_enough(sizes: list[int]) -> None:
    children = {f"u{unit}": frozenset(f"{unit}-{n}" for n in range(size)) for unit, size in enumerate(sizes)}
    plan = cut(children, k=K)
    hidden = plan.parent.difference(*(children[name] for name in plan.shown))
    hidden_children = [name for name in children if name not in plan.shown and children[name] & plan.parent]
    assert all(len(children[name]) >= K for name in plan.shown)
    assert not hidden or len(hidden) >= K
    assert len(hidden_children) != 1


@given(scores)
def test_a_band_holds_the_mean_and_does_not_end_at_an_answer(given_scores: list[float]) -> None:
    mean = sum(given_scores) / len(given_scores)
    low, high = band(mean)
    assert low <= mean <= high
    assert {low, high}.isdisjoint({25.0, 50.0, 75.0})


@given(st.sampled_from([0.0, 25.0, 50.0, 75.0, 100.0]), st.integers(5, 20), st.sampled_from([0.0, 50.0, 100.0]))
def test_all_alike_or_all_but_one_is_homogeneous(usual: float, count: int, odd: float) -> None:
    assert homogeneous([usual] * count, 25)
    assert homogeneous([*[usual] * (count - 1), odd], 25)


@given(st.lists(st.frozensets(st.integers(0, 15)), min_size=1, max_size=4), st.data())
def test_groups_that_are_told_are_large_enough(groups: list[frozenset[int]], data: st.DataObject) -> None:
    grouping: Mapping[str, frozenset[str]] = {str(n): frozenset(map(str, group)) for n, group in enumerate(groups)}
    told = publishable_groups([grouping], k=data.draw(st.integers(0, 8)))
    assert all(len(group) >= K for group in told.values())


@given(st.dictionaries(st.text("abc", min_size=1), st.lists(st.floats(0, 100), min_size=0, max_size=9)))
def test_each_manager_weighs_once(rated: dict[str, list[float]]) -> None:
    told = publishable_ratings(rated, k=K)
    assert all(len(rated[manager]) >= K for manager in told.own)
    if told.programme is not None:
        assert told.programme == pytest.approx(sum(told.own.values()) / len(told.own))
        assert told.managers is not None
        assert told.managers >= K
