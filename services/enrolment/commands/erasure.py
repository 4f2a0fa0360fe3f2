"""Erasing somebody when the archive rule for her records has run out, or she has the right to it."""

from services.enrolment.model import OPEN, Employee, Place
from services.enrolment.rules import erasure
from services.enrolment.store import EnrolmentTransaction
from shared.cloudevents import Reject
from shared.dead_letters.erasing import forget_letters
from shared.delivery import Outcome
from shared.events.enrolment import ErasureCompleted
from shared.events.hr import EmployeeErased


async def erase(tx: EnrolmentTransaction, fact: EmployeeErased) -> Outcome:
    """Let nothing be left that names her, and tell what was erased, what is kept and why.

    Raises:
        Reject: she is employed, or has a place that is still open.
    """
    known = await tx.employees.get(fact.employee_id)
    if known and known.erased:
        return Outcome.stale
    hers = await tx.places.of_person(fact.employee_id)
    if known and known.record and not known.left:
        raise Reject(f"{fact.employee_id} is employed: let HR tell her last day first, and erase her after it")
    if any(place.state in OPEN for place in hers):
        raise Reject(f"{fact.employee_id} has a place that is still open: end it first, and erase her then")
    version = max(fact.version, known.version if known else 0)
    tx.save(Employee(id=fact.employee_id, version=version, left=True, erased=True))
    tx.save(*(erasure.bare(place) for place in hers))
    for kind in ("staff_change_due", "audience_settled"):
        tx.cancel_timer(kind, fact.employee_id)
    await _forget_decisions(tx, fact.employee_id, hers)
    await tx.forget(fact.employee_id)
    await forget_letters(tx, fact.employee_id)
    tx.save(
        ErasureCompleted(
            version=version, employee_id=fact.employee_id, erased=erasure.ERASED, kept=erasure.kept(len(hers))
        )
    )
    return Outcome.applied


async def _forget_decisions(tx: EnrolmentTransaction, employee_id: str, hers: list[Place]) -> None:
    """The audit log holds whole documents, before and after."""
    await tx.forget_audit([employee_id, *(place.id for place in hers)])
