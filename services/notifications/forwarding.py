"""A letter to us as the programme office gets it: in a mail of our own, with the letter as it came inside.

Sent on as it is, it would fail the checks of its own sender's domain. Inside a mail of ours it passes, and an answer to
it goes to whoever wrote the letter.
"""

import base64
import binascii
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message as Mail

from services.notifications.invites import Mailbox
from services.notifications.mime import head, mailable, one_line
from services.notifications.rules.replies import Refusal
from services.notifications.rules.trust import author, fields_of

LONGEST_LINE = 998
LONGEST_SUBJECT = 150

LETTER = "Ett brev till utskicksadressen. Det ligger som bilaga."
PROPOSAL = (
    "Någon föreslår en annan tid för en träff från sin kalender. Förslaget ligger som bilaga. Inget är ändrat: "
    "vill ni flytta träffen gör ni det i Ledstjärna."
)
_WHY = {
    Refusal.too_large: "det är större än ett kalendersvar kan vara",
    Refusal.unreadable: "svaret går inte att läsa",
    Refusal.not_one_event: "svaret gäller inte en enda träff",
    Refusal.no_answer: "svaret är varken ja, nej eller kanske",
    Refusal.unknown_entry: "träffen är inte en av våra",
    Refusal.not_invited: "den som svarar är inte den som är inbjuden",
    Refusal.not_the_author: "brevet kommer från en annan adress än svaret",
    Refusal.not_genuine: "det är inte säkert att avsändaren är den som brevet säger",
}


def uncounted(why: Refusal) -> str:
    """What the office is told about an answer that does not count."""
    said = _WHY.get(why, "svaret kan inte användas")
    return (
        f"Ett svar från en kalender har inte räknats: {said}. Svaret ligger som bilaga. Hör av er till den som svarade."
    )


def forwarded(
    mail: Mail, raw: bytes, lead: str, *, sender: Mailbox, office: Mailbox, message_id: str, date: datetime
) -> bytes:
    """The bytes of the mail to the office; `message_id` is ours, `lead` says why it is sent."""
    fields = {
        "Message-ID": f"<{message_id}@{sender.domain}>",
        "Content-Language": "sv",
        "Auto-Submitted": "auto-forwarded",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "X-Ledstjarna-Kind": "forwarded",
        "X-Ledstjarna-Message": message_id,
    }
    who = mailable(author(mail) or "")
    if who:
        fields["Reply-To"] = who
    subject = f"Vidarebefordrat: {_subject(mail)}"[:LONGEST_SUBJECT]
    return head(sender, office, subject, date, fields) + _body(lead, who, raw, message_id)


def _subject(mail: Mail) -> str:
    written = " ".join(fields_of(mail, "Subject")[:1])
    try:
        return one_line(str(make_header(decode_header(written)))) or "(utan ämne)"
    except (LookupError, ValueError, MessageError):  # a character set that is unknown or not what it says
        return one_line(written.encode("ascii", "replace").decode())


def _body(lead: str, who: str | None, raw: bytes, seed: str) -> bytes:
    told = lead if who is None else f"{lead}\n\nFrån: {who}"
    parts = [
        b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        + binascii.b2a_qp("\r\n".join(told.splitlines()).encode(), istext=True),
        _enclosed(raw),
    ]
    boundary = f"=_{seed}".encode()
    start = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="' + boundary + b'"\r\n\r\n'
    return (
        start + b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"
    )


def _enclosed(raw: bytes) -> bytes:
    """The letter as it came. RFC 2046 lets a letter inside a letter not be encoded, so one that not every mail server
    could carry is a file."""
    lines = raw.splitlines()
    if raw.isascii() and b"\0" not in raw and max(map(len, lines), default=0) <= LONGEST_LINE:
        return b"Content-Type: message/rfc822\r\nContent-Disposition: inline\r\n\r\n" + b"\r\n".join(lines) + b"\r\n"
    return (
        b'Content-Type: application/octet-stream; name="brev.eml"\r\n'
        b'Content-Disposition: attachment; filename="brev.eml"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + base64.encodebytes(raw).replace(b"\n", b"\r\n")
    )
