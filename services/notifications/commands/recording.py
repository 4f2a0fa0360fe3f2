"""Keeping how attempts to send ended."""

from collections.abc import Callable, Mapping

from services.notifications.commands.posting import keep
from services.notifications.commands.suppressing import suppress
from services.notifications.model import Membership, Message, Standing, State
from services.notifications.rules import bounces, messages, reasons
from services.notifications.rules.messages import Pauses, Result, Verdict
from services.notifications.store import NotificationsTransaction
from shared.cloudevents import Cause

ABOUT_PLACES = ("offer", "approval")
"""Kinds that say something about a place that may be true no longer."""


async def record_attempts(
    tx: NotificationsTransaction, attempts: Mapping[str, Verdict], sender: Callable[[Message], bool], pauses: Pauses
) -> list[Message]:
    """Keep how attempts to send ended, and tell others of those messages that are over.

    `sender` says whether a message is still in the hands of whoever tried; one that is not is decided by who has it.
    """
    found = await tx.messages.get_many(attempts)
    ended = [
        messages.after(message, attempts[message.id], tx.now, pauses) for message in found.values() if sender(message)
    ]
    kept = [await _if_still_to_be_said(tx, message) for message in ended]
    for message in kept:
        if message.correlation_id:  # what became of a mail belongs to the chain that it came from
            tx.cause = Cause(message.id, message.correlation_id, message.change_id)
        keep(tx, message)
        reply = attempts[message.id].reply
        if attempts[message.id].result is Result.failed and bounces.is_hard(reply):
            await suppress(tx, message, bounces.status_in(reply))
    return kept


async def _if_still_to_be_said(tx: NotificationsTransaction, message: Message) -> Message:
    """The message; withdrawn if the relay has put it off and meanwhile nobody wants it to be sent any more."""
    if not message.is_unsent:
        return message
    contact = await tx.contact(message.employee_id)
    if contact is not None and contact.has_left(tx.today):
        return messages.ended(message, State.withdrawn, reasons.LEFT)
    place = await tx.memberships.get(message.regarding) if message.kind in ABOUT_PLACES else None
    if place is not None and not still_true(message, place):
        return messages.ended(message, State.withdrawn, reasons.NO_LONGER_TRUE)
    return message


def still_true(message: Message, place: Membership) -> bool:
    """Whether what a mail says about a place is how it stands."""
    if message.kind == "approval":
        return place.standing is Standing.asked_about and place.approval_id == message.id
    return place.standing is Standing.offered
