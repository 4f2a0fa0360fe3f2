"""Counts what waits for the office, for whoever watches the system."""

from prometheus_client import Gauge

from services.evaluation.store import Reader

OPEN = Gauge("ledstjarna_recommendations_open", "Recommended changes of programmes that the office has not answered.")
WATCHED = Gauge("ledstjarna_indicators_watched", "Indicators of revisions of programmes that are on watch.")


async def look(reader: Reader) -> None:
    """Count once."""
    waiting, watched = await reader.undecided()
    OPEN.set(waiting)
    WATCHED.set(watched)
