"""From a work queue to the handlers of a service, many messages in one transaction.

What cannot be handled now climbs the retry ladder; what can never be handled goes to the dead letters with its reason.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import structlog
from aio_pika import IncomingMessage
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError
from pydantic import ValidationError
from pymongo.errors import PyMongoError

from shared.cloudevents import COMMITTED_AT, Envelope, NotYetKnown, Reject, explain, moment_of, not_known, unwrap
from shared.dead_letters.letters import REPLAY_COUNT
from shared.dead_letters.reading import MOST_TEXT, as_text, epitaph
from shared.dead_letters.store import DeadLetters
from shared.delivery import Delivery, Done, Outcome, Work
from shared.events.base import EVENT_TYPES, Event
from shared.model import Document
from shared.outbox import NotPublishedError, Outgoing, Publisher
from shared.spans import HEADER
from shared.telemetry import (
    AGE_SECONDS,
    CONSUMED,
    DEAD_LETTERS,
    HANDLE_SECONDS,
    IN_FLIGHT,
    OUTCOMES,
    PREFETCH_LIMIT,
    RETRIES,
)
from shared.topology import RETRY_LADDER, dead_exchange, retry_exchange

log = structlog.get_logger()

PREFETCH = 500
"""Messages that the broker lends to a consumer at a time, and so the most that go into one transaction."""

MOST_HEADER_BYTES: Final = 64 * 1024
"""Half a frame as brokers allow it when nobody has changed that."""

PASSING: Final = {
    "dependency": PyMongoError,
    "timeout": TimeoutError,
    "transient": ConnectionError,
    "newer": NotYetKnown,
}
"""Faults that may pass by themselves, by the word for them."""

CODES: Final = ("exhausted", "fault", "rejected", "invalid", "unknown_type", "poison")
"""Why a message is among the dead letters: it has been on every rung, a handler failed, or it can never be handled."""

OTHER: Final = "other"
"""The label of types that we do not know: whoever sends us one must not make a metric for each."""

E = TypeVar("E", bound=Event)
Handler = Callable[[Any, Any], Awaitable[Outcome | None]]
Loads = Callable[[Any], Iterable[tuple[type[Document], str]]]
Decided = tuple[IncomingMessage, Done]


@dataclass(frozen=True, slots=True)
class _Registration:
    handler: Handler
    loads: Loads | None


@dataclass(slots=True)
class Subscription:
    """What a service does with what one publisher says: the handlers of the queue `<service>.<publisher>`."""

    publisher: str
    handlers: dict[type[Event], _Registration] = field(default_factory=dict)
    refused: Callable[[str], None] | None = None
    """Told the type of a message that can never be handled."""

    def handles(self, event: type[E], *, loads: Loads | None = None) -> Callable[[Handler], Handler]:
        """Register the handler of one type of event.

        `loads` names documents that the handler will ask for, so that those of many messages are read with one query;
        it changes speed, never the result.
        """

        def register(handler: Handler) -> Handler:
            self.handlers[event] = _Registration(handler, loads)
            return handler

        return register

    def work(self, envelope: Envelope, queue: str) -> Work[Any]:
        """What has to be done for one message.

        Raises:
            Reject: nobody here can ever handle it.
        """
        event = envelope.open()
        registration = self.handlers.get(type(event))
        if registration is None:
            raise not_known(envelope.type, f"{envelope.type} is not handled by {queue}: correct the binding")
        handler = registration.handler
        return Work(
            do=lambda tx: handler(event, tx),
            cause=replace(envelope.cause, change_id=getattr(event, "change_id", None)),
            inbox={
                "_id": f"{queue}|{envelope.id}",
                "queue": queue,
                "type": envelope.type,
                "correlation_id": envelope.correlation_id,
                "causation_id": envelope.causation_id,
                "concerns": list(dict.fromkeys((*event.concerns, envelope.correlation_id))),
            },
            loads=registration.loads(event) if registration.loads else (),
        )


@dataclass(slots=True)
class WorkQueue:
    """One queue of a service: takes the messages that wait together and decides each."""

    service: str
    subscription: Subscription
    delivery: Delivery[Any]
    publisher: Publisher
    letters: DeadLetters | None = None
    """Where the letters are whose messages are sent again: one that is handled then is closed."""
    waiting: asyncio.Queue[IncomingMessage] = field(default_factory=asyncio.Queue)
    in_flight: int = 0
    prefetch: int = PREFETCH

    def __post_init__(self) -> None:
        """Show all that can be counted of this queue before it happens."""
        AGE_SECONDS.labels(self.name), HANDLE_SECONDS.labels(self.name), IN_FLIGHT.labels(self.name)
        PREFETCH_LIMIT.labels(self.name).set(self.prefetch)
        for reason in PASSING:
            RETRIES.labels(self.name, reason)
        for event_type in (*(event.type for event in self.subscription.handlers), OTHER):
            for outcome in OUTCOMES:
                CONSUMED.labels(self.name, event_type, outcome)
            for code in CODES:
                DEAD_LETTERS.labels(self.name, event_type, code)

    @property
    def name(self) -> str:
        """The queue's name."""
        return f"{self.service}.{self.subscription.publisher}"

    def take(self, message: IncomingMessage) -> None:
        """Let a message wait for the next transaction."""
        self.in_flight += 1
        self.waiting.put_nowait(message)

    async def handle_for_ever(self) -> None:
        """Handle what waits, group by group, in the order of delivery."""
        while True:
            group = [await self.waiting.get()]
            while len(group) < PREFETCH and not self.waiting.empty():
                group.append(self.waiting.get_nowait())
            IN_FLIGHT.labels(self.name).set(self.in_flight)
            try:
                with HANDLE_SECONDS.labels(self.name).time():
                    await self._handle(group)
            except Exception:
                log.exception("a group of messages is given back, to be delivered again", queue=self.name)
                await self._give_back(group)
            finally:
                self.in_flight -= len(group)
                IN_FLIGHT.labels(self.name).set(self.in_flight)

    async def _handle(self, group: Sequence[IncomingMessage]) -> None:
        works, messages, decided = [], [], []
        for message in group:
            try:
                works.append(self._work(message))
                messages.append(message)
            except Exception as error:  # noqa: BLE001 — what cannot even be read must not take its neighbours with it
                decided.append((message, Done(error=error)))
        results = await self.delivery.run_together(works) if works else []
        unsafe = await self._settle([*decided, *zip(messages, results, strict=True)])
        while unsafe := [(message, done) for message, done in unsafe if _is_ours(message)]:
            await asyncio.sleep(1)
            unsafe = await self._settle(unsafe)
        ids = _ids(group[0]) if len(group) == 1 else {"event_ids": [_event_id(message) for message in group]}
        log.info("messages were decided", queue=self.name, count=len(group), **ids)

    def _work(self, message: IncomingMessage) -> Work[Any]:
        envelope = unwrap(message.headers, message.content_type, message.message_id, message.body)
        if (age := _age(message, envelope, self.delivery.clock.now())) is not None:
            AGE_SECONDS.labels(self.name).observe(age)
        work = self.subscription.work(envelope, self.name)
        work.ids = {"queue": self.name, **_ids(message)}
        work.trace = _trace(message)
        return work

    async def _settle(self, decided: Sequence[Decided]) -> list[Decided]:
        """Acknowledge what needs the broker no longer; those that do, because they could not be put aside."""
        safe = [await self._decide(message, done) for message, done in decided]
        if all(safe):
            await _acknowledge_all([message for message, _ in decided])
            return []
        for (message, _), ok in zip(decided, safe, strict=True):
            if ok:
                await _tell(message.ack())
        return [each for each, ok in zip(decided, safe, strict=True) if not ok]

    async def _decide(self, message: IncomingMessage, done: Done) -> bool:
        """Whether the message needs the broker no longer: it is handled, or safe on the ladder or among the dead."""
        event_type = _label(message)
        if done.error is None:
            CONSUMED.labels(self.name, event_type, "ok" if done.outcome else "duplicate").inc()
            if self.letters and REPLAY_COUNT in message.headers:
                await self.letters.resolve(self.name, str(message.headers.get("ce-id") or message.message_id))
            return True
        attempt = _attempt(message)
        passing = _passing(done.error)
        try:
            if passing and attempt < len(RETRY_LADDER):
                await self._retry(message, attempt, passing)
            else:
                await self._bury(message, done.error, attempt, "exhausted" if passing else _code(done.error))
        except NotPublishedError as error:
            log.warning("a message could be put neither aside nor away", queue=self.name, error=str(error))
            return False
        return True

    async def _retry(self, message: IncomingMessage, attempt: int, reason: str) -> None:
        rung = list(RETRY_LADDER)[attempt]
        log.warning("a message waits and is tried again", queue=self.name, rung=rung, reason=reason, **_ids(message))
        await self._forward(message, retry_exchange(self.service, rung), {"attempt": attempt + 1})
        RETRIES.labels(self.name, reason).inc()
        CONSUMED.labels(self.name, _label(message), "retried").inc()

    async def _bury(self, message: IncomingMessage, error: Exception, attempt: int, code: str) -> None:
        reason = _reason(error)
        log.error(
            "a message is put among the dead letters",
            queue=self.name,
            code=code,
            reason=reason,
            exc_info=error if code == "fault" else None,
            **_ids(message),
        )
        await self._forward(
            message,
            dead_exchange(self.service),
            {
                "dead-queue": self.name,
                "dead-code": code,
                "dead-reason": as_text(reason, MOST_TEXT),
                "dead-attempts": attempt,
                "dead-at": datetime.now(UTC).isoformat(),
                **epitaph(error),
            },
        )
        if isinstance(error, Reject) and self.subscription.refused:
            self.subscription.refused(_label(message))
        DEAD_LETTERS.labels(self.name, _label(message), code).inc()
        CONSUMED.labels(self.name, _label(message), "invalid" if code == "invalid" else "dead_lettered").inc()

    async def _forward(self, message: IncomingMessage, exchange: str, headers: dict[str, Any]) -> None:
        kept = _kept(message.headers)
        message_id = message.message_id or str(kept.get("ce-id", ""))
        outgoing = Outgoing(exchange, self.name, message.body, kept | headers, message_id)
        await self.publisher.publish(replace(outgoing, content_type=message.content_type or ""))

    async def _give_back(self, group: Sequence[IncomingMessage]) -> None:
        """Let none of a group hang undecided: a later acknowledgement of "all until here" would cover it.

        Rejected, not nacked: every broker counts a rejection towards the delivery limit, RabbitMQ 4.3 no longer a nack,
        and a fault that stays would go round once a second for ever.
        """
        await asyncio.sleep(1)
        for message in group:
            await _tell(message.reject(requeue=True))


