"""Which days people work and meet, against published calendars."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.enrolment.settings import Settings
from shared.workdays import CHRISTMAS, SUMMER, WorkCalendar, free_days, yearly_periods
from tests.unit.enrolment.arrange import STOCKHOLM

CALENDAR = WorkCalendar()
DAYS = st.dates(date(1960, 1, 1), date(2099, 12, 1))
MUST = {
    "amqp_url": "amqp://x",
    "mongo_url": "mongodb://x/enrolment",
    "public_url": "https://x.example",
    "link_keys": "key",
    "tokens_file": "tokens.json",
}


# Those that fall on Monday to Friday. 2017 and 2026 as the Riksbank published them (riksbank.se, bank holidays);
# the others reckoned from the act (SFS 1989:253) and the Easter of the year.
@pytest.mark.parametrize(
    "days",
    [
        "2017-01-06 2017-04-14 2017-04-17 2017-05-01 2017-05-25 2017-06-06 2017-06-23 2017-12-25 2017-12-26",
        "2025-01-01 2025-01-06 2025-04-18 2025-04-21 2025-05-01 2025-05-29 2025-06-06 2025-06-20 2025-12-24 2025-12-25"
        " 2025-12-26 2025-12-31",
        "2026-01-01 2026-01-06 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-06-19 2026-12-24 2026-12-25 2026-12-31",
        "2027-01-01 2027-01-06 2027-03-26 2027-03-29 2027-05-06 2027-06-25 2027-12-24 2027-12-31",
        "2028-01-06 2028-04-14 2028-04-17 2028-05-01 2028-05-25 2028-06-06 2028-06-23 2028-12-25 2028-12-26",
    ],
    ids=["2017", "2025", "2026", "2027", "2028"],
)
def test_the_free_days_of_a_year_are_those_that_were_published(days: str) -> None:
    published = {date.fromisoformat(each) for each in days.split()}
    year = next(iter(published)).year
    assert {each for each in free_days(year) if each.weekday() < 5} == published


@pytest.mark.parametrize(
    ("day", "what"),
    [
        ("2024-03-31", "Easter"),
        ("2025-04-20", "Easter"),
        ("2026-04-05", "Easter"),
        ("2027-03-28", "Easter"),
        ("2030-04-21", "Easter"),
        ("2024-06-22", "Midsummer"),
        ("2025-06-21", "Midsummer"),
        ("2026-06-20", "Midsummer"),
        ("2027-06-26", "Midsummer"),
        ("2024-11-02", "All Saints"),
        ("2025-11-01", "All Saints"),
        ("2026-10-31", "All Saints"),
        ("2027-11-06", "All Saints"),
    ],
)
def test_a_feast_that_moves_is_on_the_day_of_that_year(day: str, what: str) -> None:
    assert date.fromisoformat(day) in free_days(int(day[:4])), what


@pytest.mark.parametrize("day", ["2026-04-02", "2026-04-30", "2026-05-15", "2026-06-18", "2026-12-23", "2026-10-30"])
def test_a_day_before_a_holiday_is_a_working_day(day: str) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day))


@given(DAYS)
def test_nobody_works_in_a_weekend(day: date) -> None:
    assert CALENDAR.is_working_day(day) <= (day.weekday() < 5)


@given(DAYS)
def test_a_meeting_day_is_a_working_day_outside_july_and_christmas(day: date) -> None:
    found = CALENDAR.next_meeting_day(day)
    assert CALENDAR.is_working_day(found)
    assert found.month != 7
    assert not (found.month == 12 and found.day >= 20)
    assert not (found.month == 1 and found.day <= 6)
    assert found - day <= timedelta(days=35)


@given(DAYS, st.times(), st.integers(1, 30))
def test_working_days_later_it_is_the_same_local_time(day: date, at: time, number: int) -> None:
    moment = datetime.combine(day, at, tzinfo=STOCKHOLM).astimezone(UTC)
    local = moment.astimezone(STOCKHOLM)
    later = CALENDAR.add_answering_days(moment, number, STOCKHOLM)
    arrived = later.astimezone(STOCKHOLM)
    assert (arrived.time(), later.tzinfo) == (local.time(), UTC)
    days = [local.date() + timedelta(days=n) for n in range(1, (arrived.date() - local.date()).days + 1)]
    assert sum(map(CALENDAR.is_answering_day, days)) == number
    assert CALENDAR.is_answering_day(days[-1])


@pytest.mark.parametrize(
    ("moment", "number", "later"),
    [
        # from Friday noon: Monday to Friday
        (datetime(2026, 10, 2, 10, tzinfo=UTC), 5, datetime(2026, 10, 9, 10, tzinfo=UTC)),
        # over the end of summer time, 25 October: noon stays noon
        (datetime(2026, 10, 22, 10, tzinfo=UTC), 3, datetime(2026, 10, 27, 11, tzinfo=UTC)),
        # from Wednesday before Easter: Thursday, Tuesday, Wednesday
        (datetime(2027, 3, 24, 11, tzinfo=UTC), 3, datetime(2027, 3, 31, 10, tzinfo=UTC)),
        # from before Christmas: 18 December, then nobody is waited for until Epiphany is over; 7, 8 and 11 January
        (datetime(2026, 12, 17, 11, tzinfo=UTC), 4, datetime(2027, 1, 11, 11, tzinfo=UTC)),
        # nor in July: 30 June, 2 August
        (datetime(2027, 6, 29, 11, tzinfo=UTC), 2, datetime(2027, 8, 2, 11, tzinfo=UTC)),
        # 23 o'clock UTC is the next day where the municipality is
        (datetime(2026, 10, 1, 22, 30, tzinfo=UTC), 1, datetime(2026, 10, 4, 22, 30, tzinfo=UTC)),
        (datetime(2026, 10, 3, 12, tzinfo=UTC), 0, datetime(2026, 10, 3, 12, tzinfo=UTC)),
    ],
)
def test_a_deadline_in_working_days_is_where_a_calendar_says(moment: datetime, number: int, later: datetime) -> None:
    assert CALENDAR.add_answering_days(moment, number, STOCKHOLM) == later


def test_holidays_without_a_period_count_by_themselves() -> None:
    """From Christmas Eve's eve: 28, 29, 30 December, 4 January."""
    later = WorkCalendar(no_mails=()).add_answering_days(datetime(2026, 12, 23, 11, tzinfo=UTC), 4, STOCKHOLM)
    assert later == datetime(2027, 1, 4, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day", "quiet"),
    [
        ("v9", date(2027, 3, 1), True),
        ("v9", date(2027, 3, 8), False),
        ("v28..v31", date(2026, 7, 6), True),
        ("v28..v31", date(2026, 8, 3), False),
        ("v52..v1", date(2027, 1, 3), True),  # a Sunday in week 53
        ("v52..v1", date(2027, 1, 4), True),
        ("v52..v1", date(2027, 1, 11), False),
    ],
)
def test_weeks_are_those_of_the_calendar_on_the_wall(text: str, day: date, quiet: bool) -> None:
    [period] = yearly_periods(text)
    assert period.covers(day) is quiet


