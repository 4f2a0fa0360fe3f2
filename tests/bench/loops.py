"""Two hand-written services to be compared with, each in a process of its own: `python -m tests.bench.loops NAME`.

`floor` is the least that gives the same promises: aio-pika and Motor, inbox, state and outbox in one transaction for
all that waits (500), confirmed publishing, no framework, no rules. `single` is what one writes first with FastStream:
a transaction for each message, typed handler, injection.
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from typing import Any

import aio_pika
import uvloop
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from faststream.rabbit.annotations import RabbitMessage
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import InsertOne, ReplaceOne
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.cloudevents import uuid7
from shared.events.hr import EmployeeChanged

TOGETHER = 500
QUEUE = "enrolment.hr"
TYPE = "enrolment.person.queued.v1"


class Store:
    """The three collections, and one way to write to them."""

    def __init__(self) -> None:
        self.client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(os.environ["LEDSTJARNA_MONGO_URL"])
        database = self.client.get_default_database()
        self.inbox, self.employees, self.outbox = database["inbox"], database["employees"], database["outbox"]

    async def handle(self, messages: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        """Inbox, state and outbox of some messages in one transaction; the rows to publish."""
        async with (
            await self.client.start_session() as session,
            session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority", j=True)),
        ):
            keys = [key for key, _ in messages]
            seen = {row["_id"] async for row in self.inbox.find({"_id": {"$in": keys}}, session=session)}
            people = [body["employee_id"] for _, body in messages]
            known = {row["_id"]: row async for row in self.employees.find({"_id": {"$in": people}}, session=session)}
            fresh = [(key, body) for key, body in messages if key not in seen]
            newer = [
                body for _, body in fresh if known.get(body["employee_id"], {}).get("version", 0) < body["version"]
            ]
            rows = [
                {"_id": uuid7(), "body": json.dumps({"employee_id": body["employee_id"]}), "status": "pending"}
                for body in newer
            ]
            if fresh:
                now = datetime.now(UTC)
                await self.inbox.insert_many([{"_id": key, "at": now} for key, _ in fresh], session=session)
                await self.employees.bulk_write([_write(body, known) for body in newer], session=session)
                await self.outbox.insert_many(rows, session=session)
        return rows

    async def published(self, rows: list[dict[str, Any]]) -> None:
        """Mark rows as published."""
        ids = [row["_id"] for row in rows]
        await self.outbox.update_many({"_id": {"$in": ids}}, {"$set": {"status": "published"}})


def _write(body: dict[str, Any], known: dict[str, Any]) -> Any:
    document = body | {"_id": body["employee_id"]}
    if body["employee_id"] in known:
        return ReplaceOne({"_id": document["_id"]}, document)
    return InsertOne(document)


async def publish(exchange: AbstractExchange, rows: list[dict[str, Any]]) -> None:
    """Publish rows and wait for all the confirms."""
    await asyncio.gather(
        *(
            exchange.publish(
                aio_pika.Message(row["body"].encode(), message_id=row["_id"], delivery_mode=2), TYPE, mandatory=False
            )
            for row in rows
        )
    )


async def connect_publishing() -> AbstractExchange:
    """The exchange `events` on a connection of its own."""
    connection = await aio_pika.connect_robust(os.environ["LEDSTJARNA_AMQP_URL"])
    channel = await connection.channel(publisher_confirms=True)
    return await channel.get_exchange("events", ensure=False)


async def floor() -> None:
    """No framework, no rules: as fast as the promises allow."""
    store, exchange = Store(), await connect_publishing()
    waiting: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    connection = await aio_pika.connect_robust(os.environ["LEDSTJARNA_AMQP_URL"])
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=TOGETHER)
    queue = await channel.get_queue(QUEUE, ensure=False)

    async def take(message: AbstractIncomingMessage) -> None:
        waiting.put_nowait(message)

    async def publish_and_mark(rows: list[dict[str, Any]]) -> None:
        await publish(exchange, rows)
        await store.published(rows)

    await queue.consume(take)
    publishing = asyncio.create_task(asyncio.sleep(0))
    while True:
        group = [await waiting.get()]
        while len(group) < TOGETHER and not waiting.empty():
            group.append(waiting.get_nowait())
        rows = await store.handle([(str(message.message_id), json.loads(message.body)) for message in group])
        await group[-1].ack(multiple=True)
        await publishing
        publishing = asyncio.create_task(publish_and_mark(rows))


async def single() -> None:
    """A transaction for each message, in FastStream as its documentation shows it."""
    store, exchange = Store(), await connect_publishing()
    broker = RabbitBroker(os.environ["LEDSTJARNA_AMQP_URL"], logger=None)

    @broker.subscriber(
        RabbitQueue(QUEUE, declare=False, durable=True),
        channel=Channel(prefetch_count=TOGETHER),
        ack_policy=AckPolicy.NACK_ON_ERROR,
        no_reply=True,
    )
    async def handle(event: EmployeeChanged, message: RabbitMessage) -> None:
        try:
            rows = await store.handle([(str(message.message_id), event.model_dump(mode="json", by_alias=True))])
        except DuplicateKeyError:
            return
        await publish(exchange, rows)
        await store.published(rows)

    await broker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run({"floor": floor, "single": single}[sys.argv[1]]())
