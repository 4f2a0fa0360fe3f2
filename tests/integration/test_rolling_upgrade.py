"""Old and new processes of all three services at the same time, on one broker and one database."""

import asyncio
import io
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local.service import Service
from deploy.local.stack import Stack
from deploy.sample.year import live_through
from deploy.sample.years import SHORT
from shared.topology import SERVICES
from tests.integration.afterwards import agrees_after, until_it_is

ROOT = Path(__file__).parents[2]
OLDER = "225875c3614d32d878a07e9cc07f7c7a6739c76f"
"""A version from before there were migrations, heartbeats and recorded dead letters."""

OLD_ONLY = datetime(2026, 8, 20, tzinfo=UTC)
NEW_ONLY = datetime(2026, 9, 1, 9, tzinfo=UTC)
"""Offers have just gone out."""
ENDS = datetime(2026, 9, 4, tzinfo=UTC)


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


@pytest.mark.village
@pytest.mark.timeout(600)  # half of it is a village living
async def test_a_village_notices_nothing_while_old_processes_give_way_to_new_ones(older: Path, tmp_path: Path) -> None:
    async with Stack(tmp_path / "run") as stack:
        told = stack._blueprint._settings  # a second replica has the same settings
        old = [OldService(tmp_path / f"old-{name}", name, _second(told(name)), older) for name in SERVICES]
        try:
            for part in old:
                await part.start()
            year = asyncio.create_task(
                live_through(stack.endpoints, seed=5, console=Console(quiet=True), plan=SHORT), name="the year"
            )
            await until_it_is(stack, OLD_ONLY)
            for name in SERVICES:
                await stack.stop_part(name)
            await asyncio.sleep(2)
            for name in SERVICES:
                await stack.start_part(name)
            await until_it_is(stack, NEW_ONLY)
            for part in old:
                await part.stop()
            await until_it_is(stack, ENDS)
            year.cancel()
            await asyncio.gather(year, return_exceptions=True)
            await agrees_after(stack, timedelta(days=1))
            assert _worked(stack, old)
        finally:
            for part in old:
                await part.stop(hard=True)


def _second(settings: dict[str, str]) -> dict[str, str]:
    """The settings of another replica: only one can listen for mail at an address."""
    return {name: value for name, value in settings.items() if name != "LMTP_LISTEN"}


def _worked(stack: Stack, old: list[OldService]) -> bool:
    """Whether old and new processes of each service have handled messages."""
    logs = [stack.parts[name].log for name in SERVICES] + [part.log for part in old]
    return all("messages were decided" in log.read_text("utf-8") for log in logs)
