"""Mails as other programs write them: answers from calendars, mails that come back, letters, machines' answers."""

import base64
from datetime import UTC, datetime

ASA = "asa.oberg@kommun.example"
US = "ledarutveckling@kommun.example"
UID = "5f2c@kommun.example"
ANSWERED = datetime(2026, 9, 2, 9, 30, tzinfo=UTC)
PASSED = "mx.kommun.example; spf=pass smtp.mailfrom=kommun.example; dmarc=pass (p=reject) header.from=kommun.example"


def lines(*text: str) -> bytes:
    return "\r\n".join([*text, ""]).encode()


def header(sender: str = ASA, *, checked: str | None = PASSED, subject: str = "Accepterat: Träff", **more: str) -> str:
    fields = {"Authentication-Results": checked, "From": f"Öberg Åsa <{sender}>", "To": US, "Subject": subject}
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return "\r\n".join(f"{name}: {value}" for name, value in {**fields, **named}.items() if value)


def calendar(
    said: str = "ACCEPTED",
    *,
    uid: str = UID,
    attendee: str | None = None,
    at: datetime | str = ANSWERED,
    sequence: int | None = 0,
    method: str = "REPLY",
    more: tuple[str, ...] = (),
) -> bytes:
    """The calendar object of an answer; `attendee` is the whole line."""
    stamp = at if isinstance(at, str) else f"{at:%Y%m%dT%H%M%SZ}"
    event = ["BEGIN:VEVENT", attendee or f"ATTENDEE;CN=Öberg Åsa;PARTSTAT={said}:mailto:{ASA}", f"UID:{uid}"]
    event += [f"DTSTAMP:{stamp}", "DTSTART;TZID=W. Europe Standard Time:20261125T130000", *more]
    event += [f"SEQUENCE:{sequence}"] if sequence is not None else []
    head = ("BEGIN:VCALENDAR", f"METHOD:{method}", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0")
    return lines(*head, *event, "SUMMARY;LANGUAGE=sv-SE:Accepterat: Träff", "END:VEVENT", "END:VCALENDAR")


def exchange(content: bytes | None = None, **head: str | None) -> bytes:
    """Exchange: an alternative in base64, with line ends of its own, and no ORGANIZER."""
    body = base64.encodebytes((content or calendar()).replace(b"\r\n", b"\n"))
    return _alternative(header(**head), 'text/calendar; charset="utf-8"; method=REPLY', "base64", body)  # type: ignore[arg-type]


def apple(said: str = "DECLINED") -> bytes:
    """Apple: she is a urn:uuid, her address is a parameter."""
    who = f"ATTENDEE;CN=Åsa;CUTYPE=INDIVIDUAL;EMAIL={ASA};PARTSTAT={said}:urn:uuid:0F2C1A00-5B1D-4C8E-9F5E-6B0C7A3D1E42"
    return _alternative(header(), "text/calendar; method=REPLY; charset=utf-8", "8bit", calendar(attendee=who))


def gnus(said: str = "TENTATIVE") -> bytes:
    """Gnus: one part, the character set said twice, and lines longer than they may be."""
    body = calendar(said, more=("DESCRIPTION:" + "långt " * 40,))
    kind = 'Content-Type: text/calendar; method=REPLY; charset=UTF-8; charset="UTF-8"'
    return f"{header()}\r\nMIME-Version: 1.0\r\n{kind}\r\n\r\n".encode() + body


def horde(said: str = "ACCEPTED") -> bytes:
    """Horde: an attachment beside a text."""
    body = base64.encodebytes(calendar(said))
    start = f"{header()}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n".encode()
    text = b"Content-Type: text/plain; charset=UTF-8\r\n\r\nAsa has accepted.\r\n--x\r\n"
    kind = b"Content-Type: application/octet-stream; name=event-reply.ics\r\nContent-Disposition: attachment;"
    rest = b" filename=event-reply.ics\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return start + text + kind + rest + body + b"--x--\r\n"


def in_the_text(said: str = "ACCEPTED") -> bytes:
    """A gateway that makes text of everything."""
    head = f"{header()}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHej!\r\n\r\n"
    return head.encode() + calendar(said) + b"\r\n-- \r\nKommunen\r\n"


def letter(text: str = "Kan jag komma senare?", **head: str | None) -> bytes:
    """What a person writes."""
    kind = "Content-Type: text/plain; charset=utf-8"
    return f"{header(**head)}\r\nMIME-Version: 1.0\r\n{kind}\r\n\r\n{text}\r\n".encode()  # type: ignore[arg-type]


def bounce(
    message_id: str = "a" * 40,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    said: str = "550 5.1.1 <asa.oberg@kommun.example>: User unknown",
    to: str = "bounce",
    returned: bool = True,
) -> bytes:
    """Postfix: a report in three parts, with the header of what comes back."""
    head = f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: {to}@studs.kommun.example\r\nSubject: Undelivered"
    kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="r"'
    report = lines("--r", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "",
                   f"Final-Recipient: rfc822; {ASA}", f"Action: {action}", f"Status: {status}",
                   "Remote-MTA: dns; mx.kommun.example", f"Diagnostic-Code: smtp; {said}", "")  # fmt: skip
    back = lines("--r", "Content-Type: text/rfc822-headers", "", f"Message-ID: <{message_id}@kommun.example>",
                 f"X-Ledstjarna-Message: {message_id}", "")  # fmt: skip
    text = lines("--r", "Content-Type: text/plain", "", "This is the mail system.", "")
    start = f"{head}\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n{kind}\r\n\r\n".encode()
    return start + text + report + (back if returned else b"") + b"--r--\r\n"


def _alternative(head: str, kind: str, encoding: str, body: bytes) -> bytes:
    start = f"{head}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n".encode()
    text = b"Content-Type: text/plain; charset=utf-8\r\n\r\n\r\n--x\r\n"
    part = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    return start + text + part + body + b"\r\n--x--\r\n"
