"""Whom we can reach, and where: what HR's newest word means for the contact book."""

from datetime import date

from services.notifications.model import Card, Contact
from shared.events.hr import EmployeeChanged, EmployeeLeft


def told(contact: Contact | None, event: EmployeeChanged, today: date) -> Contact | None:
    """The contact after HR's record of her; nothing if a newer word is known already.

    A record for a later day waits for it, unless no address is known at all: then hers of tomorrow is better than none.
    """
    if contact is not None and event.version <= contact.version:
        return None
    card = Card(
        given_name=event.given_name,
        family_name=event.family_name,
        email=event.email,
        language=event.language,
    )
    newest = Contact(id=event.employee_id, version=event.version, last_day=event.employed_to)
    if contact is None or contact.card is None or event.effective_from <= today:
        return newest.having(card=card)
    return newest.having(card=contact.card, coming=card, coming_from=event.effective_from)


def left(contact: Contact | None, event: EmployeeLeft) -> Contact | None:
    """The contact after HR said when she leaves; nothing if a newer word is known already."""
    if contact is not None and event.version <= contact.version:
        return None
    known = contact or Contact(id=event.employee_id, version=event.version)
    return known.having(version=event.version, last_day=event.last_day)


def on_its_day(contact: Contact, today: date) -> Contact:
    """The contact with what was to come, once its day has come."""
    if contact.coming is None or contact.coming_from is None or contact.coming_from > today:
        return contact
    return contact.having(card=contact.coming, coming=None, coming_from=None)
