"""How fast finished survey forms are taken in: `python -m tests.bench.surveys`.

Beside the real service stands the least that takes a form in: FastAPI and one insert with Motor. Both run in one
process each with the same server (uvicorn on uvloop), on the same mongod, asked by the same client with
the same form. They take turns within a round; what counts is the ratio within a round.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import uvloop

from deploy.local.mongo import Mongo
from deploy.local.ports import HOST, free_port
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.service import Service
from services.evaluation import pseudonyms
from services.evaluation.instruments.files import read_instruments
from services.evaluation.model import InstrumentRef, Invitation, LinkKey, Wave, WaveState
from services.evaluation.store import CLUSTERED, INDEXES
from shared.cloudevents import uuid7
from shared.delivery import connect, prepare
from shared.events import LocalisedText
from tests.harness import START

ROOT = Path(__file__).parent.parent.parent
AT_LEAST = 0.5
CONNECTIONS = 32
"""How many people send at the same moment."""

A_TURN = 250
"""Forms after which the other side has its turn."""

FORM = {f"UM{number}": "4" for number in range(1, 6)} | {"UM6": "Vi gör det tryggt att åldras hemma."}
FORM |= {f"LU{number}": "3" for number in range(1, 4)} | {"HME7": "5", "HME8": "unknown", "HME9": "2", "step": "send"}
"""As somebody fills in the form before a programme."""

Side = Callable[[str], AbstractAsyncContextManager[int]]
"""A contender on a database: the port at which it listens."""


def wave() -> Wave:
    """One that is open."""
    asked = [one for code, one in read_instruments().items() if code in ("UM", "LU", "HME")]
    return Wave(
        id="C:T0",
        wave="T0",
        cohort_id="C",
        programme="P",
        revision=1,
        title=LocalisedText(sv="Ny som chef", en="New as a manager"),
        state=WaveState.open,
        opens_at=START,
        closes_at=START + timedelta(days=14),
        instruments=tuple(InstrumentRef(code=one.code, version=one.version) for one in asked),
        size=14,
    )


async def invite(url: str, tokens: Sequence[str]) -> None:
    """As many people have links to an open wave."""
    database = connect(url)
    await prepare(database, INDEXES, CLUSTERED)
    for document in (wave(), LinkKey(id="C", salt="00" * 32)):
        await database[document.collection].insert_one(document.model_dump(by_alias=True))
    rows = [
        Invitation(id=pseudonyms.hash_of(token), wave_id="C:T0", employee_id=f"E{number}").model_dump(by_alias=True)
        for number, token in enumerate(tokens)
    ]
    await database[Invitation.collection].insert_many(rows)
    database.client.close()


async def answer(port: int, tokens: list[str]) -> int:
    """Send forms over one connection that stays open, until no link is left; how many were not taken."""
    body = urlencode(FORM).encode()
    reader, writer = await asyncio.open_connection(HOST, port)
    refused = 0
    while tokens:
        head = f"POST /s/{tokens.pop()}?lang=sv HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + body)
        told = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(told.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        refused += not told.startswith(b"http/1.1 200")
    writer.close()
    await writer.wait_closed()
    return refused


@contextlib.asynccontextmanager
async def bare(url: str) -> AsyncIterator[int]:
    """The hand-written contender."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.bare_form", str(port)),
        env=os.environ | {"LEDSTJARNA_MONGO_URL": url},
        cwd=ROOT,
    )
    try:
        while process.returncode is None:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, port)
                writer.close()
                break
            await asyncio.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


def ours(directory: Path, broker: RabbitMQ) -> Side:
    """The real service, with its rules."""
    tokens, clock = directory / "tokens.json", directory / "clock"
    tokens.write_text("[]")
    clock.write_text(START.isoformat())

    @contextlib.asynccontextmanager
    async def side(url: str) -> AsyncIterator[int]:
        settings = {
            "AMQP_URL": broker.url_of("evaluation"),
            "MONGO_URL": url,
            "CLOCK": f"simulated:{clock}",
            "LINK_KEYS": "key",
            "TOKENS_FILE": str(tokens),
            "PSEUDONYM_SECRET": "s" * 32,
            "LOG_LEVEL": "warning",
        }
        async with Service(directory, "evaluation", settings) as service:
            yield service.port

    return side


async def seconds_for(sides: Mapping[str, Side], mongo: Mongo, count: int) -> dict[str, float]:
    """How long each contender takes for as many forms. Both are up, and take turns every few hundred forms: what else
    the machine does meets both."""
    taken, slices = dict.fromkeys(sides, 0.0), max(1, count // A_TURN)
    urls = {one: mongo.url_of(f"bench{uuid7()[-8:]}{one}") for one in sides}
    links = [f"{number:022d}" for number in range((slices + 1) * A_TURN)]
    async with contextlib.AsyncExitStack() as stack:
        ports = {}
        for one, side in sides.items():
            await invite(urls[one], links)
            ports[one] = await stack.enter_async_context(side(urls[one]))
            await send(ports[one], links[:A_TURN])
        for turn in range(1, slices + 1):
            for one in sorted(sides, reverse=turn % 2 == 1):
                taken[one] += await send(ports[one], links[turn * A_TURN : (turn + 1) * A_TURN])
    for url in urls.values():
        await check(url, len(links))
    return {one: seconds / (slices * A_TURN) for one, seconds in taken.items()}


async def send(port: int, links: Sequence[str]) -> float:
    """Seconds until all of these forms have been taken in.

    Raises:
        RuntimeError: one of them has not.
    """
    left = list(links)
    began = time.perf_counter()
    if sum(await asyncio.gather(*(answer(port, left) for _ in range(CONNECTIONS)))):
        raise RuntimeError("Not every form was taken in: the figure would mean nothing.")
    return time.perf_counter() - began


async def check(url: str, count: int) -> None:
    """So many forms are kept; and then they are not."""
    database = connect(url)
    if await database["responses"].count_documents({}) != count:
        raise RuntimeError("Not every form was kept: the figure would mean nothing.")
    await database.client.drop_database(database)
    database.client.close()


async def run(count: int, rounds: int) -> bool:
    """Both in turn; whether ours is as fast as it must be."""
    with tempfile.TemporaryDirectory() as name:
        async with Mongo(Path(name)) as mongo, RabbitMQ(Path(name)) as broker:
            sides: dict[str, Side] = {"bare": bare, "ours": ours(Path(name), broker)}
            ratios = []
            for turn in range(rounds):
                each = await seconds_for(sides, mongo, count)
                ratios.append(each["bare"] / each["ours"])
                speeds = ", ".join(f"{one} {1 / seconds:5.0f}" for one, seconds in each.items())
                print(f"  round {turn + 1}: {speeds} forms/s", flush=True)
    ratio = statistics.median(ratios)
    print(f"  ours / bare {ratio:.2f}   ({min(ratios):.2f}–{max(ratios):.2f}; at least {AT_LEAST} wanted)")
    return ratio >= AT_LEAST


def main(arguments: Sequence[str] = ()) -> int:
    """0 if forms are taken in as fast as they must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.surveys", description=__doc__)
    parser.add_argument("--count", type=int, default=3000, help="forms a round (3000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    told = parser.parse_args(arguments)
    print(f"survey forms over {CONNECTIONS} connections")
    return 0 if uvloop.run(run(told.count, told.rounds)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
