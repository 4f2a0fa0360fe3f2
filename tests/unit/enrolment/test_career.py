"""How HR's facts are understood: order, days, and what they mean for somebody's career."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.model import Employee, StaffFact
from services.enrolment.rules import career
from services.enrolment.rules.career import (
    Joined,
    Left,
    Moved,
    NewAddress,
    NewLineManager,
    Promoted,
    Rehired,
    Renamed,
    Returned,
    SteppedDown,
    WentOnLeave,
)
from shared.events.hr import EmployeeLeft
from tests.unit.enrolment.arrange import TODAY, an_employee, hr_says

TOMORROW = TODAY + timedelta(days=1)


def after(*facts: StaffFact, today: date = TODAY) -> Employee:
    known: Employee | None = None
    for fact in facts:
        known = career.told(known, fact, today)[0]
    assert known
    return known


def left(version: int, last_day: date) -> EmployeeLeft:
    return EmployeeLeft(employee_id="E1", version=version, last_day=last_day)


def test_the_same_version_again_is_stale() -> None:
    assert career.told(an_employee(version=3), hr_says(version=3, level="middle"), TODAY)[1] == "stale"


def test_an_older_version_is_stale() -> None:
    assert career.told(an_employee(version=3), hr_says(version=2), TODAY)[1] == "stale"


def test_a_change_with_a_coming_day_is_held_and_changes_nothing_today() -> None:
    employee, told = career.told(an_employee(), hr_says(version=2, level="middle", effective_from=TOMORROW), TODAY)
    assert told == "held"
    assert employee.record
    assert employee.record.level == "first_line"
    assert career.next_day(employee, TODAY) == TOMORROW


def test_a_held_change_holds_from_its_day() -> None:
    employee = after(hr_says(version=1), hr_says(version=2, level="middle", effective_from=TOMORROW))
    tomorrow = career.as_of(employee, TOMORROW)
    assert tomorrow.record
    assert (tomorrow.record.level, tomorrow.level_since, tomorrow.upcoming) == ("middle", TOMORROW, ())


def test_the_same_held_change_told_again_is_stale() -> None:
    coming = hr_says(version=2, effective_from=TOMORROW)
    assert career.told(after(hr_says(), coming), coming, TODAY)[1] == "stale"


def test_a_newer_change_that_holds_today_replaces_a_coming_older_one() -> None:
    employee = after(hr_says(version=2, level="middle", effective_from=TOMORROW), hr_says(version=3))
    assert employee.upcoming == ()


def test_an_older_change_that_holds_today_leaves_the_coming_newer_one() -> None:
    coming = hr_says(version=3, level="middle", effective_from=TOMORROW)
    employee = after(coming, hr_says(version=2))
    assert employee.record
    assert (employee.record.version, employee.upcoming) == (2, (coming,))


def test_she_has_left_the_day_after_her_last_day_and_not_before() -> None:
    employee = after(hr_says(), left(2, TODAY))
    assert not employee.left
    assert career.next_day(employee, TODAY) == TOMORROW
    assert career.as_of(employee, TOMORROW).left


def test_the_end_that_a_record_names_is_a_departure_too() -> None:
    employee = after(hr_says(employed_to=TODAY))
    assert career.next_day(employee, TODAY) == TOMORROW
    assert career.as_of(employee, TOMORROW).left


def test_a_newer_record_after_the_departure_is_a_return_to_work() -> None:
    gone = after(hr_says(), left(2, date(2026, 8, 1)))
    back = career.told(gone, hr_says(version=3, effective_from="2026-09-01"), TODAY)[0]
    assert career.career_change(gone, back) == (Rehired(),)
    assert back.level_since == TODAY


def test_a_departure_told_before_the_person_is_not_undone_by_the_older_record() -> None:
    assert career.told(after(left(2, date(2026, 8, 1))), hr_says(version=1), TODAY)[1] == "stale"


FACTS: list[StaffFact] = [
    hr_says(version=1),
    hr_says(version=2, level="middle", effective_from=TOMORROW),
    hr_says(version=3, unit_id="U2"),
    left(4, TODAY + timedelta(days=9)),
    hr_says(version=5, level="senior", effective_from=TODAY + timedelta(days=20)),
]


@given(order=st.permutations([*FACTS, *FACTS]), days=st.integers(0, 30))
def test_the_order_in_which_facts_arrive_changes_nothing(order: list[StaffFact], days: int) -> None:
    day = TODAY + timedelta(days=days)
    told_in_order, told_in_disorder = career.as_of(after(*FACTS), day), career.as_of(after(*order), day)
    # level_since tells when the level was seen first, which a late arrival cannot say any more
    assert told_in_order.having(level_since=None) == told_in_disorder.having(level_since=None)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"level": "middle"}, Promoted),
        ({"level": "none"}, SteppedDown),
        ({"unit_id": "U9"}, Moved),
        ({"manager_id": "E9"}, NewLineManager),
        ({"family_name": "Ek"}, Renamed),
        ({"email": "asa.ek@kommun.example"}, NewAddress),
        ({"absent": {"from": "2026-08-01", "to": None}}, WentOnLeave),
    ],
)
def test_each_kind_of_change_is_told_apart(changes: dict[str, Any], kind: type) -> None:
    before = an_employee()
    found = career.career_change(before, career.told(before, hr_says(version=2, **changes), TODAY)[0])
    assert [type(change) for change in found] == [kind]


def test_several_changes_in_one_message_are_all_seen() -> None:
    before = an_employee()
    message = hr_says(version=2, level="middle", unit_id="U9", manager_id="E9", family_name="Ek")
    found = career.career_change(before, career.told(before, message, TODAY)[0])
    assert {type(change) for change in found} == {Promoted, Moved, NewLineManager, Renamed}


def test_a_first_record_means_that_she_joined() -> None:
    assert career.career_change(None, an_employee()) == (Joined(),)


def test_leaving_is_the_only_news_about_somebody_who_left() -> None:
    gone = after(hr_says(version=2, level="middle"), left(3, date(2026, 8, 1)))
    assert career.career_change(an_employee(), gone) == (Left(),)


def test_she_returns_when_her_leave_has_ended() -> None:
    away = an_employee(absent={"from": "2026-08-01", "to": TODAY.isoformat()})
    assert career.career_change(away, career.as_of(away, TOMORROW)) == (Returned(),)


def test_the_level_counts_from_the_record_in_which_it_was_reached() -> None:
    employee = after(hr_says(effective_from="2025-01-01"), hr_says(version=2, unit_id="U2", effective_from=TODAY))
    assert employee.level_since == date(2025, 1, 1)


UNITS: dict[str, tuple[str | None, str | None]] = {
    "D1": (None, None),
    "U1": ("D1", None),
    "U11": ("U1", None),
    "D2": (None, None),
    "U2": ("D2", None),
}


@pytest.mark.parametrize(("unit", "top"), [("U11", "D1"), ("D1", "D1"), ("U2", "D2"), ("U?", "U?")])
def test_the_department_is_the_top_unit(unit: str, top: str) -> None:
    assert career.department(unit, UNITS) == top


def test_a_merged_unit_belongs_to_the_department_of_the_one_it_lives_on_in() -> None:
    assert career.department("U11", UNITS | {"U1": ("D1", "U2")}) == "D2"


@pytest.mark.parametrize(("one", "other"), [("U1", "U2"), ("U2", "U1")])
def test_units_that_name_each_other_as_parent_still_give_an_answer(one: str, other: str) -> None:
    assert career.department(one, {one: (other, None), other: (one, None)}) in {one, other}
