"""The life of a place: which steps there are, and what they make known."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.model import OPEN, Attendance, Cohort, Credit, Place
from services.enrolment.rules import places
from services.enrolment.rules.places import Earned, Refused, Taken
from services.enrolment.rules.reasons import (
    GroupCancelled,
    LeftEmployment,
    Nominated,
    OnLeave,
    OwnManagerInGroup,
    SucceededInPost,
)
from services.enrolment.rules.states import STATES, Step
from tests.unit.enrolment.arrange import NOW, a_cohort, a_place, a_programme, an_employee

EARNED = Earned(completed_on=date(2026, 11, 17), hours=9, modules=("M1", "M2"))


def take(step: Step, place: Place, cohort: Cohort) -> Taken | Refused:
    """The rule for the step."""
    rules: dict[Step, Callable[[], Taken | Refused]] = {
        "offer": lambda: places.offer(place, cohort, "https://x.example/o/1", NOW, NOW),
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
        "complete": lambda: places.complete(place, cohort, EARNED, NOW),
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


def test_the_same_skip_is_told_once() -> None:
    skipped = places.skip(a_place(), "FLC-1", OnLeave(), NOW)
    assert skipped
    assert places.skip(skipped.place, "FLC-1", OnLeave(), NOW) is None
    assert places.skip(skipped.place, "FLC-2", OnLeave(), NOW) is None
    assert places.skip(skipped.place, "FLC-2", OwnManagerInGroup(), NOW)
    assert places.skip(skipped.place, "FLC-2", OnLeave(), NOW + timedelta(days=1))


def test_whoever_is_put_first_reads_it_in_her_history_and_the_note_stays_with_the_office() -> None:
    after = places.put_in_line(a_place(), first=True, note="agreed with her manager", now=NOW)
    assert isinstance(after, Place)
    seen = after.history[-1]
    assert (after.priority, seen.reason and seen.reason.code, seen.note) == (2, "PutFirst", "agreed with her manager")


def test_whoever_is_put_back_stands_where_she_was_queued() -> None:
    first = places.put_in_line(a_place(), first=True, note="", now=NOW)
    assert isinstance(first, Place)
    back = places.put_in_line(first, first=False, note="", now=NOW)
    assert isinstance(back, Place)
    assert (back.in_line, back.history[-1].reason and back.history[-1].reason.code) == (a_place().in_line, "PutBack")


def test_putting_somebody_where_she_is_already_says_nothing() -> None:
    assert places.put_in_line(a_place(), first=False, note="once more", now=NOW) == a_place()


def test_whoever_has_been_offered_a_seat_has_no_turn_to_change() -> None:
    assert isinstance(places.put_in_line(a_place("offered"), first=True, note="", now=NOW), Refused)


def test_whoever_comes_back_is_before_all_others_with_credit_for_what_she_attended() -> None:
    cohort, paused = attended("M1"), a_place("confirmed").having(state="paused")
    back = places.come_back(paused, cohort, NOW)
    assert isinstance(back, Taken)
    assert (back.place.priority, back.place.round, [one.module for one in back.place.credits]) == (1, 2, ["M1"])
    assert places.excused(back.place, a_cohort()) == ("FLC-1:M1",)


def test_an_offer_taken_back_is_withdrawn_before_she_is_queued() -> None:
    back = places.take_back(a_place("offered"), a_cohort(), NOW)
    assert isinstance(back, Taken)
    assert [type(event).__name__ for event in back.announced] == ["PlaceWithdrawn", "PersonQueued"]
    assert (back.place.not_in, back.place.cohort_id, back.place.priority) == (("FLC-1",), None, 3)


def test_credit_is_kept_through_a_second_pause() -> None:
    had = a_place("confirmed").having(credits=(Credit(module="M1", session_id="X:M1", cohort_id="X", hours=6),))
    assert [one.cohort_id for one in places.credit(had, attended("M2"))] == ["X", "FLC-1"]


def attended(*modules: str) -> Cohort:
    """The cohort, with attendance of the only member recorded at these."""
    here = {"E1": Attendance(kind="present", hours=3)}
    cohort = a_cohort()
    sessions = tuple(
        session.model_copy(update={"attendance": here if session.module in modules else None})
        for session in cohort.sessions
    )
    return cohort.having(sessions=sessions)
