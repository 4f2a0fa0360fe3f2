"""How people stand to cohorts, and sessions as they are: the newest version of each counts, in any order of events."""

from services.notifications.contents import Appointment
from services.notifications.model import Membership, SessionView, Standing
from shared.events import LocalisedText, Reason
from shared.events.enrolment import (
    CohortPlaceEvent,
    PlaceApprovalRequested,
    PlaceConfirmed,
    PlaceWithdrawn,
    SessionFact,
)


def stands(
    before: Membership | None, event: CohortPlaceEvent | PlaceWithdrawn | PlaceApprovalRequested, standing: Standing
) -> Membership | None:
    """The membership after a decision about the place; nothing if a newer decision is known already."""
    if before is not None and event.version <= before.version:
        return None
    return Membership(
        id=event.place_id,
        version=event.version,
        employee_id=event.employee_id,
        cohort_id=getattr(event, "cohort_id", None) or (before.cohort_id if before else None),
        standing=standing,
        round=event.round if isinstance(event, PlaceConfirmed) else (before.round if before else 1),
        offer_id=before.offer_id if before else None,
        approval_id=before.approval_id if before else None,
        excused=event.excused if isinstance(event, PlaceConfirmed) else (before.excused if before else ()),
    )


def appointment(programme: LocalisedText, fact: SessionFact) -> Appointment:
    """What a calendar says about a session of a programme."""
    return Appointment(
        programme=programme,
        title=fact.title,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        location=fact.location,
    )


def newest(
    before: SessionView | None,
    cohort_id: str,
    programme: LocalisedText,
    fact: SessionFact,
    cancelled_because: Reason | None = None,
) -> SessionView | None:
    """The session as this event tells it; nothing if it is no news. Of the same version, the cancelled one counts."""
    cancelled = cancelled_because is not None
    if before is not None and (fact.version, cancelled) <= (before.version, before.cancelled):
        return None
    return SessionView(
        id=fact.session_id,
        cohort_id=cohort_id,
        version=fact.version,
        appointment=appointment(programme, fact),
        cancelled=cancelled,
        reason=cancelled_because,
    )
