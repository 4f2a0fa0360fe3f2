"""What the office does with comments: release or withhold each, and publish a question when all have been read.

Who did it stands in the audit log, with the comment's random id and never its text. The log keeps whole documents, so a
`Reading` holds no text, and what is published is copied in a step of its own that nobody is named for.
"""

from services.evaluation.model import Reading, WithheldBecause
from services.evaluation.rules import comments
from services.evaluation.rules.comments import Question, Refusal
from services.evaluation.store import EvaluationTransaction


async def question(wave_id: str, item: str, tx: EvaluationTransaction) -> Question | None:
    """A question whose comments may be read."""
    wave = await tx.waves.get(wave_id)
    if wave is None:
        return None
    written = await tx.comments.find({"wave_id": wave_id, "item": item})
    readings = await tx.readings.get_many([comment.id for comment in written])
    return next(comments.questions([wave], written, readings, k=tx.setup.k), None)


async def decide(
    wave_id: str, item: str, comment_id: str, withheld: WithheldBecause | None, tx: EvaluationTransaction
) -> Refusal | None:
    """Release a comment, or withhold it for a reason; it can be decided anew until the question is published."""
    found = await question(wave_id, item, tx)
    if found is None or comment_id not in {comment.id for comment in found.comments}:
        return Refusal.unknown
    if found.is_final:
        return Refusal.published
    tx.save(Reading(id=comment_id, wave_id=wave_id, item=item, withheld=withheld))
    return None


async def settle(wave_id: str, item: str, tx: EvaluationTransaction) -> Refusal | None:
    """Let the decisions on a question stand for good."""
    found = await question(wave_id, item, tx)
    if found is None:
        return Refusal.unknown
    settled = comments.settled(found)
    if isinstance(settled, Refusal):
        return settled
    tx.save(*settled)
    return None


async def show(wave_id: str, item: str, tx: EvaluationTransaction) -> None:
    """Copy what was released, once it is final, to where the report finds it. Nothing is announced."""
    found = await question(wave_id, item, tx)
    if found is None or not found.is_final or await tx.published_comments.get(found.id):
        return
    tx.save(comments.published(found, tx.now.astimezone(tx.setup.zone).date()))
