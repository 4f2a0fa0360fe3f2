"""A fault of the relay and a death of the sender together: what must be true afterwards, whichever they were."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from services.notifications.model import Message, State
from services.notifications.records import Records
from services.notifications.store import MailQueue
from tests.flow.notifications.relay import FALL_SILENT, HANG_UP, ScriptedRelay, in_turn, relay
from tests.flow.notifications.stage import Notifications, employee, messages, offered
from tests.unit.notifications.reading import read_mail

ROOT = Path(__file__).parent.parent.parent

FAULTS = {
    "AUTH 535": ("auth", "535 5.7.8 wrong password"),
    "MAIL 421": ("mail", "421 4.3.2 closing"),
    "MAIL 451": ("mail", "451 4.3.0 busy"),
    "MAIL 550": ("mail", "550 5.7.60 not allowed to send as"),
    "RCPT 450": ("rcpt", "450 4.2.1 try later"),
    "RCPT 550": ("rcpt", "550 5.1.1 no such user"),
    "DATA 554": ("data", "554 5.7.1 no"),
    "dot 452": ("dot", "452 4.3.1 no space"),
    "dot 554": ("dot", "554 5.7.1 refused"),
    "drop after the dot": ("dot", HANG_UP),
    "silence after the dot": ("dot", FALL_SILENT),
}
"""What the relay does the first time that it is asked at that phase; afterwards it is well."""

STATES = ("rendered", "leased", "before DATA", "after the dot", "deferred", "ambiguous")
"""Where the sender dies. `before DATA` and `after the dot` are the two sides of `transmitting`."""

ENDS = {State.sent: None, State.failed: "refused", State.ambiguous: "unclear"}
"""Why a message ended that others are told of as lost."""

MAY_BE_TAKEN = (None, HANG_UP, FALL_SILENT)


@dataclass
class Evening:
    """A relay with its faults, and the senders that come and go."""

    service: Notifications
    mongo: str
    fault: str
    state: str
    answered: list[str | None] = field(default_factory=list)
    process: asyncio.subprocess.Process | None = None

    @asynccontextmanager
    async def relay(self) -> AsyncIterator[ScriptedRelay]:
        """Faulty once, and once more so that the sender comes into the state in which it is to die."""
        phase, answer = FAULTS[self.fault]
        answers: dict[str, list[str]] = {"rcpt": [], "dot": [], phase: [answer]}
        if self.state == "deferred":
            answers["rcpt"].append("450 4.2.0 later")
        if self.state == "ambiguous":
            answers["dot"].append(HANG_UP)
        scripts = {name: in_turn(*told) for name, told in answers.items()}
        dot = scripts.pop("dot")

        def after_the_dot(number: int) -> str | None:
            if self.state == "after the dot" and not self.answered:
                self.kill()
            self.answered.append(dot(number))
            return self.answered[-1]

        async with relay(ScriptedRelay(offers=("AUTH PLAIN",)), dot=after_the_dot, **scripts) as server:
            yield server

    async def sender(self, server: ScriptedRelay, die_at: str) -> None:
        """Start a sender."""
        told = {
            "--mongo": self.mongo,
            "--relay": server.url.replace("//", "//led:hemligt@"),
            "--moment": self.service.clock.now().isoformat(),
            "--die-at": die_at,
        }
        arguments = [word for pair in told.items() for word in pair]
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.dying_sender", *arguments, cwd=ROOT
        )

    def kill(self) -> None:
        """End the sender that runs, without a word."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)

    async def died(self) -> None:
        """Wait for its death."""
        assert self.process is not None
        async with asyncio.timeout(30):
            assert await self.process.wait() == -signal.SIGKILL


async def through(service: Notifications, mongo: str, fault: str, state: str) -> None:
    """Three mails, a fault, a death, a new sender: nothing is lost, and every copy too many is known about."""
    people = ("E1", "E2", "E3")
    await service.receives(*(employee(one) for one in people), *(offered(one) for one in people))
    evening = Evening(service, mongo, fault, state)
    async with evening.relay() as server:
        await evening.sender(server, die_at=state)
        await evening.died()
        await evening.sender(server, die_at="never")
        try:
            found = await _over(service)
        finally:
            evening.kill()
            await evening.died()
    await _judge(service, found, list(zip(server.heard, evening.answered, strict=True)))


async def _over(service: Notifications) -> list[Message]:
    async with asyncio.timeout(30):
        while True:
            found = await messages(service)
            if all(message.is_over for message in found):
                return found
            await asyncio.sleep(0.05)


async def _judge(service: Notifications, found: list[Message], heard: list[tuple[bytes, str | None]]) -> None:
    copies = Counter[str]()
    for content, answer in heard:
        message_id = str(read_mail(content)["X-Ledstjarna-Message"])
        letter = await Records(service.delivery.database).letter(message_id)
        assert letter is not None
        assert content.replace(b"\r\n..", b"\r\n.") == letter.content
        copies[message_id] += answer in MAY_BE_TAKEN
    assert len(found) == 3
    for message in found:
        assert message.state in (State.sent, State.failed, State.ambiguous)
        assert (message.unclear == 2) == (message.state is State.ambiguous)  # in doubt twice: somebody has to look
        assert 0 <= copies[message.id] - (message.state is State.sent) <= min(message.unclear, 1)
        assert (message.reason.code if message.reason else None) == ENDS[message.state]
    queue = MailQueue(service.delivery.database, "judge", timedelta())
    assert await queue.count_unclear() == sum(message.unclear > 0 for message in found)
