"""Why somebody who waits cannot be offered a seat in a cohort, whoever else sits there."""

from collections.abc import Sequence
from datetime import datetime

from services.enrolment.model import Cohort, Employee, Place
from services.enrolment.programme_file import ProgrammeFile
from services.enrolment.rules import attendance, audience, career, offers
from services.enrolment.rules.organisation import Tree
from services.enrolment.rules.people import language_of
from services.enrolment.rules.reasons import (
    AwaitingApproval,
    LeavesBefore,
    LeftEmployment,
    NotApproved,
    OfferTakenBack,
    OnLeave,
    OtherLanguage,
    TooLateForGroup,
    Why,
)
from services.enrolment.rules.sessions import Engagement, clash
from shared.events.hr import LEVELS, Absence


def hindrance(
    place: Place,
    employee: Employee,
    programme: ProgrammeFile,
    cohort: Cohort,
    engagements: Sequence[Engagement],
    *,
    now: datetime,
    units: Tree | None = None,
) -> Why | None:
    """The first reason that holds; nothing if she could sit there. `programme`: as it reads now, which says whom it is
    for. `engagements`: what she is to be at anyway. `units`: the organisation."""
    return unfit(place, employee, programme, units) or in_cohort(place, employee, cohort, engagements, now=now)


def in_cohort(
    place: Place, employee: Employee, cohort: Cohort, engagements: Sequence[Engagement], *, now: datetime
) -> Why | None:
    """As `hindrance`, for somebody who fits the programme."""
    if not_asked := _not_to_be_asked(place, cohort):
        return not_asked
    if not offers.may_fill(cohort, now, place):
        return TooLateForGroup()
    return cannot_attend(place, employee, cohort, engagements)


def has_nothing_of_her_own(place: Place, employee: Employee, engagements: Sequence[Engagement]) -> bool:
    """Whether, if she fits the programme, a cohort hinders her or not as it does everybody with her language."""
    asked = place.approval is not None and place.approval.state != "approved"
    away = career.last_day(employee) or (employee.record and employee.record.absent)
    return not (asked or place.not_in or place.credits or away or engagements)


def unfit(place: Place, employee: Employee, programme: ProgrammeFile, units: Tree | None = None) -> Why | None:
    """Why she may not wait for the programme any more; nothing if she may.

    Whoever has begun may go on wherever she works now, unless a policy of the programme says otherwise
    (`consequences`).
    """
    why = audience.hindrance(employee, programme.audience, units)
    return why if isinstance(why, LeftEmployment) or not place.credits else None


def outgrown(employee: Employee, programme: ProgrammeFile) -> bool:
    """Whether she leads at a higher level than all that the programme is for."""
    if employee.record is None:
        return False
    return LEVELS.index(employee.record.level) > max(map(LEVELS.index, programme.audience.levels))


def cannot_attend(place: Place, employee: Employee, cohort: Cohort, engagements: Sequence[Engagement]) -> Why | None:
    """Why she could not come to the group's sessions, or not follow them, as things stand."""
    first = offers.first_to_attend(cohort, place)
    last_day = career.last_day(employee)
    if last_day and last_day < first.starts_at.date():
        return LeavesBefore(last_day=last_day)
    record = employee.record
    if record and record.absent and is_away_too_long(place, cohort, record.absent):
        return OnLeave(until=record.absent.last_day)
    if cohort.language and record and language_of(employee) != cohort.language:
        return OtherLanguage(language=cohort.language)
    done = {credit.module for credit in place.credits}
    hers = [session for session in cohort.sessions if session.module not in done]
    return clash(hers, [each for each in engagements if each.programme != place.programme])


def is_away_too_long(place: Place, cohort: Cohort, leave: Absence) -> bool:
    """Whether a leave, begun or ahead, keeps her from the first session, or from so many that she cannot complete."""
    if offers.misses((offers.first_to_attend(cohort, place),), leave):
        return True
    return offers.misses(cohort.coming, leave) and not attendance.can_complete(cohort, place, leave)


def _not_to_be_asked(place: Place, cohort: Cohort) -> OfferTakenBack | AwaitingApproval | NotApproved | None:
    if cohort.id in place.not_in:
        return OfferTakenBack()
    if place.approval is None or place.approval.state == "approved":
        return None
    return AwaitingApproval() if place.approval.state == "requested" else NotApproved()
