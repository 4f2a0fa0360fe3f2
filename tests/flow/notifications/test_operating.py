"""What operators see of people being written to moves when it should."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.notifications import handlers
from services.notifications.model import AT_ONCE, State
from services.notifications.records import Records
from services.notifications.rules.calm import Calm
from services.notifications.watch import Watch
from shared.cloudevents import Envelope, StaffChange, uuid7
from shared.documents import Database
from shared.events import Event
from shared.telemetry import on_machine_clock
from tests.flow.counted import Risen, value
from tests.flow.notifications.relay import always, relay
from tests.flow.notifications.stage import (
    ZONE,
    Notifications,
    confirmed,
    employee,
    messages,
    notifications,
    offered,
    survey,
)
from tests.flow.notifications.test_inbound import arrives, invited
from tests.flow.notifications.test_sender import over, queue_of, sending
from tests.harness import START
from tests.unit.notifications import incoming_mails as mails

PROMOTED = StaffChange("promoted", START - timedelta(minutes=20))


async def hears(service: Notifications, event: Event, change: StaffChange | None = PROMOTED) -> None:
    """Something is said because of a staff change."""
    envelope = Envelope(uuid7(), event.type, uuid7(), event.model_dump_json(by_alias=True), START, change)
    subscription = getattr(handlers, event.type.partition(".")[0])
    [done] = await service.delivery.run_together([subscription.work(envelope, "notifications.enrolment")])
    assert done.error is None


async def open_since(service: Notifications) -> float:
    """For how many minutes the oldest open staff change has waited; 0 if none is open."""
    now = service.clock.now()
    since = await queue_of(service).oldest_open_change(now)
    return (now - since) / timedelta(minutes=1) if since else 0


@pytest.fixture
async def calm(database: Database) -> AsyncIterator[Notifications]:
    """As in a municipality: news settles for ten minutes."""
    async with notifications(database, Calm(ZONE, settling=timedelta(minutes=10))) as running:
        yield running


async def test_the_time_from_a_staff_change_to_the_mail_is_told_once(service: Notifications) -> None:
    risen, sums = Risen("staff_change_to_invite_seconds_count"), Risen("staff_change_to_invite_seconds_sum")
    await service.receives(employee())
    await hears(service, offered())
    async with relay() as server, sending(service, server):
        await over(service, State.sent)
    assert risen.by() == {("promoted",): 1}
    assert sums.by() == {("promoted",): 1200}


async def test_a_mail_that_no_staff_change_led_to_is_not_in_it(service: Notifications) -> None:
    risen = Risen("staff_change_to_invite_seconds_count")
    await service.receives(employee(), offered())
    async with relay() as server, sending(service, server):
        await over(service, State.sent)
    assert risen.by() == {}


async def test_a_staff_change_is_open_from_when_its_mail_is_due_until_the_relay_has_it(service: Notifications) -> None:
    await service.receives(employee())
    await hears(service, offered())
    service.clock.moment += timedelta(minutes=16)
    assert await open_since(service) == 16
    refusing = {"rcpt": always("450 4.2.1 try later")}
    async with relay(**refusing) as server, sending(service, server, pause=timedelta(hours=1)):
        await over(service, State.deferred)
    assert await open_since(service) == 16, "put off by the relay, it waits on"
    await service.delivery.database["messages"].update_many({}, {"$set": {"state": "sent", "next_at": None}})
    assert await open_since(service) == 0


async def test_a_staff_change_is_not_open_while_its_mail_waits_by_design(calm: Notifications) -> None:
    await calm.receives(employee())
    await hears(calm, confirmed())
    assert {message.state for message in await messages(calm)} == {State.pending}
    calm.clock.moment += timedelta(minutes=9)
    assert await open_since(calm) == 0
    calm.clock.moment += timedelta(minutes=5)
    assert await open_since(calm) == 4, "its time has come, and nobody has let it go"
    await calm.advance_to(calm.clock.now())
    assert {message.state for message in await messages(calm)} == {State.rendered}
    assert await open_since(calm) > 0


async def test_a_staff_change_is_open_while_there_is_no_address_to_write_to(service: Notifications) -> None:
    await hears(service, offered())
    service.clock.moment += timedelta(minutes=3)
    assert await open_since(service) == 3


async def test_mails_of_the_office_make_no_staff_change_open(service: Notifications) -> None:
    await service.receives(employee(), offered())
    service.clock.moment += timedelta(hours=1)
    assert await open_since(service) == 0


async def test_an_overview_is_open_for_the_oldest_change_that_it_tells(calm: Notifications) -> None:
    await calm.receives(employee())
    older = StaffChange("moved", START - timedelta(days=1))
    await hears(calm, confirmed("E1", place_id="P1"))
    await hears(calm, confirmed("E1", place_id="P2", cohort_id="FLC-2"), older)
    await calm.advance_to(calm.clock.now() + timedelta(hours=2))
    changes = {message.kind: message.staff_change for message in await messages(calm) if message.state == "rendered"}
    assert changes["overview"]
    assert changes["overview"].kind in {"moved", "promoted"}


async def test_a_survey_keeps_no_staff_change(service: Notifications) -> None:
    await service.receives(employee())
    await hears(service, survey("E1"))
    assert [message.staff_change for message in await messages(service)] == [None]


async def test_the_sender_shows_what_waits_as_seen_from_the_machines_clock(service: Notifications) -> None:
    await service.receives(employee())
    await hears(service, offered())
    service.clock.moment += timedelta(minutes=30)
    refusing = {"rcpt": always("450 4.2.1 try later")}
    async with relay(**refusing) as server, sending(service, server, pause=timedelta(milliseconds=10)) as sender:
        await over(service, State.deferred)
        await sender._look()
        async with asyncio.timeout(20):
            while not value("mails_oldest_due_timestamp_seconds"):  # between two tries it is not due
                await sender._look()
    for name in ("staff_change_oldest_open_timestamp_seconds", "mails_oldest_due_timestamp_seconds"):
        assert time.time() - value(name) == pytest.approx(1800, abs=30), name


async def test_a_mail_is_due_since_it_may_go_not_since_it_was_thought_of(calm: Notifications) -> None:
    await calm.receives(employee(), confirmed())
    await calm.advance_to(calm.clock.now() + timedelta(minutes=25))
    since = await queue_of(calm).oldest_due()
    assert since
    assert calm.clock.now() - since == timedelta(minutes=15)


async def test_attempts_to_tell_and_to_remind_are_counted_by_how_they_ended(service: Notifications) -> None:
    invites, reminders = Risen("invites_total"), Risen("reminders_total")
    await service.receives(employee(), offered())
    async with relay() as server, sending(service, server):
        await over(service, State.sent)
    assert invites.by() == {("email", "sent"): 1}
    assert reminders.by() == {}
    again = {"kind": "reminder", "state": "rendered", "next_at": AT_ONCE}
    await service.delivery.database["messages"].update_many({}, {"$set": again})
    async with relay() as server, sending(service, server):
        await over(service, State.sent)
    assert reminders.by() == {("sent",): 1}


async def test_what_came_back_and_what_is_not_sent_any_more_are_counted(service: Notifications) -> None:
    risen = Risen("invites_total")
    entry = await invited(service)
    assert entry.message_id
    bounce = mails.bounce(entry.message_id)
    assert await arrives(service, bounce, sender="") == "suppressed"
    assert risen.by() == {("calendar", "bounced"): 1}
    await service.receives(offered("E1", version=9, place_id="P9"))
    assert risen.by() == {("calendar", "bounced"): 1, ("email", "suppressed"): 1}


async def test_the_oldest_broken_promise_is_shown_until_it_is_kept(service: Notifications) -> None:
    watch = Watch(Records(service.delivery.database), service.delivery, service.clock)
    await service.receives(employee(), confirmed())
    await service.delivery.database["messages"].delete_many({})
    service.clock.moment += timedelta(hours=3)
    await watch.look()
    broken_at = service.clock.moment
    service.clock.moment += timedelta(hours=2)
    await watch.look()
    shown = value("promises_broken_oldest_timestamp_seconds")
    assert shown == pytest.approx(on_machine_clock(broken_at, service.clock.now()), abs=30)
    assert value("promises_checked_timestamp_seconds") == pytest.approx(time.time(), abs=30)
    await service.delivery.database["breaches"].update_many({}, {"$set": {"healed_at": service.clock.now()}})
    await service.delivery.database["memberships"].delete_many({})
    await watch.look()
    assert value("promises_broken_oldest_timestamp_seconds") == 0
