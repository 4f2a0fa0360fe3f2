"""One change, one mail a person; in working hours; few a week."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta

import pytest

from services.notifications.rules.calm import Calm
from shared.documents import Database
from shared.workdays import WorkCalendar
from tests.flow.notifications.stage import (
    NEXT_MONTH,
    ZONE,
    Notifications,
    cohort_cancelled,
    confirmed,
    employee,
    expired,
    left,
    messages,
    notifications,
    offered,
    rescheduled,
    sent,
    session,
    survey,
    told,
    withdrawn,
)

CALM = Calm(ZONE, WorkCalendar(), timedelta(minutes=10), (time(7), time(18)), a_week=5)
MORNING = datetime(2026, 8, 18, 8, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
async def service(database: Database) -> AsyncIterator[Notifications]:
    async with notifications(database, CALM) as running:
        running.clock.moment = MORNING
        await running.receives(employee())
        yield running


async def test_nothing_is_written_before_the_news_has_settled(service: Notifications) -> None:
    await service.receives(confirmed())
    assert await told(service) == [("invite", "pending")] * 2
    await service.advance_to(MORNING + TEN_MINUTES)
    assert await told(service) == [("invite", "rendered")] * 2 + [("overview", "rendered")]


async def test_offer_that_is_taken_back_while_it_settles_is_never_sent(service: Notifications) -> None:
    await service.receives(offered())
    await service.receives(withdrawn(version=3))
    await service.advance_to(MORNING + timedelta(days=3))
    assert await told(service) == [("offer", "withdrawn")]


async def test_session_that_moves_to_and_fro_while_it_settles_is_told_once(service: Notifications) -> None:
    await service.receives(confirmed())
    await service.advance_to(MORNING + TEN_MINUTES)
    await sent(service)
    await service.receives(rescheduled(session(1, version=2, starts_at=NEXT_MONTH + timedelta(days=1))))
    await service.receives(rescheduled(session(1, version=3, starts_at=NEXT_MONTH + timedelta(days=2))))
    await service.advance_to(MORNING + timedelta(hours=1))
    updates = [message for message in await messages(service) if message.kind == "update"]
    assert sorted(message.state.value for message in updates) == ["rendered", "superseded"]


async def test_many_changes_become_one_mail_to_read(service: Notifications) -> None:
    await service.receives(confirmed())
    await service.advance_to(MORNING + TEN_MINUTES)
    await sent(service)
    await service.receives(rescheduled(session(1, version=2, starts_at=NEXT_MONTH + timedelta(days=1))))
    await service.receives(rescheduled(session(2, version=2, location="Folkets hus")))
    await service.advance_to(MORNING + timedelta(hours=1))
    new = [message for message in await messages(service) if message.state == "rendered"]
    assert sorted(message.kind for message in new) == ["overview", "update", "update"]
    assert sum(message.released_at is not None for message in new) == 1


async def test_mails_that_belong_to_one_change_can_be_found_by_it(service: Notifications) -> None:
    await service.receives(confirmed(change_id="C1"))
    await service.advance_to(MORNING + TEN_MINUTES)
    assert {message.change_id for message in await messages(service)} == {"C1"}


async def test_news_of_the_night_goes_in_the_morning(service: Notifications) -> None:
    night = datetime(2026, 8, 18, 20, tzinfo=UTC)
    service.clock.moment = night
    await service.receives(offered())
    await service.advance_to(datetime(2026, 8, 19, 4, 59, tzinfo=UTC))
    assert await told(service) == [("offer", "pending")]
    await service.advance_to(datetime(2026, 8, 19, 5, tzinfo=UTC))
    assert await told(service) == [("offer", "rendered")]


async def test_news_that_settled_during_a_standstill_waits_for_the_morning(service: Notifications) -> None:
    await service.receives(offered())
    service.clock.moment = datetime(2026, 8, 18, 21, tzinfo=UTC)
    await service.advance_to(datetime(2026, 8, 18, 22, tzinfo=UTC))
    assert await told(service) == [("offer", "pending")]
    await service.advance_to(datetime(2026, 8, 19, 5, tzinfo=UTC))
    assert await told(service) == [("offer", "rendered")]


async def test_cancellation_of_tomorrows_session_goes_at_night(service: Notifications) -> None:
    await service.receives(confirmed())
    await service.advance_to(NEXT_MONTH - timedelta(hours=12))
    await sent(service)
    await service.receives(cohort_cancelled())
    cancels = [message for message in await messages(service) if message.kind == "cancel"]
    assert sorted(message.state.value for message in cancels) == ["pending", "rendered"]


async def test_nothing_goes_to_who_left_while_it_settled(service: Notifications) -> None:
    await service.receives(offered())
    await service.receives(left(last_day=MORNING.date() - timedelta(days=1)))
    await service.advance_to(MORNING + timedelta(days=1))
    assert await told(service) == [("offer", "withdrawn")]


async def test_what_waited_for_an_address_settles_when_that_comes(service: Notifications) -> None:
    await service.receives(offered("E2"))
    service.clock.moment = MORNING + timedelta(hours=3)
    await service.receives(employee("E2"))
    assert await told(service) == [("offer", "pending")]
    await service.advance_to(MORNING + timedelta(hours=3) + TEN_MINUTES)
    assert await told(service) == [("offer", "rendered")]


async def test_letter_goes_to_the_address_that_holds_when_it_goes(service: Notifications) -> None:
    await service.receives(offered())
    await service.receives(employee(version=2, email="asa.ny@kommun.example"))
    await service.advance_to(MORNING + TEN_MINUTES)
    letter = await service.delivery.database["letters"].find_one({})
    assert letter is not None
    assert letter["address"] == "asa.ny@kommun.example"


async def test_sixth_mail_of_a_week_goes_if_it_cannot_wait_for_monday(service: Notifications) -> None:
    for number in range(5):
        await service.receives(survey("E1").model_copy(update={"wave_id": f"W{number}"}))
    await service.receives(offered())
    await service.advance_to(MORNING + TEN_MINUTES)
    await sent(service)
    await service.receives(expired())
    await service.advance_to(MORNING + timedelta(days=1))
    (notice,) = [message for message in await messages(service) if message.kind == "offer_expired"]
    assert (notice.state, notice.held_back) == ("rendered", False)  # a week's notice cannot wait until Monday


async def test_news_held_back_is_told_on_monday_in_one_mail(service: Notifications) -> None:
    for number in range(5):
        await service.receives(survey("E1").model_copy(update={"wave_id": f"W{number}"}))
    await service.advance_to(MORNING + TEN_MINUTES)
    await sent(service)
    await service.receives(confirmed())
    await service.advance_to(MORNING + timedelta(hours=1))
    kinds = [(message.kind, message.state.value) for message in await messages(service) if message.kind != "survey"]
    assert sorted(kinds) == [("invite", "rendered"), ("invite", "rendered"), ("overview", "pending")]
    await sent(service)
    await service.advance_to(datetime(2026, 8, 24, 5, tzinfo=UTC))
    assert ("overview", "rendered") in await told(service)
