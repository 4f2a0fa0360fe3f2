"""How many messages wait in the broker's queues, asked without taking any."""

import asyncio
from collections.abc import Iterable
from typing import Final

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPException

from shared.topology import BINDINGS, RETRY_LADDER, SERVICES, dead_exchange, retry_exchange

WORK: Final = (*BINDINGS, *(retry_exchange(service, rung) for service in SERVICES for rung in RETRY_LADDER))
"""Queues whose messages are still to be handled."""

TROUBLES: Final = (AMQPException, OSError, RuntimeError, asyncio.TimeoutError)
"""What a broker that is away, or just coming back, makes of a call."""

_PATIENCE_SECONDS: Final = 5.0


class Queues:
    """Looks into the queues as the operator, by passive declaration: it makes nothing and takes nothing."""

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None

    async def waiting(self, names: Iterable[str]) -> dict[str, int] | None:
        """Messages ready in each of these queues; nothing while the broker cannot be asked."""
        try:
            channel = await asyncio.wait_for(self._open(), _PATIENCE_SECONDS)
            return {name: await self._count(channel, name) for name in names}
        except TROUBLES:
            await self.close()
            return None

    async def dead(self) -> dict[str, int] | None:
        """Dead letters by service that its recorder has not taken yet."""
        found = await self.waiting(dead_exchange(service) for service in SERVICES)
        return found and {service: found[dead_exchange(service)] for service in SERVICES}

    async def close(self) -> None:
        """Let go of the broker; the next question connects again."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            try:
                await asyncio.wait_for(connection.close(), _PATIENCE_SECONDS)
            except TROUBLES:
                return

    async def _open(self) -> AbstractChannel:
        if self._channel is None or self._channel.is_closed:
            self._connection = await aio_pika.connect(self._url, timeout=_PATIENCE_SECONDS)
            self._channel = await self._connection.channel()
        return self._channel

    async def _count(self, channel: AbstractChannel, name: str) -> int:
        queue = await asyncio.wait_for(channel.declare_queue(name, passive=True), _PATIENCE_SECONDS)
        return queue.declaration_result.message_count or 0
