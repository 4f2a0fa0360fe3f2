"""Deadlines of offers, what links can do, who cannot be offered a seat, and what follows from how somebody stands."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.model import Approval, Credit, Place, Programme
from services.enrolment.rules import offers
from services.enrolment.rules.consequences import consequence, credits_in
from services.enrolment.rules.hindrances import hindrance, unfit
from services.enrolment.rules.reasons import (
    AwaitingApproval,
    BackFromLeave,
    GoneToNextProgramme,
    LeavesBefore,
    LeftEmployment,
    NoLongerEligible,
    OfferTakenBack,
    OnLeave,
    OtherLanguage,
    PromotedOut,
    Retired,
    SessionClash,
    TooLateForGroup,
    Why,
)
from services.enrolment.rules.sessions import Engagement
from shared.events.hr import EmployeeLeft
from shared.workdays import WorkCalendar
from tests.unit.enrolment.arrange import NOW, STOCKHOLM, a_cohort, a_place, a_programme, an_employee, the_file

AWAY = {"from": "2026-08-01", "to": "2026-12-31"}
BEFORE_FIRST = datetime(2026, 10, 17, 7, tzinfo=UTC)
AFTER_FIRST = datetime(2026, 10, 21, 7, tzinfo=UTC)


def a_returner(*modules: str) -> Place:
    """Somebody in the queue with credit for modules."""
    credits_ = tuple(Credit(module=one, session_id=f"X:{one}", cohort_id="X", hours=6) for one in modules)
    return a_place().having(credits=credits_, priority=1)


def deadline(now: datetime, **cohort: Any) -> datetime:
    return offers.answer_deadline(a_cohort(**cohort), a_place(), now, WorkCalendar(), STOCKHOLM)


def test_an_offer_may_be_answered_for_as_many_working_days_as_the_programme_says() -> None:
    assert deadline(NOW) == NOW + timedelta(days=9)  # a Tuesday; two days of a weekend are not counted


def test_a_holiday_is_no_day_to_answer_on() -> None:
    easter = datetime(2027, 3, 24, 8, tzinfo=UTC)
    asked_for_two = the_file(offer={"answer_within_days": 2})
    # Good Friday and Easter Monday; and the hour is the local one when summer time has begun
    assert deadline(easter, first_day=date(2027, 6, 1), content=asked_for_two) == datetime(2027, 3, 30, 7, tzinfo=UTC)


@given(days=st.integers(2, 400))
def test_no_deadline_is_past_the_first_session(days: int) -> None:
    cohort = a_cohort(first_day=NOW.date() + timedelta(days=days + 1))
    answer_by = offers.answer_deadline(cohort, a_place(), NOW, WorkCalendar(), STOCKHOLM)
    assert not offers.may_fill(cohort, NOW) or NOW < answer_by < cohort.first_session.starts_at


def test_a_group_that_has_begun_takes_a_returner_who_has_credit_for_what_was() -> None:
    assert offers.may_fill(a_cohort(), AFTER_FIRST, a_returner("M1"))
    assert not offers.may_fill(a_cohort(), AFTER_FIRST, a_returner("M2"))
    assert not offers.may_fill(a_cohort(), AFTER_FIRST, a_place())


def test_a_returner_answers_well_before_the_first_session_that_she_must_attend() -> None:
    second = a_cohort().sessions[1].starts_at
    now = second - timedelta(days=3)
    answer_by = offers.answer_deadline(a_cohort(), a_returner("M1"), now, WorkCalendar(), STOCKHOLM)
    assert answer_by == second - timedelta(hours=24)


@pytest.mark.parametrize("state", ["completed", "cancelled"])
def test_a_group_that_is_over_is_not_filled(state: str) -> None:
    assert not offers.may_fill(a_cohort(state=state), NOW)
    assert not offers.may_take_returners(a_cohort(state=state), NOW)


def at(state: str, **changes: Any) -> Place:
    return a_place("offered").having(state=state, **changes)


@pytest.mark.parametrize(
    ("place", "now", "standing"),
    [
        (at("offered"), NOW, "open"),
        (at("offered"), NOW + timedelta(days=7), "open"),
        (at("offered"), NOW + timedelta(days=7, seconds=1), "expired"),
        (at("confirmed"), NOW, "confirmed"),
        (at("confirmed"), datetime.fromisoformat("2026-10-20T07:00Z"), "begun"),
        (at("declined"), NOW, "declined"),
        (at("withdrawn"), NOW, "gone"),
        (at("offered", offers=2), NOW, "gone"),
    ],
)
def test_a_link_tells_how_the_offer_stands(place: Place, now: datetime, standing: str) -> None:
    assert offers.standing(place, a_cohort(), 1, now) == standing


ELSEWHERE = Engagement(programme="MLC", cohort_id="MLC-1", session=a_cohort().sessions[1])
ASKED = Approval(approver_id="E9", asked_at=NOW)
LEAVING = EmployeeLeft(employee_id="E1", version=2, last_day=date(2026, 10, 1))


@pytest.mark.parametrize(
    ("place", "employee", "cohort", "elsewhere", "why"),
    [
        ({}, {}, {}, [], None),
        ({}, {"level": "middle"}, {}, [], NoLongerEligible(level="middle")),
        ({"not_in": ("FLC-1",)}, {}, {}, [], OfferTakenBack()),
        ({"not_in": ("FLC-0",)}, {}, {}, [], None),
        ({"approval": ASKED}, {}, {}, [], AwaitingApproval()),
        ({"approval": ASKED.model_copy(update={"state": "approved"})}, {}, {}, [], None),
        ({}, {"absent": AWAY}, {}, [], OnLeave(until=date(2026, 12, 31))),
        ({}, {"absent": {"from": "2026-11-01", "to": None}}, {}, [], OnLeave()),
        ({}, {"absent": {"from": "2026-11-01", "to": "2026-11-16"}}, {}, [], None),
        ({}, {"employed_to": "2026-10-19"}, {}, [], LeavesBefore(last_day=date(2026, 10, 19))),
        ({}, {"employed_to": "2026-10-20"}, {}, [], None),
        ({}, {}, {"language": "en"}, [], OtherLanguage(language="en")),
        ({}, {}, {"language": "sv"}, [], None),
        ({}, {}, {}, [ELSEWHERE], SessionClash(on=date(2026, 11, 17), programme="MLC")),
        ({"programme": "MLC"}, {}, {}, [ELSEWHERE], None),
    ],
)
def test_whoever_cannot_sit_in_a_group_is_passed_over_for_a_reason_that_is_true(
    place: dict[str, Any],
    employee: dict[str, Any],
    cohort: dict[str, Any],
    elsewhere: list[Engagement],
    why: Why | None,
) -> None:
    she = an_employee(**employee)
    assert hindrance(a_place().having(**place), she, the_file(), a_cohort(**cohort), elsewhere, now=NOW) == why


def test_whoever_leaves_before_the_first_session_is_not_offered_a_seat() -> None:
    she = an_employee().having(upcoming=(LEAVING,))
    why = hindrance(a_place(), she, the_file(), a_cohort(), [], now=NOW)
    assert why == LeavesBefore(last_day=date(2026, 10, 1))


def test_whoever_needs_a_session_that_has_been_is_told_that_it_is_too_late() -> None:
    assert hindrance(a_place(), an_employee(), the_file(), a_cohort(), [], now=AFTER_FIRST) == TooLateForGroup()


def test_a_clash_with_a_session_that_she_has_credit_for_is_none() -> None:
    assert hindrance(a_returner("M2"), an_employee(), the_file(), a_cohort(), [ELSEWHERE], now=NOW) is None


def test_whoever_has_begun_may_wait_to_go_on_at_another_level() -> None:
    promoted = an_employee(level="middle")
    assert unfit(a_returner("M1"), promoted, the_file()) is None
    assert unfit(a_place(), promoted, the_file()) == NoLongerEligible(level="middle")
    assert unfit(a_returner("M1"), an_employee().having(left=True), the_file()) == LeftEmployment()


def test_whoever_waits_may_wait_while_on_leave() -> None:
    assert consequence(a_place(), an_employee(absent=AWAY), a_programme(), None) is None


@pytest.mark.parametrize(
    ("state", "policy", "step"),
    [("confirmed", "pause", "pause"), ("confirmed", "withdraw", "withdraw"), ("offered", "pause", "withdraw")],
)
def test_a_leave_over_the_sessions_has_the_consequence_of_the_policy(state: str, policy: str, step: str) -> None:
    file = the_file(policies={"on_absence": policy})
    must = consequence(a_place(state), an_employee(absent=AWAY), a_programme(), a_cohort(content=file))
    assert must
    assert (must.step, must.why) == (step, OnLeave(until=date(2026, 12, 31)))


def test_a_leave_over_a_session_that_she_need_not_attend_changes_nothing() -> None:
    place = a_place("confirmed").having(credits=a_returner("M1").credits)
    short = an_employee(absent={"from": "2026-08-01", "to": "2026-11-01"})  # M1 is on 20 October, M2 on 17 November
    assert consequence(place, short, a_programme(), a_cohort()) is None


PAUSED = a_place("confirmed").having(state="paused")


def test_whoever_is_back_from_leave_comes_back() -> None:
    must = consequence(PAUSED, an_employee(), a_programme(), a_cohort())
    assert must
    assert (must.step, must.why) == ("come_back", BackFromLeave())
    assert consequence(PAUSED, an_employee(absent=AWAY), a_programme(), a_cohort()) is None


def test_a_paused_place_ends_with_the_programme_and_with_the_employment() -> None:
    over = consequence(PAUSED, an_employee(absent=AWAY), a_programme().having(retired=True), a_cohort())
    gone = consequence(PAUSED, an_employee().having(left=True), a_programme(), a_cohort())
    assert [must and (must.step, must.why) for must in (over, gone)] == [
        ("withdraw", Retired()),
        ("withdraw", LeftEmployment()),
    ]


def middle_managers(**changes: Any) -> Programme:
    content = the_file(code="MLC", audience={"levels": ["middle"], "excludes_completed": ["MLC"]}, **changes)
    return Programme(id="MLC", revision=1, content=content)


PROMOTED = an_employee(level="middle")


@pytest.mark.parametrize("state", ["offered", "confirmed", "paused"])
def test_by_default_whoever_is_promoted_finishes(state: str) -> None:
    must = consequence(at(state), PROMOTED, a_programme(), a_cohort(), others=(middle_managers(),))
    assert must is None or must.step == "come_back"


def after_promotion(
    policy: str, *others: Programme, state: str = "confirmed"
) -> tuple[str, Why, Programme | None] | None:
    cohort = a_cohort(content=the_file(policies={"on_promotion": policy}))
    must = consequence(at(state), PROMOTED, a_programme(), cohort, others=others)
    return (must.step, must.why, must.onward) if must else None


def test_by_policy_whoever_is_promoted_is_out() -> None:
    assert after_promotion("withdraw", middle_managers()) == ("withdraw", PromotedOut(level="middle"), None)


def test_by_policy_whoever_is_promoted_goes_on_in_the_programme_for_her_new_level() -> None:
    onward = middle_managers()
    why = GoneToNextProgramme(programme=onward.content.title.localised())
    assert after_promotion("transfer", onward) == ("withdraw", why, onward)
    assert after_promotion("transfer", onward, state="paused") == ("withdraw", why, onward)


def test_whoever_is_promoted_finishes_where_no_programme_is_for_her_new_level() -> None:
    assert after_promotion("transfer", middle_managers().having(retired=True)) is None
    assert after_promotion("transfer", a_programme()) is None


def test_whoever_steps_down_is_not_treated_as_promoted() -> None:
    cohort = a_cohort(content=the_file(policies={"on_promotion": "withdraw"}))
    assert consequence(a_place("confirmed"), an_employee(level="none"), a_programme(), cohort) is None


def test_credit_goes_along_for_modules_that_the_next_programme_has_too() -> None:
    modules = [the_file().modules[0].model_dump() | {"code": code} for code in ("M1", "M9")]
    onward = middle_managers(modules=modules)
    assert [one.module for one in credits_in(onward, a_returner("M1", "M2").credits)] == ["M1"]
