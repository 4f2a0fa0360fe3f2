"""The municipality as its HR system knows it: everybody employed, their managers, and how records change.

The same seed makes the same municipality, to the letter.
"""

import random
from datetime import date, timedelta
from typing import Any, Final

from deploy.sample.names import Addresses, Name, someone
from deploy.sample.organisation import MUNICIPALITY, Organisation, Size, apportion, organise
from shared.events.hr import EmployeeChanged, EmployeeLeft, Level, UnitChanged

FIRST_DAY: Final = date(2026, 8, 17)
"""The day on which the sample's year begins."""

MANAGERS: Final = ("first_line", "middle", "senior", "executive")


class Municipality:
    """HR's own register: who works where, for whom, and which version of her record was published last."""

    def __init__(self, seed: int, size: Size) -> None:
        self.seed = seed
        self.size = size
        self.units: dict[str, UnitChanged] = {}
        self.people: dict[str, EmployeeChanged] = {}
        self.last_days: dict[str, date] = {}
        self.owners: dict[str, str] = {}
        """Who has, or ever had, a mail address."""
        self.in_the_plan: set[str] = set()
        """Those with whom the year has something in mind: nothing else befalls them."""
        self.told: dict[str, list[EmployeeChanged | EmployeeLeft]] = {}
        """All that HR has ever said about a person, by version."""
        self._addresses = Addresses()

    def enter(self, name: Name, *, level: Level, unit_id: str, manager_id: str | None, **dates: Any) -> EmployeeChanged:
        """A person's first record. `dates` are `employed_from`, `effective_from`, and `language` if not Swedish."""
        record = EmployeeChanged(
            employee_id=f"E{100_001 + len(self.people)}",
            version=1,
            given_name=name.given,
            family_name=name.family,
            email=self._addresses.address_for(name),
            unit_id=unit_id,
            manager_id=manager_id,
            level=level,
            **dates,
        )
        return self._keep(record)

    def change(self, employee_id: str, effective_from: date, **changes: Any) -> EmployeeChanged:
        """The next version of a person's record."""
        before = self.people[employee_id]
        updates = {"version": before.version + 1, "effective_from": effective_from, **changes}
        return self._keep(before.model_copy(update=updates))

    def rename(self, employee_id: str, family_name: str, day: date) -> EmployeeChanged:
        """A person's record with another family name, and the address that follows from it."""
        name = Name(self.people[employee_id].given_name, family_name)
        return self.change(employee_id, day, family_name=family_name, email=self._addresses.address_for(name))

    def leave(self, employee_id: str, last_day: date) -> EmployeeLeft:
        """A person's last day has been decided."""
        self.last_days[employee_id] = last_day
        gone = self.people[employee_id]
        self.people[employee_id] = gone.model_copy(update={"version": gone.version + 1, "employed_to": last_day})
        left = EmployeeLeft(employee_id=employee_id, version=gone.version + 1, last_day=last_day)
        self.told[employee_id].append(left)
        return left

    def rehire(self, employee_id: str, day: date) -> EmployeeChanged:
        """Somebody who has left is employed again, as she was."""
        del self.last_days[employee_id]
        return self.change(employee_id, day, employed_from=day, employed_to=None, absent=None)

    def keep(self, employee_id: str, day: date) -> EmployeeChanged:
        """Somebody's last day is taken back before it has come."""
        del self.last_days[employee_id]
        return self.change(employee_id, day, employed_to=None)

    def reorganise(self, unit_id: str, **changes: str) -> UnitChanged:
        """A unit has another name or parent, or lives on in another unit."""
        before = self.units[unit_id]
        self.units[unit_id] = before.model_copy(update={"version": before.version + 1, **changes})
        return self.units[unit_id]

    def employed(self, day: date) -> list[EmployeeChanged]:
        """Everybody who has not left by then, as HR's newest record has her."""
        return [p for who, p in self.people.items() if who not in self.last_days or self.last_days[who] >= day]

    def standing(self, employee_id: str, day: date) -> EmployeeChanged:
        """How a person stands on a day: the newest of her records that had begun by then."""
        records = [fact for fact in self.told[employee_id] if isinstance(fact, EmployeeChanged)]
        begun = [record for record in records if record.effective_from <= day]
        return begun[-1] if begun else records[0]

    def department_of(self, employee_id: str, day: date) -> str:
        """The top unit above a person's own on a day, through mergers."""
        return self.top_of(self.standing(employee_id, day).unit_id)

    def top_of(self, unit_id: str) -> str:
        """The top unit above a unit, through mergers."""
        unit = self.units[unit_id]
        while upward := unit.merged_into or unit.parent_id:
            unit = self.units[upward]
        return unit.unit_id

    def at_work(self, day: date, *levels: Level) -> list[EmployeeChanged]:
        """Those at these levels (any, if none is named) of whom nothing is about to change: neither a last day, nor an
        absence, nor a record whose day has not come."""
        people = (p for p in self.people.values() if p.effective_from <= day and p.absent is None)
        return [p for p in people if p.employee_id not in self.last_days and (not levels or p.level in levels)]

    def ordinary(self, day: date, *levels: Level) -> list[EmployeeChanged]:
        """Those at work to whom anything may happen."""
        return [p for p in self.at_work(day, *levels) if p.employee_id not in self.in_the_plan]

    def reports_of(self, manager_id: str, day: date) -> list[EmployeeChanged]:
        """Those who have this person as their manager."""
        return [p for p in self.at_work(day) if p.manager_id == manager_id]

    def _keep(self, record: EmployeeChanged) -> EmployeeChanged:
        self.people[record.employee_id] = record
        self.told.setdefault(record.employee_id, []).append(record)
        self.owners[record.email] = record.employee_id
        return record


