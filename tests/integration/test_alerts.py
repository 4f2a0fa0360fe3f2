"""Two alerts, drawn by lot, fire by their faults on a real Prometheus and end with their repairs; all: tests/faults."""

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.alert_cases import CASES
from tests.faults.test_alerts import goes_as_its_runbook_says
from tests.faults.watched import Watched, watched

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]

SEED = 2
"""Another number tries others."""

QUICK = sorted(alert for alert, case in CASES.items() if case.holds <= 5 and case.clears_within <= 90)
DRAWN = random.Random(SEED).sample(QUICK, 2)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    """One stack for both."""
    async with watched(tmp_path_factory.mktemp("alerts")) as everything:
        yield everything


@pytest.mark.parametrize("alert", DRAWN)
async def test_a_fault_calls_for_one_thing_and_its_runbook_mends_it(alert: str, world: Watched) -> None:
    await goes_as_its_runbook_says(CASES[alert], world)
