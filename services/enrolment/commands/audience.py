"""Who is queued for a programme, and who waits for it no longer."""

from services.enrolment.commands import places
from services.enrolment.model import PlaceState, Programme
from services.enrolment.rules import audience
from services.enrolment.rules import places as place_rules
from services.enrolment.store import EnrolmentTransaction

SAID_NO: frozenset[PlaceState] = frozenset({"declined", "expired"})


async def go_through_staff(tx: EnrolmentTransaction, programme: Programme) -> int:
    """Let those whom a programme is for wait for it, and nobody else; how many were queued."""
    await _withdraw_whom_it_is_not_for(tx, programme)
    return await _queue_whom_it_is_for(tx, programme)


async def _withdraw_whom_it_is_not_for(tx: EnrolmentTransaction, programme: Programme) -> None:
    waiting = await tx.places.queue_of(programme.id)
    employees = await tx.employees.get_many(place.employee_id for place in waiting)
    for place in waiting:
        why = audience.reason_to_leave_queue(employees[place.employee_id], programme.content.audience)
        if why:
            await places.give_up(tx, place, place_rules.withdraw(place, why, tx.now))


async def _queue_whom_it_is_for(tx: EnrolmentTransaction, programme: Programme) -> int:
    """Queue everybody who matches, but nobody whose last word was no: a new text does not ask her again."""
    employees = await tx.employees.at_levels(programme.content.audience.levels)
    last = {
        employee.id: f"{programme.id}:{employee.id}:{employee.places.get(programme.id, 0)}" for employee in employees
    }
    places_before = await tx.places.get_many(last.values())
    queued = 0
    for employee in employees:
        before = places_before.get(last[employee.id])
        why = audience.reason_to_queue(employee, programme.content, tx.today)
        if why and (before is None or before.state not in SAID_NO):
            await places.queue(tx, employee, programme, why)
            queued += 1
    return queued
