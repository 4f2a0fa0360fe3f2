"""Writes a backup: all three databases as they were at one moment, while the services go on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

from deploy.backup.archive import Kept, Manifest, write_documents
from deploy.backup.underway import Client, under_way
from shared.topology import SERVICES

PATIENCE_SECONDS: Final = 30.0
"""How long a backup waits for a moment at which nothing is on its way between services."""

WINDOW_SECONDS: Final = 300
_WINDOW: Final = "minSnapshotHistoryWindowInSeconds"
_SNAPSHOT_TOO_OLD: Final = 239

Tell = Callable[[str], None]


class CannotBackUpError(Exception):
    """No backup was made; the message says what to do."""


def back_up(url: str, directory: Path, tell: Tell, *, patience: float = PATIENCE_SECONDS) -> Manifest:
    """Write a backup of the databases on the server at `url` into a new directory.

    Everything is read at one cluster time, the three databases with each other. It is complete or not there: files are
    written beside it and get its name at the end.

    Raises:
        CannotBackUpError: the directory is there already, or the server cannot show one moment for long enough.
    """
    if directory.exists():
        raise CannotBackUpError(f"{directory} is there already: name a directory that is not.")
    unfinished = directory.with_name(f".{directory.name}.unfinished-{uuid4().hex[:8]}")
    unfinished.mkdir(mode=0o700, parents=True)
    client: Client
    with MongoClient(url, tz_aware=True) as client, _long_snapshots(client):
        try:
            manifest = _write(client, unfinished, tell, time.monotonic() + patience)
        except OperationFailure as failure:
            if failure.code != _SNAPSHOT_TOO_OLD:
                raise
            raise CannotBackUpError(
                f"The server forgets a moment before all of it could be read: raise its parameter {_WINDOW}."
            ) from failure
    manifest.write(unfinished)
    unfinished.rename(directory)
    return manifest


def _write(client: Client, directory: Path, tell: Tell, until: float) -> Manifest:
    with _quiet_moment(client, until) as (session, moment, open_events):
        collections = []
        for service in SERVICES:
            kept = [_dump(client, session, directory, service, made) for made in _collections(client, service)]
            collections += kept
            tell(f"{service}: {sum(each.documents for each in kept)} documents in {len(kept)} collections")
        return Manifest(uuid4().hex, moment.isoformat(), open_events, collections)


@contextmanager
def _quiet_moment(client: Client, until: float) -> Iterator[tuple[ClientSession, datetime, list[dict[str, str]]]]:
    """A session that shows one moment, which that is, and what is on its way then: nothing, if that can be had."""
    while True:
        moment: datetime = client.admin.command("hello")["localTime"].replace(tzinfo=UTC)
        with client.start_session(snapshot=True) as session:
            open_events = under_way(client, session)
            if not open_events or time.monotonic() > until:
                yield session, moment, open_events
                return
        time.sleep(0.25)


def _collections(client: Client, service: str) -> list[dict[str, Any]]:
    made = client[service].list_collections(filter={"type": "collection"})
    return sorted((dict(one) for one in made if not one["name"].startswith("system.")), key=lambda one: one["name"])


def _dump(client: Client, session: ClientSession, directory: Path, service: str, made: dict[str, Any]) -> Kept:
    collection = client[service][made["name"]]
    indexes = [
        dict(index) for index in collection.list_indexes() if index["name"] != "_id_" and "clustered" not in index
    ]
    documents: Any = collection.find_raw_batches({}, session=session)
    count, digest = write_documents(directory / service / f"{made['name']}.bson.gz", documents)
    return Kept(service, made["name"], dict(made["options"]), indexes, count, digest)


@contextmanager
def _long_snapshots(client: Client) -> Iterator[None]:
    """Let the server remember for long enough, if we may tell it so: that of a local stack does for five seconds."""
    try:
        before = client.admin.command({"getParameter": 1, _WINDOW: 1})[_WINDOW]
        if before < WINDOW_SECONDS:
            client.admin.command({"setParameter": 1, _WINDOW: WINDOW_SECONDS})
    except OperationFailure:
        yield  # a user who may only read: then it is as the server was started
        return
    try:
        yield
    finally:
        if before < WINDOW_SECONDS:
            client.admin.command({"setParameter": 1, _WINDOW: before})


def summary(manifest: Manifest) -> dict[str, Any]:
    """What whoever made a backup wants to know of it."""
    return {
        "backup_id": manifest.backup_id,
        "taken_at": manifest.taken_at,
        "documents": sum(each.documents for each in manifest.collections),
        "under_way": len(manifest.under_way),
    }
