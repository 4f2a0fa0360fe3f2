"""Who may come in, and how an error is told."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import Depends
from pydantic import BaseModel

from shared.delivery import Actor
from shared.events.base import Line
from shared.openapi import Application, api_page
from shared.web import (
    SESSION_COOKIE,
    Credential,
    Guard,
    LimitBody,
    Pages,
    Problem,
    sign_in_pages,
    tell_problems,
)

PAGES = Pages(Path(__file__).parent)


class Wish(BaseModel):
    seats: int
    room: Line = ""


def application() -> Application:
    credentials = [
        Credential(sha256=hashlib.sha256(f"{role}-token".encode()).hexdigest(), role=role, name=f"the {role}")
        for role in ("office", "operator")
    ]
    guard = Guard(credentials, ["key"])
    app = Application(docs_url=None)
    app.add_middleware(LimitBody, most=4096)
    tell_problems(app, PAGES, passing=[ConnectionError])
    app.include_router(sign_in_pages(guard, PAGES, secure=False))
    app.include_router(api_page(app, PAGES))
    office = Annotated[Actor, Depends(guard.needs("office", "auditor"))]

    @app.get("/desk")
    async def desk(actor: office) -> dict[str, str]:
        """What somebody finds on the desk."""
        return {"name": actor.name}

    @app.post("/wish")
    async def wish(wish: Wish) -> None:
        raise Problem(409, "full", "The group is full", "Ask for fewer seats.", seats=wish.seats)

    @app.get("/locked")
    async def locked() -> None:
        raise ConnectionResetError("the secret is 42")

    return app


@pytest.fixture
def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(application()), base_url="http://test")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_token_lets_its_role_in_and_no_other(client: httpx.AsyncClient) -> None:
    assert (await client.get("/desk", headers=bearer("office-token"))).json() == {"name": "the office"}
    assert (await client.get("/desk", headers=bearer("operator-token"))).status_code == 403
    assert (await client.get("/desk", headers=bearer("guess"))).status_code == 401
    assert (await client.get("/desk")).status_code == 401


async def test_an_error_is_a_problem_with_a_stable_type(client: httpx.AsyncClient) -> None:
    answer = await client.post("/wish", json={"seats": 3})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/full",
        "title": "The group is full",
        "status": 409,
        "detail": "Ask for fewer seats.",
        "seats": 3,
    }


async def test_a_wrong_request_names_the_field(client: httpx.AsyncClient) -> None:
    answer = await client.post("/wish", json={"seats": "many"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "seats"


async def test_what_breaks_a_line_is_refused_in_words_that_the_office_understands(client: httpx.AsyncClient) -> None:
    answer = await client.post("/wish", json={"seats": 3, "room": "a\nb"})
    assert answer.json()["detail"] == "room: is not one line of text: leave line breaks and control characters out"


async def test_a_method_that_is_not_taken_is_told_with_those_that_are(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/desk")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


async def test_a_body_that_is_no_json_is_told_as_such(client: httpx.AsyncClient) -> None:
    answer = await client.post("/wish", content="{bad", headers={"Content-Type": "application/json"})
    assert answer.json()["detail"].startswith("body: JSON")


async def test_a_person_is_led_to_sign_in_and_back(client: httpx.AsyncClient) -> None:
    asked = await client.get("/desk", headers={"Accept": "text/html"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/desk")
    assert "Logga in" in (await client.get("/sign-in?next=/desk")).text
    signed_in = await client.post("/sign-in", data={"token": "office-token", "next": "/desk"})
    assert signed_in.headers["location"] == "/desk"
    assert (await client.get("/desk")).json() == {"name": "the office"}


async def test_who_is_not_let_in_any_more_is_out_although_her_cookie_is_young(client: httpx.AsyncClient) -> None:
    keys = ["key"]
    for gone in (Actor("somebody who left", "office"), Actor("the operator", "office")):
        client.cookies.set(SESSION_COOKIE, Guard([], keys).session_for(gone))
        assert (await client.get("/desk")).status_code == 401
    client.cookies.set(SESSION_COOKIE, Guard([], keys).session_for(Actor("the office", "office")))
    assert (await client.get("/desk")).status_code == 200


@pytest.mark.parametrize("token", ["guess", ""])
async def test_a_wrong_key_is_refused_kindly(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.post("/sign-in", data={"token": token, "next": "/desk"})
    assert answer.status_code == 401
    assert "Nyckeln stämmer inte" in answer.text


@pytest.mark.parametrize("address", ["https://evil.example", "//evil.example", "/\\evil.example", "evil"])
async def test_sign_in_never_leads_elsewhere(client: httpx.AsyncClient, address: str) -> None:
    answer = await client.post("/sign-in", data={"token": "office-token", "next": address})
    assert answer.headers["location"] == "/"


async def test_pages_run_no_script_and_are_kept_nowhere(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/sign-in")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script" not in headers["content-security-policy"]


async def test_a_missing_page_is_told_as_a_page_to_a_person(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "Sidan finns inte" in answer.text


async def test_what_programs_can_ask_is_listed_without_loading_anything_from_elsewhere(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/docs")).text
    assert "<code>/desk</code>" in page
    assert "What somebody finds on the desk." in page
    assert "<script" not in page
    assert "http" not in page


async def test_a_fault_that_passes_by_itself_asks_to_try_again_and_tells_nothing_else(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/locked")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-now")
    assert "secret" not in answer.text


@pytest.mark.parametrize("said", [True, False])
async def test_nobody_can_send_more_than_we_ask_for(client: httpx.AsyncClient, said: bool) -> None:
    async def drops() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"token=" + b"x" * 1000

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = b"token=" + b"x" * 10_000 if said else drops()
    answer = await client.post("/sign-in", content=body, headers=headers)
    assert answer.status_code in (400, 413)
    small = await client.post("/sign-in", data={"token": "office-token"})
    assert small.status_code == 303
