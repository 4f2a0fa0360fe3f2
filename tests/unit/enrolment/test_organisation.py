"""Where units belong."""

import pytest

from services.enrolment.rules.organisation import Tree, above, circle_at, department, is_within, lives_on_in

UNITS: dict[str, tuple[str | None, str | None]] = {
    "D1": (None, None),
    "U1": ("D1", None),
    "U11": ("U1", None),
    "D2": (None, None),
    "U2": ("D2", None),
}
CIRCLE: Tree = {"A": ("B", None), "B": ("A", None), "C": ("B", None)}
MERGED_INTO_EACH_OTHER: Tree = {"A": (None, "B"), "B": (None, "A")}


@pytest.mark.parametrize(("unit", "top"), [("U11", "D1"), ("D1", "D1"), ("U2", "D2"), ("U?", "U?")])
def test_the_department_is_the_top_unit(unit: str, top: str) -> None:
    assert department(unit, UNITS) == top


def test_a_merged_unit_belongs_to_the_department_of_the_one_it_lives_on_in() -> None:
    assert department("U11", UNITS | {"U1": ("D1", "U2")}) == "D2"


@pytest.mark.parametrize("tree", [CIRCLE, MERGED_INTO_EACH_OTHER])
@pytest.mark.parametrize("unit", ["A", "B", "C"])
def test_units_that_name_each_other_as_above_are_one_department(tree: Tree, unit: str) -> None:
    assert department(unit, tree) == ("C" if unit not in tree else "A")


def test_a_circle_is_found_from_the_units_in_it_and_from_no_other() -> None:
    assert set(circle_at("A", CIRCLE)) == {"A", "B"}
    assert circle_at("C", CIRCLE) == ()
    assert circle_at("U11", UNITS) == ()


@pytest.mark.parametrize("itself", [("D1", None), (None, "D1")])
def test_a_unit_that_is_above_itself_is_a_top_unit(itself: tuple[str | None, str | None]) -> None:
    assert department("U11", UNITS | {"D1": itself}) == "D1"


def test_a_unit_lives_on_in_the_last_that_it_was_merged_into() -> None:
    assert lives_on_in("U1", UNITS | {"U1": ("D1", "U2"), "U2": ("D2", "U3")}) == "U3"
    assert lives_on_in("B", MERGED_INTO_EACH_OTHER) == lives_on_in("A", MERGED_INTO_EACH_OTHER) == "A"


def test_all_below_a_unit_are_within_it_and_nobody_else() -> None:
    assert above("U11", UNITS) == ("U11", "U1", "D1")
    assert is_within("U11", {"D1"}, UNITS)
    assert is_within("D1", {"D1"}, UNITS)
    assert not is_within("D1", {"U1"}, UNITS)
    assert not is_within("U2", {"D1"}, UNITS)


def test_whoever_works_in_the_unit_that_another_was_merged_into_is_within_the_other() -> None:
    merged = UNITS | {"U1": ("D1", "U2")}
    assert is_within("U11", {"U1"}, merged)
    assert is_within("U2", {"U1"}, merged)
    assert is_within("U1", {"D2"}, merged)
