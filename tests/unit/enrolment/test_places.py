"""The life of a place: which steps there are, and what they make known."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.model import OPEN, Cohort, Place
from services.enrolment.rules import places
from services.enrolment.rules.places import Refused, Taken
from services.enrolment.rules.reasons import GroupCancelled, LeftEmployment, Nominated, OnLeave, SucceededInPost
from services.enrolment.rules.states import STATES, Step
from tests.unit.enrolment.arrange import NOW, a_cohort, a_place, a_programme, an_employee, the_file


def take(step: Step, place: Place, cohort: Cohort) -> Taken | Refused:
    """The rule for the step."""
    rules: dict[Step, Callable[[], Taken | Refused]] = {
        "offer": lambda: places.offer(place, cohort, "https://x.example/o/1", NOW),
        "withdraw": lambda: places.withdraw(place, LeftEmployment(), NOW),
        "pause": lambda: places.pause(place, cohort, OnLeave(), NOW),
        "seat": lambda: places.seat(place, cohort, SucceededInPost(), NOW),
        "take_back": lambda: places.take_back(place, cohort, NOW),
        "requeue": lambda: places.requeue(place, cohort, GroupCancelled(), NOW),
        "come_back": lambda: places.come_back(place, cohort, NOW),
        "swap": lambda: places.swap(place, cohort, cohort, NOW),
        "accept": lambda: places.accept(place, cohort, NOW),
        "decline": lambda: places.decline(place, cohort, NOW),
        "expire": lambda: places.expire(place, cohort, NOW),
        "complete": lambda: places.complete(place, cohort, NOW),
    }
    return rules[step]()


@given(st.lists(st.sampled_from(get_args(Step)), max_size=12))
def test_no_history_leads_a_place_where_the_table_does_not(steps: list[Step]) -> None:
    place, cohort = a_place(), a_cohort()
    for step in steps:
        taken = take(step, place, cohort)
        if isinstance(taken, Refused):
            assert (place.state, step) not in STATES
            continue
        assert taken.place.state == STATES[place.state, step]
        assert [event.version for event in taken.announced] == list(range(place.version + 1, taken.place.version + 1))
        place = taken.place


@given(st.lists(st.sampled_from(get_args(Step)), max_size=12))
def test_only_a_correction_of_attendance_leads_out_of_a_place_that_is_decided(steps: list[Step]) -> None:
    place, cohort = a_place(), a_cohort()
    for step in steps:
        taken = take(step, place, cohort)
        if place.state not in OPEN and (place.state, step) != ("withdrawn", "complete"):
            assert taken == Refused(state=place.state, step=step)
        place = taken.place if isinstance(taken, Taken) else place


def test_her_second_place_in_a_programme_has_another_id() -> None:
    employee = places.marked(an_employee(), a_place())
    assert places.queue(employee, a_programme(), Nominated(), NOW).place.id == "FLC:E1:2"


def test_an_open_place_is_marked_at_its_holder_until_it_is_decided() -> None:
    waiting = places.marked(an_employee(), a_place())
    assert waiting.open_places == ("FLC:E1:1",)
    gone = places.withdraw(a_place(), LeftEmployment(), NOW)
    assert isinstance(gone, Taken)
    assert places.marked(waiting, gone.place).open_places == ()


def test_an_offer_may_be_answered_for_as_long_as_the_programme_says() -> None:
    assert places.answer_deadline(a_cohort(), NOW) == NOW + timedelta(days=7)


@given(days=st.integers(2, 400))
def test_no_deadline_is_past_the_first_session(days: int) -> None:
    cohort = a_cohort(first_day=NOW.date() + timedelta(days=days + 1))
    deadline = places.answer_deadline(cohort, NOW)
    assert not places.may_fill(cohort, NOW) or NOW < deadline < cohort.first_session.starts_at


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
    assert places.standing(place, a_cohort(), 1, now) == standing


def test_the_same_skip_is_told_once() -> None:
    skipped = places.skip(a_place(), "FLC-1", OnLeave(), NOW)
    assert skipped
    assert places.skip(skipped.place, "FLC-1", OnLeave(), NOW) is None
    assert places.skip(skipped.place, "FLC-2", OnLeave(), NOW)


AWAY = {"from": "2026-08-01", "to": "2026-12-31"}


@pytest.mark.parametrize(
    ("state", "policy", "step"),
    [("confirmed", "pause", "pause"), ("confirmed", "withdraw", "withdraw"), ("offered", "pause", "withdraw")],
)
def test_a_leave_over_the_sessions_has_the_consequence_of_the_policy(state: str, policy: str, step: str) -> None:
    file = the_file(policies={"on_absence": policy})
    must = places.consequence(a_place(state), an_employee(absent=AWAY), file, a_cohort(content=file))
    assert must
    assert (must.step, must.why) == (step, OnLeave(until=date(2026, 12, 31)))


def test_whoever_waits_may_wait_while_on_leave() -> None:
    assert places.consequence(a_place(), an_employee(absent=AWAY), the_file(), None) is None


@pytest.mark.parametrize("state", ["offered", "confirmed"])
def test_a_promotion_takes_no_seat_away(state: str) -> None:
    assert places.consequence(a_place(state), an_employee(level="middle"), the_file(), a_cohort()) is None
