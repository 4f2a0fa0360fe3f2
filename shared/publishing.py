"""The publishing side of the broker: a connection of its own, confirms, and a time limit on every message.

It is kept apart from the consuming connection, because a broker in distress blocks connections that publish, and an
acknowledgement must still get through then.
"""

import asyncio

import structlog
from aio_pika import DeliveryMode, Message, connect_robust
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractRobustConnection
from aio_pika.exceptions import AMQPError, PublishError

from shared.outbox import NotPublishedError, Outgoing
from shared.telemetry import BROKER_CONNECTED, BROKER_RECONNECTS

log = structlog.get_logger()

CONFIRM_SECONDS = 10
"""How long the broker may take to say that it has a message; after that we do not know, and send it again."""

RECONNECT_SECONDS = 1
SHORT_BYTES = 255


class BrokerPublisher:
    """Publishes to exchanges that exist; it declares nothing."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: AbstractRobustConnection | None = None
        self._channel: AbstractChannel | None = None
        self._exchanges: dict[str, AbstractExchange] = {}

    async def start(self) -> None:
        """Connect; waits for a broker that is not up yet."""
        BROKER_CONNECTED.labels("publishing").set_function(lambda: self.connected)
        while self._connection is None:
            try:
                self._connection = await connect_robust(
                    self._url, reconnect_interval=RECONNECT_SECONDS, timeout=10, heartbeat=10
                )
            except (AMQPError, OSError) as error:
                log.warning("no broker to publish to yet, trying again", error=repr(error))
                await asyncio.sleep(RECONNECT_SECONDS)
        self._connection.reconnect_callbacks.add(lambda *_: BROKER_RECONNECTS.labels("publishing").inc())
        self._channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)

    async def stop(self) -> None:
        """Close, or give up closing after a while: a blocked broker does not answer."""
        if self._connection is not None:
            try:
                await asyncio.wait_for(self._connection.close(), 3)
            except (TimeoutError, AMQPError, OSError) as error:
                log.warning("the broker did not answer the goodbye", error=repr(error))

    @property
    def connected(self) -> bool:
        """Whether messages can be published now."""
        if self._channel is None or self._channel.is_closed:
            return False
        return self._connection is not None and self._connection.connected.is_set()

    async def publish(self, message: Outgoing) -> None:
        """Publish one persistent message and wait for the confirm.

        Raises:
            NotPublishedError: the broker did not confirm it in time, returned it, or cannot be reached.
        """
        if not self.connected:
            raise NotPublishedError("error", "no connection to the broker")
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                exchange = await self._exchange(message.exchange)
                await exchange.publish(_persistent(message), message.routing_key, mandatory=message.mandatory)
        except PublishError as error:
            raise NotPublishedError("returned", f"{message.exchange} returned {message.routing_key}") from error
        except asyncio.CancelledError as error:
            if _is_asked_to_stop():
                raise
            raise NotPublishedError("error", "the connection was given up") from error
        except Exception as error:
            raise NotPublishedError("error", repr(error)) from error

    async def _exchange(self, name: str) -> AbstractExchange:
        if name not in self._exchanges:
            if self._channel is None:
                raise NotPublishedError("error", "not started")
            self._exchanges[name] = await self._channel.get_exchange(name, ensure=False)
        return self._exchanges[name]


def _persistent(message: Outgoing) -> Message:
    return Message(
        message.body,
        headers=message.headers,
        message_id=_short(message.message_id),
        correlation_id=_short(message.headers.get("ce-correlationid")),
        type=_short(message.headers.get("ce-type")),
        content_type=message.content_type,
        delivery_mode=DeliveryMode.PERSISTENT,
    )


def _short(value: object) -> str | None:
    """What fits into a property of a message (255 bytes); the headers hold all of it anyway."""
    return value if isinstance(value, str) and len(value.encode()) <= SHORT_BYTES else None


def _is_asked_to_stop() -> bool:
    """Whether somebody cancelled us: a connection that is given up as stuck also ends what waits on it this way."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
