"""The database: reachable, a replica set with a primary, transactions, its indexes, and migrations not done yet."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pymongo import IndexModel, MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.ctl.findings import Finding
from deploy.local.endpoints import Endpoints
from services.enrolment.store import INDEXES as ENROLMENT
from services.evaluation.store import CLUSTERED
from services.evaluation.store import INDEXES as EVALUATION
from services.notifications.store import INDEXES as NOTIFICATIONS
from shared.delivery import INDEXES as EVERYWHERE

PATIENCE_SECONDS: Final = 5.0
OLDEST: Final = (6, 0)
"""The oldest version of MongoDB that has all that is used (clustered collections came with 5.3)."""

Client = MongoClient[dict[str, Any]]
Declared = Mapping[str, Sequence[IndexModel]]
DECLARED: Final[Mapping[str, Declared]] = {
    "enrolment": {**EVERYWHERE, **ENROLMENT},
    "notifications": {**EVERYWHERE, **NOTIFICATIONS},
    "evaluation": {**EVERYWHERE, **EVALUATION},
}
CLUSTERS: Final[Mapping[str, Sequence[str]]] = {"evaluation": CLUSTERED}
OPTIONS: Final = ("unique", "sparse", "expireAfterSeconds", "partialFilterExpression")


async def check(stack: Endpoints) -> list[Finding]:
    """Ask the database."""
    if stack.mongo is None:
        mend = "write the database's address as mongo into endpoints.json."
        return [Finding("database", "server", "warn", "its address is not known", mend)]
    return await asyncio.to_thread(_check, stack.mongo)


def _check(url: str) -> list[Finding]:
    client: Client
    with MongoClient(url, serverSelectionTimeoutMS=int(PATIENCE_SECONDS * 1000), tz_aware=True) as client:
        try:
            findings = list(_server(client))
            for name, declared in DECLARED.items():
                findings += _indexes(client, name, declared)
                findings += _migrations(client, name)
        except OperationFailure as error:
            mend = "correct user and password in endpoints.json, and her roles (readWrite on the three databases)."
            why = f"refuses us: {(error.details or {}).get('errmsg', error.code)}"
            return [Finding("database", "server", "bad", why, mend)]
        except PyMongoError as error:
            why = f"cannot be asked ({type(error).__name__})"
            mend = "start it, or correct its address in endpoints.json; a replica set without primary answers nobody."
            return [Finding("database", "server", "bad", why, mend)]
    return findings


def _server(client: Client) -> Iterator[Finding]:
    hello, version = client.admin.command("hello"), client.server_info()["version"]
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        yield Finding("database", "version", "bad", f"MongoDB {version} is too old", "upgrade it to 8.")
    else:
        yield Finding("database", "version", "ok", f"MongoDB {version}")
    if "setName" not in hello:
        mend = "start it with --replSet and initiate it (a set of one will do): without it nothing can be saved."
        yield Finding("database", "replica set", "bad", "is none", mend)
        return
    yield Finding("database", "replica set", "ok", f"{hello['setName']}, {len(hello['hosts'])} members, with a primary")
    yield _transactions(client)


def _transactions(client: Client) -> Finding:
    """Begin a transaction that reads, and take it back."""
    with client.start_session() as session:
        session.start_transaction()
        client["enrolment"]["inbox"].find_one({}, {"_id": 1}, session=session)
        session.abort_transaction()
    return Finding("database", "transactions", "ok", "work")


def _indexes(client: Client, name: str, declared: Declared) -> list[Finding]:
    database, missing, wrong = client[name], [], []
    there = set(database.list_collection_names())
    if not there:
        mend = f"start {name}: it makes its collections and indexes."
        return [Finding("indexes", name, "warn", "the database is empty", mend)]
    for collection, models in declared.items():
        found = database[collection].index_information() if collection in there else {}
        for model in models:
            wanted, index = model.document, found.get(model.document["name"])
            told = f"{collection}.{wanted['name']}"
            if index is None:
                missing.append(told)
            elif _as_told(wanted) != _as_found(index):
                wrong.append(told)
    unclustered = [one for one in CLUSTERS.get(name, ()) if "clusteredIndex" not in database[one].options()]
    return list(_of_indexes(name, missing, wrong, unclustered, sum(map(len, declared.values()))))


def _as_told(model: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": list(model["key"].items())} | {option: model[option] for option in OPTIONS if option in model}


def _as_found(index: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": list(index["key"])} | {option: index[option] for option in OPTIONS if option in index}


def _of_indexes(
    name: str, missing: Sequence[str], wrong: Sequence[str], unclustered: Sequence[str], count: int
) -> Iterator[Finding]:
    for one in missing:
        yield Finding("indexes", name, "bad", f"{one} is missing", f"restart {name}: it makes what is missing.")
    for one in wrong:
        collection, _, index = one.partition(".")
        mend = f"db.{collection}.dropIndex('{index}') in mongosh, then restart {name}: it makes it as it should be."
        yield Finding("indexes", name, "bad", f"{one} is different", mend)
    for one in unclustered:
        mend = f"restore {one} into a collection that {name} has made: its order tells who answered first."
        yield Finding("indexes", name, "bad", f"{one} is not stored in the order of its ids", mend)
    if not (missing or wrong or unclustered):
        yield Finding("indexes", name, "ok", f"all {count} are as they should be")


def _migrations(client: Client, name: str) -> Iterator[Finding]:
    """Migrations that were begun and are not done; nothing where there have never been any."""
    if "migrations" not in client[name].list_collection_names():
        return
    rows = list(client[name]["migrations"].find({"_id": {"$type": "number"}}))
    open_ = sorted(row["_id"] for row in rows if "done_at" not in row)
    if open_:
        mend = "run `ledstjarna migrate`: it goes on where it was."
        yield Finding("migrations", name, "warn", f"not done: {', '.join(map(str, open_))}", mend)
    else:
        yield Finding("migrations", name, "ok", f"all {len(rows)} are done")
