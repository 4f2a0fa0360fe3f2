"""Shows operators how many link keys there are, and when the next is due to be destroyed.

It is a loop and no timer, because a simulated clock stops at every timer.
"""

from prometheus_client import Gauge

from services.evaluation.store import Reader
from shared.clock import Clock
from shared.telemetry import on_machine_clock

KEYS = Gauge("ledstjarna_link_keys", "Cohorts whose answers can still be joined from wave to wave.")
NEXT = Gauge(
    "ledstjarna_link_key_destruction_timestamp_seconds", "When the next link key is due to be destroyed; 0 if none."
)


async def look(reader: Reader, clock: Clock) -> None:
    """Look once."""
    keys, due = await reader.keys()
    KEYS.set(keys)
    NEXT.set(on_machine_clock(due, clock.now()))
