"""HTTP calls that outlive a service being restarted."""

import asyncio
import time
from types import TracebackType
from typing import Any, Final, Self

import httpx

PASSING: Final = frozenset({502, 503, 504})
"""Answers of a service that is up but cannot act now."""

_PAUSE_SECONDS: Final = 0.1


class UnreachableError(Exception):
    """A service did not answer for as long as we were ready to wait."""


class RefusedError(Exception):
    """A service said no, in words: the title and detail of its problem."""

    def __init__(self, status: int, sentence: str, problem: dict[str, Any]) -> None:
        super().__init__(sentence)
        self.status = status
        self.problem = problem


class Calls:
    """Calls with a bearer token (none: as anybody), tried again until answered or `patience` seconds have gone.

    A POST that is tried again must be harmless twice: give it an Idempotency-Key.
    """

    def __init__(self, token: str | None = None, patience: float = 120.0) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        limits = httpx.Limits(max_connections=8, max_keepalive_connections=8)
        self._client = httpx.AsyncClient(headers=headers, timeout=30.0, limits=limits, trust_env=False)
        self._patience = patience

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, url: str, **params: str | int) -> Any:
        """The JSON at `url`. Raises `RefusedError` or `UnreachableError`."""
        return said(await self.answer("GET", url, params=params))

    async def post(self, url: str, *, once: str, **body: Any) -> Any:
        """The JSON that answers a POST, done once under the key `once`. Raises `RefusedError` or `UnreachableError`."""
        headers = {"Idempotency-Key": once, **body.pop("headers", {})}
        return said(await self.answer("POST", url, headers=headers, **body))

    async def answer(self, method: str, url: str, **parts: Any) -> httpx.Response:
        """Whatever a service answers that is not just "not now".

        Raises:
            UnreachableError: nothing but that, or nothing at all, for too long.
        """
        started = time.monotonic()
        while True:
            try:
                response = await self._client.request(method, url, **parts)
                if response.status_code not in PASSING:
                    return response
                trouble = f"it answers {response.status_code}"
            except httpx.TransportError as error:
                trouble = str(error) or type(error).__name__
            if time.monotonic() - started > self._patience:
                raise UnreachableError(f"{url} cannot be reached ({trouble}); is the stack running? See its log.")
            await asyncio.sleep(min(_PAUSE_SECONDS, self._patience))


def said(response: httpx.Response) -> Any:
    """The JSON of a good answer.

    Raises:
        RefusedError: the answer is a problem (RFC 9457).
    """
    if response.is_success:
        return response.json()
    is_json = "json" in response.headers.get("content-type", "")
    problem = response.json() if is_json else {"title": f"HTTP {response.status_code}", "detail": response.text[:200]}
    words = [str(problem[key]).rstrip(".") for key in ("title", "detail") if problem.get(key)]
    raise RefusedError(response.status_code, ": ".join(words) or f"HTTP {response.status_code}", problem)
