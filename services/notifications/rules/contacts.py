"""Whom we can reach, and where: what HR's words mean for the contact book."""

from datetime import date, datetime, timedelta

from services.notifications.model import Card, Contact, Word
from shared.events.hr import EmployeeChanged, EmployeeLeft

DAY = timedelta(days=1)


def word(event: EmployeeChanged | EmployeeLeft) -> Word:
    """What HR says, as far as it is about writing to her; a departure holds from the day after the last day."""
    if isinstance(event, EmployeeLeft):
        return Word(version=event.version, begins=event.last_day + DAY, last_day=event.last_day)
    card = Card(
        given_name=event.given_name,
        family_name=event.family_name,
        email=event.email,
        language=event.language,
    )
    return Word(version=event.version, begins=event.effective_from, card=card, last_day=event.employed_to)


def told(known: Contact | None, event: EmployeeChanged | EmployeeLeft, today: date) -> Contact | None:
    """The contact after HR's word about her; nothing if that word will never count.

    Of everything that has begun on a day, the highest version counts on that day, in whatever order it was told.
    """
    before = known or Contact(id=event.employee_id)
    said = word(event)
    start = max(said.begins, today)
    newer = any(other.version >= said.version and other.begins <= start for other in before.upcoming)
    if said.version <= before.version or newer:
        return None
    ahead = [other for other in before.upcoming if other.version > said.version or other.begins < start]
    return on_its_day(before.having(upcoming=(*ahead, said)), today)


def reconciled(known: Contact | None, event: EmployeeChanged, taken_at: datetime, today: date) -> Contact | None:
    """The contact after her record in a snapshot; nothing if that will never count.

    It is HR's word like any other. Only somebody who was missing from an older snapshot is there again with the version
    that is known.
    """
    if known is None or known.version != event.version or _is_judged(known, taken_at):
        return told(known, event, today)
    said = word(event)
    if said.card == known.card and said.last_day == known.last_day:
        return None
    return known.having(card=said.card, last_day=said.last_day, judged_at=taken_at)


def missing(known: Contact | None, version: int, last_day: date, taken_at: datetime) -> Contact | None:
    """The contact of somebody who is not in a snapshot any more; nothing if HR has told something newer about her.

    It uses up no version, and what lies ahead for her is kept.
    """
    if known is None or known.version > version or _is_judged(known, taken_at):
        return None
    return known.having(last_day=last_day, judged_at=taken_at)


def _is_judged(known: Contact, taken_at: datetime) -> bool:
    return known.judged_at is not None and known.judged_at >= taken_at


def on_its_day(contact: Contact, today: date) -> Contact:
    """The contact with everything whose day has come."""
    upcoming = sorted(contact.upcoming, key=lambda word: (word.begins, word.version))
    for begun in (word for word in upcoming if word.begins <= today):
        if begun.version > contact.version:
            card = begun.card or contact.card
            contact = contact.having(version=begun.version, card=card, last_day=begun.last_day)
    return contact.having(upcoming=tuple(word for word in upcoming if word.begins > today))


def next_day(contact: Contact, today: date) -> date | None:
    """The first day after `today` on which something changes about writing to her, by what is known now."""
    days = [word.begins for word in contact.upcoming]
    days += [contact.last_day + DAY] if contact.last_day else []
    return min((day for day in days if day > today), default=None)
