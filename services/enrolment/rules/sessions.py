"""When a cohort meets, in which order, what happens when a meeting is moved, and what it clashes with."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from services.enrolment.model import Cohort, Programme, Session
from services.enrolment.programme_file import Module
from services.enrolment.rules.places import session_fact, taking_place
from services.enrolment.rules.reasons import SessionClash
from services.enrolment.rules.refusal import Refusal, conflict, invalid, unknown
from shared.events import Event
from shared.events.base import Fact
from shared.events.enrolment import CohortScheduled, EvaluationFact, SessionRescheduled
from shared.workdays import DAY, WorkCalendar

LONGEST_AHEAD = timedelta(days=3650)
"""Nobody plans further: a later day is a mistyped year, and the last days of the calendar cannot be reckoned with."""
HOUR = timedelta(hours=1)
LONGEST = 12 * HOUR
"""Nobody sits longer in a session, nor in all that the programme has on one day."""

Language = Literal["sv", "en"]


class Engagement(Fact):
    """A session that somebody is to be at, and whose it is."""

    programme: str
    cohort_id: str
    session: Session


def clashes(sessions: Iterable[Session], others: Iterable[Engagement]) -> tuple[Engagement, ...]:
    """Those of the others that are at the same time as one of the sessions, first in time first.

    What has been held or is cancelled clashes with nothing; one may begin in the moment in which another ends.
    """
    coming = [session for session in sessions if session.to_come]
    found = [one for one in others if one.session.to_come and any(overlap(one.session, mine) for mine in coming)]
    return tuple(sorted(found, key=lambda one: (one.session.starts_at, one.session.session_id)))


def clash(sessions: Iterable[Session], others: Iterable[Engagement]) -> SessionClash | None:
    """The first of the clashes as a reason why she cannot sit in the group; nothing if there is none.

    The day is taken in UTC: nobody meets around midnight.
    """
    found = clashes(sessions, others)
    return SessionClash(on=found[0].session.starts_at.date(), programme=found[0].programme) if found else None


def overlap(one: Session, other: Session) -> bool:
    """Whether nobody can be at both from beginning to end."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


class Plan(Fact):
    """What the office decides when it schedules a cohort. Times are local; `days` are for modules that must not
    wait for the next meeting day, by their codes: those days stand even in a holiday or a no-meeting period."""

    first_day: date
    start: time
    location: str
    days: Mapping[str, date] = Field(default_factory=dict)
    language: Language | None = None
    facilitators: tuple[str, ...] = ()


def out_of_reach(plan: Plan, today: date) -> Refusal | None:
    """Whether one of its days has come already, or lies too far ahead."""
    days = (plan.first_day, *plan.days.values())
    if min(days) <= today:
        return invalid("time-in-the-past", "every day must lie ahead: choose a later one")
    if max(days) > today + LONGEST_AHEAD:
        return invalid("time-too-far", "a day lies more than ten years ahead: correct the year")
    return None


def schedule(
    cohort_id: str, programme: Programme, plan: Plan, *, zone: ZoneInfo, calendar: WorkCalendar
) -> tuple[Cohort, CohortScheduled] | Refusal:
    """A cohort of the programme as it reads now, meeting at the same local time whatever the season."""
    modules = programme.content.modules
    strange = plan.days.keys() - {module.code for module in modules}
    if strange:
        return invalid("no-such-module", f"there is no module {min(strange)} in {programme.id}: check the days given")
    begins = _begins(modules, plan, zone, calendar)
    sessions = tuple(
        _session(cohort_id, module, starts_at, plan.location) for module, starts_at in zip(modules, begins, strict=True)
    )
    if any(later.starts_at < earlier.ends_at for earlier, later in pairwise(sessions)):
        return invalid(
            "out-of-order", "the days given do not follow the order of the modules, or fill a day: correct them"
        )
    cohort = Cohort(
        id=cohort_id,
        programme=programme.id,
        revision=programme.revision,
        content=programme.content,
        sessions=sessions,
        language=plan.language,
        facilitators=plan.facilitators,
    )
    return cohort, scheduled(cohort)


def _begins(modules: Iterable[Module], plan: Plan, zone: ZoneInfo, calendar: WorkCalendar) -> Iterator[datetime]:
    """When each module begins: as many days after the first as the programme says, or on the next meeting day.

    Modules that the programme has on one day follow upon one another, as long as the day is not too long. Any other
    is on a later day than the one before it, so that holidays never put two of them on one day.
    """
    first: date | None = None
    day: date | None = None
    before: Module | None = None
    busy = timedelta()
    for module in modules:
        hours = timedelta(hours=module.hours)
        wanted = plan.days.get(module.code)
        if wanted is None and not (before and before.after_days == module.after_days and busy + hours <= LONGEST):
            due = (first or plan.first_day) + timedelta(days=module.after_days)
            wanted = calendar.next_meeting_day(max(due, day + DAY) if day else due)
        if wanted and (wanted != day or busy + hours > LONGEST):
            day, busy = wanted, timedelta()
        day = day or plan.first_day
        first, before = first or day, module
        yield datetime.combine(day, plan.start, tzinfo=zone).astimezone(UTC) + busy
        busy += hours


