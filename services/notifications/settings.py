"""What notifications is told from outside."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, field_validator

from services.notifications.invites import Mailbox
from services.notifications.mailer import Relay
from services.notifications.mails import mailbox
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
