"""Who was at a session and for how long, and who has completed when all sessions are held or cancelled."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from services.enrolment.model import Attendance, Cohort, Correction, Place, Session
from services.enrolment.rules.places import Earned, credit, session_fact
from services.enrolment.rules.reasons import MissedRequired, TooFewHours, TooLittleAttendance
from services.enrolment.rules.refusal import Refusal, conflict, invalid
from services.enrolment.rules.sessions import with_session
from shared.events import Event
from shared.events.base import Fact
from shared.events.enrolment import CohortCompleted, SessionHeld
from shared.events.hr import Absence

Shortfall = TooLittleAttendance | TooFewHours | MissedRequired
SHORTFALLS: Final = frozenset({"TooLittleAttendance", "TooFewHours", "MissedRequired"})
"""Codes of the reasons for which somebody has not completed: a correction of attendance can undo these."""
ROUNDING = 1e-9


class Said(Fact):
    """What somebody notes about one person at a session; `hours` only where she was there for a part."""

    kind: Literal["present", "part", "absent"] = "present"
    hours: float | None = None


def belonged(place: Place, cohort_id: str, at: datetime) -> bool:
    """Whether its holder was confirmed in the cohort at that moment."""
    until_then = [decision for decision in place.history if decision.at <= at]
    return bool(until_then) and (until_then[-1].state, until_then[-1].cohort_id) == ("confirmed", cohort_id)


def hold(
    cohort: Cohort,
    session: Session,
    said: Mapping[str, Said],
    there: frozenset[str],
    *,
    now: datetime,
    by: str | None = None,
) -> tuple[Cohort, tuple[Event, ...]] | Refusal:
    """The cohort with who was at the session. `there`: who belonged to it then; who is not named was absent.

    Recorded again, the newest record counts and the one before is kept; the same once more changes nothing.
    """
    problem = _why_not(cohort, session, said, there, now)
    if problem:
        return problem
    record = {who: _attendance(said.get(who, Said(kind="absent")), session) for who in sorted(there)}
    if record == session.attendance:
        return cohort, ()
    corrections = session.corrections
    if session.attendance is not None:
        corrections = (*corrections, Correction(at=now, by=by, before=session.attendance))
    after = with_session(cohort, session.model_copy(update={"attendance": record, "corrections": corrections}))
    return after, (held(after, session.session_id),)


def _why_not(
    cohort: Cohort, session: Session, said: Mapping[str, Said], there: frozenset[str], now: datetime
) -> Refusal | None:
    if session.cancelled:
        return conflict("session-cancelled", f"{session.session_id} is cancelled: nobody can have been there")
    if session.starts_at > now:
        return conflict("session-not-begun", f"{session.session_id} has not begun: record attendance afterwards")
    strangers = sorted(said.keys() - there)
    if strangers:
        detail = f"{', '.join(strangers)} did not belong to {cohort.id} then: record those who were confirmed"
        return invalid("not-a-member", detail)
    whole = f"{session.hours:g}"
    for who, each in sorted(said.items()):
        if each.kind == "part" and not (each.hours and 0 < each.hours < session.hours):
            return invalid(
                "hours", f"{who} was there for a part: say how many hours, more than 0 and less than {whole}"
            )
        if each.kind != "part" and each.hours is not None:
            return invalid("hours", f"give no hours for {who}, or kind part: {each.kind} says all of {whole} or none")
    return None


def _attendance(said: Said, session: Session) -> Attendance:
    hours = {"present": session.hours, "part": said.hours or 0.0, "absent": 0.0}[said.kind]
    return Attendance(kind=said.kind, hours=hours)


def held(cohort: Cohort, session_id: str) -> SessionHeld:
    """What is announced of a session whose attendance has been recorded: who was there, for all of it or a part."""
    session = cohort.session(session_id)
    if session is None or session.attended is None:
        raise LookupError(f"{session_id} has no attendance yet")
    return SessionHeld(
        version=cohort.version,
        cohort_id=cohort.id,
        programme=cohort.programme,
        title=cohort.content.title.localised(),
        session=session_fact(session),
        attended=session.attended,
        last=over(cohort),
    )


def over(cohort: Cohort) -> bool:
    """Whether every session is held or cancelled, so that participation can be decided; not if none was held."""
    return not any(session.to_come for session in cohort.sessions) and any(session.held for session in cohort.sessions)


def closes(cohort: Cohort) -> bool:
    """Whether it is time to decide who has completed, and that has not been done."""
    return cohort.state in {"scheduled", "composed"} and over(cohort)


def last_held(cohort: Cohort) -> Session:
    """The session of the cohort that was held last; there must be one."""
    return max((session for session in cohort.sessions if session.held), key=lambda session: session.ends_at)


def shortfall(cohort: Cohort, place: Place) -> Shortfall | None:
    """Why its holder has not completed, if she has not: a part that nobody may miss, or too little of the whole.

    Cancelled sessions are neither needed nor counted. A module that is held more than once counts once, and one that
    she has credit for counts as attended.
    """
    rule = cohort.content.completion
    needed = _by_module(session for session in cohort.sessions if session.cancelled is None)
    took = {module: hours for module, sessions in needed.items() if (hours := _hours(sessions, place))}
    for module in cohort.content.modules:
        if module.code in rule.required and module.code in needed and module.code not in took:
            return MissedRequired(module=module.title.localised())
    if rule.counted_in == "hours":
        hours, whole = sum(took.values()), sum(max(each.hours for each in held) for held in needed.values())
        return None if hours + ROUNDING >= rule.attend_at_least * whole else TooFewHours(attended=hours, hours=whole)
    if len(took) + ROUNDING >= rule.attend_at_least * len(needed):
        return None
    return TooLittleAttendance(attended=len(took), sessions=len(needed))


def can_complete(cohort: Cohort, place: Place, leave: Absence) -> bool:
    """Whether she would complete if she came to all that is still to be held, but for what falls within her leave.

    Days are taken in UTC: nobody meets around midnight.
    """
    would = cohort
    for session in cohort.sessions:
        if session.to_come and not leave.covers(session.starts_at.date()):
            there = {place.employee_id: Attendance(kind="present", hours=session.hours)}
            would = with_session(would, session.model_copy(update={"attendance": there}))
    return shortfall(would, place) is None


def earned(cohort: Cohort, place: Place, zone: ZoneInfo) -> Earned:
    """What her diploma says. She has completed on the local day of the last session that was held."""
    took = {module: _hours(sessions, place) for module, sessions in _by_module(cohort.sessions).items()}
    return Earned(
        completed_on=last_held(cohort).ends_at.astimezone(zone).date(),
        hours=round(sum(took.values()), 2),
        modules=tuple(module.code for module in cohort.content.modules if took.get(module.code)),
    )


def _by_module(sessions: Iterable[Session]) -> dict[str, list[Session]]:
    found: dict[str, list[Session]] = {}
    for session in sessions:
        found.setdefault(session.module, []).append(session)
    return found


def _hours(sessions: Iterable[Session], place: Place) -> float:
    """How long she was there, of one module: here or, with credit, in an earlier cohort."""
    best = 0.0
    for session in sessions:
        here = (session.attendance or {}).get(place.employee_id)
        before = [min(one.hours, session.hours) for one in place.credits if one.module == session.module]
        best = max(best, here.hours if here else 0.0, *before)
    return best


def close(cohort: Cohort, completed: Iterable[Place]) -> tuple[Cohort, CohortCompleted]:
    """The cohort is over, and these have completed it; told anew when a correction adds somebody."""
    after = cohort.having(version=cohort.version + 1, state="completed")
    who = tuple(sorted(place.employee_id for place in completed))
    return after, CohortCompleted(version=after.version, cohort_id=after.id, programme=after.programme, completed=who)


def credited(place: Place, cohort: Cohort, corrected: Session) -> Place | None:
    """Her place elsewhere, after attendance of a session of a cohort that she was in before has been recorded or
    corrected; nothing if her credit stays as it is.

    Credit that she should not have had is taken back only until she is confirmed in another cohort: from then on she
    has been told which sessions she need not attend.
    """
    others = tuple(one for one in place.credits if one.session_id != corrected.session_id)
    mine = [one for one in credit(place, cohort) if one.session_id == corrected.session_id]
    there = place.employee_id in (corrected.attended or ())
    if not there and place.state in {"confirmed", "completed"}:
        return None
    if there and any(one.module == corrected.module for one in others):
        return None
    after = (*others, *mine) if there else others
    return None if set(after) == set(place.credits) else place.having(version=place.version + 1, credits=after)
