"""Mails that have been sent since the backup, as the mail relay remembers them by their Message-ID."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from pymongo.database import Database

from services.notifications.contents import PRIVATE_KINDS
from services.notifications.model import Invitation, Letter, Message, SentBefore, State
from services.notifications.rules.calendars import calendar_key
from services.notifications.rules.messages import message_id

Notifications = Database[dict[str, Any]]

OURS: Final = re.compile(rb"(?i)message-id[:=]\s*<([0-9a-f]{40})@")
"""A Message-ID of ours, in a mail or in the log of a relay (Postfix writes `message-id=<…>`)."""

UNDECIDED: Final = (
    *(State.waiting, State.pending, State.rendered, State.deferred),
    *(State.leased, State.transmitting, State.ambiguous),
)
REVISIONS: Final = 20
"""How many later revisions of a calendar entry are looked for."""

TOLD: Final = "250 told by the relay after a restore"


@dataclass(frozen=True, slots=True)
class SentMails:
    """Ids of mails that somebody has been sent."""

    ids: frozenset[str]

    @classmethod
    def read(cls, sources: Sequence[Path]) -> Self:
        """From logs of the relay, mails, or directories of them.

        Raises:
            OSError: one cannot be read.
        """
        return cls(frozenset(found.decode() for file in _files(sources) for found in _ids(file)))

    def compare(self, database: Notifications, now: datetime, *, act: bool) -> tuple[int, int, list[str], int]:
        """How many are unsent by the database, how many it does not know, places whose calendars are ahead of it, and
        how many mails it will send; with `act`, the database knows it from now on."""
        messages = database[Message.collection]
        known = {row["_id"]: row["state"] for row in messages.find({"_id": {"$in": list(self.ids)}}, {"state": 1})}
        unsent = [each for each, state in known.items() if state in UNDECIDED]
        forgotten = self.ids - known.keys()
        ahead = list(self._ahead(database))
        if act:
            self._remember(database, unsent, forgotten, now)
            for row, sequence in ahead:
                newer = {"$set": {"sequence": sequence}}
                database[Invitation.collection].update_one({"_id": row["_id"]}, newer)
        left = {"state": {"$in": UNDECIDED}, "_id": {"$nin": unsent}, "next_at": {"$ne": None}}
        places = sorted({row["place_id"] for row, _ in ahead})
        return len(unsent), len(forgotten), places, messages.count_documents(left)

    def _ahead(self, database: Notifications) -> Iterator[tuple[dict[str, Any], int]]:
        """Calendar entries of which a later revision has been sent than we know, with its SEQUENCE."""
        wanted = {"uid": 1, "sequence": 1, "employee_id": 1, "place_id": 1}
        for row in database[Invitation.collection].find({}, wanted) if self.ids else ():
            later = range(row["sequence"] + REVISIONS, row["sequence"], -1)
            keys = ((sequence, calendar_key(row["uid"], sequence)) for sequence in later)
            sent = (sequence for sequence, key in keys if message_id(key, row["employee_id"]) in self.ids)
            if sequence := next(sent, None):
                yield row, sequence

    def _remember(
        self, database: Notifications, unsent: Sequence[str], forgotten: frozenset[str], now: datetime
    ) -> None:
        sent = {"state": State.sent, "sent_at": now, "reply": TOLD, "contents": None, "next_at": None, "lease": None}
        database[Message.collection].update_many({"_id": {"$in": list(unsent)}}, {"$set": sent})
        private = database[Message.collection].find(
            {"_id": {"$in": list(unsent)}, "kind": {"$in": sorted(PRIVATE_KINDS)}}, {"_id": 1}
        )
        database[Letter.collection].delete_many({"_id": {"$in": [row["_id"] for row in private]}})
        for each in forgotten:
            database[SentBefore.collection].replace_one({"_id": each}, {"_id": each}, upsert=True)


def _files(sources: Sequence[Path]) -> Iterator[Path]:
    for source in sources:
        yield from (file for file in source.rglob("*") if file.is_file()) if source.is_dir() else [source]


def _ids(file: Path) -> Iterator[bytes]:
    with file.open("rb") as lines:
        for line in lines:
            yield from OURS.findall(line)
