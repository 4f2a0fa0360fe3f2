"""What enrolment is told from outside: what every service is told, and when nobody is to be called to a meeting."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from services.enrolment.rules.workdays import WorkCalendar, YearlyPeriod, yearly_periods
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Enrolment's settings."""

    no_meetings: Annotated[tuple[YearlyPeriod, ...], NoDecode] = Field(
        default=WorkCalendar().no_meetings,
        description="days of every year without sessions, both ends included: 07-01..07-31,12-20..01-06",
    )

    @field_validator("no_meetings", mode="before")
    @classmethod
    def _periods(cls, value: object) -> object:
        return yearly_periods(value) if isinstance(value, str) else value

    @field_validator("no_meetings")
    @classmethod
    def _leaves_room(cls, value: tuple[YearlyPeriod, ...]) -> tuple[YearlyPeriod, ...]:
        return WorkCalendar(no_meetings=value).no_meetings

    @property
    def calendar(self) -> WorkCalendar:
        """The municipality's working days and meeting days."""
        return WorkCalendar(no_meetings=self.no_meetings)
