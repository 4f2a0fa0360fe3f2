"""Who was there, and who has completed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.model import Attendance, Cohort, Credit, Decision, Place, Session
from services.enrolment.rules import attendance
from services.enrolment.rules.attendance import Said
from services.enrolment.rules.reasons import GroupCancelled, MissedRequired, TooFewHours, TooLittleAttendance, said
from services.enrolment.rules.refusal import Refusal
from shared.events.enrolment import SessionHeld
from tests.unit.enrolment.arrange import NOW, STOCKHOLM, a_cohort, a_place, the_file

LATER = datetime(2027, 1, 1, tzinfo=UTC)
GONE = said(GroupCancelled())
PART, PRESENT, ABSENT = (Said(kind="part", hours=2.5), Said(), Said(kind="absent"))


def held(cohort: Cohort, module: str, there: str = "E1 E2", **how: Said) -> Cohort:
    """The cohort after a session at which people were as said."""
    session = cohort.session(f"FLC-1:{module}")
    assert session
    result = attendance.hold(cohort, session, how, frozenset(there.split()), now=LATER, by="office")
    assert isinstance(result, tuple), result
    return result[0]


def of(cohort: Cohort, module: str) -> Session:
    """A session of the cohort."""
    session = cohort.session(f"FLC-1:{module}")
    assert session
    return session


def counted(share: float = 0.8, counted_in: str = "sessions", required: tuple[str, ...] = ()) -> Cohort:
    """A cohort of a programme with this rule of completion: M1 of six hours, M2 of three."""
    rule = {"attend_at_least": share, "counted_in": counted_in, "required": required}
    return a_cohort(content=the_file(completion=rule))


def credited(*modules: str, hours: float = 6) -> Place:
    """E1's place, with credit for modules that she attended with an earlier cohort."""
    credits_ = tuple(Credit(module=m, session_id=f"FLC-0:{m}", cohort_id="FLC-0", hours=hours) for m in modules)
    return a_place("confirmed").having(credits=credits_)


def without(cohort: Cohort, module: str) -> Cohort:
    """The cohort with one session cancelled."""
    sessions = tuple(s.model_copy(update={"cancelled": GONE}) if s.module == module else s for s in cohort.sessions)
    return cohort.having(sessions=sessions)


def test_who_is_not_named_was_absent() -> None:
    record = of(held(a_cohort(), "M1", E1=PRESENT), "M1").attendance
    assert record == {"E1": Attendance(kind="present", hours=6), "E2": Attendance(kind="absent", hours=0)}


def test_whoever_was_there_for_a_part_attended() -> None:
    cohort = a_cohort()
    result = attendance.hold(
        cohort, of(cohort, "M1"), {"E1": PART, "E2": ABSENT}, frozenset({"E1", "E2", "E3"}), now=LATER
    )
    assert isinstance(result, tuple)
    [event] = result[1]
    assert isinstance(event, SessionHeld)
    assert (event.attended, event.last, event.version) == (("E1",), False, cohort.version + 1)


def test_only_when_nothing_is_to_come_it_was_the_last_session() -> None:
    assert attendance.held(without(held(a_cohort(), "M1"), "M2"), "FLC-1:M1").last
    assert not attendance.held(held(a_cohort(), "M1"), "FLC-1:M1").last


def test_a_correction_keeps_what_was_said_before_and_who_changed_it() -> None:
    first = held(a_cohort(), "M1", E1=PRESENT)
    second = held(first, "M1", E1=PART, E2=PRESENT)
    third = held(second, "M1", E2=PRESENT)
    corrections = of(third, "M1").corrections
    assert [each.before for each in corrections] == [of(first, "M1").attendance, of(second, "M1").attendance]
    assert {(each.at, each.by) for each in corrections} == {(LATER, "office")}


