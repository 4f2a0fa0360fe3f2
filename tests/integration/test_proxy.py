"""People and programs behind the proxy: one address, and every link, form and redirect on it leads somewhere."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from rich.console import Console

from deploy.local.endpoints import Endpoints
from deploy.local.outside import Outside
from deploy.local.ports import HOST, free_port
from deploy.local.stack import Stack
from deploy.sample.year import live_through
from deploy.sample.years import SHORT
from shared.topology import SERVICES
from tests.integration.proxied import Proxy

STARTS_OF_PAGES = ("/results", "/recommendations", "/tasks", "/messages", "/promises", "/suppressions")


@dataclass
class Town:
    """A stack behind a proxy."""

    url: str
    stack: Stack
    proxy: Proxy

    @property
    def endpoints(self) -> Endpoints:
        return self.stack.endpoints


@asynccontextmanager
async def behind_a_proxy(run_dir: Path) -> AsyncIterator[Town]:
    port = free_port()
    url = f"http://{HOST}:{port}"
    async with Stack(run_dir, outside=Outside(), public_url=url) as stack:
        services = {name: urlsplit(getattr(stack.endpoints, name)).netloc for name in SERVICES}
        async with Proxy(run_dir, services, port=port) as proxy:
            yield Town(url, stack, proxy)


class Addresses(HTMLParser):
    """What a page leads to by links and forms."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"a": "href", "form": "action", "link": "href", "img": "src", "script": "src"}.get(tag)
        self.found += [value for name, value in attrs if name == wanted and value]


async def read_everything(browser: httpx.AsyncClient, starts: tuple[str, ...]) -> dict[str, int]:
    """Follow every link from these pages on; the status of each address."""
    seen: dict[str, int] = {}
    todo = [urljoin(str(browser.base_url), start) for start in starts]
    while todo:
        address = todo.pop()
        if address in seen or len(seen) > 300:
            continue
        answer = await browser.get(address)
        seen[address] = answer.status_code
        if "html" in answer.headers.get("content-type", ""):
            page = Addresses()
            page.feed(answer.text)
            todo += [
                urljoin(str(answer.url), found).partition("#")[0] for found in page.found if "mailto:" not in found
            ]
    return seen


@pytest.mark.village
@pytest.mark.timeout(900)
async def test_a_village_lives_behind_the_proxy(tmp_path: Path) -> None:
    """Whatever people click in their mails comes by the proxy; then the office signs in once and reads everything."""
    async with behind_a_proxy(tmp_path) as town:
        outcome = await live_through(town.endpoints, seed=5, console=Console(quiet=True), plan=SHORT)
        assert [promise.text for promise in outcome.promises if promise.held is False] == []
        asked = town.proxy.asked()
        assert asked.count("enrolment") > 20
        assert asked.count("evaluation") > 100
        async with httpx.AsyncClient(base_url=town.url, trust_env=False, follow_redirects=True, timeout=30) as office:
            await _sign_in(office, town.endpoints.tokens.office)
            seen = await read_everything(office, STARTS_OF_PAGES)
            await _ask_as_a_program(town)
        assert len(seen) > 30
        assert {urlsplit(address).netloc for address in seen} == {urlsplit(town.url).netloc}
        assert {address: status for address, status in seen.items() if status not in (200, 405)} == {}


async def _sign_in(office: httpx.AsyncClient, token: str) -> None:
    """From the bare address to the results, with a stop at the one page for signing in."""
    page = await office.get("/", headers={"Accept": "text/html"})
    assert page.url.path == "/sign-in"
    inside = await office.post("/sign-in", data={"token": token, "next": page.url.params["next"]})
    assert (inside.status_code, inside.url.path) == (200, "/results")


