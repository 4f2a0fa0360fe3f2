"""What somebody answers from her calendar (iMIP, RFC 6047): read out of a mail, and whether it counts.

Calendars write it in many shapes: as an alternative, as an attachment, into the text; subjects are in any language and
times in zones of their own. So an answer is known by UID, SEQUENCE, DTSTAMP and the address of who answers alone.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message as Mail
from enum import StrEnum
from typing import Literal, get_args

from icalendar import Calendar, vCalAddress, vDDDTypes

from services.notifications.model import Invitation
from services.notifications.rules import trust

MAX_BYTES = 128 * 1024
"""How large a calendar object may be that we read: an answer is one or two kilobytes."""

Said = Literal["accepted", "declined", "tentative"]
_METHODS = ("REPLY", "COUNTER", "REFRESH")
_BEGIN, _END = b"BEGIN:VCALENDAR", b"END:VCALENDAR"


class Refusal(StrEnum):
    """Why what came from a calendar does not count."""

    too_large = "too_large"
    unreadable = "unreadable"
    not_one_event = "not_one_event"
    no_answer = "no_answer"
    unknown_entry = "unknown_entry"
    not_invited = "not_invited"
    not_the_author = "not_the_author"
    not_genuine = "not_genuine"
    of_another_time = "of_another_time"
    older = "older"


@dataclass(frozen=True, slots=True)
class FromCalendar:
    """What a calendar sent: `method` about the entry `uid`, for `attendee`, perhaps by `sent_by` on her behalf.

    `said` is none unless the method is REPLY and it says something. `stamped_at` is the answer's own time.
    """

    method: str
    uid: str
    attendee: str
    sent_by: str | None
    sequence: int
    stamped_at: datetime
    said: Said | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that counts."""

    said: Said
    answered_at: datetime


def read(mail: Mail) -> FromCalendar | Refusal | None:
    """What a calendar says in the mail; nothing if there is no calendar object that a participant sends."""
    for content in _calendars(mail):
        if len(content) > MAX_BYTES:
            return Refusal.too_large
        try:
            calendar = Calendar.from_ical(content)
        except (ValueError, IndexError, KeyError, TypeError):  # what icalendar raises for what is no calendar
            return Refusal.unreadable
        method = str(calendar.get("METHOD", "")).strip().upper()
        if method in _METHODS:
            return _read_event(method, calendar)
    return None


def _calendars(mail: Mail) -> Iterable[bytes]:
    """The calendar objects in the order of the parts; what only stands in the text comes last."""
    texts = []
    for part in mail.walk():
        if part.is_multipart():
            continue
        kind, name = part.get_content_type(), (part.get_filename() or "").casefold()
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        if kind in ("text/calendar", "application/ics") or name.endswith(".ics"):
            yield content
        elif kind == "text/plain" and _BEGIN in content:
            texts.append(content)
    for text in texts:
        start, end = text.find(_BEGIN), text.rfind(_END)
        if end > start:
            yield text[start : end + len(_END)] + b"\r\n"


def _read_event(method: str, calendar: Calendar) -> FromCalendar | Refusal:
    events = calendar.walk("VEVENT")
    if len(events) != 1:
        return Refusal.not_one_event
    event = events[0]
    stamped, sequence = event.get("DTSTAMP"), event.get("SEQUENCE", 0)
    attendee, uid = event.get("ATTENDEE"), event.get("UID")
    stamp = stamped.dt if isinstance(stamped, vDDDTypes) else None  # what icalendar cannot read, it keeps as it was
    well_formed = isinstance(uid, str) and isinstance(sequence, int) and isinstance(attendee, vCalAddress)
    if not well_formed or not isinstance(stamp, datetime) or stamp.tzinfo is None:
        return Refusal.unreadable
    address = _address(attendee, attendee.params.get("EMAIL"))
    if address is None:
        return Refusal.not_invited
    return FromCalendar(
        method=method,
        uid=uid.strip(),
        attendee=address,
        sent_by=_address(attendee.params.get("SENT-BY") or "", None),
        sequence=sequence,
        stamped_at=stamp.astimezone(UTC),
        said=_said(method, attendee.params.get("PARTSTAT")),
    )


def _address(value: str, email: str | None) -> str | None:
    """The address that a calendar user has. Apple writes `urn:uuid:…` and the address into a parameter."""
    scheme, _, rest = str(value).strip().strip('"').partition(":")
    if scheme.casefold() != "mailto":
        rest = str(email or "")
    return rest.strip().casefold() if "@" in rest else None


def _said(method: str, partstat: object) -> Said | None:
    word = str(partstat or "").casefold()
    return word if method == "REPLY" and word in get_args(Said) else None  # type: ignore[return-value]


def refusal(
    told: FromCalendar, mail: Mail, entry: Invitation | None, addresses: Collection[str], gate: trust.Gate
) -> Refusal | None:
    """Why nothing may be done because of this mail; nothing if it is from whoever the entry belongs to.

    `addresses` are those at which she has been invited. Nobody else is let in: who forwards an invitation does not
    pass on her place. A colleague may answer for her where her calendar says so and the mail is the colleague's own.
    """
    if entry is None:
        return Refusal.unknown_entry
    if told.attendee not in {address.casefold() for address in addresses}:
        return Refusal.not_invited
    domain = told.attendee.rpartition("@")[2]
    by = {who for who in (told.attendee, told.sent_by) if who and who.rpartition("@")[2] == domain}
    if trust.author(mail) not in by:
        return Refusal.not_the_author
    return None if trust.is_genuine(mail, gate) else Refusal.not_genuine


def answer(told: FromCalendar, entry: Invitation, now: datetime) -> Answer | Refusal:
    """The answer, if it is to the time that her calendar shows and newer than the last one.

    A calendar whose clock is fast has not answered before the mail was here.
    """
    if told.said is None:
        return Refusal.no_answer
    if entry.method != "REQUEST" or told.sequence < entry.time_sequence:
        return Refusal.of_another_time
    answered_at = min(told.stamped_at, now)
    if entry.answered_at is not None and answered_at <= entry.answered_at:
        return Refusal.older
    return Answer(told.said, answered_at)
