"""The only part that speaks SMTP: gives one letter to the relay and tells how that ended, phase by phase."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from services.notifications.model import Letter
from services.notifications.oauth import AccessToken
from services.notifications.rules.messages import Result, Verdict

COMMAND_SECONDS = 30.0
DATA_SECONDS = 600.0
"""How long the server may take to say whether it has taken a mail (RFC 5321, 4.5.3.2.6)."""

IDLE_SECONDS = 30.0
MAILS_PER_CONNECTION = 500

MISCONFIGURED = re.compile(r"\b5\.7\.(30|60)\b")
"""Enhanced codes that are about us, not about the recipient: sign-in switched off, not allowed to send as."""

SURELY_PASSING = re.compile(r"^\d{3} (4\.\d{1,3}\.\d{1,3}|5\.2\.2)\b")
"""Enhanced codes that say more than a 5xx before them: it may pass, or the mailbox is full."""

REFUSAL = re.compile(r"(?P<code>[45]\d\d)( (?P<kind>[45])\.(?P<subject>[0-7])\.\d{1,3}\b)?")

CROWDED = re.compile(r"^(421|432)\b")
"""Answers of a relay to which we have more connections than it likes, or which is about to close them."""


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server that takes our mails."""

    host: str
    port: int
    tls: bool = False
    starttls: bool = False
    username: str | None = None
    password: str | None = None

    @classmethod
    def at(cls, url: str) -> "Relay":
        """The relay that a URL names.

        Raises:
            ValueError: it names none.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("the mail server's address is not right: write smtp://host:port or smtps://host:port")
        tls = parts.scheme == "smtps"
        starttls = parse_qs(parts.query).get("starttls") == ["1"]
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if tls else 587 if starttls else 25),
            tls=tls,
            starttls=starttls,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


class Connection:
    """One connection to the relay, opened when needed and kept for many mails.

    With a `bounce_domain` each mail has an envelope sender of its own there, so that what comes back tells which it
    was. A `token` takes the place of the password.
    """

    def __init__(
        self,
        relay: Relay,
        sender: str,
        data_seconds: float = DATA_SECONDS,
        bounce_domain: str | None = None,
        token: AccessToken | None = None,
    ) -> None:
        self._sender = sender
        self._data_seconds = data_seconds
        self._bounce_domain = bounce_domain
        self._token = token
        self._smtp = SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.tls,
            start_tls=relay.starttls,
            username=relay.username,
            password=relay.password,
            oauth_token_generator=token.get if token else None,
            local_hostname=sender.rpartition("@")[2],
            timeout=COMMAND_SECONDS,
        )
        self._used_at = 0.0
        self._mails = 0

    async def hand_over(self, letter: Letter, begin: Callable[[], Awaitable[bool]]) -> Verdict | None:
        """Give a letter to the relay. `begin` is asked before the bytes are sent, while the relay is told from whom to
        whom; if it says no, nothing is sent and there is no verdict."""
        try:
            await self._open()
        except (SMTPException, OSError) as error:
            await self._settle(error)
            return refused_before_data(error)
        begun, addressed = await asyncio.gather(begin(), self._address(letter), return_exceptions=True)
        if isinstance(addressed, SMTPException | OSError):
            await self._settle(addressed)
            return refused_before_data(addressed)
        if begun is not True:
            await self._settle(None)
            if isinstance(begun, BaseException):
                raise begun
            return None
        try:
            response = await self._smtp.data(letter.content, timeout=self._data_seconds)
        except (SMTPException, OSError) as error:
            await self._settle(error)
            return refused_at_data(error)
        return Verdict(Result.sent, response.message)

    async def close(self) -> None:
        """End the connection as one should, or at least end it."""
        if not self._smtp.is_connected:
            return
        try:
            await self._smtp.quit(timeout=2)
        except (SMTPException, OSError):
            self._smtp.close()

    async def _address(self, letter: Letter) -> None:
        """Say from whom to whom; where the server can tell what became of it (RFC 3461), ask for failures by name."""
        tells = self._smtp.supports_extension("dsn")
        sender = f"b-{letter.id}@{self._bounce_domain}" if self._bounce_domain else self._sender
        await self._smtp.mail(sender, options=["RET=HDRS", f"ENVID={letter.id}"] if tells else [])
        await self._smtp.rcpt(letter.address, options=["NOTIFY=FAILURE,DELAY"] if tells else [])

    async def _open(self) -> None:
        now = monotonic()
        if self._mails >= MAILS_PER_CONNECTION or now - self._used_at > IDLE_SECONDS:
            await self.close()
        if not self._smtp.is_connected:
            self._mails = 0
            await self._smtp.connect()
            if self._smtp.is_ehlo_or_helo_needed:
                await self._smtp.ehlo()
        self._used_at, self._mails = now, self._mails + 1

    async def _settle(self, error: Exception | None) -> None:
        """Make the connection fit for the next mail: forget this one, or begin anew."""
        if self._token and isinstance(error, SMTPAuthenticationError):
            self._token.forget()
        if error is not None and (not isinstance(error, SMTPResponseException) or error.code == 421):
            self._smtp.close()
            return
        try:
            await self._smtp.rset()
        except (SMTPException, OSError):
            self._smtp.close()


def refused_before_data(error: Exception) -> Verdict:
    """What it means that the relay did not come so far as to be given the bytes: surely it has not taken them.

    Only a refusal of the recipient is about this mail; anything else would meet every other mail, too.
    """
    if not isinstance(error, SMTPRecipientRefused):
        return Verdict(Result.unavailable, _words(error))
    return _by_code(error.code, _words(error))


def refused_at_data(error: Exception) -> Verdict:
    """What it means that the relay did not say yes to the bytes. Without an answer nobody knows whether it has them."""
    if isinstance(error, SMTPDataError):
        return _by_code(error.code, _words(error))
    return Verdict(Result.ambiguous, _words(error))


def _by_code(code: int, words: str) -> Verdict:
    if CROWDED.search(words) or MISCONFIGURED.search(words):
        return Verdict(Result.unavailable, words)
    if code >= 500 and not SURELY_PASSING.search(words):
        return Verdict(Result.failed, words)
    return Verdict(Result.deferred, words)


def is_crowded(verdict: Verdict) -> bool:
    """Whether the relay would rather have fewer connections."""
    return verdict.result is Result.unavailable and bool(CROWDED.search(verdict.reply))


CODE_CLASSES: Final = (*(f"{kind}.{subject}" for kind in (4, 5) for subject in range(8)), "4xx", "5xx")
"""All that `code_class` can say."""


def code_class(reply: str) -> str | None:
    """What kind of refusal it is: class and subject of its enhanced code (RFC 3463), for example 5.1, or 5xx where
    there is none; nothing for a reply that refuses nothing."""
    found = REFUSAL.match(reply)
    if found is None:
        return None
    return f"{found['kind']}.{found['subject']}" if found["subject"] else f"{found['code'][0]}xx"


def _words(error: Exception) -> str:
    """The server's own words, or ours where it was silent; one line, since they are shown to people."""
    if isinstance(error, SMTPResponseException):
        return " ".join(f"{error.code} {error.message}".split())[:300]
    if isinstance(error, SMTPServerDisconnected):
        return "the connection was closed"
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
