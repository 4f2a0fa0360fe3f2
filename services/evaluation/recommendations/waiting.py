"""Counts what waits for the office, for whoever watches the system."""

import asyncio

import structlog
from prometheus_client import Gauge

from services.evaluation.store import DATABASE_TROUBLE, Reader

log = structlog.get_logger()

EVERY_SECONDS = 60.0

OPEN = Gauge("ledstjarna_recommendations_open", "Recommended changes of programmes that the office has not answered.")
WATCHED = Gauge("ledstjarna_indicators_watched", "Indicators of revisions of programmes that are on watch.")


class Waiting:
    """Keeps the two numbers."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def run(self) -> None:
        """Count now and every minute."""
        while True:
            try:
                await self.count()
            except DATABASE_TROUBLE as error:
                log.warning("what waits for the office could not be counted, trying again", error=repr(error))
            await asyncio.sleep(EVERY_SECONDS)

    async def count(self) -> None:
        """Count once."""
        waiting, watched = await self._reader.undecided()
        OPEN.set(waiting)
        WATCHED.set(watched)
