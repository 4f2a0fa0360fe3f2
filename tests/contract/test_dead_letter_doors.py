"""The doors to dead letters against their own description: no answer holds anything that does not stand there."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from threading import Event, Thread
from typing import Any, cast
from uuid import uuid4

import pytest
import schemathesis
import uvicorn
from jsonschema_rs import Draft202012Validator
from schemathesis import Case

from deploy.local.mongo import Mongo
from shared.delivery import connect
from tests.contract.test_openapi import CONFIG, EVERY_TIME_THE_SAME
from tests.flow.shared.dead_letters import application, desk, signed_in

DESCRIPTION: dict[str, Any] = application(cast("Any", None), cast("Any", None), cast("Any", None)).openapi()


async def _serve(mongo_url: str, up: "Future[str]", over: Event) -> None:
    database = connect(mongo_url)
    try:
        async with desk(database) as made:
            for code in ("fault", "invalid", "invalid"):
                await made.buries(dead_code=code)
            server = uvicorn.Server(uvicorn.Config(made.app, port=0, log_config=None, lifespan="off"))
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


@pytest.fixture(scope="module")
def address(mongo: Mongo) -> Iterator[str]:
    up: Future[str] = Future()
    over = Event()
    thread = Thread(target=lambda: asyncio.run(_serve(mongo.url_of(f"t{uuid4().hex[:12]}"), up, over)))
    thread.start()
    try:
        yield up.result(60)
    finally:
        over.set()
        thread.join(30)


description = schemathesis.openapi.from_dict(DESCRIPTION, config=CONFIG)


@description.hook
def filter_query(_context: Any, query: dict[str, Any] | None) -> bool:
    """A parameter without a value is not sent, so nobody can refuse it."""
    return [] not in (query or {}).values()


@description.parametrize()
@EVERY_TIME_THE_SAME
def test_every_answer_stands_in_the_description(case: Case[Any], address: str) -> None:
    case.call_and_validate(base_url=address, headers=signed_in("operator"))


def test_every_body_and_answer_has_an_example_that_is_right() -> None:
    shapes = DESCRIPTION["components"]["schemas"]
    named = ("Letter", "LetterWhole", "Group", "Ordered", "Fared", "ToReplay", "ToDiscard", "GroupPage", "LetterPage")
    for name in (*named, "WholePage"):
        judge = Draft202012Validator({**shapes[name], "components": DESCRIPTION["components"]})
        assert shapes[name]["examples"], name
        assert [str(fault) for each in shapes[name]["examples"] for fault in judge.iter_errors(each)] == [], name
