"""What a transaction sees and changes: documents read once, kept by id, written in bulk; events for the outbox."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorCollection, AsyncIOMotorDatabase
from prometheus_client import Counter
from pymongo import DeleteOne, InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError, OperationFailure

from shared import spans
from shared.cloudevents import COMMITTED_AT, Cause, uuid7, wrap
from shared.events.base import EVENT_TYPES, Event
from shared.model import Document, Thing, Timer, timer_id

Database = AsyncIOMotorDatabase[dict[str, Any]]
"""A service's own database."""


@dataclass(slots=True)
class Unit:
    """What one transaction works with, made by `Delivery` and handed to the service's `Transaction`."""

    database: Database
    session: AsyncIOMotorClientSession
    now: datetime
    source: str
    cause: Cause | None = None


D = TypeVar("D", bound=Document)


class Documents(Generic[D]):
    """Documents of one kind inside one transaction: read once, kept by id, written in bulk at the end."""

    def __init__(self, tx: "Transaction", model: type[D]) -> None:
        self._unit = tx.unit
        self._model = model
        self._collection: AsyncIOMotorCollection[dict[str, Any]] = tx.unit.database[model.collection]
        self._known: dict[str, D | None] = {}
        self._original: dict[str, D | None] = {}
        self._created: set[str] = set()
        self._unsaved: set[str] = set()
        self._changed: set[str] = set()
        self._own = model.stored_names() | model.passing
        self._foreign: dict[str, dict[str, Any]] = {}
        """Fields that a newer version has added: they are written back as they were."""
        tx.rooms[model] = self

    async def get(self, document_id: str) -> D | None:
        """The document with this id, as this transaction sees it."""
        if document_id not in self._known:
            await self.get_many([document_id])
        return self._known[document_id]

    async def get_many(self, ids: Iterable[str]) -> dict[str, D]:
        """Those of the documents that exist, by id, with one query for all that are not known yet."""
        wanted = list(dict.fromkeys(ids))
        missing = [document_id for document_id in wanted if document_id not in self._known]
        if missing:
            for document_id in missing:
                self._known[document_id] = self._original[document_id] = None
            async for row in self._collection.find({"_id": {"$in": missing}}, session=self._unit.session):
                self._learn(row)
        found = ((document_id, self._known[document_id]) for document_id in wanted)
        return {document_id: document for document_id, document in found if document is not None}

    async def find(self, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]] = (), limit: int = 0) -> list[D]:
        """The documents that match, this transaction's own unsaved changes included."""
        await self.flush()
        cursor = self._collection.find(query, session=self._unit.session, sort=list(sort) or None, limit=limit)
        return [self._learn(row) async for row in cursor]

    def _learn(self, row: dict[str, Any]) -> D:
        known = self._known.get(row["_id"])
        if known is None:
            known = self._known[row["_id"]] = self._original[row["_id"]] = self._model.model_validate(row)
            if foreign := row.keys() - self._own:
                self._foreign[row["_id"]] = {name: row[name] for name in foreign}
        return known

    def put(self, document: D | None, document_id: str) -> None:
        """Let the document stand like this from now on; nothing means that it is gone."""
        self._known[document_id] = document
        self._unsaved.add(document_id)
        self._changed.add(document_id)

    async def flush(self) -> None:
        """Write what was changed since the last time."""
        if not self._unsaved:
            return
        writes = [self._write(document_id) for document_id in sorted(self._unsaved)]
        self._unsaved.clear()
        try:
            await self._collection.bulk_write(writes, ordered=False, session=self._unit.session)
        except BulkWriteError as error:
            raise _without_documents(error, self._collection.name) from None

    def _write(self, document_id: str) -> InsertOne[dict[str, Any]] | ReplaceOne[dict[str, Any]] | DeleteOne:
        document = self._known[document_id]
        if document is None:
            return DeleteOne({"_id": document_id})
        body = document.model_dump(by_alias=True)
        is_new = document_id in self._original and self._original[document_id] is None
        if is_new and document_id not in self._created:
            self._created.add(document_id)
            return InsertOne(body)
        return ReplaceOne({"_id": document_id}, self._foreign.get(document_id, {}) | body, upsert=True)

    def changes(self) -> dict[str, tuple[D | None, D | None]]:
        """Before and after, by id, of all that this transaction has changed."""
        return {key: (self._original.get(key), self._known[key]) for key in sorted(self._changed)}


