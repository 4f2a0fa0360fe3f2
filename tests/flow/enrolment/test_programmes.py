"""Programmes revised, retired, and adopted by groups that are under way."""

import json
from datetime import date, time, timedelta
from typing import Any

from httpx import AsyncClient

from services.enrolment.commands import cohort_changes, cohorts, programmes
from services.enrolment.model import Cohort
from services.enrolment.rules.refusal import Refusal
from shared.events.enrolment import (
    CohortScheduled,
    PlaceOffered,
    ProgrammeRetired,
    ProgrammeRevised,
    SessionCancelled,
    SessionRescheduled,
)
from tests.flow.enrolment.office import Office
from tests.flow.enrolment.test_recommendations import recommended
from tests.unit.enrolment.arrange import FLC, hr_says, the_file

M1 = {"code": "M1", "title": {"sv": "Uppdraget", "en": "The mission"}, "kind": "seminar", "hours": 6, "after_days": 0}
M2 = {
    "code": "M2",
    "title": {"sv": "Reflektion", "en": "Reflection"},
    "kind": "reflection",
    "hours": 3,
    "after_days": 28,
}
M3 = {"code": "M3", "title": {"sv": "Samtal", "en": "Talks"}, "kind": "seminar", "hours": 2, "after_days": 56}


async def adopts(office: Office, number: int | None = None) -> Cohort | Refusal:
    adopted = await office.service.delivery.run(lambda tx: cohort_changes.adopt_revision(tx, "FLC-1", number))
    await office.service.published()
    return adopted


async def test_every_text_that_was_applied_can_be_read_again(office: Office, door: AsyncClient) -> None:
    await office.service.receives(recommended("R-1"), recommended("R-2"))
    for purpose in ("Ett", "Två", "Tre"):
        body = json.dumps(the_file(purpose={"sv": purpose, "en": purpose}).model_dump(mode="json"))
        await door.post("/api/programmes?addresses=R-1&addresses=R-2", content=body)
    await office.service.published()
    revisions = (await door.get("/api/programmes/FLC/revisions")).json()["items"]
    assert [each["content"]["purpose"]["sv"] for each in revisions] == ["Ett", "Två", "Tre"]
    assert [each["differs"] for each in revisions] == [[], ["purpose"], ["purpose"]]
    assert {each["by"] for each in revisions} == {"the office"}
    assert [revised.addresses for revised in office.service.said(ProgrammeRevised)] == [("R-1", "R-2")] * 2


async def test_revisions_are_listed_part_by_part_in_their_order(office: Office, door: AsyncClient) -> None:
    for number in range(12):
        await office.publishes(purpose={"sv": str(number), "en": str(number)})
    first = (await door.get("/api/programmes/FLC/revisions?limit=10")).json()
    rest = (await door.get(f"/api/programmes/FLC/revisions?after={first['next']}")).json()
    assert [each["revision"] for each in first["items"] + rest["items"]] == list(range(1, 13))
    assert rest["items"][0]["differs"] == ["purpose"]
    assert rest["next"] is None


async def test_one_revision_is_shown_and_an_unknown_one_is_unknown(office: Office, door: AsyncClient) -> None:
    await office.publishes()
    assert (await door.get("/api/programmes/FLC/revisions/1")).json()["content"]["code"] == "FLC"
    for address in ("/api/programmes/FLC/revisions/2", "/api/programmes/X/revisions"):
        assert (await door.get(address)).status_code == 404


async def test_a_previewed_file_is_not_applied_and_tells_who_would_wait(office: Office, door: AsyncClient) -> None:
    await office.staff(3)
    previewed = (await door.post("/api/programmes?preview=true", content=FLC)).json()
    assert (previewed["outcome"], previewed["queued"]) == ("published", 3)
    assert {each["employee_id"] for each in previewed["impact"]["queued"]} == {"E0", "E1", "E2"}
    assert (await door.get("/api/programmes/FLC")).status_code == 404
    assert (await office.states(), office.service.announced) == ({}, [])


async def test_the_same_file_again_is_no_revision(office: Office, door: AsyncClient) -> None:
    await door.post("/api/programmes", content=FLC)
    again = (await door.post("/api/programmes", content=FLC)).json()
    assert (again["outcome"], again["revision"], again["touched"]) == ("unchanged", 1, 0)


async def test_a_file_for_many_is_applied_only_with_their_number(office: Office, door: AsyncClient) -> None:
    await office.staff(25)
    refused = await door.post("/api/programmes", content=FLC)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/confirm-people")
    assert await office.states() == {}
    assert (await door.post("/api/programmes?confirm_people=25", content=FLC)).json()["queued"] == 25


async def test_a_retired_programme_is_retired_once_and_gets_no_more_groups(office: Office) -> None:
    await office.publishes()
    results = [await office.service.delivery.run(lambda tx: programmes.retire(tx, "FLC")) for _ in range(2)]
    assert [isinstance(result, Refusal) for result in results] == [False, True]
    await office.service.published()
    assert len(office.service.said(ProgrammeRetired)) == 1
    refused = await office.service.delivery.run(
        lambda tx: cohorts.schedule(tx, "FLC-9", "FLC", first_day=date(2026, 10, 20), start=time(9), location="A")
    )
    assert isinstance(refused, Refusal)


