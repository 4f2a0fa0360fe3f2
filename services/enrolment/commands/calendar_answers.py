"""Keeping what she answers from her calendar, and the no to the place that it may be."""

from services.enrolment.commands import places
from services.enrolment.rules import calendar_answers
from services.enrolment.store import EnrolmentTransaction
from shared.cloudevents import Reject
from shared.delivery import Outcome
from shared.events.notifications import InvitationAnswered


async def keep(tx: EnrolmentTransaction, event: InvitationAnswered) -> Outcome:
    """Keep her answer at the place; a no to all is a no to the place, by the same step as from the link."""
    before = await tx.places.get(event.place_id)
    if before is None:
        raise Reject(f"there is no place {event.place_id}: find out which invitation was answered")
    cohort = await tx.cohorts.get(before.cohort_id) if before.cohort_id else None
    place = calendar_answers.heard(before, cohort, event)
    if place is None or cohort is None:
        return Outcome.stale
    tx.save(place)
    if calendar_answers.is_no(place, cohort):
        await places.answer(tx, place.id, place.offers, "decline")
    return Outcome.applied
