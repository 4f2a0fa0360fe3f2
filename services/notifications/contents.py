"""What each kind of mail says, as facts: made by decisions, put into words later."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.events import LocalisedText


class Part(BaseModel):
    """A frozen piece of a document."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Appointment(Part):
    """What an entry in a calendar says."""

    programme: LocalisedText
    title: LocalisedText
    starts_at: datetime
    ends_at: datetime
    location: str


class OfferMail(Part):
    """A place is offered: she answers by a link, before a deadline."""

    kind: Literal["offer"] = "offer"
    programme: LocalisedText
    sessions: tuple[Appointment, ...]
    answer_by: datetime
    answer_url: str


class ExpiredMail(Part):
    """An offer has run out without an answer."""

    kind: Literal["offer_expired"] = "offer_expired"
    programme: LocalisedText


class WithdrawnMail(Part):
    """An offer that she has had holds no longer, and why."""

    kind: Literal["offer_withdrawn"] = "offer_withdrawn"
    programme: LocalisedText
    reason: LocalisedText


class ApprovalMail(Part):
    """A manager is asked whether somebody may go: she answers by a link. `person` is not known to us yet if none;
    `escalated`: her own line manager could not answer."""

    kind: Literal["approval"] = "approval"
    programme: LocalisedText
    person: str | None
    reason: LocalisedText | None
    answer_by: datetime
    answer_url: str
    escalated: bool = False


Answered = Literal["accepted", "declined", "tentative"]
"""What somebody can answer from her calendar."""

Cause = Literal["session", "cohort", "place", "anew"]
"""Why an entry leaves a calendar; `anew`: for another that says the same."""


class CalendarMail(Part):
    """One revision of a calendar entry. `before` is what her calendar shows until now, if anything."""

    kind: Literal["invite", "update", "cancel"]
    uid: str
    sequence: int
    stamped_at: datetime
    appointment: Appointment
    before: Appointment | None = None
    answer_wanted: bool = False
    answer: Answered | None = None
    cause: Cause | None = None
    reason: LocalisedText | None = None
    silent: bool = False
    """Whether it only brings the calendar in line: an overview says the rest."""

    @property
    def has_new_time(self) -> bool:
        """Whether her calendar shows another time until now."""
        old, new = self.before, self.appointment
        return old is not None and (old.starts_at, old.ends_at) != (new.starts_at, new.ends_at)

    @property
    def has_new_place(self) -> bool:
        """Whether her calendar shows another place until now."""
        return self.before is not None and self.before.location != self.appointment.location


class ReminderMail(Part):
    """A session is near."""

    kind: Literal["reminder"] = "reminder"
    appointment: Appointment


class SurveyMail(Part):
    """A survey is open, or still open: she answers by a link of her own."""

    kind: Literal["survey", "survey_reminder"] = "survey"
    programme: LocalisedText
    wave: str
    of: Literal["managers", "employees"] = "managers"
    """Whether she is asked as a participant, or about her manager, who is one."""
    closes_at: datetime
    minutes: int
    url: str


class CompletedMail(Part):
    """She has completed a programme: the day, the hours if they are known, and what she took part in. Her diploma goes
    with it."""

    kind: Literal["completed"] = "completed"
    programme: LocalisedText
    completed_on: date
    hours: float | None = None
    sessions: tuple[Appointment, ...] = ()


News = Annotated[
    CalendarMail | ReminderMail | ExpiredMail | WithdrawnMail,
    Field(discriminator="kind"),
]
"""What tells something and asks for nothing."""


NEVER = datetime.max.replace(tzinfo=UTC)


def _starts_at(one: News) -> datetime:
    return one.appointment.starts_at if isinstance(one, CalendarMail | ReminderMail) else NEVER


class OverviewMail(Part):
    """Several pieces of news in one mail. `held_back`: they have waited because she has had many mails that week."""

    kind: Literal["overview"] = "overview"
    news: tuple[News, ...]
    held_back: bool = False

    @property
    def programmes(self) -> tuple[LocalisedText, ...]:
        """The programmes that the news are about, each once."""
        named = [
            one.appointment.programme if isinstance(one, CalendarMail | ReminderMail) else one.programme
            for one in self.news
        ]
        return tuple({programme.sv: programme for programme in named}.values())

    def of_kind(self, *kinds: str) -> tuple[News, ...]:
        """The news of some kinds, what is soonest first."""
        found = [one for one in self.news if one.kind in kinds]
        return tuple(sorted(found, key=_starts_at))


Contents = Annotated[
    OfferMail
    | ExpiredMail
    | WithdrawnMail
    | ApprovalMail
    | CalendarMail
    | ReminderMail
    | SurveyMail
    | CompletedMail
    | OverviewMail,
    Field(discriminator="kind"),
]
KINDS = (
    *("offer", "offer_expired", "offer_withdrawn", "approval", "invite", "update", "cancel", "reminder", "survey"),
    *("survey_reminder", "completed", "overview"),
)
CALENDAR_KINDS = frozenset({"invite", "update", "cancel"})
NOTICE_KINDS = frozenset({"offer_expired", "offer_withdrawn", "reminder"})
"""Mails that tell something, ask for nothing and change no calendar: they may be told together with others."""
FORWARDED = "forwarded"
"""A letter to us that is passed on to the programme office, as it came."""
SECRET_KINDS = frozenset({"survey_reminder"})
"""Mails of which nobody learns but whoever they are for: that she was reminded says that she had not answered."""
PRIVATE_KINDS = SECRET_KINDS | {"survey"}
"""Mails with a link by which one could answer in her name: nobody else may read them, and they are not kept."""
UNTOLD_KINDS = SECRET_KINDS | {FORWARDED}
"""Mails of whose fate no event tells."""
UNSEEN_KINDS = PRIVATE_KINDS | {FORWARDED}
"""Mails that nobody is shown but whoever they are for: what people write to us is theirs, too."""
