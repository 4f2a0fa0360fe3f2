"""How days and times are written by whoever asks for something, and in which words she is told what is wrong."""

import re
from datetime import date, datetime, time
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

_WRITTEN: Final = {
    "a day, such as 2026-10-20": re.compile(r"\d{4}-\d\d-\d\d"),
    "a day and a time, such as 2026-10-20T09:00": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*"),
    "a time of day, such as 09:00": re.compile(r"\d\d:\d\d.*"),
}


def _written(as_what: str) -> BeforeValidator:
    """Take text only: a number would be taken for seconds since 1970."""

    def check(value: Any) -> Any:
        if isinstance(value, date | time) or (isinstance(value, str) and _WRITTEN[as_what].fullmatch(value)):
            return value
        raise ValueError(f"write {as_what}")

    return BeforeValidator(check)


def told_as(sentence: str) -> WrapValidator:
    """For a text that must look a certain way: whatever is wrong with it is told in this sentence."""

    def check(value: Any, validated: ValidatorFunctionWrapHandler) -> Any:
        try:
            return validated(value)
        except ValidationError:
            raise ValueError(sentence) from None

    return WrapValidator(check)


Day = Annotated[date, _written("a day, such as 2026-10-20")]
Moment = Annotated[datetime, _written("a day and a time, such as 2026-10-20T09:00")]
TimeOfDay = Annotated[time, _written("a time of day, such as 09:00")]
