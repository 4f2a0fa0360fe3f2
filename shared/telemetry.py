"""What operators see of a service: log lines with ids, and metrics. Never a name, an address, a token or an answer."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Final

import structlog
from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
from structlog.tracebacks import ExceptionDictTransformer

ABOUT: Final[ContextVar[Mapping[str, Any]]] = ContextVar("about", default=MappingProxyType({}))
"""What is being handled just now: every log line that is written meanwhile says so. One variable for all of it:
to set one for each field took seventy times as long."""


def tell_about(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put what is being handled into a line."""
    return {**ABOUT.get(), **line}


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
        tell_about,
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
