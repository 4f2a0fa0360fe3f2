"""The rehearsal of the runbook on dead letters: fifty of three causes, brought back with the commands that it names."""

import asyncio
import hashlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.endpoints import Endpoints, Tokens
from deploy.local.mongo import Mongo
from deploy.local.ports import free_port
from deploy.local.rabbitmq import RabbitMQ
from shared.cloudevents import uuid7, wrap
from shared.dead_letters.letters import REPLAY_COUNT, DeadLetter
from shared.documents import Database
from shared.outbox import Outgoing
from shared.publishing import BrokerPublisher
from tests.harness import START
from tests.integration.wiring import HrSystem, read_all, unit, until

LEDSTJARNA = str(Path(sys.executable).with_name("ledstjarna"))
CAUSES = {"K": 20, "R": 15, "D": 15}


@dataclass(frozen=True)
class Seen:
    """What a command printed, and how it ended."""

    exit_code: int
    stdout: str
    output: str


@dataclass
class Rehearsal:
    """The service, its faults, and an operator at a shell."""

    broker: RabbitMQ
    database: Database
    folder: Path
    mongo_url: str
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def has(self, *faults: str) -> None:
        """From now on the service has these faults and no others."""
        (self.folder / "faults.json").write_text(json.dumps(faults))

    async def start(self) -> None:
        environment = {
            "LEDSTJARNA_AMQP_URL": self.broker.url_of("enrolment"),
            "LEDSTJARNA_MONGO_URL": self.mongo_url,
            "LEDSTJARNA_PUBLIC_URL": self.address,
            "LEDSTJARNA_HTTP_PORT": str(self.port),
            "LEDSTJARNA_LINK_KEYS": "key",
            "LEDSTJARNA_TOKENS_FILE": str(self.folder / "tokens.json"),
        }
        command = (sys.executable, "-m", "tests.integration.faulty_service", str(self.folder / "faults.json"))
        with (self.folder / "service.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command, env=os.environ | environment, stdout=log, stderr=log
            )
        await until(self.ready)

    async def ready(self) -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(f"{self.address}/health/ready")).status_code == 200
            except httpx.TransportError:
                return False

    async def end(self, how: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        await self.process.wait()

    async def types(self, *words: str) -> Seen:
        """What an operator types after `ledstjarna dead`, and what she sees."""
        line = (str(LEDSTJARNA), "dead", *words, "--run-dir", str(self.folder))
        pipe = asyncio.subprocess.PIPE
        command = await asyncio.create_subprocess_exec(
            *line, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
        said, complained = await command.communicate()
        return Seen(command.returncode or 0, said.decode(), said.decode() + complained.decode())

    async def groups(self) -> dict[str, dict[str, Any]]:
        """The groups that she sees, by the first letter of their units."""
        seen = await self.types("groups", "--queue", "enrolment.hr", "--json")
        assert seen.exit_code == 0, seen.output
        letters = {"KeyError": "K", "Reject": "R", "AutoReconnect": "D"}
        return {letters[group["kind"]]: group for group in json.loads(seen.stdout)}

    async def in_state(self, *states: str) -> int:
        return await self.database["dead_letters"].count_documents({"state": {"$in": list(states)}})

    async def times(self) -> dict[str, int]:
        return {row["_id"]: row["times"] async for row in self.database["units"].find()}


@pytest.fixture
async def rehearsal(broker: RabbitMQ, mongo: Mongo, database: Database, tmp_path: Path) -> AsyncIterator[Rehearsal]:
    hashed = hashlib.sha256(b"operator").hexdigest()
    (tmp_path / "tokens.json").write_text(json.dumps([{"sha256": hashed, "role": "operator", "name": "the operator"}]))
    made = Rehearsal(broker, database, tmp_path, mongo.url_of(database.name), free_port())
    tokens = Tokens(office="none", operator="operator")
    nowhere = "http://127.0.0.1:9"
    Endpoints(
        enrolment=made.address, notifications=nowhere, evaluation=nowhere, tokens=tokens, run_dir=tmp_path
    ).write()
    made.has(*CAUSES)
    await made.start()
    yield made
    await made.end(signal.SIGTERM)
    for queue in ("enrolment.hr", "enrolment.dead"):
        await read_all(broker.url_of("enrolment"), queue)


async def fifty_die(rehearsal: Rehearsal, hr: HrSystem) -> None:
    for first, count in CAUSES.items():
        for n in range(count):
            event = unit(f"{first}{n}")
            headers: dict[str, Any] = {**wrap(event, source="/hr", time=START, cause=None, event_id=uuid7())}
            if first == "D":
                headers["attempt"] = 5  # it has climbed the whole ladder, in which it rests for more than an hour
            await hr.raw(event.type, event.model_dump_json(by_alias=True).encode(), headers)

    async def all_recorded() -> bool:
        return await rehearsal.in_state("open") == sum(CAUSES.values())

    await until(all_recorded)


async def send_once_more(rehearsal: Rehearsal, letter: DeadLetter) -> None:
    """As by a process that was killed after the broker had the letter and before that was noted."""
    publisher = BrokerPublisher(rehearsal.broker.url_of("operator"))
    await publisher.start()
    headers = {**dict(letter.headers), REPLAY_COUNT: 1}
    body = unit(dict(letter.headers)["ce-subject"]).model_dump_json(by_alias=True).encode()
    await publisher.publish(Outgoing("enrolment.requeue", letter.queue, body, headers, letter.message_id))
    await publisher.stop()


async def test_fifty_dead_letters_of_three_causes_are_brought_back_and_all_effects_happen_once(
    rehearsal: Rehearsal, hr: HrSystem
) -> None:
    await fifty_die(rehearsal, hr)
    groups = await rehearsal.groups()
    assert {first: group["count"] for first, group in groups.items()} == CAUSES
    shown = await rehearsal.types("show", groups["K"]["example"])
    assert "a fault of ours" in shown.output
    assert "Skolan" not in shown.output

    rehearsal.has("R", "D")
    of_group = ("replay", "--group", groups["K"]["fingerprint"], "--reason", "mended", "--rate", "50/s")
    seen = await rehearsal.types(*of_group)
    assert (seen.exit_code, "20 letters would be sent again" in seen.output) == (0, True)
    assert await rehearsal.times() == {}
    done = await rehearsal.types(*of_group, "--yes")
    assert done.exit_code == 0, done.output
    assert "Of 20 letters 20 are handled, 0 died again" in done.output
    assert await rehearsal.times() == {f"K{n}": 1 for n in range(20)}

    early = await rehearsal.types("replay", groups["R"]["example"], "--reason", "too early", "--yes")
    assert (early.exit_code, "Of 1 letter 0 are handled, 1 died again" in early.output) == (1, True)

    rehearsal.has()
    await cut_by_a_kill_and_done_again(rehearsal, groups["R"]["fingerprint"])
    last = ("replay", "--queue", "enrolment.hr", "--reason", "the database is back", "--rate", "50/s", "--yes")
    done = await rehearsal.types(*last)
    assert done.exit_code == 0, done.output
    async for row in rehearsal.database["dead_letters"].find({"error.kind": "AutoReconnect"}):
        await send_once_more(rehearsal, DeadLetter.model_validate(row))
    await asyncio.sleep(2)

    assert await rehearsal.times() == {f"{first}{n}": 1 for first, count in CAUSES.items() for n in range(count)}
    assert await rehearsal.database["inbox"].count_documents({"queue": "enrolment.hr"}) == 50
    assert await rehearsal.in_state("resolved") == 50
    assert await rehearsal.database["dead_letters"].count_documents({"body": {"$exists": True}}) == 0
    none = (await rehearsal.types("groups", "--queue", "enrolment.hr")).output
    assert "No dead letter matches these filters; 0 wait in all." in none


async def cut_by_a_kill_and_done_again(rehearsal: Rehearsal, group: str) -> None:
    order = ("replay", "--group", group, "--reason", "the places are known now", "--rate", "5/s", "--yes")
    first = asyncio.create_task(rehearsal.types(*order))

    async def some_are_sent() -> bool:
        return await rehearsal.in_state("resolved") >= 20 + 3

    await until(some_are_sent)
    await rehearsal.end(signal.SIGKILL)
    left = await rehearsal.in_state("open", "replaying")
    assert left > 15, "it was cut in the middle"
    await rehearsal.start()
    again = await rehearsal.types(*order)
    assert again.exit_code == 0, again.output
    await first

    async def none_is_left() -> bool:
        return await rehearsal.in_state("resolved") == 20 + 15

    await until(none_is_left)
