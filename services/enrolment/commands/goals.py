"""The municipality's goals, as the office writes them down."""

from datetime import date

from services.enrolment.model import Goal
from services.enrolment.rules import goals
from services.enrolment.rules.refusal import Refusal, conflict
from services.enrolment.store import EnrolmentTransaction
from shared.events.base import LocalisedText


async def add(
    tx: EnrolmentTransaction, goal_id: str, text: LocalisedText, valid_from: date | None, valid_to: date | None
) -> Goal | Refusal:
    """A goal that there was not before."""
    if await tx.goals.get(goal_id):
        return conflict("goal-exists", f"there is a goal {goal_id} already: reword it with PUT, or choose another id")
    return await put(tx, goal_id, text, valid_from, valid_to)


async def put(
    tx: EnrolmentTransaction, goal_id: str, text: LocalisedText, valid_from: date | None, valid_to: date | None
) -> Goal | Refusal:
    """Let the goal read like this from now on, whether there was one of that id or not."""
    told = goals.set_to(await tx.goals.get(goal_id), goal_id, text, valid_from, valid_to)
    if isinstance(told, Refusal):
        return told
    goal, announced = told
    if announced:
        tx.save(goal, announced)
    return goal


async def concerns(tx: EnrolmentTransaction, named: tuple[str, ...]) -> tuple[str, ...]:
    """What is doubtful about goals that a programme names: unknown, over, or not begun."""
    return goals.concerns(named, await tx.goals.get_many(named), tx.today)
