"""Each fault lets just the alert fire that is meant for it, on a real Prometheus; the repair of its runbook ends it.

All cases take about 25 minutes: most of that is waiting for what must not fire as well.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.contract.test_alerts import ALERTS, RULES
from tests.faults.alert_cases import CASES, Case
from tests.faults.shorter import shortened, shorter, without_times
from tests.faults.watched import ALWAYS, Watched, watched

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    """One stack for all cases: each leaves it as it was."""
    async with watched(tmp_path_factory.mktemp("alerts")) as everything:
        yield everything


async def goes_as_its_runbook_says(case: Case, world: Watched) -> None:
    """Let the fault loose, see its alert and no other, mend it, and see it end."""
    await world.until(lambda firing: not firing, 120)
    try:
        await case.fault(world)
        seen = await world.until(lambda firing: case.alert in firing, 120)
        seen |= await world.said_for(case.holds)
    finally:
        await case.repair(world)  # the next case is to begin well
    assert seen == {case.alert}
    await world.until(lambda firing: case.alert not in firing, case.clears_within)


@pytest.mark.parametrize("alert", CASES)
async def test_a_fault_calls_for_one_thing_and_its_runbook_mends_it(alert: str, world: Watched) -> None:
    await goes_as_its_runbook_says(CASES[alert], world)


async def test_alertmanager_hears_of_the_one_that_always_fires_and_mails_it_once(world: Watched) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        heard = (await client.get(f"{world.alertmanager.url}/api/v2/alerts")).json()
    assert ALWAYS in {each["labels"]["alertname"] for each in heard}
    mails = Path(str(world.stack.endpoints.maildir)) / "new"
    signs: list[str] = []
    async with asyncio.timeout(120):  # it is told again each minute
        while not signs:
            await asyncio.sleep(0.5)
            read = [file.read_text() for file in mails.iterdir()]
            signs = [mail for mail in read if "Subject: Prometheus and Alertmanager work" in mail]
    assert len(signs) == 1
    assert "To: drift@kommun.example" in signs[0]
    assert "What to do: docs/runbooks/watchdog.md" in signs[0]


async def test_there_is_a_fault_for_every_alert() -> None:
    assert CASES.keys() == ALERTS.keys() - {ALWAYS}


async def test_only_lengths_of_time_differ_from_the_rules_that_are_committed() -> None:
    for file in RULES:
        committed = file.read_text()
        assert without_times(shortened(committed)) == without_times(committed)
        assert shortened(committed) != committed


async def test_what_takes_longer_still_takes_longer() -> None:
    spans = [60, 120, 300, 600, 900, 1800, 3600, 21_600, 86_400, 259_200]
    assert sorted({shorter(span) for span in spans}) == [shorter(span) for span in spans]
