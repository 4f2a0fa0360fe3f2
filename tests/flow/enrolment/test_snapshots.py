"""From a full snapshot of the staff to the register: kept, judged, held or applied in portions."""

from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.enrolment.commands import snapshots
from services.enrolment.model import StaffImport
from services.enrolment.rules.refusal import Refusal
from shared.cloudevents import Reject
from shared.delivery import Outcome
from shared.events.enrolment import PersonQueued, PlaceWithdrawn, StaffImportApplied, StaffImportHeld, StaffReconciled
from shared.events.hr import EmployeeChanged, EmployeeLeft, SnapshotPage, UnitChanged
from tests.flow.enrolment.conftest import LINKS
from tests.flow.enrolment.doors import application, signed_in
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import NOW, hr_says

TOWN = 5700
TAKEN = NOW + timedelta(hours=1)


def a_town(count: int = TOWN, version: int = 1) -> list[EmployeeChanged]:
    """So many people, of whom 250 in 5,700 lead."""
    share = max(1, round(count * 250 / TOWN))
    return [
        hr_says(f"E{number:05}", version, level="first_line" if number < share else "none") for number in range(count)
    ]


def a_snapshot(
    employees: Iterable[EmployeeChanged],
    snapshot_id: str = "S1",
    taken_at: datetime = TAKEN,
    size: int = 1000,
    units: tuple[UnitChanged, ...] = (),
) -> list[SnapshotPage]:
    """The pages of a snapshot."""
    everybody = tuple(employees)
    parts = [everybody[start : start + size] for start in range(0, len(everybody), size)] or [()]
    return [
        SnapshotPage(
            snapshot_id=snapshot_id,
            version=1,
            taken_at=taken_at,
            page=number,
            pages=len(parts),
            employees=part,
            units=units if number == 1 else (),
        )
        for number, part in enumerate(parts, 1)
    ]


async def sent(office: Office, *pages: SnapshotPage, after: timedelta = timedelta(hours=2)) -> None:
    """HR sends pages, and whatever follows from them is done."""
    for page in pages:
        await office.service.receives(page)
    await office.service.advance_to(max(office.service.clock.now(), NOW + after))


async def state(office: Office, snapshot_id: str = "S1") -> StaffImport:
    found = await office._do(lambda tx: tx.staff_imports.get(snapshot_id))
    assert found
    return found


async def register(office: Office) -> dict[str, Any]:
    """Everybody as the register has her: version, whether she has left, her unit."""
    everybody = await office._do(lambda tx: tx.employees.find({}))
    return {each.id: (each.version, each.left, each.record and each.record.unit_id) for each in everybody}


async def of_a_hundred(office: Office) -> list[EmployeeChanged]:
    """A register of a hundred people, filled by a first snapshot an hour before the others are taken."""
    town = a_town(100)
    await sent(office, *a_snapshot(town, "S0", NOW))
    return town


async def test_a_first_snapshot_fills_an_empty_register_at_once(office: Office) -> None:
    await office.publishes()
    await sent(office, *a_snapshot(a_town(100), size=30))
    assert (await state(office)).state == "applied"
    assert len(await register(office)) == 100
    assert len(office.service.said(PersonQueued)) == 4
    [applied] = office.service.said(StaffImportApplied)
    assert (applied.staff_changed, applied.managers_changed) == (100, 4)