def _session(cohort_id: str, module: Module, starts_at: datetime, location: str) -> Session:
    return Session(
        session_id=f"{cohort_id}:{module.code}",
        version=1,
        module=module.code,
        title=module.title.localised(),
        kind=module.kind,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=module.hours),
        location=location,
    )


def scheduled(cohort: Cohort) -> CohortScheduled:
    """All sessions of the cohort that take place, as others hear of them."""
    return CohortScheduled(
        version=cohort.version,
        cohort_id=cohort.id,
        programme=cohort.programme,
        revision=cohort.revision,
        title=cohort.content.title.localised(),
        sessions=taking_place(cohort),
        evaluation=EvaluationFact.model_validate(cohort.content.evaluation.model_dump()),
    )


def reschedule(
    cohort: Cohort,
    session_id: str,
    *,
    starts_at: datetime,
    ends_at: datetime | None = None,
    location: str | None = None,
    force: bool = False,
    now: datetime,
) -> tuple[Cohort, Event] | Refusal:
    """The session at another time or place; as long as before unless `ends_at` says otherwise.

    Past a session of another module only with `force`: the modules build upon one another.
    """
    before = cohort.session(session_id)
    if before is None:
        return unknown("session", session_id)
    if max(starts_at, ends_at or starts_at) > now + LONGEST_AHEAD:
        return invalid("time-too-far", "the new time lies more than ten years ahead: correct the year")
    session = before.model_copy(
        update={
            "version": before.version + 1,
            "starts_at": starts_at,
            "ends_at": ends_at or starts_at + (before.ends_at - before.starts_at),
            "location": before.location if location is None else location,
        }
    )
    problem = (
        _why_not_moved(before) or _why_not_there(before, session, now) or _out_of_order(cohort, session, force=force)
    )
    if problem:
        return problem
    after = with_session(cohort, session)
    return after, _rescheduled(after, before, session)


def _rescheduled(cohort: Cohort, before: Session, session: Session) -> SessionRescheduled:
    return SessionRescheduled(
        version=cohort.version,
        cohort_id=cohort.id,
        programme=cohort.programme,
        title=cohort.content.title.localised(),
        session=session_fact(session),
        previous_starts_at=before.starts_at,
        previous_location=before.location,
    )


def _why_not_moved(before: Session) -> Refusal | None:
    if before.held:
        return conflict("session-held", f"{before.session_id} has been held: what was cannot be moved")
    if before.cancelled:
        return conflict("session-cancelled", f"{before.session_id} is cancelled: add a session instead of moving it")
    return None


def _why_not_there(before: Session, after: Session, now: datetime) -> Refusal | None:
    if after.starts_at <= now:
        return invalid("time-in-the-past", "the new time has passed: give one that lies ahead")
    if after.ends_at <= after.starts_at:
        return invalid("ends-before-start", "the session would end before it starts: correct ends_at")
    if after.ends_at - after.starts_at > LONGEST:
        return invalid("too-long", f"the session would be longer than {LONGEST // HOUR} hours: correct ends_at")
    if after.model_copy(update={"version": before.version}) == before:
        return conflict("nothing-moved", f"{before.session_id} is held then and there already: nobody is written to")
    return None


def _out_of_order(cohort: Cohort, moved: Session, *, force: bool) -> Refusal | None:
    order = {module.code: number for number, module in enumerate(cohort.content.modules)}
    others = [each for each in cohort.sessions if each.to_come and each.session_id != moved.session_id]
    for other in others:
        if overlap(moved, other):
            return conflict("same-time", f"{other.session_id} is at that time: move it first, or choose another time")
        if force or not {moved.module, other.module} <= order.keys() or moved.module == other.module:
            continue
        if (order[moved.module] < order[other.module]) != (moved.starts_at < other.starts_at):
            return conflict(
                "out-of-order",
                f"{moved.session_id} would change places with {other.session_id}, and the programme has them in the"
                " other order: move that one as well, or say force to have it so",
            )
    return None


def with_session(cohort: Cohort, session: Session) -> Cohort:
    """The cohort with the session as it stands now, in its next version."""
    sessions = tuple(session if each.session_id == session.session_id else each for each in cohort.sessions)
    return cohort.having(version=cohort.version + 1, sessions=sessions)
