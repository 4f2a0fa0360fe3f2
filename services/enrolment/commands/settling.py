"""Letting what HR has said about somebody settle before a queue follows it to and fro."""

from typing import Final

from services.enrolment.model import Place
from services.enrolment.rules import audience
from services.enrolment.rules.reasons import LeftEmployment, Retired, Why
from services.enrolment.store import EnrolmentTransaction
from shared.model import Timer, timer_id

SETTLED: Final = "audience_settled"


async def must_wait(tx: EnrolmentTransaction, place: Place, why: Why) -> bool:
    """Whether her place in the queue, or as it ended, is left as it is for now; she is looked at again when what HR has
    said has settled. Until then somebody whom the programme is not for is offered no seat, and keeps her turn.

    That somebody has left, or that the programme has ended, waits for nothing.
    """
    employee = await tx.employees.get(place.employee_id)
    until = audience.settles_at(place, employee) if employee else None
    if until is None or until <= tx.now or (place.state == "queued" and isinstance(why, LeftEmployment | Retired)):
        return False
    waiting = await tx.documents(Timer).get(timer_id(SETTLED, place.employee_id))
    if waiting is None or waiting.due_at > until:
        tx.save(Timer.of(SETTLED, place.employee_id, until, **tx.carried))
    return True
