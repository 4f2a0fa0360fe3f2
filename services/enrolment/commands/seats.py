"""Filling the seats of a cohort from the queue: at composition, when one becomes free, and when somebody comes."""

from datetime import timedelta
from typing import Final

from services.enrolment.commands.engagements import sessions_of_all
from services.enrolment.commands.taken import keep
from services.enrolment.model import Cohort, Employee, Place
from services.enrolment.rules import composition, offers, places
from services.enrolment.rules.composition import Composition, NobodyFits
from services.enrolment.rules.hindrances import hindrance
from services.enrolment.rules.organisation import Tree, department
from services.enrolment.rules.people import Person
from services.enrolment.rules.places import Taken
from services.enrolment.rules.reasons import Why
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.store import EnrolmentTransaction
from shared.model import Timer

FILL: Final = "fill_seats"
FILL_AGAIN: Final = "fill_seats_again"
LONGEST_TRANSACTION = timedelta(minutes=1)
"""MongoDB ends a transaction that is older: whatever did not see a free seat has been committed by then."""


async def compose(tx: EnrolmentTransaction, cohort_id: str, seed: int) -> tuple[Cohort, Composition] | Refusal:
    """Offer the cohort's free seats to the group that follows the rules and has the first in line."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    if not offers.may_fill(cohort, tx.now):
        return conflict("too-late", f"{cohort_id} begins too soon, or has begun: nobody could answer an offer in time")
    cohort = cohort.having(seed=seed)
    group = await _choose(tx, cohort, await tx.places.queue_of(cohort.programme))
    if isinstance(group, NobodyFits):
        return conflict(
            "nobody-fits",
            f"at most {group.possible} of those who wait can sit together, and {cohort_id} needs at least"
            f" {cohort.content.group.min}: wait for more, nominate somebody, or revise the programme's rules",
        )
    composed = await seat(tx, cohort, group)
    _look_again_soon(tx, composed)
    return composed, group


async def fill(tx: EnrolmentTransaction, programme: str) -> None:
    """Somebody waits, or can sit in a group now: let free seats of the programme's groups be offered.

    In a moment, by a timer that is due at once: so the queue is gone through once and as a whole, however many come in
    one transaction. Whoever comes while a seat becomes free, so that neither transaction sees the other, is seen when
    the group is looked at again.
    """
    tx.save(*(_fill_now(tx, cohort) for cohort in await tx.cohorts.with_free_seats() if cohort.programme == programme))


async def fill_for(tx: EnrolmentTransaction, employee: Employee) -> None:
    """Something has changed for her that may let her sit where she could not, or somebody else beside her: as `fill`,
    wherever she waits or has a seat."""
    if employee.open_places and await tx.cohorts.with_free_seats():
        for programme in {place.programme for place in (await tx.places.get_many(employee.open_places)).values()}:
            await fill(tx, programme)


async def fill_everywhere(tx: EnrolmentTransaction) -> None:
    """Something has changed that may let many sit where they could not, as a merged unit does: as `fill`, for all."""
    tx.save(*(_fill_now(tx, cohort) for cohort in await tx.cohorts.with_free_seats()))


async def fill_cohort(tx: EnrolmentTransaction, cohort_id: str) -> None:
    """Offer the free seats of a group, if it has any."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort:
        await _offer_free_seats(tx, cohort)


def fill_soon(tx: EnrolmentTransaction, cohort: Cohort) -> None:
    """Let the free seats of a group be offered in a moment, in a step of their own: of hundreds of groups, one each."""
    if cohort.free_seats > 0:
        tx.save(_fill_now(tx, cohort))
        _look_again_soon(tx, cohort)


async def refill(tx: EnrolmentTransaction, cohort: Cohort) -> None:
    """Offer seats that have just become free to the next in line, by the rules that the group was composed by."""
    _look_again_soon(tx, await _offer_free_seats(tx, cohort))


