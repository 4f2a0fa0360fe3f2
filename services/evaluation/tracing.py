"""What of evaluation's inbox and outbox a trace may tell.

It leads to nobody's survey: not that somebody was invited or reminded, nor that her mail came back, and there is
nothing here about links, forms and answers at all. Of a person it tells what others have said of her, and what followed
for waves and releases as wholes.
"""

from typing import Final

from shared.events.evaluation import InvitationsRequested, RemindersRequested
from shared.trace import Step

REQUESTS: Final = frozenset({InvitationsRequested.type, RemindersRequested.type})
TOLD_QUEUES: Final = ("evaluation.hr", "evaluation.enrolment")
TOLD_DECISIONS: Final = ("recommendations",)
"""What the office decides on that is about no answer: not comments, nor tasks."""


def sieve(step: Step, wanted: str) -> Step | None:
    """What is told of a step when an id is asked for; nothing: it is not told."""
    if step.kind in ("received", "dead"):
        return step if set(step.where) <= set(TOLD_QUEUES) else None
    if step.kind == "decided":
        return step if set(step.where) <= set(TOLD_DECISIONS) else None
    if step.what in REQUESTS:
        # When a latecomer is invited, the chain would join her to it.
        alone = step.model_copy(update={"correlation_id": None, "causation_id": None})
        return alone if wanted in step.concerns or wanted == step.id else None
    return step
