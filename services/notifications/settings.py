"""What notifications is told from outside."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.notifications.commands.receiving import Reception
from services.notifications.inbound import Mailbox as ImapMailbox
from services.notifications.invites import Mailbox
from services.notifications.look import Look
from services.notifications.mailer import Relay
from services.notifications.mails import mailbox
from services.notifications.oauth import AccessToken, Client
from services.notifications.pace import Pace, limits
from services.notifications.rules.calm import Calm, hours
from services.notifications.rules.trust import Gate
from services.notifications.signing import Signer
from shared.settings import ServiceSettings
from shared.workdays import Periods, WorkCalendar


class MailSettings(BaseSettings):
    """What shows in every mail: all that an example of one needs to be told."""

    model_config = SettingsConfigDict(env_prefix="LEDSTJARNA_", frozen=True)

    sender: str = Field(description="Name <name@domain>: the sender of every mail, a mailbox that somebody reads")
    municipality: str = "Kommunen"
    accent: str = Field("#1b4f72", description="#rrggbb of links and lines, readable on light paper")
    accent_dark: str = Field("#8fc1e6", description="the same in dark mode")
    signature: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="the last lines of every mail, with | between them; else the sender's name and municipality"
    )
    contact: str = Field("", description="how else to reach the office, for example 08-123 45 67")

    @field_validator("signature", mode="before")
    @classmethod
    def _split_lines(cls, value: object) -> object:
        return tuple(line.strip() for line in value.split("|") if line.strip()) if isinstance(value, str) else value

    @field_validator("sender")
    @classmethod
    def _is_mailbox(cls, value: str) -> str:
        mailbox(value)
        return value

    @model_validator(mode="after")
    def _is_readable(self) -> Self:
        _ = self.look
        return self

    @property
    def mailbox(self) -> Mailbox:
        """The sender of every mail."""
        return mailbox(self.sender)

    @property
    def look(self) -> Look:
        """How every mail looks."""
        return Look(accent=self.accent, accent_dark=self.accent_dark, signature=self.signature, contact=self.contact)


class CalmSettings(ServiceSettings):
    """When people are written to, and how often."""

    settle_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = Field(
        default=10, description="how long news for one person wait for each other, to be told in one mail"
    )
    mail_hours: str = Field(
        default="07:00-18:00", description="when mails go on working days; 'always' for any hour of any day"
    )
    no_mails: Periods = Field(
        default=WorkCalendar().no_mails,
        description="days and weeks of every year without mails, both ends included: 07-01..07-31,v9,12-20..01-06",
    )
    mails_a_week: Annotated[int, Field(ge=0)] = Field(
        default=5, description="after how many mails in a week what can wait is held back until the next; 0 for no end"
    )

    @field_validator("mail_hours")
    @classmethod
    def _is_span(cls, value: str) -> str:
        hours(value)
        return value

    @property
    def calm(self) -> Calm:
        """How people want to be written to."""
        return Calm(
            zone=self.zone,
            calendar=WorkCalendar(no_mails=self.no_mails),
            settling=timedelta(minutes=self.settle_minutes),
            hours=hours(self.mail_hours),
            a_week=self.mails_a_week or None,
        )


class RelaySettings(ServiceSettings):
    """The mail server that takes our mails, and how it wants to be treated."""

    smtp_url: str = Field(
        description="smtp://host:port, smtps://host:port; name:password@ before the host, ?starttls=1 behind the port"
    )
    smtp_connections: Annotated[int, Field(ge=1, le=20)] = 4
    retry_seconds: Annotated[float, Field(gt=0)] = 60.0
    mails_per_minute: Annotated[float, Field(gt=0)] | None = Field(None, description="to the relay; else unlimited")
    mails_burst: Annotated[int, Field(ge=1)] = Field(1, description="how many may go together after a calm while")
    domain_limits: str = Field(
        "", description="domain=MAILS/min or domain=MAILS/min:AT_ONCE, with commas; * is the rest"
    )
    token_url: str | None = Field(None, description="https address that gives out access tokens; then no password")
    token_client_id: str = ""
    token_client_secret: str = Field("", repr=False)
    token_scope: str = ""
    bounce_domain: str | None = Field(None, description="where bounces go, by an envelope sender for each mail")
    dkim_key_file: Path | None = Field(None, description="RSA key in PEM, if the relay does not sign mails itself")
    dkim_selector: str = "ledstjarna"

    @field_validator("smtp_url")
    @classmethod
    def _is_relay(cls, value: str) -> str:
        Relay.at(value)
        return value

    @field_validator("domain_limits")
    @classmethod
    def _are_limits(cls, value: str) -> str:
        limits(value)
        return value

    @model_validator(mode="after")
    def _can_ask_for_tokens(self) -> Self:
        if self.token_url is None:
            return self
        if urlsplit(self.token_url).scheme != "https" and urlsplit(self.token_url).hostname != "127.0.0.1":
            raise ValueError("LEDSTJARNA_TOKEN_URL must begin with https: a secret is sent there")
        if not (self.token_client_id and self.token_client_secret and self.relay.username):
            raise ValueError(
                "LEDSTJARNA_TOKEN_URL needs LEDSTJARNA_TOKEN_CLIENT_ID, LEDSTJARNA_TOKEN_CLIENT_SECRET "
                "and the mailbox's name before the host in LEDSTJARNA_SMTP_URL"
            )
        if self.relay.password:
            raise ValueError("the relay is opened by a token or by a password: take one of them out")
        return self

    @property
    def relay(self) -> Relay:
        """The mail server that takes our mails."""
        return Relay.at(self.smtp_url)

    @property
    def shortest_pause(self) -> timedelta:
        """How long a mail rests after the first refusal that may pass."""
        return timedelta(seconds=self.retry_seconds)

    @property
    def pace(self) -> Pace:
        """How fast mails may go out."""
        return Pace(self.mails_per_minute, self.mails_burst, limits(self.domain_limits))

    @property
    def token(self) -> AccessToken | None:
        """What opens the relay in place of a password, if anything."""
        if self.token_url is None:
            return None
        return AccessToken(Client(self.token_url, self.token_client_id, self.token_client_secret, self.token_scope))


class InboundSettings(MailSettings, ServiceSettings):
    """How mail comes in, and whom we believe."""

    model_config = ServiceSettings.model_config

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

    @model_validator(mode="after")
    def _can_take_mail(self) -> Self:
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


class Settings(InboundSettings, CalmSettings, RelaySettings):
    """Settings of this service, and those that all share."""

    model_config = ServiceSettings.model_config

    @property
    def signer(self) -> Signer | None:
        """What signs our mails, if we do it ourselves."""
        if self.dkim_key_file is None:
            return None
        return Signer.with_key_in(self.dkim_key_file, self.dkim_selector, self.mailbox.domain)
