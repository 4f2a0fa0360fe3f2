"""What each kind of mail says, as facts: made by decisions, put into words later."""

from datetime import date, datetime
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


Cause = Literal["session", "cohort", "place"]


class CalendarMail(Part):
    """One revision of a calendar entry. `before` is what her calendar shows until now, if anything."""

    kind: Literal["invite", "update", "cancel"]
    uid: str
    sequence: int
    stamped_at: datetime
    appointment: Appointment
    before: Appointment | None = None
    answer_wanted: bool = False
    cause: Cause | None = None
    reason: LocalisedText | None = None

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
    """A survey is open: she answers by a link of her own."""

    kind: Literal["survey"] = "survey"
    programme: LocalisedText
    wave: str
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


Contents = Annotated[
    OfferMail | ExpiredMail | WithdrawnMail | ApprovalMail | CalendarMail | ReminderMail | SurveyMail | CompletedMail,
    Field(discriminator="kind"),
]
KINDS = (
    "offer",
    "offer_expired",
    "offer_withdrawn",
    "approval",
    "invite",
    "update",
    "cancel",
    "reminder",
    "survey",
    "completed",
)
CALENDAR_KINDS = frozenset({"invite", "update", "cancel"})
PRIVATE_KINDS = frozenset({"survey"})
"""Mails with a link by which one could answer in her name: nobody else may read them, and they are not kept."""
