"""A lone MongoDB server becomes a replica set of one."""

import asyncio
import contextlib
from pathlib import Path

from pymongo import MongoClient

from deploy.local.mongo import Mongo
from deploy.mongo.init_rs import initiate


class Uninitiated(Mongo):
    """A server that was started with --replSet and told nothing more."""

    async def is_ready(self) -> bool:
        """Whether it listens."""
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            return True
        return False


async def test_a_server_initiated_twice_is_one_set_that_takes_transactions(tmp_path: Path) -> None:
    async with Uninitiated(tmp_path) as server:
        for _ in range(2):
            await asyncio.to_thread(initiate, f"127.0.0.1:{server.port}")
        with MongoClient[dict[str, object]](server.url) as client, client.start_session() as session:
            with session.start_transaction():
                client["a"]["b"].insert_one({"c": 1}, session=session)
            assert client["a"]["b"].count_documents({}) == 1
