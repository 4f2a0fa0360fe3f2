"""Enrolment on a real database, and a cohort with people waiting for it."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from services.enrolment import handlers
from services.enrolment.store import INDEXES, EnrolmentTransaction
from shared.documents import Database
from shared.links import Links
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
