"""Local time and the agenda: things happen in order, whenever they were planned."""

from datetime import UTC, date, datetime

from deploy.sample.moments import Agenda, at, local_day, working_day


async def _nothing() -> None:
    return None


def test_nine_in_the_municipality_is_another_hour_in_utc_in_summer_than_in_winter() -> None:
    assert at(date(2026, 8, 17), "09:00") == datetime(2026, 8, 17, 7, tzinfo=UTC)
    assert at(date(2026, 12, 1), "09:00") == datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_the_local_day_begins_at_local_midnight() -> None:
    assert local_day(datetime(2026, 8, 16, 22, 30, tzinfo=UTC)) == date(2026, 8, 17)


def test_a_weekend_is_over_on_monday() -> None:
    saturday, monday = date(2026, 8, 22), date(2026, 8, 24)
    assert working_day(saturday) == working_day(date(2026, 8, 23)) == working_day(monday) == monday


def test_the_earliest_comes_first_and_of_two_at_once_the_one_planned_first() -> None:
    agenda, taken = Agenda(), []
    for hour in (12, 10, 12):
        agenda.plan(datetime(2026, 8, 17, hour, tzinfo=UTC), _nothing)
    while happening := agenda.take(datetime(2026, 8, 18, tzinfo=UTC)):
        taken.append((happening.at.hour, happening.turn))
    assert taken == [(10, 1), (12, 0), (12, 2)]


def test_nothing_happens_before_its_time() -> None:
    agenda = Agenda()
    agenda.plan(datetime(2026, 8, 17, 12, tzinfo=UTC), _nothing)
    assert agenda.take(datetime(2026, 8, 17, 11, 59, tzinfo=UTC)) is None
    assert agenda.next_at == datetime(2026, 8, 17, 12, tzinfo=UTC)
