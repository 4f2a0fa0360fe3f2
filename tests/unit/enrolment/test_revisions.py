"""A group that goes on by another revision: what stays, what moves, what comes and what goes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.model import Attendance, Cohort
from services.enrolment.programme_file import ProgrammeFile
from services.enrolment.rules import meetings, revisions, sessions
from services.enrolment.rules.reasons import GroupCancelled, said
from services.enrolment.rules.refusal import Refusal
from services.enrolment.rules.revisions import Frame
from services.enrolment.rules.sessions import Plan
from shared.events import Event
from shared.events.enrolment import CohortScheduled, SessionCancelled, SessionRescheduled
from shared.workdays import WorkCalendar
from tests.unit.enrolment.arrange import NOW, STOCKHOLM, a_cohort, a_programme, the_file


def module(code: str, after_days: int = 0, hours: float = 3, title: str = "Del") -> dict[str, Any]:
    return {
        "code": code,
        "title": {"sv": title, "en": title},
        "kind": "seminar",
        "hours": hours,
        "after_days": after_days,
    }


def frame(now: datetime = NOW) -> Frame:
    return Frame(now=now, zone=STOCKHOLM, calendar=WorkCalendar())


def adopted(
    cohort: Cohort, content: ProgrammeFile, now: datetime = NOW, revision: int = 2
) -> tuple[Cohort, tuple[Event, ...]]:
    after = revisions.adopt(cohort, revision, content, frame(now))
    assert not isinstance(after, Refusal)
    return after


def with_modules(*modules: dict[str, Any]) -> ProgrammeFile:
    return the_file(modules=list(modules))


def as_it_was(code: str) -> dict[str, Any]:
    return next(each.model_dump() for each in the_file().modules if each.code == code)


def held(cohort: Cohort, code: str) -> Cohort:
    record = {"E1": Attendance(kind="present", hours=6)}
    sessions = (s.model_copy(update={"attendance": record}) if s.module == code else s for s in cohort.sessions)
    return cohort.having(sessions=tuple(sessions))


def test_the_first_revision_is_published_and_later_ones_answer_recommendations() -> None:
    first = revisions.announcement(a_programme(), ("R-1",))
    second = revisions.announcement(a_programme().having(revision=2), ("R-1",))
    assert (first.type, second.type) == ("enrolment.programme.published.v1", "enrolment.programme.revised.v1")
    assert getattr(second, "addresses") == ("R-1",)  # noqa: B009


def test_parts_that_differ_are_named_in_the_order_of_the_file() -> None:
    other = the_file(goals=["G2"], title={"sv": "Ny", "en": "New"})
    assert revisions.parts_that_differ(the_file(), other) == ("title", "goals")
    assert revisions.parts_that_differ(other, other) == ()


def test_what_has_been_held_stays_even_if_its_part_is_no_more() -> None:
    cohort = held(a_cohort(), "M1")
    after, events = adopted(cohort, with_modules(module("M9")), now=cohort.sessions[0].ends_at)
    assert after.sessions[0] == cohort.sessions[0]
    assert not [event for event in events if isinstance(event, SessionCancelled) and event.session.module == "M1"]


def test_what_has_begun_and_is_not_recorded_yet_stays() -> None:
    cohort = a_cohort()
    begun = cohort.sessions[0].starts_at + timedelta(hours=1)
    after, _ = adopted(cohort, with_modules(module("M9")), now=begun)
    assert after.session("FLC-1:M1") == cohort.sessions[0]


def test_a_session_that_the_office_has_moved_is_left_where_it_is_unless_its_day_is_another() -> None:
    elsewhere = a_cohort().sessions[1].model_copy(update={"starts_at": datetime(2026, 11, 20, 8, tzinfo=UTC)})
    cohort = a_cohort().having(sessions=(a_cohort().sessions[0], elsewhere))
    longer = as_it_was("M2") | {"hours": 5}
    kept, _ = adopted(cohort, with_modules(as_it_was("M1"), longer))
    assert kept.sessions[1].starts_at == elsewhere.starts_at
    later, events = adopted(cohort, with_modules(as_it_was("M1"), longer | {"after_days": 35}))
    assert later.sessions[1].starts_at == datetime(2026, 11, 24, 8, tzinfo=UTC)
    [moved] = [event for event in events if isinstance(event, SessionRescheduled)]
    assert moved.previous_starts_at == elsewhere.starts_at


def test_a_session_that_the_office_has_added_is_kept() -> None:
    extra = (
        a_cohort()
        .sessions[1]
        .model_copy(
            update={"session_id": "FLC-1:X1", "module": "X1", "starts_at": datetime(2026, 12, 1, 8, tzinfo=UTC)}
        )
    )
    cohort = a_cohort().having(sessions=(*a_cohort().sessions, extra))
    after, _ = adopted(cohort, with_modules(as_it_was("M1"), module("M3", 28)))
    assert after.session("FLC-1:X1") == extra


def test_a_part_whose_day_has_passed_is_held_in_two_weeks_on_a_meeting_day() -> None:
    cohort = held(a_cohort(), "M1")
    now = datetime(2026, 12, 10, 8, tzinfo=UTC)
    after, _ = adopted(cohort, with_modules(as_it_was("M1"), module("M3", 7)), now=now)
    [new] = [session for session in after.sessions if session.module == "M3"]
    # 24 December lies in the weeks without meetings, which end with 6 January
    assert new.starts_at == datetime(2027, 1, 7, 8, tzinfo=UTC)


def test_two_sessions_of_a_group_are_not_put_on_one_day() -> None:
    after, _ = adopted(a_cohort(), with_modules(as_it_was("M1"), as_it_was("M2"), module("M3", 28)))
    days = [session.starts_at.date() for session in after.sessions]
    assert len(set(days)) == 3


def test_a_session_that_comes_back_gets_an_id_that_no_calendar_has_seen() -> None:
    without, _ = adopted(a_cohort(), with_modules(as_it_was("M1")))
    back, events = adopted(without, the_file(), revision=1)
    [scheduled] = [event for event in events if isinstance(event, CohortScheduled)]
    assert [session.session_id for session in scheduled.sessions] == ["FLC-1:M1", "FLC-1:M2:2"]
    assert back.session("FLC-1:M2")


@pytest.mark.parametrize("state", ["completed", "cancelled"])
def test_a_group_that_is_over_adopts_nothing(state: str) -> None:
    refused = revisions.adopt(a_cohort(state=state), 2, with_modules(module("M1")), frame())
    assert isinstance(refused, Refusal)
    assert refused.slug == "cohort-over"


@given(
    days=st.lists(st.integers(0, 400), max_size=6).map(sorted),
    codes=st.permutations(["M2", "M3", "M4", "M5", "M6", "M7"]),
    waited=st.integers(0, 200),
)
def test_a_group_always_has_each_part_once_in_time_to_come_and_never_two_at_once(
    days: list[int], codes: list[str], waited: int
) -> None:
    content = with_modules(module("M1"), *(module(code, day) for code, day in zip(codes, days, strict=False)))
    now = NOW + timedelta(days=waited)
    before = a_cohort()
    after, events = adopted(before, content, now)
    open_ = [session for session in after.sessions if session.cancelled is None]
    parts = [session.module for session in open_]
    assert len(parts) == len(set(parts))
    assert {each.code for each in content.modules} <= set(parts)
    for one, other in pairwise(open_):
        assert one.ends_at <= other.starts_at
    for session in open_:
        old = before.session(session.session_id)
        assert session.starts_at > now or session == old
    assert isinstance(events[0], CohortScheduled)
    assert {event.version for event in events} == {after.version}


def starting(cohort: Cohort) -> dict[str, datetime]:
    return {session.session_id: session.starts_at for session in cohort.sessions}


def test_two_sessions_that_follow_their_parts_to_one_day_are_not_put_at_one_time() -> None:
    content = with_modules(module("M1"), module("M2", 14), module("M3", 28))
    cohort, _ = adopted(a_cohort(), content)
    both, _ = adopted(cohort, with_modules(module("M1"), module("M2", 60), module("M3", 60)), revision=3)
    for one, other in pairwise(both.sessions):
        assert one.ends_at <= other.starts_at


def test_parts_that_change_places_take_the_days_of_one_another() -> None:
    content = with_modules(module("M1"), module("M2", 14), module("M3", 28))
    cohort, _ = adopted(a_cohort(), content)
    turned, _ = adopted(cohort, with_modules(module("M1"), module("M3", 14), module("M2", 28)), revision=3)
    m2 = next(session.session_id for session in cohort.sessions if session.module == "M2")
    m3 = next(session.session_id for session in cohort.sessions if session.module == "M3")
    before, after = starting(cohort), starting(turned)
    assert (after[m2].date(), after[m3].date()) == (before[m3].date(), before[m2].date())


def test_a_part_that_becomes_longer_does_not_run_into_the_next_on_its_day() -> None:
    content = with_modules(module("M1"), module("M2"))
    plan = Plan(first_day=date(2026, 10, 20), start=time(9), location="Sal A")
    scheduled = sessions.schedule(
        "FLC-1",
        a_programme(modules=list(content.model_dump()["modules"])),
        plan,
        zone=STOCKHOLM,
        calendar=WorkCalendar(),
    )
    assert not isinstance(scheduled, Refusal)
    after, _ = adopted(scheduled[0], with_modules(module("M1", hours=5), module("M2")))
    for one, other in pairwise(after.sessions):
        assert one.ends_at <= other.starts_at


def test_a_session_that_the_office_has_called_off_is_not_brought_back_by_another_revision() -> None:
    called_off = meetings.cancel(a_cohort(), "FLC-1:M2", said(GroupCancelled()))
    assert not isinstance(called_off, Refusal)
    after, _ = adopted(called_off[0], the_file(title={"sv": "Ny", "en": "New"}))
    assert [session.session_id for session in after.sessions] == ["FLC-1:M1", "FLC-1:M2"]
