"""What evaluation is told from outside."""

from pathlib import Path

from pydantic import Field, SecretStr

from services.evaluation.anonymity import SMALLEST_K
from shared.settings import ServiceSettings
from shared.workdays import Periods, WorkCalendar


class Settings(ServiceSettings):
    """Settings of evaluation."""

    pseudonym_secret: SecretStr = Field(
        min_length=32, description="master secret of the pseudonyms; never in the database"
    )
    keep_answers_days: int = Field(
        30, ge=1, le=365, description="days after a cohort's last wave until its key and raw answers are destroyed"
    )
    smallest_group: int = Field(SMALLEST_K, ge=SMALLEST_K, description="k: no result rests on fewer people")
    surveys_a_quarter: int = Field(6, ge=1, description="nobody is asked more often than this in 90 days")
    no_mails: Periods = Field(
        default=WorkCalendar().no_mails,
        description="days and weeks of every year in which nobody is reminded: 07-01..07-31,v9,12-20..01-06",
    )
    instruments: Path | None = Field(
        default=None, description="directory with further instrument files, each tried with ledstjarna instrument check"
    )
