"""What the rows of a CSV file of employees say that nobody has told before."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from deploy.ctl.hr_csv import NEEDED, Fault, Row, Sheet, bare
from deploy.ctl.hr_known import DAY, Known, carried_on, differing, losses
from shared.events.base import complaint
from shared.events.hr import LEVELS, EmployeeChanged

SWEDISH_LEVELS: Final = (
    "ingen",
    "potentiell chef",
    "första linjens chef",
    "mellanchef",
    "förvaltningschef",
    "ledningsgrupp",
)
"""The levels as a Swedish file may write them, in the order of `LEVELS`."""

_DATES: Final = ("employed_from", "employed_to", "absent_from", "absent_to", "effective_from")
_LEVELS: Final = {
    bare(name): level for names in (LEVELS, SWEDISH_LEVELS) for name, level in zip(names, LEVELS, strict=True)
}


@dataclass(frozen=True)
class Loss:
    """Something known to come that does not come after what a row says: the line of the row, and what it is."""

    line: int
    what: str


@dataclass
class Changes:
    """What the rows of a file say that is not known yet."""

    events: list[EmployeeChanged] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unchanged: int = 0
    """Rows that say what is known."""
    old: int = 0
    """Rows whose version is not above the one that holds."""
    new: int = 0
    """People whom nobody has told about before."""
    numbered: int = 0
    """Events whose version was counted up here, because the file gives none."""
    repeated: int = 0
    """Events that say again what is known to come, so that it outlives what a row says."""
    lost: list[Loss] = field(default_factory=list)
    differences: Counter[str] = field(default_factory=Counter)
    """How many known people differ from their record, by field."""


def compare(sheet: Sheet, register: Mapping[str, Known], today: date) -> Changes:
    """What the file says that the register does not know.

    Without a version the next one after the highest known is taken. A column that the file lacks stays as it is known,
    and so does what is known to come.
    """
    changes = Changes(faults=list(sheet.faults))
    for row in sheet.rows:
        known = register.get(row.cells["employee_id"] or "")
        said = _record(row, sheet.columns, known, today)
        numbered = row.cells.get("version") is None
        if isinstance(said, list):
            changes.faults.extend(said)
        elif known is None:
            _publish(changes, [said], numbered=numbered)
            changes.new += 1
        elif numbered:
            _count_up(changes, row.line, said, known, today)
        else:
            _take(changes, row.line, said, known, today)
    changes.faults.sort(key=lambda fault: fault.line)
    return changes


def _record(row: Row, columns: Sequence[str], known: Known | None, today: date) -> EmployeeChanged | list[Fault]:
    """How she stands by this row; all that is wrong with it."""
    faults = [Fault(row.line, column, "is empty") for column in NEEDED if row.cells[column] is None]
    values: dict[str, Any] = {}
    for column, cell in row.cells.items():
        try:
            values[column] = _value(column, cell)
        except ValueError as error:
            faults.append(Fault(row.line, column, str(error)))
    if faults:
        return faults
    start, end = values.pop("absent_from", None), values.pop("absent_to", None)
    if end and (start is None or end < start):
        return [Fault(row.line, "absent_to", "is there without absent_from, or before it: give both days of the leave")]
    first_day = values["employed_from"]
    day = max(values.get("effective_from") or (today if known else first_day), first_day)
    said = _kept(columns, known, max(day, today)) | {
        name: value for name, value in values.items() if name in _OPTIONAL or value is not None
    }
    if "absent_from" in columns:
        said["absent"] = {"from": start, "to": end} if start else None
    said.setdefault("version", known.highest + 1 if known else 1)
    said["effective_from"] = day
    try:
        return EmployeeChanged.model_validate(said)
    except ValidationError as error:
        return [Fault(row.line, _place(fault["loc"]), complaint(fault)) for fault in error.errors(include_input=False)]


_OPTIONAL: Final = ("manager_id", "employed_to")
"""Columns in which an empty cell means something: she has none."""


def _value(column: str, cell: str | None) -> Any:
    if cell is None:
        return None
    if column in _DATES:
        return _day(cell)
    if column == "version" and not re.fullmatch(r"[1-9]\d{0,17}", cell, re.ASCII):
        raise ValueError("is no version: write a whole number from 1, or leave it empty")
    if column == "level":
        if bare(cell) not in _LEVELS:
            raise ValueError(f"is no level: write one of {', '.join((*LEVELS, *SWEDISH_LEVELS))}")
        return _LEVELS[bare(cell)]
    return cell.casefold() if column == "language" else cell


def _day(cell: str) -> date:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", cell, re.ASCII):
        with suppress(ValueError):
            return date.fromisoformat(cell)
    raise ValueError("is no day: write it like 2026-08-31")


def _kept(columns: Sequence[str], known: Known | None, day: date) -> dict[str, Any]:
    """What stays as it is known because the file says nothing of it. An ended employment and a past leave do not."""
    record = _replaced(known, day) if known else None
    if known is None or record is None:
        return {}
    kept: dict[str, Any] = {"language": record.language, "manager_id": record.manager_id}
    if not known.has_ended(record, day):
        kept |= {"employed_to": record.employed_to, "absent": record.absent}
    return {name: value for name, value in kept.items() if name not in columns or name == "language"}


def _replaced(known: Known, day: date) -> EmployeeChanged | None:
    """The record in whose place comes what is said for a day: that of the day, or the one with which she begins."""
    return known.on(day) or next(iter(known.course), None)


def _place(where: tuple[int | str, ...]) -> str:
    if not where:
        return "employed_to"
    return f"absent_{where[1]}" if where[0] == "absent" and len(where) > 1 else str(where[0])


def _take(changes: Changes, line: int, said: EmployeeChanged, known: Known, today: date) -> None:
    """A row with a version of HR: her newest word, which takes the place of all older ones that would follow."""
    if said.version <= known.version or said.version in {one.version for one in known.upcoming}:
        changes.old += 1
        return
    day = max(said.effective_from, today)
    older = [one for one in known.after(day) if one.version < said.version]
    if replaced := _replaced(known, day):
        changes.differences.update(differing(said, replaced) or ["effective_from"])
        changes.lost += [Loss(line, what) for what in losses(said, replaced, older, [])]
    _publish(changes, [said], numbered=False)


def _count_up(changes: Changes, line: int, said: EmployeeChanged, known: Known, today: date) -> None:
    """A row without a version: what is known to come is said again after it, unless she had left before."""
    day = max(said.effective_from, today)
    stands = known.on(day)
    until_then = _before_it_is_put_off(said, stands, known, today)
    if stands and not until_then and _is_known(said, stands, known, today):
        changes.unchanged += 1
        return
    if until_then:
        until_then = until_then.model_copy(update={"version": said.version})
        said = said.model_copy(update={"version": said.version + 1})
    again: list[EmployeeChanged] = []
    if replaced := _replaced(known, day):
        coming = known.after(day)
        again = [] if known.has_ended(replaced, day) else carried_on(said, replaced, coming)
        changes.differences.update(differing(said, replaced) or ["effective_from"])
        changes.lost += [Loss(line, what) for what in losses(said, replaced, coming, again)]
    _publish(changes, [*([until_then] if until_then else []), said, *again], numbered=True)
    changes.repeated += len(again) + bool(until_then)


def _is_known(said: EmployeeChanged, stands: EmployeeChanged, known: Known, today: date) -> bool:
    """Whether she is known to stand so on that day; on a day that has gone by, to have had her level as long."""
    if differing(said, stands) or (known.has_ended(stands, today) and not said.employed_to):
        return False
    return said.effective_from >= today or known.level_since is None or said.effective_from >= known.level_since


def _before_it_is_put_off(
    said: EmployeeChanged, stands: EmployeeChanged | None, known: Known, today: date
) -> EmployeeChanged | None:
    """How she stands until then, from today on, if the row puts off what is known to come on an earlier day."""
    if stands is None or differing(said, stands) or not today < stands.effective_from < said.effective_from:
        return None
    before = known.on(stands.effective_from - DAY)
    if before is None or before.version == stands.version or known.has_ended(before, today):
        return None
    return before.model_copy(update={"effective_from": max(before.effective_from, today)})


def _publish(changes: Changes, events: Sequence[EmployeeChanged], *, numbered: bool) -> None:
    """What comes last is published first: then nothing known is lost if the broker goes away in between."""
    changes.events.extend(reversed(events))
    changes.numbered += len(events) if numbered else 0
