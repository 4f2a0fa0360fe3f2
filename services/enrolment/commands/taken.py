"""Keeping a step that a place has taken."""

from services.enrolment.commands.settling import SETTLED
from services.enrolment.model import Place
from services.enrolment.rules.places import Refused, Taken, marked
from services.enrolment.store import EnrolmentTransaction
from shared.model import Timer


async def keep(tx: EnrolmentTransaction, taken: Taken | Refused) -> bool:
    """Save the place, what it means for its holder, and what is announced; whether the step could be taken."""
    if isinstance(taken, Refused):
        return False
    tx.save(taken.place, *taken.announced)
    employee = await tx.employees.get(taken.place.employee_id)
    if employee and (after := marked(employee, taken.place)) != employee:
        tx.save(after)
    if _may_not_last(taken.place):
        tx.save(Timer.of(SETTLED, taken.place.employee_id, tx.now, **tx.carried))
    return True


def _may_not_last(place: Place) -> bool:
    """Whether she is to be looked at again at once: other programmes may build on what she has completed, or exclude
    it; and the programme may have ended, or be no longer for her, while she had a seat from which she waits again."""
    came_back = place.state == "queued" and len(place.history) > 1
    return came_back or place.state in {"completed", "paused"}
