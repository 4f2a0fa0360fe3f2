"""What tests of every kind share: one private database server, and a fresh database on it for each test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest

from deploy.local.parts import Mongo
from shared.delivery import connect
from shared.documents import Database


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongo]:
    """A real MongoDB of our own, for the whole run."""
    server = Mongo(tmp_path_factory.mktemp("mongo"))
    started: Future[None] = Future()
    over = Future[None]()
    thread = Thread(target=_keep_up, args=(server, started, over))
    thread.start()
    started.result(60)
    yield server
    over.set_result(None)
    thread.join(60)


def _keep_up(server: Mongo, started: "Future[None]", over: "Future[None]") -> None:
    """Run the server in a loop of its own: each test has another."""

    async def life() -> None:
        async with server:
            started.set_result(None)
            await asyncio.wrap_future(over)

    try:
        asyncio.run(life())
    except BaseException as error:
        if not started.done():
            started.set_exception(error)
        raise


@pytest.fixture
async def database(mongo: Mongo) -> AsyncIterator[Database]:
    """An empty database."""
    fresh = connect(mongo.url_of(f"t{uuid4().hex[:12]}"))
    yield fresh
    await fresh.client.drop_database(fresh.name)
    fresh.client.close()


@pytest.fixture
def root() -> Path:
    """The project's directory."""
    return Path(__file__).parent.parent
