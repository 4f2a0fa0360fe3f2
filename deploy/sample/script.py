"""The sample year's script: who does what on which day, from a plan to happenings on the agenda."""

import json
import random
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from deploy.ctl.calls import Calls
from deploy.sample import staff
from deploy.sample.deeds import Deeds
from deploy.sample.diary import Diary
from deploy.sample.fates import Fates
from deploy.sample.favours import Favours
from deploy.sample.hr import HrDesk
from deploy.sample.moments import Agenda, at
from deploy.sample.municipality import FIRST_DAY, Municipality
from deploy.sample.office import Office
from deploy.sample.plan import Group, Move, Nominations, Plan
from deploy.sample.registers import Registers
from deploy.sample.temperament import attends
from shared.events.base import Event
from shared.events.hr import EmployeeChanged

HR_TIME: Final = "08:15"
OFFICE_TIME: Final = "10:00"

Act = Callable[[], Awaitable[None]]


class Script:
    """Puts a plan on the agenda, and plays HR and the office when its time comes."""

    def __init__(
        self,
        plan: Plan,
        town: Municipality,
        agenda: Agenda,
        *,
        hr: HrDesk,
        office: Office,
        anybody: Calls,
        diary: Diary,
    ) -> None:
        self._plan = plan
        self._town = town
        self._agenda = agenda
        self._hr = hr
        self._office = office
        self._expected: set[str] = set()
        """Sessions whose attendance is on the agenda."""
        self._others = (
            Fates(plan, town, agenda, hr=hr, office=office, diary=diary),
            Registers(plan, town, agenda, hr=hr, office=office, diary=diary),
            Deeds(plan, town, agenda, office=office, diary=diary, see_sessions=self._see_sessions),
            Favours(plan, town, agenda, office=office, anybody=anybody, diary=diary),
        )

    def write(self) -> None:
        """Plan everything that does not follow from something else."""
        plan = self._plan
        self._on(FIRST_DAY, HR_TIME, self._publish_units)
        self._on(FIRST_DAY, "08:30", self._publish_staff)
        self._on(FIRST_DAY + timedelta(days=1), HR_TIME, self._publish_nonsense)
        self._on(plan.applied_on, "09:30", partial(self._office.set_goals, FIRST_DAY))
        for file in plan.programmes:
            self._on(plan.applied_on, OFFICE_TIME, partial(self._apply, file))
        for nominations in plan.nominations:
            self._on(nominations.on, OFFICE_TIME, partial(self._nominate, nominations))
        for move in plan.moves:
            self._on(move.on, OFFICE_TIME, partial(self._move, move))
        self._plan_groups()
        for part in self._others:
            part.write()
        self._plan_weeks()

    def _plan_groups(self) -> None:
        for group in self._plan.groups:
            self._on(group.planned_on, OFFICE_TIME, partial(self._schedule, group))
            if group.composed_on:
                self._on(group.composed_on, OFFICE_TIME, partial(self._compose, group))

    def _plan_weeks(self) -> None:
        day = FIRST_DAY + timedelta(days=7)
        while day <= self._plan.until:
            self._on(day, HR_TIME, partial(self._publish_week, day))
            if day.day <= 7:
                self._on(day, "08:30", partial(self._publish_month, day))
                next_day = day + timedelta(days=1)
                self._on(next_day, HR_TIME, partial(self._publish_out_of_order, next_day))
            day += timedelta(days=7)

    def _on(self, day: date, clock: str, act: Act) -> None:
        if day <= self._plan.until:
            self._agenda.plan(at(day, clock), act)

    def _lot(self, *about: object) -> random.Random:
        return random.Random("|".join(str(part) for part in (self._town.seed, "script", *about)))

    async def _publish_units(self) -> None:
        await self._hr.tell(self._town.units.values())

    async def _publish_staff(self) -> None:
        await self._hr.tell(list(self._town.people.values()))

    async def _publish_nonsense(self) -> None:
        """Things that no one can read, and one good record five times over."""
        record = next(iter(self._town.people.values()))
        broken_line = record.model_dump(mode="json") | {"email": "somebody@kommun.example\nBcc: all@kommun.example"}
        await self._hr.tell_nonsense(EmployeeChanged.type, b'{"employee_id": "E1", "version": ')
        await self._hr.tell_nonsense(EmployeeChanged.type, json.dumps(broken_line).encode())
        await self._hr.tell_many_times(self._change(record.employee_id, FIRST_DAY + timedelta(days=1)), 5)

    def _change(self, employee_id: str, day: date) -> EmployeeChanged:
        return self._town.change(employee_id, day, language="en")

    async def _publish_week(self, day: date) -> None:
        await self._hr.tell(staff.week(self._town, day, self._plan.turnover, self._lot("week", day)))

    async def _publish_month(self, day: date) -> None:
        """Managers who are succeeded, and new ones."""
        lot = self._lot("month", day)
        changes: list[Event] = []
        for leaving in staff.managers_leaving(self._town, day, self._plan.successions, lot):
            if leaving.employee_id not in self._town.last_days:
                changes += staff.succession(self._town, leaving, day, lot)
        for person in lot.sample(self._town.ordinary(day, "none"), self._plan.appointments):
            changes.append(staff.appoint(self._town, person, "first_line", day))
        await self._hr.tell(changes)

    async def _publish_out_of_order(self, day: date) -> None:
        """Of two changes of one person the newer comes first, and once more under another id, the older a day later."""
        person = self._lot("order", day).choice(self._town.ordinary(day, "none"))
        older = staff.move(self._town, person, day, self._lot("older", day))
        newer = self._town.rename(person.employee_id, "Lindqvist Öberg", day)
        await self._hr.tell([newer])
        self._on(day + timedelta(days=1), HR_TIME, lambda: self._hr.tell([older, newer]))

    async def _apply(self, file: str) -> None:
        await self._office.apply_programme(file)

    async def _nominate(self, nominations: Nominations) -> None:
        """Those who are at these levels already come before those who only might be."""
        lot = self._lot("nominate", nominations.programme, nominations.on)
        named = {
            place["employee_id"] for place in await self._office.places() if place["programme"] == nominations.programme
        }
        chosen: list[EmployeeChanged] = []
        for level in nominations.levels:
            free = [p for p in self._town.at_work(nominations.on, level) if p.employee_id not in named and p.manager_id]
            chosen += lot.sample(free, min(len(free), nominations.count - len(chosen)))
        for person in chosen:
            by = person.manager_id if nominations.by_manager else None
            await self._office.nominate(nominations.programme, person.employee_id, by)

    async def _schedule(self, group: Group) -> None:
        cohort = await self._office.schedule(
            group.cohort_id, group.programme, group.first_day, group.start, group.where
        )
        for session in cohort["sessions"]:
            self._plan_attendance(group.cohort_id, session)

    async def _see_sessions(self, cohort_id: str) -> None:
        """A cohort's sessions may have changed: sessions that are new get their attendance recorded, too."""
        for session in (await self._office.cohort(cohort_id))["sessions"]:
            if session["session_id"] not in self._expected and not session["cancelled"]:
                self._plan_attendance(cohort_id, session)

    def _plan_attendance(self, cohort_id: str, session: dict[str, Any]) -> None:
        self._expected.add(session["session_id"])
        ends_at = datetime.fromisoformat(session["ends_at"])
        self._agenda.plan(ends_at, lambda: self._record_attendance(cohort_id, session["session_id"], ends_at))

    async def _record_attendance(self, cohort_id: str, session_id: str, expected_end: datetime) -> None:
        """Tell who came; a session that has been moved in the meantime is waited for."""
        cohort = await self._office.cohort(cohort_id)
        session = next(one for one in cohort["sessions"] if one["session_id"] == session_id)
        if cohort["state"] == "cancelled" or session["cancelled"]:
            return
        if datetime.fromisoformat(session["ends_at"]) != expected_end:
            self._plan_attendance(cohort_id, session)
            return
        members = [one["employee_id"] for one in cohort["members"] if one["state"] == "confirmed"]
        came = [employee_id for employee_id in members if attends(self._town.seed, employee_id, session_id)]
        await self._office.record_attendance(cohort_id, session_id, sorted(came))

    async def _compose(self, group: Group) -> None:
        await self._office.compose(group.cohort_id, self._town.seed)

    async def _move(self, move: Move) -> None:
        session_id = f"{move.cohort_id}:{move.module}"
        await self._office.reschedule(move.cohort_id, session_id, at(move.to_day, move.to_time), move.where)
