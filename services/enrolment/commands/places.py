"""What happens to one person's place, and to the seat that it leaves."""

from typing import Literal

from services.enrolment.commands import approvals, posts, seats, settling
from services.enrolment.commands.taken import keep
from services.enrolment.model import OPEN, RETURNING, SEATED, Cohort, Employee, Place, Programme
from services.enrolment.rules import audience, consequences, offers, places
from services.enrolment.rules import posts as post_rules
from services.enrolment.rules.consequences import Must
from services.enrolment.rules.hindrances import unfit
from services.enrolment.rules.offers import Standing
from services.enrolment.rules.places import Refused, Taken
from services.enrolment.rules.reasons import AskedAgain, Retired, Why, WithdrawnByOffice
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.store import EnrolmentTransaction

Answer = Literal["accept", "decline"]


async def queue(tx: EnrolmentTransaction, employee: Employee, programme: Programme, why: Why) -> Place:
    """Let her wait for the programme, and ask whether she may go if it wants that; a free seat is offered."""
    return await _queued(tx, employee, programme, places.queue(employee, programme, why, tx.now))


async def _queued(tx: EnrolmentTransaction, employee: Employee, programme: Programme, taken: Taken) -> Place:
    await keep(tx, taken)
    place = await approvals.ask(tx, taken.place, employee)
    await seats.fill(tx, programme.id)
    return place


async def answer(tx: EnrolmentTransaction, place_id: str, round_: int, said: Answer) -> Standing:
    """She answers an offer, or changes a yes to a no; how her place stands when she asks for it.

    The answer counts only if the standing is `open`, or `confirmed` and she says no. To be asked again afterwards.
    """
    place, cohort = await _seated(tx, place_id)
    if place is None or cohort is None:
        return "gone"
    stands = offers.standing(place, cohort, round_, tx.now)
    if stands == "open" and said == "accept":
        taken = places.accept(place, cohort, tx.now)
        tx.cancel_timer("offer_expiry", place.id)
        await keep(tx, taken)
    elif stands in {"open", "confirmed"} and said == "decline":
        await give_up(tx, place, places.decline(place, cohort, tx.now))
    return stands


async def expire(tx: EnrolmentTransaction, place_id: str, round_: int) -> None:
    """The time to answer an offer is over."""
    place, cohort = await _seated(tx, place_id)
    if place and cohort and place.state == "offered" and place.offers == round_:
        await give_up(tx, place, places.expire(place, cohort, tx.now))


async def ask_again(tx: EnrolmentTransaction, place_id: str, round_: int) -> Place | Refusal:
    """She was too late to answer an offer and wants to wait for the next: she is queued anew, once for each offer."""
    place, cohort = await _seated(tx, place_id)
    if place is None or cohort is None or offers.standing(place, cohort, round_, tx.now) != "expired":
        return conflict("not-expired", "this offer has not run out, or is no longer hers: open the link and look")
    await expire(tx, place_id, round_)  # the timer may not have run yet
    employee, programme = await tx.employees.get(place.employee_id), await tx.programmes.get(place.programme)
    if employee is None or programme is None:
        return unknown("place", place_id)
    newer = f"{place.programme}:{employee.id}:{employee.places.get(place.programme, 0)}" != place.id
    if newer or audience.has_open_place(employee, programme.id):
        return conflict("waits-already", "she has asked already, and has her place in the queue: nothing more to do")
    units = await tx.units.tree() if programme.content.audience.units else None
    if (
        programme.retired
        or unfit(place, employee, programme.content, units)
        or not audience.is_free_for(employee, programme.content, units)
    ):
        return conflict("not-for-her", "the programme is not for her any more: ask the programme office")
    return await queue(tx, employee, programme, AskedAgain())


async def put_in_line(tx: EnrolmentTransaction, place_id: str, *, first: bool, note: str) -> Place | Refusal:
    """The office lets her go before those who came in the ordinary way, or back to where she was."""
    place = await tx.places.get(place_id)
    if place is None:
        return unknown("place", place_id)
    if place.priority == RETURNING:
        return conflict("returns", f"{place_id} goes on after an interruption and is before all others: leave it there")
    after = places.put_in_line(place, first=first, note=note, now=tx.now)
    if isinstance(after, Refused):
        return conflict("does-not-wait", f"{place_id} is {place.state}: only a place that is queued has a turn")
    if after != place:
        tx.save(after)
    return after


async def withdraw(tx: EnrolmentTransaction, place_id: str, note: str) -> Place | Refusal:
    """The office ends a place; its seat, if it has one, goes to the next in line."""
    place = await tx.places.get(place_id)
    if place is None:
        return unknown("place", place_id)
    if place.state not in OPEN:
        return conflict("place-over", f"{place_id} is {place.state} already: there is nothing to end")
    await give_up(tx, place, places.withdraw(place, WithdrawnByOffice(), tx.now, note))
    return await tx.places.get(place_id) or place


