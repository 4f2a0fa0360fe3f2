"""Reads a backup into databases in which nothing is. Services do not begin on them until they have been reconciled."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from deploy.backup.archive import Kept, Manifest, read_documents
from deploy.backup.underway import Client
from shared.migrations import RESTORED
from shared.topology import SERVICES

TOGETHER: Final = 1_000


class NotEmptyError(Exception):
    """Something is in a database already; the message says what to do."""


def restore(url: str, directory: Path, tell: Callable[[str], None], *, replace: bool = False) -> Manifest:
    """Put the backup in `directory` into the server at `url`, with its indexes.

    With `replace`, what is in the databases goes first. Killed midway, it is done again with `replace`: services do not
    begin on half of it.

    Raises:
        DamagedBackupError: the files are not whole; nothing has been touched.
        NotEmptyError: without `replace`, something is in one of the databases.
    """
    manifest = Manifest.read(directory)
    client: Client
    with MongoClient(url, tz_aware=True) as client:
        full = [service for service in SERVICES if client[service].list_collection_names()]
        if full and not replace:
            raise NotEmptyError(f"There is something in {', '.join(full)}: say --replace if all of it may go.")
        for service in full:
            client.drop_database(service)
        for service in SERVICES:
            _mark(client, service, manifest)
        for kept in manifest.collections:
            _fill(client, directory, kept)
            tell(f"{kept.service}.{kept.name}: {kept.documents} documents")
        for service in SERVICES:
            client[service][RESTORED].update_one({}, {"$set": {"restored_at": datetime.now(UTC)}})
    return manifest


def _mark(client: Client, service: str, manifest: Manifest) -> None:
    client[service][RESTORED].insert_one(
        {"_id": manifest.backup_id, "taken_at": manifest.taken_at, "under_way": manifest.under_way}
    )


def _fill(client: Client, directory: Path, kept: Kept) -> None:
    if kept.name == RESTORED:
        return  # of a restore before: this one counts
    database = client[kept.service]
    made = database.create_collection(kept.name, **kept.options)
    raw: Any = made
    for batch in _batches(directory / kept.file):
        raw.insert_many(batch, ordered=False)
    if kept.indexes:
        database.command("createIndexes", kept.name, indexes=[_wanted(index) for index in kept.indexes])


def _batches(file: Path) -> Iterator[list[RawBSONDocument]]:
    documents = read_documents(file)
    while batch := list(islice(documents, TOGETHER)):
        yield batch


def _wanted(index: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in index.items() if name not in ("v", "ns")}