async def _offer_free_seats(tx: EnrolmentTransaction, cohort: Cohort) -> Cohort:
    if cohort.state != "composed" or cohort.free_seats <= 0 or not offers.may_take_returners(cohort, tx.now):
        return cohort
    waiting = await tx.places.queue_of(cohort.programme)
    if not any(offers.may_fill(cohort, tx.now, place) for place in waiting):
        return cohort
    group = await _choose(tx, cohort, waiting)
    if isinstance(group, NobodyFits):
        return cohort
    if group.chosen:
        return await seat(tx, cohort, group)
    await _tell_passed_over(tx, cohort, group)
    return cohort


def _look_again_soon(tx: EnrolmentTransaction, cohort: Cohort) -> None:
    if cohort.state == "composed" and cohort.free_seats > 0 and offers.may_take_returners(cohort, tx.now):
        tx.save(Timer.of(FILL_AGAIN, cohort.id, tx.now + LONGEST_TRANSACTION, change_id=tx.change_id, **tx.carried))


def _fill_now(tx: EnrolmentTransaction, cohort: Cohort) -> Timer:
    return Timer.of(FILL, cohort.id, tx.now, change_id=tx.change_id, **tx.carried)


async def _choose(tx: EnrolmentTransaction, cohort: Cohort, waiting: list[Place]) -> Composition | NobodyFits:
    seated = list((await tx.places.get_many(cohort.seats)).values())
    employees = await tx.employees.get_many(place.employee_id for place in (*waiting, *seated))
    expected = await sessions_of_all(tx, [employees[place.employee_id] for place in waiting])
    programme = await tx.programmes.get(cohort.programme)
    content = programme.content if programme else cohort.content
    units = await tx.units.tree()

    def candidate(place: Place) -> Person:
        she = employees[place.employee_id]
        return person(
            place, she, units, hindrance(place, she, content, cohort, expected[she.id], now=tx.now, units=units)
        )

    line = composition.in_line(((place.priority, place.queued_at, candidate(place)) for place in waiting), cohort.seed)
    there = [person(place, employees[place.employee_id], units) for place in seated]
    rules = cohort.content.group.model_copy(update={"max": cohort.content.group.max - len(cohort.reserved)})
    return composition.compose(line, there, rules, composed=cohort.state == "composed")


def person(place: Place, employee: Employee, units: Tree, hindered: Why | None = None) -> Person:
    """Somebody as the composition of groups sees her."""
    record = employee.record
    return Person(
        employee_id=employee.id,
        place_id=place.id,
        department=department(record.unit_id, units) if record else "",
        manager_id=record.manager_id if record else None,
        hindered=hindered,
    )


async def seat(tx: EnrolmentTransaction, cohort: Cohort, group: Composition) -> Cohort:
    """Offer, tell those who were passed over, and take the seats, in one step."""
    waiting = await tx.places.get_many(person.place_id for person in group.chosen)
    for chosen in group.chosen:
        await _offer(tx, waiting[chosen.place_id], cohort)
    await _tell_passed_over(tx, cohort, group)
    after = cohort.having(
        version=cohort.version + 1,
        state="composed",
        seats=(*cohort.seats, *(person.place_id for person in group.chosen)),
    )
    tx.save(after)
    return after


async def _tell_passed_over(tx: EnrolmentTransaction, cohort: Cohort, group: Composition) -> None:
    waiting = await tx.places.get_many(passed.person.place_id for passed in group.passed)
    for passed in group.passed:
        if skipped := places.skip(waiting[passed.person.place_id], cohort.id, passed.why, tx.now):
            await keep(tx, skipped)


async def _offer(tx: EnrolmentTransaction, place: Place, cohort: Cohort) -> None:
    answer_by = offers.answer_deadline(cohort, place, tx.now, tx.calendar, tx.zone)
    taken = places.offer(place, cohort, tx.answer_url(place.id, place.offers + 1), answer_by, tx.now)
    if not isinstance(taken, Taken):
        raise AssertionError(f"{place.id} was chosen from the queue and cannot be offered a seat")
    await keep(tx, taken)
    employee = await tx.employees.get(place.employee_id)
    if employee:
        tx.save(employee.having(offers=employee.offers + 1))
    tx.save(Timer.of("offer_expiry", place.id, answer_by, round=taken.place.offers))
