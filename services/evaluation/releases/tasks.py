"""What managers can put into words, as a reader scored it who knew neither who wrote it nor when nor in which group."""

from services.evaluation.anonymity import Candidate
from services.evaluation.releases.asked import Asked, Stage
from services.evaluation.releases.figures import Side, compared, level

TASK = "UM.task"

MOST = 3
"""A task's highest score; it stands for 100 points."""


def tasks(stage: Stage) -> tuple[list[Candidate], bool]:
    """What managers can put into words, as a reader has scored it; and whether something waits for a reader.

    A wave's tasks are told when every one of them, and of those before the programme, has been scored: those written
    in the newest wave can hardly be by then, and are told with the next release. What was told is not told again.
    """
    found: list[Candidate] = []
    waiting = False
    told = {wave for one in stage.already if one.indicator == TASK for _, wave in one.asks}
    before = stage.before()
    for one in stage.asked:
        if one.wave.of != "managers" or not one.tasks or one is before or one.wave.wave in told:
            continue
        if any(task.score is None for task in (*one.tasks, *(before.tasks if before else ()))):
            waiting = True
        elif before and before.tasks:
            found += compared(TASK, _scored(before), _scored(one))
        else:
            found.append(level(TASK, _scored(one)))
    return found, waiting


def _scored(asked: Asked) -> Side:
    step = 100 / MOST
    scores = {task.link: step * score for task in asked.tasks if (score := task.score) is not None}
    return Side(asked.wave.wave, scores, asked.asks(sorted({task.item for task in asked.tasks})), step)
