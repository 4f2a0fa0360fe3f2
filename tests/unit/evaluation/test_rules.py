"""When waves open and close, who is asked, and who may answer."""

from datetime import UTC, datetime, timedelta

import pytest

from services.evaluation import projection
from services.evaluation.model import (
    Cohort,
    Invitation,
    InvitationStatus,
    Membership,
    Submission,
    Wave,
    WaveState,
)
from services.evaluation.rules import audience, planning
from shared.events.enrolment import CohortScheduled, SessionHeld
from shared.model import Timer
from tests.unit.evaluation.arrange import FIRST_DAY, LAST_DAY, SETUP, TITLE, a_schedule, a_session, local

LONG_BEFORE = local(2026, 8, 17, 8)
LAST_END = LAST_DAY + timedelta(hours=6)


def a_cohort(schedule: CohortScheduled | None = None) -> Cohort:
    return projection.scheduled(Cohort(id="FLC-1"), schedule or a_schedule())


def held(cohort: Cohort, *attended: str, last: bool = True, version: int = 9) -> Cohort:
    event = SessionHeld(
        cohort_id="FLC-1",
        version=version,
        programme="FLC",
        title=TITLE,
        session=a_session("M2", LAST_DAY) if last else a_session("M1", FIRST_DAY),
        attended=attended,
        last=last,
    )
    return projection.held(cohort, event)


def planned(cohort: Cohort, now: datetime = LONG_BEFORE) -> dict[str, Wave]:
    return {thing.wave: thing for thing in planning.plan(cohort, {}, SETUP, now) if isinstance(thing, Wave)}


def an_open(wave: str, cohort: Cohort | None = None) -> Wave:
    return planned(cohort or a_cohort())[wave].having(state=WaveState.open, version=1)


def a_member(name: str, *, belongs: bool = True, cohort_id: str = "FLC-1") -> Membership:
    return Membership(id=f"FLC:{name}:1", employee_id=name, cohort_id=cohort_id, belongs=belongs, version=1)


def test_the_first_wave_opens_three_weeks_before_at_eight_on_the_wall_across_the_change_to_winter_time() -> None:
    early = a_cohort(a_schedule(a_session("M1", local(2026, 11, 4, 9))))
    assert planned(early)["T0"].opens_at == datetime(2026, 10, 14, 6, tzinfo=UTC)
    assert planned(a_cohort())["T0"].opens_at == datetime(2026, 11, 4, 7, tzinfo=UTC)


def test_the_first_wave_closes_the_evening_before_the_first_session() -> None:
    assert planned(a_cohort())["T0"].closes_at == local(2026, 11, 24, 18)


def test_a_first_wave_that_opens_late_closes_as_the_first_session_starts() -> None:
    opening, _ = planning.opened(planned(a_cohort())["T0"], a_cohort(), 12, SETUP, local(2026, 11, 24, 19))
    assert opening.closes_at == FIRST_DAY


def test_a_first_wave_that_could_open_only_after_the_start_is_missed() -> None:
    opening, announced = planning.opened(planned(a_cohort())["T0"], a_cohort(), 12, SETUP, FIRST_DAY)
    assert (opening.state, announced) == (WaveState.missed, [])


def test_a_missed_wave_is_planned_again_when_the_sessions_move_away() -> None:
    missed = planned(a_cohort())["T0"].having(state=WaveState.missed)
    later = a_cohort(a_schedule(a_session("M1", FIRST_DAY + timedelta(days=40)), version=2))
    again = planning.plan(later, {missed.id: missed}, SETUP, FIRST_DAY)
    assert [thing.state for thing in again if isinstance(thing, Wave) and thing.wave == "T0"] == [WaveState.planned]


def test_a_missed_wave_stays_missed_when_nothing_makes_it_possible() -> None:
    missed = planned(a_cohort())["T0"].having(state=WaveState.missed)
    things = planning.plan(a_cohort(), {missed.id: missed}, SETUP, FIRST_DAY)
    assert "T0" not in {thing.wave for thing in things if isinstance(thing, Wave)}


def test_the_last_wave_opens_the_morning_after_the_last_session_was_recorded() -> None:
    opens = planned(held(a_cohort(), "E1"), LAST_END + timedelta(hours=1))["T1"].opens_at
    assert opens == local(2027, 1, 21, 8)


def test_a_record_made_days_later_opens_the_last_wave_the_next_morning() -> None:
    assert planned(held(a_cohort(), "E1"), local(2027, 1, 25, 14))["T1"].opens_at == local(2027, 1, 26, 8)


def test_without_a_record_the_last_wave_opens_a_week_after_the_last_session() -> None:
    assert planned(a_cohort())["T1"].opens_at == local(2027, 1, 27, 8)


