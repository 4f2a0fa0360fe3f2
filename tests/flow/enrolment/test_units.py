"""From what HR says about units to departments and audiences."""

from datetime import timedelta

from services.enrolment.commands import audience
from shared.delivery import Outcome
from shared.events.enrolment import PersonQueued, PlaceWithdrawn
from shared.events.hr import UnitChanged
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says


def unit(unit_id: str, version: int = 1, parent: str | None = None, *, merged_into: str | None = None) -> UnitChanged:
    return UnitChanged(unit_id=unit_id, version=version, name="Unit", parent_id=parent, merged_into=merged_into)


async def settled(office: Office) -> None:
    await office.service.advance_to(office.service.clock.now() + timedelta(days=1, minutes=2))


async def test_an_older_unit_does_not_replace_the_newer(office: Office) -> None:
    new = UnitChanged(unit_id="U1", version=2, name="New", parent_id="D2")
    old = UnitChanged(unit_id="U1", version=1, name="Old", parent_id="D1")
    assert await office.service.receives(new, old, new) == [Outcome.applied, Outcome.stale, Outcome.stale]


async def test_a_merged_unit_counts_as_the_department_it_lives_on_in(office: Office) -> None:
    await office.staff(4)
    await office.service.receives(
        UnitChanged(unit_id="D1", version=2, name="Gone", merged_into="D0"),
        UnitChanged(unit_id="D2", version=2, name="Gone", merged_into="D0"),
    )
    await office.publishes(group={"max_share_per_department": 0.5, "max": 4})
    await office.schedules()
    composition = await office.composes()
    departments = [person.department for person in composition.chosen]  # type: ignore[union-attr]
    assert sorted(departments) == ["D0", "D3"]


async def test_renaming_a_unit_empties_nothing(office: Office) -> None:
    """Complaint 6: who belongs where does not depend on what a unit is called."""
    await office.service.receives(unit("D1"), unit("U1", parent="D1"), hr_says("E1", unit_id="U1"))
    await office.publishes(audience={"units": ("D1",)})
    renamed = UnitChanged(unit_id="D1", version=2, name="Another name")
    await office.service.receives(renamed, renamed)
    await settled(office)
    assert await office.states() == {"FLC:E1:1": "queued"}
    assert office.service.said(PlaceWithdrawn) == []


async def test_all_below_a_unit_are_in_the_audience_and_nobody_else(office: Office) -> None:
    await office.service.receives(unit("D1"), unit("U1", parent="D1"), unit("D2"))
    await office.service.receives(hr_says("E1", unit_id="U1"), hr_says("E2", unit_id="D2"))
    assert (await office.publishes(audience={"units": ("D1",)})).queued == 1
    assert await office.states() == {"FLC:E1:1": "queued"}


async def test_a_unit_that_moves_takes_its_people_out_of_one_audience(office: Office) -> None:
    await office.service.receives(unit("D1"), unit("D2"), unit("U1", parent="D1"), hr_says("E1", unit_id="U1"))
    await office.publishes(audience={"units": ("D1",)})
    await settled(office)
    await office.service.receives(unit("U1", 2, "D2"))
    await settled(office)
    assert [gone.reason.code for gone in office.service.said(PlaceWithdrawn)] == ["NotInTheseUnits"]


async def test_a_unit_that_moves_brings_its_people_into_an_audience_though_told_in_disorder(office: Office) -> None:
    await office.publishes(audience={"units": ("D1",)})
    await office.service.receives(hr_says("E1", unit_id="U1"), unit("U1", 2, "D1"), unit("U1", 1, "D2"), unit("D1"))
    await settled(office)
    assert [queued.employee_id for queued in office.service.said(PersonQueued)] == ["E1"]


async def test_a_merged_unit_keeps_its_people_in_the_audience(office: Office) -> None:
    await office.service.receives(unit("D1"), unit("D2"), hr_says("E1", unit_id="D1"))
    await office.publishes(audience={"units": ("D1",)})
    await settled(office)
    await office.service.receives(unit("D1", 2, merged_into="D2"), hr_says("E1", version=2, unit_id="D2"))
    await settled(office)
    assert await office.states() == {"FLC:E1:1": "queued"}


async def test_units_that_name_each_other_as_above_stop_nothing(office: Office) -> None:
    both = (unit("D1", parent="D2"), unit("D2", parent="D1"), unit("D3", merged_into="D3"))
    assert await office.service.receives(*both) == [Outcome.applied] * 3
    await office.service.receives(hr_says("E1", unit_id="D1"), hr_says("E2", unit_id="D2"), hr_says("E3", unit_id="D3"))
    await office.publishes(audience={"units": ("D1",)}, group={"max_share_per_department": 1.0})
    await office.schedules()
    composition = await office.composes()
    assert [person.department for person in composition.chosen] == ["D1", "D1"]  # type: ignore[union-attr]


async def test_a_large_staff_is_looked_at_in_portions(office: Office) -> None:
    count = audience.PORTION + 20
    people = [hr_says(f"E{number}", unit_id="U1") for number in range(count)]
    await office.service.receives(unit("D1"), unit("D2"), unit("U1", parent="D2"), *people)
    await office.publishes(audience={"units": ("D1",)})
    await settled(office)
    await office.service.receives(unit("U1", 2, "D1"))
    await settled(office)
    assert len(office.service.said(PersonQueued)) == count
