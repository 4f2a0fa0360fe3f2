"""A recommendation in plain words: each finding a sentence that says how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.evaluation.model import Recommendation, RecommendationState
from services.evaluation.recommendations.phrases import PHRASES, RecommendationWords
from services.evaluation.reports.measures import certainty
from services.evaluation.rules.evidence import GAIN, VITALITY, Compared
from shared.events.evaluation import Finding

SURELY, LIKELY = 0.975, 0.8
"""Above these probabilities we say "almost certainly" and "probably": the first is an interval of 95 % on one side."""


@dataclass(frozen=True)
class FindingInWords:
    """What was found, why it counts, and in which groups."""

    sentence: str
    because: tuple[str, ...]
    cohort_ids: tuple[str, ...]


def in_words(finding: Finding, w: RecommendationWords) -> FindingInWords:
    """One finding as it is read."""
    because = tuple(w[reason] for reason in finding.because if reason in PHRASES)
    return FindingInWords(_sentence(finding, w), because, finding.cohort_ids)


def _sentence(finding: Finding, w: RecommendationWords) -> str:
    show = w.signed if finding.indicator == GAIN else w.number
    numbers = {"estimate": show(finding.estimate), "threshold": f"{finding.threshold:g}"}
    if finding.low is None or finding.high is None:
        return w["finding_vitality"].format(**numbers)
    numbers |= {"low": show(finding.low), "high": show(finding.high), "label": label(finding.indicator, w)}
    probability = finding.probability or 0.0
    sure = "surely" if probability > SURELY else "likely"
    if finding.indicator == GAIN:
        return w["finding_gain"].format(certainty=w[sure], **numbers)
    if probability <= LIKELY:
        return w["finding_level_maybe"].format(**numbers)
    return w["finding_level"].format(certainty=w[f"{sure}_below"], **numbers)


def label(indicator: str, w: RecommendationWords) -> str:
    """An indicator as people call it; its code where it has no name here."""
    name = indicator.removeprefix("RX.")
    return w[name] if name in PHRASES else indicator


def answer_in_words(one: Recommendation, w: RecommendationWords) -> tuple[str, ...]:
    """What the office and a revision have said to it."""
    told = []
    if one.decided_on is not None:
        phrase = "declined_by" if one.reason else "accepted_by"
        told.append(w[phrase].format(day=one.decided_on.isoformat(), by=one.decided_by, reason=one.reason))
    if one.addressed_by is not None:
        told.append(w["addressed_by"].format(revision=one.addressed_by))
    return tuple(told)


def since_in_words(one: Recommendation, compared: Sequence[Compared], w: RecommendationWords) -> tuple[str, ...]:
    """How it has gone since the programme was changed; nothing before it was."""
    if one.state is not RecommendationState.addressed:
        return ()
    lines = [
        w["since_line"].format(
            label=label(each.indicator, w),
            revision=one.addressed_by,
            gain=w.signed(each.gain),
            low=w.signed(each.low),
            high=w.signed(each.high),
            later=each.later,
            earlier=each.earlier,
            finding=w[certainty(each.gain, each.low, each.high)],
        )
        for each in compared
    ]
    comparable = [finding for finding in one.findings if finding.indicator != VITALITY]
    return tuple(lines) if lines or not comparable else (w["since_wait"],)
