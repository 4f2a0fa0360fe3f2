"""The sender, against a relay that misbehaves at every phase, and through deaths of its own."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from uuid import uuid4

import pytest

from services.notifications.commands import recording
from services.notifications.mailer import Connection, Relay
from services.notifications.model import Message, State
from services.notifications.oauth import AccessToken
from services.notifications.pace import Pace, limits
from services.notifications.rules.messages import Pauses, Result, Verdict
from services.notifications.sender import Sender
from services.notifications.store import MailQueue
from shared.events import Event
from shared.events.notifications import MessageDelivered, MessageFailed
from tests.flow.notifications.relay import FALL_SILENT, HANG_UP, SLOWLY, ScriptedRelay, always, first_time, once, relay
from tests.flow.notifications.stage import (
    NEXT_MONTH,
    Notifications,
    confirmed,
    employee,
    left,
    messages,
    offered,
    rescheduled,
    session,
    survey,
    told,
    withdrawn,
)
from tests.unit.notifications.reading import content_of, parts, read_entry, read_mail
from tests.unit.notifications.test_oauth import endpoint

SHORT = timedelta(milliseconds=30)


def queue_of(service: Notifications, lease: timedelta = timedelta(seconds=10)) -> MailQueue:
    return MailQueue(service.delivery.database, uuid4().hex, lease)


@asynccontextmanager
async def sending(
    service: Notifications,
    to: ScriptedRelay,
    *,
    connections: int = 2,
    data_seconds: float = 5,
    pause: timedelta = SHORT,
    pace: Pace = Pace(),  # noqa: B008 — frozen
    bounce_domain: str | None = None,
    pool: Sequence[Connection] = (),
) -> AsyncIterator[Sender]:
    """A sender at work."""
    pool = pool or [
        Connection(Relay.at(to.url), "ledarutveckling@kommun.example", data_seconds, bounce_domain)
        for _ in range(connections)
    ]
    sender = Sender(queue_of(service), pool, service.delivery, service.clock, pause, pace=pace)
    task = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await service.published()


async def over(service: Notifications, *wanted: State) -> list[Message]:
    """Wait until every message is in one of these states."""
    async with asyncio.timeout(20):
        while True:
            found = await messages(service)
            if found and all(message.state in wanted for message in found):
                return found
            await asyncio.sleep(0.02)


async def until(reached: Callable[[], bool]) -> None:
    """Wait for something that must come true."""
    async with asyncio.timeout(20):
        while not reached():  # noqa: ASYNC110 — it is somebody else's state
            await asyncio.sleep(0.02)


async def test_mail_is_taken_and_its_delivery_announced(service: Notifications) -> None:
    await service.receives(employee(), offered())
    async with relay() as server, sending(service, server):
        (offer,) = await over(service, State.sent)
    assert (len(server.taken), offer.reply) == (1, "2.0.0 queued as 1A")
    assert [delivered.message_id for delivered in service.said(MessageDelivered)] == [offer.id]


async def test_many_mails_go_over_few_connections(service: Notifications) -> None:
    people = [f"E{number}" for number in range(40)]
    await service.receives(*(employee(one) for one in people), survey(*people))
    async with relay() as server, sending(service, server, connections=3):
        await over(service, State.sent)
    assert len(server.taken) == 40
    assert server.connections <= 3
    assert len({read_mail(content)["Message-ID"] for content in server.taken}) == 40


async def test_update_never_overtakes_its_invite(service: Notifications) -> None:
    await service.receives(employee(), confirmed())
    await service.delivery.database["messages"].update_many({}, {"$set": {"state": "ambiguous"}})
    for version in range(2, 6):
        await service.receives(
            rescheduled(session(1, version=version, starts_at=NEXT_MONTH + timedelta(hours=version)))
        )
        await service.delivery.database["messages"].update_many({"state": "rendered"}, {"$set": {"state": "ambiguous"}})
    async with relay() as server, sending(service, server, connections=4):
        await over(service, State.sent)
    entries = [read_entry(content_of(parts(read_mail(content))[-1])) for content in server.taken]
    moved = [entry.sequence for entry in entries if entry.starts_at < NEXT_MONTH + timedelta(days=1)]
    assert moved == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("phase", "answer"),
    [
        ("rcpt", "450 4.2.1 try later"),
        ("rcpt", "552 5.2.2 mailbox full"),
        ("data", "451 4.3.0 not now"),
        ("dot", "452 4.3.1 no space"),
    ],
)
async def test_refusal_that_may_pass_is_tried_again_with_the_same_bytes(
    service: Notifications, phase: str, answer: str
) -> None:
    await service.receives(employee(), offered())
    async with relay(**{phase: first_time(answer)}) as server, sending(service, server):
        (offer,) = await over(service, State.sent)
    assert (offer.attempts, len(server.taken), offer.unclear) == (2, 1, 0)
    assert len(set(server.heard)) == 1


@pytest.mark.parametrize(("phase", "answer"), [("rcpt", "550 5.1.1 no such user"), ("dot", "554 5.7.1 refused")])
async def test_refusal_for_good_is_announced_with_the_servers_words(
    service: Notifications, phase: str, answer: str
) -> None:
    await service.receives(employee(), offered())
    async with relay(**{phase: always(answer)}) as server, sending(service, server):
        (offer,) = await over(service, State.failed)
    assert server.taken == []
    (failed,) = service.said(MessageFailed)
    assert (failed.message_id, failed.reason.code) == (offer.id, "refused")
    assert answer in failed.reason.text.en


@pytest.mark.parametrize("answer", [HANG_UP, FALL_SILENT])
async def test_silence_after_the_bytes_sends_the_same_bytes_once_more(service: Notifications, answer: str) -> None:
    await service.receives(employee(), offered())
    async with relay(dot=once(answer)) as server, sending(service, server, data_seconds=0.3):
        (offer,) = await over(service, State.sent)
    assert offer.unclear == 1
    assert len(server.heard) == 2
    assert server.heard[0] == server.heard[1]


async def test_silence_twice_is_left_for_somebody_to_look_at(service: Notifications) -> None:
    await service.receives(employee(), offered())
    async with relay(dot=always(HANG_UP)) as server, sending(service, server):
        await over(service, State.ambiguous)
        await until(lambda: bool(service.said(MessageFailed)))
    assert len(server.heard) == 2
    assert [failed.reason.code for failed in service.said(MessageFailed)] == ["unclear"]


@pytest.mark.parametrize(
    ("phase", "answer"),
    [
        ("connect", "421 4.3.2 too many connections"),
        ("connect", HANG_UP),
        ("mail", "451 4.3.0 busy"),
        ("mail", "550 5.7.60 not allowed to send as"),
        ("mail", HANG_UP),
        ("rcpt", "421 4.7.0 closing"),
        ("rcpt", HANG_UP),
    ],
)
async def test_trouble_of_the_relay_burns_no_attempt(service: Notifications, phase: str, answer: str) -> None:
    await service.receives(employee(), offered())
    async with relay(**{phase: first_time(answer)}) as server, sending(service, server):
        (offer,) = await over(service, State.sent)
    assert (offer.attempts, offer.unclear, len(server.taken)) == (1, 0, 1)


async def test_relay_that_is_away_loses_nothing(service: Notifications) -> None:
    await service.receives(employee("E1"), employee("E2"), offered("E1"), offered("E2"))
    async with relay() as gone:
        pass
    async with sending(service, gone):
        await over(service, State.deferred)
    async with relay() as server, sending(service, server):
        await over(service, State.sent)
    assert len(server.taken) == 2


async def test_mail_is_not_sent_after_its_deadline(service: Notifications) -> None:
    await service.receives(employee(), offered())
    service.clock.moment = datetime(2026, 8, 25, tzinfo=UTC)
    async with relay() as server, sending(service, server):
        await over(service, State.expired)
    assert server.heard == []
    assert [failed.reason.code for failed in service.said(MessageFailed)] == ["too_late"]


async def test_lease_of_a_dead_sender_runs_out_and_the_mail_goes_on(service: Notifications) -> None:
    await service.receives(employee(), offered())
    dead = queue_of(service, lease=timedelta(milliseconds=100))
    assert len(await dead.claim(10)) == 1
    async with relay() as server, sending(service, server):
        (offer,) = await over(service, State.sent)
    assert (len(server.taken), offer.unclear) == (1, 0)


async def test_death_while_transmitting_is_counted_and_sends_one_more_copy(service: Notifications) -> None:
    await service.receives(employee(), offered())
    dead = queue_of(service, lease=timedelta(milliseconds=100))
    ((message, _),) = await dead.claim(10)
    assert await dead.begin([message.id])
    async with relay() as server, sending(service, server):
        (offer,) = await over(service, State.sent)
    assert (len(server.taken), offer.unclear) == (1, 1)


async def test_sender_that_has_lost_its_lease_does_not_send(service: Notifications) -> None:
    await service.receives(employee(), offered())
    slow, quick = queue_of(service, lease=timedelta()), queue_of(service)
    ((message, _),) = await slow.claim(10)
    assert len(await quick.claim(10)) == 1
    assert not await slow.begin([message.id])
    assert await quick.begin([message.id])


async def test_of_mails_begun_together_only_those_go_whose_lease_is_kept(service: Notifications) -> None:
    people = [f"E{number}" for number in range(9)]
    await service.receives(*(employee(one) for one in people), survey(*people))
    slow, quick = queue_of(service, lease=timedelta()), queue_of(service)
    ids = [message.id for message, _ in await slow.claim(9)]
    lost = {message.id for message, _ in await quick.claim(4)}
    assert await slow.begin(ids) == set(ids) - lost
    assert await quick.begin(ids) == lost


async def test_two_senders_send_each_mail_once(service: Notifications) -> None:
    people = [f"E{number}" for number in range(60)]
    await service.receives(*(employee(one) for one in people), survey(*people))
    async with relay() as server, sending(service, server), sending(service, server):
        await over(service, State.sent)
    assert len(server.taken) == 60


async def test_sender_that_is_told_to_stop_gives_back_what_it_has_not_sent(service: Notifications) -> None:
    people = [f"E{number}" for number in range(8)]
    await service.receives(*(employee(one) for one in people), survey(*people))
    async with relay(dot=always(SLOWLY)) as server, sending(service, server, connections=1):
        await until(lambda: bool(server.heard))
    assert await told(service) == [("survey", "rendered")] * 7 + [("survey", "sent")]
    assert len(server.taken) == 1


async def test_what_is_due_is_counted_until_it_is_over(service: Notifications) -> None:
    queue = queue_of(service)
    await service.receives(employee(), offered(), offered("E-unknown"))
    assert await queue.count_due() == 1
    async with relay() as server, sending(service, server):
        await over(service, State.sent, State.waiting)
    assert await queue.count_due() == 0
    assert await told(service) == [("offer", "sent"), ("offer", "waiting")]


async def test_letter_with_a_survey_link_is_forgotten_once_it_is_sent(service: Notifications) -> None:
    await service.receives(employee(), survey("E1"), offered())
    async with relay() as server, sending(service, server):
        await over(service, State.sent)
    everything = [str(row) async for name in names(service) async for row in service.delivery.database[name].find()]
    assert [text for text in everything if "/s/E1" in text] == []
    assert len(server.taken) == 2


async def names(service: Notifications) -> AsyncIterator[str]:
    """The service's own collections."""
    for name in await service.delivery.database.list_collection_names():
        if name not in ("inbox", "outbox", "audit"):
            yield name


