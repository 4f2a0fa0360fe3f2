"""What follows from a change a moment later, in its preview and in fact; and what follows for seats elsewhere."""

import asyncio
from datetime import date, time, timedelta
from functools import partial
from typing import Any

import pytest
from httpx import AsyncClient

from services.enrolment.commands import cohorts, places, programmes, seats
from services.enrolment.rules.attendance import Said
from shared.events.enrolment import PersonQueued, PlaceConfirmed, PlaceOffered, PlaceWithdrawn, ProgrammePublished
from tests.flow.enrolment.office import Office
from tests.flow.enrolment.test_changes import REASON, approves, does, proposes, settles, shows
from tests.unit.enrolment.arrange import FLC, hr_says, the_file

ANY_SHARE = {"max_share_per_department": 1.0}


async def days_pass(office: Office, days: int) -> None:
    await office.service.advance_to(office.service.clock.now() + timedelta(days=days))


async def test_a_preview_tells_who_will_not_wait_any_more_once_her_group_is_cancelled(
    office: Office, door: AsyncClient
) -> None:
    promoted = (await office.everybody_accepts(4))[0]
    unit_id = f"D{promoted.removeprefix('E')}"
    await office.service.receives(hr_says(promoted, version=2, unit_id=unit_id, level="middle"))
    await days_pass(office, 2)
    change = await does(office, door, "cancel_cohort", cohort_id="FLC-1", reason=REASON)
    assert [one["employee_id"] for one in change["impact"]["withdrawn"]] == [promoted]
    states = await office.states()
    assert states.pop(f"FLC:{promoted}:1") == "withdrawn"
    assert set(states.values()) == {"queued"}
    assert office.service.said(PlaceWithdrawn)[-1].change_id == change["change_id"]


async def test_a_change_that_would_touch_many_more_when_it_has_settled_waits_for_another_look(
    office: Office, door: AsyncClient
) -> None:
    await office.staff(3)
    change = await proposes(door, "revise_programme", file=FLC)
    assert (await approves(door, change)).json()["state"] == "approved"
    await office.staff(40)
    await settles(office)
    after = await shows(door, change)
    assert after["state"] == "failed"
    assert "approved for 3 people and would touch 40" in after["problem"]
    assert office.service.said(ProgrammePublished) == []
    assert office.service.said(PersonQueued) == []
    await settles(office)  # and it does not come back
    assert await office.states() == {}


async def test_a_change_that_touches_a_few_more_when_it_has_settled_takes_effect(
    office: Office, door: AsyncClient
) -> None:
    await office.staff(3)
    change = await proposes(door, "revise_programme", file=FLC)
    await approves(door, change)
    await office.staff(20)
    await settles(office)
    assert (await shows(door, change))["state"] == "applied"
    assert len(await office.states()) == 20


async def test_a_first_session_that_is_moved_away_lets_a_free_seat_be_offered(
    office: Office, door: AsyncClient
) -> None:
    members = await office.everybody_accepts(4, min=2, max=4, **ANY_SHARE)
    first = (await office.cohort()).first_session
    await office.service.advance_to(first.starts_at - timedelta(days=1))
    await office.answers(members[0], "decline")
    await office.service.receives(hr_says("E9", unit_id="D9"))
    await days_pass(office, 0)
    assert (await office.place("E9")).state == "queued"
    later = (first.starts_at + timedelta(days=14)).isoformat()
    await does(office, door, "reschedule_session", cohort_id="FLC-1", session_id=first.session_id, starts_at=later)
    await days_pass(office, 0)
    assert (await office.place("E9")).state == "offered"


async def test_whoever_is_given_credit_after_she_has_joined_another_group_is_excused_there(office: Office) -> None:
    await office.everybody_accepts(4, min=1, max=4, **ANY_SHARE)
    first = (await office.cohort()).first_session
    await office.service.advance_to(first.ends_at + timedelta(days=1))
    winter = {"from": str(office.service.clock.now().date()), "to": None}
    await office.service.receives(hr_says("E0", version=2, unit_id="D0", absent=winter))
    await days_pass(office, 1)
    await office.service.receives(hr_says("E0", version=3, unit_id="D0"))
    await days_pass(office, 1)
    await office.schedules(date(2027, 2, 2), "FLC-2")
    do = office.service.delivery.run
    await do(partial(seats.compose, cohort_id="FLC-2", seed=1))
    place = await office.place("E0")
    assert place.state == "offered"
    await do(partial(places.answer, place_id=place.id, round_=place.offers, said="accept"))
    await office.service.published()
    assert office.service.said(PlaceConfirmed)[-1].excused == ()
    recording = partial(cohorts.record_attendance, cohort_id="FLC-1", session_id=first.session_id)
    await do(partial(recording, said={"E0": Said()}))
    await office.service.published()
    told = office.service.said(PlaceConfirmed)[-1]
    assert (told.employee_id, told.cohort_id, told.excused) == ("E0", "FLC-2", ("FLC-2:M1",))


@pytest.mark.parametrize("again", range(5))
async def test_two_groups_that_meet_at_the_same_time_never_both_offer_her_a_seat(office: Office, again: int) -> None:
    await office.staff(4)
    do = office.service.delivery.run
    for code in ("FLC", "XLC"):
        file = the_file(code=code, audience={"excludes_completed": []}, group={"min": 1, "max": 4} | ANY_SHARE)
        await do(partial(programmes.apply, file=file))
        where: dict[str, Any] = {"first_day": date(2026, 10, 20), "start": time(9), "location": "A"}
        await do(partial(cohorts.schedule, cohort_id=f"{code}-1", programme_code=code, **where))
    both = [do(partial(seats.compose, cohort_id=f"{code}-1", seed=again)) for code in ("FLC", "XLC")]
    await asyncio.gather(*both)
    await office.service.published()
    offered = [event.employee_id for event in office.service.said(PlaceOffered)]
    assert sorted(offered) == ["E0", "E1", "E2", "E3"]


@pytest.mark.parametrize(
    ("day", "concern"),
    [("2026-12-25", "nobody works"), ("2026-12-21", "nobody is to meet"), ("2026-12-14", None), ("2027-07-07", "meet")],
)
async def test_a_session_moved_to_a_day_on_which_nobody_meets_is_a_concern_of_the_preview(
    office: Office, door: AsyncClient, day: str, concern: str | None
) -> None:
    await office.everybody_accepts(4)
    move = {"cohort_id": "FLC-1", "session_id": "FLC-1:M2", "starts_at": f"{day}T09:00"}
    change = await proposes(door, "reschedule_session", **move)
    concerns = change["impact"]["concerns"]
    assert len(concerns) == (concern is not None)
    assert (concern or "") in "".join(concerns)
    assert (await approves(door, change, at_once=True)).status_code == 200
