"""From a verdict to a proposal that a programme be changed, and what becomes of it."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from typing import Literal

from services.evaluation.model import (
    Programme,
    Recommendation,
    RecommendationState,
    Release,
    Revised,
    Watched,
)
from services.evaluation.rules import evidence
from services.evaluation.statistics import RULE_VERSION, Finding, Verdict
from shared.events import LocalisedText
from shared.events.base import Reason
from shared.events.evaluation import (
    Finding as Told,
)
from shared.events.evaluation import (
    ProgrammeAttentionRaised,
    ProgrammeChangeRecommended,
    RecommendationResolved,
)

Decision = Literal["accepted", "declined"]

DECLINED = "Declined"


def noticed(programme: Programme, revision: int, verdict: Verdict) -> tuple[Programme, list[ProgrammeAttentionRaised]]:
    """What is on watch now, and what is told of it: each indicator once, until it has been off watch."""
    others = tuple(one for one in programme.watched if one.revision != revision)
    told = {one.indicator for one in programme.watched if one.revision == revision}
    news = [finding for finding in verdict.watch if finding.indicator not in told]
    raised = [
        ProgrammeAttentionRaised(
            version=programme.version + number,
            programme=programme.id,
            revision=revision,
            indicator=finding.indicator,
            probability=round(finding.probability or 0.0, 3),
        )
        for number, finding in enumerate(news, 1)
    ]
    now = tuple(Watched(revision=revision, indicator=finding.indicator) for finding in verdict.watch)
    return programme.having(version=programme.version + len(news) + 1, watched=others + now), raised


def proposed(
    release: Release, verdict: Verdict, releases: Sequence[Release], before: Iterable[Recommendation], today: date
) -> Recommendation | None:
    """The recommendation that a verdict leads to, after `release`; `before` are those about the same revision.

    There is none while one waits for the office or for a new revision, nor once a revision has answered it: groups of
    the old one go on to their end, and there is nothing more to say to it. What the office has declined is not said
    again before a release says more.
    """
    found = [(finding.indicator, finding.cohorts) for finding in verdict.change]
    if not found or any(one.state is not RecommendationState.declined for one in before):
        return None
    release_ids = evidence.rests_on(found, releases)
    name = recommendation_id(release.programme, release.revision, release_ids)
    if any(name == one.id for one in before):
        return None
    return Recommendation(
        id=name,
        programme=release.programme,
        revision=release.revision,
        title=release.title,
        cohort_ids=tuple(sorted({cohort for finding in verdict.change for cohort in finding.cohorts})),
        release_ids=release_ids,
        rule_version=RULE_VERSION,
        findings=tuple(_told(finding) for finding in verdict.change),
        recommended_on=today,
    )


def recommendation_id(programme: str, revision: int, release_ids: Sequence[str]) -> str:
    """The same for the same releases under the same rule: however often they are judged, it is one recommendation."""
    rests_on = json.dumps([programme, revision, RULE_VERSION, sorted(release_ids)])
    return f"R-{sha256(rests_on.encode()).hexdigest()[:12]}"


def announcement(one: Recommendation, url: str) -> ProgrammeChangeRecommended:
    """The recommendation as others hear of it."""
    return ProgrammeChangeRecommended(
        version=one.version,
        recommendation_id=one.id,
        programme=one.programme,
        revision=one.revision,
        cohort_ids=one.cohort_ids,
        rule_version=one.rule_version,
        findings=one.findings,
        release_ids=one.release_ids,
        url=url,
    )


def decided(
    one: Recommendation, decision: Decision, *, reason: str | None, by: str, today: date
) -> tuple[Recommendation, RecommendationResolved] | None:
    """The recommendation as the office has decided it; None if it has been decided already."""
    if one.state is not RecommendationState.open:
        return None
    after = one.having(
        version=one.version + 1,
        state=RecommendationState(decision),
        reason=reason if decision == "declined" else None,
        decided_by=by,
        decided_on=today,
    )
    return after, _resolved(after, decision)


def addressed(one: Recommendation, revised: Revised) -> tuple[Recommendation, RecommendationResolved] | None:
    """The recommendation as a revision answers it, whatever the office said before; None if this one does not.

    It does not when it is of another programme or no later than what it is to mend, nor when an earlier revision has
    answered it.
    """
    fits = revised.programme == one.programme and revised.revision > one.revision
    if not fits or (one.addressed_by is not None and one.addressed_by <= revised.revision):
        return None
    after = one.having(version=one.version + 1, state=RecommendationState.addressed, addressed_by=revised.revision)
    return after, _resolved(after, "addressed")


def _resolved(one: Recommendation, outcome: Literal["accepted", "declined", "addressed"]) -> RecommendationResolved:
    declined = outcome == "declined" and one.reason
    return RecommendationResolved(
        version=one.version,
        recommendation_id=one.id,
        programme=one.programme,
        outcome=outcome,
        reason=Reason(code=DECLINED, text=LocalisedText(sv=one.reason, en=one.reason))
        if declined and one.reason
        else None,
        addressed_by=one.addressed_by,
    )


def _told(finding: Finding) -> Told:
    """A finding with as many digits as its figures bear: more would only help to reckon backwards."""

    def short(value: float | None, digits: int = 1) -> float | None:
        return None if value is None else round(value, digits)

    return Told(
        indicator=finding.indicator,
        cohort_ids=finding.cohorts,
        because=tuple(reason.value for reason in finding.because),
        estimate=round(finding.estimate, 1),
        low=short(finding.low),
        high=short(finding.high),
        probability=short(finding.probability, 3),
        threshold=finding.threshold,
        direction="below",
    )
