"""What the rows of a CSV file of employees say that nobody has told before."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from deploy.ctl.hr_csv import NEEDED, Fault, Row, Sheet, bare
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


class Known(BaseModel):
    """Somebody as the staff register has her."""

    employee_id: str
    version: int
    """Version of what holds today."""
    highest: int
    """Highest version that is known, that of coming changes included."""
    left: bool = False
    record: EmployeeChanged | None = None
    upcoming: tuple[EmployeeChanged, ...] = ()


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
    differences: Counter[str] = field(default_factory=Counter)
    """How many known people differ from their record, by field."""


def compare(sheet: Sheet, register: Mapping[str, Known], today: date) -> Changes:
    """What the file says that the register does not know.

    Without a version the next one after the highest known is taken. A column that the file lacks stays as it is known.
    """
    changes = Changes(faults=list(sheet.faults))
    for row in sheet.rows:
        known = register.get(row.cells["employee_id"] or "")
        said = _record(row, sheet.columns, known, today)
        if isinstance(said, list):
            changes.faults.extend(said)
        else:
            _count(changes, said, known, numbered=row.cells.get("version") is None)
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
    said = _kept(columns, known) | {
        name: value for name, value in values.items() if name in _OPTIONAL or value is not None
    }
    if "absent_from" in columns:
        said["absent"] = {"from": start, "to": end} if start else None
    said.setdefault("version", known.highest + 1 if known else 1)
    said.setdefault("effective_from", max(today, values["employed_from"]) if known else values["employed_from"])
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


def _kept(columns: Sequence[str], known: Known | None) -> dict[str, Any]:
    """What stays as it is known because the file says nothing of it. An ended employment and a past leave do not."""
    record = (known.record or next(iter(known.upcoming), None)) if known else None
    if known is None or record is None:
        return {}
    kept: dict[str, Any] = {"language": record.language, "manager_id": record.manager_id}
    if not known.left:
        kept |= {"employed_to": record.employed_to, "absent": record.absent}
    return {name: value for name, value in kept.items() if name not in columns or name == "language"}


def _place(where: tuple[int | str, ...]) -> str:
    if not where:
        return "employed_to"
    return f"absent_{where[1]}" if where[0] == "absent" and len(where) > 1 else str(where[0])


def _count(changes: Changes, said: EmployeeChanged, known: Known | None, *, numbered: bool) -> None:
    if known and not numbered and said.version <= known.version:
        changes.old += 1
        return
    if known and numbered and _is_known(said, known):
        changes.unchanged += 1
        return
    changes.events.append(said)
    changes.numbered += numbered
    changes.new += known is None
    if known and known.record:
        before, after = _content(known.record), _content(said)
        changes.differences.update(name for name in after if after[name] != before[name])


def _is_known(said: EmployeeChanged, known: Known) -> bool:
    stands = [known.record] if known.record and (not known.left or said.employed_to) else []
    return any(_content(said) == _content(record) for record in (*stands, *known.upcoming))


def _content(record: EmployeeChanged) -> dict[str, Any]:
    return record.model_dump(exclude={"version", "effective_from"})