def test_the_last_wave_is_open_for_two_weeks() -> None:
    cohort = held(a_cohort(), "E1")
    opening, _ = planning.opened(planned(cohort)["T1"], cohort, 12, SETUP, local(2027, 1, 21, 8))
    assert opening.closes_at == local(2027, 2, 4, 18)


def test_each_wave_asks_the_instruments_that_are_meant_for_it() -> None:
    waves = planned(a_cohort(a_schedule(waves=["T0", "T1", "T2", "T3", "T4"], instruments=["UM", "RX", "TR", "NV"])))
    assert {name: [ref.code for ref in wave.instruments] for name, wave in waves.items()} == {
        "T0": ["UM"],
        "T1": ["UM", "RX", "NV"],
        "T2": ["TR"],
        "T3": ["UM", "TR", "NV"],
        "T4": ["UM", "NV"],
    }


@pytest.mark.parametrize(
    ("wave", "opens"), [("T2", (2027, 4, 20, 8)), ("T3", (2027, 7, 20, 8)), ("T4", (2028, 1, 20, 8))]
)
def test_what_lasts_is_asked_months_after_the_last_session(wave: str, opens: tuple[int, ...]) -> None:
    cohort = a_cohort(a_schedule(waves=[wave], instruments=["UM", "TR"]))
    assert planned(cohort)[wave].opens_at == local(*opens)
    opening, _ = planning.opened(planned(cohort)[wave], cohort, 12, SETUP, local(*opens))
    assert opening.closes_at - opening.opens_at in (timedelta(days=14, hours=10), timedelta(days=14, hours=9))


def test_three_months_after_the_end_of_a_long_month_is_the_end_of_a_short_one() -> None:
    cohort = a_cohort(a_schedule(a_session("M1", local(2026, 11, 30, 9)), waves=["T2"], instruments=["TR"]))
    assert planned(cohort)["T2"].opens_at == local(2027, 2, 28, 8)


def test_a_pulse_is_asked_about_a_session_once_it_is_recorded_and_not_about_the_last() -> None:
    assert "P" not in planned(a_cohort())
    first = held(a_cohort(), "E1", last=False)
    [pulse] = [wave for wave in planned(first, FIRST_DAY + timedelta(hours=7)).values() if wave.wave == "P"]
    assert (pulse.id, pulse.session_id) == ("FLC-1:P:FLC-1:M1", "FLC-1:M1")
    assert pulse.opens_at == FIRST_DAY + timedelta(hours=7)
    assert pulse.is_anonymous
    assert "FLC-1:M2" not in {wave.session_id for wave in planned(held(a_cohort(), "E1")).values()}


def test_a_session_recorded_weeks_later_is_not_asked_about() -> None:
    assert "P" not in planned(held(a_cohort(), "E1", last=False), FIRST_DAY + timedelta(days=15))


def test_an_open_pulse_keeps_its_time_when_other_sessions_move() -> None:
    first = held(a_cohort(), "E1", last=False)
    before = {wave.id: wave for wave in planned(first, FIRST_DAY + timedelta(hours=7)).values()}
    things = planning.plan(first, before, SETUP, FIRST_DAY + timedelta(hours=9))
    assert not [thing for thing in things if isinstance(thing, Wave) and thing.wave == "P"]


def test_about_a_session_only_those_are_asked_who_were_there() -> None:
    cohort = held(held(a_cohort(), "E1", last=False), "E1", "E2")
    pulse = planned(cohort, FIRST_DAY + timedelta(hours=7))["P"]
    assert audience.managers(pulse, cohort, [a_member("E1"), a_member("E2")]) == ["E1"]


def test_employees_are_asked_where_the_programme_asks_about_behaviour() -> None:
    cohort = a_cohort(a_schedule(waves=["T0", "T1", "T3"], instruments=["UM", "BE"]))
    waves = [thing for thing in planning.plan(cohort, {}, SETUP, LONG_BEFORE) if isinstance(thing, Wave)]
    assert {wave.id for wave in waves if wave.of == "employees"} == {"FLC-1:T0:employees", "FLC-1:T3:employees"}


def test_a_programme_without_a_first_wave_has_none() -> None:
    assert set(planned(a_cohort(a_schedule(waves=["T1"])))) == {"T1"}


def test_a_wave_with_nothing_to_ask_is_not_planned() -> None:
    assert set(planned(a_cohort(a_schedule(instruments=["RX"])))) == {"T1"}


def test_planning_again_without_news_changes_nothing() -> None:
    waves = planned(a_cohort())
    assert planning.plan(a_cohort(), {wave.id: wave for wave in waves.values()}, SETUP, LONG_BEFORE) == []


