"""Seats that follow the post."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
from httpx import AsyncClient

from services.enrolment.commands import places
from shared.events.enrolment import PlaceConfirmed, PlaceWithdrawn
from shared.events.hr import EmployeeChanged, EmployeeLeft, UnitChanged
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says

GONE = date(2026, 8, 31)


async def a_group_of_posts(office: Office, waiting: int = 5) -> list[str]:
    """E0 … head the units D0 …; four of them have a seat in the group, and one waits."""
    await office.staff(waiting)
    await office.publishes(audience={"seat_of": "post"})
    await office.schedules()
    composition = await office.composes()
    members = [person.employee_id for person in composition.chosen]  # type: ignore[union-attr]
    for member in members:
        await office.answers(member, "accept")
    return members


def successor_of(her: str, **changes: Any) -> EmployeeChanged:
    return hr_says("S1", **({"unit_id": f"D{her[1:]}", "effective_from": "2026-09-01"} | changes))


def away(her: str, version: int = 2) -> EmployeeChanged:
    leave = {"from": "2026-08-20", "to": "2027-06-30"}
    return hr_says(her, version, unit_id=f"D{her[1:]}", absent=leave)


def back(her: str, version: int = 3) -> EmployeeChanged:
    return hr_says(her, version, unit_id=f"D{her[1:]}")


async def settles(office: Office) -> None:
    await office.service.advance_to(office.service.clock.now() + timedelta(days=2))


@pytest.mark.parametrize("successor_first", [True, False], ids=["successor told first", "departure told first"])
async def test_whoever_succeeds_in_a_post_has_its_seat_at_once(office: Office, successor_first: bool) -> None:
    her = (await a_group_of_posts(office))[0]
    left = EmployeeLeft(employee_id=her, version=2, last_day=GONE)
    facts = [successor_of(her), left] if successor_first else [left, successor_of(her)]
    await office.service.receives(*facts)
    await office.service.receives(*facts)
    hers, successors = await office.place(her), await office.place("S1")
    assert (hers.state, hers.reason.code) == ("withdrawn", "LeftPost")
    assert (successors.state, successors.reason.code) == ("confirmed", "SucceededInPost")
    cohort = await office.cohort()
    assert (successors.id in cohort.seats, hers.id in cohort.seats, cohort.reserved) == (True, False, ())


async def test_the_seat_of_a_post_is_not_given_to_the_queue_while_nobody_holds_the_post(office: Office) -> None:
    her = (await a_group_of_posts(office))[0]
    await office.service.receives(EmployeeLeft(employee_id=her, version=2, last_day=GONE))
    await office.service.advance_to(office.service.clock.now() + timedelta(hours=1))
    cohort = await office.cohort()
    assert [kept.post for kept in cohort.reserved] == [f"D{her[1:]}|first_line"]
    assert sorted((await office.states()).values()) == ["confirmed", "confirmed", "confirmed", "queued", "withdrawn"]


@pytest.mark.parametrize("changes", [{"unit_id": "D9"}, {"level": "senior"}], ids=["moved", "promoted"])
async def test_whoever_gets_another_post_leaves_the_seat_with_the_old_one(
    office: Office, changes: dict[str, str]
) -> None:
    her = (await a_group_of_posts(office))[0]
    await office.service.receives(hr_says(her, version=2, **{"unit_id": f"D{her[1:]}"} | changes))
    [out] = office.service.said(PlaceWithdrawn)
    assert (out.employee_id, out.was, out.reason.code) == (her, "confirmed", "LeftPost")
    assert len((await office.cohort()).reserved) == 1


async def test_a_successor_in_the_middle_of_the_programme_goes_on_in_the_seat(office: Office) -> None:
    members = await a_group_of_posts(office)
    await office.records("M1", *members)
    her = members[0]
    await office.service.receives(EmployeeLeft(employee_id=her, version=2, last_day=GONE), successor_of(her))
    assert (await office.place("S1")).state == "confirmed"


async def test_a_merged_unit_takes_no_seat_from_the_head_who_lives_on_in_another(office: Office) -> None:
    her = (await a_group_of_posts(office))[0]
    unit_id = f"D{her[1:]}"
    merged = UnitChanged(unit_id=unit_id, version=2, name="Gone", merged_into="D9")
    await office.service.receives(merged, hr_says(her, version=2, unit_id="D9"))
    assert office.service.said(PlaceWithdrawn) == []
    assert len(office.service.said(PlaceConfirmed)) == 4


@pytest.mark.parametrize("successor_first", [True, False], ids=["successor told first", "departure told first"])
async def test_whoever_has_been_through_the_programme_is_not_seated_in_whatever_order_hr_tells_it(
    office: Office, successor_first: bool
) -> None:
    her = (await a_group_of_posts(office))[0]
    await office.service.receives(hr_says("S1", level="middle"))
    await office.has_completed("S1")
    left = EmployeeLeft(employee_id=her, version=2, last_day=GONE)
    comes = successor_of(her, version=2)
    await office.service.receives(*([comes, left] if successor_first else [left, comes]))
    await settles(office)
    assert "FLC:S1:1" not in await office.states()
    assert len((await office.cohort()).reserved) == 1


@pytest.mark.parametrize("successor_first", [True, False], ids=["successor told first", "departure told first"])
@pytest.mark.parametrize(("post_of_her_no", "state"), [("same", "declined"), ("another", "confirmed")])
async def test_her_own_no_counts_for_the_post_in_which_she_said_it_in_whatever_order_hr_tells_it(
    office: Office, successor_first: bool, post_of_her_no: str, state: str
) -> None:
    members = await a_group_of_posts(office)
    her = members[0]
    where = f"D{her[1:]}" if post_of_her_no == "same" else "D7"
    await office.service.receives(hr_says("S1", unit_id=where))
    await office.said_no("S1")
    left = EmployeeLeft(employee_id=her, version=2, last_day=GONE)
    comes = successor_of(her, version=2)
    await office.service.receives(*([comes, left] if successor_first else [left, comes]))
    last = (await office.employee("S1")).places["FLC"]
    assert (await office.place("S1", last)).state == state


async def test_the_seat_of_a_post_is_kept_while_its_holder_is_away_and_hers_when_she_is_back(office: Office) -> None:
    her = (await a_group_of_posts(office))[0]
    await office.service.receives(away(her))
    await settles(office)
    cohort, hers = await office.cohort(), await office.place(her)
    assert (hers.state, [kept.place_id for kept in cohort.reserved], len(cohort.seats)) == ("paused", [hers.id], 3)
    await office.service.receives(back(her))
    cohort, hers = await office.cohort(), await office.place(her)
    assert (hers.state, hers.reason.code, hers.round) == ("confirmed", "BackInPost", 2)
    assert (cohort.reserved, hers.id in cohort.seats, len(cohort.seats)) == ((), True, 4)
    assert office.service.said(PlaceConfirmed)[-1].round == 2


@pytest.mark.parametrize("acting_first", [True, False], ids=["acting holder told first", "leave told first"])
async def test_whoever_holds_the_post_meanwhile_has_the_seat_until_the_holder_is_back(
    office: Office, acting_first: bool
) -> None:
    her = (await a_group_of_posts(office))[0]
    facts = [successor_of(her), away(her)] if acting_first else [away(her), successor_of(her)]
    await office.service.receives(*facts)
    cohort, acting = await office.cohort(), await office.place("S1")
    assert (acting.state, acting.acting_for, cohort.reserved) == ("confirmed", f"FLC:{her}:1", ())
    await office.service.receives(back(her))
    cohort, acting, hers = await office.cohort(), await office.place("S1"), await office.place(her)
    assert (hers.state, acting.state, acting.reason.code) == ("confirmed", "withdrawn", "HolderIsBack")
    assert (hers.id in cohort.seats, acting.id in cohort.seats, len(cohort.seats)) == (True, False, 4)


@pytest.mark.parametrize("order", list(permutations(range(2))), ids=["holder back first", "acting holder gone first"])
async def test_the_holder_has_the_seat_again_in_whatever_order_hr_tells_that_the_acting_one_has_gone(
    office: Office, order: tuple[int, ...]
) -> None:
    her = (await a_group_of_posts(office))[0]
    await office.service.receives(away(her), successor_of(her))
    facts = [back(her), successor_of(her, version=2, unit_id="D9")]
    await office.service.receives(*(facts[number] for number in order))
    cohort = await office.cohort()
    assert ((await office.place(her)).state, cohort.reserved) == ("confirmed", ())
    assert (await office.place("S1")).state == "withdrawn"
    await settles(office)
    assert (await office.place("S1", 2)).state == "queued"


async def test_whoever_acts_keeps_the_seat_when_the_holder_goes_for_good(office: Office) -> None:
    her = (await a_group_of_posts(office))[0]
    await office.service.receives(away(her), successor_of(her))
    await office.service.receives(EmployeeLeft(employee_id=her, version=3, last_day=GONE))
    assert ((await office.place(her)).state, (await office.place("S1")).state) == ("withdrawn", "confirmed")
    assert len((await office.cohort()).seats) == 4


async def test_the_office_sees_a_kept_seat_and_gives_it_to_the_next_in_line(office: Office, door: AsyncClient) -> None:
    members = await a_group_of_posts(office)
    her = members[0]
    [waits] = [f"E{number}" for number in range(5) if f"E{number}" not in members]
    await office.service.receives(EmployeeLeft(employee_id=her, version=2, last_day=GONE))
    [kept] = (await door.get("/api/cohorts/FLC-1")).json()["reserved"]
    post = {"unit_id": f"D{her[1:]}", "level": "first_line"}
    assert kept == post | {"since": "2026-09-01T08:00:00Z", "place_id": None}
    released = await door.post("/api/cohorts/FLC-1/release-seat", json=post)
    await office.service.published()
    assert (released.status_code, released.json()["reserved"]) == (200, [])
    assert (await office.place(waits)).state == "offered"
    again = await door.post("/api/cohorts/FLC-1/release-seat", json=post)
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "no-seat-kept")


async def test_a_seat_that_was_given_free_is_no_longer_hers_when_she_is_back(office: Office, door: AsyncClient) -> None:
    her = (await a_group_of_posts(office))[0]
    await office.service.receives(away(her))
    await door.post("/api/cohorts/FLC-1/release-seat", json={"unit_id": f"D{her[1:]}", "level": "first_line"})
    await office.service.receives(back(her))
    assert (await office.place(her)).state == "queued"


async def test_a_kept_seat_goes_to_the_next_in_line_when_the_office_ends_the_paused_place(office: Office) -> None:
    members = await a_group_of_posts(office)
    [waits] = [f"E{number}" for number in range(5) if f"E{number}" not in members]
    await office.service.receives(away(members[0]))
    await office.service.delivery.run(lambda tx: places.withdraw(tx, f"FLC:{members[0]}:1", ""))
    assert ((await office.cohort()).reserved, (await office.place(waits)).state) == ((), "offered")
