"""Asking her line manager whether she may go; nobody's answer is waited for in vain, and no request is lost."""

from datetime import datetime

from services.enrolment.commands import seats
from services.enrolment.commands.taken import keep
from services.enrolment.model import Employee, Place
from services.enrolment.rules import approvals, career
from services.enrolment.rules.approvals import PATIENCE_DAYS, UNKNOWN_DAYS, Request, Standing, Superior
from services.enrolment.rules.places import Refused, Taken
from services.enrolment.rules.reasons import ApproverSilent, ApproverUnreachable, NominatedByManager, Why
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.store import EnrolmentTransaction
from shared.model import Timer

ESCALATION = "approval_escalation"


async def ask(tx: EnrolmentTransaction, place: Place, employee: Employee) -> Place:
    """She waits from now on: where the programme wants it, ask whether she may go; her place as it is then.

    Not asked again is who has been approved for the place that she let pass, or was named by a manager of hers.
    """
    if not await _is_wanted(tx, place.programme):
        return place
    if place.reason.code == NominatedByManager.__name__:
        return await _kept(tx, approvals.approved(place, place.nominated_by, "", tx.now))
    if carried := approvals.carried_over(place, await _place_before(tx, place)):
        return await _kept(tx, carried)
    return await _ask(tx, place, await line_above(tx, employee))


async def answer(
    tx: EnrolmentTransaction, place_id: str, round_: int, *, approved: bool, note: str = ""
) -> Standing | None:
    """Whoever holds the link of one request answers it; how the request stood when she did, none if it never was.

    The answer counts only if that was `open`. To be asked again afterwards.
    """
    place = await tx.places.get(place_id)
    if place is None:
        return None
    stood = approvals.standing(place, round_)
    if stood == "open" and place.approval:
        await _decide(tx, place, place.approval.approver_id or "", approved=approved, note=note)
    return stood


async def decide(
    tx: EnrolmentTransaction, place_id: str, *, by: str, approved: bool, note: str = ""
) -> Place | Refusal:
    """The office, or her own line manager from her team's page, answers whoever else is asked."""
    place = await tx.places.get(place_id)
    if place is None:
        return unknown("place", place_id)
    if not approvals.is_awaited(place):
        return conflict("no-approval-awaited", f"nobody's approval is awaited for {place_id}: read how it stands")
    return await _decide(tx, place, by, approved=approved, note=note)


async def approver_changed(tx: EnrolmentTransaction, employee_id: str) -> None:
    """Somebody has left, went on leave, is back, or has another manager: whoever should be asked now, is.

    That is about all who wait for her answer, about herself if she waits for somebody's, and about those below her
    whose question has gone on to somebody who was above her.
    """
    employee = await tx.employees.get(employee_id)
    own = await tx.places.get_many(employee.open_places if employee else ())
    hers = {place.id: place for place in await tx.places.awaiting(employee_id)}
    for place in {**own, **hers}.values():
        if approvals.is_awaited(place):
            await _ask_who_should_be(tx, place)
    for place in await tx.places.awaiting_a_manager():
        below = await tx.employees.get(place.employee_id)
        if below and approvals.goes_past(place, employee_id, await line_above(tx, below)):
            await _ask_who_should_be(tx, place)


async def escalate(tx: EnrolmentTransaction, place_id: str, round_: int) -> None:
    """Time is up for whoever is asked: the next manager above is asked, and at last the office."""
    place = await tx.places.get(place_id)
    if place is None or not approvals.is_awaited(place) or place.approval is None or place.approval.round != round_:
        return
    asked = place.approval
    known = await tx.employees.get(asked.approver_id) if asked.approver_id else None
    if asked.answer_by and tx.now < asked.answer_by and known:  # HR has told about her meanwhile: she has her full time
        tx.save(Timer.of(ESCALATION, place.id, asked.answer_by, round=asked.round))
    else:
        await _pass_on(tx, place, ApproverSilent() if known else ApproverUnreachable())


async def unreachable(tx: EnrolmentTransaction, place_id: str, approver_id: str) -> bool:
    """The question cannot reach whoever is asked: the next manager above is, at once; whether that was still so."""
    place = await tx.places.get(place_id)
    if place is None or not approvals.is_awaited(place) or place.approval is None:
        return False
    if place.approval.approver_id != approver_id:
        return False
    await _pass_on(tx, place, ApproverUnreachable())
    return True


