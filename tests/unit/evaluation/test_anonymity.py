"""Nobody can be found out: the rules one by one, and an attacker with everything that was published."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.evaluation.anonymity import (
    Candidate,
    count_for_today,
    publishable,
    publishable_count,
    publishable_shares,
    threshold,
)
from services.evaluation.model import DailyCount, Release
from services.evaluation.releases import Stage, compose
from services.evaluation.statistics import person_score
from shared.events.evaluation import Figure
from tests.unit.evaluation.arrange import INSTRUMENTS, RX_ITEMS, UM_ITEMS, Answers, asked

TODAY = date(2027, 2, 3)
K = 5


def a_figure_on(
    people: Iterable[str], value: float = 0, *, wave: str = "T1", items: Sequence[str] = ("Q",)
) -> Candidate:
    group = frozenset(people)
    return Candidate(
        "UM",
        frozenset((item, wave) for item in items),
        group,
        lambda: Figure(indicator="UM", wave=wave, n=len(group), value=value),
    )


def the_first(count: int) -> set[str]:
    return {f"p{number}" for number in range(count)}


def test_four_people_are_too_few() -> None:
    told = publishable([a_figure_on(the_first(4))], k=K)
    assert (told.figures, [hidden.reason for hidden in told.hidden]) == ((), ["too_few"])


def test_five_people_are_enough() -> None:
    assert [figure.n for figure in publishable([a_figure_on(the_first(5))], k=K).figures] == [5]


def test_k_can_be_raised_and_not_lowered() -> None:
    assert (threshold(3), threshold(5), threshold(8)) == (5, 5, 8)
    assert publishable([a_figure_on(the_first(4))], k=1).figures == ()


@pytest.mark.parametrize(("many", "few", "mean_of_many", "mean_of_few", "single"), [(9, 8, 70.0, 67.5, 90.0)])
def test_pairs_beside_all_are_refused_because_the_one_between_them_could_be_found(
    many: int, few: int, mean_of_many: float, mean_of_few: float, single: float
) -> None:
    assert many * mean_of_many - few * mean_of_few == single  # what an attacker would learn
    told = publishable([a_figure_on(the_first(many), mean_of_many), a_figure_on(the_first(few), mean_of_few)], k=K)
    assert [figure.n for figure in told.figures] == [many]
    assert [hidden.reason for hidden in told.hidden] == ["difference"]


def test_a_result_that_grew_by_one_is_refused_because_the_newcomer_could_be_found() -> None:
    assert 6 * 62.5 - 5 * 60 == 75.0  # what an attacker would learn
    told = publishable([a_figure_on(the_first(6), 62.5)], k=K, already=[a_figure_on(the_first(5), 60)])
    assert (told.figures, [hidden.reason for hidden in told.hidden]) == ((), ["difference"])


def test_sets_that_differ_by_k_people_may_stand_side_by_side() -> None:
    assert len(publishable([a_figure_on(the_first(12)), a_figure_on(the_first(7))], k=K).figures) == 2


def test_the_same_few_may_be_missing_from_another_wave() -> None:
    candidates = [a_figure_on(the_first(9), wave="T0"), a_figure_on(the_first(8), wave="T1")]
    assert len(publishable(candidates, k=K).figures) == 2


def test_a_sub_index_over_others_than_its_index_is_refused() -> None:
    whole, part = a_figure_on(the_first(9), items=["Q1", "Q2"]), a_figure_on(the_first(8), items=["Q2"])
    assert len(publishable([whole, part], k=K).figures) == 1


def test_a_figure_that_lies_about_its_people_is_a_fault() -> None:
    liar = Candidate(
        "UM", frozenset(), frozenset(the_first(6)), lambda: Figure(indicator="UM", wave="T1", n=7, value=1)
    )
    with pytest.raises(ValueError, match="other people"):
        publishable([liar], k=K)


def test_a_figure_on_too_few_is_not_even_computed() -> None:
    def tell() -> Figure:
        raise AssertionError("computed")

    assert publishable([Candidate("UM", frozenset(), frozenset(the_first(4)), tell)], k=K).figures == ()


@given(st.lists(st.sets(st.integers(0, 14)), max_size=8), st.integers(0, 9))
def test_no_two_published_sets_differ_by_a_few(groups: list[set[int]], k: int) -> None:
    candidates = [a_figure_on(map(str, group), value=number) for number, group in enumerate(groups)]
    shown = [groups[int(figure.value)] for figure in publishable(candidates, k=k).figures]
    assert all(len(group) >= max(K, k) for group in shown)
    for one, other in combinations(shown, 2):
        for rest in (one - other, other - one):
            assert not rest or len(rest) >= max(K, k)


@pytest.mark.parametrize(("count", "told"), [(0, None), (4, None), (5, 5), (12, 12)])
def test_a_count_is_told_from_k_upwards(count: int, told: int | None) -> None:
    assert publishable_count(count, k=K) == told


THREE_OR_TWO: Sequence[Mapping[str, Sequence[str]]] = (
    {"up": ["up"], "same": ["same"], "down": ["down"]},
    {"up": ["up"], "not_up": ["same", "down"]},
)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((6, 5, 5), {"up": 6, "same": 5, "down": 5}),
        ((7, 3, 2), {"up": 7, "not_up": 5}),
        ((9, 2, 1), {}),
        ((12, 0, 0), {}),
    ],
)
def test_shares_are_told_only_when_each_group_is_large_enough(
    counts: tuple[int, int, int], told: dict[str, int]
) -> None:
    assert publishable_shares(dict(zip(("up", "same", "down"), counts, strict=True)), THREE_OR_TWO, k=K) == told


def test_the_count_of_an_open_wave_stays_for_the_day() -> None:
    first = count_for_today(None, TODAY, invited=12, answered=5)
    assert count_for_today(first, TODAY, invited=12, answered=6) == first


def test_the_count_of_an_open_wave_is_taken_anew_the_next_day() -> None:
    yesterday = DailyCount(taken_on=date(2027, 2, 2), invited=12, answered=5)
    assert count_for_today(yesterday, TODAY, invited=12, answered=6).answered == 6


# An attacker knows who was in each published figure and which items each person left out, but no answer. Every figure
# is then a weighted sum of unknown answers. She has found out a group if some combination of what was published is a
# sum over that group alone.

Row = dict[tuple[str, str, str], float]
"""Weight of each unknown answer (person, wave, item) in a published figure."""


def weights(people: Iterable[str], answers: Mapping[str, Answers], wave: str, scales: Sequence[Sequence[str]]) -> Row:
    """The mean over people of the mean over scales of the mean over answered items."""
    group, row = list(people), {}
    for person in group:
        for scale in scales:
            given_items = [item for item in scale if answers[person].get(item) is not None]
            for item in given_items:
                row[person, wave, item] = 1 / (len(group) * len(scales) * len(given_items))
    return row


def with_a_score(answers: Mapping[str, Answers], *scales: Sequence[str]) -> set[str]:
    return {
        p for p, given in answers.items() if all(person_score([given.get(i) for i in s]) is not None for s in scales)
    }


def learns_of_a_group(rows: Sequence[Row], people: Iterable[str], smaller_than: int = K) -> bool:
    """Whether some group smaller than k can be told apart by subtracting and scaling what was published."""
    columns = sorted({cell for row in rows for cell in row})
    matrix = np.array([[row.get(cell, 0.0) for cell in columns] for row in rows]).reshape(len(rows), len(columns))
    if not matrix.size:
        return False
    rank, names = np.linalg.matrix_rank(matrix), sorted(people)
    for group in combinations(names, min(smaller_than - 1, len(names))):
        others = matrix[:, [cell[0] not in group for cell in columns]]
        if (np.linalg.matrix_rank(others) if others.size else 0) < rank:
            return True
    return False


def what_was_published(release: Release, before: Mapping[str, Answers], after: Mapping[str, Answers]) -> list[Row]:
    """Each published mean as a sum of unknown answers; it must be the very figure that was published."""
    pairs = with_a_score(before, UM_ITEMS) & with_a_score(after, UM_ITEMS)
    parts = {part.code: part.items for part in INSTRUMENTS["RX"].parts}
    reacted = with_a_score(after, *parts.values())
    known: dict[tuple[str, str], tuple[set[str], Row]] = {
        ("UM", "T0"): (pairs, weights(pairs, before, "T0", [UM_ITEMS])),
        ("UM", "T1"): (pairs, weights(pairs, after, "T1", [UM_ITEMS])),
        ("RX", "T1"): (reacted, weights(reacted, after, "T1", list(parts.values()))),
    }
    known |= {(f"RX.{c}", "T1"): (reacted, weights(reacted, after, "T1", [items])) for c, items in parts.items()}
    early, late = known["UM", "T0"][1], known["UM", "T1"][1]
    known["UM.change", "T1"] = (pairs, late | {cell: -weight for cell, weight in early.items()})
    rows = []
    for figure in release.figures:
        if (figure.indicator, figure.wave) not in known:
            continue
        people, row = known[figure.indicator, figure.wave]
        value = sum(w * ((before if c[1] == "T0" else after)[c[0]][c[2]] or 0) for c, w in row.items())
        shift = 0 if figure.indicator == "UM.change" else 1
        assert figure.n == len(people)
        if figure.band is None:
            assert figure.value == pytest.approx((value - shift) * 25, abs=0.051)
        rows.append(row)
    return rows


def answers_to(items: Sequence[str]) -> st.SearchStrategy[dict[str, int | None]]:
    answer = st.sampled_from([1, 2, 3, 3, 4, 4, 5, None])
    return st.tuples(*[answer] * len(items)).map(lambda given: dict(zip(items, given, strict=True)))


people = st.sampled_from([f"p{number}" for number in range(9)])
populations = st.tuples(
    st.dictionaries(people, answers_to(UM_ITEMS), min_size=4, max_size=9),
    st.dictionaries(people, answers_to([*UM_ITEMS, *RX_ITEMS]), min_size=4, max_size=9),
)


@settings(max_examples=150, deadline=None)
@given(populations)
def test_an_attacker_with_a_whole_release_learns_of_no_small_group(
    population: tuple[dict[str, Answers], dict[str, Answers]],
) -> None:
    before, after = population
    release = compose(Stage([asked("T0", before), asked("T1", after)], INSTRUMENTS), k=K, today=TODAY).release
    rows = what_was_published(release, before, after)
    assert not learns_of_a_group(rows, before.keys() | after.keys())


@settings(max_examples=150, deadline=None)
@given(populations, st.integers(0, 7))
def test_nothing_in_a_release_rests_on_fewer_than_k(
    population: tuple[dict[str, Answers], dict[str, Answers]], k: int
) -> None:
    before, after = population
    release = compose(Stage([asked("T0", before), asked("T1", after)], INSTRUMENTS), k=k, today=TODAY).release
    assert release.k >= K
    assert all(figure.n >= release.k for figure in release.figures)
    for one in release.participation:
        assert all(n is None or n >= release.k for n in (one.asked, one.answered, one.pairs))
    shares = [f for f in release.figures if f.unit == "percent"]
    assert all(round(share.value * share.n / 100) >= release.k for share in shares)
    assert bool(release.figures) or not release.participation


def test_the_attacker_finds_the_one_who_skipped_a_part_when_totals_and_parts_are_over_different_people() -> None:
    """The attack itself works: this is what a release would give away if each sub-index had its own people."""
    after: dict[str, Answers] = {f"p{n}": dict.fromkeys(RX_ITEMS, 3) for n in range(8)}
    after["p8"] = dict.fromkeys(RX_ITEMS[:6], 4)
    parts = [part.items for part in INSTRUMENTS["RX"].parts]
    rows = [weights(with_a_score(after, part), after, "T1", [part]) for part in parts]
    naive_total: Row = {}
    for person, given_answers in after.items():
        mine = [part for part in parts if person_score([given_answers.get(i) for i in part]) is not None]
        for cell, weight in weights([person], after, "T1", mine).items():
            naive_total[cell] = weight / len(after)
    assert learns_of_a_group([*rows, naive_total], after)
