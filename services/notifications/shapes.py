"""What programs are answered, as types: how messages fared, never what they say."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.notifications.model import Breach, Invitation, Message, Promise, State, Suppression
from shared.events import Reason


class Shape(BaseModel):
    """Something that is answered."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class MessageShown(Shape):
    """A message: how it fared, not what it says."""

    message_id: str
    kind: str
    employee_id: str
    regarding: str
    sequence: int
    state: State
    deadline: datetime
    created_at: datetime
    sha256: str | None
    next_at: datetime | None
    attempts: int
    unclear: int
    data_started_at: datetime | None
    sent_at: datetime | None
    bounced_at: datetime | None
    reply: str | None
    reason: Reason | None
    change_id: str | None
    resent: int

    @classmethod
    def of(cls, message: Message) -> "MessageShown":
        """The message as others may see it."""
        return cls.model_validate({"message_id": message.id, **message.model_dump(exclude={"contents", "lease"})})


class InvitationShown(Shape):
    """A calendar identity."""

    id: str
    uid: str
    session_id: str
    cohort_id: str
    place_id: str
    employee_id: str
    round: int
    sequence: int
    method: str
    message_id: str | None
    state: str

    @classmethod
    def of(cls, invitation: Invitation) -> "InvitationShown":
        """The identity as others may see it."""
        state = "live" if invitation.method == "REQUEST" else "cancelled"
        return cls.model_validate({**invitation.model_dump(), "state": state})


class BreachShown(Shape):
    """A promise to somebody that is broken, and why."""

    breach_id: str
    promise: Promise
    place_id: str
    employee_id: str
    cohort_id: str
    regarding: str
    reason: Reason
    since: datetime

    @classmethod
    def of(cls, breach: Breach) -> "BreachShown":
        """The breach as others may see it."""
        return cls.model_validate({"breach_id": breach.id, **breach.model_dump()})


class SuppressionShown(Shape):
    """An address that nothing is sent to, since a mail came back; it is not told itself, but whose it was."""

    suppression_id: str
    employee_id: str
    message_id: str
    status: str
    since: datetime

    @classmethod
    def of(cls, suppression: Suppression) -> "SuppressionShown":
        """The suppression as others may see it."""
        return cls.model_validate({"suppression_id": suppression.id, **suppression.model_dump()})


class SuppressionPage(Shape):
    """A part of the addresses that nothing is sent to."""

    items: list[SuppressionShown]
    next: str | None


class MessagePage(Shape):
    """A part of the messages; `next` is the `after` of the part that follows."""

    items: list[MessageShown]
    next: str | None


class InvitationPage(Shape):
    """A part of the calendar identities."""

    items: list[InvitationShown]
    next: str | None


class BreachPage(Shape):
    """A part of the promises that are broken."""

    items: list[BreachShown]
    next: str | None


class Reinvited(Shape):
    """The identities that were made in place of those taken back."""

    invitations: list[InvitationShown]
