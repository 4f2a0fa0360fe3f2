"""Taking somebody's answers, once."""

from collections.abc import Callable, Iterator
from uuid import uuid4

from services.evaluation import pseudonyms
from services.evaluation.model import (
    Answers,
    Comment,
    Invitation,
    InvitationStatus,
    LinkKey,
    Response,
    Setup,
    Submission,
    Task,
    Wave,
)
from services.evaluation.rules import audience
from services.evaluation.store import EvaluationTransaction


async def submit(token: str, answers: Answers, tx: EvaluationTransaction) -> Submission:
    """Take somebody's answers. Her link is spent by it, in the same transaction; nothing is announced.

    The response gets a random id and her pseudonym; nothing in it, nor in the invitation, says when or who. What she
    wrote in own words is kept apart from it.
    """
    invitation = await tx.invitations.get(pseudonyms.hash_of(token))
    wave = await tx.waves.get(invitation.wave_id) if invitation else None
    verdict = audience.may_answer(invitation, wave, tx.now)
    if verdict is not Submission.accepted or invitation is None or wave is None:
        return verdict
    if answers.is_empty:
        return Submission.empty
    key = await tx.link_keys.get(wave.cohort_id)
    if key is None:
        return Submission.closed
    tx.save(*_kept(answers, invitation, wave, _pseudonyms(tx.setup, key)))
    tx.save(invitation.having(status=InvitationStatus.answered))
    return Submission.accepted


def _pseudonyms(setup: Setup, key: LinkKey) -> Callable[[str], str]:
    return lambda employee_id: pseudonyms.link(setup.secret, key.salt, employee_id, key.id)


def _kept(
    answers: Answers, invitation: Invitation, wave: Wave, pseudonym: Callable[[str], str]
) -> Iterator[Response | Comment | Task]:
    """What is kept of answers, each piece under a random id of its own."""
    wave_id, cohort_id = wave.id, wave.cohort_id
    link = None if wave.is_anonymous else pseudonym(invitation.employee_id)
    group = pseudonym(invitation.manager_id) if invitation.manager_id else None
    yield Response(
        id=str(uuid4()), wave_id=wave_id, cohort_id=cohort_id, link=link, group=group, answers=answers.numbers
    )
    for item, text in answers.comments.items():
        yield Comment(id=str(uuid4()), wave_id=wave_id, cohort_id=cohort_id, item=item, text=text)
    for item, text in answers.tasks.items():
        yield Task(id=str(uuid4()), wave_id=wave_id, cohort_id=cohort_id, item=item, text=text, link=link or "")
