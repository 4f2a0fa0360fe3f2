"""What one service exports when it has been put together and nothing has happened yet, as JSON:
`python -m tests.contract.exported SERVICE`. A process for each, because a process has one register of metrics."""

import importlib
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from prometheus_client import REGISTRY, generate_latest

from shared.telemetry import DEAD_LETTERS_NOW

OWN: Final = "ledstjarna_"

NEEDED: Final[dict[str, dict[str, str]]] = {
    "enrolment": {},
    "notifications": {"smtp_url": "smtp://127.0.0.1:1", "sender": "Office <office@kommun.example>"},
    "evaluation": {"pseudonym_secret": "y" * 32},
}


def put_together(service: str) -> None:
    """Make the service on addresses where nobody is: it connects to none before it serves."""
    app = importlib.import_module(f"services.{service}.app")
    with TemporaryDirectory() as directory:
        tokens = Path(directory) / "tokens.json"
        tokens.write_text("[]", "utf-8")
        everywhere = {
            "amqp_url": "amqp://127.0.0.1:1",
            "mongo_url": "mongodb://127.0.0.1:1/nothing",
            "public_url": "http://127.0.0.1:1",
            "link_keys": "x" * 32,
            "tokens_file": tokens,
        }
        app.make(app.Settings(**everywhere, **NEEDED[service]))
    DEAD_LETTERS_NOW.show({("a.queue", "other", state): 0 for state in ("open", "replaying")})


def described() -> dict[str, dict[str, Any]]:
    """Every metric of ours by name: its type, its labels, and those values of each that are there from the start."""
    found = {}
    for collector in list(REGISTRY._collector_to_names):
        names = getattr(collector, "_labelnames", ())
        for metric in collector.collect():
            if not metric.name.startswith(OWN):
                continue
            labels: dict[str, set[str]] = {name: set() for name in names} | {
                name: {sample.labels[name] for sample in metric.samples}
                for name in (metric.samples[0].labels if metric.samples else ())
                if name != "le"
            }
            found[metric.name + ("_total" if metric.type == "counter" else "")] = {
                "type": metric.type,
                "labels": {name: sorted(values) for name, values in labels.items()},
            }
    return found


if __name__ == "__main__":
    put_together(sys.argv[1])
    print(json.dumps({"metrics": described(), "text": generate_latest().decode()}))
