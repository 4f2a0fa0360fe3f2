"""Naming somebody for a programme: the office may, and her line manager, where the programme lets them."""

from services.enrolment.commands import approvals, places
from services.enrolment.model import Employee, Place, Programme
from services.enrolment.rules import audience
from services.enrolment.rules.reasons import Nominated, NominatedByManager
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.store import EnrolmentTransaction


async def nominate(tx: EnrolmentTransaction, code: str, employee_id: str, by: str | None = None) -> Place | Refusal:
    """The office names her, or `by`, who must be her line manager or above; a manager who names her approves of it."""
    programme, employee = await tx.programmes.get(code), await tx.employees.get(employee_id)
    if programme is None:
        return unknown("programme", code)
    if employee is None:
        return unknown("employee", employee_id)
    refusal = await _may_name(tx, programme, employee, by)
    if refusal:
        return refusal
    place = await places.queue(tx, employee, programme, NominatedByManager() if by else Nominated())
    if by is None:
        return place
    named = place.having(
        nominated_by=by,
        approval=place.approval.model_copy(update={"decided_by": by}) if place.approval else None,
    )
    tx.save(named)
    return named


async def _may_name(
    tx: EnrolmentTransaction, programme: Programme, employee: Employee, by: str | None
) -> Refusal | None:
    who: audience.By = "line_manager" if by else "office"
    allowed = programme.content.audience.nominated_by
    if who not in allowed:
        other = "the office" if by else "her line manager"
        return conflict("not-theirs-to-name", f"for {programme.id} only {other} can nominate: let {other} do it")
    if by and by not in {superior.employee_id for superior in await approvals.line_above(tx, employee)}:
        return conflict(
            "not-her-manager", f"{by} is neither {employee.id}'s line manager nor above: look up her manager first"
        )
    if programme.retired:
        return conflict("retired", f"{programme.id} has been brought to an end: choose another programme")
    reason = audience.reason_to_nominate(employee, programme.content, await tx.units.tree(), by=who)
    if isinstance(reason, str):
        return conflict("cannot-be-nominated", f"{employee.id} cannot be nominated: {reason}")
    return None
