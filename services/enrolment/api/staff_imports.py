"""Snapshots of the staff, and the staff register as somebody who imports a file has to see it."""

from collections import defaultdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from services.enrolment.api.door import Call, Door, Part, found, granted, told
from services.enrolment.commands import snapshots
from services.enrolment.model import Employee, StaffFact, StaffImport, Unit
from services.enrolment.rules import career
from services.enrolment.rules.snapshots import Counts
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.events.base import Id, Line
from shared.events.enrolment import PlaceEvent
from shared.events.hr import EmployeeChanged, EmployeeLeft, UnitChanged
from shared.web import Paging

MOST_NAMES = 100_000
"""As many as everybody whom a change can touch."""

SnapshotId = Annotated[Id, InPath(description="As HR named the snapshot")]


class Rejection(BaseModel):
    """Why a snapshot must not be applied."""

    reason: Annotated[Line, Field(min_length=1, examples=["Half the schools are missing from it."])]


def routes(door: Door) -> APIRouter:
    """The addresses under /staff-imports and /staff-register."""
    router = door.router("staff imports")
    _reading(door, router)
    _deciding(door, router)
    _register(door, router)
    return router


def _reading(door: Door, router: APIRouter) -> None:
    @router.get("/staff-imports", dependencies=[door.staff_keepers])
    async def list_staff_imports(part: Part) -> View:
        """Snapshots of the staff and how each stands, the newest first."""

        async def work(tx: EnrolmentTransaction) -> View:
            return await _newest_first(tx, part)

        return await door.see(work)

    @router.get("/staff-imports/{snapshot_id}", dependencies=[door.staff_keepers], responses=told(404))
    async def show_staff_import(
        snapshot_id: SnapshotId,
        preview: Annotated[bool, Query()] = False,
        names: Annotated[int, Query(ge=0, le=MOST_NAMES, description="How many people of each kind to name")] = 5,
    ) -> View:
        """One snapshot. With `preview`, what applying it would change as things stand now, by kind and by reason:
        it is really applied, and taken back. Only a complete snapshot that has not been decided about has a preview."""

        async def work(tx: EnrolmentTransaction) -> View:
            one = found(await tx.staff_imports.get(snapshot_id), "snapshot", snapshot_id)
            return _view(one) | {"preview": await _preview(tx, one, names) if preview else None}

        return await (door.rehearse(work) if preview else door.see(work))


def _deciding(door: Door, router: APIRouter) -> None:
    @router.post("/staff-imports/{snapshot_id}/release", responses=told(404, 409))
    async def release_staff_import(snapshot_id: SnapshotId, call: Annotated[Call, door.by_staff_keepers]) -> View:
        """Let a held snapshot be applied, compared anew with the register as it is now: what HR has told since about
        somebody stays. `staff_changed` and `managers_changed` say what it changes by that."""

        async def work(tx: EnrolmentTransaction) -> View:
            begun, counts = granted(await snapshots.release(tx, snapshot_id, call.actor.name))
            return _view(begun) | counts.model_dump()

        return await door.do(work, call, "release staff import")

    @router.post("/staff-imports/{snapshot_id}/reject", responses=told(404, 409))
    async def reject_staff_import(
        snapshot_id: SnapshotId, body: Rejection, call: Annotated[Call, door.by_staff_keepers]
    ) -> View:
        """Let a held snapshot change nothing."""

        async def work(tx: EnrolmentTransaction) -> View:
            return _view(granted(await snapshots.reject(tx, snapshot_id, call.actor.name, body.reason)))

        return await door.do(work, call, "reject staff import")


def _register(door: Door, router: APIRouter) -> None:
    @router.get("/staff-register", dependencies=[door.staff_keepers])
    async def list_staff_register(part: Part) -> View:
        """Everybody as HR has told us: version, record, and what lies ahead; and what day it is in the municipality."""

        async def work(tx: EnrolmentTransaction) -> View:
            known = await tx.employees.next_after(part.after or "", part.limit + 1)
            return part.page([_registered(each) for each in known], "employee_id") | {"today": tx.today.isoformat()}

        return await door.see(work)


