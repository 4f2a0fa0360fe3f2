"""Shows operators how many forms were sent and came back, as far as the numbers point at nobody.

Nobody writes down who has opened her form, so there is no such number.
"""

from typing import Final

from prometheus_client import Gauge

from services.evaluation.anonymity import publishable_count
from services.evaluation.store import Reader

FORMS: Final = Gauge(
    "ledstjarna_evaluation_forms",
    "Survey forms of closed waves whose participation may be told, by what became of them.",
    ("state",),
)

for _state in ("sent", "submitted", "expired"):
    FORMS.labels(_state)


async def look(reader: Reader, k: int) -> None:
    """Count once. Of a wave that is open, each count would say when somebody has answered; of one with few answers, the
    number would point at them (I1, I6): neither is in the sum."""
    told = [
        (asked, answered)
        for asked, answered in await reader.closed_participation()
        if publishable_count(asked, k=k) is not None and publishable_count(answered, k=k) is not None
    ]
    sent, submitted = sum(asked for asked, _ in told), sum(answered for _, answered in told)
    FORMS.labels("sent").set(sent)
    FORMS.labels("submitted").set(submitted)
    FORMS.labels("expired").set(sent - submitted)
