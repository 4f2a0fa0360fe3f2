"""What a full snapshot of the staff means: who stands differently, who is missing, and when it is too much at once."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from services.enrolment.model import Employee, StaffFact, StaffImport
from services.enrolment.rules import career
from shared.events.base import Fact
from shared.events.enrolment import Missing
from shared.events.hr import LEVELS, EmployeeChanged, SnapshotPage

MOST_OF_THE_STAFF, MOST_OF_THE_MANAGERS = 0.10, 0.05
"""Shares of those employed, and of the managers, above which an operator has to look before anything changes."""

MANAGERS = frozenset(LEVELS[LEVELS.index("first_line") :])
"""Levels of those who lead. Somebody who may become a manager is none."""

AHEAD = timedelta(days=1)
"""How far the clock of the HR system may be ahead of ours."""


class Counts(Fact):
    """How many people there are and how many stand differently, of all and of the managers."""

    staff: int = 0
    staff_changed: int = 0
    managers: int = 0
    managers_changed: int = 0

    @property
    def too_many(self) -> bool:
        """Whether an operator has to look first. A register in which nobody is employed is being filled."""
        return self.staff > 0 and (
            self.staff_changed > MOST_OF_THE_STAFF * self.staff
            or self.managers_changed > MOST_OF_THE_MANAGERS * self.managers
        )


def moment(of: datetime) -> datetime:
    """A moment as the database keeps it, to the millisecond."""
    return of.replace(microsecond=of.microsecond // 1000 * 1000)


def fault(known: StaffImport | None, page: SnapshotPage, now: datetime) -> str | None:
    """Why a page cannot belong to its snapshot, in words for whoever sends it; nothing if it can."""
    if page.page > page.pages:
        return f"page {page.page} of {page.pages} does not exist: number the pages from 1 to the last"
    if page.taken_at > now + AHEAD:
        return "taken_at lies ahead: say when the snapshot was taken, with the offset from UTC"
    names = [employee.employee_id for employee in page.employees]
    if len(set(names)) < len(names):
        return "an employee is on it twice: say how each stands in one record"
    if known and (known.pages, known.taken_at) != (page.pages, moment(page.taken_at)):
        return (
            f"an earlier page of {known.id} says {known.pages} pages and taken_at {known.taken_at.isoformat()}:"
            " send the snapshot again under another id"
        )
    return None


def told(known: Employee | None, fact: EmployeeChanged, today: date) -> Employee | None:
    """How she stands by her record in a snapshot; nothing if it says what is known, or less.

    The rule is that of every word of HR: the version decides. Only somebody who was missing from an older snapshot is
    there again with the version that she had. A snapshot says nothing about somebody who has been erased.
    """
    if known and known.erased:
        return None
    if known and fact.version == known.version == known.missing_version and known.left:
        return career.as_of(known.having(left=False, missing_version=None), today)
    after, outcome = career.told(known, fact, today)
    return None if outcome == "stale" else after


def missing(known: Employee, taken_at: datetime, today: date) -> Employee | None:
    """How she stands if a snapshot of `taken_at` lacks her: she has left, and what lies ahead for her is kept.

    Nothing is changed for somebody who is not employed yet or any more, or about whom HR has told something since.
    It uses up no version: HR's next word about her counts.
    """
    told_since = known.told_at is not None and known.told_at > taken_at
    to_come = known.record is not None and known.record.employed_from > today
    if not employed(known) or told_since or to_come:
        return None
    return known.having(left=True, on_leave=False, missing_version=known.version)


def fact_of(known: Employee, taken_at: date) -> Missing:
    """That she was missing, for others: her last day was the one before."""
    return Missing(employee_id=known.id, version=known.version, last_day=taken_at - career.DAY)


def employed(employee: Employee | None) -> bool:
    """Whether she works here today."""
    return employee is not None and employee.record is not None and not employee.left


def leads(employee: Employee | None) -> bool:
    """Whether she is a manager here today."""
    return employed(employee) and bool(employee and employee.record and employee.record.level in MANAGERS)


def differs(before: Employee | None, after: Employee | None) -> bool:
    """Whether somebody really stands differently, today or on a coming day: a new version alone is no change."""
    return _standing(before) != _standing(after)


def counted(pairs: Iterable[tuple[Employee | None, Employee | None]]) -> Counts:
    """The people as they stand before and after."""
    staff = staff_changed = managers = managers_changed = 0
    for before, after in pairs:
        changed = differs(before, after)
        staff += employed(before)
        staff_changed += changed
        managers += leads(before)
        managers_changed += changed and (leads(before) or leads(after))
    return Counts(staff=staff, staff_changed=staff_changed, managers=managers, managers_changed=managers_changed)


def _standing(employee: Employee | None) -> tuple[Any, ...]:
    if employee is None:
        return (None, False, ())
    return (_said(employee.record), employee.left, _ahead(employee.record, employee.upcoming))


def _ahead(record: EmployeeChanged | None, upcoming: Sequence[StaffFact]) -> tuple[Any, ...]:
    """What lies ahead, each with its day, without what says only how she stands before."""
    steps, last = [], _said(record)
    for fact in upcoming:
        said = _said(fact)
        if said != last:
            steps.append((career.begins(fact), said))
        last = said
    return tuple(steps)


def _said(fact: StaffFact | None) -> dict[str, Any] | None:
    return fact.model_dump(exclude={"version", "effective_from"}) if fact else None