def test_the_same_record_once_more_changes_nothing_and_says_nothing() -> None:
    cohort = held(a_cohort(), "M1", E1=PRESENT)
    again = attendance.hold(cohort, of(cohort, "M1"), {"E1": PRESENT}, frozenset({"E1", "E2"}), now=LATER)
    assert again == (cohort, ())


@pytest.mark.parametrize(
    ("who", "how", "slug", "says"),
    [
        ("E3", PRESENT, "not-a-member", "E3 did not belong to FLC-1 then"),
        ("E3", ABSENT, "not-a-member", "E3 did not belong to FLC-1 then"),
        ("E1", Said(kind="part"), "hours", "more than 0 and less than 6"),
        ("E1", Said(kind="part", hours=0), "hours", "more than 0 and less than 6"),
        ("E1", Said(kind="part", hours=6), "hours", "more than 0 and less than 6"),
        ("E1", Said(kind="present", hours=3), "hours", "give no hours for E1"),
        ("E1", Said(kind="absent", hours=3), "hours", "give no hours for E1"),
    ],
)
def test_what_cannot_have_been_is_refused_and_says_who(who: str, how: Said, slug: str, says: str) -> None:
    cohort = a_cohort()
    refusal = attendance.hold(cohort, of(cohort, "M1"), {who: how}, frozenset({"E1", "E2"}), now=LATER)
    assert isinstance(refusal, Refusal)
    assert (refusal.slug, says in refusal.detail) == (slug, True)


