"""What requests are made of: a key that we do not know is refused, and days and times are written out."""

import re
from datetime import date, datetime, time
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict

_WRITTEN: Final = {
    "a day, such as 2026-10-20": re.compile(r"\d{4}-\d\d-\d\d"),
    "a day and a time, such as 2026-10-20T09:00": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*"),
    "a time of day, such as 09:00": re.compile(r"\d\d:\d\d.*"),
}


class Asked(BaseModel):
    """A body. A key that is not known is most likely misspelt, and what it was to say would go unheard."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def as_in(example: Any) -> ConfigDict:
    """For `model_config` of a body: what one looks like."""
    return ConfigDict(json_schema_extra={"examples": [example]})


def _written(as_what: str) -> BeforeValidator:
    """Take text only: a number would be taken for seconds since 1970."""

    def check(value: Any) -> Any:
        if isinstance(value, date | time) or (isinstance(value, str) and _WRITTEN[as_what].fullmatch(value)):
            return value
        raise ValueError(f"write {as_what}")

    return BeforeValidator(check)


Day = Annotated[date, _written("a day, such as 2026-10-20")]
Moment = Annotated[datetime, _written("a day and a time, such as 2026-10-20T09:00")]
TimeOfDay = Annotated[time, _written("a time of day, such as 09:00")]
