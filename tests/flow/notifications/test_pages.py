"""The office's pages: what they show, and that only a confirmed form of theirs changes anything."""

import hashlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

import services.notifications
from services.notifications import api, pages
from services.notifications.model import Suppression
from services.notifications.records import Records
from services.notifications.watch import Watch
from shared.delivery import Actor
from shared.links import Links
from shared.web import SESSION_COOKIE, Credential, Guard, Pages, tell_problems
from tests.flow.notifications.stage import (
    Notifications,
    confirmed,
    employee,
    messages,
    offered,
    sent,
    session,
    survey,
    told,
)

ROLES = ("office", "auditor", "operator")


@pytest.fixture
async def browser(service: Notifications) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    digest = hashlib.sha256(b"token").hexdigest()
    guard = Guard([Credential(sha256=digest, role=role, name=f"the {role}") for role in ROLES], ["key"])
    room = services.notifications.__path__[0]
    html = Pages(Path(room) / "templates")
    tell_problems(app, html)
    doors = api.Doors(Records(service.delivery.database), service.delivery)
    office = pages.OfficePages(doors, html, Links(["key"], "http://here"), ZoneInfo("Europe/Stockholm"))
    app.include_router(pages.routes(office, guard))
    app.include_router(api.routes(doors, guard))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://here", headers={"Accept": "text/html"}
    ) as client:
        client.cookies.set(SESSION_COOKIE, guard.session_for(Actor("the office", "office")))
        yield client


def signs_in(browser: httpx.AsyncClient, role: str) -> None:
    guard = Guard([], ["key"])
    browser.cookies.set(SESSION_COOKIE, guard.session_for(Actor(f"the {role}", role)))


def hidden(page: str) -> dict[str, str]:
    """What the first form of a page sends along."""
    form = page[page.index('<form method="post"') :]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[: form.index("</form>")]))


async def everything(service: Notifications) -> dict[str, list[dict[str, Any]]]:
    database = service.delivery.database
    return {
        name: [row async for row in database[name].find({}).sort("_id")]
        for name in sorted(await database.list_collection_names())
    }


async def test_pages_are_for_who_has_signed_in(browser: httpx.AsyncClient) -> None:
    browser.cookies.clear()
    for address in ("/messages", "/messages/x", "/promises"):
        assert (await browser.get(address)).headers["location"].startswith("/sign-in")


async def test_search_shows_what_was_sent_in_words(service: Notifications, browser: httpx.AsyncClient) -> None:
    await service.receives(employee("E1"), offered("E1"), offered("E2"))
    page = (await browser.get("/messages", params={"employee_id": " E1 ", "kind": "", "state": "rendered"})).text
    assert "Erbjudande</strong></a>: ska skickas" in page
    assert "till E2" not in page
    assert "inga sådana" in (await browser.get("/messages", params={"change_id": "none"})).text


async def test_message_is_shown_in_a_frame_that_can_do_nothing(
    service: Notifications, browser: httpx.AsyncClient
) -> None:
    await service.receives(employee(), offered(answer_url=f"https://ledarskap.kommun.example/o/{'x' * 60}"))
    (offer,) = await messages(service)
    answer = await browser.get(f"/messages/{offer.id}")
    assert '<iframe sandbox="" ' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "xxxx" not in answer.text
    assert "Åsa Öberg (E1)" in answer.text


async def test_survey_is_shown_to_nobody(service: Notifications, browser: httpx.AsyncClient) -> None:
    await service.receives(employee(), survey("E1"))
    (asked,) = await messages(service)
    page = (await browser.get(f"/messages/{asked.id}")).text
    assert "/s/E1" not in page
    assert "<iframe" not in page


