"""Old and new processes of all three services at the same time, on one broker and one database."""

import asyncio
import io
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from deploy.ctl.joining import simulated_clock
from deploy.local.service import Service
from deploy.local.stack import Stack
from deploy.sample.year import Outcome, live_through
from deploy.sample.years import SHORT
from shared.topology import SERVICES

ROOT = Path(__file__).parents[2]
OLDER = "225875c3614d32d878a07e9cc07f7c7a6739c76f"
"""A version from before there were migrations, heartbeats and recorded dead letters."""

TAKES_OVER = datetime(2026, 9, 2, 12, tzinfo=UTC)


class OldService(Service):
    """A service as it was at an earlier commit, with the settings of today's."""

    def __init__(self, run_dir: Path, name: str, settings: Mapping[str, str], code: Path) -> None:
        super().__init__(run_dir, name, settings)
        self._code = code

    def environment(self) -> Mapping[str, str]:
        return {**super().environment(), "PYTHONPATH": str(self._code)}


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The code as it was."""
    git = shutil.which("git")
    if git is None or subprocess.run([git, "cat-file", "-e", f"{OLDER}^{{commit}}"], cwd=ROOT, check=False).returncode:  # noqa: S603
        pytest.skip(f"the history does not reach back to {OLDER}: fetch it whole to run this")
    archive = subprocess.run([git, "archive", OLDER], cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(tmp_path / "older", filter="data")
    return tmp_path / "older"


@pytest.mark.timeout(600)
async def test_a_half_year_is_lived_through_while_old_processes_give_way_to_new_ones(
    older: Path, tmp_path: Path
) -> None:
    async with Stack(tmp_path / "run") as stack:
        told = stack._blueprint._settings  # a second replica has the same settings
        old = [OldService(tmp_path / f"old-{name}", name, _second(told(name)), older) for name in SERVICES]
        for part in old:
            await part.start()
        try:
            year = asyncio.create_task(_year(stack))
            await _until(stack, TAKES_OVER)
            for name in SERVICES:
                await stack.stop_part(name)  # back to the old version for a while
            await asyncio.sleep(1)
            for name in SERVICES:
                await stack.start_part(name)
            for part in old:
                await part.stop()
            outcome = await year
        finally:
            for part in old:
                await part.stop(hard=True)
    assert [f"{p.text}: {p.expected} ≠ {p.found}" for p in outcome.promises if p.held is False] == []


def _second(settings: dict[str, str]) -> dict[str, str]:
    """The settings of another replica: only one can listen for mail at an address."""
    return {name: value for name, value in settings.items() if name != "LMTP_LISTEN"}


async def _year(stack: Stack) -> Outcome:
    return await live_through(stack.endpoints, seed=5, console=Console(quiet=True), plan=SHORT)


async def _until(stack: Stack, moment: datetime) -> None:
    clock = simulated_clock(stack.endpoints)
    while clock.now() < moment:  # noqa: ASYNC110 — the clock is a file
        await asyncio.sleep(0.01)
