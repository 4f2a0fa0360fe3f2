"""Two people who change the same thing: ETag, If-None-Match and If-Match (RFC 9110, sections 8.8.3 and 13).

A tag is `"<version>-<digest of the answer>"`: it changes with everything that is shown, for instance with a member's
answer. If-Match looks at the version only, since that is what two changes of the thing itself collide on; so the bare
`"<version>"` will do, too.
"""

import hashlib
import json
import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Depends as Dependency
from fastapi.params import Query
from fastapi.routing import APIRoute

from shared.model import Document
from shared.web import Problem

_TAG = re.compile(r'(W/)?"([^"]*)"')


async def _if_none_match(
    if_none_match: Annotated[
        str | None, Header(max_length=1000, description="ETags that you have; 304 if it still is one of them.")
    ] = None,
) -> None:
    """Only described: `Versioned` reads it."""


class Versioned(APIRoute):
    """A GET of one thing tells its version as ETag, and answers 304 to whoever has it already.

    A parameter that is not known is refused: a misspelt filter would otherwise give everything.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: set[str] | list[str] | None = None,
        dependencies: Sequence[Dependency] | None = None,
        responses: dict[int | str, dict[str, Any]] | None = None,
        **more: Any,
    ) -> None:
        if path.endswith("}") and set(methods or {"GET"}) == {"GET"}:
            tag = {"ETag": {"description": "Its version, for If-Match.", "schema": {"type": "string"}}}
            dependencies = [*(dependencies or ()), Depends(_if_none_match)]
            responses = {200: {"headers": tag}, 304: {"headers": tag}, **(responses or {})}
        super().__init__(path, endpoint, methods=methods, dependencies=dependencies, responses=responses, **more)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As every route's, and what comes out is tagged."""
        handle = super().get_route_handler()
        parameters = get_flat_params(self.dependant)
        known = {each.alias for each in parameters if isinstance(each.field_info, Query)}

        async def tagged(request: Request) -> Response:
            if strange := set(request.query_params) - known:
                raise _strange_parameter(min(strange), known)
            response = await handle(request)
            return _tagged(request, response) if request.method == "GET" else response

        return tagged


def _strange_parameter(name: str, known: set[str]) -> Problem:
    possible = f"use {', '.join(sorted(known))}" if known else "this address takes none"
    return Problem(422, "strange-parameter", "No such parameter", f"there is no parameter {name!r}: {possible}")


def _tagged(request: Request, response: Response) -> Response:
    version = _version_told(bytes(response.body)) if response.status_code == 200 else None
    if version is None:
        return response
    tag = f'"{version}-{hashlib.sha256(response.body).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or tag in {f'"{opaque}"' for _, opaque in _TAG.findall(known)}:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def _version_told(body: bytes) -> int | None:
    told = json.loads(body)
    return told.get("version", told.get("revision")) if isinstance(told, dict) else None


def version_of(document: Document) -> int:
    """Which version of a thing this is; a programme's is its revision."""
    numbers: list[int | None] = [getattr(document, name, None) for name in ("version", "revision")]
    return next((number for number in numbers if number is not None), 0)


def compare(if_match: str, document: Document) -> None:
    """Let a change go on if the caller has seen this version.

    Raises:
        Problem: 412, another version has been seen.
    """
    version = version_of(document)
    seen = {opaque.partition("-")[0] for weak, opaque in _TAG.findall(if_match) if not weak}
    if if_match.strip() != "*" and str(version) not in seen:
        detail = f"It is at version {version} now, and you have seen another: read it again, see whether you still want"
        raise Problem(412, "precondition-failed", "It has changed", f"{detail} this, and send If-Match with its ETag.")


def nothing_to_compare() -> Problem:
    """If-Match was sent with something that has no version yet."""
    detail = "There is nothing yet whose version could be compared: leave If-Match out."
    return Problem(412, "precondition-failed", "There is nothing to compare", detail)
