"""Files that are made from the code and committed for those who do not run it: `python -m deploy.generated`.

With `--check` nothing is written; the command fails and says which files do not say what the code says.
"""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic.json_schema import models_json_schema

from deploy.grafana.everything import DASHBOARDS
from deploy.grafana.export import grafana_json
from deploy.prometheus import scraping
from services.enrolment.rules.states import STATES, TRANSITIONS
from shared.cloudevents import COMMITTED_AT, STAFF_CHANGE_KINDS
from shared.events import EVENT_TYPES
from shared.topology import BINDINGS, EVENTS, HR, SERVICES, definitions, exchange_of

ROOT: Final = Path(__file__).parent.parent


def asyncapi() -> str:
    """AsyncAPI 3.0 of all events: who announces them, who receives them, and what they look like."""
    models = [(model, "validation") for model in EVENT_TYPES.values()]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}", by_alias=True)  # type: ignore[arg-type]
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ledstjärna",
            "version": "1",
            "description": "Events by which the HR system and the three services meet, as CloudEvents 1.0 in binary "
            "mode over AMQP 0-9-1: the body is the event as JSON, the attributes are headers `ce-…`. The exchange `hr` "
            "takes structured mode (application/cloudevents+json), too.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {event_type: _channel(event_type) for event_type in sorted(EVENT_TYPES)},
        "operations": dict(_operations()),
        "components": {
            "messages": {event_type: _message(event_type) for event_type in sorted(EVENT_TYPES)},
            "schemas": {name: schemas["$defs"][name] for name in sorted(schemas["$defs"])},
        },
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _channel(event_type: str) -> dict[str, Any]:
    exchange = {"name": exchange_of(event_type), "type": "topic", "durable": True, "vhost": "/"}
    return {
        "address": event_type,
        "messages": {"event": {"$ref": f"#/components/messages/{event_type}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _message(event_type: str) -> dict[str, Any]:
    model = EVENT_TYPES[event_type]
    return {
        "name": event_type,
        "title": model.__name__,
        "summary": " ".join((model.__doc__ or "").split()),
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": ["ce-specversion", "ce-id", "ce-type"],
            "properties": {
                "ce-specversion": {"const": "1.0"},
                "ce-id": {"type": "string", "description": "unique; whoever sees it twice has had it already"},
                "ce-type": {"const": event_type},
                "ce-source": {"type": "string"},
                "ce-subject": {"type": "string", "description": f"the event's {model.about}"},
                "ce-time": {"type": "string", "format": "date-time"},
                "ce-sequence": {"type": "string", "description": "the event's version, zero-padded"},
                "ce-correlationid": {"type": "string"},
                "ce-causationid": {"type": "string"},
                **(_OURS if exchange_of(event_type) != HR else {}),
            },
        },
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"}
        if _is_unique(model.__name__)
        else {"$ref": f"#/components/schemas/{model.__module__.replace('.', '__')}__{model.__name__}"},
    }


_OURS: Final = {
    "ce-staffchange": {"enum": list(STAFF_CHANGE_KINDS), "description": "which kind of staff change began the chain"},
    "ce-staffchangetime": {"type": "string", "format": "date-time", "description": "since when that change counts"},
    COMMITTED_AT: {"type": "string", "format": "date-time", "description": "when it was written down, in real time"},
}


def _is_unique(name: str) -> bool:
    return sum(model.__name__ == name for model in EVENT_TYPES.values()) == 1


def _operations() -> list[tuple[str, dict[str, Any]]]:
    operations = []
    for event_type in sorted(EVENT_TYPES):
        channel = {"$ref": f"#/channels/{event_type}"}
        owner = event_type.partition(".")[0]
        operations.append((f"{owner} announces {event_type}", {"action": "send", "channel": channel}))
        for queue, events in BINDINGS.items():
            if EVENT_TYPES[event_type] in events:
                receive = {"action": "receive", "channel": channel, "summary": f"by the queue {queue}"}
                operations.append((f"{queue.partition('.')[0]} receives {event_type}", receive))
    return operations


def broker_definitions() -> str:
    """RabbitMQ's definitions without passwords: `ledstjarna secrets` adds them."""
    return json.dumps(definitions({}), indent=1, ensure_ascii=False) + "\n"


def events_table() -> str:
    """The list of events for people, with who announces and who receives each."""
    lines = ["# Events", "", "Made from `shared/events` by `python -m deploy.generated`.", ""]
    lines += [f"Exchanges: `{HR}` for what HR says, `{EVENTS}` for what {', '.join(SERVICES)} say.", ""]
    lines += ["Some are agreed for what comes next and nobody announces them yet; their shape is settled.", ""]
    lines += ["| event | says | received by |", "|---|---|---|"]
    for event_type, model in sorted(EVENT_TYPES.items()):
        receivers = [queue.partition(".")[0] for queue, events in BINDINGS.items() if model in events]
        says = " ".join((model.__doc__ or "").split())
        lines.append(f"| `{event_type}` | {says} | {', '.join(receivers) or '–'} |")
    return "\n".join(lines) + "\n"


def places() -> str:
    """The life of a place as a diagram and a table, from the data that the rules follow."""
    diagram = ["stateDiagram-v2", "    [*] --> queued: queue"]
    diagram += [f"    {before} --> {after}: {step}" for (before, step), after in STATES.items()]
    ends = sorted(set(STATES.values()) - {before for before, _ in STATES})
    diagram += [f"    {state} --> [*]" for state in ends]
    rows = [
        f"| {each.source} | {each.step} | {each.target} | {each.when} | {each.then} | `{each.says.type}` |"
        for each in TRANSITIONS
    ]
    return "\n".join(
        [
            "# The life of a place",
            "",
            "Made from `services/enrolment/rules/states.py` by `python -m deploy.generated`. A step that is not here",
            "cannot happen: it is refused, and nothing changes.",
            "",
            *("```mermaid", *diagram, "```", ""),
            "| a place that is | can | and is then | when | what follows | announced as |",
            *("|---|---|---|---|---|---|", *rows, ""),
        ]
    )


def alert_rules() -> str:
    """The rules of deploy/prometheus as the Prometheus operator takes them."""
    files = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text("utf-8"))["groups"]]
    rule = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "ledstjarna"},
        "spec": {"groups": groups},
    }
    told = yaml.safe_dump(rule, sort_keys=False, allow_unicode=True, width=120)
    return f"# Made from deploy/prometheus/rules by `python -m deploy.generated`.\n{told}"


FILES: Final[dict[str, Callable[[], str]]] = {
    "docs/asyncapi.yaml": asyncapi,
    "docs/events.md": events_table,
    "docs/places.md": places,
    "deploy/rabbitmq/definitions.json": broker_definitions,
    "deploy/prometheus/prometheus.yml": scraping.in_containers,
    "deploy/k8s/base/watch/rules.yaml": alert_rules,
    **{f"deploy/grafana/dashboards/{each.name}.json": partial(grafana_json, each) for each in DASHBOARDS},
}


def main() -> int:
    """Write the files, or with `--check` say which differ."""
    parser = argparse.ArgumentParser(prog="python -m deploy.generated", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is not up to date")
    check = parser.parse_args().check
    stale = [name for name, make in FILES.items() if not _is_current(ROOT / name, make())]
    for name in stale:
        if check:
            print(f"{name} does not say what the code says: run `python -m deploy.generated` and commit it")
        else:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(FILES[name](), "utf-8")
            print(f"wrote {name}")
    return 1 if check and stale else 0


def _is_current(file: Path, text: str) -> bool:
    return file.exists() and file.read_text("utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
