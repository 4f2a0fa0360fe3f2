"""Goals of the municipality that programmes serve."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import Field

from services.enrolment import model, shapes, views
from services.enrolment.api.asked import Asked, as_in
from services.enrolment.api.door import Call, Door, Part, begin_after, found, granted, told
from services.enrolment.commands import goals
from services.enrolment.rules.goals import valid_on
from services.enrolment.rules.written import Day
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.events.base import Id, LocalisedText

GOAL_TEXT: Final[dict[str, Any]] = {
    "text": {"sv": "Alla elever klarar skolan.", "en": "Every pupil completes school."},
    "valid_from": "2027-01-01",
    "valid_to": "2030-12-31",
}


class Wording(Asked):
    """A text in both languages."""

    sv: Annotated[str, Field(min_length=1, max_length=2000)]
    en: Annotated[str, Field(min_length=1, max_length=2000)]

    def localised(self) -> LocalisedText:
        """The text as events carry it."""
        return LocalisedText(sv=self.sv, en=self.en)


class GoalText(Asked):
    """What a goal says, and from when to when it is in force; both days included, none is open."""

    model_config = as_in(GOAL_TEXT)

    text: Wording
    valid_from: Day | None = None
    valid_to: Day | None = None


class NewGoal(GoalText):
    """A goal and the short id by which programmes name it."""

    model_config = as_in({"goal_id": "G1", **GOAL_TEXT})

    goal_id: Id


GoalId = Annotated[Id, InPath()]
Goal = shapes.kept(
    "Goal", model.Goal, {"goal_id": "G1", "version": 1, **GOAL_TEXT, "in_force": True}, goal_id=str, in_force=bool
)


def routes(door: Door) -> APIRouter:
    """The addresses under /goals."""
    router = door.router("goals")
    _add_changes(router, door)
    _add_reading(router, door)
    return router


def _add_changes(router: APIRouter, door: Door) -> None:
    @router.post("/goals", status_code=201, response_model=Goal, responses=told(409))
    async def add(body: NewGoal, call: Annotated[Call, door.by_office]) -> View:
        """Write down a goal that there was not before."""

        async def work(tx: EnrolmentTransaction) -> View:
            text = body.text.localised()
            return views.goal(
                granted(await goals.add(tx, body.goal_id, text, body.valid_from, body.valid_to)), tx.today
            )

        return await door.do(work, call, "add goal")

    @router.put("/goals/{goal_id}", response_model=Goal)
    async def put(goal_id: GoalId, body: GoalText, call: Annotated[Call, door.by_office]) -> View:
        """Let a goal read like this from now on; it is added if there is none of that id."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.goals.get(goal_id))
            text = body.text.localised()
            return views.goal(granted(await goals.put(tx, goal_id, text, body.valid_from, body.valid_to)), tx.today)

        return await door.do(work, call, "revise goal")


def _add_reading(router: APIRouter, door: Door) -> None:
    @router.get("/goals", response_model=shapes.page_of(Goal), dependencies=[door.readers])
    async def list_goals(part: Part, on: Annotated[Day | None, Query()] = None) -> View:
        """The goals; with `on` those that are in force on that day."""

        async def work(tx: EnrolmentTransaction) -> View:
            await begin_after(tx.goals, part)
            past = {"_id": {"$gt": part.after}} if part.after else {}
            rows = await tx.goals.find(past, sort=[("_id", 1)])  # goals are few, and dates are kept as text
            shown = [goal for goal in rows if on is None or valid_on(goal, on)]
            return part.page([views.goal(each, tx.today) for each in shown[: part.limit + 1]], "goal_id")

        return await door.see(work)

    @router.get("/goals/{goal_id}", response_model=Goal, dependencies=[door.readers], responses=told(404))
    async def show_goal(goal_id: str) -> View:
        """One goal as it reads now."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.goal(found(await tx.goals.get(goal_id), "goal", goal_id), tx.today)

        return await door.see(work)
