"""Filling the seats of a cohort from the queue, at composition and whenever one becomes free."""

from services.enrolment.commands.taken import keep
from services.enrolment.model import Cohort, Employee, Place
from services.enrolment.rules import career, composition, places
from services.enrolment.rules.composition import Composition, NobodyFits
from services.enrolment.rules.people import Person
from services.enrolment.rules.places import Taken
from services.enrolment.rules.reasons import OnLeave
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.store import EnrolmentTransaction
from shared.model import Timer


async def compose(tx: EnrolmentTransaction, cohort_id: str, seed: int) -> tuple[Cohort, Composition] | Refusal:
    """Offer the cohort's free seats to the group that follows the rules and has the first in line."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    if not places.may_fill(cohort, tx.now):
        return conflict("too-late", f"{cohort_id} begins too soon, or has begun: nobody could answer an offer in time")
    cohort = cohort.having(seed=seed)
    group = await _choose(tx, cohort)
    if isinstance(group, NobodyFits):
        return conflict(
            "nobody-fits",
            f"at most {group.possible} of those who wait can sit together, and {cohort_id} needs at least"
            f" {cohort.content.group.min}: wait for more, nominate somebody, or revise the programme's rules",
        )
    return await _seat(tx, cohort, group), group


async def refill(tx: EnrolmentTransaction, cohort: Cohort) -> None:
    """Offer seats that have become free to the next in line, by the rules that the group was composed by."""
    if cohort.state != "composed" or not places.may_fill(cohort, tx.now):
        return
    group = await _choose(tx, cohort)
    if isinstance(group, Composition) and group.chosen:
        await _seat(tx, cohort, group)


async def _choose(tx: EnrolmentTransaction, cohort: Cohort) -> Composition | NobodyFits:
    waiting = await tx.places.queue_of(cohort.programme)
    seated = list((await tx.places.get_many(cohort.seats)).values())
    employees = await tx.employees.get_many(place.employee_id for place in (*waiting, *seated))
    units = await tx.units.tree()

    def person(place: Place) -> Person:
        return _person(place, employees[place.employee_id], units, cohort)

    line = composition.in_line(((place.priority, place.queued_at, person(place)) for place in waiting), cohort.seed)
    return composition.compose(line, list(map(person, seated)), cohort.content.group, cohort.department_limit)


def _person(
    place: Place, employee: Employee, units: dict[str, tuple[str | None, str | None]], cohort: Cohort
) -> Person:
    record = employee.record
    absent = record.absent if record else None
    return Person(
        employee_id=employee.id,
        place_id=place.id,
        department=career.department(record.unit_id, units) if record else "",
        manager_id=record.manager_id if record else None,
        away=OnLeave(until=absent.last_day) if absent and places.misses((cohort.first_session,), absent) else None,
    )


async def _seat(tx: EnrolmentTransaction, cohort: Cohort, group: Composition) -> Cohort:
    """Offer, tell those who were passed over, and take the seats, in one step."""
    waiting = await tx.places.get_many(person.place_id for person in (*group.chosen, *(p.person for p in group.passed)))
    for person in group.chosen:
        place = waiting[person.place_id]
        taken = places.offer(place, cohort, tx.answer_url(place.id, place.offers + 1), tx.now)
        if not isinstance(taken, Taken) or taken.place.answer_by is None:
            raise AssertionError(f"{place.id} was chosen from the queue and cannot be offered a seat")
        await keep(tx, taken)
        tx.save(Timer.of("offer_expiry", place.id, taken.place.answer_by, round=taken.place.offers))
    for passed in group.passed:
        skipped = places.skip(waiting[passed.person.place_id], cohort.id, passed.why, tx.now)
        if skipped:
            await keep(tx, skipped)
    after = cohort.having(
        version=cohort.version + 1,
        state="composed",
        seats=(*cohort.seats, *(person.place_id for person in group.chosen)),
        department_limit=group.department_limit,
    )
    tx.save(after)
    return after