async def test_a_retired_programme_queues_nobody_a_minute_later_either(office: Office) -> None:
    await office.staff(2)
    await office.publishes()
    await office.service.delivery.run(lambda tx: programmes.retire(tx, "FLC"))
    await office.service.advance_to(office.service.clock.now() + timedelta(hours=1))
    assert set((await office.states()).values()) == {"withdrawn"}


async def test_whoever_has_paused_in_a_retired_programme_waits_no_longer(office: Office) -> None:
    [away, *_] = await office.everybody_accepts(4)
    leave = {"from": "2026-08-25", "to": "2026-12-20"}
    await office.service.receives(hr_says(away, version=2, unit_id=f"D{away.removeprefix('E')}", absent=leave))
    assert (await office.place(away)).state == "paused"
    await office.service.delivery.run(lambda tx: programmes.retire(tx, "FLC"))
    assert (await office.place(away)).reason.code == "Retired"


async def test_a_running_group_follows_a_revision_only_when_it_adopts_it(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    before = await office.cohort()
    renamed = M2 | {"title": {"sv": "Ny titel", "en": "New title"}, "hours": 4}
    await office.publishes(modules=[M1 | {"hours": 8}, renamed, M3])
    assert await office.cohort() == before
    cohort = await adopts(office)
    assert isinstance(cohort, Cohort)
    first, second, third = cohort.sessions
    assert first == before.sessions[0]
    assert (second.title.sv, second.hours, second.starts_at) == ("Ny titel", 4, before.sessions[1].starts_at)
    # 56 days after 20 October, at nine local time, now in winter
    assert (third.session_id, third.starts_at.isoformat(), third.hours) == ("FLC-1:M3", "2026-12-15T08:00:00+00:00", 2)
    scheduled = office.service.said(CohortScheduled)[-1]
    assert (scheduled.version, scheduled.revision, len(scheduled.sessions)) == (cohort.version, 2, 3)
    [moved] = office.service.said(SessionRescheduled)
    assert (moved.session.session_id, moved.session.version) == ("FLC-1:M2", 2)


async def test_sessions_of_parts_that_are_no_more_are_cancelled_and_the_group_goes_on(office: Office) -> None:
    await office.everybody_accepts(4)
    await office.publishes(modules=[M1, M3])
    cohort = await adopts(office)
    assert isinstance(cohort, Cohort)
    [cancelled] = office.service.said(SessionCancelled)
    assert (cancelled.session.session_id, cancelled.reason.code) == ("FLC-1:M2", "ModuleRemoved")
    assert [session.session_id for session in office.service.said(CohortScheduled)[-1].sessions] == [
        "FLC-1:M1",
        "FLC-1:M3",
    ]


async def test_a_group_that_has_held_all_that_is_left_is_over(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await office.publishes(modules=[M1])
    cohort = await adopts(office)
    assert isinstance(cohort, Cohort)
    assert cohort.state == "completed"


async def test_adopting_twice_changes_nothing_the_second_time(office: Office) -> None:
    await office.everybody_accepts(4)
    await office.publishes(modules=[M1, M2, M3])
    await adopts(office)
    said = len(office.service.announced)
    refused = await adopts(office)
    assert isinstance(refused, Refusal)
    assert (refused.slug, len(office.service.announced)) == ("nothing-to-adopt", said)


async def test_a_group_can_go_back_to_an_earlier_revision(office: Office) -> None:
    await office.everybody_accepts(4)
    before = await office.cohort()
    await office.publishes(modules=[M1, M2, M3])
    await adopts(office)
    cohort = await adopts(office, 1)
    assert isinstance(cohort, Cohort)
    assert (cohort.revision, cohort.content) == (1, before.content)
    assert [session.session_id for session in cohort.sessions if session.to_come] == ["FLC-1:M1", "FLC-1:M2"]


async def test_seats_that_a_revision_adds_are_offered_to_those_who_wait(office: Office) -> None:
    await office.everybody_accepts(6, max=4)
    offers = len(office.service.said(PlaceOffered))
    await office.publishes(group={"max": 6})
    cohort = await adopts(office)
    assert isinstance(cohort, Cohort)
    assert (len(cohort.seats), len(office.service.said(PlaceOffered)) - offers) == (6, 2)


async def test_a_revision_that_the_group_would_break_says_so_in_the_preview(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(4)
    await office.publishes(group={"max": 2})
    change: dict[str, Any] = (
        await door.post("/api/changes", json={"kind": "adopt_revision", "command": {"cohort_id": "FLC-1"}})
    ).json()
    assert [(each["rule"], each["detail"]) for each in change["impact"]["broken"]] == [
        ("max", "4 have a seat, and at most 2 may")
    ]


async def test_a_group_that_is_over_stays_as_it_was(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await office.records("M2", *members)
    await office.publishes(modules=[M1, M2, M3])
    refused = await adopts(office)
    assert isinstance(refused, Refusal)
    assert refused.slug == "cohort-over"
