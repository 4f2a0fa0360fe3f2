"""Requests are named in the log, and nothing that somebody sends is written there."""

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from shared.requests import HEADER, NameRequests
from shared.telemetry import ABOUT


async def asked(name: str | None) -> tuple[str, str]:
    """The name in the log, and the one in the answer."""
    app = FastAPI()
    app.add_middleware(NameRequests)

    @app.get("/")
    async def home() -> str:
        return str(ABOUT.get()["request_id"])

    async with AsyncClient(transport=ASGITransport(app), base_url="http://here") as client:
        answer = await client.get("/", headers={HEADER: name} if name else {})
    return answer.json(), answer.headers[HEADER]


async def test_a_request_has_the_name_that_a_proxy_gave_it() -> None:
    assert await asked("4f2a9c81-proxy") == ("4f2a9c81-proxy", "4f2a9c81-proxy")


@pytest.mark.parametrize("name", [None, "short", "asa.oberg@kommun.example", "x" * 65])
async def test_a_request_without_a_fitting_name_gets_one(name: str | None) -> None:
    in_log, in_answer = await asked(name)
    assert in_log == in_answer != name
    assert len(in_log) == 36