async def test_letter_with_a_survey_link_is_forgotten_when_she_leaves_before_it_is_sent(service: Notifications) -> None:
    await service.receives(employee(), survey("E1"))
    await service.receives(left(last_day=date(2026, 8, 14)))
    assert await service.delivery.database["letters"].count_documents({}) == 0


async def test_many_updates_that_wait_for_their_invites_keep_no_other_mail_waiting(service: Notifications) -> None:
    people = [f"E{number}" for number in range(70)]
    await service.receives(*(employee(one) for one in people), *(confirmed(one) for one in people))
    queue = queue_of(service)
    doubted = {"state": "ambiguous", "unclear": 1, "next_at": await queue.now() + timedelta(minutes=1)}
    await service.delivery.database["messages"].update_many({}, {"$set": doubted})
    await service.receives(rescheduled(session(1, version=2, location="Biblioteket")))
    service.clock.moment += timedelta(minutes=1)
    await service.receives(employee("E-other"), offered("E-other"))
    assert [message.employee_id for message, _ in await queue.claim(1)] == ["E-other"]


@pytest.mark.parametrize("news", [left(last_day=date(2026, 8, 14)), withdrawn()], ids=["left", "withdrawn"])
async def test_mail_that_is_no_longer_to_be_sent_when_the_relay_puts_it_off_is_not_tried_again(
    service: Notifications, news: Event
) -> None:
    await service.receives(employee(), offered())
    queue, pauses = queue_of(service), Pauses(datetime(2026, 8, 17, 6, tzinfo=UTC), SHORT)
    ((message, _),) = await queue.claim(10)
    await queue.begin([message.id])
    await service.receives(news)
    verdicts = {message.id: Verdict(Result.deferred, "451 4.7.1 greylisted")}
    await service.delivery.run(lambda tx: recording.record_attempts(tx, verdicts, queue.is_mine, pauses))
    assert ("offer", "withdrawn") in await told(service)


