"""What tests of every kind share: one private database server, and a fresh database on it for each test."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TypeVar

import pytest
from hypothesis import settings

from deploy.local.mongo import Mongo
from deploy.local.part import Part
from shared.delivery import connect
from shared.documents import Database

settings.register_profile("check", derandomize=True, deadline=None)
settings.register_profile("explore", derandomize=False, deadline=None)
settings.load_profile("check")  # pytest --hypothesis-profile=explore looks for what nobody has seen yet

PartKind = TypeVar("PartKind", bound=Part)


@contextmanager
def kept_up(part: PartKind) -> Iterator[PartKind]:
    """A server that runs in a loop of its own, because every test has another."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(part.start(), loop).result(120)
        yield part
    finally:
        asyncio.run_coroutine_threadsafe(part.stop(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongo]:
    """A real MongoDB of our own, for the whole run."""
    with kept_up(Mongo(tmp_path_factory.mktemp("mongo"))) as part:
        yield part


@pytest.fixture
async def database(mongo: Mongo, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A database in which nothing is.

    The tests of one folder take turns: to make thirty collections takes longer than most tests, and MongoDB holds the
    files of dropped ones open for minutes, until there are too many.
    """
    shared = connect(mongo.url_of(f"tests_{request.path.parent.name}"))
    for name in await shared.list_collection_names():
        await shared[name].delete_many({})
    yield shared
    shared.client.close()


@pytest.fixture
def root() -> Path:
    """The project's directory."""
    return Path(__file__).parent.parent
