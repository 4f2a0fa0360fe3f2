"""Whether what is stored or said joins an answer to a person: I8, I9 and I15, as checks on plain data."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

RESPONSE_FIELDS: Final = frozenset({"_id", "wave_id", "cohort_id", "link", "group", "answers"})
"""All that a response may hold: no time, language, address, browser or place in an order (I8)."""

_DIGESTS: Final[Sequence[Callable[[bytes], Any]]] = (hashlib.sha256, hashlib.sha1, hashlib.md5, hashlib.blake2b)


@dataclass(frozen=True)
class Join:
    """Something by which an answer can be brought together with a person. It never quotes what it found."""

    collection: str
    field: str
    because: str


def order_leaks(response: Mapping[str, Any]) -> list[Join]:
    """What in a stored response could tell when, where or after whom it was sent in (I8)."""
    found = [Join("responses", key, "a response has no such field") for key in response.keys() - RESPONSE_FIELDS]
    if not _is_random(response.get("_id")):
        found.append(Join("responses", "_id", "an id that is not random tells an order"))
    found += [
        Join("responses", path, "a time tells who answered when")
        for path, value in _values(response)
        if isinstance(value, date | datetime)
    ]
    return sorted(found, key=lambda join: join.field)


def joins(
    responses: Iterable[Mapping[str, Any]],
    others: Mapping[str, Iterable[Mapping[str, Any]]],
    people: Mapping[str, Iterable[str]],
) -> list[Join]:
    """Everything in these collections that joins a response to a person (I15; with events as a collection, I9).

    `people` are a person's ids, names, addresses and tokens. A response may hold none of them, nor anything that can be
    computed from them: plain digests, and digests keyed with anything that stands in `others`. Nobody else may hold a
    response's id or pseudonym. An empty list is the proof.
    """
    kept = {name: [dict(_values(document)) for document in documents] for name, documents in others.items()}
    stored = [dict(_values(response)) for response in responses]
    known = {form.lower() for names in people.values() for name in names if name for form in _forms(name, _keys(kept))}
    found = {
        Join("responses", _unnumbered(path), "it holds, or is made from, what a person is known by")
        for response in stored
        for path, value in response.items()
        if not path.startswith(("wave_id", "cohort_id")) and str(value).lower() in known
    }
    secret = {str(response[key]) for response in stored for key in ("_id", "link", "group") if response.get(key)}
    for name, documents in kept.items():
        for document in documents:
            found |= {
                Join(name, _unnumbered(path), "it holds a response's id or pseudonym")
                for path, value in document.items()
                if any(one in str(value) for one in secret)
            }
    return sorted(found, key=lambda join: (join.collection, join.field))


def _keys(kept: Mapping[str, Sequence[Mapping[str, Any]]]) -> set[bytes]:
    """Everything stored that could be the key of a digest: whoever can read it all would try it."""
    keys = {b""}
    for documents in kept.values():
        for document in documents:
            for path, value in document.items():
                if path.rpartition(".")[2] in {"salt", "key", "secret"} and isinstance(value, str):
                    keys.add(value.encode())
                    keys |= {bytes.fromhex(value)} if _is_hex(value) else set()
    return keys


def _forms(name: str, keys: Iterable[bytes]) -> Iterator[str]:
    """What a name looks like in clear, digested, and digested with each key."""
    yield name
    data = name.encode()
    for digest in _DIGESTS:
        yield digest(data).hexdigest()
        for key in keys:
            yield digest(key + data).hexdigest()
            yield digest(data + key).hexdigest()
    for key in keys:
        yield hmac.digest(key, data, "sha256").hex()


def _values(thing: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value inside, with the way to it; JSON inside bytes is looked into."""
    if isinstance(thing, Mapping):
        for key, value in thing.items():
            yield f"{path}.{key}#".lstrip("."), key
            yield from _values(value, f"{path}.{key}".lstrip("."))
    elif isinstance(thing, list | tuple | set | frozenset):
        for place, value in enumerate(thing):
            yield from _values(value, f"{path}[{place}]")
    elif isinstance(thing, bytes):
        yield from _values(_read(thing), path)
    else:
        yield path, thing


def _read(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors="replace")


def _unnumbered(path: str) -> str:
    return path.split("[", maxsplit=1)[0].rstrip("#")


def _is_random(name: Any) -> bool:
    try:
        return UUID(str(name)).version == 4
    except ValueError:
        return False


def _is_hex(text: str) -> bool:
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True