async def requirement_changed(tx: EnrolmentTransaction, code: str) -> None:
    """The programme reads differently: if nobody need approve any more, nobody is waited for; if somebody must from
    now on, that is asked about all who wait. Offers and seats stand."""
    wanted = await _is_wanted(tx, code)
    for place in await tx.places.queue_of(code):
        if not wanted and approvals.is_awaited(place):
            await _let_go(tx, place)
        elif wanted and approvals.is_to_be_asked(place) and (she := await tx.employees.get(place.employee_id)):
            await ask(tx, place, she)


async def line_above(tx: EnrolmentTransaction, employee: Employee) -> tuple[Superior, ...]:
    """All managers above somebody as of today, nearest first; a circle of managers ends where it begins."""
    above: list[Superior] = []
    below = {employee.id}
    manager_id = _manager_of(career.as_of(employee, tx.today))
    while manager_id and manager_id not in below:
        below.add(manager_id)
        known = await tx.employees.get(manager_id)
        manager = career.as_of(known, tx.today) if known else None
        above.append(Superior(manager_id, manager))
        manager_id = _manager_of(manager)
    return tuple(above)


def _manager_of(employee: Employee | None) -> str | None:
    return employee.record.manager_id if employee and employee.record else None


async def _ask_who_should_be(tx: EnrolmentTransaction, place: Place, why: Why | None = None) -> None:
    employee = await tx.employees.get(place.employee_id)
    if employee is None or place.approval is None:
        return
    if not await _is_wanted(tx, place.programme):
        await _let_go(tx, place)
        return
    above = await line_above(tx, employee)
    silent = tuple(one for one in place.approval.silent if one in {superior.employee_id for superior in above})
    if approvals.approver(above, silent) != place.approval.approver_id:
        await _ask(tx, place, above, silent, why)


async def _pass_on(tx: EnrolmentTransaction, place: Place, why: Why) -> None:
    asked = place.approval
    if asked and asked.approver_id:
        silent = (*asked.silent, asked.approver_id)
        await _ask_who_should_be(tx, place.having(approval=asked.model_copy(update={"silent": silent})), why)


async def _ask(
    tx: EnrolmentTransaction,
    place: Place,
    above: tuple[Superior, ...],
    silent: tuple[str, ...] = (),
    why: Why | None = None,
) -> Place:
    approver_id = approvals.approver(above, silent)
    round_ = place.approval.round + 1 if place.approval else 1
    request = Request(
        approver_id=approver_id,
        answer_by=_working_days_from_now(tx, PATIENCE_DAYS) if approver_id else None,
        url=tx.approval_url(place.id, round_) if approver_id else None,
        escalated=not above or approver_id != above[0].employee_id,
    )
    if approver_id:
        known = any(superior.employee for superior in above if superior.employee_id == approver_id)
        look_at = _working_days_from_now(tx, PATIENCE_DAYS if known else UNKNOWN_DAYS)
        tx.save(Timer.of(ESCALATION, place.id, look_at, round=round_))
    else:
        tx.cancel_timer(ESCALATION, place.id)
    return await _kept(tx, approvals.ask(place, request, tx.now, silent=silent, why=why))


async def _decide(tx: EnrolmentTransaction, place: Place, by: str, *, approved: bool, note: str) -> Place:
    tx.cancel_timer(ESCALATION, place.id)
    if not approved:
        return await _kept(tx, approvals.refused(place, by, note, tx.now))
    after = await _kept(tx, approvals.approved(place, by, note, tx.now))
    await seats.fill(tx, place.programme)
    return after


async def _let_go(tx: EnrolmentTransaction, place: Place) -> None:
    tx.cancel_timer(ESCALATION, place.id)
    await _kept(tx, approvals.not_needed(place, tx.now))
    await seats.fill(tx, place.programme)


async def _kept(tx: EnrolmentTransaction, taken: Taken | Refused) -> Place:
    if not isinstance(taken, Taken) or not await keep(tx, taken):
        raise AssertionError("an approval is decided only for somebody in the queue, who can always be withdrawn")
    return taken.place


async def _is_wanted(tx: EnrolmentTransaction, code: str) -> bool:
    programme = await tx.programmes.get(code)
    return programme is not None and programme.content.approval == "line_manager"


async def _place_before(tx: EnrolmentTransaction, place: Place) -> Place | None:
    head, _, number = place.id.rpartition(":")
    return await tx.places.get(f"{head}:{int(number) - 1}")


def _working_days_from_now(tx: EnrolmentTransaction, days: int) -> datetime:
    return tx.calendar.add_answering_days(tx.now, days, tx.zone)
