"""Who is queued for a programme, and who waits for it no longer."""

from datetime import timedelta
from typing import Final, NamedTuple

from services.enrolment.commands import approvals, places, seats, settling
from services.enrolment.commands.taken import keep
from services.enrolment.model import ORDINARY, RETURNING, Employee, Place, PlaceState, Programme
from services.enrolment.programme_file import ProgrammeFile
from services.enrolment.rules import audience, career
from services.enrolment.rules import places as place_rules
from services.enrolment.rules.attendance import SHORTFALLS
from services.enrolment.rules.hindrances import unfit
from services.enrolment.rules.organisation import Tree
from services.enrolment.rules.posts import OTHERS_SAID_NO
from services.enrolment.rules.reasons import (
    LeavesBefore,
    LeavesBeforeTheRest,
    LeftEmployment,
    StaysOn,
    Why,
)
from services.enrolment.store import EnrolmentTransaction
from shared.events.enrolment import PersonQueued
from shared.model import Timer

SAID_NO: frozenset[PlaceState] = frozenset({"declined", "expired"})
UNITS_CHANGED: Final = "audience_units_changed"
PORTION: Final = 500
"""How many people are looked at in one transaction when the organisation has changed."""
SOON = timedelta(minutes=1)
"""Units are told about one by one: they are looked at when most have been, and every older transaction is over."""
TAKEN_BACK_WITHIN = timedelta(days=30)
"""How long after a place ended with her employment it begins again if she stays, or comes back."""
BY_LEAVING = frozenset(why.__name__ for why in (LeavesBefore, LeavesBeforeTheRest, LeftEmployment))


async def go_through_staff(tx: EnrolmentTransaction, programme: Programme, *, again: bool = False) -> int:
    """Let those whom a programme is for wait for it, and nobody else; how many were queued.

    At once when the office has written it; when it is gone through `again`, what HR has said meanwhile has to settle.
    """
    units = await _units(tx, programme)
    await _withdraw_whom_it_is_not_for(tx, programme, units, again=again)
    return await _queue_whom_it_is_for(tx, programme, units, again=again)


async def _units(tx: EnrolmentTransaction, programme: Programme) -> Tree | None:
    return await tx.units.tree() if programme.content.audience.units else None


async def _withdraw_whom_it_is_not_for(
    tx: EnrolmentTransaction, programme: Programme, units: Tree | None, *, again: bool
) -> None:
    waiting = await tx.places.queue_of(programme.id)
    employees = await tx.employees.get_many(place.employee_id for place in waiting)
    for place in waiting:
        why = unfit(place, employees[place.employee_id], programme.content, units)
        if why and not (again and await settling.must_wait(tx, place, why)):
            await places.give_up(tx, place, place_rules.withdraw(place, why, tx.now))


async def _queue_whom_it_is_for(
    tx: EnrolmentTransaction, programme: Programme, units: Tree | None, *, again: bool
) -> int:
    employees = await tx.employees.at_levels(programme.content.audience.levels)
    places_before = await tx.places.get_many(_last_place(employee, programme.id) for employee in employees)
    queued = 0
    for employee in employees:
        last = places_before.get(_last_place(employee, programme.id))
        why = audience.reason_to_queue(employee, programme.content, tx.today, units)
        if why and not (last and await _keeps_out(tx, employee, last, why, again=again)):
            await places.queue(tx, employee, programme, why)
            queued += 1
    return queued


async def _keeps_out(tx: EnrolmentTransaction, employee: Employee, last: Place, why: Why, *, again: bool) -> bool:
    """Whether what became of her last place speaks against another: a new text does not ask anew who has said no, or
    about whom the office or her manager has, or who has been through the programme."""
    if (
        last.state in SAID_NO | {"completed"}
        or last.reason.code in OTHERS_SAID_NO | SHORTFALLS
        or (last.reason.code in BY_LEAVING and career.last_day(employee))
    ):
        return True
    return again and (not audience.may_wait_again(last) or await settling.must_wait(tx, last, why))


class Matched(NamedTuple):
    """Somebody for whom a programme is, her last place in it, and whether this step has queued her."""

    employee: Employee
    place: Place | None
    new: bool


async def matched(tx: EnrolmentTransaction, programme: Programme) -> list[Matched]:
    """Everybody for whom the programme is as things stand now, those first who are new; then in the order of ids."""
    units = await _units(tx, programme)
    code, content = programme.id, programme.content
    employees = await tx.employees.at_levels(content.audience.levels)
    them = [each for each in employees if audience.is_for(each, content, tx.today, units)]
    last = await tx.places.get_many(_last_place(each, code) for each in them)
    queued = {each.employee_id for each in tx.announced if isinstance(each, PersonQueued) and each.programme == code}
    found = [Matched(each, last.get(_last_place(each, code)), each.id in queued) for each in them]
    return sorted(found, key=lambda each: not each.new)


