"""What brings documents that an older version wrote into the shape that this one keeps: numbered, in small steps.

Each step is one transaction that changes a few documents and writes down how far it has come. A runner that is killed
goes on where it was; of two runners one works at a time (a lease by the server's time), and one that has lost its lease
can commit nothing more. Which version may write beside which is in docs/upgrading.md.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import structlog
from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.documents import Database

log = structlog.get_logger()

COLLECTION: Final = "migrations"
RESTORED: Final = "restored"
"""Where a restored database says so, until it has been reconciled with the others, the broker and the mails sent."""

TOGETHER: Final = 500
"""How many documents one step changes: well under a second, so that no service waits long for them."""

LEASE_SECONDS: Final = 30
LOOK_SECONDS: Final = 5.0
"""How often a running service looks whether its database has become newer than it understands."""

NOTICE_SECONDS: Final = 3 * LOOK_SECONDS
"""How long an incompatible migration waits after it has been announced, so that older processes have ended."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One change of stored documents.

    Args:
        number: counts up within a service; never used again for something else.
        what: one sentence for whoever runs it.
        collection: whose documents it changes.
        which: finds those that still want it. A changed document must not be found again.
        change: an update pipeline; none: these documents are deleted.
        compatible: whether the version before it can read and write what it leaves. If not, processes of that version
            end themselves when it is announced, and this one starts only when it is done.
    """

    number: int
    what: str
    collection: str
    which: Mapping[str, Any]
    change: Sequence[Mapping[str, Any]] | None
    compatible: bool = True


def forget_published_bodies(number: int) -> Migration:
    """Of a published event it is kept that it was said, not what: bodies hold survey links and addresses."""
    return Migration(
        number,
        "published events keep no body: some held people's survey links",
        "outbox",
        {"status": "published", "body": {"$exists": True}},
        [{"$unset": "body"}],
    )


class NewerDatabaseError(Exception):
    """The database has been changed by a newer version in a way that this one would spoil."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(
            f"migration {', '.join(map(str, numbers))} of a newer version has changed this database: start that version"
        )


class StuckMigrationError(Exception):
    """A migration finds what it has changed already: its `which` must be corrected."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a database stands to what a program knows: migrations by number."""

    undone: tuple[Migration, ...]
    too_new: tuple[int, ...]

    @property
    def is_current(self) -> bool:
        """Whether the database is as new as the program needs, and not newer than it understands."""
        return not self.undone and not self.too_new


async def standing(database: Database, migrations: Sequence[Migration]) -> Standing:
    """How the database stands now."""
    rows = {row["_id"]: row async for row in database[COLLECTION].find({}, {"done_at": 1, "compatible": 1})}
    newest = max((migration.number for migration in migrations), default=0)
    return Standing(
        tuple(each for each in migrations if not rows.get(each.number, {}).get("done_at")),
        tuple(sorted(number for number, row in rows.items() if number > newest and not row["compatible"])),
    )


