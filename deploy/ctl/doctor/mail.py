"""The mail server: whether it answers, speaks as securely as configured, and lets us in. Nothing is sent."""

import asyncio
import smtplib
import ssl
from contextlib import suppress
from typing import Final

from deploy.ctl.findings import Finding
from deploy.local.endpoints import Endpoints
from services.notifications.mailer import Relay

PATIENCE_SECONDS: Final = 5.0


async def check(stack: Endpoints) -> list[Finding]:
    """Speak to the mail server."""
    if stack.smtp is None:
        mend = "write the mail server's address as smtp into endpoints.json, as notifications has it."
        return [Finding("mail server", "address", "warn", "it is not known", mend)]
    try:
        relay = Relay.at(stack.smtp)
    except ValueError as error:
        return [Finding("mail server", "address", "bad", f"{error}", "correct smtp in endpoints.json.")]
    return [await asyncio.to_thread(_speak, relay)]


def _speak(relay: Relay) -> Finding:
    where = f"{relay.host}:{relay.port}"
    try:
        said = _conversation(relay)
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or "TLS fails"
        mend = "renew its certificate, let it name this host, or let us trust who signed it (SSL_CERT_FILE)."
        return Finding("mail server", where, "bad", f"its certificate does not hold: {reason}", mend)
    except smtplib.SMTPAuthenticationError as error:
        mend = "correct user and password in the address of the mail server (docs/relay.md)."
        return Finding("mail server", where, "bad", f"does not let us in ({error.smtp_code})", mend)
    except smtplib.SMTPNotSupportedError:
        mend = "let it offer STARTTLS and sign-in, or take ?starttls=1 or the user out of its address (docs/relay.md)."
        return Finding("mail server", where, "bad", "does not offer what is configured", mend)
    except (OSError, smtplib.SMTPException) as error:
        mend = "start it, or correct its address (docs/relay.md)."
        return Finding("mail server", where, "bad", f"does not answer ({type(error).__name__})", mend)
    return Finding("mail server", where, "ok", said)


def _conversation(relay: Relay) -> str:
    """Greet it and say goodbye."""
    context = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(relay.host, relay.port, timeout=PATIENCE_SECONDS, context=context)
        if relay.tls
        else smtplib.SMTP(relay.host, relay.port, timeout=PATIENCE_SECONDS)
    )
    try:
        server.ehlo_or_helo_if_needed()
        if relay.starttls:
            server.starttls(context=context)
            server.ehlo()
        if relay.username and relay.password:
            server.login(relay.username, relay.password)
        secure = "over TLS" if relay.tls or relay.starttls else "without TLS"
        return f"answers {secure}" + (" and lets us in" if relay.username else "")
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
