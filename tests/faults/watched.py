"""A whole local stack, watched by a real Prometheus with shortened rules, in which faults are let loose and mended."""

import asyncio
import contextlib
import json
import smtplib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import httpx
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from deploy.local.alertmanager import Alertmanager
from deploy.local.blueprint import PARTS
from deploy.local.outside import Outside
from deploy.local.programs import Where, find_rabbitmq
from deploy.local.prometheus import RULES, Prometheus
from deploy.local.stack import FIRST_INSTANT, Stack
from deploy.prometheus.scraping import BROKER
from shared.cloudevents import Cause, StaffChange, uuid7, wrap
from shared.events.base import Event
from shared.outbox import Outgoing
from shared.publishing import BrokerPublisher
from shared.topology import SERVICES, exchange_of
from tests.faults.shorter import shortened, shorter

ALWAYS = "Watchdog"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2999, 1, 1, tzinfo=UTC)


class Clockwork:
    """The stack's simulated clock, run at the machine's speed from a Monday morning on."""

    def __init__(self, file: Path) -> None:
        self._file, self._began, self._put_forward = file, monotonic(), timedelta()

    @property
    def now(self) -> datetime:
        """The moment that services are told."""
        return FIRST_INSTANT + timedelta(seconds=monotonic() - self._began) + self._put_forward

    def put_forward(self, by: timedelta) -> None:
        """Let it jump."""
        self._put_forward += by

    async def run(self) -> None:
        """Show the time, for ever."""
        while True:
            fresh = self._file.with_suffix(".fresh")
            fresh.write_text(self.now.isoformat())
            fresh.replace(self._file)
            await asyncio.sleep(0.2)


