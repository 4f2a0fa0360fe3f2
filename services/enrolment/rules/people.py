"""Somebody as the composition of groups sees her."""

from typing import Literal

from services.enrolment.model import Employee
from services.enrolment.rules.reasons import Why
from shared.events.base import Fact


class Person(Fact):
    """Somebody who may sit in a group, or already does."""

    employee_id: str
    place_id: str
    department: str
    manager_id: str | None = None
    hindered: Why | None = None
    """Why she cannot sit in the group, whoever else does."""


def language_of(employee: Employee | None) -> Literal["sv", "en"]:
    """The language in which she is written to, and attends: Swedish, whatever other than English HR says of her."""
    return "en" if employee and employee.record and employee.record.language == "en" else "sv"


def related(one: Person, other: Person) -> bool:
    """Whether one is the other's manager."""
    return one.manager_id == other.employee_id or other.manager_id == one.employee_id