def test_moving_the_first_session_moves_the_end_of_the_open_first_wave() -> None:
    cohort = a_cohort(a_schedule(a_session("M1", FIRST_DAY + timedelta(days=2)), version=2))
    wave = an_open("T0")
    things = planning.plan(cohort, {wave.id: wave}, SETUP, FIRST_DAY - timedelta(days=3))
    moved = [thing.due_at for thing in things if isinstance(thing, Timer) and thing.kind == planning.CLOSE]
    assert moved == [local(2026, 11, 26, 18)]


def test_a_closed_wave_is_not_moved() -> None:
    cohort = a_cohort(a_schedule(a_session("M1", FIRST_DAY + timedelta(days=2)), version=2))
    wave = an_open("T0").having(state=WaveState.closed)
    things = planning.plan(cohort, {wave.id: wave}, SETUP, FIRST_DAY)
    assert "T0" not in {thing.wave for thing in things if isinstance(thing, Wave)}


def test_a_cohort_that_has_only_been_heard_of_has_no_waves() -> None:
    assert planning.plan(held(Cohort(id="FLC-1"), "E1"), {}, SETUP, LONG_BEFORE) == []


def test_before_the_programme_everybody_who_belongs_is_asked() -> None:
    members = [a_member("E1"), a_member("E2"), a_member("E3", belongs=False), a_member("E4", cohort_id="FLC-2")]
    assert audience.managers(an_open("T0"), a_cohort(), members) == ["E1", "E2"]


def test_after_the_programme_only_those_are_asked_who_were_at_a_session() -> None:
    cohort = held(held(a_cohort(), "E1", last=False, version=8), "E2", "E3")
    members = [a_member("E1"), a_member("E2"), a_member("E3", belongs=False), a_member("E4")]
    assert audience.managers(an_open("T1"), cohort, members) == ["E1", "E2"]


@pytest.mark.parametrize(
    ("status", "again"),
    [
        (InvitationStatus.invited, []),
        (InvitationStatus.answered, []),
        (InvitationStatus.undeliverable, []),
        (InvitationStatus.withdrawn, ["E1"]),
    ],
)
def test_nobody_is_asked_twice_unless_she_was_out_and_came_back(status: InvitationStatus, again: list[str]) -> None:
    known = Invitation(id="h", wave_id="FLC-1:T0", employee_id="E1", status=status)
    assert audience.to_invite(["E1"], [known]) == again


@pytest.mark.parametrize(
    ("status", "state", "verdict"),
    [
        (InvitationStatus.invited, WaveState.open, Submission.accepted),
        (InvitationStatus.undeliverable, WaveState.open, Submission.accepted),
        (InvitationStatus.answered, WaveState.open, Submission.already_answered),
        (InvitationStatus.answered, WaveState.closed, Submission.already_answered),
        (InvitationStatus.withdrawn, WaveState.open, Submission.withdrawn),
        (InvitationStatus.invited, WaveState.closed, Submission.closed),
        (InvitationStatus.invited, WaveState.cancelled, Submission.closed),
    ],
)
def test_a_form_is_taken_only_while_its_wave_is_open_and_once(
    status: InvitationStatus, state: WaveState, verdict: Submission
) -> None:
    wave = an_open("T0").having(state=state)
    invitation = Invitation(id="h", wave_id=wave.id, employee_id="E1", status=status)
    assert audience.may_answer(invitation, wave, wave.opens_at) is verdict


def test_a_form_that_comes_as_the_wave_closes_is_too_late() -> None:
    wave = an_open("T0")
    invitation = Invitation(id="h", wave_id=wave.id, employee_id="E1")
    assert audience.may_answer(invitation, wave, wave.closes_at) is Submission.closed


def test_a_link_that_nobody_was_given_is_unknown() -> None:
    assert audience.may_answer(None, None, LONG_BEFORE) is Submission.unknown


def test_withdrawing_leaves_answers_as_they_are() -> None:
    mine = [
        Invitation(id=status.value, wave_id="w", employee_id="E1", status=status)
        for status in (InvitationStatus.invited, InvitationStatus.answered, InvitationStatus.undeliverable)
    ]
    assert {invitation.id for invitation in audience.withdrawn(mine)} == {"invited"}
    assert {invitation.id for invitation in audience.unreached(mine)} == {"undeliverable"}


@pytest.mark.parametrize(
    ("states", "over"),
    [
        ((WaveState.closed, WaveState.planned), False),
        ((WaveState.closed, WaveState.open), False),
        ((WaveState.closed, WaveState.closed), True),
        ((WaveState.missed, WaveState.closed), True),
        ((WaveState.missed, WaveState.missed), False),
        ((WaveState.cancelled, WaveState.cancelled), False),
    ],
)
def test_a_result_comes_when_the_last_wave_is_over(states: tuple[WaveState, ...], over: bool) -> None:
    assert planning.is_over(an_open("T0").having(state=state) for state in states) is over
