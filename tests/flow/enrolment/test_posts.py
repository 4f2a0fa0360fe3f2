"""Seats that follow the post."""

from datetime import date, timedelta

import pytest

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


def successor_of(her: str) -> EmployeeChanged:
    return hr_says("S1", unit_id=f"D{her[1:]}", effective_from="2026-09-01")


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
    assert cohort.reserved == (f"D{her[1:]}|first_line",)
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
