"""How alive a network is, and a roster's figures, against networks that everybody knows."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.statistics import (
    NetworkFigures,
    Status,
    Vitality,
    density,
    network_figures,
    reach,
    roster,
    vitality,
)

KARATE = {
    0: (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31),
    1: (2, 3, 7, 13, 17, 19, 21, 30),
    2: (3, 7, 8, 9, 13, 27, 28, 32),
    3: (7, 12, 13),
    4: (6, 10),
    5: (6, 10, 16),
    6: (16,),
    8: (30, 32, 33),
    9: (33,),
    13: (33,),
    14: (32, 33),
    15: (32, 33),
    18: (32, 33),
    19: (33,),
    20: (32, 33),
    22: (32, 33),
    23: (25, 27, 29, 32, 33),
    24: (25, 27, 31),
    25: (31,),
    26: (29, 33),
    27: (33,),
    28: (31, 33),
    29: (32, 33),
    30: (32, 33),
    31: (32, 33),
    32: (33,),
}
"""Members of a karate club who met outside of it (Zachary 1977)."""

MARRIAGES = """
Acciaiuoli-Medici Castellani-Peruzzi Castellani-Strozzi Castellani-Barbadori Medici-Barbadori Medici-Ridolfi
Medici-Tornabuoni Medici-Albizzi Medici-Salviati Salviati-Pazzi Peruzzi-Strozzi Peruzzi-Bischeri Strozzi-Ridolfi
Strozzi-Bischeri Ridolfi-Tornabuoni Tornabuoni-Guadagni Albizzi-Ginori Albizzi-Guadagni Bischeri-Guadagni
Guadagni-Lamberteschi
"""
"""Families of Florence joined by marriage (Padgett and Ansell 1993); the Pucci married into none of them."""


def figures(members: int = 12, **columns: Sequence[int | None]) -> NetworkFigures:
    """A wave in which nine of twelve answered; what is named is answered otherwise."""
    answered: dict[str, Sequence[int | None]] = {
        "contacts": [3, 2, 0, 4, 1, 2, 5, 3, 2],
        "could_call": [2, 1, 0, 3, 1, 0, 2, 1, 1],
        "met": [1, 1, 0, 1, None, 1, 0, 1, 1],
        "helped": [4, 3, 2, 5, 3, 4, 4, 3, 4],
    }
    return network_figures(members, **{**answered, **columns})


def test_density_and_reach_agree_with_their_definition() -> None:
    contacts = [3, 2, 0, 4, 1, 2, 5, 3]
    assert density(contacts, 12) == pytest.approx(20 / 88)
    assert density(contacts, 12) == pytest.approx(0.2273, abs=5e-5)
    assert reach(contacts) == 7 / 8


def test_who_did_not_answer_has_no_contacts_neither_for_nor_against() -> None:
    assert density([4, None, 2], 5) == density([4, 2], 5) == 6 / 8
    assert reach([0, None, 2]) == 1 / 2


@pytest.mark.parametrize(("contacts", "members"), [([], 12), ([None], 12), ([0], 1)])
def test_without_answers_or_others_there_is_no_density(contacts: list[int | None], members: int) -> None:
    assert density(contacts, members) is None


def test_who_names_more_than_there_are_left_is_in_contact_with_all() -> None:
    assert density([9, 3], 4) == 1


@pytest.mark.parametrize(("contacts", "members"), [([-1], 5), ([1, 1, 1], 2)])
def test_contacts_that_cannot_be_are_refused(contacts: list[int | None], members: int) -> None:
    with pytest.raises(ValueError, match=r"contacts are counts|more answers than"):
        density(contacts, members)


def test_a_network_counts_each_question_over_those_who_answered_it() -> None:
    told = figures()
    assert told.density == pytest.approx(22 / 99)
    assert (told.reach, told.could_call, told.self_organised) == (8 / 9, 7 / 9, 6 / 8)
    assert told.usefulness == pytest.approx(100 * 23 / 36)
    assert told.answered == 8


@pytest.mark.parametrize(
    ("column", "answers", "says"),
    [
        ("met", [2], "1 for yes"),
        ("helped", [6], "not on the scale"),
        ("contacts", [-1], "contacts are counts"),
        ("could_call", [-1], "contacts are counts"),
        ("could_call", [1] * 13, "more answers than members"),
    ],
)
def test_answers_that_a_form_does_not_offer_are_refused(column: str, answers: list[int], says: str) -> None:
    columns: dict[str, Sequence[int | None]] = {column: answers}
    with pytest.raises(ValueError, match=says):
        figures(12, **columns)


def test_vitality_is_the_mean_of_what_is_kept_reached_organised_and_of_use() -> None:
    told = vitality(figures(contacts=[6, 4, 0, 8, 2, 4, 9, 6, 5]), figures())
    assert told is not None
    assert told.retention == pytest.approx(22 / 44)
    assert told.value == pytest.approx(100 * (1 / 2 + 8 / 9 + 6 / 8 + 23 / 36) / 4)
    assert told.status is Status.alive


def test_a_network_that_has_grown_counts_as_one_that_has_kept_its_contacts() -> None:
    told = vitality(figures(contacts=[1] * 9), figures())
    assert told is not None
    assert told.retention == pytest.approx(22 / 9)
    assert told.value == pytest.approx(100 * (1 + 8 / 9 + 6 / 8 + 23 / 36) / 4)


@pytest.mark.parametrize(
    ("value", "status"),
    [(60.0, Status.alive), (59.9, Status.fading), (40.0, Status.fading), (39.9, Status.stalled), (0.0, Status.stalled)],
)
def test_a_network_is_alive_from_60_fading_from_40_and_stalled_below(value: float, status: Status) -> None:
    assert Vitality(value, retention=1.0).status is status


def test_seven_answers_do_not_tell_how_alive_a_network_is() -> None:
    few = figures(met=[1, 1, 1, 1, 1, 1, 1, None, None])
    assert not few.carries
    assert vitality(few, figures()) is None
    assert vitality(figures(), few) is None


def test_eight_of_fourteen_members_are_too_few_and_nine_of_fifteen_are_enough() -> None:
    assert not figures(14).carries
    assert figures(15, met=[1] * 9).carries


def test_where_there_were_no_contacts_none_can_have_been_kept() -> None:
    assert vitality(figures(contacts=[0] * 9), figures()) is None


def test_the_karate_club_has_its_well_known_figures() -> None:
    told = roster(34, [(one, other) for one, others in KARATE.items() for other in others])
    assert (told.ties, told.isolates, told.largest_component) == (78, 0, 34)
    assert told.density == pytest.approx(0.139037, abs=5e-7)
    assert told.transitivity == pytest.approx(0.255682, abs=5e-7)


def test_the_families_of_florence_leave_the_pucci_alone() -> None:
    pairs = [pair.split("-") for pair in MARRIAGES.split()]
    families = [*sorted({family for pair in pairs for family in pair}), "Pucci"]
    told = roster(len(families), [(families.index(one), families.index(other)) for one, other in pairs])
    assert (told.members, told.ties, told.isolates, told.largest_component) == (16, 20, 1, 15)
    assert told.density == pytest.approx(0.166667, abs=5e-7)


@pytest.mark.parametrize("members", [0, 1, 5])
def test_a_roster_without_ties_is_all_isolates(members: int) -> None:
    told = roster(members, [])
    assert (told.density, told.transitivity, told.isolates) == (0, 0, members)
    assert told.largest_component == min(1, members)


@pytest.mark.parametrize("tie", [(1, 1), (0, 3), (-1, 0)])
def test_a_tie_with_oneself_or_a_stranger_is_refused(tie: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="two different members"):
        roster(3, [tie])


ties = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda tie: tie[0] != tie[1]), max_size=25)


@given(ties)
def test_a_tie_told_by_both_is_one_tie(told: list[tuple[int, int]]) -> None:
    assert roster(9, told) == roster(9, [*told, *((b, a) for a, b in told)])


@given(ties, st.permutations(range(9)))
def test_a_roster_does_not_depend_on_how_members_are_numbered(told: list[tuple[int, int]], other: list[int]) -> None:
    assert roster(9, told) == roster(9, [(other[a], other[b]) for a, b in told])


@given(ties)
def test_a_tie_from_both_ends_counts_in_density_by_degree_and_by_roster_alike(told: list[tuple[int, int]]) -> None:
    known = {frozenset(tie) for tie in told}
    degree = [sum(member in tie for tie in known) for member in range(9)]
    assert density(degree, 9) == pytest.approx(roster(9, told).density)
