"""Addresses that do not work: who finds out, and asking before anything is sent there."""

from collections.abc import Iterable
from hashlib import sha256

from services.notifications.mime import mailable
from services.notifications.model import Contact, Letter, Message, Suppression
from services.notifications.store import NotificationsTransaction


def suppression_id(address: str) -> str:
    """Where the suppression of an address is kept; it does not tell the address."""
    return sha256(address.casefold().encode()).hexdigest()[:40]


async def suppress(tx: NotificationsTransaction, message: Message, status: str) -> None:
    """The address that a message went to does not exist: nothing more is sent there."""
    letter = await tx.documents(Letter).get(message.id)
    contact = await tx.contact(message.employee_id)
    address = letter.address if letter else _address(contact)
    if address is not None:
        since = Suppression(
            id=suppression_id(address),
            employee_id=message.employee_id,
            message_id=message.id,
            status=status,
            since=tx.now,
        )
        if await tx.documents(Suppression).get(since.id) is None:
            tx.save(since)


async def is_suppressed(tx: NotificationsTransaction, contact: Contact | None) -> bool:
    """Whether mails to somebody would come back."""
    address = _address(contact)
    return address is not None and await tx.documents(Suppression).get(suppression_id(address)) is not None


async def look_up(tx: NotificationsTransaction, contacts: Iterable[Contact]) -> None:
    """Read together what will be asked of each."""
    addresses = [address for contact in contacts if (address := _address(contact))]
    await tx.documents(Suppression).get_many(suppression_id(address) for address in addresses)


def _address(contact: Contact | None) -> str | None:
    card = contact.best_card if contact else None
    return mailable(card.email) if card else None
