"""All that a year leaves behind, and what was said on the broker meanwhile: for whoever looks for people in it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aio_pika
import httpx
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.grafana.asked import Answer
from deploy.local.programs import Where, find_rabbitmq
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.stack import Stack

TOKEN = re.compile(r"/s/([A-Za-z0-9_.-]{20,})")


@dataclass
class Remains:
    """Everything as text, by where it was found."""

    documents: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By `database.collection`."""
    messages: list[str] = field(default_factory=list)
    log_lines: list[str] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)
    people: dict[str, set[str]] = field(default_factory=dict)
    """All by which somebody can be recognised: her id, her name, her address."""
    tokens: set[str] = field(default_factory=set)
    panels: list[Answer] = field(default_factory=list)
    """What every panel of the dashboards shows."""


async def allow_listener(stack: Stack) -> str:
    """The address of the broker for a user of our own who may do everything."""
    broker = stack.parts["rabbitmq"]
    assert isinstance(broker, RabbitMQ)
    await _control(broker, "add_user", "listener", "listener")
    await _control(broker, "set_permissions", "listener", ".*", ".*", ".*")
    return f"amqp://listener:listener@127.0.0.1:{broker.amqp_port}/"


@asynccontextmanager
async def listened_to(stack: Stack, remains: Remains) -> AsyncIterator[None]:
    """Hear everything that is published meanwhile, with a user of our own who may."""
    connection = await aio_pika.connect(await allow_listener(stack))
    channel = await connection.channel()
    queue = await channel.declare_queue("listener", exclusive=True)
    for exchange in ("hr", "events"):
        await queue.bind(exchange, "#")

    async def hear(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        remains.messages.append(f"{message.headers} {message.body.decode()}")

    await queue.consume(hear, no_ack=True)
    try:
        yield
    finally:
        await connection.close()


async def _control(broker: RabbitMQ, *command: str) -> None:
    scripts = await asyncio.to_thread(find_rabbitmq, Where())
    process = await asyncio.create_subprocess_exec(
        scripts / "rabbitmqctl", "--quiet", *command, env=dict(broker.environment()), stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0


async def gather(stack: Stack, remains: Remains) -> None:
    """What lies in databases, logs, metrics and mailboxes now."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(stack.endpoints.mongo)
    for service in ("enrolment", "notifications", "evaluation"):
        for name in await client[service].list_collection_names():
            remains.documents[f"{service}.{name}"] = await client[service][name].find().to_list(None)
    client.close()
    async with httpx.AsyncClient(trust_env=False) as web:
        for url in (stack.endpoints.enrolment, stack.endpoints.notifications, stack.endpoints.evaluation):
            remains.metrics += (await web.get(f"{url}/metrics")).text.splitlines()
    for row in remains.documents["notifications.contacts"]:
        card = row["card"] or {}
        known = {row["_id"], f"{card.get('given_name')} {card.get('family_name')}", card.get("email")}
        remains.people[row["_id"]] = {one for one in known if one}
    await asyncio.to_thread(_read_files, stack, remains)


def _read_files(stack: Stack, remains: Remains) -> None:
    for log in sorted((stack.run_dir / "logs").glob("*.log")):
        remains.log_lines += log.read_text("utf-8", "replace").splitlines()
    assert stack.endpoints.maildir is not None
    for mail in sorted(Path(stack.endpoints.maildir).glob("new/*")):
        remains.tokens |= set(TOKEN.findall(mail.read_bytes().replace(b"=\r\n", b"").decode("utf-8", "replace")))


def leaves(thing: Any) -> Iterator[str]:
    """Every key and value inside a document, as text."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield str(key)
            yield from leaves(value)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from leaves(value)
    elif isinstance(thing, bytes):
        yield thing.decode("utf-8", "replace")
    else:
        yield str(thing)
