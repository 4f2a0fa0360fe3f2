"""What the office does for one person at a time in the year; the diary keeps for whom it was done."""

import random
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from itertools import islice, product
from typing import Any, Final, TypeVar

from deploy.ctl.calls import Calls
from deploy.sample.diary import Diary
from deploy.sample.forms import find_form
from deploy.sample.moments import Agenda, at
from deploy.sample.municipality import Municipality
from deploy.sample.office import Office
from deploy.sample.plan import Favour, Plan, Swap

OFFICE_TIME: Final = "10:30"
MOST_TRIED: Final = 150
"""How many pairs the office tries to exchange before it gives up."""
JOINING: Final = 3
"""How many of a network join the list of alumni; the last of them thinks better of it."""


Wish = TypeVar("Wish")


class Favours:
    """Puts favours and swaps on the agenda, and picks whom they are for when their time comes."""

    def __init__(
        self, plan: Plan, town: Municipality, agenda: Agenda, *, office: Office, anybody: Calls, diary: Diary
    ) -> None:
        self._plan, self._town, self._agenda = plan, town, agenda
        self._office, self._anybody, self._diary = office, anybody, diary

    def write(self) -> None:
        """Plan all of them."""
        for favour in self._plan.favours:
            self._agenda.plan(at(favour.on, OFFICE_TIME), partial(getattr(self, f"_{favour.what}"), favour))
        for swap in self._plan.swaps:
            self._agenda.plan(at(swap.on, OFFICE_TIME), partial(self._swap, swap))

    def _note(self, favour: Favour, who: str, **about: Any) -> None:
        self._town.in_the_plan.add(who)
        self._diary.note(favour.what, favour.on, who, **about)

    async def _one_of(self, favour: Favour, state: str) -> dict[str, Any] | None:
        """A place of the group in this state, of somebody with whom the year has nothing else in mind."""
        found = await self._office.listed("places", cohort_id=favour.of, state=state)
        free = [place for place in found if place["employee_id"] not in self._town.in_the_plan]
        lot = random.Random(f"{self._town.seed}|{favour}")
        return lot.choice(sorted(free, key=lambda place: str(place["place_id"]))) if free else None

    async def _put_first(self, favour: Favour) -> None:
        """Whoever is last of those who wait in the ordinary way goes before the others."""
        line = await self._office.listed(f"programmes/{favour.of}/queue")
        for last in [one for one in line if one["employee_id"] not in self._town.in_the_plan][-1:]:
            note = "Begins a reorganisation in January."
            await self._office.see_to_place(last["place_id"], "priority", first=True, note=note)
            self._note(favour, last["employee_id"], place_id=last["place_id"])

    async def _take_back(self, favour: Favour) -> None:
        if place := await self._one_of(favour, "offered"):
            await self._office.see_to_place(place["place_id"], "take-back", note="Offered by mistake.")
            self._note(favour, place["employee_id"], place_id=place["place_id"], cohort_id=favour.of)

    async def _withdraw(self, favour: Favour) -> None:
        if place := await self._one_of(favour, "confirmed"):
            await self._office.see_to_place(place["place_id"], "withdraw", note="Agreed with her manager.")
            self._note(favour, place["employee_id"], place_id=place["place_id"])

    async def _correct(self, favour: Favour) -> None:
        """Somebody noted as absent was there for two hours, after all; if nobody was absent, one left after two."""
        cohort = await self._office.cohort(favour.of)
        held = [session for session in cohort["sessions"] if session["attendance"]]
        absent = [(s, who) for s in held for who in sorted(s["attendance"]) if who not in s["attended"]]
        for session, who in absent[:1] or [(s, who) for s in held for who in s["attended"]][:1]:
            there: dict[str, dict[str, Any]] = {one: {"kind": "present"} for one in session["attended"]}
            there[who] = {"kind": "part", "hours": 2}
            await self._office.correct_attendance(favour.of, session["session_id"], there)
            self._note(favour, who, cohort_id=favour.of, session_id=session["session_id"])

    async def _contact(self, favour: Favour) -> None:
        for network in await self._network_of(favour):
            others = [who for who in network["members"] if who not in {network["contact"], *self._town.in_the_plan}]
            for other in others[:1]:
                await self._office.choose_contact(network["network_id"], other)
                self._note(favour, other, network_id=network["network_id"])

    async def _alumni(self, favour: Favour) -> None:
        """They choose so themselves, on their own pages."""
        for network in await self._network_of(favour):
            here = [who for who in network["members"] if who not in self._town.in_the_plan]
            for number, who in enumerate(here[:JOINING], start=1):
                joined = await self._wish(who, "join_alumni")
                left = number == JOINING and await self._wish(who, "leave_alumni")
                if joined:
                    self._note(favour, who, stays=not left)

    async def _network_of(self, favour: Favour) -> list[dict[str, Any]]:
        return [one for one in await self._office.listed("networks") if one["cohort_id"] == favour.of]

    async def _wish(self, employee_id: str, wish: str) -> bool:
        """Whether her page had the button for it, and took it."""
        url = await self._office.page_of(employee_id)
        form = find_form((await self._anybody.answer("GET", url)).text)
        if form is None or wish not in form.choices.get("wish", ()):
            return False
        return (await self._anybody.answer("POST", url, data={"wish": wish})).is_success

    async def _swap(self, swap: Swap) -> None:
        """Exchange the first two whom the rules let change, of those with whom the year has nothing else in mind."""
        sides = [
            [
                place
                for place in await self._office.listed("places", cohort_id=cohort_id, state="confirmed")
                if place["employee_id"] not in self._town.in_the_plan
            ]
            for cohort_id in (swap.one, swap.other)
        ]
        pair = await first_granted(
            lambda pair: self._office.swap(pair[0]["place_id"], pair[1]["place_id"]), product(*sides)
        )
        for place, to in zip(pair or (), (swap.other, swap.one), strict=False):
            self._town.in_the_plan.add(place["employee_id"])
            self._diary.note("swap", swap.on, place["employee_id"], place_id=place["place_id"], to=to)


async def first_granted(ask: Callable[[Wish], Awaitable[bool]], wishes: Iterable[Wish]) -> Wish | None:
    """The first wish that the rules allow; nothing if they allow none of those tried."""
    for wish in islice(wishes, MOST_TRIED):
        if await ask(wish):
            return wish
    return None
