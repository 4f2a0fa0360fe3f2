"""What HR's words mean, by an outsider's reckoning: what a timeline is compared with."""

from datetime import date, timedelta

import pytest

from deploy.sample import staff
from deploy.sample.careers import KINDS, expected, worth_a_look
from deploy.sample.municipality import Municipality, found
from deploy.sample.organisation import VILLAGE

DAY = date(2026, 10, 20)
LATER = DAY + timedelta(days=30)
END = date(2027, 2, 15)


@pytest.fixture
def town() -> Municipality:
    return found(3, VILLAGE)


def told_of(town: Municipality, who: str, until: date = END) -> dict[str, int]:
    return dict(expected(town.told[who], until))


def someone(town: Municipality) -> str:
    return town.at_work(DAY, "first_line")[0].employee_id


def test_several_changes_in_one_message_are_all_counted(town: Municipality) -> None:
    who = someone(town)
    town.change(who, DAY, level="middle", unit_id="U0001", manager_id="E1", email="new@kommun.example")
    assert told_of(town, who) == {"Joined": 1, "Promoted": 1, "Moved": 1, "NewLineManager": 1, "NewAddress": 1}


def test_what_lies_ahead_is_not_counted_before_its_day(town: Municipality) -> None:
    who = someone(town)
    town.change(who, LATER, level="middle")
    assert told_of(town, who, LATER - timedelta(days=1)) == {"Joined": 1}
    assert told_of(town, who, LATER) == {"Joined": 1, "Promoted": 1}


def test_a_coming_change_that_was_replaced_never_counts(town: Municipality) -> None:
    who = someone(town)
    town.change(who, LATER, level="middle")
    town.change(who, DAY, level="first_line")
    assert told_of(town, who) == {"Joined": 1}


def test_a_departure_is_heard_of_at_once_and_counts_again_on_its_day(town: Municipality) -> None:
    who = someone(town)
    town.leave(who, LATER)
    assert told_of(town, who, LATER) == {"Joined": 1, "Leaving": 1}
    assert told_of(town, who) == {"Joined": 1, "Leaving": 1, "Left": 1}


def test_staying_after_all_and_coming_back_are_told_apart(town: Municipality) -> None:
    stays, back = (person.employee_id for person in town.at_work(DAY, "first_line")[:2])
    town.leave(stays, LATER)
    town.keep(stays, DAY)
    town.leave(back, DAY)
    town.rehire(back, LATER)
    assert told_of(town, stays) == {"Joined": 1, "Leaving": 1, "StaysAfterAll": 1}
    assert told_of(town, back) == {"Joined": 1, "Leaving": 1, "Left": 1, "Rehired": 1}


def test_a_leave_begins_and_ends(town: Municipality) -> None:
    who = someone(town)
    staff.go_on_leave(town, who, DAY)
    staff.come_back(town, who, LATER)
    assert told_of(town, who) == {"Joined": 1, "WentOnLeave": 1, "Returned": 1}


def test_some_of_every_kind_that_happened_are_looked_at(town: Municipality) -> None:
    colleagues = [person.employee_id for person in town.at_work(DAY, "none")]
    for who in colleagues[:9]:
        town.leave(who, DAY)
    town.in_the_plan.add(colleagues[50])
    looked_at = worth_a_look(town, END)
    assert colleagues[50] in looked_at
    assert sum("Left" in expected(town.told[who], END) for who in looked_at) == 3
    assert expected(town.told[colleagues[0]], END).keys() <= KINDS
