"""Enrolment's doors against their own description: nobody is answered with anything that does not stand there."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from typing import Any, cast

import pytest
import schemathesis
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig

from deploy.local.mongo import Mongo
from services.enrolment import handlers
from services.enrolment.store import INDEXES, EnrolmentTransaction
from shared.documents import Database
from shared.events.hr import SnapshotPage
from tests.contract.serving import served
from tests.flow.enrolment.conftest import LINKS
from tests.flow.enrolment.doors import application, signed_in
from tests.flow.enrolment.office import Office
from tests.harness import harness
from tests.unit.enrolment.arrange import NOW, STOCKHOLM, hr_says

EXAMPLES = int(os.environ.get("LEDSTJARNA_API_EXAMPLES", "10"))
"""For each operation; more find more: LEDSTJARNA_API_EXAMPLES=1000 ./check -- tests/contract/test_openapi.py"""

MAY_MEET = ["2xx", "304", "401", "403", "404", "409", "412", "422"]
"""What a request that follows the description may meet; rules of the house (422) and versions (412) cannot be told
in a schema. A body that cannot be read (400) is not among them."""

OFFICE = signed_in("office")
LISTS = (
    *("/programmes", "/programmes/FLC/revisions", "/programmes/FLC/queue", "/goals", "/changes", "/cohorts", "/places"),
    *("/proposals", "/networks", "/alumni", "/staff-imports", "/staff-register", "/people/E0/timeline"),
)
EVERY_TIME_THE_SAME = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@asynccontextmanager
async def enrolment(database: Database) -> AsyncIterator[FastAPI]:
    """Enrolment with a cohort under way."""
    async with harness(
        database,
        name="enrolment",
        transaction=partial(EnrolmentTransaction, links=LINKS, zone=STOCKHOLM),
        subscriptions=(handlers.hr, handlers.notifications, handlers.evaluation),
        timers=handlers.timers,
        indexes=INDEXES,
        start=NOW,
    ) as service:
        app = application(service.delivery, LINKS)
        await _live_a_little(Office(service))
        await _ask_a_little(app)
        yield app


async def _live_a_little(office: Office) -> None:
    """A network of those who have completed, a cohort to come, people in the queue, and a snapshot of the staff."""
    members = await office.everybody_accepts(8)
    for module in ("M1", "M2"):
        await office.records(module, *members)
    await office.schedules(date(2027, 1, 19), "FLC-2")
    taken_at = office.service.clock.now()
    page = SnapshotPage(
        snapshot_id="S1", version=1, taken_at=taken_at, page=1, pages=1, employees=(hr_says("E0", version=2),)
    )
    await office.service.receives(page)


async def _ask_a_little(app: FastAPI) -> None:
    """One of everything that there is only because somebody has asked for it, so that no list is empty."""
    place = {"kind": "change_place", "command": {"cohort_id": "FLC-2", "location": "Biblioteket"}}
    bodies = {
        "/goals": {"goal_id": "G1", "text": {"sv": "Välfärd", "en": "Welfare"}},
        "/changes": place,
        "/proposals": {"programme": "FLC", "cohorts": ["FLC-2"]},
        "/people/E0/alumni": None,
    }
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test/api", headers=OFFICE) as client:
        for address, body in bodies.items():
            (await client.post(address, json=body)).raise_for_status()
        for address in LISTS:
            assert (await client.get(address)).json()["items"], f"{address} is empty"


@pytest.fixture(scope="module")
def address(mongo: Mongo) -> Iterator[str]:
    with served(mongo, enrolment) as url:
        yield url


MUST_MEET = ["400", "401", "403", "404", "409", "412", "422"]
"""What a request that does not follow it meets; another version (412) may be seen first."""
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": MAY_MEET},
            "negative_data_rejection": {"expected-statuses": MUST_MEET},
        },
    }
)

description = schemathesis.openapi.from_dict(application(cast("Any", None), LINKS).openapi(), config=CONFIG)


@description.hook
def filter_query(_context: Any, query: dict[str, Any] | None) -> bool:
    """A parameter without a value is not sent, so nobody can refuse it."""
    return [] not in (query or {}).values()


@description.parametrize()
@EVERY_TIME_THE_SAME
def test_every_answer_stands_in_the_description(case: Case[Any], address: str) -> None:
    case.call_and_validate(base_url=address, headers=OFFICE)
