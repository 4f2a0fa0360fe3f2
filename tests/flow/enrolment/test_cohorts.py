"""Sessions moved and held, and what is left when the last one is over."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from services.enrolment.commands import cohorts
from services.enrolment.model import Cohort
from services.enrolment.rules.attendance import Said
from services.enrolment.rules.refusal import Refusal
from shared.delivery import Outcome
from shared.events.enrolment import (
    CohortCompleted,
    CohortScheduled,
    NetworkFormed,
    PlaceCompleted,
    PlaceOffered,
    PlaceWithdrawn,
    SessionHeld,
    SessionRescheduled,
)
from shared.events.evaluation import ReleasePublished
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says


async def moves(office: Office, session_id: str, **to: Any) -> Cohort | Refusal:
    times: dict[str, Any] = {"ends_at": None, "location": None} | to
    result = await office.service.delivery.run(lambda tx: cohorts.reschedule(tx, "FLC-1", session_id, **times))
    await office.service.published()
    return result


async def test_a_scheduled_cohort_meets_at_the_same_local_time_in_summer_and_winter(office: Office) -> None:
    await office.publishes()
    await office.schedules()
    [scheduled] = office.service.said(CohortScheduled)
    # 20 October is summer time, 17 November is not
    assert [session.starts_at.hour for session in scheduled.sessions] == [7, 8]


async def test_the_office_gives_days_a_language_and_facilitators_over_http(office: Office, door: AsyncClient) -> None:
    await office.publishes()
    body = {"cohort_id": "FLC-1", "programme": "FLC", "first_day": "2026-10-20", "start_time": "09:00"}
    more = {"location": "Sal A", "days": {"M2": "2026-12-22"}, "language": "en", "facilitators": ["Kim"]}
    made = (await door.post("/api/cohorts", json=body | more)).json()
    assert (made["language"], made["facilitators"]) == ("en", ["Kim"])
    assert [session["starts_at"][:10] for session in made["sessions"]] == ["2026-10-20", "2026-12-22"]
    strange = await door.post("/api/cohorts", json=body | more | {"cohort_id": "FLC-2", "days": {"M9": "2026-12-22"}})
    assert (strange.status_code, strange.json()["type"].rpartition("/")[2]) == (422, "no-such-module")
    assert [event.cohort_id for event in office.service.said(CohortScheduled)] == ["FLC-1"]


async def test_sessions_change_places_only_when_the_office_says_so(office: Office, door: AsyncClient) -> None:
    await office.publishes()
    await office.schedules()
    address = "/api/cohorts/FLC-1/sessions/FLC-1:M1/reschedule"
    late = {"starts_at": "2026-12-01T09:00"}
    refused = await door.post(address, json=late)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "out-of-order")
    assert office.service.said(SessionRescheduled) == []
    assert (await door.post(address, json=late | {"force": True})).status_code == 200


async def test_a_session_in_july_waits_for_august(office: Office) -> None:
    await office.publishes()
    cohort = await office.schedules(first_day=date(2027, 6, 15))
    assert [session.starts_at.date() for session in cohort.sessions] == [date(2027, 6, 15), date(2027, 8, 2)]


async def test_a_moved_session_is_announced_with_where_it_was(office: Office) -> None:
    await office.everybody_accepts(4)
    later = datetime(2026, 11, 18, 12, tzinfo=UTC)
    await moves(office, "FLC-1:M2", starts_at=later, location="Sal B")
    [moved] = office.service.said(SessionRescheduled)
    assert (moved.session.starts_at, moved.session.version, moved.previous_location) == (later, 2, "Stadshuset, sal A")
    assert moved.session.ends_at == later + timedelta(hours=3)


async def test_a_session_moved_to_where_it_is_bothers_nobody(office: Office) -> None:
    await office.everybody_accepts(4)
    later = datetime(2026, 11, 18, 12, tzinfo=UTC)
    await moves(office, "FLC-1:M2", starts_at=later)
    refusal = await moves(office, "FLC-1:M2", starts_at=later)
    assert isinstance(refusal, Refusal)
    assert refusal.slug == "nothing-moved"
    assert len(office.service.said(SessionRescheduled)) == 1


async def test_a_session_moved_into_her_leave_pauses_her_place(office: Office) -> None:
    [away, *_] = await office.everybody_accepts(4)
    unit_id = f"D{away.removeprefix('E')}"
    leave = {"from": "2026-11-25", "to": "2026-12-20"}
    await office.service.receives(hr_says(away, version=2, unit_id=unit_id, absent=leave))
    await office.service.advance_to(datetime(2026, 11, 26, tzinfo=UTC))
    assert (await office.place(away)).state == "confirmed"
    cohort = await moves(office, "FLC-1:M2", starts_at=datetime(2026, 12, 10, 8, tzinfo=UTC))
    assert (await office.place(away)).state == "paused"
    assert cohort == await office.cohort()


async def test_an_open_offer_is_shortened_when_the_first_session_comes_earlier(office: Office) -> None:
    await office.group(4)
    earlier = office.service.clock.now() + timedelta(days=3)
    await moves(office, "FLC-1:M1", starts_at=earlier)
    await office.service.advance_to(earlier - timedelta(hours=23))
    assert set((await office.states()).values()) == {"expired"}


@pytest.mark.parametrize(
    ("to", "slug"),
    [
        ({"starts_at": datetime(2026, 8, 1, tzinfo=UTC)}, "time-in-the-past"),
        ({"starts_at": datetime(9999, 12, 31, 23, tzinfo=UTC)}, "time-too-far"),
        (
            {"starts_at": datetime(2026, 12, 1, 9, tzinfo=UTC), "ends_at": datetime(2026, 12, 1, 8, tzinfo=UTC)},
            "ends-before-start",
        ),
    ],
)
async def test_a_time_that_cannot_be_is_refused(office: Office, to: dict[str, Any], slug: str) -> None:
    await office.publishes()
    await office.schedules()
    refusal = await moves(office, "FLC-1:M1", **to)
    assert isinstance(refusal, Refusal)
    assert (refusal.slug, office.service.said(SessionRescheduled)) == (slug, [])


async def test_a_session_that_was_held_cannot_be_moved(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    refusal = await moves(office, "FLC-1:M1", starts_at=datetime(2026, 12, 1, tzinfo=UTC))
    assert isinstance(refusal, Refusal)
    assert refusal.slug == "session-held"


async def test_attendance_of_a_stranger_is_refused_by_name(office: Office) -> None:
    members = await office.everybody_accepts(4)
    refusal = await office.records("M1", *members, "E99")
    assert isinstance(refusal, Refusal)
    assert refusal.detail == "E99 did not belong to FLC-1 then: record those who were confirmed"


async def test_attendance_is_not_recorded_before_the_session(office: Office) -> None:
    members = await office.everybody_accepts(4)
    refusal = await office.service.delivery.run(
        lambda tx: cohorts.record_attendance(tx, "FLC-1", "FLC-1:M1", dict.fromkeys(members, Said()))
    )
    assert isinstance(refusal, Refusal)
    assert refusal.slug == "session-not-begun"


async def test_after_the_last_session_those_who_came_have_completed_and_are_a_network(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await office.records("M2", *members[1:])
    assert {place.employee_id for place in office.service.said(PlaceCompleted)} == set(members[1:])
    [withdrawn] = office.service.said(PlaceWithdrawn)
    assert (withdrawn.employee_id, withdrawn.reason.code) == (members[0], "TooLittleAttendance")
    [network] = office.service.said(NetworkFormed)
    assert network.members == tuple(sorted(members[1:]))
    assert (await office.employee(members[1])).completed == ("FLC",)


async def test_only_the_last_record_says_that_it_is_the_last(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await office.records("M2", *members)
    assert [held.last for held in office.service.said(SessionHeld)] == [False, True]


async def test_a_correction_afterwards_completes_nobody_twice(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await office.records("M2", *members)
    await office.records("M1", *members[1:])
    assert len(office.service.said(CohortCompleted)) == 1
    assert len(office.service.said(PlaceCompleted)) == 4
    assert office.service.said(SessionHeld)[-1].attended == tuple(sorted(members[1:]))


async def test_whoever_has_completed_is_not_queued_again(office: Office) -> None:
    members = await office.everybody_accepts(4)
    await office.records("M1", *members)
    await office.records("M2", *members)
    assert (await office.publishes(purpose={"sv": "Ny", "en": "New"})).queued == 0


async def test_a_running_cohort_keeps_the_revision_it_was_scheduled_under(office: Office) -> None:
    await office.group(6, max=4)
    assert (await office.publishes(group={"max": 2})).revision == 2
    assert (await office.cohort()).content.group.max == 4


async def test_a_revision_for_others_withdraws_those_who_wait(office: Office) -> None:
    await office.staff(2)
    await office.publishes()
    await office.publishes(audience={"levels": ["middle"]})
    assert set((await office.states()).values()) == {"withdrawn"}


async def test_a_published_result_is_shown_at_the_cohort(office: Office) -> None:
    await office.group(4)
    release = ReleasePublished(
        release_id="R1",
        cohort_id="FLC-1",
        programme="FLC",
        revision=1,
        k=5,
        figures=(),
        url="https://x.example/r",
        version=1,
    )
    assert await office.service.receives(release, release) == [Outcome.applied, Outcome.stale]
    assert (await office.cohort()).result_url == "https://x.example/r"
    assert office.service.said(PlaceOffered)
