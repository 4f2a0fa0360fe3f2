"""What enrolment is told from outside: what every service is told, and when nobody meets or is waited for."""

from pydantic import Field

from shared.settings import ServiceSettings
from shared.workdays import Periods, WorkCalendar


class Settings(ServiceSettings):
    """Enrolment's settings."""

    no_meetings: Periods = Field(
        default=WorkCalendar().no_meetings,
        description="days and weeks of every year without sessions, both ends included: 07-01..07-31,v9,12-20..01-06",
    )
    no_mails: Periods = Field(
        default=WorkCalendar().no_mails,
        description="days and weeks of every year in which nobody is waited for, written like no_meetings",
    )

    @property
    def calendar(self) -> WorkCalendar:
        """The days on which the municipality works, meets and answers."""
        return WorkCalendar(no_meetings=self.no_meetings, no_mails=self.no_mails)
