"""The contact book: who can be reached, from when, until when."""

import asyncio
from datetime import UTC, date, datetime

from services.notifications import handlers
from services.notifications.model import Contact
from services.notifications.store import NotificationsTransaction
from shared.delivery import Outcome
from shared.events.notifications import MessageFailed
from tests.flow.notifications.stage import (
    Notifications,
    confirmed,
    employee,
    left,
    mail,
    messages,
    offered,
    rescheduled,
    sent,
    session,
    survey,
    told,
    withdrawn,
)

SEPTEMBER = datetime(2026, 9, 1, 6, tzinfo=UTC)


async def contact(service: Notifications) -> Contact:
    row = await service.delivery.database["contacts"].find_one({"_id": "E1"})
    return Contact.model_validate(row)


async def address(service: Notifications) -> str:
    card = (await contact(service)).card
    assert card is not None
    return card.email


async def test_newest_record_counts_in_whatever_order_records_come(service: Notifications) -> None:
    outcomes = await service.receives(employee(version=3, email="new@kommun.example"), employee(version=2))
    assert outcomes == [Outcome.applied, Outcome.stale]
    assert await address(service) == "new@kommun.example"


async def test_new_address_is_used_from_its_day(service: Notifications) -> None:
    await service.receives(employee())
    await service.receives(employee(version=2, email="new@kommun.example", effective_from=date(2026, 9, 1)))
    assert await address(service) == "e1@kommun.example"
    await service.advance_to(SEPTEMBER)
    assert await address(service) == "new@kommun.example"


async def test_newer_record_takes_the_place_of_one_that_waits_for_its_day(service: Notifications) -> None:
    await service.receives(employee())
    await service.receives(
        employee(version=3, email="right@kommun.example"),
        employee(version=2, email="wrong@kommun.example", effective_from=date(2026, 9, 1)),
    )
    await service.advance_to(SEPTEMBER)
    assert await address(service) == "right@kommun.example"


async def test_address_of_each_coming_day_counts_on_its_day(service: Notifications) -> None:
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    await service.receives(employee())
    await service.receives(employee(version=3, email="november@kommun.example", effective_from=november))
    await service.receives(employee(version=2, email="october@kommun.example", effective_from=october))
    await service.advance_to(datetime(2026, 10, 2, tzinfo=UTC))
    assert await address(service) == "october@kommun.example"
    await service.advance_to(datetime(2026, 11, 2, tzinfo=UTC))
    assert await address(service) == "november@kommun.example"


async def test_record_of_today_counts_although_one_for_later_came_first(service: Notifications) -> None:
    await service.receives(employee(version=2, email="new@kommun.example", effective_from=date(2026, 9, 1)))
    await service.receives(employee())
    assert await address(service) == "e1@kommun.example"


async def test_somebody_known_only_for_later_is_written_to_where_she_will_be(service: Notifications) -> None:
    await service.receives(employee(effective_from=date(2026, 9, 1)), offered())
    assert await told(service) == [("offer", "rendered")]


async def test_offer_waits_for_a_contact_that_comes_late_and_is_sent_then(service: Notifications) -> None:
    await service.receives(offered())
    assert await told(service) == [("offer", "waiting")]
    await service.receives(employee())
    assert await told(service) == [("offer", "rendered")]
    (offer,) = await messages(service)
    assert (await mail(service, offer))["To"] == "Åsa Öberg <e1@kommun.example>"


async def test_contact_that_comes_while_the_offer_is_being_written_down_lets_it_go(service: Notifications) -> None:
    looked, told_of_her = asyncio.Event(), asyncio.Event()

    async def slowly(tx: NotificationsTransaction) -> None:
        await handlers.offer_place(offered(), tx)
        looked.set()
        await told_of_her.wait()

    offering = asyncio.create_task(service.delivery.run(slowly))
    await looked.wait()
    await service.receives(employee())
    told_of_her.set()
    await offering
    assert await told(service) == [("offer", "rendered")]


async def test_offer_that_waited_beyond_its_deadline_is_never_sent(service: Notifications) -> None:
    await service.receives(offered())
    await service.advance_to(SEPTEMBER)
    await service.receives(employee())
    assert await told(service) == [("offer", "expired")]
    assert [failed.reason.code for failed in service.said(MessageFailed)] == ["too_late"]


