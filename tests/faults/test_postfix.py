"""Two thousand invitations through a real relay to real mailboxes, while the relay and the service die on the way."""

import asyncio
import hashlib
import re
import shutil
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.local.mongo import Mongo
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.service import Service
from shared.cloudevents import uuid7, wrap
from shared.documents import Database
from shared.events.base import Event
from shared.outbox import Outgoing
from shared.publishing import BrokerPublisher
from shared.topology import exchange_of
from tests.faults.mail_servers import Dovecot, Postfix
from tests.flow.notifications.stage import confirmed, employee
from tests.harness import START

pytestmark = pytest.mark.skipif(
    not (shutil.which("postfix", path="/usr/sbin") and shutil.which("dovecot", path="/usr/sbin")),
    reason="needs Debian's postfix, dovecot-lmtpd and the right to run them as root",
)

PEOPLE = 1_000
MAILS = 2 * PEOPLE
QUEUE_ID = re.compile(rb"\(Postfix\) with E?SMTP id (\w+)")
"""One for each time that Postfix took a mail; ended abruptly, it may itself deliver one of them twice."""

TRACE = re.compile(rb"(Return-Path|Delivered-To|Received): ")


@asynccontextmanager
async def notifications(broker: RabbitMQ, mongo_url: str, relay: Postfix, directory: Path) -> AsyncIterator[Service]:
    """The real service, told to send to that relay."""
    digest = hashlib.sha256(b"test").hexdigest()
    (directory / "tokens.json").write_text(f'[{{"sha256": "{digest}", "role": "office", "name": "test"}}]')
    (directory / "clock").write_text(START.isoformat())
    settings = {
        "AMQP_URL": broker.url_of("notifications"),
        "MONGO_URL": mongo_url,
        "CLOCK": f"simulated:{directory / 'clock'}",
        "LINK_KEYS": "key",
        "TOKENS_FILE": str(directory / "tokens.json"),
        "SMTP_URL": relay.url,
        "SENDER": "Ledarutveckling <ledarutveckling@kommun.example>",
        "RETRY_SECONDS": "1",
        "SETTLE_MINUTES": "0",
        "MAILS_A_WEEK": "0",
        "LOG_LEVEL": "warning",
    }
    async with Service(directory, "notifications", settings) as service:
        yield service


async def says(broker: RabbitMQ, owner: str, events: list[Event]) -> None:
    """Publish events as their owner."""
    publisher = BrokerPublisher(broker.url_of(owner))
    await publisher.start()
    for event in events:
        headers: dict[str, Any] = wrap(event, source=f"/{owner}", time=START, cause=None, event_id=uuid7())
        body = event.model_dump_json(by_alias=True).encode()
        await publisher.publish(Outgoing(exchange_of(event.type), event.type, body, headers, headers["ce-id"]))
    await publisher.stop()


async def until(reached: Callable[[], bool], seconds: float) -> None:
    """Wait for something that must come true."""
    async with asyncio.timeout(seconds):
        while not reached():  # noqa: ASYNC110 — it happens in other processes
            await asyncio.sleep(0.05)


@pytest.mark.timeout(600)
async def test_every_mail_arrives_and_none_twice_with_other_bytes(
    broker: RabbitMQ, mongo: Mongo, database: Database, tmp_path: Path
) -> None:
    messages, mongo_url = database["messages"], mongo.url_of(database.name)
    async with Dovecot(tmp_path) as mailboxes, Postfix(tmp_path, mailboxes.port) as relay:

        async def sent(count: int) -> None:
            async with asyncio.timeout(240):
                while await messages.count_documents({"state": "sent"}) < count:  # noqa: ASYNC110 — as above
                    await asyncio.sleep(0.02)

        async with notifications(broker, mongo_url, relay, tmp_path) as service:
            people = [f"E{number}" for number in range(PEOPLE)]
            await says(broker, "hr", [employee(one) for one in people])
            await says(broker, "enrolment", [confirmed(one) for one in people])
            began = time.monotonic()
            await sent(MAILS // 4)
            await relay.abort()
            await asyncio.sleep(2)
            await relay.start()
            await sent(MAILS // 2)
            service.kill()
            await service.ended()
            assert await messages.count_documents({"state": "sent"}) < MAILS
            await service.start()
            await sent(MAILS)
            await until(lambda: len(ids(mailboxes.mails())) == MAILS, 120)
            print(f"{MAILS} mails in {time.monotonic() - began:.0f} s")
        arrived = mailboxes.mails()
        unclear = await messages.count_documents({"unclear": {"$gt": 0}})
        letters = {row["_id"]: row["content"] async for row in database["letters"].find()}
    print(f"{len(arrived)} copies arrived, {unclear} mails in doubt")
    taken: dict[str, set[bytes]] = defaultdict(set)
    for mail in arrived:
        (message_id,) = ids([mail])
        assert mail.endswith(letters[message_id])
        trace = mail.removesuffix(letters[message_id])
        assert all(TRACE.match(line) for line in re.split(rb"\r\n(?![ \t])", trace) if line)
        taken[message_id] |= set(QUEUE_ID.findall(trace))
    assert taken.keys() == letters.keys()
    assert max(map(len, taken.values())) <= 2
    assert sum(map(len, taken.values())) - MAILS <= unclear


def ids(mails: list[bytes]) -> set[str]:
    """Which messages these mails are."""
    return {mail.split(b"X-Ledstjarna-Message: ", 1)[1][:40].decode() for mail in mails}
