"""What HR does with whole registers in the year: snapshots, files, and units that are not what they were."""

import csv
import io
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from functools import partial
from itertools import count, islice
from typing import Any, Final

from deploy.ctl import hr_changes, hr_csv
from deploy.ctl.hr_known import Known
from deploy.sample import staff
from deploy.sample.diary import Diary
from deploy.sample.hr import HrDesk
from deploy.sample.moments import Agenda, at
from deploy.sample.municipality import Municipality
from deploy.sample.names import someone
from deploy.sample.office import Office
from deploy.sample.plan import Census, FileImport, Plan, Reorganisation
from shared.events.hr import EmployeeChanged, UnitChanged

EARLY: Final = "07:00"
MORNING: Final = "09:00"
DECIDED: Final = "10:30"
"""When an operator decides about a snapshot that is held."""

HEADINGS: Final = {
    "anställningsnummer": "employee_id",
    "förnamn": "given_name",
    "efternamn": "family_name",
    "e-post": "email",
    "språk": "language",
    "enhet": "unit_id",
    "närmaste chef": "manager_id",
    "nivå": "level",
    "anställd från": "employed_from",
    "gäller från": "effective_from",
}
"""The columns of the sample's files, as a Swedish export heads them."""

NEW, CHANGED, SAME = 2, 3, 2
"""How many rows of a file are about somebody new, say something new, and say what is known."""

_LOOKED_AT: Final = 10
"""How many people of a unit are looked at when the year is over."""


