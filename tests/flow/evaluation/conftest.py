"""Evaluation on a real database."""

from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest

from services.evaluation import handlers
from services.evaluation.store import CLUSTERED, INDEXES, EvaluationTransaction
from shared.documents import Database
from tests.flow.evaluation.town import BEFORE_IT_OPENS, Town, doors
from tests.harness import harness
from tests.unit.evaluation.arrange import SETUP


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    """A town with an empty evaluation, in October."""
    async with (
        harness(
            database,
            name="evaluation",
            transaction=partial(EvaluationTransaction, setup=SETUP),
            subscriptions=(handlers.hr, handlers.enrolment, handlers.notifications),
            timers=handlers.timers,
            indexes=INDEXES,
            clustered=CLUSTERED,
            start=BEFORE_IT_OPENS,
        ) as service,
        httpx.AsyncClient(transport=httpx.ASGITransport(doors(service)), base_url="http://town") as web,
    ):
        yield Town(service, web, database)
