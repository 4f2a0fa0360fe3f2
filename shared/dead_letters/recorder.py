"""Takes the dead letters of a service from the broker and keeps them in its database, where they can be looked at."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import structlog
from aio_pika import IncomingMessage
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError
from pymongo.errors import PyMongoError

from shared.dead_letters.letters import DeadLetter, label
from shared.dead_letters.reading import Buried, read
from shared.dead_letters.store import DeadLetters
from shared.telemetry import DEAD_LETTERS
from shared.topology import dead_exchange

log = structlog.get_logger()

SWEEP_SECONDS: Final = 5
"""How often letters are closed whose messages have been handled, and all are counted."""

PAUSE_SECONDS: Final = 1
"""How long a letter waits for a database that is away before it is tried again."""


class Recorder:
    """The consumer of the queue `<service>.dead`: a letter is acknowledged when it is written down, and not before.

    While the database is away letters wait, the first of them in our hands and the others in the queue.
    """

    prefetch: Final = 20

    def __init__(self, letters: DeadLetters) -> None:
        self.name = dead_exchange(letters.service)
        self.letters = letters
        self.in_flight = 0
        """Letters that are being written down; those that wait for the database are safe in the broker."""
        self.waits = False
        """Whether the database is away, and letters wait for it."""
        self._waiting: asyncio.Queue[IncomingMessage] = asyncio.Queue()

    def take(self, message: IncomingMessage) -> None:
        """Let a letter wait for its turn."""
        self.in_flight += 1
        self._waiting.put_nowait(message)

    async def handle_for_ever(self) -> None:
        """Write down what comes, one after the other."""
        while True:
            message = await self._waiting.get()
            try:
                await self._record(message)
            except Exception:
                log.exception("a dead letter cannot be recorded and stays in the broker", queue=self.name)
            finally:
                self.in_flight -= 1

    async def _record(self, message: IncomingMessage) -> None:
        at = datetime.now(UTC)
        service = self.letters.service
        letter = read(Buried(service, message.headers, message.content_type, message.message_id, message.body, at))
        while _is_ours(message):
            try:
                is_new = await self.letters.record(letter)
            except PyMongoError as error:
                log.warning("a dead letter waits for the database", queue=self.name, error=type(error).__name__)
                await self._wait()
            else:
                self._tell(letter, is_new=is_new)
                await _acknowledge(message)
                return

    async def _wait(self) -> None:
        """A stopping service does not wait for letters that the broker keeps."""
        waiting = self._waiting.qsize() + 1
        self.in_flight, self.waits = self.in_flight - waiting, True
        try:
            await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self.in_flight, self.waits = self.in_flight + waiting, False

    def _tell(self, letter: DeadLetter, *, is_new: bool) -> None:
        if letter.error.by_broker and is_new:
            DEAD_LETTERS.labels(letter.queue, label(letter.event_type), letter.error.code).inc()
            log.error(
                "the broker put a message among the dead letters",
                queue=letter.queue,
                code=letter.error.code,
                event_id=letter.event_id,
                event_type=letter.event_type,
                correlation_id=letter.correlation_id,
            )
        log.info("a dead letter was recorded", queue=letter.queue, letter=letter.id, new=is_new)

    async def look_after_for_ever(self) -> None:
        """Close letters whose messages have been handled, and tell operators how many wait."""
        while True:
            try:
                if closed := await self.letters.resolve_handled():
                    log.info("dead letters were closed, their messages have been handled", count=closed)
                await self.letters.observe()
            except Exception as error:  # noqa: BLE001 — a database that is away now will be there at a later sweep
                log.warning("dead letters could not be looked after, trying again", error=repr(error))
            await asyncio.sleep(SWEEP_SECONDS)


def _is_ours(message: IncomingMessage) -> bool:
    """Whether we can still answer for it; when its channel is gone, the broker delivers it again."""
    try:
        return not message.channel.is_closed
    except ChannelInvalidStateError:
        return False


async def _acknowledge(message: IncomingMessage) -> None:
    try:
        await message.ack()
    except (AMQPError, OSError, RuntimeError) as error:
        log.info("the channel is gone; a letter will come again and be known", error=repr(error))
