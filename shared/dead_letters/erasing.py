"""What dead letters say about somebody who is erased goes with her."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from shared.dead_letters.letters import ALIVE, DeadLetter, Entry, State
from shared.dead_letters.store import SYSTEM, closing, noted
from shared.documents import Transaction
from shared.events.hr import EmployeeErased

ERASED: Final = "somebody whom it is about has been erased"


async def forget_letters(tx: Transaction, employee_id: str) -> int:
    """Close the letters about somebody for good, and take out of them and of closed ones what could tell of her; how
    many. That she is to be erased may still be told by a letter: her bare id is all that it holds."""
    letters, session = tx.unit.database[DeadLetter.collection], tx.unit.session
    others = {"event_type": {"$ne": EmployeeErased.type}}
    hers = [row async for row in letters.find(others, session=session) if is_about(row, employee_id)]
    at = datetime.now(UTC)
    for row in hers:
        entry = Entry(at=at, actor=SYSTEM, action="forgotten", reason=ERASED)
        change = closing(State.discarded, entry) if row["state"] in ALIVE else noted(entry)
        bare = {"headers": [], "error.message": ERASED, "error.traceback": ""}
        change["$set"] = {**change.get("$set", {}), **bare}
        change["$unset"] = {**change.get("$unset", {}), "body": ""}
        await letters.update_one({"_id": row["_id"]}, change, session=session)
    return len(hers)


def is_about(row: Mapping[str, Any], employee_id: str) -> bool:
    """Whether a letter tells of her: a record in it is hers, or its subject or its reason names her. Where nobody can
    read what stood in it, her id anywhere in it is enough."""
    whole_id = re.compile(rf"(?<![\w.~-]){re.escape(employee_id)}(?![\w.~-])")
    told = [str(value) for name, value in row["headers"] if name == "ce-subject"]
    if any(whole_id.search(text) for text in (*told, row["error"]["message"])):
        return True
    body: bytes = row.get("body", b"")
    try:
        return any(each.get("employee_id") == employee_id for each in _objects(json.loads(body)))
    except (ValueError, RecursionError):
        return whole_id.search(body.decode("utf-8", "replace")) is not None


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a piece of JSON, at whatever depth."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            yield one
        todo += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