def test_periods_are_read_as_written() -> None:
    assert yearly_periods(" 07-01..07-31, 12-20..01-06,") == (SUMMER, CHRISTMAS)
    assert yearly_periods("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "july",
        "07-01",
        "07-01..",
        "7-1..7-31",
        "13-01..13-05",
        "02-30..03-01",
        "v0",
        "v54",
        "v9..07-01",
        "07-01..07-31..08-01",
        "٠٧-01..07-31",
    ],
)
def test_a_text_that_is_no_period_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"write two days like 12-20\.\.01-06"):
        yearly_periods(text)


@pytest.mark.parametrize("text", ["01-01..12-31", "01-01..06-30,07-10..12-31", "07-08..06-24"])
def test_periods_that_leave_no_room_to_meet_are_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="14 days in a row"):
        WorkCalendar(no_meetings=yearly_periods(text))


def test_room_to_meet_may_lie_around_the_new_year() -> None:
    calendar = WorkCalendar(no_meetings=yearly_periods("01-10..12-26"))
    assert calendar.next_meeting_day(date(2026, 3, 1)) == date(2026, 12, 28)


def test_settings_read_the_periods_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (MUST | {"no_meetings": "06-15..08-15"}).items():
        monkeypatch.setenv(f"LEDSTJARNA_{name.upper()}", value)
    calendar = Settings().calendar
    assert calendar.next_meeting_day(date(2026, 6, 15)) == date(2026, 8, 17)
    assert calendar.next_meeting_day(date(2026, 12, 22)) == date(2026, 12, 22)


def test_settings_without_the_periods_keep_july_and_christmas_free(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MUST.items():
        monkeypatch.setenv(f"LEDSTJARNA_{name.upper()}", value)
    assert Settings().calendar == CALENDAR


def test_a_wrong_setting_stops_the_start_and_says_what_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (MUST | {"no_meetings": "summer"}).items():
        monkeypatch.setenv(f"LEDSTJARNA_{name.upper()}", value)
    with pytest.raises(ValidationError, match=r"no_meetings\n.*'summer' is no period of the year: write two days"):
        Settings()