def found(seed: int, size: Size = MUNICIPALITY) -> Municipality:
    """The municipality on the morning of `FIRST_DAY`."""
    rng = random.Random(f"{seed}|municipality")
    town = Municipality(seed, size)
    organisation = organise(size, rng)
    town.units.update({unit.unit_id: unit for unit in organisation.all_units})
    leaders = _appoint_leaders(town, organisation, rng)
    _employ_the_others(town, organisation, leaders, rng)
    return town


def _appoint_leaders(town: Municipality, organisation: Organisation, rng: random.Random) -> dict[str, str]:
    """Everybody who leads; who leads which unit."""
    tops = organisation.administrations
    chief_unit = next((top for top in tops if top.name.startswith("Kommunledning")), tops[0])
    chief = _employ(town, rng, "executive", chief_unit.unit_id, None).employee_id
    leaders: dict[str, str] = {}
    for top in tops:
        level: Level = "executive" if top.name.endswith(" AB") else "senior"
        leaders[top.unit_id] = _employ(town, rng, level, top.unit_id, chief).employee_id
    for area in organisation.areas:
        leaders[area.unit_id] = _employ(town, rng, "middle", area.unit_id, leaders[str(area.parent_id)]).employee_id
    counts = apportion(town.size.first_line, [len(organisation.below(area)) for area in organisation.areas])
    for area, count in zip(organisation.areas, counts, strict=True):
        below = organisation.below(area)
        for number in range(min(count, len(below))):
            unit = below[number]
            manager = _employ(town, rng, "first_line", unit.unit_id, leaders[area.unit_id])
            leaders |= {shared.unit_id: manager.employee_id for shared in below[number::count]}
    return leaders


def _employ_the_others(
    town: Municipality, organisation: Organisation, leaders: dict[str, str], rng: random.Random
) -> None:
    """Everybody who does not lead, where the staff of each administration is; some may become managers."""
    units = organisation.units
    weights = [rng.uniform(0.5, 1.5) for _ in units]
    others = town.size.employees - len(town.people)
    for number, unit in enumerate(rng.choices(units, weights, k=others)):
        level: Level = "potential" if number < town.size.potential else "none"
        _employ(town, rng, level, unit.unit_id, leaders[unit.unit_id])


def _employ(
    town: Municipality, rng: random.Random, level: Level, unit_id: str, manager_id: str | None
) -> EmployeeChanged:
    newly = level in MANAGERS and rng.random() < town.size.newly_appointed
    since = FIRST_DAY - timedelta(days=rng.randint(20, 440) if newly else rng.randint(600, 5_000))
    return town.enter(
        someone(rng),
        level=level,
        unit_id=unit_id,
        manager_id=manager_id,
        employed_from=since - timedelta(days=rng.choice((0, rng.randint(100, 4_000)))),
        effective_from=since,
        language="en" if rng.random() < 0.05 else "sv",
    )
