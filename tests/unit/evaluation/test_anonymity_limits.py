"""The rules with a number of their own, one by one: bands, comments, ratings, promises."""

from collections.abc import Callable, Sequence

import pytest

from services.evaluation.anonymity import (
    Candidate,
    Cut,
    cut,
    may_change_mode,
    may_recompute,
    promise,
    publishable,
    publishable_comments,
    publishable_groups,
    publishable_network,
    publishable_ratings,
)
from services.evaluation.anonymity.limits import Mode, band, homogeneous
from shared.events.evaluation import Figure

K = 5


def people(first: int, last: int) -> frozenset[str]:
    return frozenset(f"p{number}" for number in range(first, last))


def a_level(scores: Sequence[float], first: int = 0, **more: bool) -> Candidate:
    by_person = {f"p{first + place}": score for place, score in enumerate(scores)}
    mean = sum(scores) / len(scores)
    figure = Figure(indicator="Q", wave="T1", n=len(scores), value=round(mean, 1), low=mean - 1, high=mean + 1)
    asks = frozenset({("Q", "T1")})
    return Candidate("Q", asks, frozenset(by_person), lambda: figure, scores=by_person, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ([100] * 8, (90, 100)),
        ([100] * 9 + [0], (90, 100)),
        ([100] * 7 + [0], (60, 90)),
        ([0] * 6, (0, 10)),
        ([50] * 6, (40, 60)),
        ([50] * 7 + [100], (40, 60)),
        ([25] * 5, (10, 40)),
        ([75] * 5, (60, 90)),
    ],
)
def test_where_all_or_all_but_one_agree_a_band_is_told_and_no_interval(
    scores: list[float], told: tuple[float, float]
) -> None:
    [figure] = publishable([a_level(scores)], k=K).figures
    assert (figure.band, figure.value, figure.low, figure.high) == (told, sum(told) / 2, None, None)


def test_where_two_disagree_the_mean_is_told() -> None:
    [figure] = publishable([a_level([75] * 6 + [25, 0])], k=K).figures
    assert (figure.band, figure.value) == (None, 59.4)
    assert figure.low is not None


@pytest.mark.parametrize(
    ("mean", "told"), [(0, (0, 10)), (10, (0, 10)), (40, (10, 40)), (60, (60, 90)), (90, (90, 100)), (100, (90, 100))]
)
def test_a_mean_between_two_bands_is_told_in_the_outer_one(mean: float, told: tuple[float, float]) -> None:
    assert band(mean) == told


def test_scores_of_several_items_may_be_nearer_to_each_other() -> None:
    scores = [45.0, 50.0, 55.0, 60.0, 65.0]
    assert homogeneous(scores, 25)
    assert not homogeneous(scores, 5)


def test_a_figure_is_refused_when_those_between_it_and_another_all_answered_at_an_end() -> None:
    few = a_level([0, 25, 50, 75, 100, 50])
    many = a_level([0, 25, 50, 75, 100, 50, 100, 100, 100, 100, 100])
    for first, second in ((few, many), (many, few)):
        told = publishable([first, second], k=K)
        assert len(told.figures) == 1
        assert [hidden.reason for hidden in told.hidden] == ["homogeneous"]


def test_nothing_is_told_while_its_wave_is_open() -> None:
    told = publishable([a_level([0, 25, 50, 75, 100], still_open=True)], k=K)
    assert told.figures == ()


def test_a_figure_is_not_reckoned_anew_without_the_one_who_was_erased() -> None:
    scores: list[float] = [0, 25, 50, 75, 100, 50]
    before, after = a_level(scores), a_level(scores[:-1], recomputed=True)
    assert publishable([after], k=K, already=[before]).figures == ()
    assert publishable([a_level(scores, recomputed=True)], k=K, already=[before]).figures


@pytest.mark.parametrize(("gone", "may"), [(0, True), (1, False), (4, False), (5, True)])
def test_a_release_may_be_reckoned_anew_without_nobody_or_k(gone: int, may: bool) -> None:
    assert may_recompute(people(0, 12), people(gone, 12), k=K) == may


