"""What notifications is told from outside."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, field_validator

from services.notifications.invites import Mailbox
from services.notifications.mailer import Relay
from services.notifications.mails import mailbox
from services.notifications.rules.calm import Calm, hours
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
