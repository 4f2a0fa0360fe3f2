"""What notifications is told from outside."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.notifications.invites import Mailbox
from services.notifications.look import Look
from services.notifications.mailer import Relay
from services.notifications.mails import mailbox
from shared.settings import ServiceSettings


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


class Settings(MailSettings, ServiceSettings):
    """Settings of this service besides those that all share."""

    smtp_url: str = Field(
        description="smtp://host:port, smtps://host:port; name:password@ before the host, ?starttls=1 behind the port"
    )
    smtp_connections: Annotated[int, Field(ge=1, le=20)] = 4
    retry_seconds: Annotated[float, Field(gt=0)] = 60.0

    @field_validator("smtp_url")
    @classmethod
    def _is_relay(cls, value: str) -> str:
        Relay.at(value)
        return value

    @property
    def relay(self) -> Relay:
        """The mail server that takes our mails."""
        return Relay.at(self.smtp_url)

    @property
    def shortest_pause(self) -> timedelta:
        """How long a mail rests after the first refusal that may pass."""
        return timedelta(seconds=self.retry_seconds)
