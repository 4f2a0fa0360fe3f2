"""Sends dead letters again that operators ordered to be sent, no faster than they said.

A letter counts as sent when the broker has confirmed it. Killed in between, it is sent once more: whoever handles it
knows it by its id.
"""

import asyncio
from datetime import UTC, datetime
from typing import Final

import structlog

from shared.dead_letters.letters import DeadLetter, Replay, headers_again
from shared.dead_letters.store import DeadLetters
from shared.outbox import NotPublishedError, Outgoing, Publisher
from shared.telemetry import DEAD_LETTER_ACTIONS
from shared.topology import requeue_exchange

log = structlog.get_logger()

LEASE_SECONDS: Final = 15
"""How long a letter is one process's own while it is sent: longer than the broker may take to confirm it."""

PAUSE_SECONDS: Final = 1.0
"""How long the broker or the database is given before the next try, and how often it is looked whether letters wait."""

NO_QUEUE: Final = "no queue takes it: import definitions.json again, then order the replay again"


class Replayer:
    """Sends one letter after the other, whoever ordered it and in whichever process."""

    def __init__(self, letters: DeadLetters, publisher: Publisher) -> None:
        self._letters = letters
        self._publisher = publisher
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Letters wait."""
        self._woken.set()

    async def send_for_ever(self) -> None:
        """Send what waits, in the order in which it was ordered."""
        while True:
            try:
                pause = await self.send_next()
            except Exception as error:  # noqa: BLE001 — a database that is away now will be there at a later try
                log.warning("dead letters could not be sent now, trying again", error=repr(error))
                pause = PAUSE_SECONDS
            if pause is None:
                await self._look_again()
            else:
                await asyncio.sleep(pause)

    async def send_next(self) -> float | None:
        """Send one letter; how many seconds to wait then, nothing if none waited."""
        letter = await self._letters.next_to_send(LEASE_SECONDS)
        if letter is None or letter.replay is None:
            return None
        try:
            await self._publisher.publish(_again(letter, datetime.now(UTC)))
        except NotPublishedError as error:
            return await self._not_sent(letter, letter.replay, error)
        sent = letter.replay.model_copy(update={"waiting": False, "sent_at": datetime.now(UTC)})
        await self._letters.note_sent(letter, sent)
        DEAD_LETTER_ACTIONS.labels("replay", "done").inc()
        log.info("a dead letter was sent again", queue=letter.queue, letter=letter.id, replay=letter.replay.id)
        return 1 / letter.replay.rate

    async def _not_sent(self, letter: DeadLetter, replay: Replay, error: NotPublishedError) -> float:
        if error.result != "returned":
            log.warning("a dead letter could not be sent and is tried again", letter=letter.id, error=str(error))
            await self._letters.let_go(letter)
            return PAUSE_SECONDS
        log.error("no queue takes a dead letter: import definitions.json again", queue=letter.queue, letter=letter.id)
        await self._letters.note_refused(letter, replay.model_copy(update={"waiting": False, "refused": NO_QUEUE}))
        DEAD_LETTER_ACTIONS.labels("replay", "refused").inc()
        return 0

    async def _look_again(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), PAUSE_SECONDS)
        except TimeoutError:
            return
        self._woken.clear()


def _again(letter: DeadLetter, at: datetime) -> Outgoing:
    """The message as it was, on its way to the queue in which it failed and to no other."""
    exchange = requeue_exchange(letter.queue.partition(".")[0])
    message_id = letter.message_id or letter.event_id
    headers, body = headers_again(letter, at), letter.body or b""
    return Outgoing(exchange, letter.queue, body, headers, message_id, content_type=letter.content_type)
