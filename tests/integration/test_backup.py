"""A disaster, rehearsed: a village in the middle of its year loses its databases and its broker."""

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from pymongo import MongoClient
from rich.console import Console
from typer.testing import CliRunner

from deploy.backup.leftovers import MIXED, OF_SERVICES, Leftovers
from deploy.ctl.calls import Calls
from deploy.ctl.clock import SimulatedTime
from deploy.ctl.joining import broker_of, services_of, simulated_clock
from deploy.ctl.main import app
from deploy.ctl.queues import Queues
from deploy.ctl.standing import Standing, deliveries
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.stack import Stack
from deploy.sample.year import live_through
from deploy.sample.years import SHORT
from shared.outbox import Outgoing
from shared.publishing import BrokerPublisher
from shared.topology import SERVICES, retry_exchange
from tests.integration.remains import allow_listener
from tests.integration.wiring import read_all

BACKED_UP = datetime(2026, 9, 2, 10, tzinfo=UTC)
"""Offers have been answered, invites have gone out."""
LOST = datetime(2026, 9, 5, tzinfo=UTC)

Said = list[tuple[str, aio_pika.Message]]


@asynccontextmanager
async def hr_overheard(stack: Stack, said: Said) -> AsyncIterator[None]:
    """Note what HR says, so that it can say it again."""
    connection = await aio_pika.connect(await allow_listener(stack))
    queue = await (await connection.channel()).declare_queue("hr-overheard", exclusive=True)
    await queue.bind("hr", "#")

    async def note(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        same = aio_pika.Message(
            message.body,
            headers=message.headers,
            content_type=message.content_type,
            message_id=message.message_id,
            delivery_mode=2,
        )
        said.append((message.routing_key or "", same))

    await queue.consume(note, no_ack=True)
    try:
        yield
    finally:
        await connection.close()


async def hr_repeats(stack: Stack, said: Said) -> None:
    async with await aio_pika.connect(broker_of(stack.endpoints, "hr")) as connection:
        exchange = await (await connection.channel()).get_exchange("hr", ensure=False)
        for key, message in said:
            await exchange.publish(message, key)


async def typed(stack: Stack, *words: str) -> tuple[int, str]:
    result = await asyncio.to_thread(CliRunner().invoke, app, [*words, "--run-dir", str(stack.run_dir)])
    return result.exit_code, result.output


async def until(stack: Stack, moment: datetime) -> None:
    clock = simulated_clock(stack.endpoints)
    while clock.now() < moment:  # noqa: ASYNC110 — the clock is a file
        await asyncio.sleep(0.01)


async def lose_everything(stack: Stack) -> None:
    for part in (*SERVICES, "rabbitmq", "mongo"):
        await stack.stop_part(part)
    for data in ("mongo", "rabbitmq"):
        shutil.rmtree(stack.run_dir / data)
    for part in ("mongo", "rabbitmq"):
        await stack.start_part(part)


def mails_of(stack: Stack) -> list[Any]:
    assert stack.endpoints.maildir
    found = (file for file in stack.endpoints.maildir.rglob("*") if file.is_file())
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in found]


