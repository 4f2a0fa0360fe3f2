"""What a broker still holds after the databases have gone back in time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.topology import BINDINGS, HR, RETRY_LADDER, SERVICES, dead_exchange, retry_exchange

OF_HR: Final = tuple(queue for queue in BINDINGS if queue.endswith(f".{HR}"))
OF_SERVICES: Final = tuple(queue for queue in BINDINGS if queue not in OF_HR)
MIXED: Final = tuple(
    queue
    for service in SERVICES
    for queue in (*(retry_exchange(service, rung) for rung in RETRY_LADDER), dead_exchange(service))
)
"""Queues in which messages of all publishers rest."""

Counts = dict[str, int]


class Leftovers:
    """Messages that were published after the backup, or had been handled by then.

    What a service has said since may not happen again like that: its events would be ahead of what it says from now on,
    with the same versions. What HR has said stands.
    """

    def __init__(self, amqp_url: str) -> None:
        self._url = amqp_url

    async def clear(self, *, act: bool) -> tuple[Counts, Counts]:
        """How many messages of our services there are in each queue, and of HR; with `act`, the former are dropped."""
        dropped: Counts = {}
        kept: Counts = {}
        async with self._channel() as channel:
            for queue in OF_HR:
                kept[queue] = await _waiting(channel, queue)
            for queue in OF_SERVICES:
                dropped[queue] = await _waiting(channel, queue)
                if act and dropped[queue]:
                    await (await channel.get_queue(queue, ensure=False)).purge()
            for queue in MIXED:
                dropped[queue], kept[queue] = await _sort_out(channel, queue, act=act)
        return _some(dropped), _some(kept)

    @asynccontextmanager
    async def _channel(self) -> AsyncIterator[AbstractChannel]:
        connection = await aio_pika.connect(self._url, timeout=10)
        async with connection, connection.channel() as channel:
            yield channel


async def _waiting(channel: AbstractChannel, queue: str) -> int:
    return (await channel.declare_queue(queue, passive=True)).declaration_result.message_count or 0


async def _sort_out(channel: AbstractChannel, queue: str, *, act: bool) -> tuple[int, int]:
    """Take each message in hand once, drop those of our services if asked to, and give all others back at the end."""
    back: list[AbstractIncomingMessage] = []
    ours = 0
    source = await channel.get_queue(queue, ensure=False)
    while message := await source.get(fail=False, timeout=10):
        ours += not _is_hr(message)
        if _is_hr(message) or not act:
            back.append(message)
        else:
            await message.ack()
    for message in back:
        await message.nack(requeue=True)
    return ours, sum(1 for message in back if _is_hr(message))


def _is_hr(message: AbstractIncomingMessage) -> bool:
    return str(message.headers.get("ce-type") or message.routing_key).startswith(f"{HR}.")


def _some(counts: Counts) -> Counts:
    return {queue: count for queue, count in counts.items() if count}
