"""Keeping the staff register, and acting on what a change means for programmes."""

from prometheus_client import Counter

from services.enrolment.commands import approvals, audience, networks, places, posts, seats
from services.enrolment.model import Employee, StaffFact
from services.enrolment.rules import career
from services.enrolment.rules.career_changes import Change, Joined, Promoted, Rehired, SteppedDown, follows
from services.enrolment.store import EnrolmentTransaction
from shared.cloudevents import Reject
from shared.delivery import Outcome
from shared.model import Timer

STAFF_CHANGES = Counter(
    "ledstjarna_staff_changes_total", "What HR has told, by what it meant and what became of it.", ("kind", "result")
)
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
        STAFF_CHANGES.labels("none", "stale").inc()
        if before and after != before:  # it came late, and tells something about what came before it
            await stand(tx, before, after)
        return Outcome.stale
    await stand(tx, before, after.having(told_at=tx.now))
    return Outcome(outcome)


async def day_has_come(tx: EnrolmentTransaction, employee_id: str) -> None:
    """A day has come on which somebody stands differently."""
    before = await tx.employees.get(employee_id)
    if before:
        await stand(tx, before, career.as_of(before, tx.today))


async def stand(tx: EnrolmentTransaction, before: Employee | None, after: Employee) -> None:
    """Keep how she stands now, and let each change have its consequences."""
    changes = career.career_change(before, after)
    tx.save(career.noted(after, changes, tx.now, tx.today))
    _look_again(tx, before, after)
    for change in changes:
        STAFF_CHANGES.labels(type(change).__name__.lower(), "applied").inc()
    if changes or after.on_leave:
        await _let_follow(tx, before, after.id, changes)
    elif before and after.open_places and before.record != after.record:
        await seats.fill_for(tx, after)  # as when a leave that lies ahead is shortened


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
