"""Mails that come back (DSN, RFC 3464): which of ours it was, and whether its address is worth another one."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Mail

from flufl.bounce import all_failures

from services.notifications.rules.trust import fields_of

NO_SUCH_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""Enhanced status codes (RFC 3463) after which an address is written to no more. A full mailbox (5.2.2) is none, nor is
a mail system that does not want this mail (5.7.x): both say nothing of the address."""

_ASCII = bytes(code if code < 128 else ord("?") for code in range(256))
"""Headers with bare bytes in them, which no mail server should write and some do, are more than the library takes."""

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_OURS = re.compile(r"\bb-([0-9a-f]{40})@", re.IGNORECASE)
_RETURNED = re.compile(rb"^(?:X-Ledstjarna-Message|Message-ID):[ \t]*<?([0-9a-f]{40})\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail of ours that somebody could not deliver; `status` is the enhanced code, empty if there is none.

    `is_final`: nobody will try again.
    """

    message_id: str | None
    status: str
    is_final: bool

    @property
    def is_hard(self) -> bool:
        """Whether the address does not work, now or later."""
        return self.is_final and self.status in NO_SUCH_MAILBOX


def is_hard(reply: str) -> bool:
    """Whether a mail server's refusal says that there is no such mailbox."""
    return status_in(reply) in NO_SUCH_MAILBOX


def status_in(text: str) -> str:
    """The enhanced status code in the words of a mail server; nothing if there is none."""
    found = _STATUS.search(text)
    return found.group(1) if found else ""


def read(mail: Mail, recipients: tuple[str, ...], raw: bytes) -> Bounce | None:
    """The bounce that a mail is; nothing if it is none. `recipients` are those of its envelope."""
    legible = mail if raw.isascii() else message_from_bytes(raw.translate(_ASCII))
    temporary, permanent = all_failures(legible)
    if not temporary and not permanent:
        return None
    return Bounce(_message_id(mail, recipients, raw), _status(mail), is_final=bool(permanent))


def _message_id(mail: Mail, recipients: tuple[str, ...], raw: bytes) -> str | None:
    """Which message it was: by the address that it came back to, which is its own, or by what was returned of it."""
    for address in (*recipients, *fields_of(mail, "To")):
        if own := _OURS.search(address):
            return own.group(1).lower()
    returned = _RETURNED.search(raw)
    return returned.group(1).decode().lower() if returned else None


def _status(mail: Mail) -> str:
    """The most telling code: what the failing server itself said counts more than the code of whoever reports it."""
    reports = [block for part in mail.walk() if part.get_content_type() == "message/delivery-status"
               for block in _blocks(part)]  # fmt: skip
    said = [status_in(value) for block in reports for name in ("Diagnostic-Code", "Status")
            for value in fields_of(block, name)]  # fmt: skip
    codes = [code for code in said if code]
    return next((code for code in codes if code in NO_SUCH_MAILBOX), codes[0] if codes else "")


def _blocks(part: Mail) -> list[Mail]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Mail)] if isinstance(payload, list) else []
