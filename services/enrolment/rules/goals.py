"""The municipality's goals: what a programme says it serves, against what there is to serve."""

from collections.abc import Iterable, Mapping
from datetime import date

from services.enrolment.model import Goal
from services.enrolment.rules.refusal import Refusal, invalid
from shared.events.base import LocalisedText
from shared.events.enrolment import GoalRevised


def valid_on(goal: Goal, day: date) -> bool:
    """Whether the day lies in the goal's period, both ends included; an end that is not given is open."""
    return (goal.valid_from is None or goal.valid_from <= day) and (goal.valid_to is None or day <= goal.valid_to)


def set_to(
    known: Goal | None, goal_id: str, text: LocalisedText, valid_from: date | None, valid_to: date | None
) -> tuple[Goal, GoalRevised | None] | Refusal:
    """The goal as it reads from now on, and what is announced of it: nothing if it reads like that already."""
    if valid_from and valid_to and valid_to < valid_from:
        return invalid("period-ends-before-it-begins", "valid_to lies before valid_from: correct the period")
    version = known.version + 1 if known else 1
    goal = Goal(id=goal_id, version=version, text=text, valid_from=valid_from, valid_to=valid_to)
    if known and goal.having(version=known.version) == known:
        return known, None
    return goal, GoalRevised(goal_id=goal_id, version=version, text=text, valid_from=valid_from, valid_to=valid_to)


def concerns(named: Iterable[str], known: Mapping[str, Goal], today: date) -> tuple[str, ...]:
    """What is doubtful about the goals that a programme says it serves, a sentence each. None of it is an error: goals
    are renewed at another time than programmes."""
    told = (_concern(goal_id, known.get(goal_id), today) for goal_id in dict.fromkeys(named))
    return tuple(sentence for sentence in told if sentence)


def _concern(goal_id: str, goal: Goal | None, today: date) -> str | None:
    if goal is None:
        return f"there is no goal {goal_id}: correct its id in the programme, or add the goal"
    if goal.valid_to and goal.valid_to < today:
        return f"goal {goal_id} ended {goal.valid_to.isoformat()}: let the programme serve one that is in force"
    if goal.valid_from and goal.valid_from > today:
        return f"goal {goal_id} begins {goal.valid_from.isoformat()}: until then the programme serves one not in force"
    return None
