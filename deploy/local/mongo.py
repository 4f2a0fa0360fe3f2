"""A private MongoDB: one mongod as a replica set of one, which transactions need, with the users of a deployment."""

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.local.part import Part
from deploy.local.ports import HOST, free_port
from deploy.local.programs import Where, find_mongod
from deploy.mongo.init_rs import REPLICA_SET, is_primary
from deploy.mongo.users import ROLES, ROOT, Client, make_root, make_users

_NOT_LET_IN = 18


class Mongo(Part):
    """`async with Mongo(run_dir) as mongo:` gives a database server for as long as the block lasts."""

    name = "mongo"

    def __init__(self, run_dir: Path, *, port: int | None = None, where: Where | None = None) -> None:
        super().__init__(run_dir)
        self.port = port or free_port()
        self.passwords = {user: secrets.token_urlsafe(18) for user in (ROOT, *ROLES)}
        self._data = run_dir / "mongo"
        self._key = run_dir / "mongo.key"
        self._where = where or Where()
        self._program_file: Path | None = None

    @property
    def url(self) -> str:
        """The address of the server for its root; no database is named in it."""
        return self.url_of("")

    def url_of(self, database: str) -> str:
        """The address of one database: for the service whose own it is; of all others, for root."""
        return self.url_for(database if database in ROLES else ROOT, database)

    def url_for(self, user: str, database: str) -> str:
        """The address of a database for one of the server's users, whether or not she may do anything there."""
        options = f"replicaSet={REPLICA_SET}&authSource=admin"
        return f"mongodb://{user}:{self.passwords[user]}@{self._member}/{database}?{options}"

    def ports(self) -> Sequence[int]:
        return [self.port]

    async def prepare(self) -> None:
        await super().prepare()
        self._program_file = await asyncio.to_thread(find_mongod, self._where)
        self._data.mkdir(parents=True, exist_ok=True)
        self._key.unlink(missing_ok=True)
        self._key.touch(0o600)
        self._key.write_text(secrets.token_hex(64))

    def command(self) -> Sequence[str | Path]:
        return [
            self._program_file or "mongod",
            *("--dbpath", self._data, "--bind_ip", HOST, "--port", str(self.port), "--nounixsocket"),
            *("--replSet", REPLICA_SET, "--oplogSize", "256", "--wiredTigerCacheSizeGB", "0.25", "--quiet"),
            *("--keyFile", self._key),  # lets in nobody but the users
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", "minSnapshotHistoryWindowInSeconds=5"),  # else dropped files stay open for minutes
            *("--setParameter", "transactionLifetimeLimitSeconds=15"),  # how long a killed service's locks stay
        ]

    async def is_ready(self) -> bool:
        return await asyncio.to_thread(self._serves)

    @property
    def _member(self) -> str:
        return f"{HOST}:{self.port}"

    def _serves(self) -> bool:
        with self._client() as anybody:
            if not is_primary(anybody, self._member):
                return False
            if not self._knows_root():
                make_root(anybody, self.passwords[ROOT])
                with self._client(username=ROOT, password=self.passwords[ROOT]) as root:
                    make_users(root, {user: self.passwords[user] for user in ROLES})
        return True

    def _knows_root(self) -> bool:
        with self._client(username=ROOT, password=self.passwords[ROOT]) as root:
            try:
                root.admin.command("ping")
            except OperationFailure as refusal:
                if refusal.code != _NOT_LET_IN:
                    raise
                return False
        return True

    def _client(self, **sign_in: Any) -> Client:
        return MongoClient(self._member, directConnection=True, serverSelectionTimeoutMS=300, **sign_in)
