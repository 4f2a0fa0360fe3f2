"""What operators see of a service: log lines with ids, and metrics. Never a name, an address, a token or an answer."""

import logging
import sys
import time
from collections.abc import Iterable, Mapping, MutableMapping
from contextvars import ContextVar
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import structlog
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, Metric, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from structlog.tracebacks import ExceptionDictTransformer

ABOUT: Final[ContextVar[Mapping[str, Any]]] = ContextVar("about", default=MappingProxyType({}))
"""What is being handled just now: every log line that is written meanwhile says so. One variable for all of it:
to set one for each field took seventy times as long."""


def tell_about(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put what is being handled into a line."""
    return {**ABOUT.get(), **line}


disable_created_metrics()  # type: ignore[no-untyped-call]

OUTCOMES: Final = ("ok", "duplicate", "retried", "dead_lettered", "invalid")
"""How a message can end at a consumer; `ok` is also one that was stale, or that waits for its day."""

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
AGES: Final = (0.1, 0.5, 1, 5, 30, 60, 300, 900, 3600, 14400)

BUILD: Final = Gauge(
    "ledstjarna_build_info",
    "1; which program this is, and a digest of the events that it knows.",
    ("version", "revision", "contracts"),
)
CONSUMED: Final = Counter(
    "ledstjarna_messages_consumed_total",
    "Messages taken from a work queue, by how that ended.",
    ("queue", "event_type", "outcome"),
)
HANDLE_SECONDS: Final = Histogram(
    "ledstjarna_message_handle_seconds",
    "From taking a group of messages to having committed it.",
    ("queue",),
    buckets=SECONDS,
)
AGE_SECONDS: Final = Histogram(
    "ledstjarna_message_age_seconds",
    "From being said to being taken in hand; dead letters that come back are left out.",
    ("queue",),
    buckets=AGES,
)
IN_FLIGHT: Final = Gauge("ledstjarna_messages_in_flight", "Messages taken and not yet decided.", ("queue",))
PREFETCH_LIMIT: Final = Gauge("ledstjarna_prefetch_limit", "Messages that may be in flight.", ("queue",))
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
OUTBOX_PUBLISH_SECONDS: Final = Histogram(
    "ledstjarna_outbox_publish_seconds",
    "From an event's transaction to the broker's confirm.",
    buckets=(*SECONDS, 300, 3600),
)
OUTBOX_PENDING: Final = Gauge("ledstjarna_outbox_pending", "Events committed but not yet confirmed by the broker.")
OUTBOX_OLDEST: Final = Gauge(
    "ledstjarna_outbox_oldest_pending_timestamp_seconds",
    "When the oldest event was committed that should have been confirmed by now; 0 if none.",
)
HEARTBEAT: Final = Gauge(
    "ledstjarna_heartbeat_last_seen_timestamp_seconds",
    "When the newest beat was started that has come to this hop; not there before the first.",
    ("hop",),
)
BROKER_CONNECTED: Final = Gauge("ledstjarna_broker_connected", "1 while the connection stands.", ("connection",))
BROKER_RECONNECTS: Final = Counter(
    "ledstjarna_broker_reconnects_total", "Connections that were made again after one was lost.", ("connection",)
)
MONGO_SECONDS: Final = Histogram(
    "ledstjarna_mongo_command_seconds",
    "What the database took for a command, refused ones included.",
    ("command",),
    buckets=(0.001, 0.0025, *SECONDS[:11]),
)
MONGO_POOL: Final = Gauge("ledstjarna_mongo_pool_in_use", "Connections to the database that are in use now.")
LOOP_LAG: Final = Gauge(
    "ledstjarna_event_loop_lag_seconds", "The longest delay of this process's event loop in 15 seconds."
)
SCHEDULER_RUNS: Final = Counter(
    "ledstjarna_scheduler_runs_total", "Things done when they were due.", ("job_name", "result")
)
SCHEDULER_SUCCESS: Final = Gauge(
    "ledstjarna_scheduler_last_success_timestamp_seconds",
    "When such a thing was last done by this process; 0 if not yet.",
    ("job_name",),
)

for _connection in ("publishing", "consuming"):
    BROKER_CONNECTED.labels(_connection)
    BROKER_RECONNECTS.labels(_connection)


def know_job(job_name: str) -> None:
    """Show a job before it has run for the first time."""
    SCHEDULER_SUCCESS.labels(job_name)
    for result in ("done", "failed"):
        SCHEDULER_RUNS.labels(job_name, result)


def job_ran(job_name: str, *, failed: bool = False) -> None:
    """Count one run of a job, in the machine's time."""
    SCHEDULER_RUNS.labels(job_name, "failed" if failed else "done").inc()
    if not failed:
        SCHEDULER_SUCCESS.labels(job_name).set_to_current_time()


def on_machine_clock(since: datetime | None, now: datetime) -> float:
    """A moment of the domain's clock as a timestamp of the machine's, so that `time() - x` is its age; 0 if none.

    `now` is the present moment by the domain's clock, which may be simulated.
    """
    return time.time() - (now - since).total_seconds() if since else 0


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
