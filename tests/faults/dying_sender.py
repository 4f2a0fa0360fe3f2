"""The real sender in a process of its own, killed where a test wants: `python -m tests.faults.dying_sender`."""

import argparse
import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from services.notifications.mailer import Connection, Relay
from services.notifications.model import Letter, Message
from services.notifications.sender import Sender
from services.notifications.store import MailQueue, NotificationsTransaction
from shared.delivery import Delivery, connect
from shared.documents import Database, Unit
from shared.outbox import Outbox
from tests.flow.notifications.stage import AT_ONCE, MAILROOM
from tests.harness import RecordingPublisher, SetClock

LEASE = timedelta(seconds=1)
DATA_SECONDS = 0.3
R = TypeVar("R")


def die() -> None:
    """As `kill -9` does it: at once, without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingQueue(MailQueue):
    """Dies before it leases anything, with leases in its hands, or when the server is about to be given the bytes."""

    def __init__(self, database: Database, die_at: str) -> None:
        super().__init__(database, uuid4().hex, LEASE)
        self._die_at = die_at

    async def claim(self, limit: int) -> list[tuple[Message, Letter]]:
        if self._die_at == "rendered":
            die()
        claimed = await super().claim(limit)
        if claimed and self._die_at == "leased":
            die()
        return claimed

    async def begin(self, message_ids: Sequence[str]) -> set[str]:
        begun = await super().begin(message_ids)
        if self._die_at == "before DATA":
            die()
        return begun


class DyingDelivery(Delivery[NotificationsTransaction]):
    """Dies right after it has kept that a message is in some state."""

    die_at = ""

    async def run(self, work: Callable[[NotificationsTransaction], Awaitable[R]], **how: Any) -> R:
        result = await super().run(work, **how)
        if await self.database["messages"].count_documents({"state": self.die_at}):
            die()
        return result


async def run(mongo: str, relay: str, moment: datetime, die_at: str) -> None:
    """Send for ever, or until the time has come."""
    database, clock = connect(mongo), SetClock(moment)

    def transaction(unit: Unit) -> NotificationsTransaction:
        return NotificationsTransaction(unit, mailroom=MAILROOM, calm=AT_ONCE, wake=lambda: None)

    outbox = Outbox(database, RecordingPublisher())
    delivery = DyingDelivery(database, transaction, outbox, clock, "/ledstjarna/notifications")
    delivery.die_at = die_at
    pool = [Connection(Relay.at(relay), MAILROOM.sender.address, DATA_SECONDS) for _ in range(2)]
    queue = DyingQueue(database, die_at)
    await Sender(queue, pool, delivery, clock, timedelta(milliseconds=50)).run()


def main() -> None:
    """Send what is due."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--mongo", "--relay", "--moment", "--die-at"):
        parser.add_argument(name, required=True)
    told = parser.parse_args()
    asyncio.run(run(told.mongo, told.relay, datetime.fromisoformat(told.moment), told.die_at))


if __name__ == "__main__":
    main()
