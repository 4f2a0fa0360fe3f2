"""What a stored mail looks like to its reader, taken from its bytes; never the link by which she answers."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from pydantic import BaseModel

SECRET = re.compile(r"(https?://[^\s\"'<>]+/)[^\s\"'<>/]{20,}")
"""A link whose last part is a token: whoever has it can answer in her name."""


class Preview(BaseModel):
    """A mail as it reads: the headers that people see, the text, the page, and its calendar entry."""

    subject: str
    sender: str
    to: str
    date: str
    text: str
    html: str
    calendar: str | None


def preview(content: bytes) -> Preview:
    """How the mail reads, with the tokens in its links left out."""
    mail = message_from_bytes(content, policy=default)
    parts = {part.get_content_type(): _content(part) for part in mail.walk() if not part.is_multipart()}
    return Preview(
        subject=str(mail["Subject"] or ""),
        sender=str(mail["From"] or ""),
        to=str(mail["To"] or ""),
        date=str(mail["Date"] or ""),
        text=without_tokens(parts.get("text/plain", "")),
        html=without_tokens(parts.get("text/html", "")),
        calendar=parts.get("text/calendar"),
    )


def without_tokens(text: str) -> str:
    """The text with every token at the end of a link made unreadable."""
    return SECRET.sub(r"\1…", text)


def _content(part: EmailMessage) -> str:
    content = part.get_content()
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else str(content)