async def test_a_snapshot_of_5700_with_40_percent_missing_is_held_and_the_corrected_one_changes_only_what_is_true(
    office: Office,
) -> None:
    await office.publishes()
    town = a_town()
    await sent(office, *a_snapshot(town, "S0", NOW))
    before, said = await register(office), len(office.service.announced)
    assert len(before) == TOWN

    await sent(office, *a_snapshot(town[: TOWN * 6 // 10], "S1"))
    [held] = office.service.said(StaffImportHeld)
    assert (held.snapshot_id, held.staff_changed) == ("S1", TOWN * 4 // 10)
    assert await register(office) == before
    assert len(office.service.announced) == said + 1

    town[7] = hr_says("E00007", 2, level="first_line", unit_id="U2")
    town[4000] = hr_says("E04000", 2, level="first_line")
    corrected = [each for each in town if each.employee_id != "E05000"]
    await sent(office, *a_snapshot(corrected, "S2", TAKEN + timedelta(hours=1)), after=timedelta(hours=3))
    assert ((await state(office, "S1")).state, (await state(office, "S2")).state) == ("superseded", "applied")
    after = await register(office)
    assert {who for who in after if after[who] != before[who]} == {"E00007", "E04000", "E05000"}
    told = [each for each in office.service.said(StaffReconciled) if each.snapshot_id == "S2"]
    assert sorted(fact.employee_id for each in told for fact in each.changed) == ["E00007", "E04000"]
    assert [gone.employee_id for each in told for gone in each.missing] == ["E05000"]
    assert [each.employee_id for each in office.service.said(PersonQueued)][250:] == ["E04000"]


async def test_pages_may_come_in_any_order_and_twice(office: Office) -> None:
    pages = a_snapshot(a_town(50), size=20)
    third, first, second = pages[2], pages[0], pages[1]
    assert await office.service.receives(third, first, first) == [Outcome.held, Outcome.held, Outcome.stale]
    assert (await state(office)).state == "arriving"
    await sent(office, second, third)
    assert (await state(office)).state == "applied"
    assert await office.service.receives(second) == [Outcome.stale]
    assert len(office.service.said(StaffImportApplied)) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"page": 4}, "does not exist"),
        ({"pages": 5}, "an earlier page of S1 says 3 pages"),
        ({"taken_at": TAKEN + timedelta(minutes=1)}, "an earlier page of S1 says"),
        ({"page": 1}, "came before and said something else"),
        ({"employees": (hr_says("E00001"),)}, "1 of its employees are on another page too, the first is E00001"),
        ({"employees": (hr_says("E9"), hr_says("E9"))}, "an employee is on it twice"),
    ],
)
async def test_a_page_that_cannot_belong_to_its_snapshot_is_refused_with_a_reason(
    office: Office, change: dict[str, Any], says: str
) -> None:
    first, second, _ = a_snapshot(a_town(50), size=20)
    await office.service.receives(first)
    with pytest.raises(Reject, match=says):
        await office.service.receives(second.model_copy(update=change))
    assert (await state(office)).received == (1,)


async def test_a_snapshot_dated_far_ahead_is_refused_so_that_it_makes_no_later_one_stale(office: Office) -> None:
    [page] = a_snapshot(a_town(5), taken_at=NOW + timedelta(days=400))
    with pytest.raises(Reject, match="taken_at lies ahead"):
        await office.service.receives(page)


async def test_an_incomplete_snapshot_waits_and_is_superseded_by_a_newer_one(office: Office) -> None:
    town = await of_a_hundred(office)
    first, _ = a_snapshot(town, "S1", size=50)
    await sent(office, first)
    assert (await state(office)).state == "arriving"
    await sent(office, *a_snapshot(town, "S2", TAKEN + timedelta(minutes=1)))
    lost = await state(office)
    assert (lost.state, lost.reason) == ("superseded", "S2 was taken later, on 2026-09-01 11:01")
    assert await office._do(lambda tx: tx.staff_import_pages.of("S1")) == []


async def test_an_older_snapshot_than_the_one_applied_changes_nothing(office: Office) -> None:
    town = await of_a_hundred(office)
    await sent(office, *a_snapshot(town, "S1"))
    before = await register(office)
    assert await office.service.receives(*a_snapshot(town[:95], "S2", TAKEN - timedelta(minutes=1))) == [Outcome.stale]
    await sent(office)
    assert await register(office) == before
    assert (await state(office, "S2")).state == "superseded"


async def test_whoever_is_missing_has_left_and_loses_her_place(office: Office) -> None:
    await office.publishes()
    town = await of_a_hundred(office)
    await sent(office, *a_snapshot(town[1:] + a_town(130)[100:101], "S1"))
    assert (await state(office)).state == "held"
    await office._do(lambda tx: snapshots.release(tx, "S1", "Olle"))
    await sent(office)
    [withdrawn] = office.service.said(PlaceWithdrawn)
    assert (withdrawn.employee_id, withdrawn.reason.code) == ("E00000", "LeftEmployment")
    [gone] = [each for told in office.service.said(StaffReconciled) for each in told.missing]
    assert (gone.employee_id, gone.version, gone.last_day.isoformat()) == ("E00000", 1, "2026-08-31")


