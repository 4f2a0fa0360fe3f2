"""The doors for people and programs: who may come in, how an error is told, and the frame of every page."""

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

import structlog
from fastapi import APIRouter, FastAPI, Form, Header, Query, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.security import HTTPBearer
from itsdangerous import BadSignature, URLSafeTimedSerializer
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from pydantic import BaseModel, TypeAdapter
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.delivery import Actor, KeyReusedError, Once
from shared.events.base import complaint

log = structlog.get_logger()

SESSION_COOKIE = "ledstjarna_session"
SESSION_SECONDS = 12 * 3600

PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
}
"""Pages load nothing, and run no script but one that is named by its hash; their links may be secrets, so they are
neither kept nor passed on."""


TOKEN: Final = HTTPBearer(scheme_name="token", description="A token of the right role.", auto_error=False)
"""How the description of the doors names what `Guard` looks at."""

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

MOST_BYTES = 1024 * 1024
"""The largest form or file that anybody may send."""


class Problem(Exception):  # noqa: N818 — named as in RFC 9457
    """An answer that says what is wrong and what to do (RFC 9457): `slug` is the stable part of its `type`."""

    def __init__(self, status: int, slug: str, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {"type": f"/problems/{slug}", "title": title, "status": status, "detail": detail, **more}


class LimitBody:
    """Middleware that takes no more from anybody than the largest form or file that we ask for."""

    def __init__(self, app: ASGIApp, most: int = MOST_BYTES) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and stop reading when it has become too large."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                raise HTTPException(413, f"Send at most {self._most // 1024} KiB.")
            return message

        await self._app(scope, counted, send)


class Credential(BaseModel):
    """A bearer token as it is kept: only its hash."""

    sha256: str
    role: str
    name: str


def read_credentials(file: Path) -> tuple[Credential, ...]:
    """The tokens that may sign in, from a JSON file."""
    return TypeAdapter(tuple[Credential, ...]).validate_json(file.read_bytes())


class Guard:
    """Knows who asks, by bearer token (programs) or by the cookie of the sign-in page (people)."""

    def __init__(self, credentials: Sequence[Credential], keys: Sequence[str]) -> None:
        self._credentials = credentials
        self._sessions = URLSafeTimedSerializer(list(reversed(keys)), salt="session")

    def needs(self, *roles: str) -> Callable[[Request], Awaitable[Actor]]:
        """A dependency that gives the caller, if she has one of these roles.

        Raises:
            Problem: 401 if nobody has signed in, 403 if she may not do this.
        """

        async def caller(request: Request, _: Annotated[Any, Security(TOKEN)] = None) -> Actor:
            actor = self._by_token(request) or self._by_session(request)
            if actor is None:
                raise Problem(401, "sign-in", "Sign in first", "Send a bearer token, or use the page /sign-in.")
            if actor.role not in roles:
                raise Problem(403, "role", "Not your role", f"This needs the role {' or '.join(roles)}.")
            return actor

        return caller

    def actor_of(self, token: str) -> Actor | None:
        """Whose token this is."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        found = [known for known in self._credentials if hmac.compare_digest(known.sha256, digest)]
        return Actor(found[0].name, found[0].role) if found else None

    def session_for(self, actor: Actor) -> str:
        """What the cookie of a signed-in person says."""
        return str(self._sessions.dumps([actor.name, actor.role]))

    def _by_token(self, request: Request) -> Actor | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self.actor_of(token.strip()) if scheme.lower() == "bearer" else None

    def _by_session(self, request: Request) -> Actor | None:
        try:
            name, role = self._sessions.loads(request.cookies.get(SESSION_COOKIE, ""), max_age=SESSION_SECONDS)
        except (BadSignature, ValueError):
            return None
        still_let_in = any((known.name, known.role) == (name, role) for known in self._credentials)
        return Actor(name, role) if still_let_in else None


class Pages:
    """Renders a service's templates inside the frame that all pages share."""

    def __init__(self, *directories: Path) -> None:
        self._scripts: dict[str, tuple[Markup, str]] = {}
        self._loader = FileSystemLoader([*directories, Path(__file__).parent / "templates"])
        self._templates = Environment(
            loader=self._loader,
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            auto_reload=False,  # looking at the files before each page took a tenth of its time
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(
        self, name: str, language: str, status: int = 200, *, script: str | None = None, **values: Any
    ) -> HTMLResponse:
        """One page in one language. `script` is the file beside it that it runs, to the byte, and no other."""
        headers = {**PAGE_HEADERS, "Content-Language": language}
        if script is not None:
            values["script"], allowed = self._script(script)
            headers["Content-Security-Policy"] += f"; script-src '{allowed}'"
        html = self._templates.get_template(name).render(language=language, **values)
        return HTMLResponse(html, status, headers=headers)

    def _script(self, name: str) -> tuple[Markup, str]:
        """A script and its hash as a policy names it; both are the same for as long as the service runs."""
        if name not in self._scripts:
            source, _, _ = self._loader.get_source(self._templates, name)
            digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
            self._scripts[name] = Markup(source), f"sha256-{digest}"  # noqa: S704 — a file of ours
        return self._scripts[name]


async def idempotency_key(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            description="Asked again with the same key, it is done once and the first answer is given.",
        ),
    ] = None,
) -> Once | None:
    """The caller's key for this request, which stands for its address and its body."""
    if key is None:
        return None
    asked = (request.method, request.url.path, request.url.query, hashlib.sha256(await request.body()).hexdigest())
    return Once(key, " ".join(asked))


class Paging(BaseModel):
    """Which part of a list is asked for."""

    limit: Annotated[int, Query(ge=1, le=500)] = 100
    after: Annotated[str | None, Query(max_length=300, description="The `next` of the part before.")] = None

    def page(self, items: Sequence[Mapping[str, Any]], key: str) -> dict[str, Any]:
        """One page of a list that was read with one item more than `limit`; `key` is what it is sorted by."""
        shown = list(items[: self.limit])
        return {"items": shown, "next": shown[-1][key] if len(items) > self.limit else None}


def sign_in_pages(guard: Guard, pages: Pages, *, secure: bool) -> APIRouter:
    """The page where a person shows her token once and gets a cookie."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in")
    async def ask(next: str = "/") -> HTMLResponse:  # noqa: A002 — the name in the address
        return pages.render("sign_in.html", "sv", next=_inside(next), refused=False)

    @router.post("/sign-in")
    async def sign_in(token: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/") -> Response:  # noqa: A002
        actor = guard.actor_of(token.strip())
        if actor is None:
            return pages.render("sign_in.html", "sv", 401, next=_inside(next), refused=True)
        answer = RedirectResponse(_inside(next), 303, headers=PAGE_HEADERS)
        answer.set_cookie(
            SESSION_COOKIE, guard.session_for(actor), SESSION_SECONDS, httponly=True, samesite="lax", secure=secure
        )
        return answer

    return router


def _inside(address: str) -> str:
    """Only addresses of this service are led on to."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"


def tell_problems(app: FastAPI, pages: Pages, passing: Sequence[type[Exception]] = ()) -> None:
    """Let every error of an application be told as a problem: as JSON to programs, as a page to people.

    `passing` are faults that go by themselves, such as a lock that a killed process left behind: 503, try again.
    """

    async def _not_now(request: Request, error: Exception) -> Response:
        log.warning("a request could not be served now", error=type(error).__name__)
        return _tell(request, pages, Problem(503, "not-now", "Not possible just now", "Try again in a little while."))

    for kind in passing:
        app.add_exception_handler(kind, _not_now)

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> Response:
        return _tell(request, pages, problem)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        errors = [{"field": _field(item), "message": complaint(item)} for item in error.errors()]
        detail = "; ".join(f"{item['field'] or 'body'}: {item['message']}" for item in errors)
        return _tell(request, pages, Problem(422, "invalid", "The request is not right", detail, errors=errors))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        detail = "There is nothing at this address." if error.status_code == 404 else str(error.detail)
        answer = _tell(request, pages, Problem(error.status_code, "http", str(error.detail), detail))
        if error.status_code == 405:
            answer.headers["Allow"] = ", ".join(_allowed(request))
        return answer

    @app.exception_handler(KeyReusedError)
    async def _key_reused(request: Request, error: KeyReusedError) -> Response:
        detail = "You have used this Idempotency-Key for another request: send this one with a key of its own."
        return _tell(request, pages, Problem(422, "idempotency-key-reused", "The key has been used", detail))


def _allowed(request: Request) -> list[str]:
    """What can be done at an address, over all its routes: the router itself names only those of the first."""
    routes, scope = request.app.router.routes, dict(request.scope)
    return [
        method
        for method in METHODS
        if any(route.matches(scope | {"method": method})[0] is Match.FULL for route in routes)
    ]


def _field(error: Mapping[str, Any]) -> str:
    """The field that is wrong; none when the body is no JSON, where pydantic gives the place in the text."""
    return "" if error["type"] == "json_invalid" else ".".join(str(part) for part in error["loc"][1:])


IN_SWEDISH: Final = {
    400: ("Svaret gick inte att läsa", "Gå tillbaka till sidan och försök igen."),
    401: ("Logga in först", "Du behöver logga in för att se sidan."),
    403: ("Sidan är inte för dig", "Din roll får inte se sidan. Fråga den som delar ut nycklar."),
    404: (
        "Sidan finns inte",
        "Kontrollera att hela adressen är med, eller öppna länken i mejlet igen.",
    ),
    405: ("Så kan sidan inte användas", "Öppna länken i mejlet igen och använd knapparna på sidan."),
    422: ("Något i svaret stämmer inte", "Gå tillbaka, kontrollera det du fyllt i och försök igen."),
    503: ("Det går inte just nu", "Försök igen om en liten stund. Inget har gått förlorat."),
}
"""What a person reads when a page cannot be shown; programs get the problem itself."""


def _tell(request: Request, pages: Pages, problem: Problem) -> Response:
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and problem.status == 401 and request.method == "GET":
        return RedirectResponse(f"/sign-in?next={quote(request.url.path)}", 303, headers=PAGE_HEADERS)
    if wants_page:
        heading, text = IN_SWEDISH.get(problem.status, (problem.body["title"], problem.body["detail"]))
        return pages.render("problem.html", "sv", problem.status, heading=heading, text=text)
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    return JSONResponse(
        json.loads(json.dumps(problem.body, default=str)), problem.status, headers, "application/problem+json"
    )
