"""What a staff change leads to is one trace, in a collector that really receives it."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from rich.console import Console

from deploy.local.stack import Stack
from deploy.sample.year import live_through
from deploy.sample.years import SHORT
from shared.topology import SERVICES


@dataclass(frozen=True)
class Span:
    """What a collector is told of a span."""

    service: str
    name: str
    span_id: bytes
    parent_id: bytes
    attributes: str


Traces = dict[bytes, list[Span]]


@contextmanager
def collector(traces: Traces) -> Iterator[str]:
    """A server that takes spans as any collector does; gives its address."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                (service,) = (a.value.string_value for a in group.resource.attributes if a.key == "service.name")
                for span in (each for scope in group.scope_spans for each in scope.spans):
                    about = " ".join(str(each.value.string_value) for each in span.attributes)
                    traces[span.trace_id].append(Span(service, span.name, span.span_id, span.parent_span_id, about))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def tells_all(spans: list[Span]) -> bool:
    """Whether a trace goes from HR through all services to a mail."""
    names = {span.name for span in spans}
    from_hr = any(name.startswith("handle hr.") for name in names)
    return from_hr and "SMTP" in names and {span.service for span in spans} == set(SERVICES)


@pytest.mark.timeout(600)
async def test_one_trace_leads_from_hr_through_all_services_to_a_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traces: Traces = defaultdict(list)
    with collector(traces) as address:
        monkeypatch.setenv("LEDSTJARNA_OTLP_URL", address)
        async with Stack(tmp_path) as stack:
            year = asyncio.create_task(
                live_through(stack.endpoints, seed=5, console=Console(quiet=True), plan=SHORT), name="the year"
            )
            while not any(tells_all(spans) for spans in list(traces.values())) and not year.done():  # noqa: ASYNC110
                await asyncio.sleep(0.2)
            year.cancel()
            await asyncio.gather(year, return_exceptions=True)
    whole = [spans for spans in traces.values() if tells_all(spans)]
    assert whole
    for spans in whole:
        known = {span.span_id for span in spans}
        roots = [span for span in spans if span.parent_id not in known]
        assert {span.name.partition(".")[0] for span in roots} == {"handle hr"}
    everything = " ".join(f"{span.name} {span.attributes}" for spans in traces.values() for span in spans)
    assert "@" not in everything
    assert "/s/" not in everything
