"""What programs and the office can ask about messages."""

import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from services.notifications.api import routes
from services.notifications.store import Records
from shared.web import Credential, Guard, Pages, tell_problems
from tests.flow.notifications.stage import Notifications, confirmed, employee, messages, offered, survey


@pytest.fixture
async def office(service: Notifications) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    credential = Credential(sha256=hashlib.sha256(b"token").hexdigest(), role="office", name="the office")
    tell_problems(app, Pages())
    app.include_router(routes(Records(service.delivery.database), Guard([credential], ["key"])))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://here", headers={"Authorization": "Bearer token"}
    ) as client:
        yield client


async def test_messages_of_a_person_come_page_by_page(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(employee("E1"), employee("E2"), offered("E1"), confirmed("E1"), offered("E2"))
    first = (await office.get("/api/messages", params={"employee_id": "E1", "limit": 2})).json()
    rest = (await office.get("/api/messages", params={"employee_id": "E1", "after": first["next"]})).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert sorted(item["kind"] for item in first["items"] + rest["items"]) == ["invite", "invite", "offer"]


async def test_lists_can_be_narrowed_by_kind_and_state(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(employee("E1"), offered("E1"), offered("E2"), survey("E1"))
    found = (await office.get("/api/messages", params={"kind": "offer", "state": "waiting"})).json()
    assert [item["employee_id"] for item in found["items"]] == ["E2"]
    assert (await office.get("/api/messages", params={"state": "lost"})).status_code == 422


async def test_list_of_messages_shows_how_they_fared_but_not_what_they_say(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(offered("E2"))
    assert "secret" not in (await office.get("/api/messages")).text


async def test_bytes_are_those_that_are_sent(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(employee(), offered())
    (offer,) = await messages(service)
    answer = await office.get(f"/api/messages/{offer.id}/bytes")
    assert answer.headers["content-type"] == "message/rfc822"
    assert hashlib.sha256(answer.content).hexdigest() == offer.sha256


async def test_survey_link_is_shown_to_nobody(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(employee(), survey("E1"))
    (asked,) = await messages(service)
    assert (await office.get(f"/api/messages/{asked.id}/bytes")).status_code == 403


async def test_message_that_waits_has_no_bytes_yet(service: Notifications, office: httpx.AsyncClient) -> None:
    await service.receives(offered())
    (offer,) = await messages(service)
    assert (await office.get(f"/api/messages/{offer.id}")).json()["state"] == "waiting"
    assert (await office.get(f"/api/messages/{offer.id}/bytes")).json()["type"] == "/problems/letter"


async def test_unknown_message_is_told_as_a_problem(office: httpx.AsyncClient) -> None:
    answer = await office.get("/api/messages/none")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/message")


async def test_calendar_identities_are_listed_with_their_state(
    service: Notifications, office: httpx.AsyncClient
) -> None:
    await service.receives(employee(), confirmed())
    found = (await office.get("/api/invitations", params={"employee_id": "E1"})).json()["items"]
    assert [(item["session_id"], item["sequence"], item["state"]) for item in found] == [
        ("FLC-1~S1", 0, "live"),
        ("FLC-1~S2", 0, "live"),
    ]


async def test_nothing_is_told_to_who_has_not_signed_in(office: httpx.AsyncClient) -> None:
    for address in ("/api/messages", "/api/messages/x", "/api/messages/x/bytes", "/api/invitations"):
        assert (await office.get(address, headers={"Authorization": ""})).status_code == 401