def test_a_hidden_child_hides_another_one() -> None:
    children = {"north": people(0, 6), "south": people(6, 13), "east": people(13, 15)}
    plan = cut(children, k=K)
    assert plan == Cut(frozenset({"south"}), people(0, 15))


def test_a_parent_is_built_without_a_child_that_nothing_can_hide() -> None:
    plan = cut({"north": people(0, 6), "east": people(6, 8)}, k=K)
    assert plan == Cut(frozenset({"north"}), people(0, 6))


def test_all_children_are_shown_when_all_are_large_enough() -> None:
    plan = cut({"north": people(0, 6), "south": people(6, 13)}, k=K)
    assert plan == Cut(frozenset({"north", "south"}), people(0, 13))


def test_a_coarser_grouping_is_told_when_a_group_is_too_small() -> None:
    fine = {"low": people(0, 5), "mid": people(5, 8), "high": people(8, 14)}
    coarse = {"low": people(0, 5), "not low": people(5, 14)}
    assert publishable_groups([fine, coarse], k=K) == coarse


def test_two_groupings_of_the_same_people_must_not_leave_a_small_group_between_them() -> None:
    first = {"low": people(0, 5), "not low": people(5, 14)}
    second = {"not high": people(0, 8), "high": people(8, 14)}
    assert publishable_groups([second], k=K, already=[first]) == {}


def test_shares_over_fewer_people_are_refused_when_those_between_all_answered_alike() -> None:
    many = {"low": people(0, 5), "high": people(5, 17)}
    few = {"low": people(0, 5), "high": people(5, 11)}
    assert publishable_groups([few], k=K, already=[many]) == {}


def backwards(comments: list[str]) -> None:
    comments.reverse()


@pytest.mark.parametrize(
    ("count", "released", "k", "shown"), [(7, True, 5, 0), (8, True, 5, 8), (8, False, 5, 0), (9, True, 10, 0)]
)
def test_comments_are_told_from_eight_on_when_a_person_has_released_them(
    count: int, released: bool, k: int, shown: int
) -> None:
    written = [str(number) for number in range(count)]
    assert len(publishable_comments(written, k=k, released=released, shuffle=backwards)) == shown


def test_comments_are_told_in_another_order_and_left_as_they_were() -> None:
    written = [str(number) for number in range(8)]
    shuffle: Callable[[list[str]], None] = backwards
    assert publishable_comments(written, k=K, released=True, shuffle=shuffle) == tuple(reversed(written))
    assert written[0] == "0"


def test_a_manager_sees_her_ratings_from_five_on() -> None:
    told = publishable_ratings({"m1": [50.0] * 4, "m2": [50.0] * 5}, k=K)
    assert told.own == {"m2": 50.0}


def test_a_programme_is_rated_by_five_managers_each_of_whom_weighs_once() -> None:
    rated = {f"m{number}": [0.0] * 5 for number in range(4)} | {"m4": [100.0] * 20, "m5": [100.0] * 4}
    told = publishable_ratings(rated, k=K)
    assert (told.programme, told.managers, told.raters) == (20.0, 5, 40)


def test_four_managers_are_too_few_however_many_rate_them() -> None:
    assert publishable_ratings({f"m{number}": [50.0] * 20 for number in range(4)}, k=K).programme is None


@pytest.mark.parametrize(("answered", "k", "told"), [(7, 5, False), (8, 5, True), (8, 9, False)])
def test_a_network_is_told_from_eight_on(answered: int, k: int, told: bool) -> None:
    assert publishable_network(answered, k=k) == told


@pytest.mark.parametrize(
    ("before", "after", "opened", "may"),
    [
        ("confidential", "anonymous", False, True),
        ("anonymous", "confidential", False, True),
        ("confidential", "anonymous", True, False),
        ("anonymous", "confidential", True, False),
        ("anonymous", "anonymous", True, True),
    ],
)
def test_a_promise_is_not_changed_once_somebody_has_opened_her_invitation(
    before: Mode, after: Mode, opened: bool, may: bool
) -> None:
    assert may_change_mode(before, after, invitation_opened=opened) == may


def test_anonymous_is_said_only_when_no_key_exists() -> None:
    assert (promise(link_keys=1), promise(link_keys=0)) == ("confidential", "anonymous")
