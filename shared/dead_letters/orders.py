"""What operators order to be done with dead letters: send them again, or discard them; in one transaction, with a
reason. Asked for as a dry run, the same is found and nothing changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

from shared.cloudevents import uuid7
from shared.dead_letters.letters import ALIVE, DeadLetter, Entry, Replay, State, histogram, why_not
from shared.dead_letters.store import closing, noted, of_error
from shared.delivery import Actor
from shared.documents import Transaction
from shared.telemetry import DEAD_LETTER_ACTIONS

UNKNOWN: Final = "it is not among the dead letters of this service"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters are meant: those named, those of one cause, or those of one queue, code or class (see
    `of_error`); the oldest `most` of them."""

    ids: Sequence[str] = ()
    group: str | None = None
    queue: str | None = None
    error: str | None = None
    most: int = 100


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done and why, when, and in whose name."""

    reason: str
    by: str
    at: datetime
    force: bool = False
    dry_run: bool = False


class Refused(BaseModel):
    """A letter with which it cannot be done, and why; if it is under way already, under which replay."""

    letter_id: str
    why: str
    under_way: str | None = None


class Cause(BaseModel):
    """How many of the letters died of one cause."""

    code: str
    message: str
    count: int


class Ordered(BaseModel):
    """What was ordered, or would be: with which letters, to which queues they go, and of what they had died."""

    replay_id: str | None
    dry_run: bool
    accepted: list[str]
    refused: list[Refused]
    queues: dict[str, int]
    causes: list[Cause]
    replayed_before: int
    left: int


async def replay(tx: Transaction, choice: Choice, order: Order, rate: float) -> Ordered:
    """Let letters wait to be sent again, to the queue in which each failed and no other."""
    letters, refused, left = await _chosen(tx, choice, order)
    told = _told(letters, refused, left, order, uuid7())
    if not order.dry_run:
        replaying = Replay(id=told.replay_id or "", at=order.at, by=order.by, rate=rate, waiting=True)
        change = {"$set": {"replay": replaying.model_dump()}, **noted(_entry(order, "replay ordered"))}
        await _do(tx, letters, change, _audited(order, "replay", State.replaying))
    return told


async def discard(tx: Transaction, choice: Choice, order: Order) -> Ordered:
    """Close letters that need not be handled any more, for good: their bodies are forgotten."""
    letters, refused, left = await _chosen(tx, choice, order, discarding=True)
    if not order.dry_run:
        change = closing(State.discarded, _entry(order, "discarded"))
        await _do(tx, letters, change, _audited(order, "discard", State.discarded))
    return _told(letters, refused, left, order, None)


async def _chosen(
    tx: Transaction, choice: Choice, order: Order, *, discarding: bool = False
) -> tuple[list[DeadLetter], list[Refused], int]:
    query = _query(choice)
    collection, session = tx.unit.database[DeadLetter.collection], tx.unit.session
    rows = collection.find(query, {"body": 0}, session=session).sort([("first_failed_at", 1), ("_id", 1)])
    found = [DeadLetter.model_validate(row) async for row in rows.limit(choice.most)]
    left = await collection.count_documents(query, session=session) - len(found)
    known = {letter.id for letter in found}
    refused = [Refused(letter_id=each, why=UNKNOWN) for each in choice.ids if each not in known]
    judged = [(letter, _why_not(letter, order, discarding=discarding)) for letter in found]
    refused += [Refused(letter_id=letter.id, why=why, under_way=letter.under_way) for letter, why in judged if why]
    return [letter for letter, why in judged if not why], refused, max(left, 0)


def _query(choice: Choice) -> dict[str, Any]:
    if choice.ids:
        return {"_id": {"$in": list(choice.ids)}}
    query: dict[str, Any] = {"state": {"$in": list(ALIVE)}}
    if choice.group:
        return {"fingerprint": choice.group, **query}
    if choice.queue:
        query["queue"] = choice.queue
    return query | of_error(choice.error) if choice.error else query


def _why_not(letter: DeadLetter, order: Order, *, discarding: bool) -> str | None:
    if not discarding:
        return why_not(letter, force=order.force)
    if letter.state not in ALIVE:
        return f"it is {letter.state} already"
    if letter.under_way and not order.force:
        return "it is being sent again: wait until that is decided, or use force"
    return None


async def _do(
    tx: Transaction, letters: Sequence[DeadLetter], change: dict[str, Any], audited: Mapping[str, Any]
) -> None:
    if not letters:
        return
    session = tx.unit.session
    ids = [letter.id for letter in letters]
    await tx.unit.database[DeadLetter.collection].update_many({"_id": {"$in": ids}}, change, session=session)
    entries = [
        {"at": tx.now, **audited, "subject": letter.id, "before": {"state": letter.state.value}} for letter in letters
    ]
    await tx.unit.database["audit"].insert_many(entries, session=session)


def _audited(order: Order, action: str, state: State) -> dict[str, Any]:
    return {
        "who": order.by,
        "role": "operator",
        "what": f"{action} dead letter",
        "kind": DeadLetter.collection,
        "after": {"state": state.value, "reason": order.reason},
    }


def _told(
    letters: Sequence[DeadLetter], refused: Sequence[Refused], left: int, order: Order, replay_id: str | None
) -> Ordered:
    return Ordered(
        replay_id=None if order.dry_run or not letters else replay_id,
        dry_run=order.dry_run,
        accepted=[letter.id for letter in letters],
        refused=list(refused),
        queues=dict(Counter(letter.queue for letter in letters)),
        causes=[Cause(code=code, message=message, count=n) for code, message, n in histogram(letters)],
        replayed_before=sum(letter.replay_count > 0 for letter in letters),
        left=left,
    )


def _entry(order: Order, action: str) -> Entry:
    return Entry(at=order.at, actor=order.by, action=action, reason=order.reason)


def count(told: Ordered, action: str) -> None:
    """Tell operators how much was done."""
    if not told.dry_run:
        DEAD_LETTER_ACTIONS.labels(action, "refused").inc(len(told.refused))
        if action == "discard":
            DEAD_LETTER_ACTIONS.labels(action, "done").inc(len(told.accepted))


class Fared(BaseModel):
    """How the letters of one replay fare; `arrivals` are others that died in the same queues since it was ordered, and
    `example_died` is one that died again."""

    replay_id: str
    asked: int
    waiting: int
    replaying: int
    resolved: int
    died_again: int
    refused: int
    discarded: int
    arrivals: int
    why_refused: str | None
    example_died: str | None


async def fared(tx: Transaction, replay_id: str) -> Fared | None:
    """How a replay fares; nothing if there is none of this id (or its letters were ordered to be sent once more)."""
    collection, session = tx.unit.database[DeadLetter.collection], tx.unit.session
    rows = collection.find({"replay.id": replay_id}, {"body": 0, "headers": 0}, session=session)
    letters = [DeadLetter.model_validate({"headers": [], **row}) async for row in rows]
    if not letters:
        return None
    since = min(letter.replay.at for letter in letters if letter.replay)
    others = {
        "queue": {"$in": sorted({letter.queue for letter in letters})},
        "state": State.open.value,
        "last_failed_at": {"$gte": since},
        "replay.id": {"$ne": replay_id},
    }
    stands = Counter(_stands(letter) for letter in letters)
    return Fared(
        replay_id=replay_id,
        asked=len(letters),
        **{each: stands[each] for each in _STANDS},
        arrivals=await collection.count_documents(others, session=session),
        why_refused=next((each.replay.refused for each in letters if each.replay and each.replay.refused), None),
        example_died=next((each.id for each in letters if _stands(each) == "died_again"), None),
    )


_STANDS: Final = ("waiting", "replaying", "resolved", "died_again", "refused", "discarded")


def _stands(letter: DeadLetter) -> str:
    replay = letter.replay
    if letter.state is not State.open or replay is None:
        return "waiting" if replay and replay.waiting and letter.state in ALIVE else letter.state.value
    if replay.refused:
        return "refused"
    return "waiting" if replay.waiting else "died_again"


def actor_of(actor: Actor, on_behalf_of: str | None) -> str:
    """Who it was: the name that was signed in with, and who ran the command."""
    return f"{actor.name} ({on_behalf_of})" if on_behalf_of else actor.name
