"""Keeping the contact book, and what follows for what has been or should be said."""

from services.notifications.commands.posting import WAITED_TOO_LONG, send_off, withdraw
from services.notifications.model import Contact, State
from services.notifications.rules import contacts, messages, reasons, times
from services.notifications.store import NotificationsTransaction
from shared.model import Timer

CONTACT_CHANGES = "contact_changes"


async def keep_contact(tx: NotificationsTransaction, before: Contact | None, contact: Contact) -> None:
    """Write the contact book, and act on what has changed about whether she can be reached."""
    tx.save(contact)
    _look_again(tx, before, contact)
    if contact.has_left(tx.today):
        for message in await tx.messages.unsent(employee_id=contact.id):
            withdraw(tx, message, messages.ended(message, State.withdrawn, reasons.LEFT))
    elif contact.best_card is not None and contact.waiting:
        tx.save(contact.having(waiting=0))
        for message in await tx.messages.unsent(employee_id=contact.id):
            if message.state is State.waiting:
                tx.cancel_timer(WAITED_TOO_LONG, message.id)
                await send_off(tx, message, contact)


def _look_again(tx: NotificationsTransaction, before: Contact | None, contact: Contact) -> None:
    """One timer a person, on the next day that changes something about writing to her."""
    day = contacts.next_day(contact, tx.today)
    if day:
        tx.save(Timer.of(CONTACT_CHANGES, contact.id, times.start_of(day, tx.zone)))
    elif before is not None and contacts.next_day(before, tx.today):
        tx.cancel_timer(CONTACT_CHANGES, contact.id)
