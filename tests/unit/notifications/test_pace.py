"""How fast mails go out, and which mail in hand may go next."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.model import Letter, Message, State
from services.notifications.pace import Bucket, InHand, Limit, Pace, Traffic, limits
from tests.unit.notifications.samples import WRITTEN


class Ticks:
    """Seconds that a test counts."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def mail(number: int, domain: str = "outlook.com") -> InHand:
    message_id = f"M{number}"
    message = Message(
        id=message_id,
        kind="survey",
        employee_id="E1",
        regarding="W1",
        order_key=message_id,
        state=State.leased,
        deadline=WRITTEN,
        created_at=WRITTEN,
    )
    return message, Letter(id=message_id, address=f"asa@{domain}", content=b"")


def traffic(tick: Callable[[], float], **pace: object) -> Traffic:
    return Traffic(Pace(**pace), tick)  # type: ignore[arg-type]


def test_limits_are_read_by_domain() -> None:
    assert limits(" Outlook.com=30/min:2, *=0.5/min,") == {"outlook.com": Limit(30, 2), "*": Limit(0.5)}


@pytest.mark.parametrize(
    "text", ["outlook.com", "outlook.com=30", "outlook.com=0/min", "=3/min", "a=3/min:0", "a b=1/min"]
)
def test_limit_that_cannot_be_read_is_refused_at_start(text: str) -> None:
    with pytest.raises(ValueError, match="write domain=MAILS/min"):
        limits(text)


@given(
    per_minute=st.floats(1, 6000),
    burst=st.integers(1, 50),
    steps=st.lists(st.floats(0, 30), max_size=60),
)
def test_never_more_go_than_a_burst_and_what_the_minutes_allow(
    per_minute: float, burst: int, steps: list[float]
) -> None:
    ticks = Ticks()
    bucket = Bucket(per_minute, burst, ticks)
    gone: list[float] = []
    for step in steps:
        ticks.now += step
        room = bucket.room
        bucket.take(room)
        gone += [ticks.now] * room
    for first, began in enumerate(gone):
        within = [moment for moment in gone[first:] if moment - began < 60]
        assert len(within) <= burst + per_minute + 1


def test_after_a_calm_while_a_burst_may_go_and_no_more() -> None:
    ticks = Ticks()
    bucket = Bucket(60, 5, ticks)
    ticks.now += 3600
    assert bucket.room == 5
    bucket.take(5)
    assert bucket.room == 0
    assert bucket.wait == pytest.approx(1)


def test_mails_to_a_limited_domain_get_turns_of_their_own_and_others_go_at_once() -> None:
    ticks = Ticks()
    mails = traffic(ticks, domains=limits("outlook.com=30/min"))
    assert [mails.admit(*mail(number)) for number in range(3)] == [0, pytest.approx(2), pytest.approx(4)]
    assert mails.admit(*mail(9, "kommun.example")) == 0


def test_mail_whose_turn_has_come_is_not_counted_again() -> None:
    ticks = Ticks()
    mails = traffic(ticks, domains=limits("*=30/min"))
    for number in range(3):
        mails.admit(*mail(number))
    ticks.now += 2
    assert mails.admit(*mail(1)) == 0
    ticks.now += 1
    assert mails.admit(*mail(2)) == pytest.approx(1)


def test_each_of_the_other_domains_has_the_limit_for_itself() -> None:
    mails = traffic(Ticks(), domains=limits("*=30/min"))
    assert [mails.admit(*mail(number, f"d{number}.example")) for number in range(3)] == [0, 0, 0]


async def test_domain_that_bears_no_more_at_once_keeps_no_other_waiting() -> None:
    mails = traffic(Ticks(), domains=limits("outlook.com=6000/min:1"))
    for item in (mail(1), mail(2), mail(3, "kommun.example")):
        mails.put(*item)
    taken = [await mails.take(), await mails.take()]
    assert [message.id for message, _ in taken] == ["M1", "M3"]
    waiting = asyncio.create_task(mails.take())
    await asyncio.sleep(0)
    assert not waiting.done()
    mails.done(taken[0][1])
    assert (await waiting)[0].id == "M2"


def test_relay_is_given_no_more_than_it_bears() -> None:
    ticks = Ticks()
    mails = traffic(ticks, per_minute=60, burst=3)
    assert mails.room(60) == 3
    for number in range(3):
        mails.put(*mail(number))
    assert mails.room(60) == 0
    assert mails.wait == pytest.approx(1)
    ticks.now += 2
    assert mails.room(60) == 2
