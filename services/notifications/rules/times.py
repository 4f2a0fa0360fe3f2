"""Moments by the municipality's wall clock."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from shared.workdays import WorkCalendar

REMIND_AT = time(8, 0)
REMIND_WORKING_DAYS_BEFORE = 2


def today(now: datetime, zone: tzinfo) -> date:
    """The date that people have at `now`."""
    return now.astimezone(zone).date()


def start_of(day: date, zone: tzinfo) -> datetime:
    """The moment at which a day begins."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def reminder_at(starts_at: datetime, zone: tzinfo, calendar: WorkCalendar) -> datetime:
    """When to remind of a session: in the morning, two working days before its day."""
    day = starts_at.astimezone(zone).date()
    left = REMIND_WORKING_DAYS_BEFORE
    while left:
        day -= timedelta(days=1)
        left -= calendar.is_working_day(day)
    return datetime.combine(day, REMIND_AT, tzinfo=zone).astimezone(UTC)
