"""What the office does about a mail that did not arrive: the same bytes again, or another invitation in its place."""

from services.notifications.commands import recording
from services.notifications.commands.calendars import invite_anew
from services.notifications.commands.suppressing import is_suppressed
from services.notifications.contents import CALENDAR_KINDS
from services.notifications.mime import mailable
from services.notifications.model import Invitation, Message, Suppression
from services.notifications.rules import resending
from services.notifications.rules.resending import Reach, Refusal, Standing
from services.notifications.store import NotificationsTransaction


async def resend(tx: NotificationsTransaction, message_id: str) -> Message | Refusal:
    """Send a message again: the same letter with the same Message-ID and Date, so that a second copy can be told."""
    message = await tx.messages.get(message_id)
    if message is None:
        return resending.unknown("message", message_id)
    letter = await tx.letters.get(message_id)
    contact = await tx.contact(message.employee_id)
    address = mailable(contact.best_card.email) if contact and contact.best_card else None
    has_left = contact is not None and contact.has_left(tx.today)
    reach = Reach(letter.address if letter else None, address, has_left, await is_suppressed(tx, contact))
    if refusal := resending.why_not(Standing(message, reach, await _is_true(tx, message)), tx.now):
        return refusal
    going = resending.again(message)
    tx.save(going)
    tx.wake_sender()
    return going


async def _is_true(tx: NotificationsTransaction, message: Message) -> bool:
    if message.kind in CALENDAR_KINDS:
        newest = await tx.invitations.with_uid(message.order_key)
        return newest is not None and newest.message_id == message.id
    place = await tx.memberships.get(message.regarding)
    return place is None or message.kind not in recording.ABOUT_PLACES or recording.still_true(message, place)


async def reinvite(tx: NotificationsTransaction, invitation_id: str) -> list[Invitation] | Refusal:
    """Take an entry back and send another in its place, for somebody whose calendar has lost it."""
    before = await tx.invitations.get(invitation_id)
    if before is None:
        return resending.unknown("invitation", invitation_id)
    after = await invite_anew(tx, invitation_id)
    return [after] if after else resending.why_not_anew(before, before.place_id)


async def reinvite_place(tx: NotificationsTransaction, place_id: str) -> list[Invitation] | Refusal:
    """Take back all entries of a place that are to come, and send others in their place."""
    place = await tx.memberships.get(place_id)
    if place is None:
        return resending.unknown("place", place_id)
    entries = await tx.invitations.of_person(place.employee_id)
    anew = [await invite_anew(tx, entry.id) for entry in entries if entry.place_id == place_id]
    made = [entry for entry in anew if entry is not None]
    return made or resending.why_not_anew(None, place_id)


async def lift(tx: NotificationsTransaction, suppression_id: str) -> Suppression | Refusal:
    """Let mails go to an address again, as when a full or closed mailbox works."""
    found = await tx.documents(Suppression).get(suppression_id)
    if found is None:
        return resending.unknown("suppression", suppression_id)
    tx.delete(found)
    return found
