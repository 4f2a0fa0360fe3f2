"""Room on the disk of the run directory, where a local stack keeps its database, its queues and its mails."""

import asyncio
import shutil
from typing import Final

from deploy.ctl.findings import Finding, Level
from deploy.local.endpoints import Endpoints

GIB: Final = 1024**3
WARN_BYTES, BAD_BYTES = 2 * GIB, GIB // 2
"""The broker stops taking messages at 200 MB, and MongoDB ends when it cannot write."""


async def check(stack: Endpoints) -> list[Finding]:
    """Look how much is free."""
    try:
        free = (await asyncio.to_thread(shutil.disk_usage, stack.run_dir)).free
    except OSError:
        mend = "name the directory in which endpoints.json lies as run_dir in it."
        return [Finding("disk", "run directory", "warn", "is not there", mend)]
    return [judged(free)]


def judged(free: int) -> Finding:
    """Whether so many free bytes are enough."""
    level: Level = "bad" if free < BAD_BYTES else "warn" if free < WARN_BYTES else "ok"
    mend = "delete finished runs below ./run and old backups, or move the run directory to a larger disk."
    return Finding("disk", "run directory", level, f"{free / GIB:.1f} GiB are free", "" if level == "ok" else mend)
