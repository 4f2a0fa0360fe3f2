"""Sends what is due: claims messages by lease, gives them to the relay over a few connections, keeps how it ended.

Right after a kill at any moment: a message whose lease runs out goes on, and one that may have been taken is sent once
more as the same bytes, which mail systems that look at Message-ID and Date throw away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TypeVar

import structlog
from prometheus_client import Counter, Gauge

from services.notifications.commands import recording
from services.notifications.contents import FORWARDED, KINDS
from services.notifications.mailer import CODE_CLASSES, Connection, code_class, is_crowded
from services.notifications.metrics import OLDEST_OPEN_CHANGE, tried
from services.notifications.model import Letter, Message
from services.notifications.pace import InHand, Pace, Traffic
from services.notifications.rules.messages import TRIES_OF_UNKNOWN_OUTCOME, Pauses, Result, Verdict
from services.notifications.store import DATABASE_TROUBLE, MailQueue, NotificationsTransaction
from shared.clock import Clock
from shared.delivery import Delivery
from shared.spans import span
from shared.telemetry import on_machine_clock

log = structlog.get_logger()

LEASE = timedelta(seconds=10)
RENEW_SECONDS = 3.0
CLAIM_AT_MOST = 120
LONGEST_LOOK_SECONDS = 1.0
SHORTEST_LOOK_SECONDS = 0.02
LONGEST_REST_SECONDS = 60.0
STOP_SECONDS = 8.0
GATHER_SECONDS = 0.02
"""How long what is known of one mail waits for others to be kept with it in one transaction."""

CROWDED_SECONDS = 60.0
"""How long a connection is laid aside that was one too many for the relay."""

MAILS = Counter("ledstjarna_mails_total", "Attempts to send a mail, by how they ended.", ("kind", "result"))
OLDEST_DUE = Gauge(
    "ledstjarna_mails_oldest_due_timestamp_seconds", "Since when the oldest unsent mail is due; 0 if none."
)
UNCLEAR = Gauge("ledstjarna_mails_unclear", "Mails that a server may have taken without our hearing of it.")
REFUSALS = Counter("ledstjarna_mail_refusals_total", "Refusals by the relay, by the class of their code.", ("code",))
RELAY_RESTS = Gauge("ledstjarna_mail_relay_resting", "1 while the relay takes no mails and is left alone.")

for _result in Result:
    for _kind in (*KINDS, FORWARDED):
        MAILS.labels(_kind, _result.value)
for _code in CODE_CLASSES:
    REFUSALS.labels(_code)

R = TypeVar("R")
Attempt = tuple[Message, Verdict]


class RelayHealth:
    """Whether the relay takes mails at all. If not, it is left alone for longer and longer, and no mail is blamed."""

    def __init__(self, shortest: float) -> None:
        self._shortest = shortest
        self._rest = 0.0
        self._rests_until = 0.0

    @property
    def rests_for(self) -> float:
        """Seconds until it may be tried again."""
        return max(0.0, self._rests_until - monotonic())

    @property
    def is_in_doubt(self) -> bool:
        """Whether the last that was heard of it was that it takes nothing."""
        return self._rest > 0

    def has_answered(self, verdict: Verdict) -> None:
        """Learn from an attempt."""
        if verdict.result is not Result.unavailable:
            self._rest = self._rests_until = 0.0
        elif not self.rests_for:
            self._rest = min(max(2 * self._rest, self._shortest), LONGEST_REST_SECONDS)
            self._rests_until = monotonic() + self._rest
            log.warning("the mail relay takes no mails", seconds=self._rest, reply=verdict.reply)
        RELAY_RESTS.set(self.is_in_doubt)


class Sender:
    """The loop that sends. `wake` lets it look at once."""

    def __init__(
        self,
        queue: MailQueue,
        connections: Sequence[Connection],
        delivery: Delivery[NotificationsTransaction],
        clock: Clock,
        shortest_pause: timedelta,
        *,
        pace: Pace = Pace(),  # noqa: B008 — frozen
    ) -> None:
        self._queue = queue
        self._connections = connections
        self._delivery = delivery
        self._clock = clock
        self._shortest_pause = shortest_pause
        self._awake = asyncio.Event()
        self._traffic = Traffic(pace)
        self._in_use = len(connections)
        self._ahead: list[InHand] = []
        self._begun: asyncio.Queue[InHand] = asyncio.Queue(len(connections))
        self._tried: asyncio.Queue[Attempt] = asyncio.Queue()
        self._in_hand = 0
        self._relay = RelayHealth(min(1.0, shortest_pause.total_seconds()))

    def wake(self) -> None:
        """Something is about to be due."""
        self._awake.set()

    async def run(self) -> None:
        """Send for ever; when cancelled, bring what the relay is being given to its end and give back the rest."""
        claiming = asyncio.create_task(self._claim_for_ever())
        beginning = asyncio.create_task(self._begin_for_ever())
        others = [asyncio.create_task(loop) for loop in (self._renew_for_ever(), self._record_for_ever())]
        others += [asyncio.create_task(self._work_for_ever(connection)) for connection in self._connections]
        try:
            ended, _ = await asyncio.wait([claiming, beginning, *others], return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()  # none ends by itself: this raises what ended it
        finally:
            for task in (claiming, beginning):
                task.cancel()
            await asyncio.gather(claiming, beginning, return_exceptions=True)
            await self._finish()
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await asyncio.gather(*(connection.close() for connection in self._connections))

    async def _finish(self) -> None:
        waiting = [*self._traffic.give_up(), *(message.id for message, _ in self._ahead)]
        while not self._begun.empty():
            waiting.append(self._begun.get_nowait()[0].id)
        self._in_hand -= len(waiting)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._queue.release(waiting)
                while self._in_hand:  # noqa: ASYNC110 — the loops that count it down are still running
                    await asyncio.sleep(0.01)
        except (TimeoutError, DATABASE_TROUBLE) as error:
            log.warning("mails in hand go on when their lease has run out", error=repr(error))

    async def _claim_for_ever(self) -> None:
        look = SHORTEST_LOOK_SECONDS
        while True:
            while self._in_hand >= CLAIM_AT_MOST // 2:  # noqa: ASYNC110 — plain back-pressure
                await asyncio.sleep(0.005)
            claimed = await self._patiently(self._claim)
            look = SHORTEST_LOOK_SECONDS if claimed else min(2 * look, LONGEST_LOOK_SECONDS)
            if pause := max(self._relay.rests_for, self._traffic.wait):
                await asyncio.sleep(pause)
            elif not claimed and await self._woken_within(look):
                look = SHORTEST_LOOK_SECONDS
                await asyncio.sleep(look)  # whoever woke us is only about to commit

    async def _woken_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._awake.wait(), seconds)
        except TimeoutError:
            return False
        self._awake.clear()
        return True

    async def _claim(self) -> int:
        """Take what is due and may go; after a rest only one, to see whether the relay takes mails again."""
        room = self._traffic.room(1 if self._relay.is_in_doubt else CLAIM_AT_MOST)
        claimed = await self._queue.claim(room) if room else []
        later: dict[str, float] = {}
        for message, letter in claimed:
            if pause := self._traffic.admit(message, letter):
                later[message.id] = pause
            else:
                self._in_hand += 1
                self._traffic.put(message, letter)
        await self._queue.put_off(later)
        return len(claimed)

    async def _begin_for_ever(self) -> None:
        """Note of a few mails together, ahead of the connections, that the relay is about to be given them.

        Not of one that may have been taken before: the second time, it must be certain that it was really tried.
        """
        while True:
            self._ahead = [await self._traffic.take()]
            self._ahead += self._traffic.take_more(len(self._connections) - self._begun.qsize() - 1)
            doubted = {message.id for message, _ in self._ahead if message.unclear}
            sure = [message.id for message, _ in self._ahead if message.id not in doubted]
            begun = await self._patiently(partial(self._queue.begin, sure)) if sure else set()
            while self._ahead:
                message, letter = self._ahead[0]
                if message.id in doubted or (begun and message.id in begun):
                    await self._begun.put((message, letter))
                else:
                    self._let_go(letter)
                self._ahead.pop(0)

    def _let_go(self, letter: Letter) -> None:
        """Leave a mail to whoever has its lease now, or to the end of ours."""
        self._traffic.done(letter)
        self._in_hand -= 1

    async def _work_for_ever(self, connection: Connection) -> None:
        while True:
            message, letter = await self._begun.get()
            verdict = await self._patiently(partial(self._attempt, connection, message, letter))
            if verdict is None:
                self._let_go(letter)
                continue
            self._traffic.done(letter)
            self._tried.put_nowait((message, verdict))
            if is_crowded(verdict) and self._in_use > 1:
                self._in_use -= 1
                await asyncio.sleep(CROWDED_SECONDS)
                self._in_use += 1

    async def _attempt(self, connection: Connection, message: Message, letter: Letter) -> Verdict | None:
        if self._clock.now() >= message.deadline:
            return Verdict(Result.expired)
        if message.unclear >= TRIES_OF_UNKNOWN_OUTCOME:
            return Verdict(Result.ambiguous)
        if self._relay.rests_for:
            return Verdict(Result.unavailable)

        async def begin() -> bool:
            return not message.unclear or message.id in await self._queue.begin([message.id])

        with span("SMTP", "CLIENT", parent=message.trace, message_id=message.id, what=message.kind):
            verdict = await connection.hand_over(letter, begin)
        if verdict is not None and not (is_crowded(verdict) and self._in_use > 1):
            self._relay.has_answered(verdict)
        return verdict

    async def _record_for_ever(self) -> None:
        while True:
            attempts = [await self._tried.get()]
            await asyncio.sleep(GATHER_SECONDS)
            while not self._tried.empty():
                attempts.append(self._tried.get_nowait())
            while await self._patiently(partial(self._record, attempts)) is None:
                pass  # what we know must not be forgotten: a mail that was taken would be sent again
            self._in_hand -= len(attempts)

    async def _record(self, attempts: Sequence[Attempt]) -> int:
        verdicts = {message.id: verdict for message, verdict in attempts}
        pauses = Pauses(await self._queue.now(), self._shortest_pause)

        async def keep(tx: NotificationsTransaction) -> list[Message]:
            return await recording.record_attempts(tx, verdicts, self._queue.is_mine, pauses)

        recorded = await self._delivery.run(keep)
        for message in recorded:
            _count(message, verdicts[message.id])
        return len(recorded)

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            if self._in_hand:
                await self._patiently(self._queue.renew)
            await self._patiently(self._look)

    async def _look(self) -> None:
        now = self._clock.now()
        OLDEST_DUE.set(on_machine_clock(await self._queue.oldest_due(), now))
        OLDEST_OPEN_CHANGE.set(on_machine_clock(await self._queue.oldest_open_change(now), now))
        UNCLEAR.set(await self._queue.count_unclear())

    async def _patiently(self, step: Callable[[], Awaitable[R]]) -> R | None:
        """Do a step; if the database is away for a while, go on without it. Leases bring back what was in hand."""
        try:
            return await step()
        except DATABASE_TROUBLE as error:
            log.warning("the database is away, mails wait", error=repr(error))
            await asyncio.sleep(1)
            return None


def _count(message: Message, verdict: Verdict) -> None:
    MAILS.labels(message.kind, verdict.result.value).inc()
    tried(message, verdict.result)
    if code := code_class(verdict.reply):
        REFUSALS.labels(code).inc()
    if verdict.result in (Result.failed, Result.ambiguous):
        log.error("a mail was not taken", message_id=message.id, kind=message.kind, reply=verdict.reply)
