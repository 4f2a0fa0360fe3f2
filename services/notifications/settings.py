"""What notifications is told from outside."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from services.notifications.commands.receiving import Reception
from services.notifications.inbound import Mailbox as ImapMailbox
from services.notifications.invites import Mailbox
from services.notifications.mailer import Relay
from services.notifications.mails import mailbox
from services.notifications.rules.trust import Gate
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of this service besides those that all share."""

    smtp_url: str = Field(
        description="smtp://host:port, smtps://host:port; name:password@ before the host, ?starttls=1 behind the port"
    )
    sender: str = Field(description="Name <name@domain>: the sender of every mail, a mailbox that somebody reads")
    municipality: str = "Kommunen"
    smtp_connections: Annotated[int, Field(ge=1, le=20)] = 4
    retry_seconds: Annotated[float, Field(gt=0)] = 60.0
    lmtp_listen: str | None = Field(None, description="host:port at which a mail server delivers mail to us")
    imap_url: str | None = Field(
        None, description="imaps://name:password@host:port/folder?done=folder, a mailbox that mail is taken from"
    )
    office_mailbox: str | None = Field(
        None, description="Name <name@domain>: who reads letters that people write to us"
    )
    authserv_id: str | None = Field(None, description="how your mail system signs Authentication-Results")
    inside_domains: str = Field(
        "", description="comma separated: domains whose mail your mail system lets in from its own mailboxes only"
    )

    @field_validator("smtp_url")
    @classmethod
    def _is_relay(cls, value: str) -> str:
        Relay.at(value)
        return value

    @field_validator("sender")
    @classmethod
    def _is_mailbox(cls, value: str) -> str:
        mailbox(value)
        return value

    @model_validator(mode="after")
    def _can_take_mail(self) -> "Settings":
        if self.lmtp_listen:
            self.lmtp_address  # noqa: B018 — it says what is wrong
        if self.imap_url:
            ImapMailbox.at(self.imap_url)
        if (self.lmtp_listen or self.imap_url) and self.reception is None:
            raise ValueError("mail comes in: set LEDSTJARNA_OFFICE_MAILBOX to whoever reads what people write")
        return self

    @property
    def lmtp_address(self) -> tuple[str, int] | None:
        """Where a mail server delivers to us, if it does."""
        if not self.lmtp_listen:
            return None
        host, _, port = self.lmtp_listen.rpartition(":")
        if not host or not port.isdigit():
            raise ValueError("LEDSTJARNA_LMTP_LISTEN is no address: write host:port")
        return host.strip("[]"), int(port)

    @property
    def reception(self) -> Reception | None:
        """Who vouches for mail that comes in, and who reads what people write; nothing if nobody does."""
        if not self.office_mailbox:
            return None
        office = mailbox(self.office_mailbox)
        if office.address.casefold() == self.mailbox.address.casefold():
            raise ValueError("LEDSTJARNA_OFFICE_MAILBOX is the sender itself: letters would go round in a circle")
        domains = [domain.strip().casefold() for domain in self.inside_domains.split(",")]
        return Reception(Gate(self.authserv_id or None, frozenset(filter(None, domains))), office)

    @property
    def relay(self) -> Relay:
        """The mail server that takes our mails."""
        return Relay.at(self.smtp_url)

    @property
    def mailbox(self) -> Mailbox:
        """The sender of every mail."""
        return mailbox(self.sender)

    @property
    def shortest_pause(self) -> timedelta:
        """How long a mail rests after the first refusal that may pass."""
        return timedelta(seconds=self.retry_seconds)
