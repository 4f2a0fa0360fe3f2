"""A service's dead letters on a real database, with their doors, and a broker that writes down what it is given."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from shared.cloudevents import uuid7
from shared.dead_letters.doors import Doors, routes
from shared.dead_letters.letters import DeadLetter
from shared.dead_letters.reading import Buried, read
from shared.dead_letters.replayer import Replayer
from shared.dead_letters.store import DeadLetters
from shared.delivery import Delivery
from shared.documents import Database, Transaction
from shared.openapi import Application
from shared.outbox import NotPublishedError, Outgoing
from shared.timers import Timers
from shared.web import Credential, Guard, LimitBody, Pages, tell_problems
from tests.harness import harness

AT = datetime(2026, 11, 25, 8, tzinfo=UTC)


@dataclass
class Broker:
    """Stands where the broker would: keeps what is published, or refuses it as `refuses` says."""

    taken: list[Outgoing] = field(default_factory=list)
    refuses: NotPublishedError | None = None

    async def publish(self, message: Outgoing) -> None:
        if self.refuses:
            raise self.refuses
        self.taken.append(message)


@dataclass
class Desk:
    """Enrolment's dead letters and all that works on them."""

    letters: DeadLetters
    delivery: Delivery[Transaction]
    broker: Broker
    replayer: Replayer
    app: FastAPI

    async def buries(self, died: datetime = AT, body: bytes = b'{"unit_id": "U1"}', **headers: Any) -> DeadLetter:
        """A message died, and its letter is recorded as it stands then."""
        letter = buried(died, body, **headers)
        await self.letters.record(letter)
        return await self.stands(letter.id)

    async def stands(self, letter_id: str) -> DeadLetter:
        """How a letter stands."""
        found = await self.letters.get(letter_id)
        assert found is not None
        return found

    async def sends_all(self) -> int:
        """Send what waits; how many letters the broker took."""
        before = len(self.broker.taken)
        while await self.replayer.send_next() is not None:
            pass
        return len(self.broker.taken) - before


def buried(died: datetime = AT, body: bytes = b'{"unit_id": "U1"}', **headers: Any) -> DeadLetter:
    """A message as it lies among the dead letters, read."""
    told = {
        "ce-id": uuid7(),
        "ce-type": "hr.unit.changed.v1",
        "dead-queue": "enrolment.hr",
        "dead-code": "fault",
        "dead-class": "KeyError",
        "dead-where": "services.enrolment.commands.units.told",
        "dead-reason": "KeyError: 'U1'",
        "dead-at": died.isoformat(),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    kept = {name: value for name, value in told.items() if value is not None}
    return read(
        Buried("enrolment", kept, "application/json", str(kept.get("ce-id", "")), body, AT + timedelta(hours=1))
    )


def application(letters: DeadLetters, delivery: Delivery[Transaction], replayer: Replayer) -> FastAPI:
    """The doors alone."""
    credentials = [
        Credential(sha256=hashlib.sha256(f"token-of-{role}".encode()).hexdigest(), role=role, name=f"the {role}")
        for role in ("operator", "auditor", "office")
    ]
    app = Application(title="Dead letters", version="1")
    app.add_middleware(LimitBody)
    tell_problems(app, Pages(Path("shared/templates")))
    app.include_router(routes(Doors(letters, delivery, replayer, Guard(credentials, ["key"]))))
    return app


def signed_in(role: str) -> dict[str, str]:
    """The header by which somebody comes in."""
    return {"Authorization": f"Bearer token-of-{role}"}


@asynccontextmanager
async def desk(database: Database) -> AsyncIterator[Desk]:
    """Set up dead letters on `database`."""
    async with harness(
        database, name="enrolment", transaction=Transaction, subscriptions=(), timers=Timers(), indexes={}
    ) as service:
        letters, broker = DeadLetters("enrolment", database), Broker()
        replayer = Replayer(letters, broker)
        app = application(letters, service.delivery, replayer)
        yield Desk(letters, service.delivery, broker, replayer, app)