async def test_hrs_next_word_about_somebody_missing_counts_and_brings_her_back(office: Office) -> None:
    town = await of_a_hundred(office)
    await sent(office, *a_snapshot(town[:99]))
    assert (await office.employee("E00099")).left
    assert await office.service.receives(hr_says("E00099", 2, level="none")) == [Outcome.applied]
    assert not (await office.employee("E00099")).left


async def test_a_newer_snapshot_that_has_her_again_brings_her_back_with_the_version_she_had(office: Office) -> None:
    town = await of_a_hundred(office)
    await sent(office, *a_snapshot(town[:99]))
    await sent(office, *a_snapshot(town, "S2", TAKEN + timedelta(minutes=1)))
    assert not (await office.employee("E00099")).left
    told = [each for each in office.service.said(StaffReconciled) if each.snapshot_id == "S2"]
    assert [fact.employee_id for each in told for fact in each.changed] == ["E00099"]


async def test_whoever_hr_told_about_after_the_snapshot_was_taken_is_not_missing(office: Office) -> None:
    town = await of_a_hundred(office)
    office.service.clock.moment = TAKEN + timedelta(minutes=5)
    await office.service.receives(hr_says("E00200", level="none"))
    await sent(office, *a_snapshot(town))
    assert not (await office.employee("E00200")).left


async def test_what_lies_ahead_for_somebody_missing_is_kept(office: Office) -> None:
    town = await of_a_hundred(office)
    await office.service.receives(hr_says("E00099", 2, level="none", effective_from="2026-10-01"))
    await sent(office, *a_snapshot(town[:99], taken_at=NOW + timedelta(hours=3)))
    assert (await office.employee("E00099")).left
    await sent(office, after=timedelta(days=31))
    back = await office.employee("E00099")
    assert (back.left, back.version) == (False, 2)


async def test_a_record_with_a_new_version_and_nothing_else_is_no_change(office: Office) -> None:
    await of_a_hundred(office)
    await sent(office, *a_snapshot(a_town(100, version=2)))
    done = await state(office)
    assert (done.state, done.staff_changed) == ("applied", 0)
    assert (await register(office))["E00001"][0] == 2
    assert [each.snapshot_id for each in office.service.said(StaffReconciled)] == ["S0"]


async def test_more_than_one_in_twenty_managers_is_held_though_the_staff_hardly_changes(office: Office) -> None:
    town = await of_a_hundred(office)
    town[0] = hr_says("E00000", 2, level="none")
    await sent(office, *a_snapshot(town))
    held = await state(office)
    assert (held.state, held.staff_changed, held.managers_changed) == ("held", 1, 1)


async def test_what_hr_tells_between_hold_and_release_wins(office: Office) -> None:
    town = await of_a_hundred(office)
    town[:20] = [hr_says(each.employee_id, 2, level=each.level, unit_id="U2") for each in town[:20]]
    await sent(office, *a_snapshot(town))
    assert (await state(office)).staff_changed == 20
    await office.service.receives(hr_says("E00003", 3, unit_id="U9"))
    released = await office._do(lambda tx: snapshots.release(tx, "S1", "Olle"))
    assert isinstance(released, tuple)
    assert released[1].staff_changed == 19
    await sent(office)
    after = await register(office)
    assert (after["E00003"][2], after["E00004"][2]) == ("U9", "U2")
    assert ((await state(office)).staff_changed, (await state(office)).decided_by) == (19, "Olle")


async def test_a_rejected_snapshot_changes_nothing_and_says_why(office: Office) -> None:
    town = await of_a_hundred(office)
    before = await register(office)
    await sent(office, *a_snapshot(town[:60]))
    await office._do(lambda tx: snapshots.reject(tx, "S1", "Olle", "the schools are missing"))
    again = await office._do(lambda tx: snapshots.release(tx, "S1", "Olle"))
    assert isinstance(again, Refusal)
    assert again.detail == "S1 is rejected: the schools are missing; only one that is held can be decided about"
    await sent(office, after=timedelta(days=1))
    assert await register(office) == before


