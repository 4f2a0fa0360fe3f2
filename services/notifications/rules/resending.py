"""What the office may let be sent again, and why not."""

from datetime import datetime
from typing import Literal, NamedTuple

from services.notifications.contents import UNSEEN_KINDS
from services.notifications.model import AT_ONCE, Invitation, Message, State

RESENDABLE = (State.sent, State.failed, State.ambiguous)


class Refusal(NamedTuple):
    """A business "no", for a program (`slug`) and for whoever asked (`detail`)."""

    kind: Literal["unknown", "conflict", "private"]
    slug: str
    detail: str


class Reach(NamedTuple):
    """How she can be reached: the address on the letter, the one that HR tells now, whether she has left, and whether
    mails to her come back."""

    addressed_to: str | None
    address: str | None
    has_left: bool
    is_suppressed: bool = False


class Standing(NamedTuple):
    """A message among other things: whether it still says how its place or its calendar entry stands."""

    message: Message
    reach: Reach
    is_true: bool


def unknown(what: str, name: str) -> Refusal:
    """There is no such thing."""
    return Refusal("unknown", what, f"There is no {what} {name}: look at the list.")


def why_not(asked: Standing, now: datetime) -> Refusal | None:
    """Why the bytes of a message cannot be sent again; nothing if they can."""
    message, reach = asked.message, asked.reach
    if message.kind in UNSEEN_KINDS:
        return Refusal("private", "private", "The mail is for whoever it was sent to: nobody else sends it again.")
    if not message.is_over:
        return _no("not-over", "The message is still on its way: wait until it has ended.")
    if message.state not in RESENDABLE:
        return _no("ended", f"The message is {message.state.value}: what it says no longer counts, so it is not sent.")
    obstacles = (
        (now >= message.deadline, "too-late", "It is too late for what the message says."),
        (not asked.is_true, "superseded", "It no longer says how things stand: look for a newer message."),
        (reach.has_left, "left", "The person has left: nothing is sent to her."),
        (reach.is_suppressed, "suppressed", "Mails to this address come back: correct it in HR, or lift the block."),
        (reach.addressed_to is None, "no-letter", "There are no bytes: correct the address in HR, and re-invite."),
        (reach.address != reach.addressed_to, "other-address", "The person has another address now: re-invite her."),
    )
    return next((_no(slug, detail) for holds, slug, detail in obstacles if holds), None)


def why_not_anew(invitation: Invitation | None, place_id: str) -> Refusal:
    """Why somebody cannot be invited anew."""
    name = invitation.id if invitation else place_id
    return _no("no-entry", f"{name} has no entry that is hers and to come: there is nothing to invite to anew.")


def again(message: Message) -> Message:
    """The message on its way once more, with the same bytes; how it ended before stands in the audit log."""
    return message.having(
        state=State.rendered,
        next_at=AT_ONCE,
        lease=None,
        attempts=0,
        unclear=0,
        reason=None,
        resent=message.resent + 1,
        bounced_at=None,
        sent_at=None if message.bounced_at else message.sent_at,
    )


def _no(slug: str, detail: str) -> Refusal:
    return Refusal("conflict", slug, detail)
