"""Doors served over HTTP from a loop and a database of their own, for judges that ask from outside."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from threading import Event, Thread
from uuid import uuid4

import uvicorn
from fastapi import FastAPI

from deploy.local.mongo import Mongo
from shared.delivery import connect
from shared.documents import Database

Opened = Callable[[Database], AbstractAsyncContextManager[FastAPI]]
"""Makes what is to be served, on a database that is empty."""


@contextmanager
def served(mongo: Mongo, opened: Opened) -> Iterator[str]:
    """Serve what `opened` makes; gives its address."""
    up: Future[str] = Future()
    over = Event()
    thread = Thread(target=lambda: asyncio.run(_serve(mongo.url_of(f"t{uuid4().hex[:12]}"), opened, up, over)))
    thread.start()
    try:
        yield up.result(60)
    finally:
        over.set()
        thread.join(30)


async def _serve(mongo_url: str, opened: Opened, up: "Future[str]", over: Event) -> None:
    database = connect(mongo_url)
    try:
        async with opened(database) as app:
            server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
            serving = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110 — uvicorn tells in no other way
                await asyncio.sleep(0.01)
            up.set_result(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
            await asyncio.to_thread(over.wait)
            server.should_exit = True
            await serving
        await database.client.drop_database(database.name)
    except Exception as error:  # noqa: BLE001 — it is raised where the server is waited for
        up.set_exception(error)
    finally:
        database.client.close()