def _without_documents(error: BulkWriteError, collection: str) -> OperationFailure:
    """The same refusal without what was to be written: errors are logged, and documents hold names and addresses."""
    refused = [(each["code"], list(each.get("keyPattern", ()))) for each in error.details.get("writeErrors", ())]
    labels = {"errorLabels": error.details.get("errorLabels", [])}
    return OperationFailure(f"{collection} refused writes: {refused[:5]}", refused[0][0] if refused else None, labels)


class Transaction:
    """One atomic step. A service makes its own kind, with a `Documents` for each of its collections."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.now = unit.now
        self.rooms: dict[type[Document], Documents[Any]] = {}
        self.outgoing: list[dict[str, Any]] = []
        self.cause = unit.cause
        self._forgotten: set[str] = set()
        self._counted: list[tuple[Counter, int]] = []

    def documents(self, model: type[D]) -> Documents[D]:
        """The documents of this kind."""
        room = self.rooms.get(model)
        return cast("Documents[D]", room) if room is not None else Documents(self, model)

    def save(self, *things: Thing) -> None:
        """Keep documents, and announce events once this transaction has been committed."""
        for thing in things:
            if isinstance(thing, Event):
                self._announce(thing)
            else:
                self.documents(type(thing)).put(thing, thing.id)

    def count(self, counter: Counter, by: int = 1) -> None:
        """Let a metric rise if this transaction is committed: it may be done again, or be a rehearsal."""
        self._counted.append((counter, by))

    def has_been_committed(self) -> None:
        """Count what this transaction has done; it can save nothing any more."""
        for counter, by in self._counted:
            counter.inc(by)

    def delete(self, *documents: Document) -> None:
        """Forget documents."""
        for document in documents:
            self.documents(type(document)).put(None, document.id)

    def cancel_timer(self, kind: str, subject: str) -> None:
        """Let nothing of this kind be due for the subject any more."""
        self.documents(Timer).put(None, timer_id(kind, subject))

    async def forget(self, employee_id: str) -> None:
        """Let no trace lead to somebody any more: not that of events before, nor of those in this transaction."""
        self.leave_no_trace_of(employee_id)
        for name in ("inbox", "outbox"):
            rows = self.unit.database[name]
            forget: dict[str, Any] = {"$unset": {"concerns": ""}}
            await rows.update_many({"concerns": employee_id}, forget, session=self.unit.session)

    def leave_no_trace_of(self, employee_id: str) -> None:
        """Let no trace lead to somebody from what this transaction handles and announces."""
        self._forgotten.add(employee_id)

    def forget_in(self, rows: Iterable[dict[str, Any]]) -> None:
        """Take out of rows of inbox or outbox whom they concern, if she is somebody whom this transaction forgets."""
        for row in rows if self._forgotten else ():
            if self._forgotten.intersection(row.get("concerns", ())):
                del row["concerns"]

    @property
    def announced(self) -> list[Event]:
        """The events that this transaction will publish, in order."""
        return [EVENT_TYPES[row["type"]].model_validate_json(row["body"]) for row in self.outgoing]

    def _announce(self, event: Event) -> None:
        event_id, created_at = uuid7(), datetime.now(UTC)
        headers = wrap(event, source=self.unit.source, time=self.now, cause=self.cause, event_id=event_id)
        if trace := spans.here():
            headers[spans.HEADER] = trace
        self.outgoing.append(
            {
                "_id": event_id,
                "type": event.type,
                "headers": headers | {COMMITTED_AT: created_at.isoformat()},
                "concerns": list(dict.fromkeys((*event.concerns, headers["ce-correlationid"]))),
                "body": event.model_dump_json(by_alias=True).encode(),
                "status": "pending",
                "created_at": created_at,
            }
        )
