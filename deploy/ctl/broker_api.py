"""The broker's management API, asked as one of its users."""

from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from deploy.ctl.calls import UnreachableError


class NotLetInError(Exception):
    """The management API refuses the user or her password."""


class BrokerApi:
    """Reads from the management API at `address` with the user and password that stand in `amqp_url`."""

    def __init__(self, address: str, amqp_url: str, patience: float = 5.0) -> None:
        parts = urlsplit(amqp_url)
        self.user = unquote(parts.username or "")
        credentials = (self.user, unquote(parts.password or ""))
        self._client = httpx.AsyncClient(
            base_url=f"{address.rstrip('/')}/api/", auth=credentials, timeout=patience, trust_env=False
        )

    async def get(self, path: str) -> Any:
        """The JSON at a path below /api.

        Raises:
            UnreachableError: nothing answers there.
            NotLetInError: the user may not sign in, or not see this.
        """
        try:
            answer = await self._client.get(path)
        except httpx.TransportError as error:
            where = f"{self._client.base_url} ({str(error) or type(error).__name__})"
            raise UnreachableError(f"the broker's management API cannot be reached at {where}") from error
        if answer.status_code in (401, 403):
            raise NotLetInError(f"the broker refuses the user {self.user} at {path}")
        if not answer.is_success:
            raise UnreachableError(f"the broker answers {answer.status_code} at {path}")
        return answer.json()

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.aclose()
