"""A cohort's life: scheduled, moved, held, over."""

from collections.abc import Mapping
from datetime import date, datetime, time

from services.enrolment.commands import networks
from services.enrolment.commands.places import end_if_retired, give_up, reconsider, requeue
from services.enrolment.commands.seats import fill, fill_everywhere
from services.enrolment.commands.taken import keep
from services.enrolment.model import Cohort, Place
from services.enrolment.rules import attendance, offers, places, sessions
from services.enrolment.rules.attendance import Said
from services.enrolment.rules.places import Refused, Taken
from services.enrolment.rules.reasons import GroupCancelled, TooLateForGroup
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.rules.sessions import Language, Plan
from services.enrolment.store import EnrolmentTransaction
from shared.model import Timer


async def schedule(
    tx: EnrolmentTransaction,
    cohort_id: str,
    programme_code: str,
    *,
    first_day: date,
    start: time,
    location: str,
    days: Mapping[str, date] | None = None,
    language: Language | None = None,
    facilitators: tuple[str, ...] = (),
) -> Cohort | Refusal:
    """A new cohort of a programme, without people yet. `days` are for modules that must be on a day of their own."""
    programme = await tx.programmes.get(programme_code)
    if programme is None:
        return unknown("programme", programme_code)
    if programme.retired:
        return conflict("programme-retired", f"{programme_code} takes no more people: choose another programme")
    if await tx.cohorts.get(cohort_id):
        return conflict("cohort-exists", f"there is a cohort {cohort_id} already: give the new one another id")
    plan = Plan(
        first_day=first_day,
        start=start,
        location=location,
        days=days or {},
        language=language,
        facilitators=facilitators,
    )
    scheduled = sessions.out_of_reach(plan, tx.today) or sessions.schedule(
        cohort_id, programme, plan, zone=tx.zone, calendar=tx.calendar
    )
    if isinstance(scheduled, Refusal):
        return scheduled
    tx.save(*scheduled)
    return scheduled[0]


