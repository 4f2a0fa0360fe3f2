"""What befalls those whom a plan picks: HR says it, and the diary keeps to whom it happened."""

import random
from collections.abc import Callable, Coroutine, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from deploy.sample import staff
from deploy.sample.diary import Diary
from deploy.sample.facts import TOGETHER
from deploy.sample.hr import HrDesk
from deploy.sample.moments import Agenda, at
from deploy.sample.municipality import Municipality
from deploy.sample.office import Office
from deploy.sample.plan import Fate, Plan
from shared.events.base import Event
from shared.events.hr import EmployeeChanged, Level

MORNING: Final = "09:00"
LATER: Final[Sequence[tuple[str, Level]]] = (("11:00", "none"), ("14:00", "first_line"))
"""When HR takes a mistake back, and when it says so after all."""

NEXT_LEVEL: Final[dict[Level, Level]] = {
    "none": "first_line",
    "potential": "first_line",
    "first_line": "middle",
    "middle": "senior",
}
_REGRET: Final = timedelta(days=3)
"""How long HR believes in a last day, or in a coming promotion, that does not come."""

Act = Callable[[], Coroutine[Any, Any, None]]


class Fates:
    """Puts the fates of a plan on the agenda, and picks whom they befall when their time comes."""

    def __init__(
        self, plan: Plan, town: Municipality, agenda: Agenda, *, hr: HrDesk, office: Office, diary: Diary
    ) -> None:
        self._plan, self._town, self._agenda = plan, town, agenda
        self._hr, self._office, self._diary = hr, office, diary

    def write(self) -> None:
        """Plan all of them."""
        for fate in self._plan.fates:
            self._on(fate.on, MORNING, partial(self._befall, fate))

    def _on(self, day: date, clock: str, act: Act) -> None:
        if day <= self._plan.until:
            self._agenda.plan(at(day, clock), act)

    def _then(self, day: date, clock: str, change: Callable[[], Event]) -> None:
        """What HR says later; only then does the record change."""
        self._on(day, clock, lambda: self._hr.tell([change()]))

    def _lot(self, *about: object) -> random.Random:
        return random.Random("|".join(str(part) for part in (self._town.seed, "fate", *about)))

    async def _befall(self, fate: Fate) -> None:
        match fate.what:
            case "new_manager" | "approver_away":
                await self._while_asked(fate)
            case "mistaken" | "replaced":
                person = self._lot(fate).choice(self._town.ordinary(fate.on, "none"))
                await self._happens(fate, person)
            case _:
                await self._to_a_member(fate)

    async def _to_a_member(self, fate: Fate) -> None:
        cohort = await self._office.cohort(fate.among)
        places = {one["employee_id"]: one["place_id"] for one in cohort["members"] if one["state"] in TOGETHER}
        candidates = [person for person in self._town.ordinary(fate.on) if person.employee_id in places]
        if fate.what == "succeeded":  # somebody must be there to follow her, and the chief has no manager
            candidates = [one for one in candidates if self._has_followers(one, fate.on)]
        if candidates:
            person = self._lot(fate).choice(candidates)
            await self._happens(fate, person, place_id=places[person.employee_id], cohort_id=fate.among)

    def _has_followers(self, person: EmployeeChanged, day: date) -> bool:
        reports = self._town.reports_of(person.employee_id, day)
        return bool(person.manager_id) and any(one.employee_id not in self._town.in_the_plan for one in reports)

    async def _happens(self, fate: Fate, person: EmployeeChanged, **about: Any) -> None:
        self._town.in_the_plan.add(person.employee_id)
        changes: Sequence[Event] = getattr(self, f"_{fate.what}")(fate, person)
        if fate.what == "succeeded":
            about["successor"] = next(one.subject for one in changes if isinstance(one, EmployeeChanged))
            self._town.in_the_plan.add(about["successor"])
        self._diary.note(fate.what, fate.on, person.employee_id, until=fate.until, **about)
        await self._hr.tell(changes)

    def _leaves(self, fate: Fate, person: EmployeeChanged) -> Sequence[Event]:
        return [self._town.leave(person.employee_id, fate.until or fate.on)]

    def _stays(self, fate: Fate, person: EmployeeChanged) -> Sequence[Event]:
        regret = fate.on + _REGRET
        self._then(regret, MORNING, lambda: self._town.keep(person.employee_id, regret))
        return self._leaves(fate, person)

    def _rehired(self, fate: Fate, person: EmployeeChanged) -> Sequence[Event]:
        back = fate.until or self._plan.until
        self._then(back, MORNING, lambda: self._town.rehire(person.employee_id, back))
        return [self._town.leave(person.employee_id, fate.on)]

    def _promoted(self, fate: Fate, person: EmployeeChanged) -> Sequence[Event]:
        return [staff.appoint(self._town, person, NEXT_LEVEL[person.level], fate.on)]

    def _steps_down(self, fate: Fate, person: EmployeeChanged) -> Sequence[Event]:
        return [staff.appoint(self._town, person, "none", fate.on)]

    def _mistaken(self, fate: Fate, person: EmployeeChanged) -> Sequence[Event]:
        for clock, level in LATER:
            self._then(fate.on, clock, partial(staff.appoint, self._town, person, level, fate.on))
        return self._promoted(fate, person)

    def _replaced(self, fate: Fate, person: EmployeeChanged) -> Sequence[Event]:
        regret = fate.on + _REGRET
        self._then(regret, MORNING, partial(staff.appoint, self._town, person, "none", regret))
        return [staff.appoint(self._town, person, "first_line", fate.until or fate.on)]

    def _succeeded(self, fate: Fate, person: EmployeeChanged) -> Sequence[Event]:
        return staff.succession(self._town, person, fate.on, self._lot(fate, "how"))

    def _moves(self, fate: Fate, person: EmployeeChanged) -> Sequence[Event]:
        return [staff.move(self._town, person, fate.on, self._lot(fate, "how"), elsewhere=True)]

    def _renamed(self, fate: Fate, person: EmployeeChanged) -> Sequence[Event]:
        return [self._town.rename(person.employee_id, "Silfverhjelm", fate.on)]

    def _parental_leave(self, fate: Fate, person: EmployeeChanged) -> Sequence[Event]:
        back = fate.until or self._plan.until
        self._then(back, MORNING, lambda: staff.come_back(self._town, person.employee_id, back))
        return [staff.go_on_leave(self._town, person.employee_id, fate.on)]

    _approver_away = _parental_leave

    async def _while_asked(self, fate: Fate) -> None:
        """Somebody's manager has been asked whether she may go, and has not answered."""
        asked: dict[str, list[dict[str, Any]]] = {}
        for place in await self._office.listed("places", programme=fate.among, state="queued"):
            approval = place["approval"] or {}
            if approval.get("state") == "requested" and approval["approver_id"]:
                asked.setdefault(approval["approver_id"], []).append(place)
        there = {one.employee_id: one for one in self._town.ordinary(fate.on, "senior") if one.manager_id}
        approvers = sorted(asked.keys() & there.keys())
        if not approvers:
            return
        approver = there[self._lot(fate).choice(approvers)]
        waiting = [place["employee_id"] for place in asked[approver.employee_id]]
        if fate.what == "approver_away":
            await self._happens(fate, approver, waiting=waiting, asked=approver.manager_id)
            return
        person = self._town.people[self._lot(fate, "who").choice(waiting)]
        other = self._lot(fate, "manager").choice(sorted(there.keys() - {approver.employee_id}))
        self._town.in_the_plan |= {person.employee_id, other}
        self._diary.note(fate.what, fate.on, person.employee_id, waiting=[person.employee_id], asked=other)
        await self._hr.tell([self._town.change(person.employee_id, fate.on, manager_id=other)])
