"""Changes that meet what has happened meanwhile: sessions gone by, open offers, credit, programmes that have ended."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from httpx import AsyncClient

from services.enrolment.commands import cohorts, places
from services.enrolment.model import RETURNING
from services.enrolment.rules.attendance import Said
from services.enrolment.rules.refusal import Refusal
from shared.events.enrolment import CohortScheduled, PlaceConfirmed, PlaceExpired, PlaceOffered
from tests.flow.enrolment.office import Office
from tests.flow.enrolment.test_changes import REASON, approves, does, proposes
from tests.unit.enrolment.arrange import the_file


async def record(office: Office, session_id: str, *there: str) -> Any:
    return await office.service.delivery.run(
        lambda tx: cohorts.record_attendance(tx, session_id.partition(":")[0], session_id, dict.fromkeys(there, Said()))
    )


async def returning(office: Office, door: AsyncClient) -> list[str]:
    """Four have been to the first session of a group that was then cancelled, and are offered seats in another."""
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await does(office, door, "cancel_cohort", cohort_id="FLC-1", reason=REASON)
    await office.schedules(date(2026, 12, 1), "FLC-2")
    await office.composes("FLC-2")
    return members


async def test_nobody_is_offered_a_seat_in_a_group_whose_sessions_are_all_called_off(
    office: Office, door: AsyncClient
) -> None:
    await office.staff(4)
    await office.publishes()
    await office.schedules()
    for module in ("M1", "M2"):
        await does(office, door, "cancel_session", cohort_id="FLC-1", session_id=f"FLC-1:{module}", reason=REASON)
    assert isinstance(await office.composes(), Refusal)
    proposal = await door.post("/api/proposals", json={"programme": "FLC", "cohorts": ["FLC-1"]})
    assert proposal.status_code == 409
    assert office.service.said(PlaceOffered) == []


async def test_a_session_gone_by_counts_although_the_group_was_cancelled_before_it_was_recorded(
    office: Office, door: AsyncClient
) -> None:
    members = await office.everybody_accepts(4)
    first = (await office.cohort()).first_session
    await office.service.advance_to(first.ends_at + timedelta(days=1))
    await does(office, door, "cancel_cohort", cohort_id="FLC-1", reason=REASON)
    assert not isinstance(await record(office, "FLC-1:M1", *members), Refusal)
    assert [credit.module for credit in (await office.place(members[0])).credits] == ["M1"]
    assert (await office.cohort()).state == "cancelled"


async def test_an_offer_that_is_open_when_its_group_turns_out_to_be_over_does_not_run_out(
    office: Office, door: AsyncClient
) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await office.publishes(group={"max": 3})
    await does(office, door, "cancel_cohort", cohort_id="FLC-1", reason=REASON)
    await office.schedules(date(2026, 12, 1), "FLC-2")
    await office.composes("FLC-2")
    [left] = [who for who in members if (await office.place(who)).state == "queued"]
    comes, declines, other = (who for who in members if who != left)
    for member in (comes, declines, other):
        await office.service.delivery.run(partial(_accepts, f"FLC:{member}:1"))
    second = await office.service.delivery.run(lambda tx: tx.cohorts.get("FLC-2"))
    assert second
    await office.service.advance_to(second.first_session.ends_at)
    assert not isinstance(await record(office, "FLC-2:M1", comes), Refusal)
    await office.service.delivery.run(lambda tx: places.answer(tx, f"FLC:{declines}:1", 2, "decline"))
    assert (await office.place(left)).state == "offered"
    await does(office, door, "cancel_session", cohort_id="FLC-2", session_id="FLC-2:M2", reason=REASON)
    await office.service.advance_to(office.service.clock.now() + timedelta(days=1))
    place = await office.place(left)
    assert (place.state, place.priority, place.reason.code) == ("queued", RETURNING, "GroupCancelled")
    assert office.service.said(PlaceExpired) == []
    over = await office.service.delivery.run(lambda tx: tx.cohorts.get("FLC-2"))
    assert over
    assert (over.state, place.id in over.seats) == ("completed", False)


async def _accepts(place_id: str, tx: Any) -> Any:
    place = await tx.places.get(place_id)
    return await places.answer(tx, place_id, place.offers, "accept")


async def test_whoever_has_credit_is_excused_from_a_session_that_is_called_off_and_held_again(
    office: Office, door: AsyncClient
) -> None:
    members = await returning(office, door)
    for member in members:
        await office.service.delivery.run(partial(_accepts, f"FLC:{member}:1"))
    change = await does(office, door, "cancel_session", cohort_id="FLC-2", session_id="FLC-2:M1", reason=REASON)
    back = (await door.post(f"/api/changes/{change['change_id']}/undo")).json()
    assert (await approves(door, back, at_once=True)).status_code == 200
    await office.service.published()
    said = office.service.said(PlaceConfirmed)[-4:]
    assert {event.employee_id for event in said} == set(members)
    assert all("FLC-2:M1:2" in event.excused for event in said)
    assert {event.version for event in said} == {(await office.place(members[0])).version}


async def test_a_session_without_a_place_can_be_called_off(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    moved = await door.post(
        "/api/cohorts/FLC-1/sessions/FLC-1:M2/reschedule", json={"starts_at": "2026-11-18T13:00", "location": ""}
    )
    assert moved.status_code == 200
    somewhere = await does(office, door, "change_place", cohort_id="FLC-1", session_id="FLC-1:M2", location="Sal B")
    refused = await door.post(f"/api/changes/{somewhere['change_id']}/undo")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/no-way-back")
    await door.post(
        "/api/cohorts/FLC-1/sessions/FLC-1:M2/reschedule", json={"starts_at": "2026-11-19T13:00", "location": ""}
    )
    change = await does(office, door, "cancel_session", cohort_id="FLC-1", session_id="FLC-1:M2", reason=REASON)
    assert change["state"] == "applied"


async def test_one_session_is_put_back_into_its_room_wherever_the_others_are(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    await does(office, door, "change_place", cohort_id="FLC-1", session_id="FLC-1:M2", location="Sal B")
    change = await does(office, door, "change_place", cohort_id="FLC-1", session_id="FLC-1:M2", location="Sal C")
    back = (await door.post(f"/api/changes/{change['change_id']}/undo")).json()
    assert back["command"] == {"cohort_id": "FLC-1", "session_id": "FLC-1:M2", "location": "Sal B"}


async def test_a_revision_that_moves_no_session_promises_no_mail(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    await office.publishes(completion={"attend_at_least": 0.5})
    said = len(office.service.announced)
    change = await proposes(door, "adopt_revision", cohort_id="FLC-1")
    assert (change["impact"]["mails"], change["impact"]["sessions"]) == (0, [])
    await approves(door, change, at_once=True)
    await office.service.published()
    assert {type(event) for event in office.service.announced[said:]} == {CohortScheduled}


async def test_an_offer_taken_back_in_a_programme_that_has_ended_lets_nobody_wait(
    office: Office, door: AsyncClient
) -> None:
    [offered, *_] = await office.group(4)
    await does(office, door, "retire_programme", code="FLC")
    place = await office.place(offered)
    await office.service.delivery.run(lambda tx: places.take_back(tx, place.id, ""))
    after = await office.place(offered)
    assert (after.state, after.reason.code) == ("withdrawn", "Retired")


async def test_a_module_with_a_long_code_can_be_called_off(office: Office, door: AsyncClient) -> None:
    await office.staff(4)
    long = "M" * 40
    modules = [each.model_dump() for each in the_file().modules]
    await office.publishes(modules=[modules[0], modules[1] | {"code": long}])
    await office.schedules()
    change = await proposes(door, "cancel_session", cohort_id="FLC-1", session_id=f"FLC-1:{long}", reason=REASON)
    assert change["state"] == "proposed"


async def test_nobody_loses_her_place_because_a_first_session_is_moved_too_near_to_answer(
    office: Office, door: AsyncClient
) -> None:
    [offered, *_] = await office.group(4)
    soon = (office.service.clock.now() + timedelta(hours=20)).isoformat()
    await does(office, door, "reschedule_session", cohort_id="FLC-1", session_id="FLC-1:M1", starts_at=soon)
    await office.service.advance_to(office.service.clock.now() + timedelta(hours=1))
    place = await office.place(offered)
    assert (place.state, place.priority, place.reason.code) == ("queued", RETURNING, "TooLateForGroup")
    assert (office.service.said(PlaceExpired), (await office.cohort()).seats) == ([], ())
