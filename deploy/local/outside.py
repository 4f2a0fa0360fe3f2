"""Servers that somebody else runs and the stack only uses: looked at before anything is started."""

import asyncio
import os
from dataclasses import dataclass
from typing import Self

import aio_pika
from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.process import CannotStart

_PROBED_QUEUE = "evaluation.dead"


@dataclass(frozen=True)
class Outside:
    """Addresses of servers to use instead of own ones; None means: run one."""

    amqp: str | None = None
    mongo: str | None = None
    smtp: str | None = None

    @classmethod
    def from_environment(cls) -> Self:
        """LEDSTJARNA_AMQP_URL, LEDSTJARNA_MONGO_URL, LEDSTJARNA_SMTP_URL, where set and not empty."""
        amqp, mongo, smtp = (os.environ.get(f"LEDSTJARNA_{name}_URL") or None for name in ("AMQP", "MONGO", "SMTP"))
        return cls(amqp, mongo, smtp)

    async def check(self) -> None:
        """Raises CannotStart when one of them cannot serve."""
        if self.amqp:
            await _check_broker(self.amqp)
        if self.mongo:
            await asyncio.to_thread(_check_database, self.mongo)


async def _check_broker(url: str) -> None:
    try:
        connection = await aio_pika.connect(url, timeout=10)
        async with connection, connection.channel() as channel:
            await channel.declare_queue(_PROBED_QUEUE, passive=True)
    except ChannelNotFoundEntity:
        raise CannotStart(
            "The broker at LEDSTJARNA_AMQP_URL lacks the queues: import deploy/rabbitmq/definitions.json into it "
            "(management pages, Overview, Import definitions) and start again."
        ) from None
    except (OSError, AMQPError, TimeoutError, ValueError) as reason:
        raise CannotStart(
            f"The broker at LEDSTJARNA_AMQP_URL does not let us in ({reason}); mend or unset it."
        ) from None


def _check_database(url: str) -> None:
    client: MongoClient[dict[str, object]]
    try:
        with MongoClient(url, serverSelectionTimeoutMS=5_000) as client:
            told = client.admin.command("hello")
    except PyMongoError as reason:
        raise CannotStart(
            f"The database at LEDSTJARNA_MONGO_URL is out of reach ({reason}); mend or unset it."
        ) from None
    if "setName" not in told and told.get("msg") != "isdbgrid":
        raise CannotStart(
            "The database at LEDSTJARNA_MONGO_URL is a single server without transactions; start it with --replSet "
            "and initiate it (a set of one will do), or unset the variable."
        )


def with_database(url: str, database: str) -> str:
    """The same MongoDB address, naming `database` as the one to use."""
    address, _, options = url.partition("?")
    scheme, _, rest = address.partition("://")
    hosts, _, named = rest.partition("/")
    if "@" in hosts and "authSource" not in options:  # the user stays where the given address had her
        options = "&".join(filter(None, (options, f"authSource={named or 'admin'}")))
    return f"{scheme}://{hosts}/{database}" + (f"?{options}" if options else "")
