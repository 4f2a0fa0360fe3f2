"""Spans for those who have a collector (OpenTelemetry, OTLP over HTTP). Without LEDSTJARNA_OTLP_URL it costs nothing.

What a staff change leads to is one trace: where an event is announced, the span of that moment is kept with it in the
outbox (`ce-traceparent`), and whoever handles it, after hours or a crash, goes on from there. Attributes hold ids and
types; never a name, an address, a link or an answer.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, Final, Literal

TRACEPARENT: Final = "traceparent"
HEADER: Final = f"ce-{TRACEPARENT}"
"""The header of an event under which its trace travels."""

Kind = Literal["INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]


class _Off:
    """Nobody looks on."""

    def span(self, _name: str, _kind: Kind, _parent: str | None, _about: dict[str, Any]) -> AbstractContextManager[Any]:
        return nullcontext()

    def here(self) -> str | None:
        return None

    def stop(self) -> None:
        return None


class _On:
    """Spans that are exported. Made only where the extra `otel` is installed."""

    def __init__(self, service: str, url: str) -> None:
        from opentelemetry import trace  # noqa: PLC0415 — an extra that most do without
        from opentelemetry.context import Context  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        self._trace, self._Context, self._propagator = trace, Context, TraceContextTextMapPropagator()
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": service, "service.namespace": "ledstjarna"})
        )
        exporter = OTLPSpanExporter(endpoint=f"{url.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
        self._tracer = self._provider.get_tracer("ledstjarna")

    @contextmanager
    def span(self, name: str, kind: Kind, parent: str | None, about: dict[str, Any]) -> Iterator[Any]:
        around = self._trace.get_current_span().get_span_context()
        context = self._propagator.extract({TRACEPARENT: parent}) if parent else None
        links = []
        if kind == "CONSUMER":  # messages that share a transaction have nothing else to do with each other
            context = context or self._Context()
            links = [self._trace.Link(around)] if around.is_valid else []
        # An error's text may repeat what was sent: that there was one, and of which kind, is enough.
        with self._tracer.start_as_current_span(
            name,
            context,
            self._trace.SpanKind[kind],
            about,
            links,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_status(self._trace.StatusCode.ERROR, type(error).__name__)
                raise

    def here(self) -> str | None:
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier.get(TRACEPARENT)

    def stop(self) -> None:
        self._provider.shutdown()


class MissingExtraError(Exception):
    """Spans are wanted, and what makes them is not installed."""


_OFF: Final = _Off()
_spans: _Off | _On = _OFF
_unseen: ContextVar[bool] = ContextVar("unseen", default=False)


def set_up_tracing(service: str, url: str) -> None:
    """Export spans to the collector at `url`; nothing if that is empty.

    Raises:
        MissingExtraError: the extra `otel` is not installed.
    """
    global _spans  # noqa: PLW0603 — as with logs: one for the process
    if not url:
        return
    try:
        _spans = _On(service, url)
    except ImportError as error:
        raise MissingExtraError("LEDSTJARNA_OTLP_URL is set: install ledstjarna[otel], or unset it") from error


def span(
    name: str, kind: Kind = "INTERNAL", *, parent: str | None = None, **about: str | int
) -> AbstractContextManager[Any]:
    """What is done meanwhile, as a part of what `parent` names or else of what is being done already. Gives the span,
    or nothing if nobody looks on."""
    return (_OFF if _unseen.get() else _spans).span(name, kind, parent, about)


def here() -> str | None:
    """The name of the span of this moment, for whoever goes on from it later."""
    return (_OFF if _unseen.get() else _spans).here()


@contextmanager
def unseen() -> Iterator[None]:
    """Nobody is to know when this was done, or what follows from it."""
    token = _unseen.set(True)
    try:
        yield
    finally:
        _unseen.reset(token)


def stop_tracing() -> None:
    """Hand over what has not been exported yet."""
    _spans.stop()
