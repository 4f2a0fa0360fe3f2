"""Attendance recorded, corrected in time and too late, and what it decides."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from httpx import AsyncClient

from services.enrolment.commands import cohorts
from services.enrolment.commands.cohort_changes import cancel_session
from services.enrolment.model import Cohort, Credit
from services.enrolment.rules import places
from services.enrolment.rules.attendance import Said
from services.enrolment.rules.places import Taken
from services.enrolment.rules.reasons import GroupCancelled
from services.enrolment.rules.refusal import Refusal
from shared.events.base import LocalisedText
from shared.events.enrolment import (
    CohortCompleted,
    NetworkChanged,
    NetworkFormed,
    PlaceCompleted,
    PlaceWithdrawn,
    SessionHeld,
)
from tests.flow.enrolment.doors import signed_in
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says

SICK = LocalisedText(sv="Föreläsaren är sjuk.", en="The speaker is ill.")
ADDRESS = "/api/cohorts/FLC-1/sessions/FLC-1:M1/attendance"


async def records(office: Office, module: str, said: dict[str, Said]) -> Cohort | Refusal:
    """Attendance is recorded as said, whenever the session was."""
    result = await office.service.delivery.run(
        lambda tx: cohorts.record_attendance(tx, "FLC-1", f"FLC-1:{module}", said, "Kim")
    )
    await office.service.published()
    return result


async def calls_off(office: Office, module: str) -> None:
    """The office cancels a session."""
    result = await office.service.delivery.run(lambda tx: cancel_session(tx, "FLC-1", f"FLC-1:{module}", SICK))
    assert isinstance(result, Cohort)
    await office.service.published()


async def goes_on_leave(office: Office, employee_id: str, first_day: date) -> None:
    """HR tells that somebody is away from a day on, and that day comes."""
    record = (await office.employee(employee_id)).record
    assert record
    leave = {"from": first_day.isoformat(), "to": "2027-03-01"}
    away = hr_says(employee_id, version=2, unit_id=record.unit_id, absent=leave)
    await office.service.receives(away)
    start = datetime(first_day.year, first_day.month, first_day.day, 3, tzinfo=UTC)
    await office.service.advance_to(max(start, office.service.clock.now()))


async def test_a_late_correction_lets_whoever_attended_enough_complete_and_join_the_network(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await office.records("M2", *members[1:])
    assert (await office.place(members[0])).state == "withdrawn"
    await office.records("M2", *members)
    assert (await office.place(members[0])).state == "completed"
    assert (await office.employee(members[0])).completed == ("FLC",)
    assert [set(event.completed) for event in office.service.said(CohortCompleted)] == [set(members[1:]), set(members)]
    [changed] = office.service.said(NetworkChanged)
    assert set(changed.members) == set(members)
    assert len(office.service.said(NetworkFormed)) == 1


async def test_a_late_correction_forms_the_network_that_nobody_was_enough_for_before(office: Office) -> None:
    [first, *others] = await office.everybody_accepts(4)
    await office.records("M1", first, *others)
    await office.records("M2")
    assert office.service.said(NetworkFormed) == []
    await office.records("M2", first)
    assert [formed.members for formed in office.service.said(NetworkFormed)] == [(first,)]


async def test_no_correction_takes_back_what_somebody_has_completed_but_the_office_sees_it(
    office: Office, door: AsyncClient
) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await office.records("M2", *members)
    await office.records("M2", *members[1:])
    assert (await office.place(members[0])).state == "completed"
    assert office.service.said(PlaceWithdrawn) == []
    shown = (await door.get("/api/cohorts/FLC-1")).json()["members"]
    short = {member["employee_id"]: member["short"] and member["short"]["code"] for member in shown}
    assert short == dict.fromkeys(members[1:]) | {members[0]: "TooLittleAttendance"}


async def test_a_correction_keeps_what_was_said_before_and_who_said_otherwise(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await records(office, "M1", dict.fromkeys(members[1:], Said()))
    session = (await office.cohort()).session("FLC-1:M1")
    assert session
    [correction] = session.corrections
    assert (correction.by, correction.before[members[0]].kind) == ("Kim", "present")
    assert [set(event.attended) for event in office.service.said(SessionHeld)] == [set(members), set(members[1:])]


async def test_the_same_record_sent_twice_is_announced_once(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    version = (await office.cohort()).version
    await office.records("M1", *reversed(members))
    assert (len(office.service.said(SessionHeld)), (await office.cohort()).version) == (1, version)


async def test_whoever_was_out_before_the_session_is_not_counted_but_whoever_is_out_since_is(office: Office) -> None:
    [before, after, *others] = await office.everybody_accepts(4)
    await goes_on_leave(office, before, date(2026, 10, 15))
    assert (await office.place(before)).state == "paused"
    await office.service.advance_to(datetime(2026, 10, 21, tzinfo=UTC))
    await goes_on_leave(office, after, date(2026, 10, 22))
    assert (await office.place(after)).state == "paused"
    assert isinstance(await records(office, "M1", {before: Said()}), Refusal)
    recorded = await records(office, "M1", dict.fromkeys([after, *others], Said()))
    assert isinstance(recorded, Cohort)
    assert recorded.sessions[0].attended == tuple(sorted([after, *others]))


async def test_whoever_pauses_stays_paused_when_her_group_is_over(office: Office) -> None:
    [away, *others] = await office.everybody_accepts(4)
    await office.records("M1", away, *others)
    await goes_on_leave(office, away, date(2026, 11, 2))
    await office.records("M2", *others)
    assert (await office.cohort()).state == "completed"
    assert (await office.place(away)).state == "paused"
    assert away not in office.service.said(CohortCompleted)[0].completed


async def test_a_record_made_after_she_has_gone_on_elsewhere_gives_her_credit(office: Office) -> None:
    [back, *others] = await office.everybody_accepts(4)
    await office.service.advance_to(datetime(2026, 10, 21, tzinfo=UTC))
    cohort, place = await office.cohort(), await office.place(back)
    taken = places.requeue(place, cohort, GroupCancelled(), office.service.clock.now())
    assert isinstance(taken, Taken)

    async def keep(tx: Any) -> None:
        tx.save(taken.place)

    await office.service.delivery.run(keep)
    await records(office, "M1", dict.fromkeys([back, *others], Said()))
    assert (await office.place(back)).credits == (
        Credit(module="M1", session_id="FLC-1:M1", cohort_id="FLC-1", hours=6),
    )
    await records(office, "M1", dict.fromkeys(others, Said()))
    assert (await office.place(back)).credits == ()


async def test_the_last_session_cancelled_closes_the_group_and_the_one_before_was_the_last(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await calls_off(office, "M2")
    assert (await office.cohort()).state == "completed"
    assert {event.employee_id for event in office.service.said(PlaceCompleted)} == set(members)
    held = office.service.said(SessionHeld)
    assert [event.last for event in held] == [False, True]
    assert held[0].attended == held[1].attended
    assert held[0].version < held[1].version < office.service.said(CohortCompleted)[0].version


async def test_a_group_of_which_one_session_was_cancelled_closes_with_the_other(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await calls_off(office, "M1")
    assert (await office.cohort()).state == "composed"
    await office.records("M2", *members[1:])
    assert (await office.cohort()).state == "completed"
    assert {event.employee_id for event in office.service.said(PlaceCompleted)} == set(members[1:])


async def test_a_cancelled_session_has_no_attendance(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await calls_off(office, "M1")
    refusal = await office.records("M1", *members)
    assert isinstance(refusal, Refusal)
    assert refusal.slug == "session-cancelled"


async def test_completion_says_what_the_diploma_will_say(office: Office, door: AsyncClient) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await office.service.advance_to(datetime(2026, 11, 18, tzinfo=UTC))
    before = await door.get(f"/api/places/FLC:{members[0]}:1/diploma")
    await records(office, "M2", {who: Said(kind="part", hours=1.5) for who in members})
    completed = next(each for each in office.service.said(PlaceCompleted) if each.employee_id == members[0])
    assert (completed.completed_on, completed.hours, completed.modules) == (date(2026, 11, 17), 7.5, ("M1", "M2"))
    diploma = (await door.get(f"/api/places/FLC:{members[0]}:1/diploma")).json()
    assert (before.status_code, before.json()["type"].rpartition("/")[2]) == (409, "not-completed")
    assert (diploma["completed_on"], diploma["hours"], diploma["name"]) == ("2026-11-17", 7.5, "Åsa Öberg")
    assert [module["title"]["en"] for module in diploma["modules"]] == ["The mission", "Reflection"]


async def test_there_is_no_diploma_of_a_place_that_is_not_there(door: AsyncClient) -> None:
    assert (await door.get("/api/places/FLC:E9:1/diploma")).status_code == 404


async def test_attendance_is_written_short_or_in_full(office: Office, door: AsyncClient) -> None:
    [one, other, third, fourth] = await office.everybody_accepts(4)
    await office.service.advance_to(datetime(2026, 10, 21, tzinfo=UTC))
    short = (await door.post(ADDRESS, json={"attended": [one, other]})).json()["sessions"][0]
    assert short["attended"] == sorted([one, other])
    full = {one: {"kind": "part", "hours": 2}, other: {"kind": "absent"}, third: {"kind": "present"}}
    answer = (await door.post(ADDRESS, json={"attendance": full})).json()["sessions"][0]
    assert {who: (how["kind"], how["hours"]) for who, how in answer["attendance"].items()} == {
        one: ("part", 2),
        other: ("absent", 0),
        third: ("present", 6),
        fourth: ("absent", 0),
    }
    assert [correction["by"] for correction in answer["corrections"]] == ["the office"]


async def test_attendance_is_written_in_one_way_at_a_time(office: Office, door: AsyncClient) -> None:
    [one, *_] = await office.everybody_accepts(4)
    await office.service.advance_to(datetime(2026, 10, 21, tzinfo=UTC))
    part = {one: {"kind": "part"}}
    bodies: list[dict[str, Any]] = [{}, {"attended": [one], "attendance": {}}, {"attendance": part}]
    answers = [await door.post(ADDRESS, json=body) for body in bodies]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert "say how many hours" in answers[2].json()["detail"]
    assert office.service.said(SessionHeld) == []


async def test_an_auditor_records_nothing(office: Office, door: AsyncClient) -> None:
    members = await office.everybody_accepts(4)
    await office.service.advance_to(datetime(2026, 10, 21, tzinfo=UTC))
    answer = await door.post(ADDRESS, json={"attended": members}, headers=signed_in("auditor"))
    assert (answer.status_code, office.service.said(SessionHeld)) == (403, [])


async def test_attendance_in_hours_decides_where_the_programme_says_so(office: Office) -> None:
    await office.staff(4)
    await office.publishes(completion={"attend_at_least": 0.7, "counted_in": "hours", "required": ["M2"]})
    await office.schedules()
    await office.composes()
    for number in range(4):
        await office.answers(f"E{number}", "accept")
    half, whole = Said(kind="part", hours=3), Said()
    await office.service.advance_to(office.service.clock.now() + timedelta(days=120))
    await records(office, "M1", {"E0": half, "E1": whole, "E2": whole})
    await records(office, "M2", {"E0": whole, "E1": whole, "E3": whole})
    assert {event.employee_id for event in office.service.said(PlaceCompleted)} == {"E1"}
    reasons = {event.employee_id: event.reason.code for event in office.service.said(PlaceWithdrawn)}
    assert reasons == {"E0": "TooFewHours", "E2": "MissedRequired", "E3": "TooFewHours"}
