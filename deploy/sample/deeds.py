"""What the office does in the year beyond composing and moving: groups proposed, changes proposed, goals reworded."""

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Final

from deploy.sample.diary import Diary
from deploy.sample.favours import first_granted
from deploy.sample.moments import Agenda, at
from deploy.sample.municipality import Municipality
from deploy.sample.office import Office, programme_text
from deploy.sample.plan import Alteration, Grouping, Plan, Rewording

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
        office: Office,
        diary: Diary,
        see_sessions: Callable[[str], Awaitable[None]],
    ) -> None:
        self._plan, self._town, self._agenda = plan, town, agenda
        self._office, self._diary = office, diary
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
        for rewording in plan.rewordings:
            self._on(rewording.on, OFFICE_TIME, partial(self._reword, rewording))

    def _on(self, day: date, clock: str, act: Callable[[], Awaitable[None]]) -> None:
        if day <= self._plan.until:
            self._agenda.plan(at(day, clock), act)

    async def _group(self, grouping: Grouping) -> None:
        """Have the groups composed together, then with two apart who sat together, then by another lot; exchange the
        first two people whom the rules let change; accept."""
        seed, cohorts = self._town.seed, grouping.cohorts
        first = await self._office.propose_groups(grouping.programme, cohorts, seed)
        apart = first["groups"][0]["employees"][:2]
        wished = await self._office.propose_groups(grouping.programme, cohorts, seed, apart=apart)
        other = await self._office.propose_again(wished["proposal_id"], seed + 1)
        proposal_id, sides = other["proposal_id"], [group["employees"] for group in other["groups"][:2]]
        pair = await first_granted(
            lambda pair: self._office.exchange(proposal_id, *pair),
            ((one, two) for one in sides[0] for two in sides[1] if not {one, two} & set(apart)),
        )
        await self._office.accept_groups(proposal_id)
        self._diary.note("grouping", grouping.on, proposal_id=proposal_id, apart=apart, exchanged=pair)

    async def _alter(self, alteration: Alteration) -> None:
        command = dict(alteration.command)
        if "file" in command:
            command["file"] = programme_text(command["file"])
        change = await self._office.propose_change(alteration.kind, command)
        change_id = change["change_id"]
        if alteration.ends == "dropped":
            await self._office.decide_change(change_id, "drop")
            return
        asked = change["impact"]["confirm_people"]
        confirmed = {} if asked is None else {"confirm_people": asked}
        await self._office.decide_change(change_id, "approve", at_once=alteration.at_once, **confirmed)
        if alteration.ends == "undone":
            await self._office.decide_change(change_id, "undo")

    async def _reword(self, rewording: Rewording) -> None:
        await self._office.reword_goal(rewording)