class Registers:
    """Puts snapshots, files and reorganisations on the agenda."""

    def __init__(
        self, plan: Plan, town: Municipality, agenda: Agenda, *, hr: HrDesk, office: Office, diary: Diary
    ) -> None:
        self._plan, self._town, self._agenda = plan, town, agenda
        self._hr, self._office, self._diary = hr, office, diary

    def write(self) -> None:
        """Plan all of them."""
        for census in self._plan.censuses:
            self._on(census.on, EARLY, partial(self._count, census))
        for file in self._plan.files:
            self._on(file.on, MORNING, partial(self._import, file))
        for reorganisation in self._plan.reorganisations:
            self._on(reorganisation.on, MORNING, partial(self._reorganise, reorganisation))

    def _on(self, day: date, clock: str, act: Callable[[], Awaitable[None]]) -> None:
        if day <= self._plan.until:
            self._agenda.plan(at(day, clock), act)

    def _lot(self, *about: object) -> random.Random:
        return random.Random("|".join(str(part) for part in (self._town.seed, "registers", *about)))

    async def _count(self, census: Census) -> None:
        """Publish the whole staff. In one that is whole, some people stand differently, of which HR told nobody."""
        snapshot_id, lot, day = f"census-{census.on}", self._lot("census", census.on), census.on
        surprising = self._surprises(census, lot)
        staff_then = sorted(self._town.employed(day), key=lambda record: record.employee_id)
        kept = set(lot.sample(range(len(staff_then)), round(len(staff_then) * (1 - census.lacking))))
        told = [record for number, record in enumerate(staff_then) if number in kept]
        await self._hr.tell_all(snapshot_id, told, list(self._town.units.values()))
        lacking = [r for number, r in enumerate(staff_then) if number not in kept and r.employed_from <= day]
        if census.lacking or census.new_addresses:
            expected = {"Missing": len(lacking)} if census.lacking else {"NewAddress": len(surprising)}
            self._on(day, DECIDED, partial(self._decide, census, snapshot_id, expected))

    def _surprises(self, census: Census, lot: random.Random) -> list[EmployeeChanged]:
        town, day = self._town, census.on
        if census.lacking:
            return []
        if not census.new_addresses:
            chosen = lot.sample(town.ordinary(day, "none"), 3)
            return [town.rename(record.employee_id, "Ek Sjöström", day) for record in chosen]
        managers = town.at_work(day, "first_line", "middle", "senior")
        chosen = lot.sample(managers, max(4, round(len(managers) * census.new_addresses)))
        return [town.change(one.employee_id, day, email=one.email.replace("@", "@ledning.", 1)) for one in chosen]

    async def _decide(self, census: Census, snapshot_id: str, expected: dict[str, int]) -> None:
        """An operator sees what would happen, by kind, and decides."""
        seen = await self._office.census(snapshot_id)
        found = {kind["kind"]: kind["count"] for kind in (seen["preview"] or {}).get("changes", ())}
        about = {"snapshot_id": snapshot_id, "state": seen["state"], "expected": expected, "found": found}
        self._diary.note("census", census.on, **about)
        await (self._office.reject_census if census.lacking else self._office.release_census)(snapshot_id)

    async def _import(self, file: FileImport) -> None:
        """Import a file as `ledstjarna hr import` does: read, compare with the register, publish what is new."""
        records, unchanged = self._rows_of(file)
        wrong = dict(self._cells(unchanged[0]), employee_id="E999999", level="chef över allt")
        rows = [self._cells(record) for record in (*records, *unchanged)]
        rows.insert(1, wrong)
        sheet = hr_csv.read(_written(rows, file.delimiter).encode(file.encoding))
        known = [Known.model_validate(each) for each in await self._office.listed("staff-register")]
        changes = hr_changes.compare(sheet, {each.employee_id: each for each in known}, file.on)
        self._diary.note(
            "file",
            file.on,
            faults=[(fault.line, fault.column, bool(fault.reason)) for fault in changes.faults],
            right=list(changes.events) == records,
            unchanged=changes.unchanged,
        )
        await self._hr.tell(changes.events)

    def _rows_of(self, file: FileImport) -> tuple[list[EmployeeChanged], list[EmployeeChanged]]:
        """Whom the file says something new about, and of whom it says what is known."""
        town, day, lot = self._town, file.on, self._lot("file", file.on)
        able = [one for one in town.ordinary(day, "none") if _fits(one.given_name + one.family_name, file.encoding)]
        chosen = lot.sample(able, CHANGED + SAME)
        town.in_the_plan |= {record.employee_id for record in chosen}
        changed = [staff.move(town, one, day, lot, elsewhere=True) for one in chosen[: CHANGED - 1]]
        changed.append(town.rename(chosen[CHANGED - 1].employee_id, "Åkerström-Öberg", day))
        names = (someone(lot) for _ in count())
        fitting = (name for name in names if _fits(name.given + name.family, file.encoding))
        new = [staff.hire(town, day, lot, name) for name in islice(fitting, NEW)]
        town.in_the_plan |= {record.employee_id for record in new}
        return [*changed, *new], chosen[CHANGED:]

    def _cells(self, record: EmployeeChanged) -> dict[str, str]:
        told = record.model_dump(mode="json")
        return {column: str(told[column] or "") for column in HEADINGS.values()}

    async def _reorganise(self, reorganisation: Reorganisation) -> None:
        """A unit in which somebody of a running group works, if there is one, is not what it was."""
        town, day = self._town, reorganisation.on
        unit = self._lot("unit", day).choice(await self._units_with_members(day))
        people = [one.employee_id for one in town.employed(day) if town.standing(one.employee_id, day).unit_id == unit]
        before = town.top_of(unit)
        changed = self._reorganised(reorganisation, unit)
        self._diary.note(
            reorganisation.what, day, unit=unit, people=people[:_LOOKED_AT], before=before, after=town.top_of(unit)
        )
        await self._hr.tell([changed])

    async def _units_with_members(self, day: date) -> list[str]:
        town = self._town
        living = {unit.unit_id for unit in town.units.values() if unit.merged_into is None and unit.unit_id >= "U1000"}
        members = await self._office.listed("places", state="confirmed")
        theirs = {town.standing(place["employee_id"], day).unit_id for place in members}
        return sorted(living & theirs) or sorted(living)

    def _reorganised(self, reorganisation: Reorganisation, unit: str) -> UnitChanged:
        town, lot = self._town, self._lot("reorganised", reorganisation.on)
        others = [
            other
            for other in town.units.values()
            if other.merged_into is None and town.top_of(other.unit_id) != town.top_of(unit)
        ]
        match reorganisation.what:
            case "renamed":
                return town.reorganise(unit, name=f"{town.units[unit].name} och vänner")
            case "moved":
                areas = [other.unit_id for other in others if "U0100" <= other.unit_id < "U1000"]
                return town.reorganise(unit, parent_id=lot.choice(areas))
            case _:
                return town.reorganise(
                    unit, merged_into=lot.choice([o.unit_id for o in others if o.unit_id >= "U1000"])
                )


def _fits(name: str, encoding: str) -> bool:
    """Whether a file of this encoding can hold the name: an old system knows no Vietnamese ones."""
    return name.encode(encoding, errors="ignore").decode(encoding) == name


def _written(rows: Sequence[dict[str, Any]], delimiter: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(HEADINGS)
    writer.writerows([row[column] for column in HEADINGS.values()] for row in rows)
    return text.getvalue()
