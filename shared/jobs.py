"""Work that a service does again and again by the machine's clock, whatever time it is for people."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.telemetry import job_ran, know_job

log = structlog.get_logger()


async def repeat(job_name: str, seconds: float, step: Callable[[], Awaitable[object]]) -> None:
    """Do `step` now and every so many seconds after it has ended, for ever."""
    know_job(job_name)
    while True:
        try:
            await step()
        except Exception as error:  # noqa: BLE001 — a database that is away now will be there at a later time
            log.warning("a job failed and will be done again", job_name=job_name, error=repr(error))
            job_ran(job_name, failed=True)
        else:
            job_ran(job_name)
        await asyncio.sleep(seconds)