async def concerns(tx: EnrolmentTransaction, file: ProgrammeFile) -> tuple[str, ...]:
    """What the office should look at in a programme's audience: names of programmes and units that nobody knows."""
    known = {file.code, *(programme.id for programme in await tx.programmes.all())}
    named = (*file.audience.requires_completed, *file.audience.excludes_completed)
    there = await tx.units.get_many(file.audience.units)
    strange = [f"there is no programme {code}: nobody can have completed it" for code in named if code not in known]
    unheard = [unit for unit in file.audience.units if unit not in there]
    return (*strange, *(f"HR has not told about a unit {unit}: nobody works there" for unit in unheard))


async def queue_where_it_is_for_her(tx: EnrolmentTransaction, employee_id: str, *, anew: bool) -> None:
    """Let her wait for all programmes that are for her as she stands now.

    `anew`: she has another role, so what she or the office said about the one before does not count.
    """
    she = await tx.employees.get(employee_id)
    if she is None or she.record is None or she.record.level == "none":
        return
    for programme in await tx.programmes.all():
        if not programme.retired:
            await _queue_if_it_is_for_her(tx, programme, employee_id, anew=anew)


async def _queue_if_it_is_for_her(
    tx: EnrolmentTransaction, programme: Programme, employee_id: str, *, anew: bool
) -> None:
    she = await tx.employees.get(employee_id)
    units = await _units(tx, programme)
    why = audience.reason_to_queue(she, programme.content, tx.today, units) if she else None
    if she is None or why is None:
        return
    last = await tx.places.get(_last_place(she, programme.id)) if programme.id in she.places else None
    if last and (await settling.must_wait(tx, last, why) or not (anew or audience.may_wait_again(last))):
        return
    await places.queue(tx, she, programme, why)


async def restore(tx: EnrolmentTransaction, employee_id: str, *, staying: bool = False) -> None:
    """Let what ended because she was to leave, or had left, begin again: she stays, or is back soon after.

    She is among the first in line if she had a seat, with credit for what she attended. `staying`: HR has just said so;
    else nothing is done for somebody who is about to leave.
    """
    she = await tx.employees.get(employee_id)
    if she is None or she.left or not (staying or career.last_day(she) is None):
        return
    last = await tx.places.get_many(_last_place(she, code) for code in she.places)
    for place in last.values():
        recent = tx.now - place.history[-1].at <= TAKEN_BACK_WITHIN
        if place.state == "withdrawn" and place.reason.code in BY_LEAVING and recent:
            await _begin_again(tx, place, employee_id)


async def _begin_again(tx: EnrolmentTransaction, place: Place, employee_id: str) -> None:
    she, programme = await tx.employees.get(employee_id), await tx.programmes.get(place.programme)
    if she is None or programme is None or programme.retired:
        return
    if not audience.is_free_for(she, programme.content, await _units(tx, programme)):
        return
    if await settling.must_wait(tx, place, StaysOn()):
        return
    cohort = await tx.cohorts.get(place.cohort_id) if place.cohort_id else None
    credits_ = place_rules.credit(place, cohort) if cohort else place.credits
    priority = RETURNING if cohort else min(place.priority, ORDINARY)
    taken = place_rules.queue(she, programme, StaysOn(), tx.now, priority=priority, credits=credits_)
    await keep(tx, taken)
    await approvals.ask(tx, taken.place, she)
    await seats.fill(tx, programme.id)


async def look_at(tx: EnrolmentTransaction, employee_id: str) -> None:
    """Let her wait where she should and nowhere else, as things are now that they have settled."""
    she = await tx.employees.get(employee_id)
    if she is None:
        return
    if she.open_places:
        await places.reconsider(tx, she)
    await restore(tx, employee_id)
    await queue_where_it_is_for_her(tx, employee_id, anew=False)


async def units_changed(tx: EnrolmentTransaction) -> None:
    """The organisation is another one: programmes for some of its parts are looked at again in a moment."""
    for programme in await tx.programmes.all():
        if programme.content.audience.units and not programme.retired:
            tx.save(Timer.of(UNITS_CHANGED, programme.id, tx.now + SOON, after=""))


async def look_at_portion(tx: EnrolmentTransaction, code: str, after: str) -> None:
    """Look again whom a programme is for, among those who come next after `after`; the rest follows in a moment."""
    programme = await tx.programmes.get(code)
    if programme is None or programme.retired:
        return
    portion = await tx.employees.next_after(after, PORTION)
    for employee in portion:
        if audience.has_open_place(employee, code):
            await places.reconsider(tx, employee)
        else:
            await _queue_if_it_is_for_her(tx, programme, employee.id, anew=False)
    if len(portion) == PORTION:
        tx.save(Timer.of(UNITS_CHANGED, code, tx.now, after=portion[-1].id))


def _last_place(employee: Employee, code: str) -> str:
    return f"{code}:{employee.id}:{employee.places.get(code, 0)}"
