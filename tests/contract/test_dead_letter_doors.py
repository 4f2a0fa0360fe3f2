"""The doors to dead letters against their own description: no answer holds anything that does not stand there."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import schemathesis
from fastapi import FastAPI
from jsonschema_rs import Draft202012Validator
from schemathesis import Case

from deploy.local.mongo import Mongo
from shared.documents import Database
from tests.contract.serving import served
from tests.contract.test_openapi import CONFIG, EVERY_TIME_THE_SAME
from tests.flow.shared.dead_letters import application, desk, signed_in

DESCRIPTION: dict[str, Any] = application(cast("Any", None), cast("Any", None), cast("Any", None)).openapi()


@asynccontextmanager
async def three_letters(database: Database) -> AsyncIterator[FastAPI]:
    """A service with three dead letters of two causes."""
    async with desk(database) as made:
        for code in ("fault", "invalid", "invalid"):
            await made.buries(dead_code=code)
        yield made.app


@pytest.fixture(scope="module")
def address(mongo: Mongo) -> Iterator[str]:
    with served(mongo, three_letters) as url:
        yield url


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
