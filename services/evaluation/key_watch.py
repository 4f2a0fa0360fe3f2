"""Shows operators how many link keys there are, and when the next is due to be destroyed.

It is a loop and no timer, because a simulated clock stops at every timer.
"""

import asyncio

import structlog
from prometheus_client import Gauge

from services.evaluation.store import DATABASE_TROUBLE, Reader

log = structlog.get_logger()

EVERY_SECONDS = 60

KEYS = Gauge("ledstjarna_link_keys", "Cohorts whose answers can still be joined from wave to wave.")
NEXT = Gauge(
    "ledstjarna_link_key_destruction_timestamp_seconds", "When the next link key is due to be destroyed; 0 if none."
)


async def run(reader: Reader) -> None:
    """Look again and again."""
    while True:
        try:
            await look(reader)
        except DATABASE_TROUBLE as error:
            log.warning("link keys could not be counted, trying again", error=repr(error))
        await asyncio.sleep(EVERY_SECONDS)


async def look(reader: Reader) -> None:
    """Look once."""
    keys, due = await reader.keys()
    KEYS.set(keys)
    NEXT.set(due.timestamp() if due else 0)