@dataclass
class Watched:
    """The stack, and what is seen of it."""

    stack: Stack
    prometheus: Prometheus
    alertmanager: Alertmanager
    clock: Clockwork
    heart_beats: bool = True

    async def firing(self) -> set[str]:
        """The names of all alerts that fire now, but for the one that always does."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            answer = (await client.get(f"{self.prometheus.url}/api/v1/alerts")).json()
        alerts = answer["data"]["alerts"]
        return {each["labels"]["alertname"] for each in alerts if each["state"] == "firing"} - {ALWAYS}

    async def until(self, reached: Callable[[set[str]], bool], within_seconds: float) -> set[str]:
        """Wait for a state of alerts; which have fired meanwhile. Raises TimeoutError with them."""
        seen: set[str] = set()
        deadline = monotonic() + within_seconds
        while True:
            now = await self.firing()
            seen |= now
            if reached(now):
                return seen
            if monotonic() > deadline:
                raise TimeoutError(f"firing: {sorted(now)}, seen: {sorted(seen)}")
            await asyncio.sleep(0.3)

    async def said_for(self, seconds: float) -> set[str]:
        """Which alerts fire at some moment of so many seconds."""
        deadline, seen = monotonic() + seconds, await self.firing()
        while monotonic() < deadline:
            await asyncio.sleep(0.3)
            seen |= await self.firing()
        return seen

    async def rabbitmqctl(self, *words: str | Path, program: str = "rabbitmqctl") -> None:
        """One of the broker's own commands."""
        scripts = await asyncio.to_thread(find_rabbitmq, Where())
        await _run(scripts / program, *words, environment=dict(self.stack.parts["rabbitmq"].environment()))

    async def may(self, user: str, *, write: str, read: str) -> None:
        """Let a user of the broker do nothing else, and sign in anew."""
        await self.rabbitmqctl("set_permissions", user, "^$", write, read)
        await self.rabbitmqctl("close_all_user_connections", user, "other rights")

    async def import_definitions(self) -> None:
        """Give the broker back what the topology says, as runbooks tell."""
        await self.rabbitmqctl("import_definitions", self.stack.run_dir / "rabbitmq" / "definitions.json")

    async def make_queue(self, name: str) -> None:
        """Make one queue with its bindings, and change nobody's rights."""
        whole = json.loads((self.stack.run_dir / "rabbitmq" / "definitions.json").read_text())
        part = {
            "queues": [queue for queue in whole["queues"] if queue["name"] == name],
            "bindings": [binding for binding in whole["bindings"] if binding["destination"] == name],
        }
        file = self.stack.run_dir / "rabbitmq" / "one-queue.json"
        file.write_text(json.dumps(part))
        await self.rabbitmqctl("import_definitions", file)

    async def ledstjarna(self, *words: str) -> None:
        """A command of ours, as an operator types it."""
        await _run(Path(sys.executable).parent / "ledstjarna", *words, "--run-dir", str(self.stack.run_dir))

    async def restart(self, *parts: str) -> None:
        """Stop parts and start them again."""
        for part in parts:
            await self.stack.stop_part(part)
        for part in parts:
            await self.stack.start_part(part)

    async def says(self, owner: str, events: Iterable[Event], *, since: datetime | None = None) -> None:
        """Publish events as their owner; `since`: they follow from a staff change that was told then."""
        cause = Cause(uuid7(), uuid7(), staff_change=StaffChange("joined", since)) if since else None
        outgoing = []
        for event in events:
            headers = dict(wrap(event, source=f"/{owner}", time=self.clock.now, cause=cause, event_id=uuid7()))
            body = event.model_dump_json(by_alias=True).encode()
            outgoing.append(Outgoing(exchange_of(event.type), event.type, body, headers, headers["ce-id"]))
        await self._publish(owner, outgoing)

    async def says_nonsense(self, count: int) -> None:
        """Let HR publish what nobody can read, to enrolment only."""
        event_type = "hr.unit.changed.v1"
        headers = {"ce-specversion": "1.0", "ce-type": event_type, "ce-source": "/hr"}
        ids = [uuid7() for _ in range(count)]
        await self._publish("hr", [Outgoing("hr", event_type, b"{", headers | {"ce-id": one}, one) for one in ids])

    async def _publish(self, owner: str, outgoing: list[Outgoing]) -> None:
        publisher = BrokerPublisher(self.stack.endpoints.amqp_users[owner])
        await publisher.start()
        try:
            for message in outgoing:
                await publisher.publish(message)
        finally:
            await publisher.stop()

    def hand_in(self, mail: bytes) -> None:
        """Deliver a mail to us, as the municipality's mail server does."""
        host, _, port = str(self.stack.endpoints.lmtp).partition(":")
        with smtplib.LMTP(host, int(port)) as server:
            server.sendmail("<>", ["ledarutveckling@kommun.example"], mail)

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[AsyncIOMotorClient[dict[str, object]]]:
        """A service's database, as long as the block lasts."""
        client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(self.stack.endpoints.mongo)
        try:
            yield client[service]  # type: ignore[misc]
        finally:
            client.close()

    async def let_the_heart_beat(self) -> None:
        """Have a heartbeat started whenever the service looks whether one is due: every five seconds, not sixty."""
        client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(
            self.stack.endpoints.mongo, serverSelectionTimeoutMS=1000
        )
        try:
            while True:
                due = LONG_AGO if self.heart_beats else FAR_AHEAD
                with contextlib.suppress(PyMongoError):  # the database may be what is at fault
                    await client["enrolment"]["heartbeats"].update_one({"_id": "turn"}, {"$set": {"due_at": due}})
                await asyncio.sleep(0.5)
        finally:
            client.close()


async def _run(*command: str | Path, environment: dict[str, str] | None = None) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} {command[1]} ended with {process.returncode}: {said.decode()[-500:]}")


@asynccontextmanager
async def watched(directory: Path) -> AsyncIterator[Watched]:
    """Start it all; yields once nothing fires and the heart beats."""
    rules = directory / "rules"
    rules.mkdir()
    for file in RULES.parent.glob(RULES.name):
        (rules / file.name).write_text(shortened(file.read_text()))
    async with Stack(directory / "run", parts=(*PARTS, "alertmanager"), outside=Outside()) as stack:
        addresses = {name: str(getattr(stack.endpoints, name)).removeprefix("http://") for name in SERVICES}
        addresses[BROKER] = str(stack.endpoints.broker_metrics).removeprefix("http://").removesuffix("/metrics")
        alertmanager = stack.parts["alertmanager"]
        assert isinstance(alertmanager, Alertmanager)
        told = alertmanager.url.removeprefix("http://")
        prometheus = Prometheus(directory, addresses, alertmanager=told, rules=rules / "*.yml", every_seconds=1)
        async with prometheus:
            world = Watched(stack, prometheus, alertmanager, Clockwork(Path(str(stack.endpoints.clock))))
            loops = [asyncio.create_task(run()) for run in (world.clock.run, world.let_the_heart_beat)]
            try:
                await asyncio.sleep(shorter(300))
                await world.until(lambda firing: not firing, 120)
                yield world
            finally:
                for loop in loops:
                    loop.cancel()
                await asyncio.gather(*loops, return_exceptions=True)


Deed = Callable[[Watched], Awaitable[None]]
