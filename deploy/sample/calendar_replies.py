"""Answering an invitation as a calendar does: the iTIP reply, and the mail server that delivers it to the service."""

import asyncio
import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any, Final

from icalendar import Calendar, Event, vCalAddress

_TRIES: Final = 120
_PAUSE_SECONDS: Final = 0.5
"""A mail server keeps what cannot be delivered now; the service may be away for a minute."""


def reply_to(invitation: bytes, said: str, sender: str, at: datetime) -> EmailMessage | None:
    """The mail by which her calendar says ACCEPTED, TENTATIVE or DECLINED; nothing to an entry that was cancelled."""
    asked: Any = Calendar.from_ical(invitation)
    if str(asked["METHOD"]) != "REQUEST":
        return None
    (entry,) = asked.walk("VEVENT")
    answer = Event()
    for name in ("UID", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER"):
        answer[name] = entry[name]
    attendee = vCalAddress(f"mailto:{sender}")
    attendee.params["PARTSTAT"] = said
    answer.add("ATTENDEE", attendee, encode=False)
    answer.add("DTSTAMP", at.astimezone(UTC))
    calendar = Calendar()
    for name, value in (("PRODID", "-//A calendar//EN"), ("VERSION", "2.0"), ("METHOD", "REPLY")):
        calendar.add(name, value)
    calendar.add_component(answer)
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, str(entry["ORGANIZER"]).removeprefix("mailto:")
    mail["Subject"], mail["Date"], mail["Message-ID"] = "Svar", format_datetime(at), make_msgid(domain="kommun.example")
    mail.set_content("Svar från kalendern.")
    mail.add_alternative(calendar.to_ical().decode(), subtype="calendar", params={"method": "REPLY"})
    return mail


def uid_in(calendar: bytes) -> str:
    """Which entry a calendar object is about."""
    parsed: Any = Calendar.from_ical(calendar)
    (entry,) = parsed.walk("VEVENT")
    return str(entry["UID"])


async def deliver(mail: EmailMessage, lmtp: str) -> None:
    """Hand a mail to the service until it has it.

    Raises:
        OSError, smtplib.SMTPException: it has not been taken for a minute.
    """
    for left in reversed(range(_TRIES)):
        try:
            await asyncio.to_thread(_hand_over, mail, lmtp)
        except (OSError, smtplib.SMTPException):
            if not left:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return


def _hand_over(mail: EmailMessage, lmtp: str) -> None:
    host, _, port = lmtp.rpartition(":")
    with smtplib.LMTP(host, int(port), local_hostname="localhost", timeout=30) as server:
        server.send_message(mail)
