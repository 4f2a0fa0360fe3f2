"""Whether what one version publishes can be read by another, judged by the JSON Schemas of both.

`python -m tests.contract.compatibility` writes down what the version at hand publishes, reads and binds. Typed when a
release is made, it lets the next one be held against it.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.events import EVENT_TYPES
from shared.topology import BINDINGS

RELEASED = Path(__file__).parent / "released.json"
ROOT = Path(__file__).parents[2]
LIMITS = (("maxLength", 1), ("maximum", 1), ("maxItems", 1), ("minLength", -1), ("minimum", -1), ("minItems", -1))

Schema = dict[str, Any]


def contract() -> Schema:
    """What this version publishes (`writes`), reads, and binds to which queue."""
    models: list[Any] = [(model, mode) for model in EVENT_TYPES.values() for mode in ("validation", "serialization")]
    found, defs = models_json_schema(models, by_alias=True)
    names = {(getattr(model, "type", ""), mode): schema for (model, mode), schema in found.items()}
    return {
        "version": tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"],
        "bindings": {queue: sorted(event.type for event in events) for queue, events in BINDINGS.items()},
        "reads": {event_type: names[event_type, "validation"] for event_type in sorted(EVENT_TYPES)},
        "writes": {event_type: names[event_type, "serialization"] for event_type in sorted(EVENT_TYPES)},
        "$defs": _bare(defs["$defs"]),
    }


def retired(now: Schema, before: Schema) -> set[str]:
    """Types that somebody was bound to before and that nobody publishes now."""
    return _bound(before) - set(now["writes"])


def unreadable(writer: Schema, reader: Schema) -> list[str]:
    """What the reader's version cannot read of what the writer's publishes into the reader's queues."""
    judge = _Judge(writer["$defs"], reader["$defs"])
    return [
        complaint
        for event_type in sorted(_bound(reader) & set(writer["writes"]))
        for complaint in judge.complaints(writer["writes"][event_type], reader["reads"][event_type], event_type)
    ]


def _bound(version: Schema) -> set[str]:
    return {event_type for types in version["bindings"].values() for event_type in types}


class _Judge:
    """Holds a writer's schema against a reader's."""

    def __init__(self, written: Schema, read: Schema) -> None:
        self._written, self._read = written, read

    def complaints(self, writes: Schema, reads: Schema, at: str) -> Iterator[str]:
        """Where the reader would refuse what the writer may write, by path."""
        writes, reads = _resolved(writes, self._written), _resolved(reads, self._read)
        if "anyOf" in writes:
            for each in writes["anyOf"]:
                yield from self.complaints(each, reads, at)
        elif options := reads.get("anyOf") or reads.get("oneOf"):
            offered = writes.get("oneOf", [writes])
            for each in offered:
                if all(any(self.complaints(each, option, at)) for option in options):
                    yield f"{at}: none of what is read is {each.get('type', each)}"
        else:
            yield from self._plain(writes, reads, at)

    def _plain(self, writes: Schema, reads: Schema, at: str) -> Iterator[str]:
        known, written = _values(reads), _values(writes)
        if known is not None and (written is None or not written <= known):
            yield f"{at}: {sorted(map(str, (written or set()) - known)) or 'anything'} is not read"
        same = {reads.get("type"), "integer" if reads.get("type") == "number" else reads.get("type")}
        if "type" in reads and writes.get("type") not in same:
            yield f"{at}: {writes.get('type')} is written and {reads['type']} read"
        for limit, sign in LIMITS:
            if limit in reads and (limit not in writes or sign * writes[limit] > sign * reads[limit]):
                yield f"{at}: {limit} is {reads[limit]} for who reads, {writes.get(limit)} for who writes"
        if "pattern" in reads and reads["pattern"] != writes.get("pattern"):
            yield f"{at}: another pattern"
        yield from self._inside(writes, reads, at)

    def _inside(self, writes: Schema, reads: Schema, at: str) -> Iterator[str]:
        fields, certain = writes.get("properties", {}), set(writes.get("required", ()))
        for name in sorted(set(reads.get("required", ())) - certain):
            yield f"{at}.{name}: is read always and written not always"
        for name in sorted(reads.get("properties", {}).keys() & fields.keys()):
            yield from self.complaints(fields[name], reads["properties"][name], f"{at}.{name}")
        for inner in ("items", "additionalProperties"):
            if isinstance(reads.get(inner), dict) and isinstance(writes.get(inner), dict):
                yield from self.complaints(writes[inner], reads[inner], f"{at}[]")


def _resolved(schema: Schema, defs: Schema) -> Schema:
    while "$ref" in schema:
        schema = defs[schema["$ref"].removeprefix("#/$defs/")]
    return schema


def _values(schema: Schema) -> set[Any] | None:
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None


def _bare(schema: Any) -> Any:
    """Without what is for people: it may change."""
    if isinstance(schema, dict):
        told = ("title", "description", "examples")
        return {key: _bare(each) for key, each in schema.items() if key not in told or not isinstance(each, str | list)}
    return [_bare(each) for each in schema] if isinstance(schema, list) else schema


if __name__ == "__main__":
    RELEASED.write_text(json.dumps(contract(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
