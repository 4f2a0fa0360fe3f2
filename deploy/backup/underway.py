"""Events that one service has announced and another not handled: what is between two databases at one moment."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pymongo import MongoClient
from pymongo.client_session import ClientSession

from shared.topology import BINDINGS, HR

Client = MongoClient[dict[str, Any]]

LONGEST_WAY: Final = timedelta(hours=3)
"""An event rests on the retry ladder for two hours at most; what has not arrived later is a dead letter."""

TOGETHER: Final = 5_000


def under_way(client: Client, session: ClientSession | None = None) -> list[dict[str, str]]:
    """Events that the broker has been given and their receiver has neither handled nor among its dead letters.

    The bodies of these are in the broker only. Those that wait in an outbox are not among them: they are in a database.
    What HR has said is not either, since only HR knows what that was.
    """
    found = []
    for queue, events in BINDINGS.items():
        consumer, _, publisher = queue.partition(".")
        if publisher == HR:
            continue
        for rows in _announced(client, publisher, [event.type for event in events], session):
            arrived = _arrived(client, consumer, queue, list(rows), session)
            found += [
                {"event_id": event_id, "event_type": event_type, "queue": queue}
                for event_id, event_type in rows.items()
                if event_id not in arrived
            ]
    return found


def _announced(
    client: Client, publisher: str, types: list[str], session: ClientSession | None
) -> Iterator[dict[str, str]]:
    """Type by id, some thousands at a time."""
    since = datetime.now(UTC) - LONGEST_WAY
    wanted = {"status": "published", "published_at": {"$gte": since}, "type": {"$in": types}}
    rows: dict[str, str] = {}
    for row in client[publisher]["outbox"].find(wanted, {"type": 1}, session=session, batch_size=TOGETHER):
        rows[row["_id"]] = row["type"]
        if len(rows) == TOGETHER:
            yield rows
            rows = {}
    if rows:
        yield rows


def _arrived(client: Client, consumer: str, queue: str, ids: list[str], session: ClientSession | None) -> set[str]:
    handled = {f"{queue}|{event_id}": event_id for event_id in ids}
    dead = {f"{event_id}:{queue}": event_id for event_id in ids}
    arrived = set()
    for collection, names in (("inbox", handled), ("dead_letters", dead)):
        rows = client[consumer][collection].find({"_id": {"$in": list(names)}}, {"_id": 1}, session=session)
        arrived |= {names[row["_id"]] for row in rows}
    return arrived
