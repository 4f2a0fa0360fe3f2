"""Where dead letters are kept: one document for each message and queue in which it died."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.dead_letters.letters import ALIVE, DeadLetter, Entry, Replay, State, label
from shared.documents import Database
from shared.telemetry import DEAD_LETTER_OLDEST, DEAD_LETTERS_NOW
from shared.topology import BINDINGS

log = structlog.get_logger()

KEPT_SECONDS: Final = 90 * 86400
"""How long a closed letter is kept: it tells what was done and why, but not what stood in it."""
LONGEST_HISTORY: Final = 100
TOGETHER: Final = 500

INDEXES: Final[Sequence[IndexModel]] = (
    IndexModel("closed_at", expireAfterSeconds=KEPT_SECONDS),
    IndexModel([("state", 1), ("queue", 1), ("event_type", 1), ("first_failed_at", 1)]),
    IndexModel([("fingerprint", 1), ("state", 1)]),
    IndexModel([("event_id", 1), ("queue", 1)]),
    IndexModel("correlation_id"),
    IndexModel("replay.id", sparse=True),
    IndexModel("replay.waiting", partialFilterExpression={"replay.waiting": True}),
)

SYSTEM: Final = "ledstjarna"
"""Who does what nobody asked for."""


UNDER_WAY: Final = {
    "$and": [
        {"$in": ["$state", [state.value for state in ALIVE]]},
        {"$or": [{"$eq": ["$state", State.replaying.value]}, {"$eq": ["$replay.waiting", True]}]},
    ]
}
"""Whether a letter is `under_way`, as the database is asked."""


class DeadLetters:
    """The dead letters of one service."""

    def __init__(self, service: str, database: Database) -> None:
        self.service = service
        self.collection = database[DeadLetter.collection]
        self._inbox = database["inbox"]

    async def record(self, letter: DeadLetter) -> bool:
        """Keep a letter that was found in the broker; whether it is one that we did not know.

        Recorded again it changes nothing. One that has died again is open again. Another message under the same id is
        another letter.
        """
        known = await self._known(letter)
        if known is None:
            try:
                await self.collection.insert_one(letter.row())
            except DuplicateKeyError:
                other = letter.having(id=f"{letter.body_sha256[:8]}~{letter.id}")
                return await self.record(other) if not await self._known(letter) else False
            return True
        if known.died != letter.died:
            await self._died_again(known, letter)
        return False

    async def _known(self, letter: DeadLetter) -> DeadLetter | None:
        row = await self.collection.find_one({"_id": letter.id, "body_sha256": letter.body_sha256})
        return DeadLetter.model_validate(row) if row else None

    async def _died_again(self, known: DeadLetter, letter: DeadLetter) -> None:
        count = max(known.replay_count, letter.replay_count)
        news = letter.model_dump(
            include={
                "last_failed_at",
                "died",
                "attempts",
                "error",
                "fingerprint",
                "headers",
                "content_type",
                "body",
                "whole",
            }
        )
        if known.replay and letter.replay_count > known.replay_count:
            # it was sent, and whoever sent it ended before noting that
            sent = known.replay.model_copy(update={"waiting": False, "sent_at": letter.last_failed_at})
            news["replay"] = sent.model_dump()
        change = {
            "$set": {**news, "state": State.open.value, "replay_count": count},
            "$inc": {"deaths": 1},
            "$unset": {"closed_at": ""},
            **noted(Entry(at=letter.last_failed_at, actor=SYSTEM, action="died again", reason=letter.error.code)),
        }
        await self.collection.update_one({"_id": known.id, "deaths": known.deaths}, change)

    async def get(self, letter_id: str) -> DeadLetter | None:
        """One letter."""
        row = await self.collection.find_one({"_id": letter_id})
        return DeadLetter.model_validate(row) if row else None

    async def find(
        self, query: Mapping[str, Any], *, limit: int, after: str | None, body: bool = False
    ) -> list[DeadLetter]:
        """Letters that match, without their bodies unless asked for, and one more to show that there is more; the
        newest first, as far as ids tell."""
        past = {"_id": {"$lt": after}} if after else {}
        fields = None if body else {"body": 0}
        found = self.collection.find({"$and": [query, past]}, fields).sort("_id", -1).limit(limit + 1)
        return [DeadLetter.model_validate(row) async for row in found]

    async def groups(self, query: Mapping[str, Any], *, limit: int, after: str | None) -> list[dict[str, Any]]:
        """Letters of the same cause counted together, in the order of fingerprints, and one more."""
        group = {
            "_id": "$fingerprint",
            "queue": {"$first": "$queue"},
            "event_type": {"$first": "$event_type"},
            "code": {"$first": "$error.code"},
            "kind": {"$first": "$error.kind"},
            "where": {"$first": "$error.where"},
            "message": {"$first": "$error.message"},
            "example": {"$first": "$_id"},
            "count": {"$sum": 1},
            "first_failed_at": {"$min": "$first_failed_at"},
            "last_failed_at": {"$max": "$last_failed_at"},
            "replayed": {"$sum": {"$cond": [{"$gt": ["$replay_count", 0]}, 1, 0]}},
            "replaying": {"$sum": {"$cond": [{"$eq": ["$state", State.replaying.value]}, 1, 0]}},
            "under_way": {"$sum": {"$cond": [UNDER_WAY, 1, 0]}},
        }
        stages: list[dict[str, Any]] = [
            {"$match": {"$and": [query, {"fingerprint": {"$gt": after or ""}}]}},
            {"$project": {"body": 0, "headers": 0, "history": 0}},
            {"$sort": {"fingerprint": 1, "last_failed_at": -1}},
            {"$group": group},
            {"$sort": {"_id": 1}},
            {"$limit": limit + 1},
        ]
        return [{"fingerprint": row.pop("_id"), **row} async for row in self.collection.aggregate(stages)]

    async def resolve(self, queue: str, event_id: str) -> None:
        """A message that had died has been handled: close its letter. Missed now, `resolve_handled` does it later."""
        try:
            await self._resolve({"queue": queue, "event_id": event_id})
        except PyMongoError as error:
            log.info("a letter could not be closed now, the next sweep does it", error=repr(error))

    async def resolve_handled(self) -> int:
        """Close every letter whose message has been handled by now, whoever died before saying so; how many."""
        alive = self.collection.find({"state": {"$in": list(ALIVE)}}, {"queue": 1, "event_id": 1})
        closed, some = 0, []
        async for row in alive:
            some.append((f"{row['queue']}|{row['event_id']}", row["_id"]))
            if len(some) == TOGETHER:
                closed, some = closed + await self._resolve_some(dict(some)), []
        return closed + await self._resolve_some(dict(some))

    async def _resolve_some(self, letters: Mapping[str, str]) -> int:
        handled = self._inbox.find({"_id": {"$in": list(letters)}}, {"_id": 1}) if letters else None
        ids = [letters[row["_id"]] async for row in handled] if handled else []
        return await self._resolve({"_id": {"$in": ids}}) if ids else 0

    async def _resolve(self, which: Mapping[str, Any]) -> int:
        at = datetime.now(UTC)
        change = closing(State.resolved, Entry(at=at, actor=SYSTEM, action="resolved", reason="it has been handled"))
        done = await self.collection.update_many({**which, "state": {"$in": list(ALIVE)}}, change)
        return int(done.modified_count)

    async def next_to_send(self, lease_seconds: int) -> DeadLetter | None:
        """Lease the letter that has waited longest to be sent again, by the server's time; nothing if none waits."""
        free = {"$expr": {"$lt": [{"$ifNull": ["$leased_until", 0]}, "$$NOW"]}}
        row = await self.collection.find_one_and_update(
            {"replay.waiting": True, "state": {"$in": list(ALIVE)}, **free},
            [{"$set": {"leased_until": {"$add": ["$$NOW", lease_seconds * 1000]}}}],
            sort=[("replay.at", 1), ("_id", 1)],
        )
        return DeadLetter.model_validate(row) if row else None

    async def note_sent(self, letter: DeadLetter, replay: Replay) -> None:
        """The broker has a letter again. If it has been decided meanwhile, well or badly, that stands."""
        count = letter.replay_count + 1
        entry = Entry(at=replay.sent_at or replay.at, actor=replay.by, action="replayed", reason=f"replay {replay.id}")
        sent = {"replay": replay.model_dump(), "replay_count": count}
        change = {"$set": {**sent, "state": State.replaying.value}, "$unset": {"leased_until": ""}, **noted(entry)}
        undecided = {"_id": letter.id, "deaths": letter.deaths, "state": {"$in": list(ALIVE)}}
        if not (await self.collection.update_one(undecided, change)).matched_count:
            decided = {"_id": letter.id, "replay.id": replay.id}
            late = {"$set": {"replay": replay.model_dump()}, "$max": {"replay_count": count}, **noted(entry)}
            await self.collection.update_one(decided, late)

    async def note_refused(self, letter: DeadLetter, replay: Replay) -> None:
        """A letter cannot be sent: it waits for a person again."""
        change = {"$set": {"replay": replay.model_dump()}, "$unset": {"leased_until": ""}}
        await self.collection.update_one({"_id": letter.id, "replay.id": replay.id}, change)

    async def let_go(self, letter: DeadLetter) -> None:
        """A letter could not be sent now: the next try may be at once."""
        await self.collection.update_one({"_id": letter.id}, {"$unset": {"leased_until": ""}})

    async def undone(self) -> int:
        """How many messages died and have had no effect."""
        return await self.collection.count_documents({"state": {"$ne": State.resolved.value}})

    async def observe(self) -> None:
        """Tell operators how many letters there are, and since when the oldest waits."""
        group = {
            "_id": {"queue": "$queue", "event_type": "$event_type", "state": "$state"},
            "n": {"$sum": 1},
            "oldest": {"$min": "$last_failed_at"},
        }
        queues = [queue for queue in BINDINGS if queue.startswith(f"{self.service}.")]
        oldest = dict.fromkeys(queues, 0.0)
        counts = Counter(
            {(queue, kind, state): 0 for queue in queues for kind in _types(queue) for state in map(str, ALIVE)}
        )
        async for row in self.collection.aggregate([{"$match": {"state": {"$in": list(ALIVE)}}}, {"$group": group}]):
            queue, event_type, state = row["_id"]["queue"], row["_id"]["event_type"], row["_id"]["state"]
            counts[queue, label(event_type), state] += row["n"]
            if state == State.open:
                seen = oldest.get(queue) or float("inf")
                oldest[queue] = min(seen, row["oldest"].timestamp())
        DEAD_LETTERS_NOW.show(counts)
        for queue, moment in oldest.items():
            DEAD_LETTER_OLDEST.labels(queue).set(moment)


def _types(queue: str) -> list[str]:
    return [*(event.type for event in BINDINGS[queue]), "other"]


def of_error(error: str) -> dict[str, Any]:
    """Asks for the letters that died with this code, or this class of error."""
    return {"$or": [{"error.code": error}, {"error.kind": error}]}


def closing(state: State, entry: Entry) -> dict[str, Any]:
    """How a letter is closed: it keeps no body from then on."""
    return {
        "$set": {"state": state.value, "closed_at": entry.at},
        "$unset": {"body": "", "leased_until": ""},
        **noted(entry),
    }


def noted(entry: Entry) -> dict[str, Any]:
    """An update that only adds to a letter's history."""
    return {"$push": {"history": {"$each": [entry.model_dump()], "$slice": -LONGEST_HISTORY}}}
