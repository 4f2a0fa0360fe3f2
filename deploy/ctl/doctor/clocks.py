"""Clocks: those of the machines on which services, broker and database run, compared with this one's."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.ctl.findings import Finding, Level
from deploy.local.endpoints import Endpoints
from shared.topology import SERVICES

PATIENCE_SECONDS: Final = 5.0
WARN_SECONDS, BAD_SECONDS = 3.0, 30.0
"""Leases are ten seconds long; a Date header is exact to a second."""

Ask = Callable[[str], Awaitable[datetime | None]]


async def check(stack: Endpoints) -> list[Finding]:
    """Ask each for the time."""
    asked: list[tuple[str, str | None, Ask]] = [(name, getattr(stack, name), _of_service) for name in SERVICES]
    asked += [("broker", stack.management, _of_http), ("database", stack.mongo, _of_database)]
    return [await _compared(name, address, ask) for name, address, ask in asked if address]


async def _compared(name: str, address: str, ask: Ask) -> Finding:
    began = datetime.now(UTC)
    told = await ask(address)
    if told is None:
        mend = "it is told above or by `ledstjarna status` why it does not answer."
        return Finding("clocks", name, "warn", "does not tell the time", mend)
    return judged(name, told, began, datetime.now(UTC))


def judged(name: str, told: datetime, began: datetime, ended: datetime) -> Finding:
    """How far a clock is from ours, which read `began` and `ended` around its telling."""
    apart = max((began - told).total_seconds() - 1, (told - ended).total_seconds(), 0.0)
    level: Level = "bad" if apart > BAD_SECONDS else "warn" if apart > WARN_SECONDS else "ok"
    says = f"{apart:.0f} s apart from this machine's" if level != "ok" else "goes with this machine's"
    mend = "let both machines follow a time server (chrony, systemd-timesyncd)."
    return Finding("clocks", name, level, says, "" if level == "ok" else mend)


async def _of_service(address: str) -> datetime | None:
    return await _of_http(f"{address}/health/live")


async def _of_http(address: str) -> datetime | None:
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as client:
            answer = await client.get(address)
        return parsedate_to_datetime(answer.headers["date"])
    except (httpx.TransportError, KeyError, ValueError):
        return None


async def _of_database(address: str) -> datetime | None:
    def ask() -> datetime | None:
        client: MongoClient[dict[str, Any]]
        with MongoClient(address, serverSelectionTimeoutMS=int(PATIENCE_SECONDS * 1000), tz_aware=True) as client:
            told: datetime = client.admin.command("hello")["localTime"]
            return told if told.tzinfo else told.replace(tzinfo=UTC)

    try:
        return await asyncio.to_thread(ask)
    except PyMongoError:
        return None
