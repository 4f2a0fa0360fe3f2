"""Backups of a real database: whole, of one moment, and put back only where nothing is."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import Binary, Int64
from pymongo import IndexModel, MongoClient

from deploy.backup.archive import DamagedBackupError, Manifest
from deploy.backup.dump import CannotBackUpError, back_up
from deploy.backup.restore import NotEmptyError, restore
from deploy.local.mongo import Mongo
from shared import migrations
from shared.delivery import connect
from shared.migrations import Schema
from shared.topology import SERVICES

Client = MongoClient[dict[str, Any]]


@pytest.fixture
def server(mongo: Mongo) -> Iterator[Client]:
    """A server on which the services have no databases yet."""
    with MongoClient[dict[str, Any]](mongo.url, tz_aware=True) as client:
        for service in SERVICES:
            client.drop_database(service)
        yield client
        for service in SERVICES:
            client.drop_database(service)


def made(server: Client) -> None:
    enrolment, evaluation = server["enrolment"], server["evaluation"]
    evaluation.create_collection("responses", clusteredIndex={"key": {"_id": 1}, "unique": True})
    evaluation["responses"].insert_many([{"_id": f"R{n}", "answers": {"UM1": n % 5}} for n in range(3_000)])
    enrolment["places"].create_indexes(
        [IndexModel("uid", unique=True), IndexModel("at", partialFilterExpression={"state": "queued"})]
    )
    enrolment["places"].insert_one(
        {
            "_id": "P1",
            "uid": "Å",
            "at": datetime(2026, 9, 1, tzinfo=UTC),
            "n": Int64(7),
            "b": Binary(b"\0\1"),
            "x": None,
        }
    )
    server["notifications"].create_collection("nothing")


def whole(server: Client) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for service in SERVICES:
        for name in server[service].list_collection_names():
            if name != "restored":
                collection = server[service][name]
                options = {key: value for key, value in collection.options().items() if key != "uuid"}
                indexes = {index["name"]: dict(index) for index in collection.list_indexes()}
                found[f"{service}.{name}"] = (options, indexes, list(collection.find().sort("_id", 1)))
    return found


def quiet(_: str) -> None:
    """Nobody looks on."""


def test_what_is_restored_is_what_was_backed_up(server: Client, mongo: Mongo, tmp_path: Path) -> None:
    made(server)
    before = whole(server)
    assert len(before) == 3
    back_up(mongo.url, tmp_path / "copy", quiet)
    for service in SERVICES:
        server.drop_database(service)
    restore(mongo.url, tmp_path / "copy", quiet)
    assert whole(server) == before


def test_a_backup_shows_one_moment_of_all_databases(server: Client, mongo: Mongo, tmp_path: Path) -> None:
    ends = threading.Event()
    server["enrolment"]["coins"].insert_many([{"_id": n} for n in range(4_000)])
    server["evaluation"].create_collection("coins")

    def move() -> None:
        for n in range(4_000):
            with server.start_session() as session, session.start_transaction():
                server["enrolment"]["coins"].delete_one({"_id": n}, session=session)
                server["evaluation"]["coins"].insert_one({"_id": n}, session=session)
            if ends.is_set():
                return

    moving = threading.Thread(target=move)
    moving.start()
    while server["evaluation"]["coins"].count_documents({}) < 20:
        time.sleep(0.01)
    try:
        manifest = back_up(mongo.url, tmp_path / "copy", quiet)
    finally:
        ends.set()
        moving.join()
    counts = {kept.service: kept.documents for kept in manifest.collections if kept.name == "coins"}
    assert counts["enrolment"] > 0
    assert counts["evaluation"] > 0
    assert sum(counts.values()) == 4_000


def test_a_damaged_backup_is_refused_before_anything_is_touched(server: Client, mongo: Mongo, tmp_path: Path) -> None:
    made(server)
    before = whole(server)
    back_up(mongo.url, tmp_path / "copy", quiet)
    file = tmp_path / "copy" / "evaluation" / "responses.bson.gz"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(DamagedBackupError, match="responses"):
        restore(mongo.url, tmp_path / "copy", quiet, replace=True)
    assert whole(server) == before


def test_nothing_is_put_on_top_of_something_unless_it_may_go(server: Client, mongo: Mongo, tmp_path: Path) -> None:
    made(server)
    before = whole(server)
    back_up(mongo.url, tmp_path / "copy", quiet)
    server["enrolment"]["places"].insert_one({"_id": "P2", "uid": "later"})
    with pytest.raises(NotEmptyError, match="enrolment"):
        restore(mongo.url, tmp_path / "copy", quiet)
    restore(mongo.url, tmp_path / "copy", quiet, replace=True)
    assert whole(server) == before
    with pytest.raises(CannotBackUpError):
        back_up(mongo.url, tmp_path / "copy", quiet)


def test_files_of_a_backup_are_for_their_owner_only(server: Client, mongo: Mongo, tmp_path: Path) -> None:
    made(server)
    back_up(mongo.url, tmp_path / "copy", quiet)
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob(".copy*"))


def test_a_backup_waits_for_a_moment_at_which_nothing_is_on_its_way(
    server: Client, mongo: Mongo, tmp_path: Path
) -> None:
    row = {"_id": "1", "type": "enrolment.place.offered.v1", "status": "published", "published_at": datetime.now(UTC)}
    server["enrolment"]["outbox"].insert_one(row)

    def handle() -> None:
        server["notifications"]["inbox"].insert_one({"_id": "notifications.enrolment|1"})

    arriving = threading.Timer(1.0, handle)
    arriving.start()
    assert back_up(mongo.url, tmp_path / "calm", quiet, patience=20).under_way == []
    arriving.join()


def test_a_backup_names_what_was_on_its_way(server: Client, mongo: Mongo, tmp_path: Path) -> None:
    at = datetime.now(UTC)
    rows: list[dict[str, Any]] = [
        {"_id": "lost", "type": "enrolment.place.offered.v1", "status": "published", "published_at": at},
        {"_id": "dead", "type": "enrolment.place.offered.v1", "status": "published", "published_at": at},
        {"_id": "safe", "type": "enrolment.place.offered.v1", "status": "pending", "body": b"{}"},
        {"_id": "unheard", "type": "enrolment.goal.revised.v1", "status": "published", "published_at": at},
    ]
    server["enrolment"]["outbox"].insert_many(rows)
    server["notifications"]["dead_letters"].insert_one({"_id": "dead:notifications.enrolment"})
    back_up(mongo.url, tmp_path / "copy", quiet, patience=0.1)
    lost = {"event_id": "lost", "event_type": "enrolment.place.offered.v1", "queue": "notifications.enrolment"}
    assert Manifest.read(tmp_path / "copy").under_way == [lost]


async def test_a_service_does_not_begin_on_what_was_restored_until_it_is_reconciled(
    server: Client, mongo: Mongo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOOK_SECONDS", 0.05)
    made(server)
    back_up(mongo.url, tmp_path / "copy", quiet)
    restore(mongo.url, tmp_path / "copy", quiet, replace=True)
    database = connect(mongo.url_of("enrolment"))
    opening = asyncio.create_task(Schema(database, []).open())
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(opening), 0.5)
    assert not opening.done()
    await database["restored"].update_one({}, {"$set": {"reconciled_at": datetime.now(UTC)}})
    await asyncio.wait_for(opening, 5)
    database.client.close()
