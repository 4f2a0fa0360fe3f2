"""Changes proposed, seen with what they lead to, approved, rippled when they have settled, and put back."""

import asyncio
import json
from datetime import UTC, date, time, timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from services.enrolment.commands import cohorts, nominations, programmes
from services.enrolment.model import RETURNING, Cohort
from services.enrolment.rules.attendance import Said
from services.enrolment.rules.changes import SETTLING
from services.enrolment.rules.refusal import Refusal
from shared.events.enrolment import (
    CohortCancelled,
    CohortScheduled,
    EnrolmentEvent,
    PersonQueued,
    PlaceOffered,
    PlacePaused,
    PlaceWithdrawn,
    ProgrammePublished,
    ProgrammeRetired,
    SessionCancelled,
    SessionRescheduled,
)
from tests.flow.enrolment.doors import signed_in
from tests.flow.enrolment.office import Office
from tests.flow.enrolment.test_recommendations import recommended
from tests.unit.enrolment.arrange import FLC, hr_says, the_file

LATER = "2026-11-18T13:00"
REASON = {"sv": "Lokalen är stängd.", "en": "The room is closed."}
MOVE = {"cohort_id": "FLC-1", "session_id": "FLC-1:M2", "starts_at": LATER}


async def proposes(door: AsyncClient, kind: str, **command: Any) -> dict[str, Any]:
    answer = await door.post("/api/changes", json={"kind": kind, "command": command, "note": "because"})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def approves(door: AsyncClient, change: dict[str, Any], **how: Any) -> Response:
    return await door.post(f"/api/changes/{change['change_id']}/approve", json=how)


async def does(office: Office, door: AsyncClient, kind: str, **command: Any) -> dict[str, Any]:
    """A change proposed and applied at once."""
    change = await proposes(door, kind, **command)
    answer = await approves(door, change, at_once=True, confirm_people=change["impact"]["confirm_people"])
    assert answer.status_code == 200, answer.text
    await office.service.published()
    return dict(answer.json())


async def settles(office: Office) -> None:
    await office.service.advance_to(office.service.clock.now() + SETTLING)


async def shows(door: AsyncClient, change: dict[str, Any], query: str = "") -> dict[str, Any]:
    return dict((await door.get(f"/api/changes/{change['change_id']}{query}")).json())


async def test_a_proposal_tells_what_it_would_lead_to_and_does_nothing(office: Office, door: AsyncClient) -> None:
    members = await office.everybody_accepts(4)
    before = await office.cohort()
    change = await proposes(door, "reschedule_session", **MOVE)
    assert (change["state"], change["by"], change["note"]) == ("proposed", "the office", "because")
    impact = change["impact"]
    assert [person["employee_id"] for person in impact["people"]] == sorted(members)
    assert impact["people"][0]["name"] == "Åsa Öberg"
    assert (impact["touched"], impact["mails"], impact["confirm_people"]) == (4, 4, None)
    [session] = impact["sessions"]
    assert session["before"]["starts_at"] == "2026-11-17T08:00:00Z"
    assert session["after"]["starts_at"] == "2026-11-18T12:00:00Z"
    assert await office.cohort() == before
    assert office.service.said(SessionRescheduled) == []


