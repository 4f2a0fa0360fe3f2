"""A transaction is inbox entry, state and outgoing events together: all of it happens, once, or nothing does."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

import structlog
from bson.codec_options import CodecOptions, TypeRegistry
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession, AsyncIOMotorCollection
from pymongo import IndexModel
from pymongo.errors import CollectionInvalid, ConnectionFailure, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.clock import Clock
from shared.cloudevents import Cause, uuid7
from shared.dead_letters.store import INDEXES as DEAD_LETTER_INDEXES
from shared.documents import Database, Transaction, Unit
from shared.model import Document, Timer
from shared.outbox import Outbox
from shared.telemetry import ABOUT
from shared.vitals import Commands, Pool

log = structlog.get_logger()

_EXISTS = 48
"""MongoDB's code for a collection that is there already."""

ATTEMPTS = 8
"""Tries of a transaction that meets another one."""

INBOX_DAYS, OUTBOX_DAYS = 30, 7
"""How long it is kept what was taken in, and what was announced; also how far back a trace can go."""

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "inbox": [
        IndexModel("at", expireAfterSeconds=INBOX_DAYS * 86400),
        IndexModel([("queue", 1), ("type", 1), ("outcome", 1)]),
        IndexModel("concerns"),
    ],
    "outbox": [
        IndexModel("created_at", name="pending", partialFilterExpression={"status": "pending"}),
        IndexModel("published_at", expireAfterSeconds=OUTBOX_DAYS * 86400),
        IndexModel("concerns"),
    ],
    "timers": [IndexModel([("due_at", 1), ("_id", 1)])],
    "audit": [IndexModel([("subject", 1), ("at", 1)]), IndexModel("correlation_id", sparse=True)],
    "heartbeats": [],
    "dead_letters": DEAD_LETTER_INDEXES,
}
"""Indexes that every service's database has. The inbox outlives the retry ladder and any replay of dead letters."""


class Outcome(StrEnum):
    """What an incoming event led to."""

    applied = "applied"
    stale = "stale"
    held = "held"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asked for a change, and in which role."""

    name: str
    role: str


@dataclass(slots=True)
class Once:
    """A caller's key for what she asks for, and a digest of what exactly that is."""

    key: str
    asked: str
    replayed: bool = False
    """Whether the answer is the one that she was given the first time."""


class KeyReusedError(Exception):
    """A caller used her key again for something else: answering with what came of the first would mislead her."""


T = TypeVar("T", bound=Transaction)
R = TypeVar("R")


@dataclass(slots=True)
class Work(Generic[T]):
    """Something to be done in a transaction because of a message or a timer."""

    do: Callable[[T], Awaitable[Outcome | None]]
    cause: Cause | None = None
    inbox: dict[str, Any] | None = None
    loads: Iterable[tuple[type[Document], str]] = ()
    ids: Mapping[str, Any] = field(default_factory=dict)
    """What every log line that is written meanwhile says about it."""


class Instead(Exception):  # noqa: N818 — it is raised to say what is to be done
    """What the step has led to must not be: take it back, and do this in a transaction of its own."""

    def __init__(self, do: Callable[[Any], Awaitable[Outcome | None]]) -> None:
        super().__init__("the step is taken back, and something else done")
        self.do = do


@dataclass(slots=True)
class Done:
    """How one piece of work ended: `outcome`, nothing if it had been done before, or the error."""

    outcome: Outcome | None = None
    error: Exception | None = field(default=None)


