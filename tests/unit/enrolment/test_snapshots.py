"""What a snapshot of the staff means: what is a true change, who is missing, and when it is too much at once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.enrolment.model import Employee
from services.enrolment.rules import career, snapshots
from services.enrolment.rules.snapshots import Counts
from tests.unit.enrolment.arrange import NOW, TODAY, an_employee, hr_says


@pytest.mark.parametrize(
    ("counts", "held"),
    [
        ({"staff": 100, "staff_changed": 10, "managers": 20, "managers_changed": 1}, False),
        ({"staff": 100, "staff_changed": 11, "managers": 20, "managers_changed": 1}, True),
        ({"staff": 100, "staff_changed": 2, "managers": 20, "managers_changed": 2}, True),
        ({"staff": 100, "staff_changed": 1, "managers": 0, "managers_changed": 1}, True),
        ({"staff": 0, "staff_changed": 5700, "managers": 0, "managers_changed": 250}, False),
        ({"staff": 5700, "staff_changed": 0, "managers": 250, "managers_changed": 0}, False),
    ],
)
def test_more_than_a_tenth_of_the_staff_or_a_twentieth_of_the_managers_is_too_many(
    counts: dict[str, int], held: bool
) -> None:
    assert Counts(**counts).too_many is held


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({}, False),
        ({"effective_from": "2026-08-01"}, False),
        ({"language": "en"}, True),
        ({"unit_id": "U2"}, True),
        ({"unit_id": "U2", "effective_from": "2026-12-01"}, True),
        ({"effective_from": "2026-12-01"}, False),
        ({"employed_to": "2026-08-31"}, True),
    ],
)
def test_a_new_version_alone_is_no_true_change(changes: dict[str, Any], differs: bool) -> None:
    before = an_employee()
    after = snapshots.told(before, hr_says(version=2, **changes), TODAY)
    assert after
    assert snapshots.differs(before, after) is differs


def test_an_older_record_in_a_snapshot_says_nothing() -> None:
    assert snapshots.told(an_employee(version=3), hr_says(version=2, unit_id="U2"), TODAY) is None


def test_a_snapshot_that_still_has_somebody_who_was_erased_says_nothing_about_her() -> None:
    erased = Employee(id="E1", version=3, erased=True)
    assert snapshots.told(erased, hr_says(version=4), TODAY) is None


def test_whoever_becomes_a_manager_counts_among_the_managers_that_change_and_not_among_those_there_are() -> None:
    before = an_employee(level="potential")
    after = career.told(before, hr_says(version=2), TODAY)[0]
    assert snapshots.counted([(before, after)]) == Counts(staff=1, staff_changed=1, managers=0, managers_changed=1)


def test_whoever_may_become_a_manager_is_none() -> None:
    before = an_employee(level="potential")
    assert snapshots.counted([(before, before)]).managers == 0


def missing(employee: Employee, taken_at: datetime = NOW) -> Employee | None:
    return snapshots.missing(employee, taken_at, TODAY)


def test_whoever_is_missing_has_left_without_using_up_a_version() -> None:
    gone = missing(an_employee(version=4))
    assert gone
    assert (gone.left, gone.version) == (True, 4)
    assert career.told(gone, hr_says(version=5), TODAY)[1] == "applied"
    assert career.told(gone, hr_says(version=4), TODAY)[1] == "stale"


def test_whoever_has_left_or_is_yet_to_begin_is_not_missing() -> None:
    assert missing(an_employee(employed_to="2026-08-01")) is None
    assert missing(an_employee(employed_from="2026-12-01")) is None
    assert missing(an_employee(effective_from="2026-12-01")) is None


@pytest.mark.parametrize(("minutes", "judged"), [(-1, True), (0, True), (1, False)])
def test_what_was_told_after_a_snapshot_was_taken_is_not_known_to_it(minutes: int, judged: bool) -> None:
    employee = an_employee().having(told_at=NOW + timedelta(minutes=minutes))
    assert (missing(employee) is not None) is judged


def test_somebody_missing_is_there_again_with_the_version_she_had_and_somebody_who_left_is_not() -> None:
    gone = missing(an_employee(version=4, absent={"from": "2026-08-01", "to": None}))
    assert gone
    back = snapshots.told(gone, hr_says(version=4), TODAY)
    assert back
    assert (back.left, back.on_leave) == (False, True)
    assert type(career.career_change(gone, back)[0]).__name__ == "Rehired"
    left = an_employee(version=4, employed_to="2026-08-01")
    assert snapshots.told(left, hr_says(version=4), TODAY) is None


def test_a_moment_is_compared_as_the_database_keeps_it() -> None:
    assert snapshots.moment(datetime(2026, 1, 1, 0, 0, 0, 123456, UTC)).microsecond == 123000


def test_her_last_day_was_the_one_before_the_snapshot() -> None:
    assert snapshots.fact_of(an_employee(version=2), TODAY).last_day == date(2026, 8, 31)
