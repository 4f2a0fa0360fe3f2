"""How mail comes in: by a door for the municipality's mail server (LMTP), or out of a mailbox (IMAP). Behind both, the
same step.

A mail is taken when its transaction has been committed, and not before: until then the mail server, or the mailbox,
keeps it. So it is never lost, and what comes twice has one effect.
"""

import asyncio
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from imaplib import IMAP4
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
from aiosmtpd.lmtp import LMTP
from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from imap_tools.query import AND
from prometheus_client import Counter

from services.notifications.commands.receiving import OUTCOMES, Arrival, Reception, take_in
from services.notifications.model import Received
from services.notifications.rules import incoming
from services.notifications.rules.incoming import Incoming
from services.notifications.store import DATABASE_TROUBLE, NotificationsTransaction
from shared.delivery import Delivery

log = structlog.get_logger()

LARGEST_BYTES = 10 * 1024 * 1024
"""What a mail may be: passed on as a file, it must fit into a document of the database."""
LOOK_SECONDS = 30.0
"""How often the mailbox is looked into."""
IMAP_SECONDS = 30.0
COMMIT_SECONDS = 60.0
"""How long the mailbox waits for a mail to be taken; a commit that comes later makes the next time harmless."""

MAILS_IN = Counter("ledstjarna_inbound_mails_total", "Mails that came in, by what they were.", ("kind", "outcome"))

for _kind, _outcomes in OUTCOMES.items():
    for _outcome in (*_outcomes, "known"):
        MAILS_IN.labels(_kind, _outcome)


class Inbox:
    """The step behind the doors."""

    def __init__(self, delivery: Delivery[NotificationsTransaction], reception: Reception) -> None:
        self._delivery = delivery
        self._reception = reception

    async def take(self, arrival: Arrival) -> Received:
        """Do what the mail asks for, and say what came of it. When this returns, it is committed."""
        mail = _read(arrival)
        received = await self._delivery.run(partial(take_in, arrival=arrival, mail=mail, reception=self._reception))
        MAILS_IN.labels(received.kind, received.outcome).inc()
        log.info("a mail came in", kind=received.kind, outcome=received.outcome, message_id=received.message_id)
        return received


def _read(arrival: Arrival) -> Incoming:
    """What the mail is. What is in it is up to anybody, so a mail that breaks a parser is passed on to people: it must
    not come again for ever, nor keep the next ones out."""
    try:
        return incoming.classify(arrival.raw, arrival.recipients, arrival.sender)
    except Exception as error:  # noqa: BLE001 — see above; no decision is made here
        log.error("a mail could not be taken apart and goes to the office", error=type(error).__name__)
        return incoming.unread(arrival.raw, arrival.sender)


class LmtpDoor:
    """A door for a mail server that delivers to us (RFC 2033)."""

    def __init__(self, inbox: Inbox, host: str, port: int) -> None:
        self._inbox = inbox
        self._host, self._port = host, port
        self.port = 0
        """The port that it listens on, once it does."""

    async def run(self) -> None:
        """Listen for ever."""
        make = partial(LMTP, self, data_size_limit=LARGEST_BYTES, decode_data=False, enable_SMTPUTF8=True)
        server = await asyncio.get_running_loop().create_server(make, self._host, self._port)
        self.port = server.sockets[0].getsockname()[1]
        log.info("the door for mail is open", port=self.port)
        async with server:
            await server.serve_forever()

    async def handle_RCPT(  # noqa: N802 — the name is the library's
        self, server: LMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """One recipient at a time: the library says once, not once for each, whether a mail was taken."""
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: LMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        """A mail: yes when it is committed, later when the database is away."""
        arrival = Arrival(
            raw=envelope.content,
            seen_at=datetime.now(UTC),
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
        )
        try:
            await self._inbox.take(arrival)
        except DATABASE_TROUBLE as error:
            log.warning("the database is away, mail comes again", error=repr(error))
            return "451 4.3.0 not now, try again"
        return "250 2.0.0 taken"

    async def handle_exception(self, error: Exception) -> str:
        """Something of ours is broken: the mail server keeps the mail until it is mended."""
        log.error("a mail could not be taken", error=type(error).__name__, exc_info=error)
        return "451 4.3.0 not now, try again"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail lies: `imaps://name:password@host:port/folder`; `?done=folder` is where mail goes that was taken."""

    host: str
    port: int
    name: str
    password: str
    folder: str
    done: str | None
    encrypted: bool

    @classmethod
    def at(cls, url: str) -> "Mailbox":
        """The mailbox at a URL.

        Raises:
            ValueError: it is not one.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
            raise ValueError("not a mailbox: write imaps://name:password@host:port/folder, with %40 for @ in the name")
        encrypted = parts.scheme == "imaps"
        return cls(
            host=parts.hostname,
            port=parts.port or (993 if encrypted else 143),
            name=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            done=next(iter(parse_qs(parts.query).get("done", [])), None),
            encrypted=encrypted,
        )


class MailboxDoor:
    """Takes mail out of a mailbox; what was taken is marked as seen there, or moved. What is too large stays."""

    def __init__(self, inbox: Inbox, mailbox: Mailbox, look_seconds: float = LOOK_SECONDS) -> None:
        self._inbox = inbox
        self._mailbox = mailbox
        self._look_seconds = look_seconds
        self._stopping = threading.Event()

    async def run(self) -> None:
        """Look into it for ever. A mailbox or a database that is away for a while is waited for."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    await asyncio.to_thread(self._empty, loop)
                except (OSError, ImapToolsError, IMAP4.error, DATABASE_TROUBLE) as error:
                    log.warning("mail stays in the mailbox for now", error=type(error).__name__)
                await asyncio.sleep(self._look_seconds)
        finally:
            self._stopping.set()

    def _empty(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take all that is new, in the order in which it came (in a thread: the library waits for the network)."""
        kind = MailBox if self._mailbox.encrypted else MailBoxUnencrypted
        box = kind(self._mailbox.host, self._mailbox.port, timeout=IMAP_SECONDS)
        with box.login(self._mailbox.name, self._mailbox.password, self._mailbox.folder):
            for uid in box.uids(AND(seen=False, size_lt=LARGEST_BYTES)):
                if self._stopping.is_set():
                    return
                raw = _bytes_of(box, uid)
                if raw is not None and self._take(raw, loop):
                    self._mark(box, uid)

    def _take(self, raw: bytes, loop: asyncio.AbstractEventLoop) -> bool:
        arrival = Arrival(raw=raw, seen_at=datetime.now(UTC))
        try:
            asyncio.run_coroutine_threadsafe(self._inbox.take(arrival), loop).result(COMMIT_SECONDS)
        except DATABASE_TROUBLE:
            raise
        except Exception as error:
            log.exception("a mail could not be taken and stays in the mailbox", error=type(error).__name__)
            return False  # the next ones must not wait for it
        return True

    def _mark(self, box: BaseMailBox, uid: str) -> None:
        if self._mailbox.done:
            box.move(uid, self._mailbox.done)
        else:
            box.flag(uid, r"\Seen", True)


def _bytes_of(box: BaseMailBox, uid: str) -> bytes | None:
    """A mail exactly as it lies there; nothing if it is gone."""
    _, data = box.client.uid("FETCH", uid, "(BODY.PEEK[])")
    return next((item[1] for item in data if isinstance(item, tuple)), None)
