"""After a restore: brings the databases, the broker and what people have been sent since the backup together again.

Everything is looked at first and done when asked for; killed midway, it is done again. Services begin when it is done.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from pymongo import MongoClient

from deploy.backup.leftovers import Leftovers
from deploy.backup.sent_mails import SentMails
from deploy.backup.underway import Client
from shared.migrations import RESTORED
from shared.topology import SERVICES


class NotRestoredError(Exception):
    """There is nothing to reconcile, or not yet; the message says what to do."""


@dataclass(slots=True)
class Report:
    """What was found between the stores; with `done`, it has been set right."""

    backup_id: str
    taken_at: str
    done: bool = False
    dropped: dict[str, int] = field(default_factory=dict)
    """Messages of our services in the broker, by queue: they tell of things that the databases do not know any more."""
    kept: dict[str, int] = field(default_factory=dict)
    """Messages of HR's in the broker, by queue: they are as true as ever."""
    under_way: list[dict[str, str]] = field(default_factory=list)
    """Events that were in the broker only when the backup was made, and are lost."""
    pending: dict[str, int] = field(default_factory=dict)
    """Events in each outbox: published, maybe once more, when the services begin; receivers know them by id."""
    mails_known: int = 0
    """Mails that are unsent by the database and were sent all the same: they are not sent again."""
    mails_forgotten: int = 0
    """Mails that were sent and that the database does not know: if they are written again, they are not sent again."""
    calendars_ahead: list[str] = field(default_factory=list)
    """Places of people whose calendars have been told something newer than we know: invite them anew."""
    mails_unsent: int = 0
    """Mails that will be sent when notifications begins, as the same bytes if they have been sent before."""


NOTHING_SENT: Final = SentMails(frozenset())


async def reconcile(
    url: str, amqp_url: str, *, sent: SentMails = NOTHING_SENT, now: datetime | None = None, act: bool = False
) -> Report:
    """Look at what is between the stores, and with `act` set it right.

    Raises:
        NotRestoredError: not all three databases have just been restored from the same backup.
    """
    client: Client
    with MongoClient(url, tz_aware=True) as client:
        report = _begin(client)
        report.pending = {one: client[one]["outbox"].count_documents({"status": "pending"}) for one in SERVICES}
        report.dropped, report.kept = await Leftovers(amqp_url).clear(act=act)
        found = sent.compare(client["notifications"], now or datetime.now(UTC), act=act)
        report.mails_known, report.mails_forgotten, report.calendars_ahead, report.mails_unsent = found
        if act:
            for service in SERVICES:
                done = {"$set": {"reconciled_at": datetime.now(UTC)}}
                client[service][RESTORED].update_one({"_id": report.backup_id}, done)
            report.done = True
    return report


def _begin(client: Client) -> Report:
    marks: list[dict[str, Any]] = [client[service][RESTORED].find_one({}) or {} for service in SERVICES]
    if not all("restored_at" in mark for mark in marks) or len({mark["_id"] for mark in marks}) != 1:
        raise NotRestoredError("These databases have not all been restored from one backup: run 'ledstjarna restore'.")
    if all("reconciled_at" in mark for mark in marks):
        raise NotRestoredError("This restore has been reconciled already: start the services.")
    return Report(marks[0]["_id"], marks[0]["taken_at"], under_way=marks[0]["under_way"])
