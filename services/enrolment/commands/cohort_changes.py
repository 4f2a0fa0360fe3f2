"""Changes of a running cohort: a session called off or added, another room, other facilitators, another revision."""

from datetime import datetime

from services.enrolment.commands import places, programmes, seats
from services.enrolment.commands.cohorts import close_if_over, follow_new_times
from services.enrolment.commands.taken import keep
from services.enrolment.model import Cohort
from services.enrolment.rules import attendance, meetings, revisions
from services.enrolment.rules import places as place_rules
from services.enrolment.rules.meetings import Changed
from services.enrolment.rules.reasons import GroupCancelled
from services.enrolment.rules.refusal import Refusal, conflict, invalid, unknown
from services.enrolment.rules.revisions import Frame
from services.enrolment.store import EnrolmentTransaction
from shared.events.base import LocalisedText


async def cancel_session(
    tx: EnrolmentTransaction, cohort_id: str, session_id: str, why: LocalisedText
) -> Cohort | Refusal:
    """One session will not take place. If it was the last that was waited for, the cohort is over."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    changed = meetings.cancel(cohort, session_id, meetings.by_office(why))
    if isinstance(changed, Refusal):
        return changed
    return await _kept(tx, cohort, changed)


async def add_session(
    tx: EnrolmentTransaction,
    cohort_id: str,
    *,
    module: str,
    title: LocalisedText | None,
    starts_at: datetime,
    ends_at: datetime,
    location: str,
) -> Cohort | Refusal:
    """A session besides those that there are: once more for a module, or one of its own with a `title`."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    changed = meetings.add(
        cohort, module=module, title=title, starts_at=starts_at, ends_at=ends_at, location=location, now=tx.now
    )
    return changed if isinstance(changed, Refusal) else await _kept(tx, cohort, changed)


async def change_place(
    tx: EnrolmentTransaction, cohort_id: str, session_id: str | None, location: str
) -> Cohort | Refusal:
    """Another room, for one session or for all that are to come."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    changed = meetings.move_to(cohort, session_id, location, tx.now)
    return changed if isinstance(changed, Refusal) else await _kept(tx, cohort, changed)


async def set_facilitators(tx: EnrolmentTransaction, cohort_id: str, facilitators: tuple[str, ...]) -> Cohort | Refusal:
    """Others lead the cohort and may see it; nobody is written to about it."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    if len(set(facilitators)) < len(facilitators):
        return invalid("facilitator-twice", "somebody is named twice: name each of them once")
    if cohort.facilitators == facilitators:
        return conflict("nothing-changed", f"{cohort_id} is led by them already")
    after = cohort.having(version=cohort.version + 1, facilitators=facilitators)
    tx.save(after)
    return after


async def cancel_cohort(tx: EnrolmentTransaction, cohort_id: str, why: LocalisedText) -> Cohort | Refusal:
    """The group will not take place, or not to its end: its people are first in line for the next, with their credit.

    In a programme that is retired there is no next one: they wait no longer.
    """
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    changed = meetings.cancel_all(cohort, meetings.by_office(why), tx.now)
    if isinstance(changed, Refusal):
        return changed
    after, announced = changed
    tx.save(after, *announced)
    await places.requeue_members(tx, after, GroupCancelled())
    programme = await tx.programmes.get(after.programme)
    if programme and programme.retired:
        await programmes.nobody_waits(tx, after.programme)
    await seats.fill_everywhere(tx)  # nothing clashes with this group any more
    return await tx.cohorts.get(cohort_id) or after


async def adopt_revision(tx: EnrolmentTransaction, cohort_id: str, number: int | None) -> Cohort | Refusal:
    """Let a cohort go on by a revision of its programme, the newest unless one is named; seats that this opens are
    offered."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    programme = await tx.programmes.get(cohort.programme)
    number = number or (programme.revision if programme else cohort.revision)
    revision = await tx.revisions.get(f"{cohort.programme}~{number}")
    if revision is None:
        return unknown("revision", f"{cohort.programme}~{number}")
    frame = Frame(now=tx.now, zone=tx.zone, calendar=tx.calendar)
    changed = revisions.adopt(cohort, number, revision.content, frame)
    if isinstance(changed, Refusal):
        return changed
    after = await _kept(tx, cohort, changed)
    await seats.refill(tx, after)
    return await tx.cohorts.get(cohort_id) or after


async def _kept(tx: EnrolmentTransaction, before: Cohort, changed: Changed) -> Cohort:
    """Whoever has credit for a new session hears of that first, so that nobody invites her to it."""
    after, announced = changed
    for place in (await tx.places.get_many(after.seats)).values():
        if told := place_rules.excuse(place, place_rules.excused(place, before), after):
            await keep(tx, told)
    tx.save(after, *announced)
    if attendance.closes(after):
        return await close_if_over(tx, after)
    return await follow_new_times(tx, after)
