"""From what HR says to the staff register and the queue."""

import asyncio
from datetime import date, timedelta

from services.enrolment.commands import staff
from services.enrolment.model import RETURNING
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Outcome
from shared.events.enrolment import PersonQueued, PlacePaused, PlaceWithdrawn
from shared.events.hr import EmployeeLeft
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import TODAY, hr_says

WINTER = {"from": "2026-10-01", "to": "2027-03-01"}
SHORT = {"from": "2026-09-02", "to": "2026-09-04"}


async def test_a_new_manager_is_queued_with_her_appointment_as_the_reason(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1", level="none"))
    await office.service.receives(hr_says("E1", version=2, level="first_line", effective_from="2026-08-20"))
    [queued] = office.service.said(PersonQueued)
    assert (queued.place_id, queued.reason.code) == ("FLC:E1:1", "AppointedTo")
    assert queued.reason.text.sv == "Du är första linjens chef sedan 20 augusti 2026."


async def test_redelivered_appointment_takes_one_place(office: Office) -> None:
    await office.publishes()
    assert await office.service.receives(hr_says("E1"), hr_says("E1")) == [Outcome.applied, Outcome.stale]
    assert await office.service.receives(hr_says("E1")) == [Outcome.stale]
    assert await office.states() == {"FLC:E1:1": "queued"}


async def test_the_same_change_five_times_in_parallel_and_out_of_order_has_one_effect(office: Office) -> None:
    await office.publishes()
    new, old = hr_says("E1", version=2), hr_says("E1", version=1, level="none")
    outcomes = await asyncio.gather(*(office.service.receives(fact) for fact in (new, old, new, old, new)))
    assert 1 <= sum(outcome == [Outcome.applied] for outcome in outcomes) <= 2
    assert await office.states() == {"FLC:E1:1": "queued"}
    assert len(office.service.said(PersonQueued)) == 1


async def test_whoever_was_a_manager_before_the_programme_is_queued_when_it_is_published(office: Office) -> None:
    await office.staff(3)
    assert (await office.publishes()).queued == 3
    assert (await office.publishes()).outcome == "unchanged"
    assert len(office.service.said(PersonQueued)) == 3


async def test_whoever_was_told_about_while_the_programme_was_written_is_queued_a_minute_later(office: Office) -> None:
    told, written = asyncio.Event(), asyncio.Event()

    async def slowly(tx: EnrolmentTransaction) -> None:
        await staff.told(tx, hr_says("E1"))
        told.set()
        await written.wait()

    telling = asyncio.create_task(office.service.delivery.run(slowly))
    await told.wait()
    assert (await office.publishes()).queued == 0
    written.set()
    await telling
    await office.service.advance_to(office.service.clock.now() + timedelta(minutes=1))
    assert await office.states() == {"FLC:E1:1": "queued"}


async def test_a_promotion_that_lies_ahead_queues_her_on_its_day(office: Office) -> None:
    await office.publishes()
    coming = hr_says("E1", version=2, effective_from="2026-09-10")
    assert await office.service.receives(hr_says("E1", level="none"), coming) == [Outcome.applied, Outcome.held]
    await office.service.advance_to(office.service.clock.now() + timedelta(days=8))
    assert office.service.said(PersonQueued) == []
    await office.service.advance_to(office.service.clock.now() + timedelta(days=1))
    assert [queued.employee_id for queued in office.service.said(PersonQueued)] == ["E1"]


async def test_a_coming_promotion_that_is_taken_back_queues_nobody(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1", level="none"), hr_says("E1", version=2, effective_from="2026-09-10"))
    await office.service.receives(hr_says("E1", version=3, level="none"))
    await office.service.advance_to(office.service.clock.now() + timedelta(days=30))
    assert office.service.said(PersonQueued) == []


async def test_whoever_waits_is_withdrawn_with_a_reason_when_her_level_does_not_fit_any_more(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1"))
    await office.service.advance_to(office.service.clock.now() + timedelta(days=2))
    await office.service.receives(hr_says("E1", version=2, level="middle"))
    await office.service.advance_to(office.service.clock.now() + timedelta(days=1))
    [withdrawn] = office.service.said(PlaceWithdrawn)
    assert (withdrawn.was, withdrawn.cohort_id, withdrawn.reason.code) == ("queued", None, "NoLongerEligible")


async def test_her_places_end_the_day_after_her_last_day(office: Office) -> None:
    await office.publishes()
    await office.service.receives(hr_says("E1"))
    last_day = TODAY + timedelta(days=3)
    await office.service.receives(EmployeeLeft(employee_id="E1", version=2, last_day=last_day))
    await office.service.advance_to(office.service.clock.now() + timedelta(days=3))
    assert await office.states() == {"FLC:E1:1": "queued"}
    await office.service.advance_to(office.service.clock.now() + timedelta(days=1))
    assert await office.states() == {"FLC:E1:1": "withdrawn"}
    assert (await office.employee("E1")).left


async def test_a_departure_told_twice_withdraws_once(office: Office) -> None:
    await office.publishes()
    gone = EmployeeLeft(employee_id="E1", version=2, last_day=date(2026, 8, 31))
    assert await office.service.receives(hr_says("E1"), gone, gone) == [
        Outcome.applied,
        Outcome.applied,
        Outcome.stale,
    ]
    assert len(office.service.said(PlaceWithdrawn)) == 1


async def test_a_departure_that_arrives_first_keeps_the_older_record_out(office: Office) -> None:
    await office.publishes()
    gone = EmployeeLeft(employee_id="E1", version=2, last_day=date(2026, 8, 31))
    assert await office.service.receives(gone, hr_says("E1")) == [Outcome.applied, Outcome.stale]
    assert await office.states() == {}


async def test_whoever_is_employed_again_waits_again_when_that_has_settled(office: Office) -> None:
    await office.publishes()
    gone = EmployeeLeft(employee_id="E1", version=2, last_day=date(2026, 8, 31))
    await office.service.receives(hr_says("E1"), gone, hr_says("E1", version=3, effective_from="2026-09-01"))
    assert await office.states() == {"FLC:E1:1": "withdrawn"}
    await office.service.advance_to(office.service.clock.now() + timedelta(days=1))
    assert await office.states() == {"FLC:E1:1": "withdrawn", "FLC:E1:2": "queued"}


async def test_a_leaver_gives_her_seat_to_the_next_in_line(office: Office) -> None:
    members = await office.everybody_accepts(5)
    gone = EmployeeLeft(employee_id=members[0], version=2, last_day=date(2026, 8, 31))
    await office.service.receives(gone)
    states = await office.states()
    assert states[f"FLC:{members[0]}:1"] == "withdrawn"
    assert sorted(states.values()) == ["confirmed", "confirmed", "confirmed", "offered", "withdrawn"]


async def test_a_leave_that_covers_sessions_pauses_her_place_when_it_begins_and_frees_the_seat(office: Office) -> None:
    members = await office.everybody_accepts(5)
    await office.service.receives(hr_says(members[0], version=2, unit_id="D0", absent=WINTER))
    assert (await office.place(members[0])).state == "confirmed"
    await office.service.advance_to(office.service.clock.now() + timedelta(days=30))
    [paused] = office.service.said(PlacePaused)
    assert (paused.employee_id, paused.reason.code) == (members[0], "OnLeave")
    assert sorted((await office.states()).values()) == ["confirmed", "confirmed", "confirmed", "offered", "paused"]


async def test_a_short_leave_between_sessions_changes_nothing(office: Office) -> None:
    members = await office.everybody_accepts(4)
    short = {"from": "2026-09-01", "to": "2026-09-20"}
    await office.service.receives(hr_says(members[0], version=2, absent=short))
    assert (await office.place(members[0])).state == "confirmed"


async def test_an_offer_is_taken_back_from_whoever_is_away_at_the_first_session(office: Office) -> None:
    members = await office.group(4)
    long = {"from": "2026-09-01", "to": None}
    await office.service.receives(hr_says(members[0], version=2, absent=long))
    [withdrawn] = office.service.said(PlaceWithdrawn)
    assert (withdrawn.was, withdrawn.reason.code) == ("offered", "OnLeave")


async def test_each_change_in_her_work_is_told_apart_and_has_its_own_consequence(office: Office) -> None:
    """Complaint 7: an internal promotion must not trigger nothing, and neither must any other change."""
    await office.publishes()
    await office.service.receives(hr_says("E1", level="none"))
    one_message = hr_says("E1", version=2, unit_id="U9", manager_id="E9", family_name="Ek", effective_from="2026-08-20")
    await office.service.receives(one_message)
    away = hr_says("E1", version=3, unit_id="U9", manager_id="E9", family_name="Ek", absent=SHORT)
    await office.service.receives(away)
    await office.service.advance_to(office.service.clock.now() + timedelta(days=5))
    last_day = TODAY + timedelta(days=9)
    await office.service.receives(EmployeeLeft(employee_id="E1", version=4, last_day=last_day))
    await office.service.advance_to(office.service.clock.now() + timedelta(days=9))
    assert [note.what.code for note in (await office.employee("E1")).career] == [
        "Joined",
        "Promoted",
        "Moved",
        "NewLineManager",
        "Renamed",
        "WentOnLeave",
        "Returned",
        "Leaving",
        "Left",
    ]
    history = (await office.place("E1")).history
    assert [(decision.state, decision.reason.code) for decision in history if decision.reason] == [
        ("queued", "AppointedTo"),
        ("withdrawn", "LeftEmployment"),
    ]


async def test_a_change_told_twice_is_one_note_in_her_career(office: Office) -> None:
    moved = hr_says("E1", version=2, unit_id="U9")
    await office.service.receives(hr_says("E1"), moved, moved)
    assert [note.what.code for note in (await office.employee("E1")).career] == ["Joined", "Moved"]


async def test_a_record_that_comes_late_still_tells_since_when_she_has_led(office: Office) -> None:
    newer = hr_says("E1", version=2, unit_id="U9", effective_from="2026-09-01")
    older = hr_says("E1", version=1, effective_from="2023-01-01")
    assert await office.service.receives(newer, older) == [Outcome.applied, Outcome.stale]
    assert (await office.employee("E1")).level_since == date(2023, 1, 1)


async def test_when_a_fact_reached_us_is_kept_and_stays_when_an_older_one_follows(office: Office) -> None:
    await office.service.receives(hr_says("E1", version=2))
    told_at = (await office.employee("E1")).told_at
    await office.service.advance_to(office.service.clock.now() + timedelta(hours=1))
    await office.service.receives(hr_says("E1", version=1))
    assert told_at is not None
    assert (await office.employee("E1")).told_at == told_at


async def test_whoever_is_to_leave_before_the_group_begins_gives_her_seat_up_at_once(office: Office) -> None:
    members = await office.everybody_accepts(5)
    leaving = EmployeeLeft(employee_id=members[0], version=2, last_day=date(2026, 9, 30))
    assert await office.service.receives(leaving, leaving) == [Outcome.held, Outcome.stale]
    place = await office.place(members[0])
    assert (place.state, place.reason.code) == ("withdrawn", "LeavesBefore")
    assert sorted((await office.states()).values()) == ["confirmed", "confirmed", "confirmed", "offered", "withdrawn"]


async def test_whoever_is_to_leave_between_two_sessions_keeps_her_seat_until_then(office: Office) -> None:
    members = await office.everybody_accepts(5)
    await office.service.receives(EmployeeLeft(employee_id=members[0], version=2, last_day=date(2026, 10, 25)))
    assert (await office.place(members[0])).state == "confirmed"
    await office.service.advance_to(office.service.clock.now() + timedelta(days=56))
    assert (await office.place(members[0])).reason.code == "LeftEmployment"


async def test_whoever_is_to_leave_before_the_group_begins_is_offered_no_seat(office: Office) -> None:
    await office.staff(5)
    await office.publishes()
    await office.schedules()
    await office.service.receives(hr_says("E0", version=2, unit_id="D0", employed_to="2026-09-30"))
    composition = await office.composes()
    assert "E0" not in [person.employee_id for person in composition.chosen]  # type: ignore[union-attr]
    assert [skip.reason.code for skip in (await office.place("E0")).skips] == ["LeavesBefore"]


async def test_whoever_stays_after_all_is_first_in_line_again_when_that_has_settled(office: Office) -> None:
    members = await office.everybody_accepts(5)
    her = members[0]
    await office.service.receives(EmployeeLeft(employee_id=her, version=2, last_day=date(2026, 9, 30)))
    await office.service.receives(hr_says(her, version=3, unit_id=f"D{her[1:]}"))
    assert (await office.place(her)).state == "withdrawn"
    await office.service.advance_to(office.service.clock.now() + timedelta(days=1))
    back = await office.place(her, number=2)
    assert (back.state, back.priority, back.reason.code) == ("queued", RETURNING, "StaysOn")
    assert (await office.employee(her)).career[-1].what.code == "StaysAfterAll"


async def test_a_coming_change_is_replaced_by_a_newer_one_before_its_day(office: Office) -> None:
    await office.publishes()
    first = hr_says("E1", version=2, effective_from="2026-09-10")
    instead = hr_says("E1", version=3, level="none", effective_from="2026-09-10")
    await office.service.receives(hr_says("E1", level="none"), first, instead)
    await office.service.advance_to(office.service.clock.now() + timedelta(days=30))
    assert office.service.said(PersonQueued) == []