async def test_only_the_newest_revision_waits_for_a_contact(service: Notifications) -> None:
    moved = session(1, version=2, location="Biblioteket")
    await service.receives(confirmed(), rescheduled(moved), employee())
    assert await told(service) == [("invite", "rendered"), ("invite", "rendered"), ("invite", "superseded")]


async def test_nothing_is_sent_to_somebody_who_has_left(service: Notifications) -> None:
    await service.receives(employee(), left(last_day=date(2026, 8, 14)))
    await service.receives(offered(), survey("E1"))
    assert await told(service) == [("offer", "withdrawn"), ("survey", "withdrawn")]


async def test_unsent_mail_is_withdrawn_on_the_day_after_her_last(service: Notifications) -> None:
    await service.receives(employee(), left(last_day=date(2026, 8, 20)), offered())
    await service.advance_to(datetime(2026, 8, 20, 21, 59, tzinfo=UTC))
    assert await told(service) == [("offer", "rendered")]
    await service.advance_to(datetime(2026, 8, 20, 22, 0, tzinfo=UTC))
    assert await told(service) == [("offer", "withdrawn")]


async def test_leaver_gets_no_cancellation_of_what_is_in_her_calendar(service: Notifications) -> None:
    await service.receives(employee(), confirmed())
    await sent(service)
    await service.receives(left(last_day=date(2026, 8, 14)))
    await service.receives(withdrawn())
    assert await told(service) == [
        ("cancel", "withdrawn"),
        ("cancel", "withdrawn"),
        ("invite", "sent"),
        ("invite", "sent"),
    ]


async def test_leaver_gets_no_cancellation_told_at_midnight_before_the_contact_book_is_turned(
    service: Notifications,
) -> None:
    await service.receives(employee(), left(last_day=date(2026, 8, 31)), confirmed())
    await sent(service)
    service.clock.moment = datetime(2026, 8, 31, 22, tzinfo=UTC)  # midnight in Stockholm; no timer has run yet
    await service.receives(withdrawn())
    assert {state for kind, state in await told(service) if kind == "cancel"} == {"withdrawn"}


async def test_leaving_told_before_the_person_is_known_still_counts(service: Notifications) -> None:
    await service.receives(left(version=5, last_day=date(2026, 8, 14)), employee(version=4), offered())
    assert await told(service) == [("offer", "withdrawn")]


async def test_somebody_who_comes_back_can_be_reached_again(service: Notifications) -> None:
    await service.receives(employee(), left(last_day=date(2026, 8, 14)), employee(version=3), offered())
    assert await told(service) == [("offer", "rendered")]


async def test_leaver_is_not_written_to_before_the_day_she_comes_back(service: Notifications) -> None:
    await service.receives(employee(), left(last_day=date(2026, 8, 20)))
    await service.receives(employee(version=3, effective_from=date(2026, 11, 1)))
    await service.advance_to(SEPTEMBER)
    await service.receives(survey("E1"))
    assert await told(service) == [("survey", "withdrawn")]
    await service.advance_to(datetime(2026, 11, 1, 6, tzinfo=UTC))
    assert not (await contact(service)).has_left(date(2026, 11, 1))


async def test_who_is_to_leave_can_be_reached_although_that_was_told_first(service: Notifications) -> None:
    await service.receives(left(version=2, last_day=date(2026, 12, 31)), employee(version=1), offered())
    assert await told(service) == [("offer", "rendered")]


async def test_address_that_no_server_takes_fails_at_once_with_its_reason(service: Notifications) -> None:
    await service.receives(employee(email="åsa@kommun.example"), offered())
    assert await told(service) == [("offer", "failed")]
    assert [failed.reason.code for failed in service.said(MessageFailed)] == ["address"]


async def test_same_record_twice_is_one_contact_and_moves_nothing(service: Notifications) -> None:
    await service.receives(employee(), offered())
    assert await service.receives(employee()) == [Outcome.stale]
    assert await told(service) == [("offer", "rendered")]
