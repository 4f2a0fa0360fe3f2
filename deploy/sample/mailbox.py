"""The municipality's mail, read from the Maildir as mail programs do."""

import os
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from deploy.local.alertmanager import OPERATORS

TRANSPORT_HEADERS: Final = (b"x-peer:", b"x-mailfrom:", b"x-rcptto:", b"received:", b"return-path:", b"delivered-to:")
"""Lines that a mail server writes on top of what it was given."""


@dataclass(frozen=True)
class Mail:
    """One mail as it lies in the box. `seen` is the simulated moment at which it was found there."""

    file: str
    to: str
    kind: str
    message_id: str
    date: datetime
    subject: str
    text: str
    calendar: bytes | None
    content: bytes
    """Its bytes as they were sent, without what mail servers have added on top."""
    seen: datetime


class Mailbox:
    """Everybody's mail but what Alertmanager writes to operators; each is read once."""

    def __init__(self, maildir: Path) -> None:
        self._maildir = maildir
        self._known: set[str] = set()
        self.mails: list[Mail] = []
        """All that have come, in the order of their arrival as far as file times tell."""

    def fetch(self, now: datetime) -> list[Mail]:
        """The mails that have come since the last time, in an order that does not depend on when each came."""
        fresh = sorted(self._unread(), key=lambda entry: (entry.stat().st_mtime_ns, entry.name))
        mails = [mail for entry in fresh if (mail := read(Path(entry.path), now)).to not in OPERATORS]
        self._known.update(entry.name for entry in fresh)
        self.mails += mails
        return sorted(mails, key=lambda mail: (mail.to, mail.kind, mail.subject, mail.date, mail.message_id))

    def _unread(self) -> list[os.DirEntry[str]]:
        folders = [folder for name in ("new", "cur") if (folder := self._maildir / name).is_dir()]
        return [entry for folder in folders for entry in os.scandir(folder) if entry.name not in self._known]


def read(file: Path, now: datetime) -> Mail:
    """One mail from its file."""
    content = without_transport(file.read_bytes())
    message = message_from_bytes(content, policy=policy.default)
    text = message.get_body(("plain",))
    calendars = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    return Mail(
        file=file.name,
        to=message["To"].addresses[0].addr_spec,
        kind=str(message.get("X-Ledstjarna-Kind", "")),
        message_id=str(message["Message-ID"]),
        date=parsedate_to_datetime(str(message["Date"])),
        subject=str(message["Subject"]),
        text=str(text.get_content()) if isinstance(text, EmailMessage) else "",
        calendar=bytes(calendars[0].get_payload(decode=True)) if calendars else None,
        content=content,
        seen=now,
    )


def without_transport(raw: bytes) -> bytes:
    """The mail as its sender wrote it, with line ends as files have them."""
    head, gap, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if not line.lower().startswith(TRANSPORT_HEADERS)]
    return b"\n".join(lines) + gap + body
