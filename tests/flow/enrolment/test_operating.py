"""What operators see of staff changes and places moves when it should."""

import time
from datetime import date, timedelta
from typing import Any

import pytest

from services.enrolment import handlers, metrics
from services.enrolment.commands import snapshots
from shared.cloudevents import Envelope, uuid7
from shared.events import Event
from shared.events.hr import EmployeeChanged, SnapshotPage, UnitChanged
from tests.flow.counted import Risen, value
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import NOW, hr_says

TOLD_AT = NOW - timedelta(hours=2)


async def hears(office: Office, event: Event) -> None:
    """HR said it two hours ago."""
    envelope = Envelope(uuid7(), event.type, uuid7(), event.model_dump_json(by_alias=True), TOLD_AT)
    [done] = await office.service.delivery.run_together([handlers.hr.work(envelope, "enrolment.hr")])
    assert done.error is None
    await office.service.published()


async def headers_of(office: Office, event_type: str) -> dict[str, Any]:
    """Under which headers the newest event of a type has been announced."""
    row = await office.service.delivery.database["outbox"].find_one({"type": event_type}, sort=[("_id", -1)])
    assert row
    headers: dict[str, Any] = row["headers"]
    return headers


async def test_each_change_is_counted_by_what_it_means_and_what_means_nothing_as_ignored(office: Office) -> None:
    risen = Risen("staff_changes_total")
    await office.service.receives(hr_says("E1", level="none"))
    await office.service.receives(hr_says("E1", level="none"))  # again
    await office.service.receives(hr_says("E1", version=2, level="first_line", unit_id="U2"))
    await office.service.receives(hr_says("E1", version=3, level="first_line", unit_id="U2"))  # nothing new in it
    await office.service.receives(hr_says("E1", version=4, level="none", unit_id="U2", effective_from="2027-01-01"))
    assert risen.by() == {
        ("joined", "accepted"): 1,
        ("none", "ignored"): 2,
        ("promoted", "accepted"): 1,
        ("moved", "accepted"): 1,
        ("later", "accepted"): 1,
    }


async def test_a_change_that_waited_is_counted_by_what_it_means_when_its_day_comes(office: Office) -> None:
    await office.service.receives(hr_says("E1"))
    await office.service.receives(hr_says("E1", version=2, level="none", effective_from="2026-09-20"))
    risen = Risen("staff_changes_total")
    await office.service.advance_to(NOW + timedelta(days=40))
    assert risen.by() == {("stepped_down", "accepted"): 1}


def test_what_nobody_can_act_on_is_counted_as_invalid_if_it_is_about_somebody() -> None:
    risen = Risen("staff_changes_total")
    assert handlers.hr.refused
    handlers.hr.refused(EmployeeChanged.type)
    handlers.hr.refused(UnitChanged.type)
    assert risen.by() == {("none", "invalid"): 1}


async def test_the_steps_of_places_are_counted(office: Office) -> None:
    risen = Risen("enrolment_transitions_total")
    members = await office.everybody_accepts(4)
    assert risen.by() == {("none", "queued"): 4, ("queued", "offered"): 4, ("offered", "confirmed"): len(members)}


async def test_places_are_shown_by_how_they_stand_now(office: Office) -> None:
    members = await office.group(4)
    await office.answers(members[0], "decline")
    await metrics.look(office.service.delivery.database, office.service.clock)
    shown = {state: value("enrolments", state=state) for state in ("offered", "declined", "confirmed")}
    assert shown == {"offered": 3, "declined": 1, "confirmed": 0}


async def test_a_snapshot_that_waits_for_a_person_is_shown_since_it_waits(office: Office) -> None:
    await office.staff(3)
    page = SnapshotPage(snapshot_id="S1", version=1, taken_at=NOW, page=1, pages=1, employees=())
    await office.service.receives(page)
    await office.service.advance_to(office.service.clock.now())
    await office.service.advance_to(office.service.clock.now() + timedelta(hours=5))
    await metrics.look(office.service.delivery.database, office.service.clock)
    assert value("staff_imports_held") == 1
    since = value("staff_import_oldest_held_timestamp_seconds")
    assert time.time() - since == pytest.approx(5 * 3600, abs=60)
    await office.service.delivery.run(lambda tx: snapshots.reject(tx, "S1", "Eva", "wrong file"))
    await metrics.look(office.service.delivery.database, office.service.clock)
    assert (value("staff_imports_held"), value("staff_import_oldest_held_timestamp_seconds")) == (0, 0)


async def test_what_follows_at_once_from_a_staff_change_carries_it(office: Office) -> None:
    await office.publishes()
    await hears(office, hr_says("E1"))
    headers = await headers_of(office, "enrolment.person.queued.v1")
    assert (headers["ce-staffchange"], headers["ce-staffchangetime"]) == ("joined", TOLD_AT.isoformat())


async def test_an_offer_that_a_free_seat_leads_to_in_a_moment_carries_it_too(office: Office) -> None:
    await office.group(4, min=2, max=6)
    await hears(office, hr_says("E9", unit_id="D9"))
    await office.service.advance_to(office.service.clock.now())
    headers = await headers_of(office, "enrolment.place.offered.v1")
    assert headers["ce-subject"] == "FLC:E9:1"
    assert (headers["ce-staffchange"], headers["ce-staffchangetime"]) == ("joined", TOLD_AT.isoformat())


async def test_a_change_of_a_later_day_is_carried_from_that_day_on(office: Office) -> None:
    await office.publishes()
    await hears(office, hr_says("E1", level="none"))
    await hears(office, hr_says("E1", version=2, effective_from=date(2026, 9, 20)))
    await office.service.advance_to(NOW + timedelta(days=30))
    headers = await headers_of(office, "enrolment.person.queued.v1")
    assert headers["ce-staffchange"] == "promoted"
    assert headers["ce-staffchangetime"] == headers["ce-time"]


async def test_what_the_office_does_carries_no_staff_change(office: Office) -> None:
    await office.group(4)
    assert "ce-staffchange" not in await headers_of(office, "enrolment.place.offered.v1")


async def test_a_staff_change_is_carried_by_what_follows_from_it_only(office: Office) -> None:
    """Both in one transaction, as messages that have waited together."""
    await office.publishes()
    unit = UnitChanged(unit_id="U1", version=1, name="Skolan")
    works = [
        handlers.hr.work(Envelope(uuid7(), each.type, uuid7(), each.model_dump_json(by_alias=True), TOLD_AT), "q")
        for each in (hr_says("E1"), unit, hr_says("E2", level="none"))
    ]
    await office.service.delivery.run_together(works)
    rows = office.service.delivery.database["outbox"].find({"headers.ce-staffchange": {"$exists": True}})
    assert {row["headers"]["ce-subject"] async for row in rows} == {"FLC:E1:1"}
