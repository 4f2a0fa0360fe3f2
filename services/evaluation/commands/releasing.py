"""Publishing what came of a stage, once."""

from collections.abc import Sequence

from services.evaluation import anonymity, releases
from services.evaluation.model import Release, Wave, WaveState
from services.evaluation.releases import Asked, Stage
from services.evaluation.store import EvaluationTransaction


async def release(waves: Sequence[Wave], tx: EvaluationTransaction) -> Release | None:
    """Publish what came of the newest of these waves, judged against all that is published of the cohort.

    Once: a second time, over other people, would give away who is in between (I2, I7). The ledger says on whom each
    figure rests; the release does not.
    """
    asked = [await _asked(wave, tx) for wave in waves if wave.state is WaveState.closed]
    asked = [one for one in asked if one.invitations]
    if not asked:
        return None
    cohort_id = waves[-1].cohort_id
    told = {entry.id: entry for entry in await tx.ledger.of_cohort(cohort_id)}
    before = anonymity.published_before(told.values())
    earlier = [figure for one in await tx.releases.of_cohort(cohort_id) for figure in one.figures]
    stage = Stage(asked, tx.setup.instruments, before, earlier)
    if await tx.releases.get(releases.release_id(stage)) is not None:
        return None
    today = tx.now.astimezone(tx.setup.zone).date()
    composed = releases.compose(stage, k=tx.setup.k, today=today)
    result = composed.release
    tx.save(result, *releases.announced(result, tx.setup.public_url))
    tx.save(*anonymity.entries(result.id, composed.shown, result.figures[: len(composed.shown)]))
    return result


async def _asked(wave: Wave, tx: EvaluationTransaction) -> Asked:
    return Asked(
        wave,
        await tx.invitations.of_wave(wave.id),
        await tx.responses.of_wave(wave.id),
        await tx.tasks.of_wave(wave.id),
    )
