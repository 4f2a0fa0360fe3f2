"""What becomes of one message."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.notifications.contents import ExpiredMail
from services.notifications.model import AT_ONCE, Contact, Message, State
from services.notifications.rules import times
from services.notifications.rules.messages import Pauses, Result, Verdict, after, draft, news, rendered, routed
from shared.workdays import WorkCalendar
from tests.unit.notifications.samples import PROGRAMME, STOCKHOLM, WRITTEN, card

TODAY = WRITTEN.date()
WALL = datetime(2030, 1, 1, tzinfo=UTC)
PAUSES = Pauses(WALL, timedelta(minutes=1))
KNOWN = Contact(id="E1", version=1, card=card())


def message(**changes: object) -> Message:
    fresh = draft(
        ExpiredMail(programme=PROGRAMME),
        employee_id="E1",
        regarding="P1",
        key="offer_expired|P1",
        deadline=WRITTEN + timedelta(days=7),
        now=WRITTEN,
    )
    return fresh.having(**changes)


def attempted(verdict: Verdict, **before: object) -> Message:
    facts: dict[str, object] = {"state": State.transmitting, "data_started_at": WALL}
    return after(message(**(facts | before)), verdict, WRITTEN, PAUSES)


def test_same_thing_said_to_the_same_person_is_the_same_message() -> None:
    assert message().id == message().id
    assert (
        message().id
        != draft(
            ExpiredMail(programme=PROGRAMME),
            employee_id="E2",
            regarding="P1",
            key="offer_expired|P1",
            deadline=WRITTEN,
            now=WRITTEN,
        ).id
    )


@pytest.mark.parametrize(
    ("contact", "state"),
    [
        (KNOWN, State.pending),
        (None, State.waiting),
        (KNOWN.having(card=None), State.waiting),
        (KNOWN.having(last_day=date(2026, 8, 31)), State.withdrawn),
        (KNOWN.having(last_day=TODAY), State.pending),
        (KNOWN.having(card=card(email="åsa@kommun.example")), State.failed),
    ],
)
def test_message_goes_where_the_person_is(contact: Contact | None, state: State) -> None:
    assert routed(message(), contact, WRITTEN, TODAY).state is state


def test_message_after_its_deadline_goes_nowhere() -> None:
    assert routed(message(), KNOWN, WRITTEN + timedelta(days=7), TODAY).state is State.expired


def test_rendered_message_is_due_at_once_by_any_clock() -> None:
    assert rendered(message(), b"bytes", WRITTEN).next_at == AT_ONCE


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 5), (2, 15), (3, 60), (9, 60)])
def test_pauses_grow_up_to_an_hour(attempts: int, minutes: int) -> None:
    waiting = attempted(Verdict(Result.deferred, "450 later"), attempts=attempts)
    assert waiting.state is State.deferred
    assert waiting.next_at is not None
    assert timedelta(minutes=minutes) <= waiting.next_at - WALL <= timedelta(minutes=minutes * 1.2)


def test_mails_refused_together_come_back_apart() -> None:
    verdict = Verdict(Result.deferred, "450 later")
    refused = [message().having(id=f"{number:040x}") for number in range(20)]
    assert len({after(one, verdict, WRITTEN, Pauses(WALL, timedelta(minutes=1))).next_at for one in refused}) == 20


def test_refused_bytes_have_not_arrived() -> None:
    assert attempted(Verdict(Result.deferred, "452 no space")).is_unsent


def test_bytes_refused_for_good_have_not_arrived_so_nothing_is_cancelled_after_them() -> None:
    assert not attempted(Verdict(Result.failed, "554 5.7.1 refused")).may_have_arrived
    assert attempted(Verdict(Result.failed, "554 5.7.1 refused"), unclear=1).may_have_arrived


def test_refused_bytes_that_may_have_been_taken_before_may_have_arrived() -> None:
    assert attempted(Verdict(Result.deferred, "452 no space"), unclear=1).may_have_arrived


def test_first_silence_is_tried_again_and_the_second_is_the_end() -> None:
    first = attempted(Verdict(Result.ambiguous))
    assert (first.state, first.unclear, first.next_at) == (State.ambiguous, 1, WALL + timedelta(minutes=1))
    second = attempted(Verdict(Result.ambiguous), unclear=1)
    assert (second.state, second.next_at, second.may_have_arrived) == (State.ambiguous, None, True)
    assert (len(news(first)), len(news(second))) == (0, 1)


def test_trouble_of_the_relay_is_no_attempt() -> None:
    waiting = attempted(Verdict(Result.unavailable), data_started_at=None)
    assert (waiting.state, waiting.attempts, waiting.next_at) == (State.deferred, 0, WALL)


def test_nobody_is_told_of_a_message_that_was_taken_back() -> None:
    left = routed(message(), KNOWN.having(last_day=date(2026, 8, 31)), WRITTEN, TODAY)
    assert news(left) == ()


@pytest.mark.parametrize(
    ("starts_at", "reminder"),
    [
        (datetime(2026, 9, 16, 11, tzinfo=UTC), datetime(2026, 9, 14, 6, tzinfo=UTC)),  # Wednesday: Monday
        (datetime(2026, 9, 14, 7, tzinfo=UTC), datetime(2026, 9, 10, 6, tzinfo=UTC)),  # Monday: Thursday
        (datetime(2026, 9, 15, 7, tzinfo=UTC), datetime(2026, 9, 11, 6, tzinfo=UTC)),  # Tuesday: Friday
        (datetime(2026, 10, 27, 7, tzinfo=UTC), datetime(2026, 10, 23, 6, tzinfo=UTC)),  # winter time between
        (datetime(2026, 5, 15, 7, tzinfo=UTC), datetime(2026, 5, 12, 6, tzinfo=UTC)),  # Ascension day between
        (datetime(2027, 1, 20, 8, tzinfo=UTC), datetime(2027, 1, 18, 7, tzinfo=UTC)),
    ],
)
def test_reminder_comes_on_the_second_working_day_before(starts_at: datetime, reminder: datetime) -> None:
    assert times.reminder_at(starts_at, STOCKHOLM, WorkCalendar()) == reminder


def test_day_begins_at_local_midnight() -> None:
    assert times.start_of(date(2026, 9, 1), STOCKHOLM) == datetime(2026, 8, 31, 22, tzinfo=UTC)
    assert times.today(datetime(2026, 8, 31, 22, tzinfo=UTC), STOCKHOLM) == date(2026, 9, 1)
