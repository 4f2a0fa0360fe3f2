"""A beat each minute of the machine's time, through every outbox, the broker and every service: enrolment starts it,
notifications and evaluation pass it on, enrolment takes it in again. Where it stops coming, events do not get through.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from shared.cloudevents import uuid7
from shared.delivery import Delivery
from shared.documents import Database, Transaction
from shared.events.enrolment import Heartbeat, HeartbeatStarted
from shared.model import Document
from shared.telemetry import HEARTBEAT

EVERY: Final = timedelta(minutes=1)

LOOK_SECONDS: Final = 5.0
"""How often it is seen to whether a beat is due, and how far the newest has come."""

_TURN: Final = "turn"
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Beat(Document):
    """The newest beat that has come to a hop, known after a restart, too; its id is the hop's name."""

    collection: ClassVar[str] = "heartbeats"

    started_at: datetime


async def came_to(hop: str, beat: Heartbeat, tx: Transaction) -> None:
    """A beat has come to this hop; an older one, as one that was a dead letter, tells nothing new."""
    known = await tx.documents(Beat).get(hop)
    if known is None or known.started_at < beat.started_at:
        tx.save(Beat(id=hop, started_at=beat.started_at))


async def show(hop: str, database: Database) -> None:
    """Let operators see the newest beat that has come to this hop; every replica shows the same."""
    row = await database[Beat.collection].find_one({"_id": hop})
    if row:
        HEARTBEAT.labels(hop).set(row["started_at"].timestamp())


class Heart:
    """Starts a beat when one is due, whichever replica sees that first."""

    def __init__(self, delivery: Delivery[Any]) -> None:
        self._delivery = delivery
        self._turns = delivery.database[Beat.collection]

    async def beat_if_due(self) -> bool:
        """Whether this process has started one. Whose turn it is goes by the database's time."""
        await self._turns.update_one({"_id": _TURN}, {"$setOnInsert": {"due_at": _LONG_AGO}}, upsert=True)
        due = {"_id": _TURN, "$expr": {"$lte": ["$due_at", "$$NOW"]}}
        next_one = {"$add": ["$$NOW", EVERY // timedelta(milliseconds=1)]}
        taken = await self._turns.update_one(due, [{"$set": {"due_at": next_one}}])
        if not taken.modified_count:
            return False
        await self._delivery.run(_start)
        return True


async def _start(tx: Transaction) -> None:
    tx.save(HeartbeatStarted(version=1, beat_id=uuid7(), started_at=datetime.now(UTC)))
