"""From responses to a release: which figures there are, and on whom each rests. What is told, anonymity decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.evaluation import anonymity
from services.evaluation.anonymity import Candidate
from services.evaluation.model import Hidden, Participation, Release
from services.evaluation.releases.alike import guarded
from services.evaluation.releases.asked import Asked, Stage
from services.evaluation.releases.behaviour import behaviour
from services.evaluation.releases.network import derived, network
from services.evaluation.releases.reaction import reaction, recommendation
from services.evaluation.releases.scales import looking_back, own_scales, transfer
from services.evaluation.releases.tasks import TASK, tasks
from services.evaluation.releases.understanding import BOUND, CHANGE, MOVEMENT, bound, movement, paired
from shared.events import Event
from shared.events.evaluation import Figure, ReleasePublished, ResultSuppressed

__all__ = ["BOUND", "CHANGE", "MOVEMENT", "Asked", "Composed", "Stage", "announced", "compose", "release_id"]


@dataclass(frozen=True)
class Composed:
    """A release, and what it adds to the ledger of the cohort."""

    release: Release
    shown: tuple[Candidate, ...]
    """In the order of the release's first figures."""


def compose(stage: Stage, *, k: int, today: date) -> Composed:
    """The one release of a stage: its figures are judged against each other and against all that is published."""
    scored, waiting = tasks(stage)
    candidates = [
        *own_scales(stage),
        *looking_back(stage),
        *scored,
        *reaction(stage),
        *transfer(stage),
        *network(stage),
        *behaviour(stage, k=k),
    ]
    ours = [replace(one, domain=stage.wave.cohort_id) for one in candidates]
    told = anonymity.publishable(ours, k=k, already=stage.already)
    shown, means, alike = guarded(told)
    counts, too_few = recommendation(stage, k=k)
    shares, unmoved = movement(stage, means, k=k)
    figures = (*means, *shares, *bound(stage, means), *counts, *derived(stage, means))
    unread = [Hidden(indicator=TASK, reason="not_scored")] if waiting else []
    hidden = (*_by_instrument([*told.hidden, *alike, *too_few], figures), *unmoved, *unread)
    release = _release(stage, figures, hidden, k=k, today=today)
    return Composed(release, shown)


def release_id(stage: Stage) -> str:
    """Id of a stage's release: that of its wave of managers, with what it is."""
    return f"{stage.wave.id.removesuffix(':employees')}:release"


def announced(release: Release, public_url: str) -> list[Event]:
    """What is said of a release: its figures if there are any, and what was kept back."""
    said: list[Event] = []
    if release.figures:
        said.append(
            ReleasePublished(
                release_id=release.id,
                cohort_id=release.cohort_id,
                stage=release.stage,
                programme=release.programme,
                revision=release.revision,
                version=1,
                k=release.k,
                figures=release.figures,
                url=f"{public_url}/results/{release.cohort_id}",
            )
        )
    for hidden in release.hidden:
        said.append(
            ResultSuppressed(
                release_id=release.id,
                cohort_id=release.cohort_id,
                version=len(said) + 1,
                indicator=hidden.indicator,
                reason=hidden.reason,
            )
        )
    return said


def _release(stage: Stage, figures: tuple[Figure, ...], hidden: tuple[Hidden, ...], *, k: int, today: date) -> Release:
    newest = stage.wave
    return Release(
        id=release_id(stage),
        cohort_id=newest.cohort_id,
        stage=newest.wave,
        programme=newest.programme,
        revision=newest.revision,
        title=newest.title,
        k=anonymity.threshold(k),
        released_on=today,
        figures=figures,
        hidden=hidden,
        participation=_participation(stage, k=k) if figures else (),
        instruments=tuple(dict.fromkeys(ref for one in stage.asked for ref in one.wave.instruments)),
    )


def _participation(stage: Stage, *, k: int) -> tuple[Participation, ...]:
    """How many were asked and answered; those whom the invitation could not reach do not count as asked."""
    both = paired(stage)
    return tuple(
        Participation(
            wave=one.wave.wave,
            of=one.wave.of,
            asked=anonymity.publishable_count(len(one.reached), k=k),
            answered=anonymity.publishable_count(len(one.responses), k=k),
            pairs=anonymity.publishable_count(len(both[1].scores) if both and one is stage.now() else 0, k=k),
            late=anonymity.publishable_count(_late(one, stage), k=k),
        )
        for one in stage.asked
    )


def _late(asked: Asked, stage: Stage) -> int:
    """How many were asked for the first time after the programme had begun: they are counted, and in no pair."""
    before = stage.before()
    return len(asked.reached - before.reached) if before and asked is stage.now() else 0


def _by_instrument(hidden: Sequence[Hidden], shown: Sequence[Figure]) -> list[Hidden]:
    """What is hidden, once for each scale: an instrument of which nothing is shown, or a scale with its change."""
    told = {figure.indicator.split(".")[0] for figure in shown}
    missing = {one.indicator for one in hidden}
    named: dict[str, Hidden] = {}
    for one in hidden:
        code = one.indicator.split(".")[0]
        scale = one.indicator.removesuffix("_change").removesuffix(".change")
        name = code if code not in told else scale if scale in missing else one.indicator
        named.setdefault(name, one.model_copy(update={"indicator": name}))
    return list(named.values())
