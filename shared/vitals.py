"""How a process itself is: what its database takes for commands, whether its loop is held up, which program it is."""

import asyncio
import hashlib
import json
from collections import deque
from time import monotonic
from typing import Final

from pymongo import monitoring

from shared import VERSION
from shared.events.base import EVENT_TYPES
from shared.telemetry import BUILD, LOOP_LAG, MONGO_POOL, MONGO_SECONDS

COMMANDS: Final = (
    *("find", "getMore", "aggregate", "distinct", "insert", "update", "delete", "findAndModify"),
    *("commitTransaction", "abortTransaction"),
)
"""Commands that are timed apart; all others, as those that make indexes, are `other`."""

LAG_EVERY_SECONDS, LAG_SHOWN_SECONDS = 0.25, 15


class Commands(monitoring.CommandListener):
    """Times every command to the database."""

    def __init__(self) -> None:
        self._timed = {name: MONGO_SECONDS.labels(name) for name in (*COMMANDS, "other")}

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Nothing is known yet."""

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """The database has done it."""
        self._observe(event)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """The database has refused it, or was lost."""
        self._observe(event)

    def _observe(self, event: monitoring.CommandSucceededEvent | monitoring.CommandFailedEvent) -> None:
        timed = self._timed.get(event.command_name, self._timed["other"])
        timed.observe(event.duration_micros / 1_000_000)


class Pool(monitoring.ConnectionPoolListener):
    """Counts connections to the database while somebody uses them."""

    def connection_checked_out(self, event: monitoring.ConnectionCheckedOutEvent) -> None:
        """One more is in use."""
        MONGO_POOL.inc()

    def connection_checked_in(self, event: monitoring.ConnectionCheckedInEvent) -> None:
        """One less is in use."""
        MONGO_POOL.dec()

    def pool_created(self, event: monitoring.PoolCreatedEvent) -> None:
        """Says nothing of use."""

    def pool_ready(self, event: monitoring.PoolReadyEvent) -> None:
        """Says nothing of use."""

    def pool_cleared(self, event: monitoring.PoolClearedEvent) -> None:
        """Says nothing of use."""

    def pool_closed(self, event: monitoring.PoolClosedEvent) -> None:
        """Says nothing of use."""

    def connection_created(self, event: monitoring.ConnectionCreatedEvent) -> None:
        """Says nothing of use."""

    def connection_ready(self, event: monitoring.ConnectionReadyEvent) -> None:
        """Says nothing of use."""

    def connection_closed(self, event: monitoring.ConnectionClosedEvent) -> None:
        """Says nothing of use."""

    def connection_check_out_started(self, event: monitoring.ConnectionCheckOutStartedEvent) -> None:
        """Says nothing of use."""

    def connection_check_out_failed(self, event: monitoring.ConnectionCheckOutFailedEvent) -> None:
        """Says nothing of use."""


async def watch_loop() -> None:
    """Show by how much the loop of this process is late, for ever: the worst of the last while, so that a look now and
    then does not miss it."""
    late: deque[float] = deque(maxlen=int(LAG_SHOWN_SECONDS / LAG_EVERY_SECONDS))
    while True:
        began = monotonic()
        await asyncio.sleep(LAG_EVERY_SECONDS)
        late.append(max(0.0, monotonic() - began - LAG_EVERY_SECONDS))
        LOOP_LAG.set(max(late))


def tell_build(revision: str) -> None:
    """Show which program this is: its version, the revision it was made from, and a digest of the events it knows, by
    which old and new processes that stand side by side can be told apart."""
    contracts = json.dumps(
        {name: EVENT_TYPES[name].model_json_schema() for name in sorted(EVENT_TYPES)}, sort_keys=True
    )
    digest = hashlib.sha256(contracts.encode()).hexdigest()[:12]
    BUILD.labels(VERSION, revision, digest).set(1)
