"""What happens to the staff of a municipality in the course of a year, as HR publishes it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from deploy.sample.municipality import Municipality
from deploy.sample.names import Name, someone, words
from shared.events.base import Event
from shared.events.hr import Absence, EmployeeChanged, Level


@dataclass(frozen=True)
class Turnover:
    """How many of a thousand employees are hired, leave, change unit and change name in a week."""

    hired: float = 2.6
    leaving: float = 2.1
    moving: float = 1.2
    renamed: float = 0.3


def week(town: Municipality, day: date, turnover: Turnover, rng: random.Random) -> list[Event]:
    """The ordinary changes of one week, each person at most once."""
    colleagues = town.ordinary(day, "none")
    thousands = len(colleagues) / 1000
    leaving, moving, renamed = (
        round(thousands * rate) for rate in (turnover.leaving, turnover.moving, turnover.renamed)
    )
    chosen = iter(rng.sample(colleagues, leaving + moving + renamed))
    last_day = _last_of_next_month(day)
    changes: list[Event] = [town.leave(person.employee_id, last_day) for person in islice(chosen, leaving)]
    changes += [move(town, person, day, rng) for person in islice(chosen, moving)]
    changes += [town.rename(person.employee_id, rng.choice(words("family_names")), day) for person in chosen]
    changes += [hire(town, day, rng) for _ in range(round(thousands * turnover.hired))]
    return changes


def hire(town: Municipality, day: date, rng: random.Random, name: Name | None = None) -> EmployeeChanged:
    """Somebody new, in a unit where somebody works already, employed from today or from the first of next month."""
    colleague = rng.choice(town.at_work(day, "none"))
    begins = rng.choice((day, _first_of_next_month(day)))
    return town.enter(
        name or someone(rng),
        level="none",
        unit_id=colleague.unit_id,
        manager_id=colleague.manager_id,
        employed_from=begins,
        effective_from=begins,
    )


def move(
    town: Municipality, person: EmployeeChanged, day: date, rng: random.Random, *, elsewhere: bool = False
) -> EmployeeChanged:
    """A person goes to another unit, and so to that unit's manager; `elsewhere`: surely to another one."""
    colleagues = town.at_work(day, "none")
    if elsewhere:
        colleagues = [one for one in colleagues if one.unit_id != person.unit_id]
    colleague = rng.choice(colleagues)
    return town.change(person.employee_id, day, unit_id=colleague.unit_id, manager_id=colleague.manager_id)


def succession(town: Municipality, leaving: EmployeeChanged, day: date, rng: random.Random) -> list[Event]:
    """A manager's last day is decided, and one of her own people follows her; the others get the new manager then."""
    reports = town.reports_of(leaving.employee_id, day)
    below = _level_below(leaving.level)
    free = [person for person in reports if person.employee_id not in town.in_the_plan]
    candidates = [person for person in free if person.level == below] or free
    if not candidates:
        return []
    begins = _first_of_next_month(day)
    changes: list[Event] = [town.leave(leaving.employee_id, begins - timedelta(days=1))]
    successor = rng.choice(candidates)
    changes.append(promote(town, successor, leaving, begins))
    others = [person for person in reports if person.employee_id != successor.employee_id]
    changes += [town.change(p.employee_id, begins, manager_id=successor.employee_id) for p in others]
    return changes


def promote(town: Municipality, person: EmployeeChanged, predecessor: EmployeeChanged, begins: date) -> EmployeeChanged:
    """A person takes over another's mission: her level, unit and manager."""
    return town.change(
        person.employee_id,
        begins,
        level=predecessor.level,
        unit_id=predecessor.unit_id,
        manager_id=predecessor.manager_id,
    )


def appoint(town: Municipality, person: EmployeeChanged, level: Level, day: date) -> EmployeeChanged:
    """A person gets another mission where she is, from today."""
    return town.change(person.employee_id, day, level=level)


def go_on_leave(town: Municipality, employee_id: str, day: date) -> EmployeeChanged:
    """A person is away from a day on, nobody knows for how long: parental leave."""
    return town.change(employee_id, day, absent=Absence(first_day=day))


def come_back(town: Municipality, employee_id: str, day: date) -> EmployeeChanged:
    """A person is back from her leave."""
    return town.change(employee_id, day, absent=None)


def managers_leaving(town: Municipality, day: date, count: int, rng: random.Random) -> Sequence[EmployeeChanged]:
    """Which first-line or middle managers go next."""
    managers = town.ordinary(day, "first_line", "middle")
    return rng.sample(managers, min(count, len(managers)))


def _level_below(level: Level) -> Level:
    below: dict[Level, Level] = {"middle": "first_line", "senior": "middle"}
    return below.get(level, "none")


def _first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _last_of_next_month(day: date) -> date:
    return _first_of_next_month(_first_of_next_month(day)) - timedelta(days=1)
