"""Two colleagues exchange groups: no seat becomes free, and nobody in the queue loses one."""

from services.enrolment.commands import seats
from services.enrolment.commands.engagements import sessions_of
from services.enrolment.commands.taken import keep
from services.enrolment.model import Cohort, Place
from services.enrolment.rules import places, swaps
from services.enrolment.rules.reasons import said
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.store import EnrolmentTransaction
from shared.events.base import Fact, Reason


class Broken(Fact):
    """A rule that does not hold for somebody in the group that she comes into."""

    employee_id: str
    cohort_id: str
    reason: Reason


class Swapped(Fact):
    """The two places as they are now, and the rules that this breaks."""

    one: Place
    other: Place
    broken: tuple[Broken, ...]


async def swap(
    tx: EnrolmentTransaction, one_id: str, other_id: str, *, note: str = "", force: bool = False
) -> Swapped | Refusal:
    """Exchange the seats of two confirmed places. What breaks a rule is refused, unless the office insists (`force`)
    and notes why."""
    found = await tx.places.get_many((one_id, other_id))
    for place_id in (one_id, other_id):
        if place_id not in found:
            return unknown("place", place_id)
    one, other = found[one_id], found[other_id]
    here, there = await _cohort_of(tx, one), await _cohort_of(tx, other)
    if here is None or there is None:
        return conflict("not-confirmed", "one of them is in no group: only two who have said yes can swap")
    problem = swaps.why_not(one, other, here, there, tx.now)
    if problem:
        return problem
    judged = (await _judged(tx, one, other, here, there), await _judged(tx, other, one, there, here))
    broken = tuple(each for each in judged if each)
    if broken and not (force and note):
        told = "; ".join(f"{each.employee_id} in {each.cohort_id}: {each.reason.text.en}" for each in broken)
        return conflict("breaks-rules", f"{told} Choose others, or insist with force and a note that says why")
    await _exchange(tx, one, other, note)
    now = await tx.places.get_many((one_id, other_id))
    return Swapped(one=now[one_id], other=now[other_id], broken=broken)


async def _cohort_of(tx: EnrolmentTransaction, place: Place) -> Cohort | None:
    return await tx.cohorts.get(place.cohort_id) if place.cohort_id else None


async def _judged(
    tx: EnrolmentTransaction, place: Place, instead_of: Place, came_from: Cohort, to: Cohort
) -> Broken | None:
    seated = await tx.places.get_many(seat for seat in to.seats if seat != instead_of.id)
    employees = await tx.employees.get_many(each.employee_id for each in (place, *seated.values()))
    units = await tx.units.tree()
    employee = employees[place.employee_id]
    why = swaps.broken(
        place,
        employee,
        came_from,
        to,
        await sessions_of(tx, employee),
        she=seats.person(place, employee, units),
        others=[seats.person(each, employees[each.employee_id], units) for each in seated.values()],
    )
    return Broken(employee_id=place.employee_id, cohort_id=to.id, reason=said(why)) if why else None


async def _exchange(tx: EnrolmentTransaction, one: Place, other: Place, note: str) -> None:
    """Each takes over the other's seat. Who sits where may let somebody in who was passed over before."""
    here, there = await _cohort_of(tx, one), await _cohort_of(tx, other)
    if here is None or there is None:
        raise AssertionError("both have a seat, as was just seen")
    for place, came_from, to in ((one, here, there), (other, there, here)):
        await keep(tx, places.swap(place, to, came_from, tx.now, note))
    taking = {one.id: other.id, other.id: one.id}
    for cohort in (here, there):
        taken = tuple(taking.get(place_id, place_id) for place_id in cohort.seats)
        tx.save(cohort.having(version=cohort.version + 1, seats=taken))
    for employee in (await tx.employees.get_many((one.employee_id, other.employee_id))).values():
        await seats.fill_for(tx, employee)
