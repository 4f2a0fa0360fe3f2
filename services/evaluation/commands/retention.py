"""Destroying what joins answers to people, and the answers, when nothing more is to be made of them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from services.evaluation.anonymity import publishable_count
from services.evaluation.model import DESTROY, Destruction, WaveState
from services.evaluation.store import EvaluationTransaction
from shared.events.evaluation import LinkKeyDestroyed
from shared.model import Document, Timer

_TO_COME: Final = (WaveState.planned, WaveState.open)


async def arrange(cohort_id: str, tx: EvaluationTransaction) -> None:
    """Let a cohort's answers be destroyed some days after its last wave has ended, in whatever way that was."""
    waves = (await tx.waves.of_cohort(cohort_id)).values()
    if any(wave.state in _TO_COME for wave in waves) or await tx.link_keys.get(cohort_id) is None:
        return
    tx.save(Timer.of(DESTROY, cohort_id, tx.now + timedelta(days=tx.setup.keep_days)))


async def destroy(cohort_id: str, tx: EvaluationTransaction) -> None:
    """Destroy the link key, and all that it could join or that was written in own words; announce the proof.

    Releases stay: they are what survives. Nothing is destroyed while a wave is yet to be asked: its end arranges it
    anew. Done again, it finds no key and says nothing.
    """
    key = await tx.link_keys.get(cohort_id)
    waves = await tx.waves.of_cohort(cohort_id)
    if key is None or any(wave.state in _TO_COME for wave in waves.values()):
        return
    comments = await tx.comments.of_cohort(cohort_id)
    readings = await tx.readings.get_many([comment.id for comment in comments])
    gone: Mapping[str, Sequence[Document]] = {
        "responses": await tx.responses.of_cohort(cohort_id),
        "tasks": await tx.tasks.of_cohort(cohort_id),
        "comments": comments,
        "ledger": await tx.ledger.of_cohort(cohort_id),
        "invitations": [one for wave_id in waves for one in await tx.invitations.of_wave(wave_id)],
    }
    tx.delete(key, *readings.values(), *(document for documents in gone.values() for document in documents))
    before = await tx.destructions.get(cohort_id)
    counts = {kind: publishable_count(len(documents), k=tx.setup.k) for kind, documents in gone.items()}
    proof = Destruction(id=cohort_id, version=before.version + 1 if before else 1, destroyed_at=tx.now, counts=counts)
    tx.save(
        proof,
        LinkKeyDestroyed(cohort_id=cohort_id, version=proof.version, destroyed_at=proof.destroyed_at, destroyed=counts),
    )
