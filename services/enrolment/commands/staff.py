"""Keeping the staff register, and acting on what a change means for programmes."""

from prometheus_client import Counter

from services.enrolment.commands import places, seats
from services.enrolment.model import Employee, StaffFact
from services.enrolment.rules import audience, career
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Outcome
from shared.model import Timer

STAFF_CHANGES = Counter(
    "ledstjarna_staff_changes_total", "What HR has told, by what it meant and what became of it.", ("kind", "result")
)
DUE = "staff_change_due"


async def told(tx: EnrolmentTransaction, fact: StaffFact) -> Outcome:
    """HR tells how somebody stands, or that she leaves: keep it, and act on it when its day has come."""
    before = await tx.employees.get(fact.employee_id)
    after, outcome = career.told(before, fact, tx.today)
    if outcome == "stale":
        STAFF_CHANGES.labels("none", "stale").inc()
        return Outcome.stale
    await stand(tx, before, after.having(told_at=tx.now))
    return Outcome(outcome)


async def day_has_come(tx: EnrolmentTransaction, employee_id: str) -> None:
    """A day has come on which somebody stands differently."""
    before = await tx.employees.get(employee_id)
    if before:
        await stand(tx, before, career.as_of(before, tx.today))


async def stand(tx: EnrolmentTransaction, before: Employee | None, after: Employee) -> None:
    """Keep how she stands now, and let it have its consequences."""
    tx.save(after)
    _look_again(tx, before, after)
    changes = career.career_change(before, after)
    for change in changes:
        STAFF_CHANGES.labels(type(change).__name__.lower(), "applied").inc()
    if after.open_places and (career.touches_places(changes) or after.on_leave):
        await places.reconsider(tx, after)
    elif after.open_places and before and before.record != after.record:
        await seats.fill_for(tx, after)
    if career.opens_doors(changes) and after.record and after.record.level != "none":
        await _queue_where_eligible(tx, after.id)


async def _queue_where_eligible(tx: EnrolmentTransaction, employee_id: str) -> None:
    for programme in await tx.programmes.all():
        employee = await tx.employees.get(employee_id)
        why = audience.reason_to_queue(employee, programme.content, tx.today) if employee else None
        if employee and why and not programme.retired:
            await places.queue(tx, employee, programme, why)


def _look_again(tx: EnrolmentTransaction, before: Employee | None, after: Employee) -> None:
    """One timer a person, on the next day that changes something for her."""
    day = career.next_day(after, tx.today)
    if day:
        tx.save(Timer.of(DUE, after.id, tx.beginning_of(day)))
    elif before and career.next_day(before, tx.today):
        tx.cancel_timer(DUE, after.id)