async def take_back(tx: EnrolmentTransaction, place_id: str, note: str) -> Place | Refusal:
    """The office takes an offer back: the seat passes on at once, and she keeps her turn for another group."""
    place, cohort = await _seated(tx, place_id)
    if place is None:
        return unknown("place", place_id)
    if place.state != "offered" or cohort is None:
        return conflict("not-offered", f"{place_id} is {place.state}: only an offer without answer can be taken back")
    await give_up(tx, place, places.take_back(place, cohort, tx.now, note))
    await seats.fill(tx, place.programme)
    await end_if_retired(tx, place_id)
    return await tx.places.get(place_id) or place


async def requeue(tx: EnrolmentTransaction, place: Place, cohort: Cohort, why: Why) -> None:
    """Her group has ended without her: she is first in line for another, and the cohort keeps no seat for her."""
    tx.cancel_timer("offer_expiry", place.id)
    await keep(tx, places.requeue(place, cohort, why, tx.now))
    await seats.fill(tx, cohort.programme)
    await end_if_retired(tx, place.id)


async def end_if_retired(tx: EnrolmentTransaction, place_id: str) -> None:
    """Nobody waits for a programme that has ended, from wherever she came back into its queue."""
    place = await tx.places.get(place_id)
    programme = await tx.programmes.get(place.programme) if place else None
    if place and place.state == "queued" and programme and programme.retired:
        await keep(tx, places.withdraw(place, Retired(), tx.now))


async def requeue_members(tx: EnrolmentTransaction, cohort: Cohort, why: Why) -> Cohort:
    """The group is no more: whoever was offered a seat or had one is first in line for another; the cohort without.

    Who pauses keeps her place, and comes back as from any group.
    """
    for place in (await tx.places.get_many(cohort.seats)).values():
        tx.cancel_timer("offer_expiry", place.id)
        await keep(tx, places.requeue(place, cohort, why, tx.now))
    after = cohort.having(version=cohort.version + 1, seats=(), reserved=())
    tx.save(after)
    await seats.fill(tx, cohort.programme)
    return after


async def reconsider(tx: EnrolmentTransaction, employee: Employee) -> None:
    """Her places, one by one, after something has changed for her."""
    hers = await tx.places.get_many(employee.open_places)
    programmes = {programme.id: programme for programme in await tx.programmes.all()}
    await tx.cohorts.get_many(place.cohort_id for place in hers.values() if place.cohort_id)
    units = await tx.units.tree() if any(each.content.audience.units for each in programmes.values()) else None
    onward = [each for each in programmes.values() if audience.may_go_on_to(employee, each.content)]
    for place in hers.values():
        programme = programmes.get(place.programme)
        cohort = await tx.cohorts.get(place.cohort_id) if place.cohort_id else None
        if programme is None:
            raise LookupError(f"place {place.id} is in a programme that does not exist")
        must = consequences.consequence(place, employee, programme, cohort, others=onward, units=units)
        if must and not (place.state == "queued" and await settling.must_wait(tx, place, must.why)):
            await _follow(tx, place, cohort, must)
    await seats.fill_for(tx, employee)


async def _follow(tx: EnrolmentTransaction, place: Place, cohort: Cohort | None, must: Must) -> None:
    if must.step == "pause" and cohort and place.position and post_rules.goes_on(cohort):
        await posts.pause(tx, place, cohort, must.why)
    elif must.step == "pause" and cohort:
        await give_up(tx, place, places.pause(place, cohort, must.why, tx.now))
    elif must.step == "come_back" and cohort and place.position and await posts.resume(tx, place, cohort):
        return
    elif must.step == "come_back" and cohort:
        await keep(tx, places.come_back(place, cohort, tx.now))
        await seats.fill(tx, place.programme)
    else:
        await give_up(tx, place, places.withdraw(place, must.why, tx.now))
    employee = await tx.employees.get(place.employee_id)
    if must.onward and employee and not audience.has_open_place(employee, must.onward.id):
        credits_ = consequences.credits_in(must.onward, places.credit(place, cohort) if cohort else place.credits)
        taken = places.queue(employee, must.onward, must.why, tx.now, priority=RETURNING, credits=credits_)
        await _queued(tx, employee, must.onward, taken)


async def give_up(tx: EnrolmentTransaction, before: Place, taken: Taken | Refused) -> None:
    """Keep a step by which she is out; the seat that she had, if any, goes to the next in line."""
    await keep(tx, taken)
    if before.state == "paused" and before.position:
        await posts.give_up_kept(tx, before)
    if isinstance(taken, Refused) or before.state not in SEATED or before.cohort_id is None:
        return
    if before.state == "offered":
        tx.cancel_timer("offer_expiry", before.id)
    cohort = await tx.cohorts.get(before.cohort_id)
    if cohort:
        left = tuple(place_id for place_id in cohort.seats if place_id != before.id)
        cohort = cohort.having(seats=left, version=cohort.version + 1)
        tx.save(cohort)
        await seats.refill(tx, cohort)
    employee = await tx.employees.get(before.employee_id)
    if employee:
        await seats.fill_for(tx, employee)  # elsewhere nothing clashes with that group any more


async def _seated(tx: EnrolmentTransaction, place_id: str) -> tuple[Place | None, Cohort | None]:
    place = await tx.places.get(place_id)
    return place, await tx.cohorts.get(place.cohort_id) if place and place.cohort_id else None