async def test_an_approved_change_ripples_when_it_has_settled_and_not_before(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    change = await proposes(door, "reschedule_session", **MOVE)
    assert (await approves(door, change)).json()["state"] == "approved"
    await office.service.advance_to(office.service.clock.now() + SETTLING - timedelta(seconds=1))
    assert office.service.said(SessionRescheduled) == []
    await settles(office)
    [moved] = office.service.said(SessionRescheduled)
    assert moved.change_id == change["change_id"]
    assert (await shows(door, change))["state"] == "applied"


async def test_a_change_that_is_urgent_is_applied_at_once_and_only_once(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    change = await does(office, door, "reschedule_session", **MOVE)
    assert change["state"] == "applied"
    await settles(office)
    assert len(office.service.said(SessionRescheduled)) == 1


async def test_a_change_approved_twice_ripples_once(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    change = await proposes(door, "reschedule_session", **MOVE)
    answers = await asyncio.gather(approves(door, change), approves(door, change))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    await settles(office)
    await settles(office)
    assert len(office.service.said(SessionRescheduled)) == 1


async def test_a_proposal_sent_twice_with_one_key_is_one_proposal(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    body = {"kind": "reschedule_session", "command": MOVE}
    answers = [await door.post("/api/changes", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert answers[0].json()["change_id"] == answers[1].json()["change_id"]
    assert len((await door.get("/api/changes")).json()["items"]) == 1


async def test_a_change_undone_before_its_ripple_leaves_no_trace(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    before = await office.cohort()
    said = len(office.service.announced)
    change = await proposes(door, "cancel_cohort", cohort_id="FLC-1", reason=REASON)
    await approves(door, change)
    undone = await door.post(f"/api/changes/{change['change_id']}/undo")
    assert undone.json()["state"] == "undone"
    await settles(office)
    assert await office.cohort() == before
    assert len(office.service.announced) == said


async def test_undo_and_ripple_at_the_same_moment_agree_on_one_of_them(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    change = await proposes(door, "reschedule_session", **MOVE)
    await approves(door, change)
    office.service.clock.moment += SETTLING
    undone, _ = await asyncio.gather(
        door.post(f"/api/changes/{change['change_id']}/undo"),
        office.service.timers.run_due(office.service.clock.now()),
    )
    await office.service.published()
    rippled = len(office.service.said(SessionRescheduled))
    assert (await shows(door, change))["state"] == ("applied" if rippled else "undone")
    assert undone.status_code in {200, 409}


async def test_undoing_a_change_that_has_rippled_proposes_the_way_back(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    before = (await office.cohort()).session("FLC-1:M2")
    change = await does(office, door, "reschedule_session", **MOVE)
    back = (await door.post(f"/api/changes/{change['change_id']}/undo")).json()
    assert (back["state"], back["undoes"]) == ("proposed", change["change_id"])
    await approves(door, back, at_once=True)
    after = (await office.cohort()).session("FLC-1:M2")
    assert before
    assert after
    assert (after.starts_at, after.version) == (before.starts_at, 3)


async def test_a_change_that_has_become_impossible_fails_alone_and_says_why(office: Office, door: AsyncClient) -> None:
    members = await office.everybody_accepts(4)
    cohort = await office.cohort()
    office.service.clock.moment = cohort.first_session.ends_at + timedelta(hours=1)
    change = await proposes(door, "cancel_session", cohort_id="FLC-1", session_id="FLC-1:M1", reason=REASON)
    other = await proposes(door, "reschedule_session", **MOVE)
    await approves(door, change)
    await approves(door, other)
    held = await office.service.delivery.run(
        lambda tx: cohorts.record_attendance(tx, "FLC-1", "FLC-1:M1", dict.fromkeys(members, Said()))
    )
    assert not isinstance(held, Refusal)
    await settles(office)
    failed = await shows(door, change)
    assert (failed["state"], failed["problem"]) == (
        "failed",
        "FLC-1:M1 has been held: what was cannot be changed",
    )
    assert office.service.said(SessionCancelled) == []
    assert len(office.service.said(SessionRescheduled)) == 1
    assert (await door.post(f"/api/changes/{change['change_id']}/undo")).status_code == 409


async def test_a_change_that_would_lead_to_something_else_by_now_is_looked_at_again(
    office: Office, door: AsyncClient
) -> None:
    members = await office.everybody_accepts(4)
    change = await proposes(door, "reschedule_session", **MOVE)
    assert (await shows(door, change))["stale"] is False
    await office.answers(members[0], "decline")
    refused = await approves(door, change)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/change-stale")
    stored = await shows(door, change)
    fresh = await shows(door, change, "?refresh=true")
    assert (stored["stale"], stored["impact"]["touched"], fresh["impact"]["touched"]) == (True, 4, 3)
    assert (await approves(door, change, seen=fresh["impact"]["fingerprint"])).status_code == 200


async def test_a_proposal_is_dropped_and_then_neither_approved_nor_dropped_again(
    office: Office, door: AsyncClient
) -> None:
    await office.everybody_accepts(4)
    change = await proposes(door, "reschedule_session", **MOVE)
    address = f"/api/changes/{change['change_id']}"
    assert (await door.post(f"{address}/undo")).status_code == 409
    assert (await door.post(f"{address}/drop")).json()["state"] == "dropped"
    assert [(await approves(door, change)).status_code, (await door.post(f"{address}/drop")).status_code] == [409, 409]
    listed = (await door.get("/api/changes?state=dropped")).json()["items"]
    assert [each["change_id"] for each in listed] == [change["change_id"]]


@pytest.mark.parametrize(
    ("kind", "command", "refused"),
    [
        ("reschedule_session", MOVE | {"cohort_id": "X"}, (404, "no-such-cohort")),
        ("reschedule_session", MOVE | {"starts_at": "2026-01-01T09:00"}, (422, "time-in-the-past")),
        ("reschedule_session", MOVE | {"starts_at": "9999-12-31T23:59:59Z"}, (422, "invalid")),
        ("reschedule_session", MOVE | {"stars_at": LATER}, (422, "invalid")),
        ("reschedule_session", {"cohort_id": "FLC-1"}, (422, "invalid")),
        ("cancel_session", {"cohort_id": "FLC-1", "session_id": "X", "reason": REASON}, (404, "no-such-session")),
        ("cancel_cohort", {"cohort_id": "X", "reason": REASON}, (404, "no-such-cohort")),
        ("adopt_revision", {"cohort_id": "FLC-1"}, (409, "nothing-to-adopt")),
        ("adopt_revision", {"cohort_id": "FLC-1", "revision": 7}, (404, "no-such-revision")),
        ("retire_programme", {"code": "X"}, (404, "no-such-programme")),
        ("revise_programme", {"file": FLC}, (409, "nothing-changed")),
        ("revise_programme", {"file": "code: [1"}, (422, "programme-file")),
        ("change_place", {"cohort_id": "FLC-1", "location": "Stadshuset, sal A"}, (409, "nothing-moved")),
        ("set_facilitators", {"cohort_id": "FLC-1", "facilitators": ["a", "a"]}, (422, "facilitator-twice")),
        ("dance", {}, (422, "invalid")),
    ],
)
async def test_what_cannot_be_done_is_refused_when_it_is_proposed(
    office: Office, door: AsyncClient, kind: str, command: dict[str, Any], refused: tuple[int, str]
) -> None:
    await office.publishes()
    await office.schedules()
    answer = await door.post("/api/changes", json={"kind": kind, "command": command})
    assert (answer.status_code, answer.json()["type"]) == (refused[0], f"/problems/{refused[1]}")
    assert (await door.get("/api/changes")).json()["items"] == []


async def test_only_the_office_proposes_and_an_unknown_change_is_unknown(office: Office, door: AsyncClient) -> None:
    await office.publishes()
    body = {"kind": "retire_programme", "command": {"code": "FLC"}}
    refused = await door.post("/api/changes", json=body, headers=signed_in("facilitator"))
    assert refused.status_code == 403
    answers = [await door.get("/api/changes/X"), await door.post("/api/changes/X/approve", json={})]
    answers += [await door.post(f"/api/changes/X/{verb}") for verb in ("undo", "drop")]
    assert {answer.status_code for answer in answers} == {404}


async def test_all_that_follows_from_a_change_carries_its_id_refilled_seats_too(
    office: Office, door: AsyncClient
) -> None:
    members = await office.everybody_accepts(6, max=4)
    leave = {"from": "2026-08-25", "to": "2026-09-20"}
    unit_id = f"D{members[0].removeprefix('E')}"
    await office.service.receives(hr_says(members[0], version=2, unit_id=unit_id, absent=leave))
    before = len(office.service.announced)
    change = await does(
        office, door, "reschedule_session", cohort_id="FLC-1", session_id="FLC-1:M1", starts_at="2026-09-15T09:00"
    )
    said = office.service.announced[before:]
    assert [event.employee_id for event in said if isinstance(event, PlacePaused)] == [members[0]]
    assert [event for event in said if isinstance(event, PlaceOffered)]
    assert {event.change_id for event in said if isinstance(event, EnrolmentEvent)} == {change["change_id"]}
    touched = {person["employee_id"] for person in change["impact"]["people"] if person["told"]}
    assert {event.employee_id for event in said if isinstance(event, PlaceOffered | PlacePaused)} <= touched


async def test_what_is_said_next_carries_no_id_of_a_change(office: Office, door: AsyncClient) -> None:
    members = await office.everybody_accepts(4)
    change = await proposes(door, "reschedule_session", **MOVE)
    await approves(door, change)
    await settles(office)
    await office.answers(members[0], "decline")
    assert isinstance(office.service.announced[-1], EnrolmentEvent)
    assert office.service.announced[-1].change_id is None


async def test_a_session_moved_onto_one_of_another_programme_tells_for_whom_it_clashes(
    office: Office, door: AsyncClient
) -> None:
    [member, *_] = await office.everybody_accepts(4)
    other = the_file(code="MLP", audience={"entry": "nominated"}, group={"min": 1, "max_share_per_department": 1.0})

    async def elsewhere(tx: Any) -> None:
        await programmes.apply(tx, other)
        scheduled = await cohorts.schedule(
            tx,
            "MLP-1",
            "MLP",
            first_day=date(2026, 10, 27),
            start=time(9),
            location="B",
        )
        assert isinstance(scheduled, Cohort)
        await nominations.nominate(tx, "MLP", member)

    await office.service.delivery.run(elsewhere)
    await office.composes("MLP-1")
    change = await proposes(door, "reschedule_session", **MOVE | {"starts_at": "2026-10-27T11:00"})
    assert [(clash["employee_id"], clash["other"]) for clash in change["impact"]["clashes"]] == [(member, "MLP-1:M1")]


async def test_a_session_added_in_somebodys_coming_leave_tells_it(office: Office, door: AsyncClient) -> None:
    [away, *_] = await office.everybody_accepts(4)
    leave = {"from": "2026-12-01", "to": "2026-12-20"}
    unit_id = f"D{away.removeprefix('E')}"
    await office.service.receives(hr_says(away, version=2, unit_id=unit_id, absent=leave))
    change = await proposes(
        door,
        "add_session",
        cohort_id="FLC-1",
        module="M2",
        starts_at="2026-12-08T09:00",
        ends_at="2026-12-08T12:00",
        location="Sal B",
    )
    assert [(clash["employee_id"], clash["other"]) for clash in change["impact"]["clashes"]] == [(away, "leave")]


async def test_an_added_session_is_part_of_the_schedule_and_is_taken_away_by_undoing(
    office: Office, door: AsyncClient
) -> None:
    await office.everybody_accepts(4)
    change = await does(
        office,
        door,
        "add_session",
        cohort_id="FLC-1",
        module="X1",
        title={"sv": "Extra", "en": "Extra"},
        starts_at="2026-12-08T09:00",
        ends_at="2026-12-08T12:00",
        location="Sal B",
    )
    scheduled = office.service.said(CohortScheduled)[-1]
    assert [session.session_id for session in scheduled.sessions] == ["FLC-1:M1", "FLC-1:M2", "FLC-1:X1"]
    assert (scheduled.version, scheduled.change_id) == ((await office.cohort()).version, change["change_id"])
    back = (await door.post(f"/api/changes/{change['change_id']}/undo")).json()
    await approves(door, back, at_once=True)
    await office.service.published()
    [cancelled] = office.service.said(SessionCancelled)
    assert (cancelled.session.session_id, cancelled.reason.code) == ("FLC-1:X1", "ByOffice")


async def test_a_cancelled_session_that_is_added_again_is_another_session(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    change = await does(office, door, "cancel_session", cohort_id="FLC-1", session_id="FLC-1:M2", reason=REASON)
    [cancelled] = office.service.said(SessionCancelled)
    assert (cancelled.reason.text.sv, cancelled.session.version) == (REASON["sv"], 2)
    back = (await door.post(f"/api/changes/{change['change_id']}/undo")).json()
    await approves(door, back, at_once=True)
    await office.service.published()
    sessions = [session.session_id for session in office.service.said(CohortScheduled)[-1].sessions]
    assert sessions == ["FLC-1:M1", "FLC-1:M2:2"]


async def test_a_cohort_whose_last_open_session_is_cancelled_is_over(office: Office, door: AsyncClient) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await does(office, door, "cancel_session", cohort_id="FLC-1", session_id="FLC-1:M2", reason=REASON)
    assert (await office.cohort()).state == "completed"
    assert set((await office.states()).values()) == {"completed"}


async def test_another_room_for_all_that_is_to_come_moves_each_session_once(office: Office, door: AsyncClient) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    change = await proposes(door, "change_place", cohort_id="FLC-1", location="Sal B")
    assert (change["impact"]["mails"], len(change["impact"]["sessions"])) == (4, 1)
    await approves(door, change)
    await settles(office)
    [moved] = office.service.said(SessionRescheduled)
    assert (moved.session.session_id, moved.session.location) == ("FLC-1:M2", "Sal B")
    back = (await door.post(f"/api/changes/{change['change_id']}/undo")).json()
    assert back["command"]["location"] == "Stadshuset, sal A"


async def test_sessions_that_were_in_different_rooms_are_not_put_back_into_one(
    office: Office, door: AsyncClient
) -> None:
    await office.everybody_accepts(4)
    await does(office, door, "change_place", cohort_id="FLC-1", session_id="FLC-1:M2", location="Sal B")
    change = await does(office, door, "change_place", cohort_id="FLC-1", location="Sal C")
    refused = await door.post(f"/api/changes/{change['change_id']}/undo")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/no-way-back")


async def test_other_facilitators_are_written_down_and_nobody_is_told(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    said = len(office.service.announced)
    change = await does(office, door, "set_facilitators", cohort_id="FLC-1", facilitators=["the facilitator"])
    assert (change["impact"]["touched"], len(office.service.announced)) == (0, said)
    assert (await office.cohort()).facilitators == ("the facilitator",)


async def test_people_of_a_cancelled_cohort_are_first_in_line_with_their_credit(
    office: Office, door: AsyncClient
) -> None:
    members = await office.everybody_accepts(5, max=4)
    await office.records("M1", *members)
    change = await does(office, door, "cancel_cohort", cohort_id="FLC-1", reason=REASON)
    [cancelled] = office.service.said(CohortCancelled)
    assert (cancelled.reason.text.en, cancelled.change_id) == (REASON["en"], change["change_id"])
    for member in members:
        place = await office.place(member)
        assert (place.state, place.priority, place.reason.code) == ("queued", RETURNING, "GroupCancelled")
        assert [credit.module for credit in place.credits] == ["M1"]
    cohort = await office.cohort()
    assert (cohort.state, cohort.seats) == ("cancelled", ())
    assert cohort.sessions[1].cancelled
    assert {person["employee_id"] for person in change["impact"]["people"]} == set(members)
    assert change["impact"]["mails"] == 4


async def test_an_open_offer_ends_with_its_cohort_and_does_not_expire_later(office: Office, door: AsyncClient) -> None:
    [offered, *_] = await office.group(4)
    await does(office, door, "cancel_cohort", cohort_id="FLC-1", reason=REASON)
    await office.service.advance_to(office.service.clock.now() + timedelta(days=30))
    assert (await office.place(offered)).state == "queued"
    assert await office.answers(offered, "accept") == "gone"
    refused = await door.post(
        "/api/changes", json={"kind": "change_place", "command": {"cohort_id": "FLC-1", "location": "B"}}
    )
    assert refused.json()["type"] == "/problems/cohort-over"


async def test_a_cancelled_cohort_frees_people_for_another_within_the_same_change(
    office: Office, door: AsyncClient
) -> None:
    await office.staff(8)
    await office.publishes(group={"max_share_per_department": 1.0})
    for cohort_id in ("FLC-1", "FLC-2"):
        await office.schedules(cohort_id=cohort_id)
        await office.composes(cohort_id)
    await office.answers("E0", "decline")
    cohort = await office.cohort()
    assert len(cohort.seats) == 3
    change = await does(office, door, "cancel_cohort", cohort_id="FLC-2", reason=REASON)
    offer = office.service.said(PlaceOffered)[-1]
    assert (offer.cohort_id, offer.change_id) == ("FLC-1", change["change_id"])
    assert offer.employee_id in {p["employee_id"] for p in change["impact"]["people"] if "PlaceOffered" in p["because"]}


async def test_a_retired_programme_lets_nobody_wait_and_its_groups_go_on(office: Office, door: AsyncClient) -> None:
    members = await office.everybody_accepts(6, max=4)
    change = await does(office, door, "retire_programme", code="FLC")
    assert {each.was for each in office.service.said(PlaceWithdrawn)} == {"queued"}
    assert {each.reason.code for each in office.service.said(PlaceWithdrawn)} == {"Retired"}
    assert (len(change["impact"]["withdrawn"]), change["impact"]["mails"]) == (2, 0)
    [retired] = office.service.said(ProgrammeRetired)
    assert (retired.version, retired.change_id) == (2, change["change_id"])
    states = await office.states()
    assert {states[f"FLC:{member}:1"] for member in members} == {"confirmed"}
    await office.service.receives(hr_says("E9", unit_id="D9"))
    assert "FLC:E9:1" not in await office.states()
    refused = await door.post("/api/programmes/FLC/nominations", json={"employee_id": "E9"})
    assert refused.status_code == 409


async def test_a_retired_programme_is_taken_up_again_by_undoing(office: Office, door: AsyncClient) -> None:
    await office.staff(4)
    await office.publishes()
    change = await does(office, door, "retire_programme", code="FLC")
    assert set((await office.states()).values()) == {"withdrawn"}
    back = (await door.post(f"/api/changes/{change['change_id']}/undo")).json()
    assert len(back["impact"]["queued"]) == 4
    await approves(door, back, at_once=True)
    assert sorted((await office.states()).values()) == ["queued"] * 4 + ["withdrawn"] * 4


async def test_complaint_5_a_new_rule_mails_nobody_before_somebody_has_seen_whom_it_touches(
    office: Office, door: AsyncClient
) -> None:
    await office.staff(30)
    change = await proposes(door, "revise_programme", file=FLC)
    assert (len(change["impact"]["queued"]), change["impact"]["mails"]) == (30, 0)
    assert change["impact"]["confirm_people"] == 30
    refused = await approves(door, change, at_once=True)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/confirm-people")
    assert "30 people" in refused.json()["detail"]
    assert office.service.said(ProgrammePublished) == []
    direct = await door.post("/api/programmes", content=FLC)
    assert (direct.status_code, await office.states()) == (409, {})
    await approves(door, change, at_once=True, confirm_people=30)
    assert len(await office.states()) == 30
    await office.service.published()
    assert {event.change_id for event in office.service.said(PersonQueued)} == {change["change_id"]}


async def test_a_change_of_many_is_not_approved_with_another_number(office: Office, door: AsyncClient) -> None:
    await office.staff(30)
    change = await proposes(door, "revise_programme", file=FLC)
    assert (await approves(door, change, confirm_people=29)).status_code == 409
    assert (await approves(door, change, confirm_people=30)).status_code == 200


async def test_undoing_a_revision_proposes_the_text_before(office: Office, door: AsyncClient) -> None:
    await office.staff(3)
    await office.publishes()
    revised = json.dumps(the_file(audience={"levels": ["middle"]}).model_dump(mode="json"))
    await office.service.receives(recommended("R-7"))
    change = await does(office, door, "revise_programme", file=revised, addresses=["R-7"])
    assert {each["reason"]["code"] for each in change["impact"]["withdrawn"]} == {"NoLongerEligible"}
    back = (await door.post(f"/api/changes/{change['change_id']}/undo")).json()
    await approves(door, back, at_once=True)
    programme = (await door.get("/api/programmes/FLC")).json()
    assert (programme["revision"], programme["audience"]["levels"]) == (3, ["first_line"])
    [_, second, third] = (await door.get("/api/programmes/FLC/revisions")).json()["items"]
    assert (second["addresses"], second["change_id"], second["by"]) == (["R-7"], change["change_id"], "the office")
    assert (third["differs"], third["change_id"]) == (["audience"], back["change_id"])


async def test_an_offer_that_must_be_answered_earlier_is_told_in_the_preview(office: Office, door: AsyncClient) -> None:
    [offered, *_] = await office.group(4)
    now = office.service.clock.now()
    change = await proposes(
        door,
        "reschedule_session",
        cohort_id="FLC-1",
        session_id="FLC-1:M1",
        starts_at=(now + timedelta(days=3)).isoformat(),
    )
    deadlines = change["impact"]["deadlines"]
    assert offered in {each["employee_id"] for each in deadlines}
    assert {each["after"] for each in deadlines} == {
        (now + timedelta(days=2)).astimezone(UTC).isoformat().replace("+00:00", "Z")
    }