async def _ask_as_a_program(town: Town) -> None:
    key = {"Authorization": f"Bearer {town.endpoints.tokens.office}"}
    async with httpx.AsyncClient(base_url=town.url, trust_env=False, headers=key) as program:
        for path in ("enrolment/api/places", "notifications/api/messages", "evaluation/api/releases"):
            assert (await program.get(f"/{path}")).json()["items"]
        for service in SERVICES:
            page = await program.get(f"/{service}/docs")
            assert 'href="openapi.json"' in page.text
            described = (await program.get(f"/{service}/openapi.json")).json()
            assert described["info"]["title"] == f"Ledstjärna {service}"
        refused = await program.get("/enrolment/api/places", headers={"Authorization": "", "Accept": "text/html"})
        assert (refused.status_code, refused.json()["type"]) == (401, "/problems/sign-in")


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, list[str]]]:
    """The proxy before something that only says which path it was asked for."""
    heard: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        heard.append(request.split()[1])
        accept = (re.search(r"(?im)^accept: (.*)\r$", request) or [""])[1] if "accept" in request.lower() else ""
        elsewhere = "Location: http://elsewhere/api/people\r\n" if "/people/" in request.split()[1] else ""
        status = "307 Temporary Redirect" if elsewhere else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(accept)}\r\n{elsewhere}\r\n{accept}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, HOST, 0)
    address = f"{HOST}:{server.sockets[0].getsockname()[1]}"
    port = free_port()
    away = f"{HOST}:{free_port()}"
    services = {"enrolment": address, "notifications": away, "evaluation": address}
    client = httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False)
    async with server, Proxy(tmp_path, services, port=port), client:
        yield client, heard


INSIDE = ("/metrics", "/health/live", "/health/ready", "/progress", "/ledger", "/docs", "/openapi.json", "/api/places")
DISGUISED = (
    "/results/../metrics",
    "/results/..%2fmetrics",
    "//metrics",
    "/./metrics",
    "/%6detrics",
    "/enrolment/metrics",
    "/enrolment/api/../metrics",
    "/enrolment/api/..%2fmetrics",
    "/enrolment/api/%2e%2e/progress",
    "/enrolment//ledger",
    "/evaluation/health/ready",
    "/s/../../progress",
)


@pytest.mark.parametrize("path", INSIDE + DISGUISED)
async def test_what_is_for_the_inside_is_not_to_be_had_outside(
    path: str, bare: tuple[httpx.AsyncClient, list[str]]
) -> None:
    client, heard = bare
    answer = await client.get(httpx.URL(str(client.base_url)).copy_with(raw_path=path.encode()))
    assert answer.status_code in (400, 404)
    assert heard == []


async def test_a_program_is_led_on_under_the_name_of_the_service(bare: tuple[httpx.AsyncClient, list[str]]) -> None:
    client, heard = bare
    answer = await client.get("/enrolment/api/people/?limit=5")
    assert heard == ["/api/people/?limit=5"]
    assert answer.headers["location"] == "/enrolment/api/people"
    assert (await client.get("/enrolment/api/places", headers={"Accept": "text/html"})).text == "*/*"
    assert (await client.get("/results", headers={"Accept": "text/html"})).text == "text/html"


async def test_a_service_that_is_away_is_told_to_people_in_their_language(
    bare: tuple[httpx.AsyncClient, list[str]],
) -> None:
    client, _ = bare
    answer = await client.get("/messages")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "10"
    assert "Det går inte just nu" in answer.text


async def test_more_than_a_service_takes_does_not_reach_it(bare: tuple[httpx.AsyncClient, list[str]]) -> None:
    client, heard = bare
    assert (await client.post("/o/token", content=b"x" * (1024 * 1024 + 1))).status_code == 413
    assert heard == []


async def test_no_address_is_logged(bare: tuple[httpx.AsyncClient, list[str]], tmp_path: Path) -> None:
    client, _ = bare
    for path in ("/o/a-secret-link", "/messages/a-secret-link", "/nothing/a-secret-link"):
        await client.get(path)
    await asyncio.sleep(0.2)
    log = (tmp_path / "logs/proxy.log").read_text()
    assert log.count('"service":"proxy"') == 3
    assert "secret" not in log
