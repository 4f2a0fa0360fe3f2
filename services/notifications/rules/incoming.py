"""What a mail is that has come in: an answer from a calendar, a mail that came back, an automatic answer, or a letter
that somebody wrote."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Mail
from email.parser import BytesHeaderParser
from typing import Literal

from services.notifications.rules import bounces, replies, trust
from services.notifications.rules.bounces import Bounce
from services.notifications.rules.replies import FromCalendar, Refusal

Kind = Literal["reply", "counter", "refresh", "bounce", "automatic", "human"]

MOST_PARTS = 200
"""A mail with more parts is not taken apart: only what its own header says of it is believed."""

_AUTOMATIC_PRECEDENCE = frozenset({"bulk", "junk", "auto_reply"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail, taken apart. `told` is what a calendar or a mail server says in it; `by_machine`: nobody wrote it."""

    mail: Mail
    kind: Kind
    told: FromCalendar | Refusal | Bounce | None = None
    by_machine: bool = False


def classify(raw: bytes, recipients: tuple[str, ...] = (), sender: str | None = None) -> Incoming:
    """What the mail is. `sender` and `recipients` are those of the envelope where it is known; an empty sender says
    that nobody is to answer."""
    if raw.lower().count(b"content-type:") > MOST_PARTS:
        return unread(raw, sender)
    mail = message_from_bytes(raw)
    bounce = bounces.read(mail, recipients, raw) if _may_be_bounce(mail, sender) else None
    if bounce is not None:
        return Incoming(mail, "bounce", bounce)
    by_machine = is_automatic(mail, sender)
    told = replies.read(mail)
    if isinstance(told, FromCalendar):
        return Incoming(mail, _KINDS[told.method], told, by_machine)
    if told is not None:
        return Incoming(mail, "reply", told, by_machine)
    return Incoming(mail, "automatic" if by_machine else "human", by_machine=by_machine)


def unread(raw: bytes, sender: str | None = None) -> Incoming:
    """A mail of which only the header is looked at."""
    header = BytesHeaderParser().parsebytes(raw)
    by_machine = is_automatic(header, sender)
    return Incoming(header, "automatic" if by_machine else "human", by_machine=by_machine)


_KINDS: dict[str, Kind] = {"REPLY": "reply", "COUNTER": "counter", "REFRESH": "refresh"}


def _may_be_bounce(mail: Mail, sender: str | None) -> bool:
    """Mail servers report from nobody, or say that they report: a letter that quotes a bounce is a letter."""
    nobody = sender == "" or _return_path(mail) == ["<>"]
    return nobody or mail.get_content_type() == "multipart/report"


def _return_path(mail: Mail) -> list[str]:
    """The sender of the envelope as the last mail server wrote it down."""
    return trust.fields_of(mail, "Return-Path")[:1]


def is_automatic(mail: Mail, sender: str | None) -> bool:
    """Whether a machine wrote it (RFC 3834): such a mail is never answered and never passed on, or two machines would
    write to each other for ever."""
    said = [value.casefold().partition(";")[0].strip() for value in trust.fields_of(mail, "Auto-Submitted")]
    if any(value != "no" for value in said):
        return True
    if sender == "" or _return_path(mail) == ["<>"]:
        return True
    if any(trust.fields_of(mail, name) for name in ("X-Autoreply", "X-Autorespond", "X-Ledstjarna-Message")):
        return True
    return any(value.casefold() in _AUTOMATIC_PRECEDENCE for value in trust.fields_of(mail, "Precedence"))
