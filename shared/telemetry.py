"""What operators see of a service: log lines with ids, and metrics. Never a name, an address, a token or an answer."""

import logging
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, Metric, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from structlog.tracebacks import ExceptionDictTransformer

disable_created_metrics()  # type: ignore[no-untyped-call]

CONSUMED: Final = Counter(
    "ledstjarna_messages_consumed_total",
    "Messages taken from a work queue, by how that ended.",
    ("queue", "event_type", "outcome"),
)
HANDLE_SECONDS: Final = Histogram(
    "ledstjarna_message_handle_seconds",
    "From taking a group of messages to having committed it.",
    ("queue",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
IN_FLIGHT: Final = Gauge("ledstjarna_messages_in_flight", "Messages taken and not yet decided.", ("queue",))
RETRIES: Final = Counter("ledstjarna_message_retries_total", "Messages put on the retry ladder.", ("queue", "reason"))
DEAD_LETTERS: Final = Counter(
    "ledstjarna_dead_letters_total", "Messages put among the dead letters.", ("queue", "event_type", "reason")
)
DEAD_LETTER_OLDEST: Final = Gauge(
    "ledstjarna_dead_letter_oldest_timestamp_seconds",
    "When the dead letter died that has waited longest for a person; 0 if none does.",
    ("queue",),
)
DEAD_LETTER_ACTIONS: Final = Counter(
    "ledstjarna_dead_letter_actions_total", "What was done to dead letters, by how that ended.", ("action", "result")
)
for _action, _result in (("replay", "done"), ("replay", "refused"), ("discard", "done"), ("discard", "refused")):
    DEAD_LETTER_ACTIONS.labels(_action, _result)


class _DeadLettersNow(Collector):
    """Dead letters that wait, as they were counted last. A gauge of the library may not have this name beside the
    counter `ledstjarna_dead_letters_total`, which it calls by the same."""

    def __init__(self) -> None:
        self._counts: Mapping[tuple[str, str, str], int] = {}
        REGISTRY.register(self)

    def show(self, counts: Mapping[tuple[str, str, str], int]) -> None:
        """Let these numbers be told from now on: by queue, event type and state."""
        self._counts = counts

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that the name is not taken for taken."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The numbers."""
        family = GaugeMetricFamily(
            "ledstjarna_dead_letters",
            "Dead letters that wait for a person, or are on their way through their queue again.",
            labels=("queue", "event_type", "state"),
        )
        for labels, count in self._counts.items():
            family.add_metric(labels, count)
        yield family


DEAD_LETTERS_NOW: Final = _DeadLettersNow()
OUTBOX_PUBLISHED: Final = Counter(
    "ledstjarna_outbox_published_total", "Events handed to the broker, by how that ended.", ("event_type", "result")
)
OUTBOX_PENDING: Final = Gauge("ledstjarna_outbox_pending", "Events committed but not yet confirmed by the broker.")
OUTBOX_OLDEST: Final = Gauge(
    "ledstjarna_outbox_oldest_pending_timestamp_seconds", "When the oldest such event was committed; 0 if none."
)
TIMER_RUNS: Final = Counter("ledstjarna_timer_runs_total", "Things done when they were due.", ("kind", "result"))
BROKER_CONNECTED: Final = Gauge("ledstjarna_broker_connected", "1 while the connection stands.", ("connection",))


def set_up_logging(service: str, level: str) -> None:
    """Send every log line, ours and the libraries', to standard output as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without local variables: they hold names, addresses and passwords.
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # each of these says too much at "info": aiosmtpd's "mail.log" even who writes to whom
    for noisy in ("aio_pika", "aiormq", "pymongo", "faststream", "uvicorn.access", "httpx", "mail.log"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)
