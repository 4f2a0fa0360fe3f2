"""What happens to the staff: each change is one that a real HR system could publish."""

import random
from collections import Counter
from datetime import date

import pytest

from deploy.sample import staff
from deploy.sample.municipality import Municipality, found
from deploy.sample.organisation import VILLAGE
from shared.events.hr import EmployeeChanged, EmployeeLeft

MONDAY = date(2026, 9, 7)


@pytest.fixture
def town() -> Municipality:
    return found(3, VILLAGE)


def test_nobody_changes_twice_in_a_week(town: Municipality) -> None:
    changes = staff.week(town, MONDAY, staff.Turnover(60, 60, 60, 60), random.Random(1))
    assert max(Counter(change.subject for change in changes).values()) == 1


def test_a_week_has_every_kind_of_change(town: Municipality) -> None:
    changes = staff.week(town, MONDAY, staff.Turnover(60, 60, 60, 60), random.Random(1))
    kinds = Counter(type(change) for change in changes)
    assert kinds[EmployeeLeft] == 20
    assert kinds[EmployeeChanged] == 60


def test_who_leaves_is_left_alone_from_then_on(town: Municipality) -> None:
    changes = staff.week(town, MONDAY, staff.Turnover(0, 200, 0, 0), random.Random(1))
    assert not {change.subject for change in changes} & {p.employee_id for p in town.at_work(MONDAY)}


def test_every_version_is_one_higher_than_the_one_before(town: Municipality) -> None:
    versions = {p.employee_id: p.version for p in town.people.values()}
    for change in staff.week(town, MONDAY, staff.Turnover(0, 60, 60, 60), random.Random(1)):
        assert change.version == versions[change.subject] + 1


def test_a_successor_takes_over_the_level_and_the_people_when_her_predecessor_has_gone(town: Municipality) -> None:
    leaving = next(m for m in town.at_work(MONDAY, "first_line") if len(town.reports_of(m.employee_id, MONDAY)) > 2)
    team = {p.employee_id for p in town.reports_of(leaving.employee_id, MONDAY)}
    left, successor, *others = staff.succession(town, leaving, MONDAY, random.Random(1))
    assert isinstance(left, EmployeeLeft)
    assert isinstance(successor, EmployeeChanged)
    assert (left.last_day, successor.effective_from) == (date(2026, 9, 30), date(2026, 10, 1))
    assert (successor.level, successor.manager_id) == ("first_line", leaving.manager_id)
    assert {change.subject for change in others} == team - {successor.employee_id}
    assert all(isinstance(o, EmployeeChanged) and o.manager_id == successor.employee_id for o in others)


def test_one_on_leave_is_away_until_she_comes_back(town: Municipality) -> None:
    someone = town.at_work(MONDAY, "first_line")[0]
    away = staff.go_on_leave(town, someone.employee_id, MONDAY)
    assert away.absent
    assert away.absent.covers(date(2027, 1, 1))
    assert staff.come_back(town, someone.employee_id, date(2027, 1, 2)).absent is None
