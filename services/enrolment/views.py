"""How enrolment's documents look to programs: JSON values, nothing else."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.enrolment.commands.audience import Matched
from services.enrolment.commands.programmes import Applied
from services.enrolment.model import (
    Change,
    Cohort,
    Employee,
    Goal,
    KeptSeat,
    Network,
    Place,
    Programme,
    Recommendation,
    Revision,
    Session,
    Unit,
)
from services.enrolment.rules import attendance, posts
from services.enrolment.rules.composition import Composition
from services.enrolment.rules.goals import valid_on
from services.enrolment.rules.group_rules import department_limit
from services.enrolment.rules.impact import Impact
from services.enrolment.rules.reasons import said
from services.enrolment.rules.revisions import parts_that_differ

View = dict[str, Any]


def programme(programme: Programme, waiting: Sequence[Recommendation]) -> View:
    """A programme as the office wrote it, with its revision, and what is recommended about it."""
    stands = {"code": programme.id, "revision": programme.revision, "retired": programme.retired}
    told = [
        {"recommendation_id": one.id, "revision": one.revision, "url": one.url, "state": one.state}
        for one in waiting
        if one.programme == programme.id
    ]
    return stands | {"recommendations": told} | programme.content.model_dump(mode="json")


def revision(revision: Revision, before: Revision | None) -> View:
    """A programme as it read in one revision, and which parts of the file differ from the revision before."""
    return {
        "programme": revision.programme,
        "revision": revision.number,
        "at": revision.at.isoformat(),
        "by": revision.by,
        "change_id": revision.change_id,
        "addresses": list(revision.addresses),
        "retired": revision.retired,
        "differs": list(parts_that_differ(before.content, revision.content)) if before else [],
        "content": revision.content.model_dump(mode="json"),
    }


def goal(goal: Goal, today: date) -> View:
    """A goal, and whether it is in force today."""
    return {"goal_id": goal.id} | goal.model_dump(mode="json", exclude={"id"}) | {"in_force": valid_on(goal, today)}


def change(change: Change, impact: Impact, names: Mapping[str, str]) -> View:
    """A change and what it leads to, with the names of those whom it touches."""
    return (
        {"change_id": change.id}
        | change.model_dump(mode="json", exclude={"id", "impact"})
        | {"impact": impact_of(impact, names)}
    )


def impact_of(impact: Impact, names: Mapping[str, str]) -> View:
    """What a change leads to: everything in detail, and the figures by which the office decides."""
    told = impact.model_dump(mode="json")
    for part in ("people", "queued", "withdrawn", "deadlines", "clashes"):
        for each in told[part]:
            each["name"] = names.get(each["employee_id"])
    return told | {
        "touched": impact.touched,
        "mails": impact.mails,
        "share": round(impact.share, 3),
        "confirm_people": impact.confirm_people,
        "fingerprint": impact.fingerprint,
    }


def applied(applied: Applied) -> View:
    """What became of a programme file."""
    return applied.model_dump(mode="json")


def matched(them: Sequence[Matched], names: int) -> View:
    """For whom a programme is: how many, where they stand, and the first of them by name."""
    others = Counter(each.place.state if each.place else "none" for each in them if not each.new)
    return {
        "count": len(them),
        "new": sum(each.new for each in them),
        "away": sum(each.employee.on_leave for each in them),
        "states": dict(sorted(others.items())),
        "people": [_matched(each) for each in them[:names]],
    }


def _matched(one: Matched) -> View:
    record = one.employee.record
    return {
        "employee_id": one.employee.id,
        "name": _name(one.employee),
        "unit_id": record.unit_id if record else None,
        "level": record.level if record else "none",
        "state": one.place.state if one.place else None,
        "new": one.new,
        "away": one.employee.on_leave,
    }


def place(place: Place) -> View:
    """A place with everything that was decided about it and why."""
    return {"place_id": place.id} | place.model_dump(mode="json", exclude={"id"})


def session(session: Session) -> View:
    """A session; `attended` is none until attendance has been recorded."""
    return session.model_dump(mode="json") | {"held": session.held, "attended": session.attended}


def _member(cohort: Cohort, place: Place, employee: Employee | None, units: Mapping[str, Unit]) -> View:
    """Her name and her unit, and no address: who sits together is called by name, and mail is sent by the service.

    `short`: why the attendance as it is recorded now would not be enough, for somebody who has completed.
    """
    short = attendance.shortfall(cohort, place) if place.state == "completed" else None
    unit_id = employee.record.unit_id if employee and employee.record else None
    unit = units.get(unit_id or "")
    return {
        "employee_id": place.employee_id,
        "name": _name(employee) if employee else None,
        "unit_id": unit_id,
        "unit": unit.name if unit else None,
        "place_id": place.id,
        "state": place.state,
        "short": said(short).model_dump(mode="json") if short else None,
    }


def _kept(seat: KeptSeat) -> View:
    post = {"unit_id": posts.unit_of(seat.post), "level": posts.level_of(seat.post)}
    return post | {"since": seat.since.isoformat(), "place_id": seat.place_id}


def cohort(cohort: Cohort, places: list[Place], employees: Mapping[str, Employee], units: Mapping[str, Unit]) -> View:
    """A cohort with its sessions and with everybody who has been offered a seat."""
    rules = cohort.content.group
    return {
        "cohort_id": cohort.id,
        "version": cohort.version,
        "programme": cohort.programme,
        "revision": cohort.revision,
        "state": cohort.state,
        "sessions": [session(each) for each in cohort.sessions],
        "members": [_member(cohort, each, employees.get(each.employee_id), units) for each in places],
        "language": cohort.language,
        "facilitators": list(cohort.facilitators),
        "seats_taken": len(cohort.seats),
        "reserved": [_kept(each) for each in cohort.reserved],
        "group": {
            "min": rules.min,
            "max": rules.max,
            "max_share_per_department": rules.max_share_per_department,
            "department_limit": None
            if cohort.state == "scheduled"
            else department_limit(rules, len(cohort.seats), composed=True),
        },
        "result_url": cohort.result_url,
    }


def for_facilitator(cohort: View) -> View:
    """A cohort as its facilitator needs it: who comes, and of nobody else how it went or why."""
    comes = [member | {"short": None} for member in cohort["members"] if member["state"] in {"confirmed", "completed"}]
    return cohort | {"members": comes, "reserved": []}


def network(network: Network) -> View:
    """A network with its members and whom to ask for it."""
    return {"network_id": network.id} | network.model_dump(mode="json", exclude={"id"})


def alumna(employee: Employee) -> View:
    """Somebody on the list of all who have completed a programme; since when, or none if she is not on it."""
    return {
        "employee_id": employee.id,
        "name": _name(employee),
        "alumni_since": employee.alumni_since.isoformat() if employee.alumni_since else None,
        "completed": list(employee.completed),
    }


def diploma(place: Place, cohort: Cohort, employee: Employee | None, zone: ZoneInfo) -> View:
    """What a diploma says, by the attendance that is recorded now; `hours` are those she was there."""
    earned = attendance.earned(cohort, place, zone)
    titles = {module.code: module.title.localised().model_dump() for module in cohort.content.modules}
    return {
        "place_id": place.id,
        "employee_id": place.employee_id,
        "name": _name(employee) if employee else None,
        "programme": cohort.programme,
        "revision": cohort.revision,
        "title": cohort.content.title.localised().model_dump(),
        "goals": list(cohort.content.goals),
        "cohort_id": cohort.id,
        "completed_on": earned.completed_on.isoformat(),
        "hours": earned.hours,
        "modules": [{"code": code, "title": titles[code]} for code in earned.modules],
    }


def _name(employee: Employee) -> str | None:
    record = employee.record
    return f"{record.given_name} {record.family_name}" if record else None


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
        "name": _name(employee),
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