class Delivery(Generic[T]):
    """Runs work in transactions of one service, many pieces in one where they wait together."""

    def __init__(
        self,
        database: Database,
        transaction: Callable[[Unit], T],
        outbox: Outbox,
        clock: Clock,
        source: str,
    ) -> None:
        self.database = database
        self.outbox = outbox
        self.clock = clock
        self.timers_saved = asyncio.Event()
        """Set when a transaction has saved timers: one of them may be due already."""
        self._transaction = transaction
        self._source = source
        self._running: set[asyncio.Task[Any]] = set()

    async def run(
        self,
        work: Callable[[T], Awaitable[R]],
        *,
        actor: Actor | None = None,
        action: str = "",
        once: Once | None = None,
        rehearsal: bool = False,
    ) -> R:
        """Do `work` in one transaction and publish what it announced.

        A `rehearsal` does all of it and then takes it back: nothing is kept, nothing published. So a preview is what
        would really happen, and never a second opinion.

        It may run more than once (when it meets another transaction), so it must touch nothing but the transaction.
        `once` makes it idempotent: asked again with the same key by the same actor, the first answer is given (it must
        be JSON-able). With an `actor` every change is written to the audit log with before and after.

        Raises:
            KeyReusedError: the key of `once` has been used for something else.
        """
        key = f"command|{actor.role}|{actor.name}|{once.key}" if actor and once else None

        async def step(tx: T) -> R:
            if rehearsal:
                return await work(tx)
            if key and once and (before := await self._inbox.find_one({"_id": key}, session=tx.unit.session)):
                return cast("R", _first_answer(before, once))
            answer = await work(tx)
            if key and once:
                entry = {"_id": key, "queue": "commands", "type": action, "at": datetime.now(UTC)}
                kept = entry | {"asked": once.asked, "answer": answer}
                await self._inbox.insert_one(kept, session=tx.unit.session)
            if actor:
                await self._audit(tx, actor, action)
            return answer

        command = uuid7()
        token = ABOUT.set({**ABOUT.get(), "correlation_id": command})
        try:
            return await self._shielded(self._transact(step, Cause(command, command), keep=not rehearsal))
        finally:
            ABOUT.reset(token)

    async def run_together(self, works: Sequence[Work[T]]) -> list[Done]:
        """Do all the work, in order, in one transaction; if that fails, each alone: a bad message stops no other."""
        return await self._shielded(self._together(works))

    async def settle(self) -> None:
        """Wait for all work that has begun."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _together(self, works: Sequence[Work[T]]) -> list[Done]:
        if len(works) > 1:
            try:
                return await self._transact(lambda tx: self._each(tx, works), attempts=1)
            except Exception as error:  # noqa: BLE001 — whatever it was, the ones that can be done alone are done alone
                log.info("a group failed, its messages are handled one by one", size=len(works), error=repr(error))
        return [await self._alone(work) for work in works]

    async def _alone(self, work: Work[T]) -> Done:
        try:
            try:
                return (await self._transact(lambda tx: self._each(tx, [work])))[0]
            except Instead as instead:
                other = replace(work, do=instead.do)
                return (await self._transact(lambda tx: self._each(tx, [other])))[0]
        except Exception as error:  # noqa: BLE001 — the caller decides: wait and try again, or dead letters
            return Done(error=error)

    async def _each(self, tx: T, works: Sequence[Work[T]]) -> list[Done]:
        seen = await self._already_handled(tx, works)
        await self._load(tx, works)
        done, entries = [], []
        for work in works:
            if work.inbox and work.inbox["_id"] in seen:
                done.append(Done())
                continue
            tx.cause, began = work.cause, datetime.now(UTC)
            token = ABOUT.set(work.ids)
            try:
                outcome = await work.do(tx) or Outcome.applied
            finally:
                ABOUT.reset(token)
            done.append(Done(outcome))
            if work.inbox:
                seen.add(work.inbox["_id"])
                entries.append(work.inbox | {"outcome": outcome.value, "at": began, "clock_at": tx.now})
        if entries:
            tx.forget_in(entries)
            await self._inbox.insert_many(entries, ordered=False, session=tx.unit.session)
        return done

    async def _already_handled(self, tx: T, works: Sequence[Work[T]]) -> set[str]:
        keys = [work.inbox["_id"] for work in works if work.inbox]
        if not keys:
            return set()
        found = self._inbox.find({"_id": {"$in": keys}}, {"_id": 1}, session=tx.unit.session)
        return {row["_id"] async for row in found}

    async def _load(self, tx: T, works: Sequence[Work[T]]) -> None:
        wanted: dict[type[Document], list[str]] = {}
        for work in works:
            for model, document_id in work.loads:
                wanted.setdefault(model, []).append(document_id)
        for model, ids in wanted.items():
            await tx.documents(model).get_many(ids)

    async def _transact(
        self, step: Callable[[T], Awaitable[R]], cause: Cause | None = None, attempts: int = ATTEMPTS, keep: bool = True
    ) -> R:
        for attempt in range(1, attempts + 1):
            try:
                return await self._attempt(step, cause, keep)
            except (PyMongoError, DuplicateKeyError) as error:
                if attempt == attempts or not _met_another(error):
                    raise
                await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 — spreads, hides nothing
        raise AssertionError("unreachable")

    async def _attempt(self, step: Callable[[T], Awaitable[R]], cause: Cause | None, keep: bool) -> R:
        async with await self.database.client.start_session() as session:
            session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority", j=True))
            try:
                tx = self._transaction(Unit(self.database, session, self.clock.now(), self._source, cause))
                result = await step(tx)
                if not keep:
                    await session.abort_transaction()
                    return result
                for room in list(tx.rooms.values()):
                    await room.flush()
                if tx.outgoing:
                    tx.forget_in(tx.outgoing)
                    await self.outbox.collection.insert_many(tx.outgoing, ordered=False, session=session)
            except BaseException:
                await session.abort_transaction()
                raise
            await _commit(session)
        tx.has_been_committed()
        self.outbox.publish_soon(tx.outgoing)
        if Timer in tx.rooms:
            self.timers_saved.set()
        return result

    async def _audit(self, tx: T, actor: Actor, action: str) -> None:
        entries = [
            {
                "at": tx.now,
                "who": actor.name,
                "role": actor.role,
                "what": action,
                "subject": key,
                "kind": model.collection,
                "before": before and before.model_dump(by_alias=True),
                "after": after and after.model_dump(by_alias=True),
            }
            for model, room in tx.rooms.items()
            if model is not Timer
            for key, (before, after) in room.changes().items()
        ]
        if entries:
            correlation = {"correlation_id": tx.cause.correlation_id} if tx.cause else {}
            entries = [entry | correlation for entry in entries]
            await self.database["audit"].insert_many(entries, session=tx.unit.session)

    @property
    def _inbox(self) -> AsyncIOMotorCollection[dict[str, Any]]:
        return self.database["inbox"]

    async def _shielded(self, work: Awaitable[R]) -> R:
        """A lost connection or an impatient caller must not cancel half a transaction."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)


