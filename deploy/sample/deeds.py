"""What the office and HR do in the year beyond hiring, composing and moving: each deed plans what it leads to."""

import random
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Any, Final

from deploy.ctl.calls import RefusedError
from deploy.sample.hr import HrDesk
from deploy.sample.moments import Agenda, at
from deploy.sample.municipality import Municipality
from deploy.sample.office import Office
from deploy.sample.plan import Alteration, Census, Favour, Grouping, Plan, Swap

EARLY: Final = "07:00"
OFFICE_TIME: Final = "10:30"
AFTERWARDS: Final = "11:00"
"""When a change approved at `OFFICE_TIME` has settled and rippled."""


class Deeds:
    """Puts the deeds of a plan on the agenda. `see_sessions` is told of cohorts whose sessions may have changed."""

    def __init__(
        self,
        plan: Plan,
        town: Municipality,
        agenda: Agenda,
        *,
        hr: HrDesk,
        office: Office,
        see_sessions: Callable[[str], Awaitable[None]],
    ) -> None:
        self._plan, self._town, self._agenda = plan, town, agenda
        self._hr, self._office = hr, office
        self._see_sessions = see_sessions

    def write(self) -> None:
        """Plan all of them."""
        plan = self._plan
        for grouping in plan.groupings:
            self._on(grouping.on, "10:00", partial(self._group, grouping))
        for alteration in plan.alterations:
            self._on(alteration.on, OFFICE_TIME, partial(self._alter, alteration))
            cohort_id = alteration.command.get("cohort_id")
            if cohort_id and alteration.ends == "applied":
                self._on(alteration.on, AFTERWARDS, partial(self._see_sessions, cohort_id))
        for census in plan.censuses:
            self._on(census.on, EARLY, partial(self._count, census))
        for favour in plan.favours:
            self._on(favour.on, OFFICE_TIME, partial(self._favour, favour))
        for swap in plan.swaps:
            self._on(swap.on, OFFICE_TIME, partial(self._swap, swap))

    def _on(self, day: date, clock: str, act: Callable[[], Awaitable[None]]) -> None:
        if day <= self._plan.until:
            self._agenda.plan(at(day, clock), act)

    def _lot(self, *about: object) -> random.Random:
        return random.Random("|".join(str(part) for part in (self._town.seed, "deeds", *about)))

    async def _group(self, grouping: Grouping) -> None:
        """Have the groups composed together, exchange the first two people whom the rules let change, and accept."""
        proposal = await self._office.propose_groups(grouping.programme, grouping.cohorts, self._town.seed)
        first, second = (group["employees"] for group in proposal["groups"][:2])
        await _first_granted(
            lambda pair: self._office.exchange(proposal["proposal_id"], *pair), list(zip(first, second, strict=False))
        )
        await self._office.accept_groups(proposal["proposal_id"])

    async def _alter(self, alteration: Alteration) -> None:
        change = await self._office.propose_change(alteration.kind, alteration.command)
        change_id = change["change_id"]
        if alteration.ends == "dropped":
            await self._office.decide_change(change_id, "drop")
            return
        asked = change["impact"]["confirm_people"]
        confirmed = {} if asked is None else {"confirm_people": asked}
        await self._office.decide_change(change_id, "approve", at_once=alteration.at_once, **confirmed)
        if alteration.ends == "undone":
            await self._office.decide_change(change_id, "undo")

    async def _count(self, census: Census) -> None:
        """Publish the whole staff. In one that is whole, three people have a new name of which HR told nobody."""
        snapshot_id = f"census-{census.on}"
        employed = sorted(self._town.employed(census.on), key=lambda record: record.employee_id)
        lot = self._lot(snapshot_id)
        if census.lacking:
            kept = set(lot.sample(range(len(employed)), round(len(employed) * (1 - census.lacking))))
            employed = [record for number, record in enumerate(employed) if number in kept]
            self._on(census.on, OFFICE_TIME, lambda: self._reject(snapshot_id))
        else:
            colleagues = self._town.at_work(census.on, "none")
            for record in lot.sample(colleagues, 3):
                self._town.rename(record.employee_id, "Ek Sjöström", census.on)
            employed = [self._town.people[record.employee_id] for record in employed]
        await self._hr.tell_all(snapshot_id, employed, list(self._town.units.values()))

    async def _reject(self, snapshot_id: str) -> None:
        await self._office.reject_census(snapshot_id)

    async def _favour(self, favour: Favour) -> None:
        await getattr(self, f"_{favour.what}")(favour)

    async def _places_of(self, favour: Favour, state: str) -> list[dict[str, Any]]:
        found = await self._office.listed("places", cohort_id=favour.cohort_id, state=state)
        return sorted(found, key=lambda place: place["place_id"])

    async def _put_first(self, favour: Favour) -> None:
        """Whoever is last in the queue for the group's programme goes before the others."""
        programme = (await self._office.cohort(favour.cohort_id))["programme"]
        line = await self._office.listed(f"programmes/{programme}/queue")
        if line:
            last = line[-1]["place_id"]
            await self._office.see_to_place(last, "priority", first=True, note="Begins a reorganisation in January.")

    async def _take_back(self, favour: Favour) -> None:
        for place in (await self._places_of(favour, "offered"))[:1]:
            await self._office.see_to_place(place["place_id"], "take-back", note="Offered by mistake.")

    async def _withdraw(self, favour: Favour) -> None:
        places = await self._places_of(favour, "confirmed")
        if places:
            chosen = self._lot(favour).choice(places)
            await self._office.see_to_place(chosen["place_id"], "withdraw", note="Agreed with her manager.")

    async def _correct(self, favour: Favour) -> None:
        """Somebody noted as absent was there for two hours, after all."""
        cohort = await self._office.cohort(favour.cohort_id)
        for session in cohort["sessions"]:
            missed = sorted(who for who, how in (session["attendance"] or {}).items() if how["kind"] == "absent")
            if missed:
                there: dict[str, dict[str, Any]] = {who: {"kind": "present"} for who in session["attended"]}
                there[missed[0]] = {"kind": "part", "hours": 2}
                await self._office.correct_attendance(favour.cohort_id, session["session_id"], there)
                return

    async def _contact(self, favour: Favour) -> None:
        networks = await self._office.listed("networks")
        for network in networks:
            if network["cohort_id"] == favour.cohort_id and len(network["members"]) > 1:
                other = next(who for who in network["members"] if who != network["contact"])
                await self._office.choose_contact(network["network_id"], other)

    async def _swap(self, swap: Swap) -> None:
        ones = await self._office.listed("places", cohort_id=swap.one, state="confirmed")
        others = await self._office.listed("places", cohort_id=swap.other, state="confirmed")
        pairs = list(zip((p["place_id"] for p in ones), (p["place_id"] for p in others), strict=False))
        await _first_granted(lambda pair: self._office.swap(*pair), pairs)


async def _first_granted(
    ask: Callable[[tuple[str, str]], Awaitable[dict[str, Any]]], pairs: list[tuple[str, str]]
) -> None:
    """Ask for one pair after the other until the rules allow one; none may be allowed."""
    for pair in pairs[:12]:
        try:
            await ask(pair)
        except RefusedError as refused:
            if refused.status != 409:
                raise
        else:
            return
