"""Who really wrote a mail that has come in: its one author, and what our own mail server has found out about it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from email.message import Message as Mail
from email.utils import getaddresses

NOT_CHECKED = frozenset({None, "none", "bestguesspass"})
"""What a mail system says of mail from its own mailboxes, which never comes in from outside."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What the municipality's mail system does for us.

    `authserv_id` is how it signs what it found (RFC 8601); it must take that name off mails that come in with it.
    `inside` are domains whose mail it lets in from its own mailboxes only, unchecked.
    """

    authserv_id: str | None = None
    inside: Collection[str] = field(default_factory=frozenset)


def fields_of(mail: Mail, name: str) -> list[str]:
    """The values of a header, topmost first, whatever bytes are in them."""
    return [" ".join(str(value).split()) for value in mail.get_all(name, [])]


def author(mail: Mail) -> str | None:
    """The one address that a mail is from, in lower case; nothing if it has none or claims several."""
    found = [address for _, address in getaddresses(fields_of(mail, "From")) if "@" in address]
    return found[0].casefold() if len(found) == 1 else None


def is_genuine(mail: Mail, gate: Gate) -> bool:
    """Whether our mail system vouches for the author.

    Only the topmost result that bears our name counts: those below it may have come with the mail.
    """
    who = author(mail)
    if who is None:
        return False
    domain = who.rpartition("@")[2]
    results = dmarc(fields_of(mail, "Authentication-Results"), gate.authserv_id, domain)
    if results == {"pass"}:
        return True
    return domain in gate.inside and results <= NOT_CHECKED


def dmarc(results: Sequence[str], authserv_id: str | None, domain: str) -> set[str | None]:
    """What the topmost of our results says about DMARC for the domain; nothing at all if none is ours."""
    for result in results:
        who, *methods = [part.strip().casefold() for part in _bare(result).split(";")]
        if authserv_id is None or who.split(" ")[0] != authserv_id.casefold():
            continue
        found = [method for method in methods if method.startswith("dmarc")]
        return {_verdict(method, domain) for method in found}
    return set()


def _verdict(method: str, domain: str) -> str | None:
    said = re.match(r"dmarc(?:/\d+)?\s*=\s*([a-z]+)", method)
    about = re.search(r"header\.from\s*=\s*(\S+)", method)
    if about is not None and about.group(1).rpartition("@")[2] != domain:
        return "of another domain"
    return said.group(1) if said else "unreadable"


def _bare(result: str) -> str:
    """The result without comments and quoted strings, in which whoever sends a mail can put words of her own."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', result)
    while (shorter := re.sub(r"\([^()]*\)", " ", text)) != text:
        text = shorter
    return text
