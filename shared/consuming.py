"""The consuming side of the broker: a connection of its own, a channel and a consumer for each work queue.

FastStream keeps the connection and the consumers; which handler a message is for is decided by `messaging`, so that
messages reach it in the order in which they were delivered.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from aio_pika.exceptions import AMQPError
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitMessage, RabbitQueue

from shared.dead_letters.recorder import Recorder
from shared.messaging import WorkQueue
from shared.telemetry import BROKER_CONNECTED, BROKER_RECONNECTS

LOOK_SECONDS = 5.0
"""How often it is seen to whether all consumers live. Nobody need ask whether the service is ready, and a lost consumer
must show all the same."""


class Consumer:
    """The consuming connection of one service, with a channel per queue."""

    def __init__(self, url: str, queues: Sequence[WorkQueue | Recorder]) -> None:
        self.queues = queues
        self._broker = RabbitBroker(
            url,
            apply_types=False,
            decoder=_as_it_is,
            reconnect_interval=1,
            fail_fast=False,
            timeout=10,
            graceful_timeout=10,
            logger=None,
        )
        self._subscribers = [self._attach(queue) for queue in queues]
        self._tasks: list[asyncio.Task[None]] = []

    def _attach(self, queue: WorkQueue | Recorder) -> Any:
        subscriber = self._broker.subscriber(
            RabbitQueue(queue.name, queue_type=QueueType.QUORUM, durable=True, declare=False),
            channel=Channel(prefetch_count=queue.prefetch),
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
        )

        async def take(_: bytes) -> None:
            message: RabbitMessage = self._broker.context.get("message")
            queue.take(message.raw_message)

        subscriber(take)
        return subscriber

    async def start(self) -> None:
        """Begin to take messages; waits for a broker that is not up yet."""
        self._tasks = [asyncio.create_task(queue.handle_for_ever(), name=queue.name) for queue in self.queues]
        await self._broker.start()
        connection: Any = await self._broker.connect()  # the one that stands
        connection.reconnect_callbacks.add(lambda *_: BROKER_RECONNECTS.labels("consuming").inc())

    async def stop(self) -> None:
        """Take no more messages, and let those that were taken be decided and acknowledged."""
        for subscriber in self._subscribers:
            await subscriber.stop()
        while any(queue.in_flight for queue in self.queues):  # noqa: ASYNC110 — the caller sets the time limit
            await asyncio.sleep(0.01)
        await self._broker.stop()
        for task in self._tasks:
            task.cancel()

    async def watch_for_ever(self) -> None:
        """Let operators see whether messages really come."""
        while True:
            await self.consuming()
            await asyncio.sleep(LOOK_SECONDS)

    @property
    def in_flight(self) -> int:
        """Messages taken and not yet decided."""
        return sum(queue.in_flight for queue in self.queues)

    async def consuming(self) -> bool:
        """Whether the broker really sends us messages: every queue's consumer lives on its channel.

        A connection that stands is not enough: consumers can be lost on it. FastStream has no public way to ask.
        """
        alive = True
        for subscriber in self._subscribers:
            queue = getattr(subscriber, "_queue_obj", None)
            tag = getattr(subscriber, "_consumer_tag", None)
            try:
                channel = await asyncio.wait_for(queue.channel.get_underlay_channel(), 1) if queue else None
            except (AMQPError, OSError, RuntimeError, TimeoutError):
                channel = None
            alive = alive and channel is not None and tag in channel.consumers
        BROKER_CONNECTED.labels("consuming").set(alive)
        return alive


async def _as_it_is(message: Any) -> bytes:
    body: bytes = message.body
    return body
