"""Load, decide, save: the loop back from releases to a programme that is changed."""

import structlog

from services.evaluation.model import Programme, Recommendation, Release, Revised
from services.evaluation.rules import evidence, recommendations, times
from services.evaluation.rules.recommendations import Decision
from services.evaluation.store import EvaluationTransaction
from shared.delivery import Outcome
from shared.events.enrolment import ProgrammeRevised

log = structlog.get_logger()


async def judge(release: Release, tx: EvaluationTransaction) -> None:
    """A release is published: judge its revision of the programme by all that has been published about it.

    The programme is written each time: two releases at the same moment would each not see the other.
    """
    programme = await tx.programmes.get(release.programme) or Programme(id=release.programme)
    published = await tx.releases.of_programme(release.programme)
    releases = [one for one in published if one.revision == release.revision]
    cohorts = await tx.cohorts.get_many(one.cohort_id for one in releases)
    ends = {name: times.last_session(one).ends_at for name, one in cohorts.items() if one.meetings}
    verdict = evidence.verdict(releases, ends)
    after, raised = recommendations.noticed(programme, release.revision, verdict)
    tx.save(after, *raised)
    before = await tx.recommendations.of_revision(release.programme, release.revision)
    today = tx.now.astimezone(tx.setup.zone).date()
    if recommended := recommendations.proposed(release, verdict, releases, before, today):
        tx.save(recommended, recommendations.announcement(recommended, url_of(recommended.id, tx)))
        for revised in await tx.revisions.answering(recommended.id):
            await resolve(revised, recommended.id, tx)


async def decide(
    recommendation_id: str, decision: Decision, reason: str | None, by: str, tx: EvaluationTransaction
) -> tuple[Recommendation | None, bool]:
    """Let the office accept or decline: the recommendation as it stands then, and whether this decision was taken.

    The first of two decisions counts.
    """
    known = await tx.recommendations.get(recommendation_id)
    today = tx.now.astimezone(tx.setup.zone).date()
    done = recommendations.decided(known, decision, reason=reason, by=by, today=today) if known else None
    if done is None:
        return known, False
    tx.save(*done)
    return done[0], True


async def revise(event: ProgrammeRevised, tx: EvaluationTransaction) -> Outcome:
    """A programme is revised in answer to recommendations: they are resolved, now or when they become known."""
    revised = Revised(
        id=f"{event.programme}~{event.version}",
        programme=event.programme,
        revision=event.version,
        addresses=event.addresses,
    )
    if not event.addresses or await tx.revisions.get(revised.id):
        return Outcome.stale
    programme = await tx.programmes.get(event.programme) or Programme(id=event.programme)
    tx.save(revised, programme.having(version=programme.version + 1))
    for recommendation_id in event.addresses:
        await resolve(revised, recommendation_id, tx)
    return Outcome.applied


async def resolve(revised: Revised, recommendation_id: str, tx: EvaluationTransaction) -> None:
    """Let a revision answer a recommendation, if it is known; if not, the revision is kept until it is."""
    known = await tx.recommendations.get(recommendation_id)
    done = recommendations.addressed(known, revised) if known else None
    if done is not None:
        tx.save(*done)
    elif known is None:
        log.warning("a revision answers a recommendation that is not known", revision=revised.id)


def url_of(recommendation_id: str, tx: EvaluationTransaction) -> str:
    """Where people read a recommendation and answer it."""
    return f"{tx.setup.public_url}/recommendations/{recommendation_id}"
