"""Keeping a step that a place has taken."""

from services.enrolment.commands.settling import SETTLED
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
    if taken.place.state == "completed":
        tx.save(Timer.of(SETTLED, taken.place.employee_id, tx.now))  # other programmes may build on it, or exclude it
    return True
