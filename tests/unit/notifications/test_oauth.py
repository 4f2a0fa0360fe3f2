"""Access tokens for the relay, from an endpoint that counts how often it is asked."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from services.notifications.oauth import AccessToken, Client
from services.notifications.settings import Settings


class Endpoint(ThreadingHTTPServer):
    """Gives out tokens, one after the other; with `answer` it says that."""

    asked: list[dict[str, list[str]]]
    answer: bytes | None = None

    @property
    def client(self) -> Client:
        return Client(f"http://127.0.0.1:{self.server_port}/token", "ledstjarna", "hemligt", "smtp.send")


class Answers(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(parse_qs(form))
        told = {"access_token": f"token-{len(self.server.asked)}", "expires_in": 3600}
        content = self.server.answer or json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(("127.0.0.1", 0), Answers) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


async def test_one_token_serves_all_connections_until_shortly_before_it_runs_out() -> None:
    now = [1000.0]
    with endpoint() as server:
        token = AccessToken(server.client, lambda: now[0])
        assert set(await asyncio.gather(*(token.get() for _ in range(4)))) == {"token-1"}
        now[0] += 3200
        assert await token.get() == "token-1"
        now[0] += 150
        assert await token.get() == "token-2"


async def test_endpoint_is_asked_as_the_client_that_we_are() -> None:
    with endpoint() as server:
        await AccessToken(server.client).get()
        assert server.asked == [
            {
                "grant_type": ["client_credentials"],
                "client_id": ["ledstjarna"],
                "client_secret": ["hemligt"],
                "scope": ["smtp.send"],
            }
        ]


async def test_token_that_the_relay_did_not_like_is_not_used_again() -> None:
    with endpoint() as server:
        token = AccessToken(server.client)
        await token.get()
        token.forget()
        assert await token.get() == "token-2"


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"error": "invalid_client"}'])
async def test_endpoint_without_a_token_is_trouble_that_may_pass(answer: bytes) -> None:
    with endpoint() as server:
        server.answer = answer
        with pytest.raises(OSError, match="LEDSTJARNA_TOKEN_URL"):
            await AccessToken(server.client).get()


TOLD = {
    "amqp_url": "amqp://x",
    "mongo_url": "mongodb://x",
    "public_url": "https://x",
    "link_keys": "key",
    "tokens_file": "x",
    "sender": "Led <led@kommun.example>",
    "smtp_url": "smtp://led@kommun.example:587",
    "token_url": "https://login.example/token",
    "token_client_id": "ledstjarna",
    "token_client_secret": "hemligt",
}


def settings(**other: str) -> Settings:
    return Settings.model_validate(TOLD | other)


def test_token_takes_the_place_of_the_password() -> None:
    assert settings().token is not None
    assert settings(token_url="https://login.example/t").relay.username == "led"


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_url": "http://login.example/token"},
        {"token_client_secret": ""},
        {"smtp_url": "smtp://kommun.example"},
        {"smtp_url": "smtp://led:secret@kommun.example"},
    ],
)
def test_token_settings_that_cannot_work_are_refused_at_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"LEDSTJARNA_TOKEN_URL|token or by a password"):
        settings(**wrong)


def test_secret_is_shown_nowhere() -> None:
    assert "hemligt" not in repr(settings())
