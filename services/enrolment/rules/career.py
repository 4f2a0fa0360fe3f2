"""What HR's facts mean: how a person stands on a day, and what has changed in her career since yesterday."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Final, Literal

from services.enrolment.model import CareerNote, Employee, StaffFact, Standing
from services.enrolment.rules.career_changes import (
    Change,
    Joined,
    Leaving,
    Left,
    Moved,
    NewAddress,
    NewLineManager,
    Promoted,
    Rehired,
    Renamed,
    Returned,
    StaysAfterAll,
    StaysLonger,
    SteppedDown,
    WentOnLeave,
    said,
)
from shared.events.hr import LEVELS, EmployeeChanged, EmployeeLeft

DAY = timedelta(days=1)
MOST_NOTES: Final = 200
"""How many notes of her career are kept; the oldest go first."""
MOST_LEVELS: Final = 12
"""How many facts about her level are kept, to tell since when she has it though they come in disorder."""


Told = Literal["applied", "stale", "held"]


def begins(fact: StaffFact) -> date:
    """The first day on which what HR says holds: a departure the day after the last day."""
    return fact.effective_from if isinstance(fact, EmployeeChanged) else fact.last_day + DAY


def told(known: Employee | None, fact: StaffFact, today: date) -> tuple[Employee, Told]:
    """How she stands after HR has told `fact`, and whether that holds from today, later (`held`), or never (`stale`).

    Of everything that has begun on a day, the highest version counts on that day, in whatever order it was told. What
    is stale can still tell that she has had her level for longer than was known.
    """
    before = _departing_anew(_remembering(known or Employee(id=fact.employee_id), fact, today), today)
    facts = {one.version: one for one in (fact, *_departures(before), *before.upcoming)}
    stands = tuple(one for one in facts.values() if _stands(one, before, facts.values(), today))
    after = _given(before, stands, today)
    if fact not in stands or any(one.version == fact.version for one in before.upcoming):
        return after, "stale"
    return after, "held" if begins(fact) > today else "applied"


def _stands(fact: StaffFact, employee: Employee, facts: Collection[StaffFact], today: date) -> bool:
    """Whether what HR said will hold on some day, from today on, for all that is known."""
    if fact.version <= employee.version or _is_void(fact.version, employee.levels):
        return False
    if begins(fact) > today and _is_put_off(fact, employee, facts):
        return False
    start = max(begins(fact), today)
    newer = (one for one in facts if one.version > fact.version and begins(one) <= start)
    return all(_is_void(one.version, employee.levels) for one in newer)


def _is_put_off(fact: StaffFact, employee: Employee, facts: Iterable[StaffFact]) -> bool:
    """Whether she is not here, and HR says next that this employment begins on a later day than the fact names."""
    if isinstance(fact, EmployeeLeft) or (employee.record and not employee.left):
        return False
    following = sorted((one for one in facts if one.version > fact.version), key=lambda one: one.version)
    for one in following:
        if isinstance(one, EmployeeLeft):
            return False
        if one.employed_from > begins(fact):
            return fact.employed_to is None or fact.employed_to >= one.employed_from
    return False


def _is_void(version: int, told_of: Iterable[Standing]) -> bool:
    """Whether it is a departure, and what HR said next names another last day of the same employment."""
    pair = sorted((one for one in told_of if one.version >= version), key=lambda one: one.version)[:2]
    return len(pair) == 2 and all(one.level is None for one in pair) and pair[0].version == version


def _departures(employee: Employee) -> Iterable[EmployeeLeft]:
    """All departures that are known of, also such as did not count before what lies between was known."""
    for one in employee.levels:
        if one.level is None:
            yield EmployeeLeft(employee_id=employee.id, version=one.version, last_day=one.since - DAY)


def _departing_anew(employee: Employee, today: date) -> Employee:
    """Whether she has left, if a departure was what HR told last of those that have begun.

    She is here still if what HR told next is another last day, one that lies ahead.
    """
    known = {one.version: one for one in employee.levels}
    last = known.get(employee.version)
    if last is None or last.level is not None or employee.missing_version == employee.version:
        return employee
    following = known.get(min((version for version in known if version > employee.version), default=-1))
    left = following is None or following.level is not None or following.since <= today
    return employee if left == employee.left else employee.having(left=left)


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
    since = _level_since(employee.levels, today) or employee.level_since
    stands = {"upcoming": upcoming, "left": left, "on_leave": on_leave, "level_since": since}
    if all(getattr(employee, name) == value for name, value in stands.items()):
        return employee
    return employee.having(**stands)


def _applied(employee: Employee, fact: StaffFact) -> Employee:
    if not isinstance(fact, EmployeeChanged):
        return employee.having(version=fact.version, left=True)
    return employee.having(version=fact.version, record=fact, left=False)


def _remembering(employee: Employee, fact: StaffFact, today: date) -> Employee:
    """What the fact says about her level is known from now on, even if a newer one is known already.

    Somebody whom a snapshot lacked and who comes back with another first day of employment begins anew.
    """
    record, levels = employee.record, employee.levels
    if record and not levels:
        levels = (_standing(record, employee.level_since),)
    if any(one.version == fact.version for one in levels):
        return employee
    if employee.left and employee.missing_version == employee.version and record and isinstance(fact, EmployeeChanged):
        levels = levels if fact.employed_from == record.employed_from else ()
    kept = sorted((*levels, _standing(fact)), key=lambda one: (one.since, one.version))
    if len(kept) > MOST_LEVELS:
        oldest, second, *rest = kept
        if oldest.version > second.version:
            kept = [oldest, *rest]
        else:
            since = oldest.since if oldest.level == second.level else second.since
            kept = [second.model_copy(update={"since": since}), *rest]
    seen = employee.having(levels=tuple(kept))
    return seen.having(level_since=_level_since(kept, today) or employee.level_since) if record else seen


def _standing(fact: StaffFact, since: date | None = None) -> Standing:
    if isinstance(fact, EmployeeChanged):
        first = since or fact.effective_from
        return Standing(since=first, version=fact.version, level=fact.level, until=fact.employed_to)
    return Standing(since=begins(fact), version=fact.version, level=None)


def _level_since(levels: Iterable[Standing], today: date) -> date | None:
    """Since when she has had, without a break, the level that she has `today`; nothing if she has left."""
    holding: list[Standing] = []
    for one in levels:
        if one.since <= today and (not holding or one.version > holding[-1].version):
            if holding and holding[-1].since == one.since:
                holding.pop()
            holding.append(one)
    since: date | None = None
    for one in reversed(holding):
        ended = since is not None and one.until is not None and one.until + DAY < since
        if one.level is None or one.level != holding[-1].level or ended:
            break
        since = one.since
    return since


def last_day(employee: Employee) -> date | None:
    """The last day on which she is employed, by what HR has told; nothing if that lies open, or she has left."""
    record = employee.record
    if employee.left:
        return None
    for fact in sorted(employee.upcoming, key=lambda fact: (begins(fact), fact.version)):
        if record and record.employed_to and record.employed_to + DAY < begins(fact):
            return record.employed_to
        if not isinstance(fact, EmployeeChanged):
            return fact.last_day
        record = fact
    return record.employed_to if record else None


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
        return arrival + _departure_changes(None, last_day(after)) + _leave_changes(was_away=False, after=after)
    return (
        *(() if was_here else (Rehired(),)),
        *_record_changes(old, new),
        *_departure_changes(last_day(before), last_day(after)),
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


def _departure_changes(known: date | None, now: date | None) -> tuple[Change, ...]:
    if known == now:
        return ()
    if now is None:
        return (StaysAfterAll(),)
    return (Leaving(last_day=now),) if known is None or now < known else (StaysLonger(last_day=now),)


def _leave_changes(*, was_away: bool, after: Employee) -> tuple[Change, ...]:
    if after.on_leave and not was_away:
        absent = after.record.absent if after.record else None
        return (WentOnLeave(until=absent.last_day if absent else None),)
    return (Returned(),) if was_away and not after.on_leave else ()


def noted(after: Employee, changes: Iterable[Change], now: datetime, today: date) -> Employee:
    """The employee with what has changed for her written into her career."""
    new = tuple(CareerNote(at=now, on=_holds_from(change, after, today), what=said(change)) for change in changes)
    return after.having(career=(*after.career, *new)[-MOST_NOTES:]) if new else after


def _holds_from(change: Change, after: Employee, today: date) -> date:
    record = after.record
    match change:
        case Left():
            ended = [one.since for one in after.levels if one.level is None and one.version == after.version]
            return ended[0] if ended else record.employed_to + DAY if record and record.employed_to else today
        case WentOnLeave() if record and record.absent:
            return record.absent.first_day
        case Returned() | WentOnLeave() | Leaving() | StaysLonger() | StaysAfterAll():
            return today
        case _:
            return record.effective_from if record else today
