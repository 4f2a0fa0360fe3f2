"""Publishing on the broker as HR: confirmed, mandatory, persistent, as often as need be."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange

from deploy.ctl.queues import TROUBLES
from shared.cloudevents import JSON, uuid7, wrap
from shared.events.base import Event
from shared.topology import HR

TOGETHER: Final = 250
"""How many messages may wait for the broker's confirmation at once."""

_CONFIRM_SECONDS: Final = 10.0


class NotPublishedError(Exception):
    """The broker took no responsibility for a message for as long as HR was ready to try."""


@dataclass(frozen=True)
class Letter:
    """One message as it goes on the wire."""

    id: str
    type: str
    body: bytes
    headers: dict[str, Any]
    content_type: str = JSON


class HrPublisher:
    """Publishes to the exchange `hr` as its user, and never gives up on a message before `patience` seconds."""

    def __init__(
        self, amqp_url: str, now: Callable[[], datetime], patience: float = 120.0, source: str = "/hr"
    ) -> None:
        self._url = amqp_url
        self._now = now
        self._patience = patience
        self._source = source
        self._connection: AbstractConnection | None = None
        self._exchange: AbstractExchange | None = None
        self._taken: set[str] = set()
        self.published: Counter[str] = Counter()
        """Different messages that the broker has taken, by event type."""

    def letter(self, event: Event) -> Letter:
        """An event as a message, in binary mode."""
        event_id = uuid7()
        headers = wrap(event, source=self._source, time=self._now(), cause=None, event_id=event_id)
        return Letter(event_id, event.type, event.model_dump_json(by_alias=True).encode(), dict(headers))

    async def send(self, letters: Sequence[Letter], told: Callable[[int], None] = lambda _: None) -> None:
        """Publish messages, in this order while all goes well; `told` hears how many more are safe.

        Raises:
            NotPublishedError: some were not confirmed in time.
        """
        left, started = list(letters), time.monotonic()
        while left:
            group, left = left[:TOGETHER], left[TOGETHER:]
            confirmed = await self._try(group)
            again = [letter for letter, sure in zip(group, confirmed, strict=True) if not sure]
            self._count([letter for letter, sure in zip(group, confirmed, strict=True) if sure])
            told(len(group) - len(again))
            if again and time.monotonic() - started > self._patience:
                raise NotPublishedError(
                    f"{len(again) + len(left)} messages of HR were not taken by the broker; is it running?"
                )
            if again:
                await self.close()
                await asyncio.sleep(0.2)
            left = again + left

    async def close(self) -> None:
        """Let go of the broker; the next message connects again."""
        connection, self._connection, self._exchange = self._connection, None, None
        if connection is not None:
            try:
                await asyncio.wait_for(connection.close(), _CONFIRM_SECONDS)
            except TROUBLES:
                return

    def _count(self, taken: Sequence[Letter]) -> None:
        fresh = {letter.id: letter.type for letter in taken if letter.id not in self._taken}
        self._taken |= fresh.keys()
        self.published.update(fresh.values())

    async def _try(self, group: Sequence[Letter]) -> list[bool]:
        """Which of the messages the broker has confirmed."""
        try:
            exchange = await asyncio.wait_for(self._open(), _CONFIRM_SECONDS)
        except TROUBLES:
            return [False] * len(group)
        answers = await asyncio.gather(*(self._publish(exchange, one) for one in group), return_exceptions=True)
        strange = [
            answer for answer in answers if isinstance(answer, BaseException) and not isinstance(answer, TROUBLES)
        ]
        if strange:
            raise strange[0]
        return [not isinstance(answer, BaseException) for answer in answers]

    async def _publish(self, exchange: AbstractExchange, letter: Letter) -> None:
        message = aio_pika.Message(
            letter.body,
            headers=letter.headers,
            message_id=letter.id,
            content_type=letter.content_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        await asyncio.wait_for(exchange.publish(message, letter.type, mandatory=True), _CONFIRM_SECONDS)

    async def _open(self) -> AbstractExchange:
        if self._exchange is None:
            self._connection = await aio_pika.connect(self._url, timeout=_CONFIRM_SECONDS)
            channel: AbstractChannel = await self._connection.channel(on_return_raises=True)
            self._exchange = await channel.get_exchange(HR, ensure=False)
        return self._exchange
