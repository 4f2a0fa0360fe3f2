"""Enrolment on a real database, and a cohort with people waiting for it."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
from httpx import ASGITransport, AsyncClient

from services.enrolment import handlers
from services.enrolment.store import INDEXES, EnrolmentTransaction
from shared.documents import Database
from shared.links import Links
from tests.flow.enrolment.doors import application, signed_in
from tests.flow.enrolment.office import Office
from tests.harness import harness
from tests.unit.enrolment.arrange import NOW, STOCKHOLM

LINKS = Links(["a key for tests"], "https://ledarskap.example")


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    """The programme office, with an empty enrolment service to work with."""
    async with harness(
        database,
        name="enrolment",
        transaction=partial(EnrolmentTransaction, links=LINKS, zone=STOCKHOLM),
        subscriptions=(handlers.hr, handlers.notifications, handlers.evaluation),
        timers=handlers.timers,
        indexes=INDEXES,
        start=NOW,
    ) as service:
        yield Office(service)


@pytest.fixture
async def door(office: Office) -> AsyncIterator[AsyncClient]:
    """The service's addresses, with the office signed in."""
    app = application(office.service.delivery, LINKS)
    async with AsyncClient(
        transport=ASGITransport(app), base_url="https://ledarskap.example", headers=signed_in("office")
    ) as client:
        yield client
