"""Finished forms, taken together: those that wait for the same transaction share it, in no order."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.evaluation import form, pseudonyms
from services.evaluation.commands import answering
from services.evaluation.model import Invitation, Submission, Wave
from services.evaluation.rules import audience
from services.evaluation.store import EvaluationTransaction
from shared.delivery import Delivery, Work

MOST_TOGETHER = 100
"""Forms in one transaction."""


@dataclass(slots=True)
class Sent:
    """A form that was sent in with a link, and what became of it."""

    token: str
    fields: Mapping[str, str]
    verdict: Submission = Submission.unknown
    wave: Wave | None = None
    judged: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def take(self, tx: EvaluationTransaction) -> None:
        """Take the answers if the link may be used and each of them is one that the form offers."""
        invitation = await tx.invitations.get(pseudonyms.hash_of(self.token))
        self.wave = await tx.waves.get(invitation.wave_id) if invitation else None
        self.verdict = audience.may_answer(invitation, self.wave, tx.now)
        if self.wave is None or self.verdict is not Submission.accepted:
            return
        answers, faults = form.read_answers(self.fields, self.wave, tx.setup.instruments)
        self.verdict = Submission.invalid if faults else await answering.submit(self.token, answers, tx)


class Intake:
    """Takes forms in. While one transaction is committed, those that come are gathered for the next.

    That is faster, and nobody can tell from the order in which a transaction wrote its answers and its invitations
    which belong together (I8): it is not the order in which they came.
    """

    def __init__(self, delivery: Delivery[EvaluationTransaction]) -> None:
        self._delivery = delivery
        self._waiting: list[Sent] = []
        self._working: asyncio.Task[None] | None = None

    async def take(self, token: str, fields: Mapping[str, str]) -> Sent:
        """What became of a form; it is kept for good, or not at all, when this returns.

        Raises:
            PyMongoError: the database could not be asked; nothing has been kept.
        """
        sent = Sent(token, fields)
        self._waiting.append(sent)
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._take_all())
        await sent.judged
        return sent

    async def _take_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            random.shuffle(group)
            works = [
                Work[EvaluationTransaction](sent.take, loads=[(Invitation, pseudonyms.hash_of(sent.token))])
                for sent in group
            ]
            for sent, done in zip(group, await self._delivery.run_together(works), strict=True):
                if sent.judged.cancelled():
                    continue
                if done.error is not None:
                    sent.judged.set_exception(done.error)
                else:
                    sent.judged.set_result(None)
