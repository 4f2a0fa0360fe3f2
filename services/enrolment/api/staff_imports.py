"""Snapshots of the staff, and the staff register as somebody who imports a file has to see it."""

from collections import defaultdict
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from services.enrolment import model, shapes
from services.enrolment.api.asked import as_in
from services.enrolment.api.door import Call, Door, Part, begin_after, found, granted, told
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

    model_config = as_in({"reason": "Half the schools are missing from it."})

    reason: Annotated[Line, Field(min_length=1)]


INTERNAL: Final = ("id", "checked_until", "portions")
"""How far we are with it ourselves."""
COUNTS: Final = {"staff": 5700, "staff_changed": 2280, "managers": 250, "managers_changed": 101}
IMPORT: Final[dict[str, Any]] = {
    "snapshot_id": "2026-08-17",
    "version": 7,
    "taken_at": "2026-08-17T03:00:00Z",
    "pages": 6,
    "received": [1, 2, 3, 4, 5, 6],
    "state": "held",
    "staff_changed": 2280,
    "managers_changed": 101,
    "applied_pages": 0,
    "reason": None,
    "decided_by": None,
}
PREVIEW: Final[dict[str, Any]] = COUNTS | {
    "would_be_held": True,
    "changes": [{"kind": "Missing", "count": 2280, "sample": ["E100231", "E100407"]}],
    "places": [{"kind": "withdrawn: LeftEmployment", "count": 37, "sample": ["E100231"]}],
    "units": [],
}
REGISTERED: Final[dict[str, Any]] = {
    "employee_id": "E100231",
    "version": 7,
    "highest": 7,
    "left": False,
    "record": {
        "employee_id": "E100231",
        "version": 7,
        "given_name": "Åsa",
        "family_name": "Öberg",
        "email": "asa.oberg@kommun.example",
        "language": "sv",
        "unit_id": "U0412",
        "manager_id": "E100007",
        "level": "first_line",
        "employed_from": "2021-03-01",
        "employed_to": None,
        "absent": {"from": "2027-02-01", "to": None},
        "effective_from": "2026-12-01",
    },
    "upcoming": [],
}


class Tally(shapes.Shape):
    """How many there are of one kind, and the first of them."""

    kind: str
    count: int
    sample: list[str]


Import = shapes.kept("StaffImport", model.StaffImport, IMPORT, without=INTERNAL, snapshot_id=str)
Released = shapes.kept(
    "StaffImportReleased",
    model.StaffImport,
    IMPORT | COUNTS | {"state": "applying"},
    without=INTERNAL,
    snapshot_id=str,
    staff=int,
    managers=int,
)
Preview = shapes.kept(
    "StaffImportPreview", Counts, would_be_held=bool, changes=list[Tally], places=list[Tally], units=list[Tally]
)
ImportSeen = shapes.kept(
    "StaffImportSeen",
    model.StaffImport,
    IMPORT | {"preview": PREVIEW},
    without=INTERNAL,
    snapshot_id=str,
    preview=Preview | None,
)


class Registered(shapes.Shape):
    """Somebody as HR has told us; `highest` is the newest version of all that we have been told."""

    model_config = shapes.told(REGISTERED)

    employee_id: str
    version: int
    highest: int
    left: bool
    record: EmployeeChanged | None
    upcoming: list[EmployeeChanged]


class Register(shapes.Page[Registered]):
    """A part of the staff register, and what day it is in the municipality."""

    model_config = shapes.told({"items": [REGISTERED], "next": "E100231", "today": "2026-08-17"})

    today: date


def routes(door: Door) -> APIRouter:
    """The addresses under /staff-imports and /staff-register."""
    router = door.router("staff imports")
    _reading(door, router)
    _deciding(door, router)
    _register(door, router)
    return router


def _reading(door: Door, router: APIRouter) -> None:
    @router.get("/staff-imports", response_model=shapes.page_of(Import), dependencies=[door.staff_keepers])
    async def list_staff_imports(part: Part) -> View:
        """Snapshots of the staff and how each stands, the newest first."""

        async def work(tx: EnrolmentTransaction) -> View:
            return await _newest_first(tx, part)

        return await door.see(work)

    @router.get(
        "/staff-imports/{snapshot_id}",
        response_model=ImportSeen,
        dependencies=[door.staff_keepers],
        responses=told(404),
    )
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
    @router.post("/staff-imports/{snapshot_id}/release", response_model=Released, responses=told(404, 409))
    async def release_staff_import(snapshot_id: SnapshotId, call: Annotated[Call, door.by_staff_keepers]) -> View:
        """Let a held snapshot be applied, compared anew with the register as it is now: what HR has told since about
        somebody stays. `staff_changed` and `managers_changed` say what it changes by that."""

        async def work(tx: EnrolmentTransaction) -> View:
            begun, counts = granted(await snapshots.release(tx, snapshot_id, call.actor.name))
            return _view(begun) | counts.model_dump()

        return await door.do(work, call, "release staff import")

    @router.post("/staff-imports/{snapshot_id}/reject", response_model=Import, responses=told(404, 409))
    async def reject_staff_import(
        snapshot_id: SnapshotId, body: Rejection, call: Annotated[Call, door.by_staff_keepers]
    ) -> View:
        """Let a held snapshot change nothing."""

        async def work(tx: EnrolmentTransaction) -> View:
            return _view(granted(await snapshots.reject(tx, snapshot_id, call.actor.name, body.reason)))

        return await door.do(work, call, "reject staff import")


def _register(door: Door, router: APIRouter) -> None:
    @router.get("/staff-register", response_model=Register, dependencies=[door.staff_keepers])
    async def list_staff_register(part: Part) -> View:
        """Everybody as HR has told us: version, record, and what lies ahead; and what day it is in the municipality."""

        async def work(tx: EnrolmentTransaction) -> View:
            await begin_after(tx.employees, part)
            known = await tx.employees.next_after(part.after or "", part.limit + 1)
            return part.page([_registered(each) for each in known], "employee_id") | {"today": tx.today.isoformat()}

        return await door.see(work)


async def _newest_first(tx: EnrolmentTransaction, part: Paging) -> View:
    shown = await tx.staff_imports.newest(part.limit + 1, await begin_after(tx.staff_imports, part))
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
    return {"snapshot_id": one.id} | one.model_dump(mode="json", exclude=set(INTERNAL))


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
