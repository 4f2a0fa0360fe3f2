"""How the tests read mails and calendar entries: by independent readers, never by our own code."""

import email
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import icalendar


@dataclass(frozen=True)
class ReadEntry:
    """A calendar entry as `icalendar` reads it."""

    method: str
    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    status: str
    summary: str
    location: str
    organizer: str
    attendee: str
    partstat: str
    rsvp: str


def read_entry(content: bytes) -> ReadEntry:
    """The one entry of a calendar object."""
    calendar: Any = icalendar.Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    attendee = event["ATTENDEE"]
    return ReadEntry(
        method=str(calendar["METHOD"]),
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        stamped_at=event["DTSTAMP"].dt,
        starts_at=event["DTSTART"].dt.astimezone(UTC),
        ends_at=event["DTEND"].dt.astimezone(UTC),
        status=str(event["STATUS"]),
        summary=str(event["SUMMARY"]),
        location=str(event["LOCATION"]),
        organizer=str(event["ORGANIZER"]).removeprefix("mailto:"),
        attendee=str(attendee).removeprefix("mailto:"),
        partstat=str(attendee.params["PARTSTAT"]),
        rsvp=str(attendee.params["RSVP"]),
    )


def read_mail(content: bytes) -> EmailMessage:
    """A mail as the standard library reads it."""
    parsed = email.message_from_bytes(content, policy=SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def parts(mail: EmailMessage) -> list[EmailMessage]:
    """The parts of a multipart mail."""
    return [part for part in mail.iter_parts() if isinstance(part, EmailMessage)]


def content_of(part: EmailMessage) -> bytes:
    """What a part holds, decoded."""
    decoded = part.get_payload(decode=True)
    assert isinstance(decoded, bytes)
    return decoded


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """The text part, or the page, with plain line ends."""
    (part,) = [part for part in mail.walk() if part.get_content_type() == f"text/{kind}"]
    return content_of(part).decode().replace("\r\n", "\n")