async def test_a_crash_between_portions_goes_on_and_hr_is_heard_meanwhile(office: Office) -> None:
    await office.service.receives(*a_snapshot(a_town(100), size=30))
    await office._do(lambda tx: snapshots.judge(tx, "S1"))
    await office._do(lambda tx: snapshots.apply_portion(tx, "S1"))
    assert len(await register(office)) == 30
    assert await office.service.receives(hr_says("E00099", 5, unit_id="U7")) == [Outcome.applied]
    await sent(office)
    assert (await state(office)).state == "applied"
    after = await register(office)
    assert (len(after), after["E00099"]) == (100, (5, False, "U7"))


async def test_a_snapshot_that_comes_while_another_is_applied_waits_for_it(office: Office) -> None:
    town = a_town(100)
    await office.service.receives(*a_snapshot(town, "S1", size=30))
    await office._do(lambda tx: snapshots.judge(tx, "S1"))
    await office.service.receives(*a_snapshot(town[:99], "S2", TAKEN + timedelta(minutes=1)))
    await office._do(lambda tx: snapshots.judge(tx, "S2"))
    assert (await state(office, "S2")).state == "arriving"
    await sent(office)
    assert ((await state(office, "S1")).state, (await state(office, "S2")).state) == ("applied", "applied")
    assert (await office.employee("E00099")).left


async def test_units_merge_in_a_snapshot_as_they_do_by_themselves(office: Office) -> None:
    one, other = (UnitChanged(unit_id=f"U{number}", version=1, name=f"School {number}") for number in (1, 2))
    await office.service.receives(one, other)
    town = await of_a_hundred(office)
    merged = one.model_copy(update={"version": 2, "merged_into": "U2"})
    await sent(office, *a_snapshot(town, units=(merged, other.model_copy(update={"version": 2}))))
    unit = await office._do(lambda tx: tx.units.get("U1"))
    assert unit
    assert unit.merged_into == "U2"
    told = [each for each in office.service.said(StaffReconciled) if each.snapshot_id == "S1"]
    assert [fact.unit_id for each in told for fact in each.units] == ["U1"]


async def test_a_departure_that_hr_tells_counts_after_a_snapshot_had_her(office: Office) -> None:
    town = await of_a_hundred(office)
    await sent(office, *a_snapshot(town))
    gone = EmployeeLeft(employee_id="E00005", version=2, last_day=NOW.date() - timedelta(days=1))
    assert await office.service.receives(gone) == [Outcome.applied]


async def test_a_snapshot_taken_before_another_was_released_still_says_who_is_missing(office: Office) -> None:
    town = await of_a_hundred(office)
    moved = [hr_says(each.employee_id, 2, level=each.level, unit_id="U2") for each in town[:20]]
    await sent(office, *a_snapshot(moved + town[20:]))
    await office._do(lambda tx: snapshots.release(tx, "S1", "Olle"))
    await sent(office)
    rest = [each for each in moved if each.employee_id != "E00010"] + town[20:]
    await sent(office, *a_snapshot(rest, "S2", TAKEN + timedelta(minutes=1)))
    assert (await office.employee("E00010")).left


@pytest.fixture
async def door(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """An operator at the doors of the same service."""
    transport = httpx.ASGITransport(application(office.service.delivery, LINKS))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://enrolment/api", headers=signed_in("operator")
    ) as client:
        yield client


async def test_a_preview_is_what_release_then_does_and_changes_nothing(office: Office, door: httpx.AsyncClient) -> None:
    await office.publishes()
    town = await of_a_hundred(office)
    town[1] = hr_says("E00001", 2, level="middle")
    town[2] = hr_says("E00002", 2, unit_id="U2", email="new@kommun.example")
    await sent(office, *a_snapshot(town[1:60] + a_town(110)[100:]))
    before = await register(office)
    seen = (await door.get("/staff-imports/S1", params={"preview": True, "names": 2})).json()["preview"]
    changes = {each["kind"]: (each["count"], each["sample"]) for each in seen["changes"]}
    assert changes == {
        "Missing": (41, ["E00000", "E00060"]),
        "Joined": (10, ["E00100", "E00101"]),
        "Moved": (1, ["E00002"]),
        "NewAddress": (1, ["E00002"]),
        "Promoted": (1, ["E00001"]),
    }
    places = {each["kind"]: each["count"] for each in seen["places"]}
    assert places["withdrawn: LeftEmployment"] == 1
    assert (seen["staff_changed"], seen["managers_changed"], seen["would_be_held"]) == (53, 3, True)
    assert await register(office) == before
    assert len(office.service.said(StaffReconciled)) == 1

    released = (await door.post("/staff-imports/S1/release")).json()
    assert (released["state"], released["staff_changed"]) == ("applying", 53)
    await sent(office)
    assert (await state(office)).staff_changed == 53
    withdrawn = office.service.said(PlaceWithdrawn)
    assert sum(each.reason.code == "LeftEmployment" for each in withdrawn) == 1


