"""What notifications is told from outside."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from services.notifications.invites import Mailbox
from services.notifications.mailer import Relay
from services.notifications.mails import mailbox
from services.notifications.oauth import AccessToken, Client
from services.notifications.pace import Pace, limits
from services.notifications.rules.calm import Calm, hours
from services.notifications.signing import Signer
from shared.settings import ServiceSettings
from shared.workdays import Periods, WorkCalendar


class Settings(ServiceSettings):
    """Settings of this service besides those that all share."""

    smtp_url: str = Field(
        description="smtp://host:port, smtps://host:port; name:password@ before the host, ?starttls=1 behind the port"
    )
    sender: str = Field(description="Name <name@domain>: the sender of every mail, a mailbox that somebody reads")
    municipality: str = "Kommunen"
    smtp_connections: Annotated[int, Field(ge=1, le=20)] = 4
    retry_seconds: Annotated[float, Field(gt=0)] = 60.0
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

    @field_validator("sender")
    @classmethod
    def _is_mailbox(cls, value: str) -> str:
        mailbox(value)
        return value

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
    def pace(self) -> Pace:
        """How fast mails may go out."""
        return Pace(self.mails_per_minute, self.mails_burst, limits(self.domain_limits))

    @property
    def token(self) -> AccessToken | None:
        """What opens the relay in place of a password, if anything."""
        if self.token_url is None:
            return None
        return AccessToken(Client(self.token_url, self.token_client_id, self.token_client_secret, self.token_scope))

    @property
    def signer(self) -> Signer | None:
        """What signs our mails, if we do it ourselves."""
        if self.dkim_key_file is None:
            return None
        return Signer.with_key_in(self.dkim_key_file, self.dkim_selector, self.mailbox.domain)

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