async def test_mail_is_sent_again_only_after_a_second_yes_and_once(
    service: Notifications, browser: httpx.AsyncClient
) -> None:
    await service.receives(employee(), offered())
    await sent(service)
    (offer,) = await messages(service)
    address = f"/messages/{offer.id}/resend"
    asked = await browser.post(address, data=hidden((await browser.get(f"/messages/{offer.id}")).text))
    assert "Skicka samma mejl igen?" in asked.text
    assert await told(service) == [("offer", "sent")]
    for _ in range(2):
        done = await browser.post(address, data=hidden(asked.text))
        assert (done.status_code, done.headers["location"]) == (303, f"{address.removesuffix('/resend')}?said=resend")
    (going,) = await messages(service)
    assert (going.state, going.resent) == ("rendered", 1)
    page = (await browser.get(f"/messages/{offer.id}?said=resend")).text
    assert "Mejlet skickas igen." in page
    assert "the office skickade samma mejl igen." in page


async def test_form_of_another_site_changes_nothing(service: Notifications, browser: httpx.AsyncClient) -> None:
    await service.receives(employee(), confirmed())
    await sent(service)
    before = await everything(service)
    for message in await messages(service):
        for deed in ("resend", "reinvite"):
            for csrf in ("", "made-up", Links(["key"], "").sign("office-form", "office|somebody else")):
                form = {"csrf": csrf, "once": "1"}
                assert (await browser.post(f"/messages/{message.id}/{deed}", data=form)).status_code == 403
    assert await everything(service) == before


async def test_person_is_invited_anew_from_the_page_of_the_lost_mail(
    service: Notifications, browser: httpx.AsyncClient
) -> None:
    await service.receives(employee(), confirmed(sessions=[session(1)]))
    await sent(service)
    (invite,) = await messages(service)
    address = f"/messages/{invite.id}/reinvite"
    asked = await browser.post(address, data=hidden((await browser.get(f"/messages/{invite.id}")).text))
    assert (await browser.post(address, data=hidden(asked.text))).status_code == 303
    assert await told(service) == [("cancel", "rendered"), ("invite", "rendered"), ("invite", "sent")]
    again = await browser.post(
        address, data=hidden((await browser.post(address, data=hidden(asked.text) | {"once": ""})).text)
    )
    assert again.status_code == 409
    assert "inget att bjuda in till" in again.text


async def test_broken_promises_are_told_with_what_to_do(service: Notifications, browser: httpx.AsyncClient) -> None:
    assert "Alla löften hålls" in (await browser.get("/promises")).text
    await service.receives(confirmed())
    service.clock.moment += timedelta(hours=1)
    await Watch(Records(service.delivery.database), service.delivery, service.clock).look()
    assert "Lägg in den i personalsystemet" in (await browser.get("/promises")).text


async def test_suppressed_address_is_lifted_by_the_office_only(
    service: Notifications, browser: httpx.AsyncClient
) -> None:
    known = Suppression(id="a1", employee_id="E1", message_id="M", status="5.1.1", since=service.clock.now())
    await service.delivery.database["suppressions"].insert_one(known.model_dump(by_alias=True))
    page = (await browser.get("/suppressions")).text
    assert (await browser.post("/suppressions/a1/lift", data={"csrf": "x"})).status_code == 403
    assert "Häv spärren för E1" in (await browser.get("/suppressions")).text
    assert (await browser.post("/suppressions/a1/lift", data=hidden(page))).status_code == 303
    assert "Inga adresser är spärrade" in (await browser.get("/suppressions")).text


async def test_a_thousand_looks_change_nothing(service: Notifications, browser: httpx.AsyncClient) -> None:
    await service.receives(employee(), employee("E2"), offered("E2"), confirmed(), survey("E1"))
    await sent(service)
    found = await messages(service)
    own = [f"/messages/{one.id}" for one in found] + [f"/messages/{one.id}?said=resend" for one in found]
    api_ = [f"/api/messages/{one.id}{part}" for one in found for part in ("", "/bytes", "/preview")]
    lists = [
        "/suppressions",
        "/api/suppressions",
        "/messages",
        "/messages?employee_id=E1",
        "/promises",
        "/api/messages",
        "/api/invitations",
    ]
    deeds = [f"/messages/{one.id}/{deed}" for one in found for deed in ("resend", "reinvite")]
    addresses = [*own, *api_, *lists, "/api/invitations", "/api/promises/broken", *deeds]
    before = await everything(service)
    for number in range(1000):
        answer = await browser.get(addresses[number % len(addresses)])
        assert answer.status_code in {200, 403, 405}
    assert await everything(service) == before
