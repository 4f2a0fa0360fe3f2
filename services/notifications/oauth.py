"""Signing in at the relay with an access token instead of a password (OAuth 2.0 client credentials, RFC 6749, 4.4)."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SECONDS_BEFORE_EXPIRY = 300.0
ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to whoever gives out tokens."""

    url: str
    id: str
    secret: str = field(repr=False)
    scope: str = ""


class AccessToken:
    """The token of the hour, shared by all connections; asked for anew shortly before it runs out."""

    def __init__(self, client: Client, tick: Callable[[], float] = monotonic) -> None:
        self._client = client
        self._tick = tick
        self._asking = asyncio.Lock()
        self._token = ""
        self._good_until = 0.0

    async def get(self) -> str:
        """A token that is still good.

        Raises:
            OSError: none is to be had now.
        """
        async with self._asking:
            if self._tick() >= self._good_until:
                self._token, seconds = await asyncio.to_thread(_asked, self._client)
                self._good_until = self._tick() + seconds - min(SECONDS_BEFORE_EXPIRY, seconds / 2)
            return self._token

    def forget(self) -> None:
        """The relay did not like it: the next one asks for another."""
        self._good_until = 0.0


def _asked(client: Client) -> tuple[str, float]:
    """A token, and for how many seconds it is good."""
    fields = {"grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret}
    form = urlencode(fields | ({"scope": client.scope} if client.scope else {}))
    with urlopen(Request(client.url, form.encode("ascii")), timeout=ANSWER_SECONDS) as answer:  # noqa: S310 — settings allow https only
        content = answer.read()
    try:
        told: dict[str, Any] = json.loads(content)
        return str(told["access_token"]), float(told.get("expires_in", 600))
    except (ValueError, KeyError, TypeError):
        raise ConnectionError("the token endpoint answered without a token: look at LEDSTJARNA_TOKEN_URL") from None