@pytest.mark.parametrize("cancelled", [True, False], ids=["cancelled", "not begun"])
def test_nobody_attends_what_was_not_held(cancelled: bool) -> None:
    cohort = without(a_cohort(), "M1") if cancelled else a_cohort()
    refusal = attendance.hold(cohort, of(cohort, "M1"), {}, frozenset(), now=LATER if cancelled else NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.slug == ("session-cancelled" if cancelled else "session-not-begun")


def lived(*decisions: tuple[int, str, str | None]) -> Place:
    """A place with decisions some days after now: its state and its cohort from then on."""
    history = tuple(
        Decision.model_validate({"at": NOW + timedelta(days=day), "state": state, "cohort_id": cohort_id})
        for day, state, cohort_id in decisions
    )
    return a_place("confirmed").having(history=history)


@pytest.mark.parametrize(
    ("day", "cohort_id", "belonged"),
    [
        (0, "A", False),
        (1, "A", False),
        (2, "A", True),
        (4, "A", True),
        (5, "A", False),
        (5, "B", True),
        (8, "B", False),
    ],
)
def test_she_belonged_to_a_cohort_from_her_yes_until_she_was_out(day: int, cohort_id: str, belonged: bool) -> None:
    place = lived((1, "offered", "A"), (2, "confirmed", "A"), (5, "confirmed", "B"), (7, "paused", "B"))
    assert attendance.belonged(place, cohort_id, NOW + timedelta(days=day)) == belonged


def five(*times: int) -> Cohort:
    """A cohort of five sessions of which E1 attended some."""
    sample = a_cohort().sessions[0]
    kinds = {True: Attendance(kind="present", hours=6), False: Attendance(kind="absent", hours=0)}
    held_ = [
        sample.model_copy(update={"module": f"X{number}", "attendance": {"E1": kinds[number in times]}})
        for number in range(5)
    ]
    return a_cohort(sessions=tuple(held_))


def test_exactly_the_share_asked_for_is_enough() -> None:
    assert attendance.shortfall(five(0, 1, 2, 3), a_place("confirmed")) is None


def test_less_than_the_share_asked_for_is_too_little() -> None:
    assert attendance.shortfall(five(0, 1, 2), a_place("confirmed")) == TooLittleAttendance(attended=3, sessions=5)


@given(st.integers(1, 20), st.integers(0, 20), st.integers(0, 100))
def test_enough_is_the_share_of_the_sessions_whatever_the_rounding(count: int, attended: int, percent: int) -> None:
    attended = min(count, attended)
    there, missed, *_ = five(0).sessions
    kinds = [there if number < attended else missed for number in range(count)]
    sessions = tuple(each.model_copy(update={"module": f"X{number}"}) for number, each in enumerate(kinds))
    cohort = counted(percent / 100).having(sessions=sessions)
    assert (attendance.shortfall(cohort, a_place("confirmed")) is None) == (attended * 100 >= percent * count)


def test_in_hours_a_part_counts_as_long_as_it_was() -> None:
    cohort = held(held(counted(0.7, "hours"), "M1", E1=PART), "M2", E1=PRESENT)
    assert attendance.shortfall(cohort, a_place("confirmed")) == TooFewHours(attended=5.5, hours=9)
    assert attendance.shortfall(held(cohort, "M1", E1=PRESENT), a_place("confirmed")) is None


def test_in_sessions_a_part_counts_as_one() -> None:
    cohort = held(held(counted(1), "M1", E1=PART), "M2", E1=PRESENT)
    assert attendance.shortfall(cohort, a_place("confirmed")) is None


def test_a_module_that_nobody_may_miss_is_missed_however_much_else_was_attended() -> None:
    cohort = held(held(counted(0.1, required=("M2",)), "M1", E1=PRESENT), "M2")
    reason = attendance.shortfall(cohort, a_place("confirmed"))
    assert isinstance(reason, MissedRequired)
    assert reason.module.en == "Reflection"


def test_a_required_module_whose_session_was_cancelled_is_missed_by_nobody() -> None:
    cohort = without(held(counted(1, required=("M2",)), "M1", E1=PRESENT), "M2")
    assert attendance.shortfall(cohort, a_place("confirmed")) is None


def test_cancelled_sessions_are_neither_needed_nor_counted() -> None:
    cohort = held(held(counted(1, "hours"), "M1", E1=PRESENT), "M2", E1=PRESENT)
    cohort = without(held(cohort, "M1"), "M2")
    assert attendance.shortfall(cohort, a_place("confirmed")) == TooFewHours(attended=0, hours=6)


def test_credit_counts_as_attended_for_its_module() -> None:
    cohort = held(held(counted(1, required=("M1",)), "M1"), "M2", E1=PRESENT)
    assert isinstance(attendance.shortfall(cohort, a_place("confirmed")), MissedRequired)
    assert attendance.shortfall(cohort, credited("M1")) is None


@pytest.mark.parametrize(("credit", "attended"), [(6, 6), (2, 2), (20, 6)])
def test_credit_counts_its_hours_but_no_more_than_the_session_has(credit: float, attended: float) -> None:
    cohort = held(held(counted(1, "hours"), "M1"), "M2")
    assert attendance.shortfall(cohort, credited("M1", hours=credit)) == (TooFewHours(attended=attended, hours=9))


def test_a_cohort_is_over_when_everything_is_held_or_cancelled() -> None:
    assert not attendance.over(held(a_cohort(), "M1"))
    assert attendance.over(without(held(a_cohort(), "M1"), "M2"))
    assert attendance.over(held(held(a_cohort(), "M1"), "M2"))


def test_a_cohort_of_which_everything_was_cancelled_is_not_over_for_nobody_took_part() -> None:
    assert not attendance.over(without(without(a_cohort(), "M1"), "M2"))


@pytest.mark.parametrize(
    ("state", "closes"), [("scheduled", True), ("composed", True), ("completed", False), ("cancelled", False)]
)
def test_participation_is_decided_once_and_not_for_a_cancelled_cohort(state: Any, closes: bool) -> None:
    assert attendance.closes(held(held(a_cohort(), "M1"), "M2").having(state=state)) == closes


def test_a_diploma_says_hours_modules_and_the_local_day_of_the_last_session() -> None:
    cohort = held(held(a_cohort(), "M1", E1=PART), "M2", E1=PRESENT)
    last = of(cohort, "M2").model_copy(
        update={
            "starts_at": datetime(2026, 11, 17, 21, tzinfo=UTC),
            "ends_at": datetime(2026, 11, 17, 23, 30, tzinfo=UTC),
        }
    )
    cohort = cohort.having(sessions=(of(cohort, "M1"), last))
    earned = attendance.earned(cohort, a_place("confirmed"), STOCKHOLM)
    assert (earned.completed_on, earned.hours, earned.modules) == (date(2026, 11, 18), 5.5, ("M1", "M2"))


def test_a_diploma_names_what_was_attended_with_an_earlier_cohort_and_nothing_that_was_missed() -> None:
    cohort = held(held(a_cohort(), "M1"), "M2")
    earned = attendance.earned(cohort, credited("M1"), STOCKHOLM)
    assert (earned.hours, earned.modules) == (6, ("M1",))


def test_a_diploma_has_the_hours_of_what_was_attended_earlier_and_cancelled_here() -> None:
    earned = attendance.earned(without(held(a_cohort(), "M1", E1=PART), "M2"), credited("M2", hours=3), STOCKHOLM)
    assert (earned.hours, earned.modules) == (5.5, ("M1", "M2"))


def test_a_module_that_is_held_twice_counts_once_whichever_time_she_came() -> None:
    cohort = held(held(counted(1), "M1", E1=PRESENT), "M2", E1=PRESENT)
    again = of(held(cohort, "M1"), "M1").model_copy(update={"session_id": "FLC-1:M1-2"})
    for sessions in ((*cohort.sessions, again), (again, *cohort.sessions)):
        twice = cohort.having(sessions=sessions)
        assert attendance.shortfall(twice, a_place("confirmed")) is None
        assert attendance.earned(twice, a_place("confirmed"), STOCKHOLM).hours == 9


ELSEWHERE = {"cohort_id": "FLC-2"}


@pytest.mark.parametrize("state", ["queued", "confirmed"])
def test_a_late_record_gives_credit_to_whoever_has_gone_on_elsewhere(state: Any) -> None:
    cohort = held(a_cohort(), "M1", E1=PRESENT)
    place = a_place("confirmed").having(state=state, **ELSEWHERE)
    after = attendance.credited(place, cohort, of(cohort, "M1"))
    assert after
    assert [(one.module, one.session_id, one.hours) for one in after.credits] == [("M1", "FLC-1:M1", 6)]
    assert attendance.credited(after, cohort, of(cohort, "M1")) is None


def test_a_corrected_part_changes_the_hours_of_the_credit() -> None:
    before = held(a_cohort(), "M1", E1=PRESENT)
    place = attendance.credited(a_place("confirmed").having(**ELSEWHERE), before, of(before, "M1"))
    assert place
    cohort = held(before, "M1", E1=PART)
    after = attendance.credited(place, cohort, of(cohort, "M1"))
    assert after
    assert [one.hours for one in after.credits] == [2.5]


@pytest.mark.parametrize(("state", "kept"), [("queued", 0), ("offered", 0), ("confirmed", 1), ("completed", 1)])
def test_credit_is_taken_back_only_before_she_has_been_told_what_she_need_not_attend(state: Any, kept: int) -> None:
    before = held(a_cohort(), "M1", E1=PRESENT)
    place = attendance.credited(a_place("confirmed").having(**ELSEWHERE), before, of(before, "M1"))
    assert place
    cohort = held(before, "M1", E2=PRESENT)
    place = place.having(state=state)
    after = attendance.credited(place, cohort, of(cohort, "M1")) or place
    assert len(after.credits) == kept


def test_whoever_has_credit_for_a_module_already_gets_no_second_one() -> None:
    cohort = held(a_cohort(), "M1", E1=PRESENT)
    assert attendance.credited(credited("M1").having(**ELSEWHERE), cohort, of(cohort, "M1")) is None


def test_the_codes_by_which_a_shortfall_is_known_are_those_of_its_reasons() -> None:
    assert {kind.__name__ for kind in (TooLittleAttendance, TooFewHours, MissedRequired)} == attendance.SHORTFALLS