async def _acknowledge_all(messages: Sequence[IncomingMessage]) -> None:
    """Acknowledge with one frame all that came on a channel (there is a new one after a lost connection)."""
    answerable = sorted((message for message in messages if _is_ours(message)), key=lambda each: each.delivery_tag or 0)
    last = {id(message.channel): message for message in answerable}
    for message in last.values():
        await _tell(message.ack(multiple=True))


def _is_ours(message: IncomingMessage) -> bool:
    """Whether we can still answer for it; when its channel is gone, the broker delivers it again."""
    try:
        return not message.channel.is_closed
    except ChannelInvalidStateError:
        return False


async def _tell(answer: Awaitable[None]) -> None:
    try:
        await answer
    except (AMQPError, OSError, RuntimeError) as error:
        log.info("the channel is gone, the broker will deliver again and the inbox will know", error=repr(error))


def _passing(error: Exception) -> str:
    """The kind of fault that may pass by itself, or nothing."""
    return next((reason for reason, fault in PASSING.items() if isinstance(error, fault)), "")


def _reason(error: Exception) -> str:
    """In one line, for whoever finds the message among the dead letters."""
    if isinstance(error, Reject):
        return error.reason
    if isinstance(error, ValidationError):
        return f"{error.title} does not hold: {explain(error)}"
    return f"{type(error).__name__}: {error}"