async def test_relay_that_bears_few_connections_gets_all_mails_over_those(service: Notifications) -> None:
    people = [f"E{number}" for number in range(40)]
    await service.receives(*(employee(one) for one in people), survey(*people))
    async with relay(ScriptedRelay(at_most=2), dot=always(SLOWLY)) as server, sending(service, server, connections=6):
        await over(service, State.sent)
    assert len(server.taken) == 40
    assert server.connections == 6


async def test_mails_go_no_faster_than_the_relay_bears(service: Notifications) -> None:
    people = [f"E{number}" for number in range(12)]
    await service.receives(*(employee(one) for one in people), survey(*people))
    began = monotonic()
    async with relay() as server, sending(service, server, pace=Pace(per_minute=600, burst=4)):
        await over(service, State.sent)
    assert monotonic() - began >= 0.8


async def test_slow_domain_gets_its_mails_one_by_one_and_keeps_no_other_waiting(service: Notifications) -> None:
    there = [employee(f"E{number}", email=f"e{number}@outlook.example") for number in range(70)]
    await service.receives(*there, survey(*(one.employee_id for one in there)))
    service.clock.moment += timedelta(minutes=1)
    await service.receives(employee("E-here"), survey("E-here", version=2))
    slow = Pace(domains=limits("outlook.example=60/min"))
    began = monotonic()
    async with relay() as server, sending(service, server, pace=slow):
        await until(lambda: len(server.taken) == 4)
    assert monotonic() - began >= 2
    assert any("e-here@" in command for command in server.commands)
    assert sorted(set(await told(service))) == [("survey", "rendered"), ("survey", "sent")]


