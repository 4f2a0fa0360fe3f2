"""Staff changes through enrolment, beside two hand-written loops in the same run: `python -m tests.bench`.

Every contender finds the same backlog on the same broker and database, handles it in one process, and has publishing
done when the clock stops. Each message makes somebody a manager who is to be queued, so that each leads to an outgoing
event. The order of contenders turns from round to round; what counts are the ratios within a round, because the machine
is shared and noisy.
"""

import argparse
import asyncio
import contextlib
import hashlib
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection

from deploy.local.mongo import Mongo
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.service import Service
from shared.cloudevents import uuid7, wrap
from shared.events.base import Event
from shared.events.hr import EmployeeChanged, UnitChanged
from shared.outbox import Outgoing
from shared.publishing import BrokerPublisher
from tests.bench import grouping, mails, surveys
from tests.harness import START
from tests.integration.wiring import until

ROOT = Path(__file__).parent.parent.parent
CONTENDERS = ("floor", "ours", "single")
AT_LEAST = {"floor": 0.5, "single": 2.0}
PROGRAMME = ROOT / "deploy" / "sample" / "programmes" / "first_line.yaml"
Rows = AsyncIOMotorCollection[dict[str, Any]]
TOKEN = "bench"


@dataclass
class Stage:
    """The servers, and what a contender is told."""

    mongo: Mongo
    broker: RabbitMQ
    directory: Path
    hr: BrokerPublisher

    def environment(self, database: str) -> dict[str, str]:
        return {
            "LEDSTJARNA_AMQP_URL": self.broker.url_of("enrolment"),
            "LEDSTJARNA_MONGO_URL": self.mongo.url_of(database),
        }

    async def says(self, *events: Event) -> None:
        async def one(event: Event) -> None:
            headers: dict[str, Any] = wrap(event, source="/hr", time=START, cause=None, event_id=uuid7())
            body = event.model_dump_json(by_alias=True).encode()
            await self.hr.publish(Outgoing("hr", event.type, body, headers, headers["ce-id"]))

        for start in range(0, len(events), 500):
            await asyncio.gather(*(one(event) for event in events[start : start + 500]))


def staff(count: int) -> list[Event]:
    """As many new managers."""
    return [
        EmployeeChanged(
            employee_id=f"E{n:06d}",
            version=1,
            given_name="Åsa",
            family_name=f"Öberg{n}",
            email=f"asa.oberg{n}@kommun.example",
            unit_id=f"U{n % 300}",
            manager_id=f"E{n % 50:06d}",
            level="first_line",
            employed_from=date(2020, 1, 1),
            effective_from=date(2026, 8, 1),
        )
        for n in range(count)
    ]


@contextlib.asynccontextmanager
async def loop(stage: Stage, name: str, database: str) -> AsyncIterator[None]:
    """A hand-written contender."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.loops", name), env=os.environ | stage.environment(database), cwd=ROOT
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


def enrolment(stage: Stage, database: str) -> Service:
    """Ours: the real service, with its rules."""
    tokens = stage.directory / "tokens.json"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    tokens.write_text(f'[{{"sha256": "{digest}", "role": "office", "name": "bench"}}]')
    clock = stage.directory / "clock"
    clock.write_text(START.isoformat())
    settings: Mapping[str, str] = {
        "AMQP_URL": stage.broker.url_of("enrolment"),
        "MONGO_URL": stage.mongo.url_of(database),
        "CLOCK": f"simulated:{clock}",
        "LINK_KEYS": "key",
        "TOKENS_FILE": str(tokens),
        "LOG_LEVEL": "warning",
    }
    return Service(stage.directory, "enrolment", settings)


async def prepare_ours(stage: Stage, database: str) -> None:
    """The organisation and a programme for new managers are there before the change comes."""
    async with enrolment(stage, database) as service, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"{service.url}/api/programmes",
            content=PROGRAMME.read_bytes(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/yaml"},
        )
        answer.raise_for_status()
        await stage.says(*(UnitChanged(unit_id=f"U{n}", version=1, name=f"Enhet {n}") for n in range(300)))
        await asyncio.sleep(1)


async def differs(inbox: Rows, before: int) -> bool:
    return await inbox.count_documents({}) != before


async def all_done(inbox: Rows, count: int, outbox: Rows) -> bool:
    return await inbox.count_documents({}) >= count and not await outbox.count_documents({"status": "pending"})


async def seconds_for(stage: Stage, name: str, count: int) -> float:
    """How long a contender takes for a backlog of `count` changes, from its first effect to its last publish."""
    database = f"bench{uuid7()[-8:]}"
    if name == "ours":
        await prepare_ours(stage, database)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(stage.mongo.url_of(database))
    inbox, outbox = (client.get_default_database()[kind] for kind in ("inbox", "outbox"))
    before = await inbox.count_documents({})
    await stage.says(*staff(count))
    async with enrolment(stage, database) if name == "ours" else loop(stage, name, database):
        await until(lambda: differs(inbox, before))
        began, first = time.perf_counter(), await inbox.count_documents({}) - before
        await until(lambda: all_done(inbox, before + count, outbox))
        took = time.perf_counter() - began
    await client.drop_database(database)
    client.close()
    return took * count / (count - first)


async def run(count: int, rounds: int) -> bool:
    """Run all contenders in turn and print how they compare; whether ours is as fast as it must be."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        async with Mongo(directory) as mongo, RabbitMQ(directory) as broker:
            hr = BrokerPublisher(broker.url_of("hr"))
            await hr.start()
            stage = Stage(mongo, broker, directory, hr)
            taken: dict[str, list[float]] = {contender: [] for contender in CONTENDERS}
            for turn in range(rounds):
                for contender in CONTENDERS[turn % 3 :] + CONTENDERS[: turn % 3]:
                    taken[contender].append(await seconds_for(stage, contender, count))
                    print(f"round {turn + 1}: {contender:7} {count / taken[contender][-1]:7.0f} changes/s", flush=True)
            await hr.stop()
    return report(taken, count)


def report(taken: Mapping[str, list[float]], count: int) -> bool:
    """Medians, ratios within a round, and the verdict."""
    print(f"\nstaff changes, {count} a round, one process")
    for contender, seconds in taken.items():
        print(f"  {contender:7} {count / statistics.median(seconds):7.0f} changes/s")
    good = True
    for other, least in AT_LEAST.items():
        ratios = [theirs / ours for theirs, ours in zip(taken[other], taken["ours"], strict=True)]
        ratio = statistics.median(ratios)
        good = good and ratio >= least
        spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
        print(f"  ours / {other:7} {ratio:5.2f}   ({spread}; at least {least} wanted)")
    return good


def main() -> int:
    """0 if the ratios hold, and groups, mails and survey forms are as fast as they must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="changes a round (5000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    arguments = parser.parse_args()
    composed, sent, taken_in = grouping.main() == 0, mails.main() == 0, surveys.main() == 0
    return 0 if asyncio.run(run(arguments.count, arguments.rounds)) and composed and sent and taken_in else 1


if __name__ == "__main__":
    sys.exit(main())
