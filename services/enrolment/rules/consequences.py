"""What follows for a place from how its holder stands now: by leave, departure, promotion, and the programme's end."""

from collections.abc import Iterable, Sequence
from typing import Literal

from services.enrolment.model import SEATED, Cohort, Credit, Employee, Place, Programme, Session
from services.enrolment.programme_file import ProgrammeFile
from services.enrolment.rules import attendance, audience, career, offers
from services.enrolment.rules.hindrances import is_away_too_long, outgrown, unfit
from services.enrolment.rules.organisation import Tree
from services.enrolment.rules.reasons import (
    BackFromLeave,
    ExcludedByCompleted,
    GoneToNextProgramme,
    HasNotCompleted,
    LeavesBefore,
    LeavesBeforeTheRest,
    LeftEmployment,
    NotInTheseUnits,
    OnLeave,
    PromotedOut,
    Retired,
    Why,
)
from shared.events.base import Fact

OFFER_FALLS_BY = (NotInTheseUnits, HasNotCompleted, ExcludedByCompleted)


class Must(Fact):
    """A step that follows from how somebody stands now, and why. `onward`: the programme in whose queue she goes on."""

    step: Literal["withdraw", "pause", "come_back"]
    why: Why
    onward: Programme | None = None


def consequence(
    place: Place,
    employee: Employee,
    programme: Programme,
    cohort: Cohort | None,
    *,
    others: Sequence[Programme] = (),
    units: Tree | None = None,
) -> Must | None:
    """The step that her place must take now; nothing if it may stay as it is. `others`: all programmes there are.
    `units`: the organisation, if it is to be looked at.

    The policies are those of the programme as her cohort keeps it. A leave counts when it keeps her from so much of her
    cohort that she cannot complete: whoever is away for a day misses a session, as anybody may. One that covers the
    first session of a cohort that she has been offered counts, too.
    """
    over = _over(place, employee, programme)
    if over:
        return over
    content = cohort.content if cohort else programme.content
    begun = place.state != "queued" or place.credits
    promoted = _after_promotion(employee, content, others, units) if begun else None
    if promoted:
        return promoted
    if place.state == "queued":
        why = unfit(place, employee, content, units)
        return Must(step="withdraw", why=why) if why else None
    if place.state == "paused":
        return None if employee.on_leave else Must(step="come_back", why=BackFromLeave())
    return _while_seated(place, employee, cohort, units) if cohort else None


def _while_seated(place: Place, employee: Employee, cohort: Cohort, units: Tree | None) -> Must | None:
    return (
        _no_longer_asked(place, employee, cohort.content, units)
        or _leaving(place, employee, cohort)
        or _during_leave(place, employee, cohort)
    )


def _over(place: Place, employee: Employee, programme: Programme) -> Must | None:
    if employee.left:
        return Must(step="withdraw", why=LeftEmployment())
    if programme.retired and place.state in {"queued", "paused"}:
        return Must(step="withdraw", why=Retired())
    return None


def _after_promotion(
    employee: Employee, programme: ProgrammeFile, others: Sequence[Programme], units: Tree | None
) -> Must | None:
    """By policy she is out, or goes on in the next programme; if there is none for her, she finishes this one."""
    policy = programme.policies.on_promotion
    if policy == "finish" or employee.record is None or not outgrown(employee, programme):
        return None
    if policy == "withdraw":
        return Must(step="withdraw", why=PromotedOut(level=employee.record.level))
    onward = next_programme(employee, others, units)
    if onward is None:
        return None
    why = GoneToNextProgramme(programme=onward.content.title.localised())
    return Must(step="withdraw", why=why, onward=onward)


def next_programme(employee: Employee, programmes: Sequence[Programme], units: Tree | None = None) -> Programme | None:
    """The first programme, by code, in which she has a place already or that is for her as she stands now."""
    for programme in sorted(programmes, key=lambda each: each.id):
        content = programme.content
        if programme.retired or content.audience.seat_of == "post":
            continue
        if employee.record is None or employee.record.level not in content.audience.levels:
            continue
        if audience.has_open_place(employee, programme.id) or audience.is_free_for(employee, content, units):
            return programme
    return None


def credits_in(programme: Programme, had: Iterable[Credit]) -> tuple[Credit, ...]:
    """What counts of the credit that she had elsewhere: for modules that the programme has, too."""
    modules = {module.code for module in programme.content.modules}
    return tuple(credit for credit in had if credit.module in modules)


def _no_longer_asked(place: Place, employee: Employee, programme: ProgrammeFile, units: Tree | None) -> Must | None:
    """An offer that she has not answered falls if what she has completed or where she works speaks against it now."""
    if place.state != "offered":
        return None
    why = unfit(place, employee, programme, units)
    return Must(step="withdraw", why=why) if isinstance(why, OFFER_FALLS_BY) else None


def _leaving(place: Place, employee: Employee, cohort: Cohort) -> Must | None:
    """Whoever is to leave before all that is left of her group goes at once, so that somebody else can have the seat;
    whoever can still come to something stays to her last day. The seat of a post waits for that day."""
    last_day = career.last_day(employee)
    ahead = _still_to_attend(place, cohort)
    if last_day is None or place.position or place.state not in SEATED or not ahead:
        return None
    if any(session.starts_at.date() <= last_day for session in ahead):
        return None
    begun = any(session.held for session in cohort.sessions)
    return Must(
        step="withdraw", why=LeavesBeforeTheRest(last_day=last_day) if begun else LeavesBefore(last_day=last_day)
    )


def _during_leave(place: Place, employee: Employee, cohort: Cohort) -> Must | None:
    absent = employee.record.absent if employee.record and employee.on_leave else None
    if absent is None:
        return None
    why = OnLeave(until=absent.last_day)
    if place.state == "offered" and is_away_too_long(place, cohort, absent):
        return Must(step="withdraw", why=why)
    misses_some = place.state == "confirmed" and offers.misses(_still_to_attend(place, cohort), absent)
    if misses_some and not attendance.can_complete(cohort, place, absent):
        return Must(step="pause" if cohort.content.policies.on_absence == "pause" else "withdraw", why=why)
    return None


def _still_to_attend(place: Place, cohort: Cohort) -> list[Session]:
    done = {credit.module for credit in place.credits}
    return [session for session in cohort.coming if session.module not in done]
