"""How cohorts and memberships stand, by the newest event about each; the order in which events come does not matter."""

from services.evaluation.model import Cohort, Departure, Membership, SessionView
from shared.events.enrolment import (
    CohortCancelled,
    CohortScheduled,
    Missing,
    PlaceCompleted,
    PlaceConfirmed,
    PlaceEvent,
    SessionCancelled,
    SessionEvent,
    SessionFact,
    SessionHeld,
)
from shared.events.hr import EmployeeLeft


def scheduled(before: Cohort, event: CohortScheduled) -> Cohort:
    """The cohort with the sessions of its schedule; a session that newer news was about stays as that told."""
    if event.version <= before.scheduled_by:
        return before
    known = {session.session_id: session for session in before.sessions}
    told = {fact.session_id: _session(known.get(fact.session_id), fact, event.version) for fact in event.sessions}
    newer = {key: session for key, session in known.items() if session.told_by > event.version}
    after = before.having(
        programme=event.programme,
        revision=event.revision,
        title=event.title,
        instruments=event.evaluation.instruments,
        waves=event.evaluation.waves,
        sessions=_in_order({**newer, **told}),
        scheduled_by=event.version,
    )
    return _with_end(after)


def moved(before: Cohort, event: SessionEvent) -> Cohort:
    """The cohort with one session as it stands now."""
    known = {session.session_id: session for session in before.sessions}
    if event.session.session_id not in known and event.version < before.scheduled_by:
        return before  # the newer schedule does not have it any more
    session = _session(known.get(event.session.session_id), event.session, event.version)
    return before.having(sessions=_in_order({**known, session.session_id: session}))


def held(before: Cohort, event: SessionHeld) -> Cohort:
    """The cohort with who attended one of its sessions; recorded again, the newest record counts."""
    after = moved(before, event)
    known = {session.session_id: session for session in after.sessions}
    session = known.get(event.session.session_id)
    if session is None or event.version <= session.recorded_by:
        return after
    recorded = session.model_copy(update={"recorded_by": event.version, "attended": tuple(sorted(set(event.attended)))})
    return _with_end(
        after.having(
            sessions=_in_order({**known, recorded.session_id: recorded}),
            last_recorded=after.last_recorded or event.last,
        )
    )


def called_off(before: Cohort, event: SessionCancelled) -> Cohort:
    """The cohort with one session that does not take place: nothing waits for it any more."""
    known = {session.session_id: session for session in before.sessions}
    session = known.get(event.session.session_id)
    if session is None and event.version <= before.scheduled_by:
        return before  # the schedule does not have it any more
    if session is not None and (session.version, session.cancelled) >= (event.session.version, True):
        return before
    told = _session(None, event.session, event.version).model_copy(update={"cancelled": True})
    return _with_end(before.having(sessions=_in_order({**known, told.session_id: told})))


def _with_end(cohort: Cohort) -> Cohort:
    """The cohort, over if every session that takes place has been recorded: the last one may have been cancelled."""
    everything = cohort.scheduled_by and cohort.meetings and all(each.recorded_by for each in cohort.meetings)
    return cohort.having(last_recorded=True) if everything and not cohort.last_recorded else cohort


def cancelled(before: Cohort, event: CohortCancelled) -> Cohort:
    """The cohort that will not take place."""
    return before.having(cancelled_by=max(before.cancelled_by, event.version))


def membership(before: Membership | None, event: PlaceEvent) -> Membership | None:
    """How the holder of the place stands; None if something newer is known already."""
    if before is not None and event.version <= before.version:
        return None
    return Membership(
        id=event.place_id,
        employee_id=event.employee_id,
        cohort_id=getattr(event, "cohort_id", None),
        belongs=isinstance(event, PlaceConfirmed | PlaceCompleted),
        version=event.version,
    )


def departure(before: Departure | None, event: EmployeeLeft) -> Departure | None:
    """That somebody leaves; None if something newer is known already."""
    if before is not None and event.version <= before.version:
        return None
    return Departure(id=event.employee_id, version=event.version, last_day=event.last_day)


def missing(before: Departure | None, gone: Missing) -> Departure | None:
    """That somebody is not in a snapshot of the staff; None if it, or something newer, is known already.

    It uses up no version of HR: a departure that HR tells next counts.
    """
    if before is not None and (before.version, before.last_day) >= (gone.version, gone.last_day):
        return None
    return Departure(id=gone.employee_id, version=gone.version, last_day=gone.last_day)


def _session(known: SessionView | None, fact: SessionFact, told_by: int) -> SessionView:
    if known is not None and known.version >= fact.version:
        return known
    return SessionView(
        session_id=fact.session_id,
        version=fact.version,
        told_by=told_by,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        recorded_by=known.recorded_by if known else 0,
        attended=known.attended if known else (),
    )


def _in_order(sessions: dict[str, SessionView]) -> tuple[SessionView, ...]:
    return tuple(sorted(sessions.values(), key=lambda session: (session.starts_at, session.session_id)))
