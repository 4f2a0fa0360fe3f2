"""When cohorts meet, in which order, and what clashes."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.model import Cohort, Session
from services.enrolment.rules import sessions
from services.enrolment.rules.attendance import Said, hold
from services.enrolment.rules.reasons import SessionClash, said
from services.enrolment.rules.refusal import Refusal
from services.enrolment.rules.sessions import LONGEST, Engagement, Plan
from shared.events.enrolment import SessionRescheduled
from shared.workdays import WorkCalendar, yearly_periods
from tests.unit.enrolment.arrange import NOW, STOCKHOLM, a_cohort, a_programme

CALENDAR = WorkCalendar()


def modules(*parts: tuple[int, float]) -> list[dict[str, Any]]:
    """M1, M2 …, each with its days after the first and its hours."""
    title = {"sv": "Modul", "en": "Module"}
    return [
        {"code": f"M{number}", "title": title, "kind": "seminar", "hours": hours, "after_days": after}
        for number, (after, hours) in enumerate(parts, 1)
    ]


def scheduled(*parts: tuple[int, float], calendar: WorkCalendar = CALENDAR, **plan: Any) -> Cohort | Refusal:
    """A cohort of a programme with these modules, from Tuesday 20 October unless said otherwise."""
    wanted = Plan.model_validate({"first_day": date(2026, 10, 20), "start": time(9), "location": "Sal A"} | plan)
    programme = a_programme(modules=modules(*(parts or ((0, 6), (28, 3)))))
    result = sessions.schedule("C", programme, wanted, zone=STOCKHOLM, calendar=calendar)
    return result if isinstance(result, Refusal) else result[0]


def meets(*parts: tuple[int, float], **plan: Any) -> list[str]:
    """When the cohort meets, in local time."""
    cohort = scheduled(*parts, **plan)
    assert isinstance(cohort, Cohort)
    return [f"{session.starts_at.astimezone(STOCKHOLM):%m-%d %H:%M}" for session in cohort.sessions]


def slug(result: object) -> str:
    """The name of the refusal."""
    assert isinstance(result, Refusal), result
    return result.slug


@given(st.dates(date(2026, 9, 1), date(2040, 1, 1)), st.times().map(lambda t: time(t.hour, t.minute)))
def test_sessions_begin_at_the_local_time_they_were_scheduled_for(day: date, start: time) -> None:
    if start.hour in {2, 3}:
        return  # hours that a Sunday in March does not have; nothing is scheduled on Sundays
    cohort = scheduled(first_day=day, start=start)
    assert isinstance(cohort, Cohort)
    assert {session.starts_at.astimezone(STOCKHOLM).time() for session in cohort.sessions} == {start}
    assert all(session.starts_at.tzinfo is UTC for session in cohort.sessions)


@given(
    st.dates(date(2026, 9, 1), date(2060, 1, 1)),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), min_size=1, max_size=12),
    st.sampled_from(["", "07-01..07-31,12-20..01-06", "06-15..08-20,10-26..11-01"]),
)
def test_modules_keep_their_order_on_meeting_days_whatever_the_calendar(
    first_day: date, gaps: list[tuple[int, int]], quiet: str
) -> None:
    calendar = WorkCalendar(no_meetings=yearly_periods(quiet))
    days = [sum(gap for gap, _ in gaps[1 : number + 1]) for number in range(len(gaps))]
    parts = [(after, float(hours)) for after, (_, hours) in zip(days, gaps, strict=True)]
    cohort = scheduled(*parts, calendar=calendar, first_day=first_day)
    assert isinstance(cohort, Cohort)
    assert [session.module for session in cohort.sessions] == [f"M{number}" for number in range(1, len(gaps) + 1)]
    for earlier, later in zip(cohort.sessions, cohort.sessions[1:], strict=False):
        assert earlier.ends_at <= later.starts_at
    met: dict[date, list[Session]] = {}
    for session in cohort.sessions:
        met.setdefault(session.starts_at.astimezone(STOCKHOLM).date(), []).append(session)
    assert all(calendar.is_meeting_day(day) for day in met)
    assert all(held[-1].ends_at - held[0].starts_at <= LONGEST for held in met.values())
    first = cohort.sessions[0].starts_at.astimezone(STOCKHOLM).date()
    for session, after in zip(cohort.sessions, days, strict=True):
        assert session.starts_at.astimezone(STOCKHOLM).date() >= first + timedelta(days=after)


def test_a_session_lasts_as_long_as_its_module() -> None:
    assert [(s.ends_at - s.starts_at).total_seconds() / 3600 for s in a_cohort().sessions] == [6, 3]


def test_a_module_that_falls_in_a_quiet_week_is_held_on_the_next_meeting_day() -> None:
    # 17 November and 35 days is 22 December; the first working day after Epiphany is Thursday 7 January
    assert meets((0, 6), (35, 3), first_day=date(2026, 11, 17)) == ["11-17 09:00", "01-07 09:00"]


def test_modules_that_holidays_push_to_one_day_are_held_on_two() -> None:
    assert meets((0, 6), (35, 3), (37, 3), first_day=date(2026, 11, 17))[1:] == ["01-07 09:00", "01-08 09:00"]


def test_modules_of_one_day_follow_upon_one_another() -> None:
    assert meets((0, 3), (0, 3), (7, 3)) == ["10-20 09:00", "10-20 12:00", "10-27 09:00"]


def test_modules_of_one_day_that_are_too_long_for_it_go_on_the_next() -> None:
    assert meets((0, 8), (0, 8)) == ["10-20 09:00", "10-21 09:00"]


def test_days_are_counted_from_the_day_on_which_the_cohort_really_begins() -> None:
    assert meets((0, 6), (28, 3), first_day=date(2027, 7, 10)) == ["08-02 09:00", "08-30 09:00"]


def test_a_module_is_on_the_day_that_the_office_gives_even_in_a_quiet_week() -> None:
    days = {"M2": date(2026, 12, 22)}
    assert meets((0, 6), (28, 3), (42, 3), days=days) == ["10-20 09:00", "12-22 09:00", "01-07 09:00"]


def test_a_day_given_before_the_module_before_is_refused() -> None:
    assert slug(scheduled((0, 6), (28, 3), days={"M2": date(2026, 10, 19)})) == "out-of-order"


def test_a_day_given_for_two_long_modules_is_refused() -> None:
    day = date(2026, 11, 3)
    assert slug(scheduled((0, 6), (28, 8), (35, 8), days={"M2": day, "M3": day})) == "out-of-order"


def test_a_day_given_for_two_short_modules_has_one_after_the_other() -> None:
    day = date(2026, 11, 3)
    assert meets((0, 6), (28, 3), (35, 3), days={"M2": day, "M3": day})[1:] == ["11-03 09:00", "11-03 12:00"]


def test_a_day_for_a_module_that_the_programme_has_not_is_refused_by_its_name() -> None:
    refusal = scheduled(days={"M7": date(2026, 11, 3)})
    assert isinstance(refusal, Refusal)
    assert "M7" in refusal.detail


def test_a_cohort_has_the_language_and_the_facilitators_that_the_office_says() -> None:
    cohort = scheduled(language="en", facilitators=("Kim",))
    assert isinstance(cohort, Cohort)
    assert (cohort.language, cohort.facilitators) == ("en", ("Kim",))


@pytest.mark.parametrize(
    ("plan", "name"),
    [
        ({"first_day": date(2026, 9, 1)}, "time-in-the-past"),
        ({"days": {"M2": date(2026, 8, 31)}}, "time-in-the-past"),
        ({"first_day": date(2062, 9, 1)}, "time-too-far"),
        ({"days": {"M2": date(2062, 9, 1)}}, "time-too-far"),
    ],
)
def test_a_day_out_of_reach_is_refused(plan: dict[str, Any], name: str) -> None:
    wanted = Plan.model_validate({"first_day": date(2026, 10, 20), "start": time(9), "location": "Sal A"} | plan)
    assert slug(sessions.out_of_reach(wanted, date(2026, 9, 1))) == name


def moved(cohort: Cohort, module: str, starts_at: datetime, **to: Any) -> Cohort | Refusal:
    """The cohort after a session has been moved."""
    result = sessions.reschedule(cohort, f"FLC-1:{module}", starts_at=starts_at, now=NOW, **to)
    if isinstance(result, Refusal):
        return result
    assert isinstance(result[1], SessionRescheduled)
    return result[0]


LONG_AFTER = datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_a_session_is_not_moved_past_a_later_module() -> None:
    assert slug(moved(a_cohort(), "M1", LONG_AFTER)) == "out-of-order"


def test_a_session_is_not_moved_before_an_earlier_module() -> None:
    assert slug(moved(a_cohort(), "M2", datetime(2026, 10, 1, 8, tzinfo=UTC))) == "out-of-order"


def test_a_session_is_moved_past_a_later_module_when_that_is_what_is_wanted() -> None:
    cohort = moved(a_cohort(), "M1", LONG_AFTER, force=True)
    assert isinstance(cohort, Cohort)
    assert cohort.first_session.module == "M2"


def test_no_force_puts_two_sessions_of_a_cohort_at_one_time() -> None:
    other = a_cohort().sessions[1].starts_at
    assert slug(moved(a_cohort(), "M1", other, force=True)) == "same-time"


def test_a_session_moves_freely_past_one_that_is_cancelled() -> None:
    cohort = a_cohort()
    gone = cohort.sessions[1].model_copy(update={"cancelled": said(SessionClash(on=date(2026, 11, 3), programme="X"))})
    assert isinstance(moved(cohort.having(sessions=(cohort.sessions[0], gone)), "M1", LONG_AFTER), Cohort)


def test_a_cancelled_session_is_not_moved() -> None:
    cohort = a_cohort()
    gone = cohort.sessions[1].model_copy(update={"cancelled": said(SessionClash(on=date(2026, 11, 3), programme="X"))})
    assert slug(moved(cohort.having(sessions=(cohort.sessions[0], gone)), "M2", LONG_AFTER)) == "session-cancelled"


def test_a_session_moves_past_a_later_module_that_has_been_held() -> None:
    cohort = a_cohort()
    late = NOW + timedelta(days=100)
    record = hold(cohort, cohort.sessions[1], {"E1": Said()}, frozenset({"E1"}), now=late)
    assert isinstance(record, tuple)
    assert not isinstance(
        sessions.reschedule(record[0], "FLC-1:M1", starts_at=late + timedelta(days=1), now=late), Refusal
    )


@pytest.mark.parametrize(("hours", "allowed"), [(12, True), (12.01, False), (15000, False)])
def test_no_session_is_longer_than_twelve_hours(hours: float, allowed: bool) -> None:
    starts_at = datetime(2026, 11, 18, 8, tzinfo=UTC)
    result = moved(a_cohort(), "M2", starts_at, ends_at=starts_at + timedelta(hours=hours))
    assert isinstance(result, Cohort) if allowed else slug(result) == "too-long"


def at(hour: int, hours: float = 2, **changes: Any) -> Session:
    """A session on 3 November at an hour of UTC."""
    starts_at = datetime(2026, 11, 3, hour, tzinfo=UTC)
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours)}
    return a_cohort().sessions[0].model_copy(update=times | changes)


def elsewhere(*others: Session) -> list[Engagement]:
    """Sessions of another programme that somebody is to be at."""
    return [Engagement(programme="SEN", cohort_id="SEN-1", session=session) for session in others]


@pytest.mark.parametrize(
    ("other", "clash"),
    [
        (at(8, 2), True),
        (at(9, 1), True),
        (at(7, 9), True),
        (at(6, 2), False),
        (at(10, 2), False),
        (at(8, cancelled=said(SessionClash(on=date(2026, 11, 3), programme="X"))), False),
        (at(8, attendance={}), False),
    ],
    ids=["same", "inside", "around", "just before", "just after", "cancelled", "held"],
)
def test_a_clash_is_another_coming_session_at_the_same_time(other: Session, clash: bool) -> None:
    assert bool(sessions.clashes([at(8)], elsewhere(other))) == clash


def test_what_is_cancelled_here_clashes_with_nothing() -> None:
    gone = at(8, cancelled=said(SessionClash(on=date(2026, 11, 3), programme="X")))
    assert sessions.clashes([gone], elsewhere(at(8))) == ()


def test_the_first_clash_is_the_reason_that_she_is_told() -> None:
    assert sessions.clash([at(8), at(13)], elsewhere(at(13), at(9))) == SessionClash(
        on=date(2026, 11, 3), programme="SEN"
    )
    assert [one.session for one in sessions.clashes([at(8), at(13)], elsewhere(at(13), at(9)))] == [at(9), at(13)]
    assert sessions.clash([at(8)], elsewhere()) is None


@given(st.integers(0, 23), st.integers(1, 12), st.integers(0, 23), st.integers(1, 12))
def test_whoever_clashes_with_me_i_clash_with(mine: int, long: int, theirs: int, longer: int) -> None:
    one, other = at(mine, long), at(theirs, longer)
    assert sessions.overlap(one, other) == sessions.overlap(other, one)
    apart = one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
    assert sessions.overlap(one, other) != apart