def _first_answer(before: Mapping[str, Any], once: Once) -> Any:
    if before["asked"] != once.asked:
        raise KeyReusedError(once.key)
    once.replayed = True
    return before["answer"]


def _met_another(error: PyMongoError) -> bool:
    return isinstance(error, DuplicateKeyError) or error.has_error_label("TransientTransactionError")


async def _commit(session: AsyncIOMotorClientSession) -> None:
    for attempt in range(ATTEMPTS):
        try:
            await session.commit_transaction()
        except (ConnectionFailure, OperationFailure) as error:
            if not error.has_error_label("UnknownTransactionCommitResult") or attempt == ATTEMPTS - 1:
                raise
        else:
            return


def connect(url: str) -> Database:
    """The service's own database: the one in the path of `url`, with our types and our promises."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        url, tz_aware=True, appname="ledstjarna", event_listeners=[Commands(), Pool()]
    )
    registry = TypeRegistry(fallback_encoder=_encode)
    return client.get_default_database(
        codec_options=CodecOptions(tz_aware=True, type_registry=registry),
        write_concern=WriteConcern("majority", j=True),
        read_concern=ReadConcern("majority"),
    )


def _encode(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be stored: give the document a type that MongoDB knows")


async def prepare(
    database: Database,
    indexes: Mapping[str, Sequence[IndexModel]],
    clustered: Sequence[str] = (),
) -> None:
    """Create what is missing of collections and indexes (inside transactions MongoDB would not).

    Documents of a `clustered` collection are stored in the order of their ids, so that with random ids their order
    tells nothing about when they came.
    """
    existing = set(await database.list_collection_names())
    for name in {*clustered} - existing:
        await _create(database, name, clusteredIndex={"key": {"_id": 1}, "unique": True})
    for name, wanted in {**INDEXES, **indexes}.items():
        if name not in existing and name not in clustered:
            await _create(database, name)
        if wanted:
            await database[name].create_indexes(list(wanted))


async def _create(database: Database, name: str, **options: Any) -> None:
    """Create a collection, unless another process that starts at the same time has been faster."""
    try:
        await database.create_collection(name, **options)
    except CollectionInvalid:  # found to be there before it was asked for
        return
    except OperationFailure as failure:
        if failure.code != _EXISTS:
            raise
