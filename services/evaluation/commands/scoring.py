"""Tasks in own words, read one at a time by somebody who knows neither who wrote them nor when nor in which group."""

from enum import StrEnum

from services.evaluation.model import WaveState
from services.evaluation.releases.tasks import MOST
from services.evaluation.store import EvaluationTransaction

SCORES = range(MOST + 1)
"""0 nothing; 1 names a goal; 2 goal and own mission; 3 and a concrete effect for residents."""


class Scored(StrEnum):
    """What became of a score."""

    kept = "kept"
    unknown = "unknown"
    other_score = "other_score"
    """Somebody has given it another score already, and that counts."""


async def score(task_id: str, points: int, tx: EvaluationTransaction) -> Scored:
    """Keep what a reader gives a text. The first score counts, so that nobody moves one after having seen a result.

    Who scored is not kept: the audit log would keep the text with it, for longer than the text may be kept.
    """
    task = await tx.tasks.get(task_id)
    wave = await tx.waves.get(task.wave_id) if task else None
    if task is None or wave is None or wave.state is not WaveState.closed:
        return Scored.unknown
    if task.score is None:
        tx.save(task.having(score=points))
    return Scored.kept if task.score in (None, points) else Scored.other_score