def _code(error: Exception) -> str:
    return error.code if isinstance(error, Reject) else "fault"


def _kept(headers: Mapping[str, Any]) -> dict[str, Any]:
    """The headers with which a message is put aside or away. All must fit into one frame of the broker, with ours: of a
    message that has as many as may be, long ones are left out, or it could never be put anywhere."""
    kept = {key: value for key, value in headers.items() if not key.startswith("x-")}
    fits = sum(len(key) + len(str(value)) for key, value in kept.items()) < MOST_HEADER_BYTES
    return kept if fits else {key: value for key, value in kept.items() if len(str(value)) < MOST_TEXT}


def _attempt(message: IncomingMessage) -> int:
    """How often it has been on the ladder; whoever sends us a strange number has not been there."""
    attempt = message.headers.get("attempt")
    return attempt if isinstance(attempt, int) and attempt > 0 else 0


def _label(message: IncomingMessage) -> str:
    event_type = str(message.headers.get("ce-type") or message.routing_key)
    return event_type if event_type in EVENT_TYPES else OTHER


def _age(message: IncomingMessage, envelope: Envelope, now: datetime) -> float | None:
    """Seconds since it was said: by the machine's clock if we said it, else by the domain's. Nothing if that is not
    known, or it has lain among the dead letters."""
    if REPLAY_COUNT in message.headers:
        return None
    committed = moment_of(message.headers.get(COMMITTED_AT))
    if committed:
        return max(0.0, (datetime.now(UTC) - committed).total_seconds())
    return max(0.0, (now - envelope.time).total_seconds()) if envelope.time else None


def _trace(message: IncomingMessage) -> str | None:
    found = message.headers.get(HEADER)
    return found if isinstance(found, str) else None


def _event_id(message: IncomingMessage) -> str:
    return str(message.headers.get("ce-id") or message.message_id)


def _ids(message: IncomingMessage) -> dict[str, Any]:
    """What a log line says about a message: enough to find all that it came from and led to."""
    return {
        "event_id": _event_id(message),
        "event_type": str(message.headers.get("ce-type") or message.routing_key),
        "correlation_id": str(message.headers.get("ce-correlationid", "")),
        "causation_id": str(message.headers.get("ce-causationid", "")),
        "attempt": _attempt(message),
    }
