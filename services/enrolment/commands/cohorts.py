"""A cohort's life: scheduled, moved, held, over."""

from datetime import date, datetime, time

from services.enrolment.commands.places import reconsider
from services.enrolment.commands.taken import keep
from services.enrolment.model import Cohort, Place
from services.enrolment.rules import places, sessions
from services.enrolment.rules.places import Taken
from services.enrolment.rules.refusal import Refusal, conflict, invalid, unknown
from services.enrolment.store import EnrolmentTransaction
from shared.model import Timer


async def schedule(
    tx: EnrolmentTransaction, cohort_id: str, programme_code: str, *, first_day: date, start: time, location: str
) -> Cohort | Refusal:
    """A new cohort of a programme, without people yet."""
    programme = await tx.programmes.get(programme_code)
    if programme is None:
        return unknown("programme", programme_code)
    if await tx.cohorts.get(cohort_id):
        return conflict("cohort-exists", f"there is a cohort {cohort_id} already: give the new one another id")
    if first_day <= tx.today:
        return invalid("time-in-the-past", "the first day must lie ahead: choose a later one")
    if first_day > tx.today + sessions.LONGEST_AHEAD:
        return invalid("time-too-far", "the first day lies more than ten years ahead: correct the year")
    cohort, announced = sessions.schedule(
        cohort_id, programme, first_day=first_day, start=start, location=location, zone=tx.zone
    )
    tx.save(cohort, announced)
    return cohort


async def reschedule(
    tx: EnrolmentTransaction,
    cohort_id: str,
    session_id: str,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    location: str | None,
) -> Cohort | Refusal:
    """Move a session; offers that are still open must now be answered before the first session as it is, and a seat
    whose holder is away then becomes free."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    moved = sessions.reschedule(cohort, session_id, starts_at=starts_at, ends_at=ends_at, location=location, now=tx.now)
    if isinstance(moved, Refusal):
        return moved
    after, announced = moved
    tx.save(after, announced)
    await _shorten_offers(tx, after)
    await _reconsider_those_on_leave(tx, after)
    return await tx.cohorts.get(cohort_id) or after


async def _shorten_offers(tx: EnrolmentTransaction, cohort: Cohort) -> None:
    latest = cohort.first_session.starts_at - places.LAST_HOURS
    for place in (await tx.places.get_many(cohort.seats)).values():
        if place.answer_by and place.answer_by > latest:
            tx.save(place.having(version=place.version + 1, answer_by=latest))
            tx.save(Timer.of("offer_expiry", place.id, latest, round=place.offers))


async def _reconsider_those_on_leave(tx: EnrolmentTransaction, cohort: Cohort) -> None:
    seated = await tx.places.get_many(cohort.seats)
    for employee in (await tx.employees.get_many(place.employee_id for place in seated.values())).values():
        if employee.on_leave:
            await reconsider(tx, employee)


async def record_attendance(
    tx: EnrolmentTransaction, cohort_id: str, session_id: str, attended: tuple[str, ...]
) -> Cohort | Refusal:
    """Who was at a session; after the last one, who has completed. A later correction decides nobody's place anew."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    there = await tx.places.of_cohort(cohort_id)
    members = frozenset(place.employee_id for place in there if place.confirmed_at)
    held = sessions.hold(cohort, session_id, attended, members, tx.now)
    if isinstance(held, Refusal):
        return held
    after, announced = held
    tx.save(after, announced)
    if after.state != "completed" and sessions.all_held(after):
        return await _close(tx, after, there)
    return after


async def _close(tx: EnrolmentTransaction, cohort: Cohort, there: list[Place]) -> Cohort:
    completed = []
    for place in there:
        if place.state != "confirmed":
            continue
        why = sessions.too_little(cohort, place.employee_id)
        taken = places.withdraw(place, why, tx.now) if why else places.complete(place, cohort, tx.now)
        await keep(tx, taken)
        if isinstance(taken, Taken) and taken.place.state == "completed":
            completed.append(taken.place)
    after, announced = sessions.close(cohort, tuple(completed))
    tx.save(after, *announced)
    return after
