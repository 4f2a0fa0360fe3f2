"""What notifications says: how a message fared, and what came back."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.events.base import Event, Id, Reason, registered
from shared.events.enrolment import Erasure, Heartbeat


class MessageEvent(Event):
    """How one message to one person fared. `regarding` is the place, session or wave it was about."""

    about: ClassVar[str] = "message_id"

    message_id: Id
    kind: str
    employee_id: Id
    regarding: Id


@registered
class MessageDelivered(MessageEvent):
    """The mail server has taken the message."""

    type: ClassVar[str] = "notifications.message.delivered.v1"


@registered
class MessageFailed(MessageEvent):
    """The message will not be sent, for good; `reason` says why."""

    type: ClassVar[str] = "notifications.message.failed.v1"

    reason: Reason


@registered
class MessageBounced(MessageEvent):
    """The message came back after it had been taken."""

    type: ClassVar[str] = "notifications.message.bounced.v1"

    reason: Reason


@registered
class InvitationAnswered(Event):
    """Somebody answered a calendar invitation from her calendar."""

    type: ClassVar[str] = "notifications.invitation.answered.v1"
    about: ClassVar[str] = "place_id"

    place_id: Id
    employee_id: Id
    session_id: Id
    answer: Literal["accepted", "declined", "tentative"]
    answered_at: AwareDatetime


@registered
class PromiseBroken(Event):
    """Somebody who should have a current invite or offer does not have it."""

    type: ClassVar[str] = "notifications.promise.broken.v1"
    about: ClassVar[str] = "place_id"

    place_id: Id
    employee_id: Id
    reason: Reason


@registered
class ErasureCompleted(Erasure):
    """Notifications has erased a person."""

    type: ClassVar[str] = "notifications.privacy.erasure_completed.v1"


@registered
class HeartbeatPassed(Heartbeat):
    """A beat has come through notifications."""

    type: ClassVar[str] = "notifications.heartbeat.passed.v1"
