"""What the office, HR and participants do, in words."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, TypeVar

from services.enrolment.commands import cohorts, places, programmes, seats
from services.enrolment.commands.programmes import Applied
from services.enrolment.commands.taken import keep
from services.enrolment.model import Cohort, Employee, Place
from services.enrolment.rules import places as place_rules
from services.enrolment.rules.attendance import Said
from services.enrolment.rules.composition import Composition
from services.enrolment.rules.offers import Standing
from services.enrolment.rules.places import Taken
from services.enrolment.rules.refusal import Refusal
from services.enrolment.store import EnrolmentTransaction
from shared.events.hr import UnitChanged
from tests.harness import Harness
from tests.unit.enrolment.arrange import hr_says, the_file

R = TypeVar("R")


@dataclass
class Office:
    """One enrolment service and the people around it."""

    service: Harness[EnrolmentTransaction]

    async def staff(self, count: int, **changes: Any) -> list[str]:
        """HR tells about `count` first-line managers, E0 …, in as many departments, D0 …"""
        ids = [f"E{number}" for number in range(count)]
        units = [UnitChanged(unit_id=f"D{number}", version=1, name=f"Department {number}") for number in range(count)]
        people = [hr_says(name, unit_id=f"D{number}", **changes) for number, name in enumerate(ids)]
        await self.service.receives(*units, *people)
        return ids

    async def publishes(self, **changes: Any) -> Applied:
        """The office applies the programme file."""
        return await self._do(lambda tx: programmes.apply(tx, the_file(**changes)))

    async def schedules(self, first_day: date = date(2026, 10, 20), cohort_id: str = "FLC-1") -> Cohort:
        """The office schedules a cohort."""
        cohort = await self._do(
            lambda tx: cohorts.schedule(
                tx, cohort_id, "FLC", first_day=first_day, start=time(9), location="Stadshuset, sal A"
            )
        )
        assert isinstance(cohort, Cohort)
        return cohort

    async def composes(self, cohort_id: str = "FLC-1", seed: int = 1) -> Composition | Refusal:
        """The office lets the group be chosen."""
        result = await self._do(lambda tx: seats.compose(tx, cohort_id, seed))
        return result if isinstance(result, Refusal) else result[1]

    async def group(self, waiting: int, **group: Any) -> list[str]:
        """The usual beginning: staff, programme, cohort, composed; the ids of those offered a seat."""
        await self.staff(waiting)
        await self.publishes(group=group)
        await self.schedules()
        composition = await self.composes()
        assert isinstance(composition, Composition)
        return [person.employee_id for person in composition.chosen]

    async def answers(self, employee_id: str, said: places.Answer) -> Standing:
        """She answers the offer of her first place."""
        return await self._do(lambda tx: places.answer(tx, f"FLC:{employee_id}:1", 1, said))

    async def everybody_accepts(self, waiting: int, **group: Any) -> list[str]:
        """A composed group in which everybody has said yes."""
        members = await self.group(waiting, **group)
        for member in members:
            await self.answers(member, "accept")
        return members

    async def records(self, module: str, *attended: str) -> Cohort | Refusal:
        """A day after the session, attendance is recorded."""
        cohort = await self.cohort()
        session = cohort.session(f"FLC-1:{module}")
        assert session
        await self.service.advance_to(max(self.service.clock.now(), session.ends_at + timedelta(days=1)))
        said = dict.fromkeys(attended, Said())
        return await self._do(lambda tx: cohorts.record_attendance(tx, "FLC-1", session.session_id, said))

    async def has_completed(self, employee_id: str) -> None:
        """She has completed the programme, long ago."""

        async def work(tx: EnrolmentTransaction) -> None:
            she = await tx.employees.get(employee_id)
            assert she
            tx.save(she.having(completed=("FLC",)))

        await self._do(work)

    async def said_no(self, employee_id: str) -> None:
        """She was offered a seat once, and declined."""

        async def work(tx: EnrolmentTransaction) -> None:
            place = await tx.places.get(f"FLC:{employee_id}:1")
            cohort = await tx.cohorts.get("FLC-1")
            assert place
            assert cohort
            offered = place_rules.offer(place, cohort, "https://ledarskap.example/o/1", tx.now, tx.now)
            assert isinstance(offered, Taken)
            await keep(tx, place_rules.decline(offered.place, cohort, tx.now))

        await self._do(work)

    async def place(self, employee_id: str, number: int = 1) -> Place:
        """Her place, as it is now."""
        place = await self._do(lambda tx: tx.places.get(f"FLC:{employee_id}:{number}"))
        assert place
        return place

    async def cohort(self) -> Cohort:
        """The cohort, as it is now."""
        cohort = await self._do(lambda tx: tx.cohorts.get("FLC-1"))
        assert cohort
        return cohort

    async def employee(self, employee_id: str) -> Employee:
        """She, as the register has her."""
        employee = await self._do(lambda tx: tx.employees.get(employee_id))
        assert employee
        return employee

    async def states(self) -> dict[str, str]:
        """Every place's state, by its id."""
        found = await self._do(lambda tx: tx.places.find({}))
        return {place.id: place.state for place in found}

    async def _do(self, work: Callable[[EnrolmentTransaction], Awaitable[R]]) -> R:
        result = await self.service.delivery.run(work)
        await self.service.published()
        return result
