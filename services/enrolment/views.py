"""How enrolment's documents look to programs: JSON values, nothing else."""

from typing import Any

from services.enrolment.commands.programmes import Applied
from services.enrolment.model import Cohort, Employee, Place, Programme, Session
from services.enrolment.rules.composition import Composition
from services.enrolment.rules.reasons import said

View = dict[str, Any]


def programme(programme: Programme) -> View:
    """A programme as the office wrote it, with its revision."""
    return {"code": programme.id, "revision": programme.revision} | programme.content.model_dump(mode="json")


def applied(applied: Applied) -> View:
    """What became of a programme file."""
    return applied.model_dump(mode="json")


def place(place: Place) -> View:
    """A place with everything that was decided about it and why."""
    return {"place_id": place.id} | place.model_dump(mode="json", exclude={"id"})


def session(session: Session) -> View:
    """A session; `attended` is none until attendance has been recorded."""
    return session.model_dump(mode="json") | {"held": session.held, "attended": session.attended}


def cohort(cohort: Cohort, places: list[Place]) -> View:
    """A cohort with its sessions and with everybody who has been offered a seat."""
    rules = cohort.content.group
    return {
        "cohort_id": cohort.id,
        "version": cohort.version,
        "programme": cohort.programme,
        "revision": cohort.revision,
        "state": cohort.state,
        "sessions": [session(each) for each in cohort.sessions],
        "members": [{"employee_id": p.employee_id, "place_id": p.id, "state": p.state} for p in places],
        "seats_taken": len(cohort.seats),
        "group": {
            "min": rules.min,
            "max": rules.max,
            "max_share_per_department": rules.max_share_per_department,
            "department_limit": cohort.department_limit,
        },
        "result_url": cohort.result_url,
    }


def composed(group: Composition) -> View:
    """Whom a composition chose, and whom it passed over and why."""
    return {
        "offered": [person.employee_id for person in group.chosen],
        "skipped": [
            {"employee_id": passed.person.employee_id, "reason": said(passed.why).model_dump(mode="json")}
            for passed in group.passed
        ],
        "department_limit": group.department_limit,
    }


def employee(employee: Employee, department: str | None, places: list[Place]) -> View:
    """How somebody stands, and all her places with their reasons."""
    record = employee.record
    return {
        "employee_id": employee.id,
        "version": employee.version,
        "name": f"{record.given_name} {record.family_name}" if record else None,
        "level": record.level if record else None,
        "level_since": employee.level_since.isoformat() if employee.level_since else None,
        "unit_id": record.unit_id if record else None,
        "department": department,
        "manager_id": record.manager_id if record else None,
        "left": employee.left,
        "on_leave": employee.on_leave,
        "completed": list(employee.completed),
        "upcoming": [fact.model_dump(mode="json", by_alias=True) for fact in employee.upcoming],
        "places": [place(each) for each in places],
    }
