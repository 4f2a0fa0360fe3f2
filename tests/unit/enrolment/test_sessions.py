"""When cohorts meet, and who has completed."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.model import Attendance, Cohort
from services.enrolment.rules import sessions
from services.enrolment.rules.reasons import TooLittleAttendance
from tests.unit.enrolment.arrange import STOCKHOLM, a_cohort, a_programme


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_a_working_day_is_never_in_a_weekend_and_never_far_away(day: date) -> None:
    found = sessions.working_day(day)
    assert found.weekday() < 5
    assert timedelta() <= found - day <= timedelta(days=2)


@given(st.dates(date(2026, 9, 1), date(2040, 1, 1)), st.times().map(lambda t: time(t.hour, t.minute)))
def test_sessions_begin_at_the_local_time_they_were_scheduled_for(day: date, start: time) -> None:
    if start.hour in {2, 3}:
        return  # hours that a Sunday in March does not have; nothing is scheduled on Sundays
    cohort, _ = sessions.schedule("C", a_programme(), first_day=day, start=start, location="Sal A", zone=STOCKHOLM)
    assert {session.starts_at.astimezone(STOCKHOLM).time() for session in cohort.sessions} == {start}
    assert all(session.starts_at.tzinfo is UTC for session in cohort.sessions)


def test_a_session_lasts_as_long_as_its_module() -> None:
    assert [(s.ends_at - s.starts_at).total_seconds() / 3600 for s in a_cohort().sessions] == [6, 3]


PRESENT, ABSENT = Attendance(kind="present", hours=6), Attendance(kind="absent", hours=0)


def attended(*times: int) -> Cohort:
    """A cohort of five sessions of which E1 attended some."""
    sample = a_cohort().sessions[0]
    held = [
        sample.model_copy(
            update={"session_id": f"S{number}", "attendance": {"E1": PRESENT if number in times else ABSENT}}
        )
        for number in range(5)
    ]
    return a_cohort(sessions=tuple(held))


def test_exactly_the_share_asked_for_is_enough() -> None:
    assert sessions.too_little(attended(0, 1, 2, 3), "E1") is None


def test_less_than_the_share_asked_for_is_too_little() -> None:
    assert sessions.too_little(attended(0, 1, 2), "E1") == TooLittleAttendance(attended=3, sessions=5)


@pytest.mark.parametrize("names", [("E1", "E1", "E2"), ("E2", "E1")])
def test_attendance_names_each_person_once_in_order(names: tuple[str, ...]) -> None:
    held = sessions.hold(a_cohort(), "FLC-1:M1", names, frozenset({"E1", "E2"}), datetime(2027, 1, 1, tzinfo=UTC))
    assert isinstance(held, tuple)
    session = held[0].session("FLC-1:M1")
    assert session
    assert session.attended == ("E1", "E2")
