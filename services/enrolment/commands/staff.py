"""Keeping the staff register, and acting on what a change means for programmes."""

from datetime import datetime

from services.enrolment.commands import approvals, audience, networks, places, posts, seats
from services.enrolment.metrics import STAFF_CHANGES
from services.enrolment.model import Employee, StaffFact
from services.enrolment.rules import career
from services.enrolment.rules.career_changes import Change, Joined, Promoted, Rehired, SteppedDown, follows, kinds_of
from services.enrolment.store import EnrolmentTransaction
from shared.cloudevents import Reject, StaffChange
from shared.delivery import Outcome
from shared.events.hr import EmployeeChanged, EmployeeLeft
from shared.model import Timer

DUE = "staff_change_due"


async def told(tx: EnrolmentTransaction, fact: StaffFact) -> Outcome:
    """HR tells how somebody stands, or that she leaves: keep it, and act on it when its day has come.

    Raises:
        Reject: she has been erased.
    """
    before = await tx.employees.get(fact.employee_id)
    if before and before.erased:
        raise Reject(f"{fact.employee_id} has been erased: if she is employed again, give her another id")
    after, outcome = career.told(before, fact, tx.today)
    if outcome == "stale":
        tx.count(STAFF_CHANGES.labels("none", "ignored"))
        if before and after != before:  # it came late, and tells something about what came before it
            await stand(tx, before, after)
        return Outcome.stale
    changes = await stand(tx, before, after.having(told_at=tx.now), told_at=tx.cause.at if tx.cause else None)
    if not changes:
        tx.count(STAFF_CHANGES.labels(*(("later", "accepted") if outcome == "held" else ("none", "ignored"))))
    return Outcome(outcome)


def refused(event_type: str) -> None:
    """HR has told something about somebody that nobody can act on."""
    if event_type in {EmployeeChanged.type, EmployeeLeft.type}:
        STAFF_CHANGES.labels("none", "invalid").inc()


async def day_has_come(tx: EnrolmentTransaction, employee_id: str) -> None:
    """A day has come on which somebody stands differently."""
    before = await tx.employees.get(employee_id)
    if before:
        await stand(tx, before, career.as_of(before, tx.today))


async def stand(
    tx: EnrolmentTransaction, before: Employee | None, after: Employee, told_at: datetime | None = None
) -> tuple[Change, ...]:
    """Keep how she stands now, and let each change have its consequences; which changes those are.

    `told_at` is when HR told it, if that is why she stands otherwise: all that follows carries it.
    """
    changes = career.career_change(before, after)
    tx.save(career.noted(after, changes, tx.now, tx.today))
    _look_again(tx, before, after)
    kinds = kinds_of(changes)
    for kind in kinds:
        tx.count(STAFF_CHANGES.labels(kind, "accepted"))
    if changes or after.on_leave:
        began = StaffChange(kinds[0], min(told_at or tx.now, tx.now)) if kinds else None
        with tx.because_of(began):
            await _let_follow(tx, before, after.id, changes)
    elif before and after.open_places and before.record != after.record:
        await seats.fill_for(tx, after)  # as when a leave that lies ahead is shortened
    return changes


async def _let_follow(
    tx: EnrolmentTransaction, before: Employee | None, employee_id: str, changes: tuple[Change, ...]
) -> None:
    """What `career_changes` says, in its order; each step sees what the one before has done."""
    consequences = follows(changes)
    if "post" in consequences:
        await posts.follow(tx, before, employee_id)
    she = await tx.employees.get(employee_id)
    if she and she.open_places and ("places" in consequences or she.on_leave):
        await places.reconsider(tx, she)
    elif she:
        await seats.fill_for(tx, she)
    if "restore" in consequences:
        await audience.restore(tx, employee_id, staying=True)
    if "queue" in consequences:
        anew = any(isinstance(change, Joined | Rehired | Promoted | SteppedDown) for change in changes)
        await audience.queue_where_it_is_for_her(tx, employee_id, anew=anew)
    if "approvals" in consequences and await _approvals_are_asked_for(tx):
        await approvals.approver_changed(tx, employee_id)
    if "networks" in consequences and she and (she.completed or she.alumni_since):
        await networks.person_left(tx, employee_id)


async def _approvals_are_asked_for(tx: EnrolmentTransaction) -> bool:
    return any(programme.content.approval == "line_manager" for programme in await tx.programmes.all())


def _look_again(tx: EnrolmentTransaction, before: Employee | None, after: Employee) -> None:
    """One timer a person, on the next day that changes something for her."""
    day = career.next_day(after, tx.today)
    if day:
        tx.save(Timer.of(DUE, after.id, tx.beginning_of(day)))
    elif before and career.next_day(before, tx.today):
        tx.cancel_timer(DUE, after.id)
