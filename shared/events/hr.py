"""What the HR system says: how an employee or a unit stands now."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from shared.events.base import Event, Fact, Id, Line, registered

Level = Literal["none", "potential", "first_line", "middle", "senior", "executive"]
LEVELS: tuple[Level, ...] = ("none", "potential", "first_line", "middle", "senior", "executive")
"""Levels of leadership in rising order: no manager, potential manager, first line, middle, senior, executive."""


def _mail_address(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not at or not local or "." not in domain or any(c.isspace() or c in '<>,;:"()[]\\' for c in value):
        raise ValueError("not one mail address: write it as name@domain, without spaces, commas or line breaks")
    return value


MailAddress = Annotated[Line, AfterValidator(_mail_address)]


class Absence(Fact):
    """A leave: first day, and last day if it is known."""

    first_day: date = Field(alias="from")
    last_day: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.last_day and self.last_day < self.first_day:
            raise ValueError("to is before from: send the record again with the right dates")
        return self

    def covers(self, day: date) -> bool:
        """Whether she is away on `day`."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@registered
class EmployeeChanged(Event):
    """An employee stands like this now: the whole current record, each time anything in it changed.

    `effective_from` in the future: the change waits for that day. Nothing holds before her first day, `employed_from`.
    """

    type: ClassVar[str] = "hr.employee.changed.v1"
    about: ClassVar[str] = "employee_id"

    employee_id: Id
    given_name: Line
    family_name: Line
    email: MailAddress
    language: Annotated[str, Field(pattern="^[a-z]{2}$")] = "sv"
    unit_id: Id
    manager_id: Id | None = None
    level: Level
    employed_from: date
    employed_to: date | None = None
    absent: Absence | None = None
    effective_from: date

    @field_validator("effective_from")
    @classmethod
    def _not_before_her_first_day(cls, said: date, record: ValidationInfo) -> date:
        """HR may tell today of somebody who begins later: until then she neither waits nor leads."""
        first_day: date = record.data.get("employed_from", said)
        return max(said, first_day)

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.employed_to and self.employed_to < self.employed_from:
            raise ValueError("employed_to is before employed_from: send the record again with the right dates")
        return self


@registered
class EmployeeLeft(Event):
    """An employment ends: `last_day` is the last day she is employed."""

    type: ClassVar[str] = "hr.employee.left.v1"
    about: ClassVar[str] = "employee_id"

    employee_id: Id
    last_day: date


@registered
class UnitChanged(Event):
    """A unit of the organisation stands like this now. A top unit (no parent) is a department.

    `merged_into` says as one fact that the unit lives on in another.
    """

    type: ClassVar[str] = "hr.unit.changed.v1"
    about: ClassVar[str] = "unit_id"

    unit_id: Id
    name: Line
    parent_id: Id | None = None
    merged_into: Id | None = None


@registered
class SnapshotPage(Event):
    """One page of a full staff snapshot; it counts when all `pages` are in."""

    type: ClassVar[str] = "hr.snapshot.page.v1"
    about: ClassVar[str] = "snapshot_id"

    snapshot_id: Id
    taken_at: datetime
    page: Annotated[int, Field(ge=1)]
    pages: Annotated[int, Field(ge=1)]
    employees: Annotated[tuple[EmployeeChanged, ...], Field(max_length=1000)]
    units: tuple[UnitChanged, ...] = ()


@registered
class EmployeeErased(Event):
    """The archive rule for an employee's records has run out, or she has the right to be erased."""

    type: ClassVar[str] = "hr.employee.erased.v1"
    about: ClassVar[str] = "employee_id"

    employee_id: Id