class Schema:
    """Keeps a service from working on a database that it does not fit."""

    def __init__(self, database: Database, migrations: Sequence[Migration]) -> None:
        self._database = database
        self._migrations = migrations
        self.is_current = False
        """Whether the database was as new as we need when it was last looked at."""

    async def open(self) -> None:
        """Return when the service may begin; waits for what it cannot do without.

        Raises:
            NewerDatabaseError: a newer version has changed the database incompatibly.
        """
        if not await self._database.list_collection_names():
            await self._begin_as_new()
        while await self._database[RESTORED].find_one({"reconciled_at": None}):
            log.warning("the database has been restored from a backup: run 'ledstjarna reconcile'")
            await asyncio.sleep(LOOK_SECONDS)
        while needed := [each.number for each in (await self._look()).undone if not each.compatible]:
            log.warning("the database is older than this version can use: run 'ledstjarna migrate'", migrations=needed)
            await asyncio.sleep(LOOK_SECONDS)

    async def watch(self) -> None:
        """Look again and again.

        Raises:
            NewerDatabaseError: as `open`; whoever runs this must end then.
        """
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
            except PyMongoError as error:
                log.warning("the migrations could not be looked at, trying again", error=repr(error))

    async def _look(self) -> Standing:
        now = await standing(self._database, self._migrations)
        self.is_current = now.is_current
        if now.too_new:
            raise NewerDatabaseError(now.too_new)
        return now

    async def _begin_as_new(self) -> None:
        """A database in which nothing is has nothing in an old shape."""
        for migration in self._migrations:
            await _enter(self._database, migration)
            await _finish(self._database, migration.number)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a migration has come. `left` counts documents that want it still."""

    number: int
    what: str
    changed: int
    left: int


async def rehearse(database: Database, migrations: Sequence[Migration]) -> list[Progress]:
    """What `Runner.run` would have to do, without doing it."""
    counts = [(each, await database[each.collection].count_documents(each.which)) for each in migrations]
    undone = (await standing(database, migrations)).undone
    return [Progress(each.number, each.what, 0, left) for each, left in counts if left or each in undone]


@dataclass(slots=True)
class Runner:
    """Runs the migrations of one database, in the order of their numbers.

    One that is done is looked at again: while an older version was still running, it may have written old documents.
    `tell` is told how it goes, after each step.
    """

    database: Database
    migrations: Sequence[Migration]
    tell: Callable[[Progress], None] = lambda _: None
    together: int = TOGETHER
    notice_seconds: float = NOTICE_SECONDS
    _owner: str = field(default_factory=lambda: uuid4().hex)

    async def run(self) -> None:
        """Return when all is done, by us or by another runner.

        Raises:
            NewerDatabaseError: the database is newer than these migrations.
        """
        if too_new := (await standing(self.database, self.migrations)).too_new:
            raise NewerDatabaseError(too_new)
        for migration in sorted(self.migrations, key=lambda each: each.number):
            await _enter(self.database, migration)
            while await self._is_wanted(migration):
                if await self._claim(migration.number):
                    await self._work(migration)
                else:
                    await asyncio.sleep(1)

    async def _is_wanted(self, migration: Migration) -> bool:
        row = await self._state.find_one({"_id": migration.number}) or {}
        return "done_at" not in row or bool(await self._documents(migration).find_one(migration.which, {"_id": 1}))

    async def _claim(self, number: int) -> bool:
        free: dict[str, Any] = {"$expr": {"$lt": [{"$ifNull": ["$lease.until", 0]}, "$$NOW"]}}
        lease = [{"$set": {"lease": self._lease()}}]
        taken = await self._state.update_one({"_id": number, **free}, lease)
        return bool(taken.modified_count)

    def _lease(self) -> dict[str, Any]:
        return {"owner": self._owner, "until": {"$add": ["$$NOW", LEASE_SECONDS * 1000]}}

    async def _work(self, migration: Migration) -> None:
        await self._give_notice(migration)
        left = await self._documents(migration).count_documents(migration.which)
        changed = 0
        while (count := await self._step(migration)) is not None:
            changed += count
            self.tell(Progress(migration.number, migration.what, changed, max(left - changed, 0)))

    async def _give_notice(self, migration: Migration) -> None:
        row = await self._state.find_one({"_id": migration.number, "noticed_at": {"$exists": True}})
        if migration.compatible or row or not await self._documents(migration).find_one(migration.which):
            return
        log.info("older versions are given time to end", migration=migration.number, seconds=self.notice_seconds)
        await asyncio.sleep(self.notice_seconds)
        mine = {"_id": migration.number, "lease.owner": self._owner}
        await self._state.update_one(mine, [{"$set": {"noticed_at": "$$NOW", "lease": self._lease()}}])

    async def _step(self, migration: Migration) -> int | None:
        """Change some documents and write down how far we are; none when this runner has nothing more to do."""
        async with await self.database.client.start_session() as session:
            while True:
                try:
                    async with session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority", j=True)):
                        return await self._change_some(migration, session)
                except PyMongoError as error:
                    if not _will_pass(error):
                        raise
                    await asyncio.sleep(0.1)

    async def _change_some(self, migration: Migration, session: AsyncIOMotorClientSession) -> int | None:
        mine = {"_id": migration.number, "lease.owner": self._owner}
        row = await self._state.find_one(mine, session=session)
        if row is None:
            return None  # somebody else has taken over
        after = {"_id": {"$gt": row["after"]}} if row.get("after") is not None else {}
        found = self._documents(migration).find({"$and": [dict(migration.which), after]}, {"_id": 1}, session=session)
        ids = [each["_id"] async for each in found.sort("_id", 1).limit(self.together)]
        if ids:
            await self._change(migration, ids, session)
            step = {"after": {"$literal": ids[-1]}, "lease": self._lease()}
            step["changed"] = {"$add": [{"$ifNull": ["$changed", 0]}, len(ids)]}
            await self._state.update_one(mine, [{"$set": step}], session=session)
            return len(ids)
        if after:  # once more from the beginning: a service may have written an old one behind us
            await self._state.update_one(mine, [{"$unset": "after"}], session=session)
            return 0
        end = [{"$set": {"done_at": {"$ifNull": ["$done_at", "$$NOW"]}}}, {"$unset": ["after", "lease"]}]
        await self._state.update_one(mine, end, session=session)
        return None

    async def _change(self, migration: Migration, ids: list[Any], session: AsyncIOMotorClientSession) -> None:
        those, documents = {"_id": {"$in": ids}}, self._documents(migration)
        if migration.change is None:
            await documents.delete_many(those, session=session)
        else:
            await documents.update_many(those, list(migration.change), session=session)
        if await documents.find_one({"$and": [those, dict(migration.which)]}, {"_id": 1}, session=session):
            raise StuckMigrationError(f"migration {migration.number} finds documents that it has changed already")

    def _documents(self, migration: Migration) -> Any:
        return self.database[migration.collection]

    @property
    def _state(self) -> Any:
        return self.database[COLLECTION]


async def _enter(database: Database, migration: Migration) -> None:
    """Announce a migration: from now on older versions know that it is coming."""
    new = {"what": migration.what, "compatible": migration.compatible, "changed": 0}
    try:
        await database[COLLECTION].update_one({"_id": migration.number}, {"$setOnInsert": new}, upsert=True)
    except DuplicateKeyError:
        log.info("another runner has just announced this migration", migration=migration.number)


async def _finish(database: Database, number: int) -> None:
    await database[COLLECTION].update_one({"_id": number, "done_at": None}, [{"$set": {"done_at": "$$NOW"}}])


def _will_pass(error: PyMongoError) -> bool:
    return error.has_error_label("TransientTransactionError") or error.has_error_label("UnknownTransactionCommitResult")
