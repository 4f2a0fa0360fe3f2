"""What evaluation says. No event carries an answer, a pseudonym or the id of a response."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.events.base import Event, Fact, Id, LocalisedText, Reason, registered
from shared.events.enrolment import Erasure, Heartbeat


class WaveEvent(Event):
    """Something about one wave: one cohort asked at one time."""

    about: ClassVar[str] = "wave_id"

    wave_id: Id
    wave: str
    of: Literal["managers", "employees"] = "managers"
    """Who is asked: the members of the group, or those whom they lead."""
    cohort_id: Id
    programme: Id


@registered
class WaveOpened(WaveEvent):
    """A wave can be answered until `closes_at`."""

    type: ClassVar[str] = "evaluation.wave.opened.v1"

    closes_at: AwareDatetime


@registered
class WaveClosed(WaveEvent):
    """A wave can no longer be answered."""

    type: ClassVar[str] = "evaluation.wave.closed.v1"


class SurveyRecipient(Fact):
    """One person asked, with her own link."""

    employee_id: Id
    url: str


class SurveyRequest(WaveEvent):
    """People to be written to about a wave. `version` rises with each request in the wave."""

    title: LocalisedText
    closes_at: AwareDatetime
    minutes: int
    recipients: tuple[SurveyRecipient, ...]


@registered
class InvitationsRequested(SurveyRequest):
    """People to be invited to answer a wave, each with her one-time link."""

    type: ClassVar[str] = "evaluation.invitations.requested.v1"


@registered
class RemindersRequested(SurveyRequest):
    """People who have not answered yet."""

    type: ClassVar[str] = "evaluation.reminders.requested.v1"


class Figure(Fact):
    """One published number with its 95 % interval where there is one, and what later pooling needs of it."""

    indicator: str
    wave: str
    n: int
    value: float
    low: float | None = None
    high: float | None = None
    band: tuple[float, float] | None = None
    """Told instead of the value, which is then its middle: nearly all gave the same answer."""
    sd: float | None = None
    """Standard deviation between people, in the figure's own unit."""
    unit: Literal["points", "change", "percent", "people"] = "points"
    """Points on a scale of 0–100, a change on it, a share of people in percent, or a number of people."""


@registered
class ReleasePublished(Event):
    """A stage's results are published, once and unchangeable; every figure rests on at least k people."""

    type: ClassVar[str] = "evaluation.release.published.v1"
    about: ClassVar[str] = "release_id"

    release_id: Id
    cohort_id: Id
    stage: str = "T1"
    """Which wave the results are about: T0 to T4, or P for a pulse after a session."""
    programme: Id
    revision: int
    k: int
    figures: tuple[Figure, ...]
    url: str


@registered
class ResultSuppressed(Event):
    """A result is not published, to protect those who answered; the reason never says how many they were."""

    type: ClassVar[str] = "evaluation.result.suppressed.v1"
    about: ClassVar[str] = "release_id"

    release_id: Id
    cohort_id: Id
    indicator: str
    reason: Literal["too_few", "difference", "homogeneous", "not_scored"]


@registered
class ProgrammeAttentionRaised(Event):
    """An indicator of a programme may be weak."""

    type: ClassVar[str] = "evaluation.programme.attention_raised.v1"
    about: ClassVar[str] = "programme"

    programme: Id
    revision: int
    indicator: str
    probability: float


class Finding(Fact):
    """What speaks for a change: an estimate from published figures, with its 95 % interval, beside its threshold.

    `probability` is the one that the true value lies on the wrong side of the threshold; vitality has neither that nor
    an interval. `because` are the parts of the rule that it met.
    """

    indicator: str
    cohort_ids: tuple[Id, ...]
    because: tuple[str, ...]
    estimate: float
    low: float | None = None
    high: float | None = None
    probability: float | None = None
    threshold: float
    direction: Literal["below", "above"] = "below"


@registered
class ProgrammeChangeRecommended(Event):
    """The results say that a revision of a programme should be changed; a person decides."""

    type: ClassVar[str] = "evaluation.programme.change_recommended.v1"
    about: ClassVar[str] = "recommendation_id"

    recommendation_id: Id
    programme: Id
    revision: int
    cohort_ids: tuple[Id, ...]
    rule_version: str
    findings: tuple[Finding, ...]
    release_ids: tuple[Id, ...]
    url: str


@registered
class RecommendationResolved(Event):
    """A recommendation was accepted, declined with a reason, or answered by a revision."""

    type: ClassVar[str] = "evaluation.recommendation.resolved.v1"
    about: ClassVar[str] = "recommendation_id"

    recommendation_id: Id
    programme: Id
    outcome: Literal["accepted", "declined", "addressed"]
    reason: Reason | None = None
    """Why it was declined, in the office's own words."""
    addressed_by: int | None = None
    """The revision that answers it."""


@registered
class LinkKeyDestroyed(Event):
    """The key that could join a person's waves is gone, and the raw answers with it: the proof of their destruction."""

    type: ClassVar[str] = "evaluation.link_key.destroyed.v1"
    about: ClassVar[str] = "cohort_id"

    cohort_id: Id
    destroyed_at: AwareDatetime | None = None
    destroyed: dict[str, int | None] = Field(default_factory=dict)
    """How many documents of each kind are gone; nothing where the number would point at somebody."""


@registered
class ErasureCompleted(Erasure):
    """Evaluation has erased a person."""

    type: ClassVar[str] = "evaluation.privacy.erasure_completed.v1"


@registered
class HeartbeatPassed(Heartbeat):
    """A beat has come through evaluation."""

    type: ClassVar[str] = "evaluation.heartbeat.passed.v1"
