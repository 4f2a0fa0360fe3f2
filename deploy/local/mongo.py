"""A private MongoDB: one mongod as a replica set of one, which is what transactions need."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.part import Part
from deploy.local.ports import HOST, free_port
from deploy.local.programs import Where, find_mongod

REPLICA_SET = "rs0"
_ALREADY_INITIATED = 23


class Mongo(Part):
    """`async with Mongo(run_dir) as mongo:` gives a database server for as long as the block lasts."""

    name = "mongo"

    def __init__(self, run_dir: Path, *, port: int | None = None, where: Where | None = None) -> None:
        super().__init__(run_dir)
        self.port = port or free_port()
        self._data = run_dir / "mongo"
        self._where = where or Where()
        self._program_file: Path | None = None

    @property
    def url(self) -> str:
        """The address of the server; no database is named in it."""
        return self.url_of("")

    def url_of(self, database: str) -> str:
        """The address of one database, as a service wants it."""
        return f"mongodb://{HOST}:{self.port}/{database}?replicaSet={REPLICA_SET}"

    def ports(self) -> Sequence[int]:
        return [self.port]

    async def prepare(self) -> None:
        await super().prepare()
        self._program_file = await asyncio.to_thread(find_mongod, self._where)
        self._data.mkdir(parents=True, exist_ok=True)

    def command(self) -> Sequence[str | Path]:
        return [
            self._program_file or "mongod",
            *("--dbpath", self._data, "--bind_ip", HOST, "--port", str(self.port), "--nounixsocket"),
            *("--replSet", REPLICA_SET, "--oplogSize", "256", "--wiredTigerCacheSizeGB", "0.25", "--quiet"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", "minSnapshotHistoryWindowInSeconds=5"),  # else dropped files stay open for minutes
            *("--setParameter", "transactionLifetimeLimitSeconds=15"),  # how long a killed service's locks stay
        ]

    async def is_ready(self) -> bool:
        return await asyncio.to_thread(self._is_primary)

    def _is_primary(self) -> bool:
        client: MongoClient[dict[str, object]]
        with MongoClient(HOST, self.port, directConnection=True, serverSelectionTimeoutMS=300) as client:
            try:
                if client.admin.command("hello")["isWritablePrimary"]:
                    return True
                client.admin.command("replSetInitiate", self._only_member())
            except OperationFailure as failure:
                if failure.code != _ALREADY_INITIATED:
                    raise
            except PyMongoError:
                pass
        return False

    def _only_member(self) -> dict[str, object]:
        return {"_id": REPLICA_SET, "members": [{"_id": 0, "host": f"{HOST}:{self.port}"}]}
