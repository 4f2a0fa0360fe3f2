"""What names a request in the log: an id that comes with it or is made here, and goes back with the answer."""

import re
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.cloudevents import uuid7
from shared.telemetry import ABOUT

HEADER: Final = "X-Request-ID"
_FROM_OUTSIDE = re.compile(r"[A-Za-z0-9-]{8,64}")
"""What a proxy may call a request; anything else is not repeated in a log."""


class NameRequests:
    """Middleware by which every line that is written for a request says which one. The request itself is not logged:
    its address may be somebody's link, and its time that of somebody's answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _FROM_OUTSIDE.fullmatch(given) else uuid7()

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        token = ABOUT.set({"request_id": request_id})
        try:
            await self._app(scope, receive, named)
        finally:
            ABOUT.reset(token)
