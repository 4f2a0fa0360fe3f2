"""A running group's sessions changed one by one: called off, added, held in another room; and the group called off."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from services.enrolment.model import Cohort, Session
from services.enrolment.rules.places import session_fact
from services.enrolment.rules.refusal import Refusal, conflict, invalid, unknown
from services.enrolment.rules.sessions import HOUR, LONGEST, LONGEST_AHEAD, overlap, scheduled, with_session
from shared.events import Event
from shared.events.base import LocalisedText, Reason
from shared.events.enrolment import (
    CohortCancelled,
    SessionCancelled,
    SessionRescheduled,
)

Changed = tuple[Cohort, tuple[Event, ...]]
"""The cohort after a change, and what is announced of it."""


def by_office(text: LocalisedText) -> Reason:
    """A reason in the office's own words."""
    return Reason(code="ByOffice", text=text)


def called_off(session: Session, why: Reason) -> Session:
    """The session as one that will not take place."""
    return session.model_copy(update={"version": session.version + 1, "cancelled": why})


def cancel(cohort: Cohort, session_id: str, why: Reason) -> Changed | Refusal:
    """One session will not take place."""
    session = _coming(cohort, session_id)
    if isinstance(session, Refusal):
        return session
    after = with_session(cohort, called_off(session, why))
    return after, (cancelled(after, after.session(session_id) or session),)


def add(
    cohort: Cohort,
    *,
    module: str,
    title: LocalisedText | None,
    starts_at: datetime,
    ends_at: datetime,
    location: str,
    now: datetime,
) -> Changed | Refusal:
    """A session besides those that there are: of a module of the programme, or of one of its own with a `title`."""
    known = next((each for each in cohort.content.modules if each.code == module), None)
    named = title or (known.title.localised() if known else None)
    if named is None:
        return invalid("no-title", f"{module} is no module of {cohort.programme}: give the session a title of its own")
    session = Session(
        session_id=free_id(cohort.id, module, (each.session_id for each in cohort.sessions)),
        version=1,
        module=module,
        title=named,
        kind=known.kind if known else "seminar",
        starts_at=starts_at,
        ends_at=ends_at,
        location=location,
    )
    problem = _over(cohort) or _why_not_then(cohort, session, now)
    if problem:
        return problem
    sessions = tuple(sorted((*cohort.sessions, session), key=lambda each: (each.starts_at, each.session_id)))
    after = cohort.having(version=cohort.version + 1, sessions=sessions)
    return after, (scheduled(after),)


def move_to(cohort: Cohort, session_id: str | None, location: str, now: datetime) -> Changed | Refusal:
    """Another room for one session, or for all that are to come."""
    if session_id is not None:
        session = _coming(cohort, session_id)
        if isinstance(session, Refusal):
            return session
    over = _over(cohort)
    if over:
        return over
    wanted = [
        each
        for each in cohort.sessions
        if each.to_come and each.starts_at > now and each.location != location and session_id in (None, each.session_id)
    ]
    if not wanted:
        return conflict("nothing-moved", f"no session to come of {cohort.id} would change its place: nobody is told")
    events = []
    for before in wanted:
        cohort = with_session(cohort, before.model_copy(update={"version": before.version + 1, "location": location}))
        events.append(rescheduled(cohort, cohort.session(before.session_id) or before, before))
    return cohort, tuple(events)


def cancel_all(cohort: Cohort, why: Reason, now: datetime) -> Changed | Refusal:
    """The group will not take place, or not to its end. Who was at a session that has begun can still be recorded."""
    over = _over(cohort)
    if over:
        return over
    sessions = tuple(
        called_off(each, why) if each.to_come and each.starts_at > now else each for each in cohort.sessions
    )
    after = cohort.having(version=cohort.version + 1, state="cancelled", sessions=sessions)
    return after, (CohortCancelled(version=after.version, cohort_id=after.id, reason=why),)


def cancelled(cohort: Cohort, session: Session) -> SessionCancelled:
    """One session does not take place, as others hear of it."""
    if session.cancelled is None:
        raise ValueError(f"{session.session_id} takes place")
    return SessionCancelled(
        version=cohort.version,
        cohort_id=cohort.id,
        programme=cohort.programme,
        title=cohort.content.title.localised(),
        session=session_fact(session),
        reason=session.cancelled,
    )


def rescheduled(cohort: Cohort, session: Session, before: Session) -> SessionRescheduled:
    """One session is at another time or place than `before`, as others hear of it."""
    return SessionRescheduled(
        version=cohort.version,
        cohort_id=cohort.id,
        programme=cohort.programme,
        title=cohort.content.title.localised(),
        session=session_fact(session),
        previous_starts_at=before.starts_at,
        previous_location=before.location,
    )


def free_id(cohort_id: str, module: str, taken: Iterable[str]) -> str:
    """An id for a session of the module that no other session has had, for calendars know them for ever."""
    used = set(taken)
    number, name = 1, f"{cohort_id}:{module}"
    while name in used:
        number += 1
        name = f"{cohort_id}:{module}:{number}"
    return name


def local_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time of a day, in UTC."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _over(cohort: Cohort) -> Refusal | None:
    if cohort.state in {"completed", "cancelled"}:
        return conflict("cohort-over", f"{cohort.id} is {cohort.state}: nothing about it can be changed any more")
    return None


def _coming(cohort: Cohort, session_id: str) -> Session | Refusal:
    """The session, if it is still to be held."""
    session = cohort.session(session_id)
    if session is None:
        return unknown("session", session_id)
    if session.held:
        return conflict("session-held", f"{session_id} has been held: what was cannot be changed")
    if session.cancelled:
        return conflict("session-cancelled", f"{session_id} has been cancelled already: add a session instead")
    return _over(cohort) or session


def _why_not_then(cohort: Cohort, session: Session, now: datetime) -> Refusal | None:
    if session.starts_at <= now:
        return invalid("time-in-the-past", "the time has passed: give one that lies ahead")
    if session.ends_at > now + LONGEST_AHEAD:
        return invalid("time-too-far", "the time lies more than ten years ahead: correct the year")
    if session.ends_at <= session.starts_at:
        return invalid("ends-before-start", "the session would end before it starts: correct ends_at")
    if session.ends_at - session.starts_at > LONGEST:
        return invalid("too-long", f"the session would be longer than {LONGEST // HOUR} hours: correct ends_at")
    for other in cohort.sessions:
        if other.to_come and overlap(session, other):
            return conflict("same-time", f"{other.session_id} is at that time: move it first, or choose another time")
    return None
