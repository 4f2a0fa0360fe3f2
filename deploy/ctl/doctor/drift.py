"""Whether the broker's exchanges, queues, bindings and policies are those of the topology."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from deploy.ctl.broker_api import BrokerApi, NotLetInError
from deploy.ctl.calls import UnreachableError
from deploy.ctl.doctor.broker import PATIENCE_SECONDS
from deploy.ctl.findings import Finding
from deploy.local.endpoints import Endpoints
from shared.topology import PUBLISHERS, definitions

Rows = Sequence[Mapping[str, Any]]

IDENTITY: Final[Mapping[str, tuple[str, ...]]] = {
    "exchanges": ("name",),
    "queues": ("name",),
    "bindings": ("source", "destination_type", "destination", "routing_key"),
    "policies": ("name",),
}
"""By which fields two things are the same one."""

COMPARED: Final[Mapping[str, tuple[str, ...]]] = {
    "exchanges": ("type", "durable", "auto_delete", "internal", "arguments"),
    "queues": ("durable", "auto_delete", "arguments"),
    "bindings": ("arguments",),
    "policies": ("pattern", "apply-to", "priority", "definition"),
}
"""In which fields it must be as the topology has it."""

IMPORT: Final = "import deploy/rabbitmq/definitions.json again (management pages, Overview, Import definitions)."
REPLACE: Final = (
    "what exists is never changed by an import: let the queue run empty, stop its service, delete it, import again."
)


async def check(stack: Endpoints) -> list[Finding]:
    """Compare the broker with the topology."""
    operator = stack.amqp_users.get("operator")
    if stack.management is None or operator is None:
        mend = "write management and the user operator into endpoints.json."
        return [Finding("topology", "broker", "warn", "cannot be compared without the management API", mend)]
    api = BrokerApi(stack.management, operator, PATIENCE_SECONDS)
    try:
        found = {kind: await api.get(kind if kind == "policies" else f"{kind}/%2F") for kind in IDENTITY}
    except (UnreachableError, NotLetInError) as error:
        mend = "start the broker with its management plugin, and give the user operator the tag management."
        return [Finding("topology", "broker", "bad", str(error), mend)]
    finally:
        await api.close()
    return compare(definitions({}), found)


def compare(wanted: Mapping[str, Rows], found: Mapping[str, Rows]) -> list[Finding]:
    """What is missing, what is different, and what is there besides."""
    findings = []
    for kind in IDENTITY:
        differences = list(_differences(kind, _by_name(kind, wanted[kind]), _by_name(kind, found[kind])))
        findings += differences or [Finding("topology", kind, "ok", f"all {len(wanted[kind])} are as they should be")]
    return findings


def _by_name(kind: str, rows: Rows) -> dict[str, Mapping[str, Any]]:
    return {_name(kind, row): row for row in rows if not _the_brokers_own(kind, row)}


def _name(kind: str, row: Mapping[str, Any]) -> str:
    if kind == "bindings":
        return f"{row['source']} → {row['destination']} ({row['routing_key'] or 'all'})"
    return str(row["name"])


def _the_brokers_own(kind: str, row: Mapping[str, Any]) -> bool:
    """The exchanges that every broker has, and the binding of each queue to the one without name."""
    name = str(row["source" if kind == "bindings" else "name"])
    return not name or (kind == "exchanges" and name.startswith("amq."))


def _differences(kind: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Finding]:
    one = {"exchanges": "exchange", "queues": "queue", "bindings": "binding", "policies": "policy"}[kind]
    for name in sorted(wanted.keys() - found.keys()):
        yield Finding("topology", name, "bad", f"this {one} is missing", IMPORT)
    for name in sorted(wanted.keys() & found.keys()):
        fields = [field for field in COMPARED[kind] if not _same(wanted[name].get(field), found[name].get(field))]
        if fields:
            told = ", ".join(f"{field} is {json.dumps(found[name].get(field))}" for field in fields)
            mend = IMPORT if kind == "policies" else REPLACE
            yield Finding("topology", name, "bad", f"this {one} is different: {told}", mend)
    for name in sorted(found.keys() - wanted.keys()):
        ours = name.split(".")[0] in PUBLISHERS or name.split(" ")[0] in wanted
        mend = f"delete the {one}, if nobody needs it: it is not part of the topology (shared/topology.py)."
        yield Finding("topology", name, "warn", f"this {one} is {'one too many' if ours else 'none of ours'}", mend)


def _same(wanted: object, found: object) -> bool:
    """Whether two values are the same; no arguments at all are the same as none."""
    return (wanted or None) == (found or None)
