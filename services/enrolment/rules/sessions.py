"""When a cohort meets, what happens when a meeting is moved, and who has completed when all are held."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.enrolment.model import Attendance, Cohort, Place, Programme, Session
from services.enrolment.rules.places import session_fact
from services.enrolment.rules.reasons import SessionClash, TooLittleAttendance
from services.enrolment.rules.refusal import Refusal, conflict, invalid, unknown
from shared.events import Event
from shared.events.base import Fact
from shared.events.enrolment import (
    CohortCompleted,
    CohortScheduled,
    EvaluationFact,
    NetworkFormed,
    SessionHeld,
    SessionRescheduled,
)

SATURDAY = 5
LONGEST_AHEAD = timedelta(days=3650)
"""Nobody plans further: a later day is a mistyped year, and the last days of the calendar cannot be reckoned with."""


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


def working_day(day: date) -> date:
    """The day itself, or the Monday after if it is in a weekend."""
    return day if day.weekday() < SATURDAY else day + timedelta(days=7 - day.weekday())


def schedule(
    cohort_id: str, programme: Programme, *, first_day: date, start: time, location: str, zone: ZoneInfo
) -> tuple[Cohort, CohortScheduled]:
    """A cohort of the programme as it reads now, meeting at `start` local time whatever the season."""
    sessions = []
    for module in programme.content.modules:
        day = working_day(first_day + timedelta(days=module.after_days))
        starts_at = datetime.combine(day, start, tzinfo=zone).astimezone(UTC)
        sessions.append(
            Session(
                session_id=f"{cohort_id}:{module.code}",
                version=1,
                module=module.code,
                title=module.title.localised(),
                kind=module.kind,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=module.hours),
                location=location,
            )
        )
    cohort = Cohort(
        id=cohort_id,
        programme=programme.id,
        revision=programme.revision,
        content=programme.content,
        sessions=tuple(sessions),
    )
    return cohort, _scheduled(cohort)


def _scheduled(cohort: Cohort) -> CohortScheduled:
    return CohortScheduled(
        version=cohort.version,
        cohort_id=cohort.id,
        programme=cohort.programme,
        revision=cohort.revision,
        title=cohort.content.title.localised(),
        sessions=tuple(map(session_fact, cohort.sessions)),
        evaluation=EvaluationFact.model_validate(cohort.content.evaluation.model_dump()),
    )


def reschedule(
    cohort: Cohort,
    session_id: str,
    *,
    starts_at: datetime,
    ends_at: datetime | None = None,
    location: str | None = None,
    now: datetime,
) -> tuple[Cohort, Event] | Refusal:
    """The session at another time or place; as long as before unless `ends_at` says otherwise."""
    before = cohort.session(session_id)
    if before is None:
        return unknown("session", session_id)
    if max(starts_at, ends_at or starts_at) > now + LONGEST_AHEAD:
        return invalid("time-too-far", "the new time lies more than ten years ahead: correct the year")
    ends_at = ends_at or starts_at + (before.ends_at - before.starts_at)
    location = before.location if location is None else location
    problem = _why_not(before, starts_at, ends_at, location, now)
    if problem:
        return problem
    session = before.model_copy(
        update={
            "version": before.version + 1,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "location": location,
        }
    )
    after = _with_session(cohort, session)
    event = SessionRescheduled(
        version=after.version,
        cohort_id=after.id,
        programme=after.programme,
        title=after.content.title.localised(),
        session=session_fact(session),
        previous_starts_at=before.starts_at,
        previous_location=before.location,
    )
    return after, event


def _why_not(session: Session, starts_at: datetime, ends_at: datetime, location: str, now: datetime) -> Refusal | None:
    if session.held:
        return conflict("session-held", f"{session.session_id} has been held: what was cannot be moved")
    if starts_at <= now:
        return invalid("time-in-the-past", "the new time has passed: give one that lies ahead")
    if ends_at <= starts_at:
        return invalid("ends-before-start", "the session would end before it starts: correct ends_at")
    if (starts_at, ends_at, location) == (session.starts_at, session.ends_at, session.location):
        return conflict("nothing-moved", f"{session.session_id} is held then and there already: nobody is written to")
    return None


def hold(
    cohort: Cohort, session_id: str, attended: tuple[str, ...], members: frozenset[str], now: datetime
) -> tuple[Cohort, Event] | Refusal:
    """Who was at a session; recorded again, the newest record counts. `members` are those who belong to the cohort."""
    session = cohort.session(session_id)
    if session is None:
        return unknown("session", session_id)
    if session.starts_at > now:
        return conflict("session-not-begun", f"{session_id} has not begun: record attendance afterwards")
    strangers = sorted(set(attended) - members)
    if strangers:
        return invalid("not-a-member", f"{', '.join(strangers)} do not belong to {cohort.id}: record members only")
    record = {
        who: Attendance(kind="present", hours=session.hours) if who in attended else Attendance(kind="absent", hours=0)
        for who in sorted(members)
    }
    held = session.model_copy(update={"attendance": record})
    after = _with_session(cohort, held)
    event = SessionHeld(
        version=after.version,
        cohort_id=after.id,
        programme=after.programme,
        title=after.content.title.localised(),
        session=session_fact(held),
        attended=held.attended or (),
        last=all(each.held for each in after.sessions),
    )
    return after, event


def all_held(cohort: Cohort) -> bool:
    """Whether every session has been held, so that participation can be decided."""
    return all(session.held for session in cohort.sessions)


def too_little(cohort: Cohort, employee_id: str) -> TooLittleAttendance | None:
    """Whether she attended fewer of the sessions than the programme asks for."""
    attended = sum(employee_id in (session.attended or ()) for session in cohort.sessions)
    needed = cohort.content.completion.attend_at_least * len(cohort.sessions)
    if attended + 1e-9 >= needed:
        return None
    return TooLittleAttendance(attended=attended, sessions=len(cohort.sessions))


def close(cohort: Cohort, completed: tuple[Place, ...]) -> tuple[Cohort, tuple[Event, ...]]:
    """The cohort is over; those who completed are a network from now on."""
    after = cohort.having(version=cohort.version + 1, state="completed")
    members = tuple(sorted(place.employee_id for place in completed))
    over = CohortCompleted(version=after.version, cohort_id=after.id, programme=after.programme, completed=members)
    if not members:
        return after, (over,)
    network = NetworkFormed(version=1, network_id=f"network:{after.id}", cohort_id=after.id, members=members)
    return after, (over, network)


def _with_session(cohort: Cohort, session: Session) -> Cohort:
    sessions = tuple(session if each.session_id == session.session_id else each for each in cohort.sessions)
    return cohort.having(version=cohort.version + 1, sessions=sessions)
