"""Who leads whom on a day, by what HR has said in whatever order."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from services.evaluation.model import NotInSnapshot, StaffMember, Standing
from shared.events.enrolment import Missing
from shared.events.hr import EmployeeChanged, EmployeeLeft


def standing(event: EmployeeChanged | EmployeeLeft) -> Standing:
    """What HR says, as far as it is about whom she has as manager; a departure holds from the day after the last."""
    if isinstance(event, EmployeeLeft):
        return Standing(version=event.version, begins=event.last_day + timedelta(days=1), employed=False)
    return Standing(
        version=event.version, begins=event.effective_from, manager_id=event.manager_id, last_day=event.employed_to
    )


def told(known: StaffMember | None, event: EmployeeChanged | EmployeeLeft, today: date) -> StaffMember | None:
    """How she stands after HR's word about her; nothing if that word will never count.

    Of everything that has begun on a day, the highest version counts on that day.
    """
    before, said = known or StaffMember(id=event.employee_id), standing(event)
    if any(other.version == said.version or _outdoes(other, said, today) for other in before.said):
        return None
    kept = tuple(other for other in before.said if not _outdoes(said, other, today))
    return before.having(said=(*kept, said))


def reconciled(
    known: StaffMember | None, event: EmployeeChanged, taken_at: datetime, today: date
) -> StaffMember | None:
    """How she stands after her record in a snapshot; nothing if that says nothing new.

    It is HR's word like any other. Only somebody who was missing from an older snapshot is there again with the version
    that is known.
    """
    before = known or StaffMember(id=event.employee_id)
    if before.seen_at is not None and before.seen_at >= taken_at:
        return told(known, event, today)
    is_back = before.missing is not None and before.missing.taken_at < taken_at
    others = tuple(one for one in before.said if one.version != event.version)
    seen = before.having(seen_at=taken_at, missing=None if is_back else before.missing, said=others)
    return told(seen, event, today) or seen.having(said=before.said)


def missing(known: StaffMember | None, gone: Missing, taken_at: datetime) -> StaffMember | None:
    """How she stands when a snapshot lacks her; nothing if a newer one does not, or has said the same."""
    before = known or StaffMember(id=gone.employee_id)
    judged = [moment for moment in (before.seen_at, before.missing and before.missing.taken_at) if moment]
    if any(moment >= taken_at for moment in judged):
        return None
    lacks = NotInSnapshot(version=gone.version, last_day=gone.last_day, taken_at=taken_at)
    return before.having(missing=lacks)


def manager_on(member: StaffMember, day: date) -> str | None:
    """Whom she has as manager on a day; nobody if she is not employed then, or has none."""
    begun = [said for said in member.said if said.begins <= day]
    now = max(begun, key=lambda said: said.version, default=None)
    if now is None or not now.employed or (now.last_day is not None and day > now.last_day):
        return None
    gone = member.missing
    if gone is not None and gone.version >= now.version and day > gone.last_day:
        return None
    return now.manager_id if now.manager_id != member.id else None


def reports(staff: Iterable[StaffMember], managers: Iterable[str], day: date) -> Mapping[str, str]:
    """The employees whom these lead on a day, each with her manager."""
    wanted = set(managers)
    found = ((member.id, manager_on(member, day)) for member in staff)
    return {employee: manager for employee, manager in found if manager in wanted and manager is not None}


def _outdoes(one: Standing, other: Standing, today: date) -> bool:
    """Whether `one` leaves no day, from today on, on which `other` counts."""
    return one.version > other.version and one.begins <= max(other.begins, today)
