"""The promise watch: what is broken appears, is told once, and heals."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from services.notifications.commands.suppressing import suppression_id
from services.notifications.model import Breach, Suppression
from services.notifications.records import Records
from services.notifications.rules.promises import GRACE
from services.notifications.watch import BROKEN, Watch
from shared.events.notifications import PromiseBroken
from tests.flow.notifications.stage import (
    Notifications,
    confirmed,
    employee,
    invitations,
    left,
    messages,
    offered,
    rescheduled,
    sent,
    session,
    told,
    withdrawn,
)
from tests.harness import START

Look = Callable[[], Awaitable[list[str]]]


@pytest.fixture
def look(service: Notifications) -> Look:
    """Lets the watch look; gives why promises are broken now."""
    watch = Watch(Records(service.delivery.database), service.delivery, service.clock)

    async def looked() -> list[str]:
        await watch.look()
        await service.published()
        found = service.delivery.database["breaches"].find({"healed_at": None}).sort("_id")
        return [Breach.model_validate(row).reason.code async for row in found]

    return looked


async def fails(service: Notifications, kind: str = "invite", **change: object) -> None:
    """Let the mail server refuse all mails of a kind."""
    refusal = {"code": "refused", "text": {"sv": "Nej.", "en": "No."}}
    ended = {"state": "failed", "reason": refusal, "next_at": None} | change
    await service.delivery.database["messages"].update_many({"kind": kind}, {"$set": ended})


def broken(service: Notifications) -> list[tuple[str, str]]:
    return [(event.place_id, event.reason.code) for event in service.said(PromiseBroken)]


async def test_delivered_invites_are_a_promise_kept(service: Notifications, look: Look) -> None:
    await service.receives(employee(), confirmed())
    await sent(service)
    service.clock.moment += timedelta(days=1)
    assert await look() == []
    assert broken(service) == []


async def test_invite_that_is_on_its_way_is_not_broken_before_the_grace_has_gone(
    service: Notifications, look: Look
) -> None:
    await service.receives(employee(), confirmed())
    service.clock.moment += GRACE - timedelta(seconds=1)
    assert await look() == []
    service.clock.moment += timedelta(seconds=1)
    assert await look() == ["on_its_way", "on_its_way"]


async def test_broken_promise_is_announced_once_and_heals(service: Notifications, look: Look) -> None:
    await service.receives(employee(), confirmed())
    service.clock.moment += GRACE
    for _ in range(3):
        assert await look() == ["on_its_way", "on_its_way"]
    assert broken(service) == [("P-E1", "on_its_way"), ("P-E1", "on_its_way")]
    assert BROKEN.labels("invite")._value.get() == 2
    await sent(service)
    assert await look() == []
    assert len(broken(service)) == 2
    assert BROKEN.labels("invite")._value.get() == 0


async def test_breach_whose_reason_becomes_another_is_told_anew_to_the_office_only(
    service: Notifications, look: Look
) -> None:
    await service.receives(employee(), confirmed(sessions=[session(1)]))
    service.clock.moment += GRACE
    assert await look() == ["on_its_way"]
    await fails(service)
    assert await look() == ["refused"]
    assert broken(service) == [("P-E1", "on_its_way")]


async def test_promise_that_breaks_again_is_announced_again(service: Notifications, look: Look) -> None:
    await service.receives(employee(), confirmed(sessions=[session(1)]))
    await fails(service)
    assert await look() == ["refused"]
    await sent(service)
    await service.delivery.database["messages"].update_many({}, {"$set": {"state": "sent"}})
    assert await look() == []
    await fails(service)
    assert await look() == ["refused"]
    assert len(broken(service)) == 2


async def test_refused_invite_goes_out_anew_once_hr_has_another_address(service: Notifications, look: Look) -> None:
    await service.receives(employee(), confirmed(sessions=[session(1)]))
    (before,) = await invitations(service)
    await fails(service)
    await look()
    assert await told(service) == [("invite", "failed")]
    await service.receives(employee(version=2, email="other@kommun.example"))
    await look()
    assert await told(service) == [("invite", "failed"), ("invite", "rendered")]
    after = (await invitations(service))[-1]
    assert (after.round, after.uid != before.uid) == (2, True)
    await sent(service)
    assert await look() == []


async def test_bounced_invite_is_no_delivered_one_and_goes_out_anew_only_to_another_address(
    service: Notifications, look: Look
) -> None:
    await service.receives(employee(), confirmed(sessions=[session(1)]))
    bounced = {"code": "bounced", "text": {"sv": "Kom tillbaka.", "en": "Came back."}}
    await fails(service, state="sent", sent_at=service.clock.now(), bounced_at=service.clock.now(), reason=bounced)
    for _ in range(2):
        assert await look() == ["bounced"]
    assert await told(service) == [("invite", "sent")]
    await service.receives(employee(version=2, email="other@kommun.example"))
    await look()
    assert ("invite", "sent") in await told(service)
    assert len(await invitations(service)) == 2


async def test_nobody_is_invited_anew_hour_after_hour_at_an_address_that_does_not_work(
    service: Notifications, look: Look
) -> None:
    await service.receives(employee())
    known = Suppression(
        id=suppression_id("e1@kommun.example"), employee_id="E1", message_id="M", status="5.1.1", since=START
    )
    await service.delivery.database["suppressions"].insert_one(known.model_dump(by_alias=True))
    await service.receives(confirmed(sessions=[session(1)]))
    for _ in range(3):
        assert await look() == ["suppressed"]
    assert await told(service) == [("invite", "failed")]
    await service.delivery.database["suppressions"].delete_many({})
    await look()
    assert len(await told(service)) == 2


async def test_person_whose_address_is_not_known_is_told_to_the_office(service: Notifications, look: Look) -> None:
    await service.receives(confirmed())
    service.clock.moment += GRACE
    assert await look() == ["no_contact", "no_contact"]


async def test_invite_that_was_never_made_is_made(service: Notifications, look: Look) -> None:
    await service.receives(employee(), confirmed())
    for collection in ("invitations", "messages", "letters"):
        await service.delivery.database[collection].delete_many({})
    assert await look() == ["no_invite", "no_invite"]
    assert await told(service) == [("invite", "rendered"), ("invite", "rendered")]
    assert await look() == []


async def test_calendar_that_shows_an_old_time_is_brought_in_line(service: Notifications, look: Look) -> None:
    await service.receives(employee(), confirmed(sessions=[session(1)]))
    await sent(service)
    later = session().starts_at + timedelta(days=1)
    await service.delivery.database["sessions"].update_many({}, {"$set": {"appointment.starts_at": later}})
    assert await look() == ["no_invite"]
    assert await told(service) == [("invite", "sent"), ("update", "rendered")]


async def test_update_that_was_not_delivered_breaks_the_promise_though_the_invite_was(
    service: Notifications, look: Look
) -> None:
    await service.receives(employee(), confirmed(sessions=[session(1)]))
    await sent(service)
    await service.receives(rescheduled(session(1, version=2, location="Biblioteket")))
    await fails(service, "update")
    assert await look() == ["refused"]


async def test_bytes_that_are_gone_are_made_again_only_if_none_were_sent(service: Notifications, look: Look) -> None:
    await service.receives(employee(), confirmed())
    database = service.delivery.database
    first, second = await messages(service)
    await database["letters"].delete_many({})
    await database["messages"].update_one(
        {"_id": second.id}, {"$set": {"state": "deferred", "data_started_at": service.clock.now()}}
    )
    assert await look() == ["no_letter"]
    assert [row["_id"] async for row in database["letters"].find({})] == [first.id]
    assert await look() == []


async def test_invite_of_whom_nobody_knows_whether_it_arrived_is_not_sent_by_itself(
    service: Notifications, look: Look
) -> None:
    await service.receives(employee(), confirmed(sessions=[session(1)]))
    unclear = {"code": "unclear", "text": {"sv": "Oklart.", "en": "Unclear."}}
    await fails(service, state="ambiguous", reason=unclear)
    assert await look() == ["unclear"]
    assert await told(service) == [("invite", "ambiguous")]


async def test_offer_must_be_delivered_before_half_its_time_has_gone(service: Notifications, look: Look) -> None:
    await service.receives(employee(), offered())
    (offer,) = await messages(service)
    service.clock.moment += (offer.deadline - offer.created_at) / 2
    assert await look() == []
    service.clock.moment += timedelta(seconds=1)
    assert await look() == ["on_its_way"]


async def test_offer_that_was_sent_late_stays_a_broken_promise_while_it_is_open(
    service: Notifications, look: Look
) -> None:
    await service.receives(employee(), offered())
    (offer,) = await messages(service)
    await sent(service)
    late = offer.deadline - timedelta(days=1)
    await service.delivery.database["messages"].update_many({}, {"$set": {"sent_at": late}})
    assert await look() == ["late_offer"]
    await service.receives(withdrawn())
    assert await look() == []


async def test_refused_offer_is_broken_at_once(service: Notifications, look: Look) -> None:
    await service.receives(employee(), offered())
    await fails(service, "offer")
    assert await look() == ["refused"]
    assert broken(service) == [("P-E1", "refused")]


async def test_nothing_is_promised_to_who_has_left_or_for_what_is_past(service: Notifications, look: Look) -> None:
    await service.receives(employee("E1"), employee("E2"), confirmed("E1"), confirmed("E2"))
    await fails(service)
    await service.receives(left("E1", last_day=service.clock.now().date() - timedelta(days=1)))
    assert [place for place, _ in broken(service)] == []
    await look()
    assert {place for place, _ in broken(service)} == {"P-E2"}
    service.clock.moment += timedelta(days=90)
    assert await look() == []