async def _newest_first(tx: EnrolmentTransaction, part: Paging) -> View:
    last = await tx.staff_imports.get(part.after) if part.after else None
    shown = await tx.staff_imports.newest(part.limit + 1, last)
    return part.page([_view(each) for each in shown], "snapshot_id")


async def _preview(tx: EnrolmentTransaction, one: StaffImport, names: int) -> View | None:
    """What the real step does, tallied. To be called in a rehearsal."""
    if not one.complete or one.state not in {"arriving", "held"}:
        return None
    counts, people = await snapshots.count(tx, one), defaultdict[str, list[str]](list)
    units: list[tuple[Unit | None, UnitChanged]] = []
    async for portion in snapshots.rehearse(tx, one):
        units += portion.units
        lacking = {each.employee_id for each in portion.missing}
        for before, after in portion.people:
            for kind in _kinds(before, after, missing=after.id in lacking):
                people[kind].append(after.id)
    places = defaultdict[str, list[str]](list)
    for event in tx.announced:
        if isinstance(event, PlaceEvent):
            places[_what(event)].append(event.employee_id)
    tallied = {
        "changes": _tally(people, names),
        "places": _tally(places, names),
        "units": _tally(_units_by_kind(units), names),
    }
    return _counts(counts) | tallied


def _kinds(before: Employee | None, after: Employee, *, missing: bool) -> list[str]:
    if missing:
        return ["Missing"]
    kinds = [type(change).__name__ for change in career.career_change(before, after)]
    ahead = after.upcoming != (before.upcoming if before else ())
    return kinds or (["LiesAhead"] if ahead else ["OtherDetails"])


def _units_by_kind(pairs: list[tuple[Unit | None, UnitChanged]]) -> dict[str, list[str]]:
    found = defaultdict[str, list[str]](list)
    for before, after in pairs:
        for kind in _kinds_of_unit(before, after):
            found[kind].append(after.unit_id)
    return found


def _kinds_of_unit(before: Unit | None, after: UnitChanged) -> list[str]:
    if after.merged_into and not (before and before.merged_into == after.merged_into):
        return ["Merged"]
    if before is None:
        return ["New"]
    renamed, moved = before.name != after.name, before.parent_id != after.parent_id
    apart = bool(before.merged_into and not after.merged_into)
    return [kind for kind, so in (("Renamed", renamed), ("Moved", moved), ("NoLongerMerged", apart)) if so]


def _what(event: PlaceEvent) -> str:
    reason = getattr(event, "reason", None)
    return f"{event.type.split('.')[2]}{f': {reason.code}' if reason else ''}"


def _tally(kinds: dict[str, list[str]], names: int) -> list[dict[str, Any]]:
    ordered = sorted(kinds.items(), key=lambda each: (-len(each[1]), each[0]))
    return [{"kind": kind, "count": len(who), "sample": who[:names]} for kind, who in ordered if who]


def _view(one: StaffImport) -> View:
    return {"snapshot_id": one.id} | one.model_dump(mode="json", exclude={"id", "checked_until", "portions"})


def _counts(counts: Counts) -> View:
    return counts.model_dump() | {"would_be_held": counts.too_many}


def _registered(employee: Employee) -> View:
    record, ahead = employee.record, employee.upcoming
    return {
        "employee_id": employee.id,
        "version": employee.version,
        "highest": max((employee.version, *(fact.version for fact in employee.upcoming))),
        "left": employee.left,
        "record": _dump(record) if record else None,
        "level_since": employee.level_since.isoformat() if employee.level_since else None,
        "upcoming": [_dump(fact) for fact in ahead if isinstance(fact, EmployeeChanged)],
        "departures": [_dump(fact) for fact in ahead if isinstance(fact, EmployeeLeft)],
    }


def _dump(fact: StaffFact) -> View:
    return fact.model_dump(mode="json", by_alias=True)
