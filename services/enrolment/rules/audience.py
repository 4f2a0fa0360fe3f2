"""Whom a programme is for: who is queued by itself, who may be nominated, who may stay in the queue."""

from datetime import date, timedelta

from services.enrolment.model import Employee
from services.enrolment.programme_file import Audience, ProgrammeFile
from services.enrolment.rules.reasons import (
    AppointedTo,
    LeftEmployment,
    MatchedAudience,
    NoLongerEligible,
    Nominated,
    Why,
)
from shared.events.hr import Level


def reason_to_queue(employee: Employee, programme: ProgrammeFile, today: date) -> Why | None:
    """Why the programme's rule queues her today by itself; nothing if it does not."""
    audience = programme.audience
    if audience.entry != "automatic" or not is_free_for(employee, programme):
        return None
    if audience.appointed_within_days is None:
        return MatchedAudience(level=_level(employee))
    since = employee.level_since
    if since is None or today - since > timedelta(days=audience.appointed_within_days):
        return None
    return AppointedTo(level=_level(employee), since=since)


def reason_to_nominate(employee: Employee, programme: ProgrammeFile) -> Nominated | str:
    """The reason that a nomination gives; or one sentence that says why she cannot be nominated."""
    if employee.record is None or employee.left:
        return "she is not employed"
    if has_open_place(employee, programme.code):
        return "she already has a place in the programme, or waits for one"
    if set(programme.audience.excludes_completed) & set(employee.completed):
        return "she has completed a programme that excludes this one"
    if employee.record.level not in programme.audience.levels:
        return f"her level is {employee.record.level}, and the programme is for {', '.join(programme.audience.levels)}"
    return Nominated()


def is_free_for(employee: Employee, programme: ProgrammeFile) -> bool:
    """Whether she is in the audience and neither in the programme now nor excluded by what she has completed."""
    audience = programme.audience
    return (
        reason_to_leave_queue(employee, audience) is None
        and not has_open_place(employee, programme.code)
        and not set(audience.excludes_completed) & set(employee.completed)
    )


def reason_to_leave_queue(employee: Employee, audience: Audience) -> LeftEmployment | NoLongerEligible | None:
    """Why she may no longer wait for the programme; nothing if she may.

    The time since her appointment is not looked at again: nobody loses a place by waiting for it.
    """
    if employee.record is None or employee.left:
        return LeftEmployment()
    if employee.record.level not in audience.levels:
        return NoLongerEligible(level=employee.record.level)
    return None


def has_open_place(employee: Employee, programme: str) -> bool:
    """Whether she waits for, has been offered, holds or has paused a place in the programme."""
    return any(place_id.startswith(f"{programme}:{employee.id}:") for place_id in employee.open_places)


def _level(employee: Employee) -> Level:
    return employee.record.level if employee.record else "none"