async def test_a_preview_tells_what_becomes_of_units_too(office: Office, door: httpx.AsyncClient) -> None:
    town = await of_a_hundred(office)
    known = [UnitChanged(unit_id=f"U{n}", version=1, name=f"Unit {n}") for n in (2, 3, 4, 5)]
    await office.service.receives(*known)
    told = [
        UnitChanged(unit_id="U2", version=2, name="Unit 2", merged_into="U3"),
        UnitChanged(unit_id="U3", version=2, name="Another name", parent_id="U5"),
        UnitChanged(unit_id="U4", version=2, name="Unit 4"),
        UnitChanged(unit_id="U9", version=1, name="Unit 9"),
    ]
    await sent(office, *a_snapshot(town[:60], units=tuple(told)))
    seen = (await door.get("/staff-imports/S1", params={"preview": True, "names": 100_000})).json()["preview"]
    units = {each["kind"]: each["sample"] for each in seen["units"]}
    assert units == {"Merged": ["U2"], "Renamed": ["U3"], "Moved": ["U3"], "New": ["U9"]}
    assert [len(each["sample"]) for each in seen["changes"]] == [40]


async def test_snapshots_are_decided_by_office_and_operators_and_written_to_the_audit_log(
    office: Office, door: httpx.AsyncClient
) -> None:
    town = await of_a_hundred(office)
    await sent(office, *a_snapshot(town[:60]))
    for name, status in (("auditor", 403), ("facilitator", 403), ("office", 200), ("operator", 200)):
        assert (await door.get("/staff-imports", headers=signed_in(name))).status_code == status
    assert (await door.post("/staff-imports/S1/reject", json={"reason": ""})).status_code == 422
    assert (await door.post("/staff-imports/S9/release")).status_code == 404
    rejected = await door.post("/staff-imports/S1/reject", json={"reason": "the schools are missing"})
    assert (rejected.json()["state"], rejected.json()["decided_by"]) == ("rejected", "the operator")
    assert (await door.post("/staff-imports/S1/release")).status_code == 409
    logged = [each async for each in office.service.delivery.database["audit"].find({"what": "reject staff import"})]
    assert ("the operator", "S1") in {(each["who"], each["subject"]) for each in logged}


async def test_snapshots_are_listed_newest_first_and_paged(office: Office, door: httpx.AsyncClient) -> None:
    town = await of_a_hundred(office)
    for number in (1, 2):
        await sent(office, *a_snapshot(town, f"S{number}", TAKEN + timedelta(minutes=number)))
    first = (await door.get("/staff-imports", params={"limit": 2})).json()
    rest = (await door.get("/staff-imports", params={"limit": 2, "after": first["next"]})).json()
    assert [each["snapshot_id"] for each in (*first["items"], *rest["items"])] == ["S2", "S1", "S0"]
    assert rest["next"] is None


async def test_the_register_gives_the_highest_version_that_is_known(office: Office, door: httpx.AsyncClient) -> None:
    await office.service.receives(hr_says("E1"), hr_says("E1", 4, unit_id="U2", effective_from="2026-10-01"))
    page = (await door.get("/staff-register")).json()
    [she] = page["items"]
    assert (she["version"], she["highest"], she["upcoming"][0]["unit_id"], page["today"]) == (1, 4, "U2", "2026-09-01")


async def test_the_register_tells_departures_that_lie_ahead_and_since_when_she_has_her_level(
    office: Office, door: httpx.AsyncClient
) -> None:
    gone = EmployeeLeft(employee_id="E1", version=2, last_day=date(2026, 10, 31))
    await office.service.receives(hr_says("E1"), gone)
    [she] = (await door.get("/staff-register")).json()["items"]
    assert she["departures"] == [{"version": 2, "employee_id": "E1", "last_day": "2026-10-31"}]
    assert (she["upcoming"], she["level_since"]) == ([], "2026-04-01")