async def test_what_comes_back_names_the_mail_by_its_envelope(service: Notifications) -> None:
    await service.receives(employee(), offered())
    async with (
        relay(ScriptedRelay(offers=("DSN",))) as server,
        sending(service, server, bounce_domain="bounce.kommun.example"),
    ):
        (offer,) = await over(service, State.sent)
    sender = f"b-{offer.id}@bounce.kommun.example"
    assert f"MAIL FROM:<{sender}> RET=HDRS ENVID={offer.id}" in server.commands
    assert "RCPT TO:<e1@kommun.example> NOTIFY=FAILURE,DELAY" in server.commands


async def test_server_that_cannot_tell_what_becomes_of_mails_is_not_asked_to(service: Notifications) -> None:
    await service.receives(employee(), offered())
    async with relay() as server, sending(service, server):
        await over(service, State.sent)
    assert "MAIL FROM:<ledarutveckling@kommun.example>" in server.commands
    assert "RCPT TO:<e1@kommun.example>" in server.commands


async def test_doubt_is_counted_for_good(service: Notifications) -> None:
    await service.receives(employee(), offered())
    async with relay(dot=once(HANG_UP)) as server, sending(service, server):
        await over(service, State.sent)
    assert await queue_of(service).count_unclear() == 1


async def test_token_opens_the_relay_and_another_is_asked_for_when_it_does_not(service: Notifications) -> None:
    await service.receives(employee(), offered())
    with endpoint() as tokens:
        async with relay(ScriptedRelay(offers=("AUTH XOAUTH2",)), auth=first_time("535 5.7.8 no")) as server:
            address = Relay.at(server.url.replace("//", "//led%40kommun.example@"))
            token = AccessToken(tokens.client)
            connection = Connection(address, "ledarutveckling@kommun.example", token=token)
            async with sending(service, server, pool=[connection]):
                await over(service, State.sent)
    offers = [b64decode(line.split()[2]).decode() for line in server.commands if line.startswith("AUTH XOAUTH2")]
    assert offers == [f"user=led@kommun.example\x01auth=Bearer token-{number}\x01\x01" for number in (1, 2)]