async def reschedule(
    tx: EnrolmentTransaction,
    cohort_id: str,
    session_id: str,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    location: str | None,
    force: bool = False,
) -> Cohort | Refusal:
    """Move a session; offers that are still open must now be answered before the first session as it is, and a seat
    whose holder is away then becomes free. Past another module only with `force`."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    moved = sessions.reschedule(
        cohort, session_id, starts_at=starts_at, ends_at=ends_at, location=location, force=force, now=tx.now
    )
    if isinstance(moved, Refusal):
        return moved
    after, announced = moved
    tx.save(after, announced)
    return await follow_new_times(tx, after)


async def follow_new_times(tx: EnrolmentTransaction, cohort: Cohort) -> Cohort:
    """What follows when sessions are at other times: offers answered before the first, no seats for those away, and
    free seats, here and elsewhere, for whoever can come now."""
    await _shorten_offers(tx, cohort)
    await _reconsider_those_on_leave(tx, cohort)
    await fill_everywhere(tx)
    return await tx.cohorts.get(cohort.id) or cohort


async def _shorten_offers(tx: EnrolmentTransaction, cohort: Cohort) -> None:
    for place in (await tx.places.get_many(cohort.seats)).values():
        latest = offers.latest_answer(cohort, place)
        if place.answer_by and place.answer_by > tx.now >= latest:
            # nobody can answer in time, and it is not she who was late
            await give_up(tx, place, places.requeue(place, cohort, TooLateForGroup(), tx.now))
            await fill(tx, cohort.programme)
            await end_if_retired(tx, place.id)
        elif place.answer_by and place.answer_by > latest:
            tx.save(place.having(version=place.version + 1, answer_by=latest))
            tx.save(Timer.of("offer_expiry", place.id, latest, round=place.offers))


async def _reconsider_those_on_leave(tx: EnrolmentTransaction, cohort: Cohort) -> None:
    seated = await tx.places.get_many(cohort.seats)
    for employee in (await tx.employees.get_many(place.employee_id for place in seated.values())).values():
        if employee.on_leave:
            await reconsider(tx, employee)


async def record_attendance(
    tx: EnrolmentTransaction, cohort_id: str, session_id: str, said: Mapping[str, Said], by: str | None = None
) -> Cohort | Refusal:
    """Who was at a session; after the last one, who has completed.

    A correction after that lets whoever attended enough after all complete. It takes no completed place back: what
    somebody has been told and has a diploma for stays, and the office sees at her place that the record says less.
    """
    cohort = await tx.cohorts.get(cohort_id)
    session = cohort.session(session_id) if cohort else None
    if cohort is None or session is None:
        return unknown("cohort", cohort_id) if cohort is None else unknown("session", session_id)
    ever = await tx.places.ever_in(cohort_id)
    there = frozenset(place.employee_id for place in ever if attendance.belonged(place, cohort_id, session.starts_at))
    held = attendance.hold(cohort, session, said, there, now=tx.now, by=by)
    if isinstance(held, Refusal):
        return held
    after, announced = held
    if not announced:
        return cohort
    tx.save(after, *announced)
    await _credit_elsewhere(tx, after, session_id, ever)
    if after.state == "completed":
        return await _complete_after_all(tx, after, ever)
    return await _close(tx, after) if attendance.closes(after) else after


async def _credit_elsewhere(tx: EnrolmentTransaction, cohort: Cohort, session_id: str, ever: list[Place]) -> None:
    session = cohort.session(session_id)
    for place in ever:
        if session and place.cohort_id != cohort.id and (after := attendance.credited(place, cohort, session)):
            elsewhere = await tx.cohorts.get(place.cohort_id) if place.cohort_id else None
            told = places.excuse(after, places.excused(place, elsewhere), elsewhere) if elsewhere else None
            tx.save(told.place if told else after)
            tx.save(*(told.announced if told else ()))
            await fill(tx, place.programme)


async def close_if_over(tx: EnrolmentTransaction, cohort: Cohort) -> Cohort:
    """Decide who has completed, if what was still to come of the cohort has been cancelled: the session that was held
    last turns out to have been the last, and is announced as that."""
    if not attendance.closes(cohort):
        return cohort
    after = cohort.having(version=cohort.version + 1)
    tx.save(after, attendance.held(after, attendance.last_held(after).session_id))
    return await _close(tx, after)


async def _close(tx: EnrolmentTransaction, cohort: Cohort) -> Cohort:
    """Whoever pauses stays paused: she goes on with another cohort. So does whoever could still answer an offer."""
    completed, seats = [], list(cohort.seats)
    for place in await tx.places.of_cohort(cohort.id):
        if place.state == "confirmed":
            why = attendance.shortfall(cohort, place)
            taken = places.withdraw(place, why, tx.now) if why else _complete(tx, place, cohort)
            await keep(tx, taken)
            completed += [taken.place] if isinstance(taken, Taken) and not why else []
        elif place.state == "offered" and place.answer_by and place.answer_by > tx.now:
            seats.remove(place.id)
            await requeue(tx, place, cohort, GroupCancelled())
    after, closed = attendance.close(cohort.having(seats=tuple(seats)), completed)
    tx.save(after, closed)
    await networks.form(tx, after, closed.completed)
    return after


async def _complete_after_all(tx: EnrolmentTransaction, cohort: Cohort, ever: list[Place]) -> Cohort:
    here = [place for place in ever if place.cohort_id == cohort.id]
    short = [place for place in here if place.state == "withdrawn" and place.reason.code in attendance.SHORTFALLS]
    late = [place for place in short if attendance.shortfall(cohort, place) is None]
    for place in late:
        await keep(tx, _complete(tx, place, cohort))
    if not late:
        return cohort
    after, closed = attendance.close(cohort, [*late, *(place for place in here if place.state == "completed")])
    tx.save(after, closed)
    await networks.form(tx, after, closed.completed)
    return after


def _complete(tx: EnrolmentTransaction, place: Place, cohort: Cohort) -> Taken | Refused:
    return places.complete(place, cohort, attendance.earned(cohort, place, tx.zone), tx.now)
