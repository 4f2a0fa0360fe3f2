"""Certificates of the addresses that are reached by TLS: whether they hold, and for how long."""

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from deploy.ctl.findings import Finding, Level
from deploy.local.endpoints import Endpoints

PATIENCE_SECONDS: Final = 5.0
WARN_DAYS, BAD_DAYS = 21, 3
PORTS: Final = {"https": 443, "amqps": 5671, "smtps": 465, "smtp": 25}


async def check(stack: Endpoints) -> list[Finding]:
    """Look at each certificate once."""
    places = sorted(set(secured(stack)))
    if not places:
        return [Finding("certificates", "addresses", "ok", "none is reached by TLS, so there is none to renew")]
    return [await asyncio.to_thread(_look, *place) for place in places]


def secured(stack: Endpoints) -> Iterator[tuple[str, int, bool]]:
    """Host and port of every address that begins with TLS, or (true) with STARTTLS."""
    named = stack.model_dump(mode="json")
    urls = [*(value for value in named.values() if isinstance(value, str)), *stack.amqp_users.values()]
    for url in urls:
        parts = urlsplit(url)
        starttls = parts.scheme == "smtp" and parse_qs(parts.query).get("starttls") == ["1"]
        if parts.hostname and (starttls or parts.scheme in ("https", "amqps", "smtps")):
            yield parts.hostname, parts.port or (587 if starttls else PORTS[parts.scheme]), starttls


def _look(host: str, port: int, starttls: bool) -> Finding:
    where = f"{host}:{port}"
    try:
        certificate = _certificate(host, port, starttls)
    except ssl.SSLCertVerificationError as error:
        mend = "renew it, let it name this host, or let us trust who signed it (SSL_CERT_FILE)."
        return Finding("certificates", where, "bad", f"does not hold: {error.verify_message}", mend)
    except (OSError, smtplib.SMTPException) as error:
        mend = "start what answers there, or correct the address in endpoints.json."
        return Finding("certificates", where, "bad", f"cannot be looked at ({type(error).__name__})", mend)
    return judged(where, certificate, datetime.now(UTC))


def _certificate(host: str, port: int, starttls: bool) -> dict[str, Any]:
    context = ssl.create_default_context()
    if starttls:
        with smtplib.SMTP(host, port, timeout=PATIENCE_SECONDS) as server:
            server.starttls(context=context)
            assert isinstance(server.sock, ssl.SSLSocket)  # noqa: S101 — what starttls() makes of it
            return dict(server.sock.getpeercert() or {})
    with (
        socket.create_connection((host, port), timeout=PATIENCE_SECONDS) as raw,
        context.wrap_socket(raw, server_hostname=host) as secured_,
    ):
        return dict(secured_.getpeercert() or {})


def judged(where: str, certificate: dict[str, Any], now: datetime) -> Finding:
    """How many days a certificate has left."""
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    days = (ends - now).days
    level: Level = "bad" if days < BAD_DAYS else "warn" if days < WARN_DAYS else "ok"
    mend = f"renew it before {ends:%Y-%m-%d}."
    return Finding("certificates", where, level, f"holds for {days} days", "" if level == "ok" else mend)
