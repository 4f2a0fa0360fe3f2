"""What happens to one person's place, and to the seat that it leaves."""

from typing import Literal

from services.enrolment.commands.seats import refill
from services.enrolment.commands.taken import keep
from services.enrolment.model import SEATED, Employee, Place, Programme
from services.enrolment.rules import audience, places
from services.enrolment.rules.places import Refused, Standing, Taken
from services.enrolment.rules.reasons import Why
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.store import EnrolmentTransaction

Answer = Literal["accept", "decline"]


async def queue(tx: EnrolmentTransaction, employee: Employee, programme: Programme, why: Why) -> Place:
    """Let her wait for the programme."""
    taken = places.queue(employee, programme, why, tx.now)
    await keep(tx, taken)
    return taken.place


async def nominate(tx: EnrolmentTransaction, code: str, employee_id: str) -> Place | Refusal:
    """Somebody names her for the programme."""
    programme, employee = await tx.programmes.get(code), await tx.employees.get(employee_id)
    if programme is None:
        return unknown("programme", code)
    if employee is None:
        return unknown("employee", employee_id)
    reason = audience.reason_to_nominate(employee, programme.content)
    if isinstance(reason, str):
        return conflict("cannot-be-nominated", f"{employee_id} cannot be nominated: {reason}")
    return await queue(tx, employee, programme, reason)


async def answer(tx: EnrolmentTransaction, place_id: str, round_: int, said: Answer) -> Standing:
    """She answers an offer, or changes a yes to a no; how her place stands when she asks for it.

    The answer counts only if the standing is `open`, or `confirmed` and she says no. To be asked again afterwards.
    """
    place = await tx.places.get(place_id)
    cohort = await tx.cohorts.get(place.cohort_id) if place and place.cohort_id else None
    if place is None or cohort is None:
        return "gone"
    stands = places.standing(place, cohort, round_, tx.now)
    if stands == "open" and said == "accept":
        taken = places.accept(place, cohort, tx.now)
        tx.cancel_timer("offer_expiry", place.id)
        await keep(tx, taken)
    elif stands in {"open", "confirmed"} and said == "decline":
        await give_up(tx, place, places.decline(place, cohort, tx.now))
    return stands


async def expire(tx: EnrolmentTransaction, place_id: str, round_: int) -> None:
    """The time to answer an offer is over."""
    place = await tx.places.get(place_id)
    cohort = await tx.cohorts.get(place.cohort_id) if place and place.cohort_id else None
    if place and cohort and place.state == "offered" and place.offers == round_:
        await give_up(tx, place, places.expire(place, cohort, tx.now))


async def reconsider(tx: EnrolmentTransaction, employee: Employee) -> None:
    """Her places, one by one, after something has changed for her."""
    for place in (await tx.places.get_many(employee.open_places)).values():
        programme = await tx.programmes.get(place.programme)
        cohort = await tx.cohorts.get(place.cohort_id) if place.cohort_id else None
        if programme is None:
            raise LookupError(f"place {place.id} is in a programme that does not exist")
        must = places.consequence(place, employee, programme.content, cohort)
        if must and must.step == "pause" and cohort:
            await give_up(tx, place, places.pause(place, cohort, must.why, tx.now))
        elif must:
            await give_up(tx, place, places.withdraw(place, must.why, tx.now))


async def give_up(tx: EnrolmentTransaction, before: Place, taken: Taken | Refused) -> None:
    """Keep a step by which she is out; the seat that she had, if any, goes to the next in line."""
    await keep(tx, taken)
    if isinstance(taken, Refused) or before.state not in SEATED or before.cohort_id is None:
        return
    if before.state == "offered":
        tx.cancel_timer("offer_expiry", before.id)
    cohort = await tx.cohorts.get(before.cohort_id)
    if cohort:
        seats = tuple(place_id for place_id in cohort.seats if place_id != before.id)
        cohort = cohort.having(seats=seats, version=cohort.version + 1)
        tx.save(cohort)
        await refill(tx, cohort)
