"""What enrolment is told from outside: what every service is told, and when nobody meets or is waited for."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from services.enrolment.rules.workdays import Period, WorkCalendar, yearly_periods
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Enrolment's settings."""

    no_meetings: Annotated[tuple[Period, ...], NoDecode] = Field(
        default=WorkCalendar().no_meetings,
        description="days and weeks of every year without sessions, both ends included: 07-01..07-31,v9,12-20..01-06",
    )
    no_mails: Annotated[tuple[Period, ...], NoDecode] = Field(
        default=WorkCalendar().no_mails,
        description="days and weeks of every year in which nobody is waited for, written like no_meetings",
    )

    @field_validator("no_meetings", "no_mails", mode="before")
    @classmethod
    def _periods(cls, value: object) -> object:
        return yearly_periods(value) if isinstance(value, str) else value

    @field_validator("no_meetings", "no_mails")
    @classmethod
    def _leaves_room(cls, value: tuple[Period, ...]) -> tuple[Period, ...]:
        return WorkCalendar(no_meetings=value).no_meetings

    @property
    def calendar(self) -> WorkCalendar:
        """The days on which the municipality works, meets and answers."""
        return WorkCalendar(no_meetings=self.no_meetings, no_mails=self.no_mails)
