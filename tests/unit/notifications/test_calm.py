"""When a mail may go, what is told together, and what is held back."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.contents import Contents, ExpiredMail, OverviewMail
from services.notifications.model import Message, State
from services.notifications.rules.calm import Calm, departure, departures, digest, halfway, hours
from services.notifications.rules.messages import draft
from shared.workdays import WorkCalendar
from tests.unit.notifications.samples import MAILS, PROGRAMME, STOCKHOLM, appointment, calendar_mail

CALM = Calm(STOCKHOLM, WorkCalendar(), timedelta(minutes=10), (time(7), time(18)), a_week=5)
MINUTE = timedelta(minutes=1)
WEDNESDAY = datetime(2026, 9, 2, 8, tzinfo=UTC)  # ten o'clock in Stockholm
FAR = timedelta(days=60)
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda number: datetime(2026, 1, 1, tzinfo=UTC) + number * MINUTE)


def message(contents: Contents, at: datetime = WEDNESDAY, lasts: timedelta = FAR, key: str = "k") -> Message:
    arisen = draft(contents, employee_id="E1", regarding="P1", key=key, deadline=at + lasts, now=at)
    return arisen.having(state=State.pending)


def notice(at: datetime = WEDNESDAY, lasts: timedelta = FAR, key: str = "k") -> Message:
    return message(ExpiredMail(programme=PROGRAMME), at, lasts, key)


def invite(number: int = 1, starts_at: datetime = WEDNESDAY + FAR, **other: object) -> Message:
    contents = calendar_mail(uid=f"{number}@kommun.example", appointment=appointment(starts_at), **other)
    return message(contents, key=f"invite{number}")


def goes(one: Message, now: datetime = WEDNESDAY, since: datetime | None = None) -> datetime:
    return departure(one, CALM, now, since or now)


def test_news_settles_before_it_goes() -> None:
    assert goes(notice()) == WEDNESDAY + timedelta(minutes=10)


def test_news_that_keeps_coming_is_not_waited_for_endlessly() -> None:
    since = WEDNESDAY - timedelta(minutes=38)
    assert goes(notice(), since=since) == WEDNESDAY + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("at", "gone"),
    [
        (datetime(2026, 9, 2, 20, tzinfo=UTC), datetime(2026, 9, 3, 5, tzinfo=UTC)),  # evening: next morning at seven
        (datetime(2026, 9, 3, 3, tzinfo=UTC), datetime(2026, 9, 3, 5, tzinfo=UTC)),  # before seven
        (datetime(2026, 9, 4, 17, tzinfo=UTC), datetime(2026, 9, 7, 5, tzinfo=UTC)),  # Friday evening: Monday
        (datetime(2026, 9, 2, 15, 55, tzinfo=UTC), datetime(2026, 9, 3, 5, tzinfo=UTC)),  # would settle after six
        (datetime(2026, 12, 18, 18, tzinfo=UTC), datetime(2027, 1, 7, 6, tzinfo=UTC)),  # Christmas weeks, winter time
        (datetime(2026, 6, 18, 18, tzinfo=UTC), datetime(2026, 6, 22, 5, tzinfo=UTC)),  # Midsummer's Eve
    ],
)
def test_mails_go_in_working_hours(at: datetime, gone: datetime) -> None:
    assert goes(notice(at), at) == gone


def test_what_would_lose_half_of_its_time_in_quiet_weeks_goes_on_a_working_day_of_them() -> None:
    night = datetime(2026, 7, 1, 1, tzinfo=UTC)
    assert goes(notice(night, timedelta(days=14)), night) == datetime(2026, 7, 1, 5, tzinfo=UTC)


def test_what_would_lose_half_of_its_time_overnight_goes_as_soon_as_it_has_settled() -> None:
    evening = datetime(2026, 9, 2, 20, tzinfo=UTC)
    assert goes(notice(evening, timedelta(hours=12)), evening) == evening + timedelta(minutes=10)


def test_session_within_a_day_is_told_of_at_once_at_any_hour() -> None:
    night = datetime(2026, 9, 2, 22, tzinfo=UTC)
    soon = message(calendar_mail(appointment=appointment(night + timedelta(hours=10))), night)
    assert goes(soon, night) == night


def test_session_that_has_moved_away_from_tomorrow_is_told_of_at_once() -> None:
    night = datetime(2026, 9, 2, 22, tzinfo=UTC)
    before, after = appointment(night + timedelta(hours=10)), appointment(night + FAR)
    assert goes(message(calendar_mail(kind="update", appointment=after, before=before), night), night) == night


@given(
    arisen=MOMENTS,
    lasts=st.timedeltas(timedelta(minutes=1), timedelta(days=90)),
)
def test_nothing_waits_longer_than_half_of_its_time(arisen: datetime, lasts: timedelta) -> None:
    one = notice(arisen, lasts)
    assert arisen <= goes(one, arisen) <= halfway(one)


@given(at=MOMENTS)
def test_what_can_wait_goes_between_seven_and_six_on_a_working_day(at: datetime) -> None:
    local = goes(notice(at, timedelta(days=120)), at).astimezone(STOCKHOLM)
    assert CALM.calendar.is_answering_day(local.date())
    assert time(7) <= local.time() < time(18)


def test_one_piece_of_news_goes_as_it_is() -> None:
    assert departures([invite()], CALM, WEDNESDAY, 0).going == (invite(),)


def test_several_entries_are_told_in_one_mail_beside_silent_updates() -> None:
    going = departures([invite(1), invite(2), invite(3)], CALM, WEDNESDAY, 0).going
    assert [(one.kind, getattr(one.contents, "silent", None)) for one in going] == [
        ("invite", True),
        ("invite", True),
        ("invite", True),
        ("overview", None),
    ]


def test_notices_are_told_by_the_overview() -> None:
    became = departures([invite(1), notice()], CALM, WEDNESDAY, 0)
    (told,) = became.told_by_others
    overview = became.going[-1]
    assert (told.state, told.told_in) == (State.superseded, overview.id)
    assert isinstance(overview.contents, OverviewMail)
    assert [one.kind for one in overview.contents.news] == ["invite", "offer_expired"]


@pytest.mark.parametrize("kind", ["offer", "approval", "survey"])
def test_what_asks_for_an_answer_goes_by_itself_however_many_mails_she_has_had(kind: str) -> None:
    asking = message(MAILS[kind], key=kind)
    assert asking in departures([asking, invite(1), invite(2)], CALM, WEDNESDAY, 99).going


def test_news_beyond_her_share_waits_for_the_next_week() -> None:
    became = departures([notice()], CALM, WEDNESDAY, 5)
    (held,) = became.held_back
    assert (became.going, held.held_back, held.release_at) == ((), True, datetime(2026, 9, 7, 5, tzinfo=UTC))


def test_calendars_are_brought_in_line_even_beyond_her_share() -> None:
    became = departures([invite(1), invite(2)], CALM, WEDNESDAY, 5)
    assert [one.kind for one in became.going] == ["invite", "invite"]
    assert [one.kind for one in became.held_back] == ["overview"]


def test_news_that_cannot_wait_for_the_next_week_is_not_held_back() -> None:
    soon = notice(lasts=timedelta(days=3))
    assert departures([soon], CALM, WEDNESDAY, 99).going == (soon,)


def test_what_was_held_back_is_told_in_one_mail() -> None:
    became = digest([notice(key="a"), notice(key="b")], {}, WEDNESDAY)
    (letter,) = became.going
    assert isinstance(letter.contents, OverviewMail)
    assert (letter.contents.held_back, len(letter.contents.news)) == (True, 2)
    assert {told.told_in for told in became.told_by_others} == {letter.id}


def test_held_back_news_that_has_changed_again_is_not_told() -> None:
    (overview,) = departures([invite(1), invite(2)], CALM, WEDNESDAY, 5).held_back
    (letter,) = digest([overview], {"1@kommun.example": 1, "2@kommun.example": 0}, WEDNESDAY).going
    assert isinstance(letter.contents, OverviewMail)
    assert [getattr(one, "uid", "") for one in letter.contents.news] == ["2@kommun.example"]
    assert digest([overview], {"1@kommun.example": 1, "2@kommun.example": 1}, WEDNESDAY).going == ()


@pytest.mark.parametrize("text", ["7-18", "18:00-07:00", "07:00", "", "nine to five", "07:00-07:00"])
def test_hours_that_cannot_be_are_refused_with_how_to_write_them(text: str) -> None:
    with pytest.raises(ValueError, match="07:00-18:00, or always"):
        hours(text)


def test_mails_may_go_always() -> None:
    night = datetime(2026, 7, 5, 1, tzinfo=UTC)
    assert Calm(STOCKHOLM, hours=hours("always")).next_open(night) == night
