"""Mail as it travels (RFC 5322, MIME): headers and parts as finished bytes, the same bytes for the same input.

Headers are built by the standard library, which refuses line breaks in them; bodies are encoded once and joined, since
that is a hundred times as fast as building them through it.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.policy import SMTP
from functools import lru_cache

import idna

from services.notifications.invites import Mailbox

_SPECIALS = frozenset('()<>[]:;@\\,."')
"""What must be quoted in the name before an address (RFC 5322, 3.2.3)."""

_PLAIN = re.compile(r"<?[A-Za-z0-9.@-]+>?")
"""What stands in a header as it is, whatever the header."""

_WORDS = re.compile(r"[\w' -]+")
"""A name that need not be quoted."""

_Q = [chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"={byte:02X}" for byte in range(256)]
_Q[ord(" ")] = "_"
"""How a byte stands in an encoded word (RFC 2047, 4.2)."""

MAX_LINE = 78
"""Characters of a header's line before it is folded (RFC 5322, 2.1.1)."""

_BIDI_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar object to go with a mail; `method` is the one it carries itself."""

    method: str
    content: bytes


def one_line(text: str) -> str:
    """The text as one line without control characters, nor those that turn the direction of what follows."""
    kept = (c if unicodedata.category(c) != "Cc" else " " for c in text if c not in _BIDI_CONTROLS)
    return " ".join("".join(kept).split())


def mailable(address: str) -> str | None:
    """The address as it may stand in an envelope; nothing if no ordinary mail server could take it.

    A domain may have any letters (IDNA). A name before the @ sign with other letters than ASCII would need SMTPUTF8.
    """
    local, _, domain = address.rpartition("@")
    if (
        not local
        or not domain
        or not local.isascii()
        or not local.isprintable()
        or any(c in ' <>,;:@"()[]\\' for c in local)
    ):
        return None
    try:
        host = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
        Address(username=local, domain=host)
    except (idna.IDNAError, ValueError, IndexError):
        return None
    return f"{local}@{host}" if host.isprintable() and " " not in host else None


def head(sender: Mailbox, to: Mailbox, subject: str, date: datetime, fields: Mapping[str, str]) -> bytes:
    """The headers, without those that describe the body.

    Raises:
        ValueError: a field has a line break in it.
    """
    addressed = _plain_mailbox("To", to) or _field("To", to)
    lines = (_field("From", sender), addressed, _field("Subject", one_line(subject)), _field("Date", date))
    own = (_plain_field(name, value) or _field(name, value) for name, value in fields.items())
    return b"".join((*lines, *own))


def body(plain: str, html: str, calendar: Calendar | None, seed: str) -> bytes:
    """MIME headers and a multipart/alternative, worst part first, in the shape of Exchange's own invitations.

    `seed` makes the boundary; it is safe in a boundary and the same for the same mail.
    """
    boundary = f"=_{seed}"
    parts = [_text_part("plain", plain), _text_part("html", html)]
    if calendar is not None:
        parts.append(_calendar_part(calendar))
    start = f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'.encode(
        "ascii"
    )
    opening = f"--{boundary}\r\n".encode("ascii")
    return start + b"".join(opening + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode("ascii")


def _plain_field(name: str, value: str) -> bytes | None:
    """One header that needs neither encoding nor folding, as the library would write it; nothing if it needs either.

    Ids differ from mail to mail, so nothing kept helps, and the library takes a hundred times as long.
    """
    line = f"{name}: {value}"
    return f"{line}\r\n".encode("ascii") if len(line) <= MAX_LINE and _PLAIN.fullmatch(value) else None


def _plain_mailbox(name: str, mailbox: Mailbox) -> bytes | None:
    """A mailbox of which all fits in one line; nothing if it does not, or the name has to be quoted."""
    said = one_line(mailbox.name)
    if not said or not _PLAIN.fullmatch(mailbox.address) or not _WORDS.fullmatch(said):
        return None
    words = said if said.isascii() else f"=?utf-8?q?{''.join(map(_Q.__getitem__, said.encode()))}?="
    line = f"{name}: {words} <{mailbox.address}>"
    return f"{line}\r\n".encode("ascii") if len(line) <= MAX_LINE else None


@lru_cache(maxsize=4096)
def _field(name: str, value: str | datetime | Mailbox) -> bytes:
    """One header, encoded and folded. Kept, since most are the same from mail to mail."""
    _, parsed = SMTP.header_store_parse(name, _address(value) if isinstance(value, Mailbox) else value)
    if isinstance(value, Mailbox) and (_SPECIALS & set(value.name) or not value.name.isascii()):
        return f"{name}: {_words(name, one_line(value.name))}\r\n <{value.address}>\r\n".encode("ascii")
    if isinstance(value, str) and not value.isascii():
        return f"{name}: {_words(name, value)}\r\n".encode("ascii")
    return SMTP.fold_binary(name, parsed)


def _words(name: str, text: str) -> str:
    """Text that cannot stand as it is, encoded as a whole: the library's folding loses quotes and spaces."""
    return Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


def _address(mailbox: Mailbox) -> Address:
    """As an object, never as text: a comma in text would make two recipients of it."""
    local, _, domain = mailbox.address.rpartition("@")
    return Address(display_name=one_line(mailbox.name), username=local, domain=domain)


def _text_part(subtype: str, text: str) -> bytes:
    content = binascii.b2a_qp("\r\n".join(text.splitlines()).encode(), istext=True)
    kind = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return kind.encode("ascii") + content + b"\r\n"


def _calendar_part(calendar: Calendar) -> bytes:
    kind = f'Content-Type: text/calendar; charset="utf-8"; method={calendar.method}\r\n'
    content = base64.encodebytes(calendar.content).replace(b"\n", b"\r\n")
    return kind.encode("ascii") + b"Content-Transfer-Encoding: base64\r\n\r\n" + content
