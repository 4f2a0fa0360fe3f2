"""Enrolment's addresses on a real database, and who may come in."""

import hashlib
from pathlib import Path

from fastapi import FastAPI

import services.enrolment
from services.enrolment import api
from services.enrolment.api.door import Door
from services.enrolment.pages import routes
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Delivery
from shared.links import Links
from shared.openapi import Application
from shared.web import Credential, Guard, LimitBody, Pages, tell_problems
from tests.unit.enrolment.arrange import STOCKHOLM

ACTORS = {
    "office": "office",
    "auditor": "auditor",
    "operator": "operator",
    "facilitator": "facilitator",
    "other-office": "office",
    "other-facilitator": "facilitator",
}
"""Whose token `token-of-<name>` is, and her role."""


def signed_in(name: str) -> dict[str, str]:
    """The header by which somebody comes in."""
    return {"Authorization": f"Bearer token-of-{name}"}


def credentials() -> list[Credential]:
    """Whom the doors know."""
    return [
        Credential(sha256=hashlib.sha256(f"token-of-{name}".encode()).hexdigest(), role=role, name=f"the {name}")
        for name, role in ACTORS.items()
    ]


def application(delivery: Delivery[EnrolmentTransaction], links: Links) -> FastAPI:
    """The addresses as the service has them."""
    pages = Pages(Path(services.enrolment.__file__).parent / "templates")
    app = Application(title="Ledstjärna enrolment", version="1")
    app.add_middleware(LimitBody)
    tell_problems(app, pages)
    app.include_router(api.routes(Door(delivery, Guard(credentials(), ["key"]), STOCKHOLM)))
    app.include_router(routes(delivery, links, pages, STOCKHOLM))
    return app
