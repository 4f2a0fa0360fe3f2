"""Which days people work, meet and answer: Sweden's public holidays, weekends, and weeks without meetings or mails."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from holidays.constants import DE_FACTO, PUBLIC
from holidays.countries.sweden import Sweden
from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic_settings import NoDecode

from shared.events.base import Fact

DAY = timedelta(days=1)
SATURDAY = 5
LEAP_YEAR = 2024
HOW_TO_WRITE = "write two days like 12-20..01-06, a week like v9, or weeks like v28..v31"
ROOM_TO_MEET = 14
"""Days in a row that must be left between the no-meeting periods: two weeks always have a working day."""


class YearlyPeriod(Fact):
    """Days that come back every year, as (month, day); one whose last day lies before its first wraps the new year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def covers(self, day: date) -> bool:
        """Whether the day is in it, in any year."""
        this = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= this <= self.last
        return this >= self.first or this <= self.last


class YearlyWeeks(Fact):
    """Weeks that come back every year, by their numbers (ISO 8601), both included."""

    first_week: int
    last_week: int

    def covers(self, day: date) -> bool:
        """Whether the day is in one of them, in any year."""
        week = day.isocalendar().week
        if self.first_week <= self.last_week:
            return self.first_week <= week <= self.last_week
        return week >= self.first_week or week <= self.last_week


Period = YearlyPeriod | YearlyWeeks

SUMMER = YearlyPeriod(first=(7, 1), last=(7, 31))
CHRISTMAS = YearlyPeriod(first=(12, 20), last=(1, 6))


class WorkCalendar(Fact):
    """The days of a municipality. Holidays are known for the years 1953 to 2100."""

    no_meetings: tuple[Period, ...] = (SUMMER, CHRISTMAS)
    no_mails: tuple[Period, ...] = (SUMMER, CHRISTMAS)

    @model_validator(mode="after")
    def _leaves_room(self) -> Self:
        year = [date(LEAP_YEAR, 1, 1) + DAY * number for number in range(366)]
        for periods in (self.no_meetings, self.no_mails):
            runs = groupby(_covered(day, periods) for day in year * 2)
            if max((len(list(run)) for quiet, run in runs if not quiet), default=0) < ROOM_TO_MEET:
                raise ValueError(
                    f"the periods without meetings, or mails, must leave {ROOM_TO_MEET} days in a row in which people"
                    " can meet and be written to"
                )
        return self

    def is_working_day(self, day: date) -> bool:
        """Whether it is neither in a weekend nor free. Midsummer, Christmas and New Year's Eve are as free as a
        holiday (annual leave act, SFS 1977:480, section 7)."""
        return day.weekday() < SATURDAY and day not in free_days(day.year)

    def is_answering_day(self, day: date) -> bool:
        """Whether people work on it and read what is sent to them: nobody is waited for in weeks without mails."""
        return self.is_working_day(day) and not _covered(day, self.no_mails)

    def add_answering_days(self, moment: datetime, number: int, zone: ZoneInfo) -> datetime:
        """The same local time so many days later on which people can answer, in UTC; the day of the moment itself is
        not counted."""
        local = moment.astimezone(zone)
        day = local.date()
        for _ in range(number):
            day += DAY
            while not self.is_answering_day(day):
                day += DAY
        return datetime.combine(day, local.time(), tzinfo=zone).astimezone(UTC) if number else moment

    def is_meeting_day(self, day: date) -> bool:
        """Whether people may be called to a meeting on it."""
        return self.is_working_day(day) and not _covered(day, self.no_meetings)

    def next_meeting_day(self, day: date) -> date:
        """The day itself, or the first after it on which people may be called to a meeting."""
        while not self.is_meeting_day(day):
            day += DAY
        return day


def _covered(day: date, periods: Iterable[Period]) -> bool:
    return any(period.covers(day) for period in periods)


def yearly_periods(text: str) -> tuple[Period, ...]:
    """Read `07-01..07-31,v9,12-20..01-06`: periods of every year, each month-day to month-day, or a week, or week to
    week (`v28..v31`), both ends included.

    Raises:
        ValueError: a part of it is no such period.
    """
    return tuple(_period(part.strip()) for part in text.split(",") if part.strip())


def _period(text: str) -> Period:
    weeks = re.fullmatch(r"v(\d\d?)(?:\.\.v(\d\d?))?", text, re.ASCII)
    if weeks:
        return _weeks(text, int(weeks[1]), int(weeks[2] or weeks[1]))
    written = re.fullmatch(r"(\d\d)-(\d\d)\.\.(\d\d)-(\d\d)", text, re.ASCII)
    numbers = [int(part) for part in written.groups()] if written else []
    try:
        first, last = (date(LEAP_YEAR, *numbers[at : at + 2]) for at in (0, 2))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{text!r} is no period of the year: {HOW_TO_WRITE}") from error
    return YearlyPeriod(first=(first.month, first.day), last=(last.month, last.day))


def _weeks(text: str, first: int, last: int) -> YearlyWeeks:
    if not (1 <= first <= 53 and 1 <= last <= 53):
        raise ValueError(f"{text!r} is no period of the year: {HOW_TO_WRITE}")
    return YearlyWeeks(first_week=first, last_week=last)


def _read(value: object) -> object:
    return yearly_periods(value) if isinstance(value, str) else value


def _with_room(value: tuple[Period, ...]) -> tuple[Period, ...]:
    return WorkCalendar(no_meetings=value).no_meetings


Periods = Annotated[tuple[Period, ...], NoDecode, BeforeValidator(_read), AfterValidator(_with_room)]
"""Periods as a setting: written like `yearly_periods` reads them, refused where they leave no room."""


@lru_cache(maxsize=256)  # the library's object takes a millisecond to make and a call to ask; this is asked in loops
def free_days(year: int) -> frozenset[date]:
    """The public holidays of a year in Sweden, and the three eves that are free by law; Sundays only by chance."""
    return frozenset(Sweden(years=year, include_sundays=False, categories=(PUBLIC, DE_FACTO)))
