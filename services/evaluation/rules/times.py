"""When waves open and close: in the morning and in the evening, on the municipality's clocks."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.evaluation.model import PULSE, Cohort, SessionView

T0_DAYS_BEFORE = 21
DAYS_OPEN = 14
PULSE_DAYS_OPEN = 7
T1_DAYS_WITHOUT_RECORD = 7
"""If nobody records who attended the last session, T1 opens so many days after it, with what is known."""

MONTHS_AFTER: Final = {"T2": 3, "T3": 6, "T4": 12}
"""Waves that are asked so many months after the last session."""

MORNING = time(8)
EVENING = time(18)


def opens(wave: str, cohort: Cohort, session: SessionView | None, zone: ZoneInfo, now: datetime) -> datetime:
    """When a wave opens, as things stand now. A pulse is about a session that has been recorded."""
    if wave == PULSE and session is not None:
        return max(session.ends_at, now)
    if wave == "T0":
        return t0_opens(cohort, zone)
    if wave == "T1":
        return t1_opens(cohort, zone, now)
    return _local(_months_after(_day(last_session(cohort).ends_at, zone), MONTHS_AFTER[wave]), MORNING, zone)


def closes(wave: str, cohort: Cohort, zone: ZoneInfo, opened: datetime) -> datetime:
    """When a wave closes that opens at this moment: before the programme for T0, else in an evening some days later."""
    if wave == "T0":
        return t0_closes(cohort, zone, opened)
    days = PULSE_DAYS_OPEN if wave == PULSE else DAYS_OPEN
    return _local(_day(opened, zone) + timedelta(days=days), EVENING, zone)


def first_session(cohort: Cohort) -> SessionView:
    """The session that starts first, of those that take place."""
    return min(cohort.meetings, key=lambda session: session.starts_at)


def last_session(cohort: Cohort) -> SessionView:
    """The session that ends last, of those that take place."""
    return max(cohort.meetings, key=lambda session: session.ends_at)


def t0_opens(cohort: Cohort, zone: ZoneInfo) -> datetime:
    """In the morning three weeks before the first session."""
    return _local(_day(first_session(cohort).starts_at, zone) - timedelta(days=T0_DAYS_BEFORE), MORNING, zone)


def t0_closes(cohort: Cohort, zone: ZoneInfo, opens: datetime) -> datetime:
    """The evening before the first session; when it opens too late for that, as the session starts."""
    starts = first_session(cohort).starts_at
    evening_before = _local(_day(starts, zone) - timedelta(days=1), EVENING, zone)
    return evening_before if opens < evening_before else starts


def t1_opens(cohort: Cohort, zone: ZoneInfo, now: datetime) -> datetime:
    """The first morning after the last session has been recorded.

    Not at once: by then it is decided who did not attend enough and is out, and she shall not be asked in vain.
    """
    ended = last_session(cohort).ends_at
    if not cohort.last_recorded:
        return _local(_day(ended, zone) + timedelta(days=T1_DAYS_WITHOUT_RECORD), MORNING, zone)
    since = max(ended, now)
    today = _local(_day(since, zone), MORNING, zone)
    return today if since <= today else _local(_day(since, zone) + timedelta(days=1), MORNING, zone)


def next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """In the morning of the day after."""
    return _local(_day(now, zone) + timedelta(days=1), MORNING, zone)


def today(now: datetime, zone: ZoneInfo) -> date:
    """The date that people have at `now`."""
    return _day(now, zone)


def gone_from(last_day: date, zone: ZoneInfo) -> datetime:
    """The moment from which somebody whose last day it is has left."""
    return _local(last_day + timedelta(days=1), time(0), zone)


def _months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _local(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(ZoneInfo("UTC"))
