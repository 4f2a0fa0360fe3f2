"""Somebody as the composition of groups sees her."""

from services.enrolment.rules.reasons import OnLeave
from shared.events.base import Fact


class Person(Fact):
    """Somebody who may sit in a group, or already does."""

    employee_id: str
    place_id: str
    department: str
    manager_id: str | None = None
    away: OnLeave | None = None
    """Her leave, if it covers the first session."""


def related(one: Person, other: Person) -> bool:
    """Whether one is the other's manager."""
    return one.manager_id == other.employee_id or other.manager_id == one.employee_id