def entries(mails: list[Any]) -> Counter[tuple[str, str, str, str]]:
    """How often each revision of each person's calendar entry has been sent."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for mail in mails:
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                text = part.get_content()
                uid, sequence = (re.search(rf"^{name}:(\S+)", text, re.M) for name in ("UID", "SEQUENCE"))
                assert uid
                assert sequence
                seen[(mail["To"], part.get_param("method") or "", uid[1], sequence[1])] += 1
    return seen


async def test_of_a_broker_that_is_ahead_of_restored_databases_only_what_hr_has_said_stays(broker: RabbitMQ) -> None:
    resting, work = retry_exchange("notifications", "1h"), "notifications.enrolment"
    for queue in (*OF_SERVICES, *MIXED):
        await read_all(broker.url_of("operator"), queue)
    services = {name: BrokerPublisher(broker.url_of(name)) for name in ("enrolment", "notifications")}
    for publisher in services.values():
        await publisher.start()
    hr, ours = "hr.employee.changed.v1", "enrolment.place.offered.v1"
    await services["enrolment"].publish(Outgoing("events", ours, b"{}", {"ce-type": ours}, "1"))
    for event_type in (hr, ours):
        queue = f"notifications.{event_type.partition('.')[0]}"
        await services["notifications"].publish(Outgoing(resting, queue, b"{}", {"ce-type": event_type}, event_type))
    for publisher in services.values():
        await publisher.stop()
    leftovers = Leftovers(broker.url_of("operator"))
    for act in (False, True):
        assert await leftovers.clear(act=act) == ({work: 1, resting: 1}, {resting: 1})
    assert await leftovers.clear(act=False) == ({}, {resting: 1})
    (left,) = await read_all(broker.url_of("operator"), resting)
    assert left.headers["ce-type"] == hr


@pytest.mark.timeout(600)  # half of it is a village living
async def test_a_village_that_has_lost_everything_is_restored_and_agrees_again(tmp_path: Path) -> None:
    said: Said = []
    copy = tmp_path / "copy"
    async with Stack(tmp_path / "run") as stack, hr_overheard(stack, said):
        year = asyncio.create_task(
            live_through(stack.endpoints, seed=5, console=Console(quiet=True), plan=SHORT), name="the year"
        )
        await until(stack, BACKED_UP)
        code, told = await typed(stack, "backup", str(copy))
        assert code == 0, told
        sent_by_then = len(mails_of(stack))
        await until(stack, LOST)
        year.cancel()
        await asyncio.gather(year, return_exceptions=True)
        assert len(mails_of(stack)) > sent_by_then + 5  # else there is nothing to send twice
        assert (await typed(stack, "restore", str(copy)))[0] == 2  # the services are up
        await lose_everything(stack)

        code, told = await typed(stack, "restore", str(copy))
        assert code == 0, told
        assert (await typed(stack, "restore", str(copy)))[0] == 2  # something is there now
        waits = asyncio.create_task(stack.start_part("enrolment"))
        await asyncio.sleep(3)
        assert not waits.done()  # it does not begin before all is reconciled
        waits.cancel()
        await asyncio.gather(waits, return_exceptions=True)
        await stack.parts["enrolment"].stop(hard=True)
        assert (await typed(stack, "migrate"))[0] == 0
        before_it = (await typed(stack, "reconcile", "--sent", str(stack.endpoints.maildir)))[1]
        assert "Nothing has been changed" in before_it
        code, told = await typed(stack, "reconcile", "--yes", "--sent", str(stack.endpoints.maildir))
        assert code == 0, told
        assert (await typed(stack, "reconcile"))[0] == 2

        for service in SERVICES:
            await stack.start_part(service)
        await hr_repeats(stack, said)
        async with Calls(stack.endpoints.tokens.operator) as calls:
            standing = Standing(calls, services_of(stack.endpoints))
            queues = Queues(broker_of(stack.endpoints, "operator"))
            hands = simulated_clock(stack.endpoints)
            passing = SimulatedTime(hands, standing, queues)
            await passing.advance(hands.now() + timedelta(days=3))
            await queues.close()
            ledgers = await standing.ledgers()
        assert [one for one in deliveries(ledgers, None) if one.published != one.handled] == []
        mails = mails_of(stack)
        assert {name: n for name, n in Counter(mail["Message-ID"] for mail in mails).items() if n > 1} == {}
        assert {entry: n for entry, n in entries(mails).items() if n > 1} == {}
        with MongoClient[dict[str, Any]](stack.endpoints.mongo) as client:
            broken = list(client["notifications"]["breaches"].find({"healed_at": None}))
            assert broken == []
            assert client["enrolment"]["employees"].count_documents({}) > 100
