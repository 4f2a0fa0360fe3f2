"""What HR's facts mean: how a person stands on a day, and what has changed in her career since yesterday."""

from datetime import date, timedelta
from typing import Literal

from services.enrolment.model import Employee, StaffFact
from shared.events.base import Fact
from shared.events.hr import LEVELS, EmployeeChanged, Level

DAY = timedelta(days=1)


class Joined(Fact):
    """She is employed here for the first time."""


class Rehired(Fact):
    """She had left and is employed again."""


class Left(Fact):
    """Her employment has ended."""


class Promoted(Fact):
    """She leads at a higher level than before."""

    before: Level
    level: Level


class SteppedDown(Fact):
    """She leads at a lower level than before."""

    before: Level
    level: Level


class Moved(Fact):
    """She works in another unit."""

    unit_id: str


class NewLineManager(Fact):
    """Somebody else is her manager."""

    manager_id: str | None


class WentOnLeave(Fact):
    """She is away from today."""

    until: date | None


class Returned(Fact):
    """She is back from leave."""


class Renamed(Fact):
    """She has another name."""


class NewAddress(Fact):
    """She has another mail address."""


Change = (
    Joined
    | Rehired
    | Left
    | Promoted
    | SteppedDown
    | Moved
    | NewLineManager
    | WentOnLeave
    | Returned
    | Renamed
    | NewAddress
)

Told = Literal["applied", "stale", "held"]


def begins(fact: StaffFact) -> date:
    """The first day on which what HR says holds: a departure the day after the last day."""
    return fact.effective_from if isinstance(fact, EmployeeChanged) else fact.last_day + DAY


def told(known: Employee | None, fact: StaffFact, today: date) -> tuple[Employee, Told]:
    """How she stands after HR has told `fact`, and whether that holds from today, later (`held`), or never (`stale`).

    Of everything that has begun on a day, the highest version counts on that day, in whatever order it was told.
    """
    before = known or Employee(id=fact.employee_id)
    start = max(begins(fact), today)
    if fact.version <= before.version or any(u.version >= fact.version and begins(u) <= start for u in before.upcoming):
        return before, "stale"
    still_ahead = [u for u in before.upcoming if u.version > fact.version or begins(u) < start]
    return _given(before, (*still_ahead, fact), today), "held" if start > today else "applied"


def as_of(employee: Employee, today: date) -> Employee:
    """How she stands on `today`: facts whose day has come are applied, leave and last day are looked at anew."""
    return _given(employee, employee.upcoming, today)


def _given(employee: Employee, facts: tuple[StaffFact, ...], today: date) -> Employee:
    begun = [fact for fact in facts if begins(fact) <= today]
    for fact in sorted(begun, key=lambda fact: (begins(fact), fact.version)):
        if fact.version > employee.version:
            employee = _applied(employee, fact)
    record = employee.record
    upcoming = tuple(sorted((fact for fact in facts if fact not in begun), key=begins))
    left = employee.left or bool(record and record.employed_to and record.employed_to < today)
    on_leave = bool(record and not left and record.absent and record.absent.covers(today))
    if (upcoming, left, on_leave) == (employee.upcoming, employee.left, employee.on_leave):
        return employee
    return employee.having(upcoming=upcoming, left=left, on_leave=on_leave)


def _applied(employee: Employee, fact: StaffFact) -> Employee:
    if not isinstance(fact, EmployeeChanged):
        return employee.having(version=fact.version, left=True)
    same_level = employee.record is not None and not employee.left and employee.record.level == fact.level
    since = employee.level_since if same_level else fact.effective_from
    return employee.having(version=fact.version, record=fact, left=False, level_since=since)


def next_day(employee: Employee, today: date) -> date | None:
    """The first day after `today` on which she will stand differently, by what is known now."""
    days = [begins(fact) for fact in employee.upcoming]
    record = employee.record
    if record and not employee.left:
        days += [record.employed_to + DAY] if record.employed_to else []
        if record.absent:
            days += [record.absent.first_day]
            days += [record.absent.last_day + DAY] if record.absent.last_day else []
    return min((day for day in days if day > today), default=None)


def career_change(before: Employee | None, after: Employee) -> tuple[Change, ...]:
    """Everything that has changed for her, told apart; nothing if she stands as before."""
    old = before.record if before else None
    new = after.record
    was_here = bool(before and old and not before.left)
    if new is None or after.left:
        return (Left(),) if was_here else ()
    if old is None or before is None:
        arrival: tuple[Change, ...] = (Joined(),)
        return arrival + _leave_changes(was_away=False, after=after)
    return (
        *(() if was_here else (Rehired(),)),
        *_record_changes(old, new),
        *_leave_changes(was_away=before.on_leave, after=after),
    )


def _record_changes(old: EmployeeChanged, new: EmployeeChanged) -> tuple[Change, ...]:
    if old is new:
        return ()
    changes: list[Change] = []
    if LEVELS.index(new.level) > LEVELS.index(old.level):
        changes.append(Promoted(before=old.level, level=new.level))
    if LEVELS.index(new.level) < LEVELS.index(old.level):
        changes.append(SteppedDown(before=old.level, level=new.level))
    if new.unit_id != old.unit_id:
        changes.append(Moved(unit_id=new.unit_id))
    if new.manager_id != old.manager_id:
        changes.append(NewLineManager(manager_id=new.manager_id))
    if (new.given_name, new.family_name) != (old.given_name, old.family_name):
        changes.append(Renamed())
    if new.email != old.email:
        changes.append(NewAddress())
    return tuple(changes)


def _leave_changes(*, was_away: bool, after: Employee) -> tuple[Change, ...]:
    if after.on_leave and not was_away:
        absent = after.record.absent if after.record else None
        return (WentOnLeave(until=absent.last_day if absent else None),)
    return (Returned(),) if was_away and not after.on_leave else ()


def opens_doors(changes: tuple[Change, ...]) -> bool:
    """Whether changes of these kinds can make somebody eligible for a programme."""
    return any(isinstance(change, Joined | Rehired | Promoted | SteppedDown | Returned) for change in changes)


def touches_places(changes: tuple[Change, ...]) -> bool:
    """Whether changes of these kinds can end or pause a place."""
    return any(isinstance(change, Left | Promoted | SteppedDown | WentOnLeave) for change in changes)


def department(unit_id: str, units: dict[str, tuple[str | None, str | None]]) -> str:
    """The top unit above `unit_id`, as the organisation is now.

    `units` has (parent, merged into) by unit id. A unit that HR has not told about stands for itself.
    """
    seen: set[str] = set()
    while unit_id in units and unit_id not in seen:
        seen.add(unit_id)
        parent, merged_into = units[unit_id]
        above = merged_into or parent
        if above is None:
            break
        unit_id = above
    return unit_id
