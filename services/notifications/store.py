"""All that notifications reads from and writes to its database: inside transactions, for the sender, for the lists."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

from bson import CodecOptions
from pymongo import IndexModel, UpdateOne
from pymongo.errors import PyMongoError

from services.notifications.mails import Mailroom
from services.notifications.model import (
    AT_ONCE,
    UNSENT,
    Breach,
    CohortView,
    Contact,
    Invitation,
    Letter,
    Membership,
    Message,
    Received,
    SentBefore,
    SessionView,
    Standing,
    State,
    Suppression,
)
from services.notifications.rules import contacts, times
from services.notifications.rules.calm import Calm
from shared.documents import Database, Documents, Transaction, Unit

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    Contact.collection: [],
    CohortView.collection: [],
    SessionView.collection: [IndexModel("cohort_id"), IndexModel("appointment.starts_at")],
    Membership.collection: [IndexModel("cohort_id"), IndexModel("standing")],
    Invitation.collection: [
        IndexModel("employee_id"),
        IndexModel("session_id"),
        IndexModel("uid", unique=True),
    ],
    Message.collection: [
        IndexModel([("state", 1), ("next_at", 1), ("created_at", 1)]),
        IndexModel([("order_key", 1), ("sequence", 1)]),
        IndexModel([("employee_id", 1), ("_id", 1)]),
        IndexModel("change_id"),
        IndexModel("correlation_id"),
        IndexModel("created_at"),
        IndexModel("unclear", partialFilterExpression={"unclear": {"$gt": 0}}),
    ],
    Letter.collection: [],
    Breach.collection: [IndexModel([("healed_at", 1), ("cohort_id", 1)])],
    Suppression.collection: [IndexModel("employee_id")],
    SentBefore.collection: [],
    Received.collection: [IndexModel("seen_at", expireAfterSeconds=90 * 86400)],
}

DATABASE_TROUBLE = PyMongoError
"""What a database that is away for a while raises."""

ASK_TIME_EVERY_SECONDS = 10.0

RESTING = (State.rendered, State.deferred, State.ambiguous)
IN_HAND = (State.leased, State.transmitting)

IN_TURN = [("next_at", 1), ("created_at", 1)]
PAGE = 120
"""How many due messages are looked at together."""


class Sessions(Documents[SessionView]):
    """Sessions as enrolment told them."""

    async def of_cohort(self, cohort_id: str) -> list[SessionView]:
        """All sessions of a cohort."""
        return await self.of_cohorts([cohort_id])

    async def of_cohorts(self, cohort_ids: Iterable[str]) -> list[SessionView]:
        """All sessions of some cohorts."""
        return await self.find(
            {"cohort_id": {"$in": list(cohort_ids)}}, sort=[("appointment.starts_at", 1), ("_id", 1)]
        )


class Memberships(Documents[Membership]):
    """How people stand to cohorts."""

    async def of_cohort(self, cohort_id: str) -> list[Membership]:
        """Everybody who has had anything to do with a cohort."""
        return await self.find({"cohort_id": cohort_id}, sort=[("_id", 1)])

    async def promised(self, cohort_ids: Iterable[str]) -> list[Membership]:
        """Who has a place in one of some cohorts, or is offered one."""
        standing = {"$in": [Standing.offered, Standing.confirmed]}
        return await self.find({"cohort_id": {"$in": list(cohort_ids)}, "standing": standing}, sort=[("_id", 1)])


class Invitations(Documents[Invitation]):
    """Calendar identities."""

    async def of_person(self, employee_id: str) -> list[Invitation]:
        """All that a person has had, round by round."""
        return await self.find({"employee_id": employee_id}, sort=[("round", 1), ("_id", 1)])

    async def with_uid(self, uid: str) -> Invitation | None:
        """The one that calendars know under this UID."""
        found = await self.find({"uid": uid}, limit=1)
        return found[0] if found else None

    async def of_sessions(self, session_ids: Iterable[str]) -> list[Invitation]:
        """All that there have been to some sessions, round by round."""
        return await self.find({"session_id": {"$in": list(session_ids)}}, sort=[("round", 1), ("_id", 1)])


class Messages(Documents[Message]):
    """Every message's life."""

    async def unsent(self, **about: str) -> list[Message]:
        """Of all to somebody, or about one thing: what no server has been given, and is in no sender's hands."""
        return await self.find({**about, "state": {"$in": UNSENT}}, sort=[("created_at", 1)])

    async def pending_to(self, employee_id: str) -> list[Message]:
        """What waits until it may go, in the order of what it is about."""
        return await self.find(
            {"employee_id": employee_id, "state": State.pending}, sort=[("created_at", 1), ("deadline", 1), ("_id", 1)]
        )

    async def released_since(self, employee_id: str, moment: datetime) -> int:
        """How many mails to be read have gone on their way to her since a moment."""
        return len(await self.find({"employee_id": employee_id, "released_at": {"$gte": moment}}))


class Breaches(Documents[Breach]):
    """Promises that are broken or were."""

    async def open_in(self, cohort_ids: Iterable[str]) -> list[Breach]:
        """Those that are broken now, to members of some cohorts."""
        return await self.find({"healed_at": None, "cohort_id": {"$in": list(cohort_ids)}}, sort=[("_id", 1)])


class NotificationsTransaction(Transaction):
    """One atomic step of notifications."""

    def __init__(self, unit: Unit, *, mailroom: Mailroom, calm: Calm, wake: Callable[[], None]) -> None:
        super().__init__(unit)
        self.contacts = Documents(self, Contact)
        self.cohorts = Documents(self, CohortView)
        self.sessions = Sessions(self, SessionView)
        self.memberships = Memberships(self, Membership)
        self.invitations = Invitations(self, Invitation)
        self.messages = Messages(self, Message)
        self.letters = Documents(self, Letter)
        self.breaches = Breaches(self, Breach)
        self.mailroom = mailroom
        self.calm = calm
        self.zone = calm.zone
        self.wake_sender = wake

    @property
    def today(self) -> date:
        """Today, where the municipality is."""
        return times.today(self.now, self.zone)

    async def contact(self, employee_id: str) -> Contact | None:
        """How she can be reached today. What HR told for a day that has come counts, even before its timer has run."""
        known = await self.contacts.get(employee_id)
        return contacts.on_its_day(known, self.today) if known is not None else None

    def forget_letter(self, message_id: str) -> None:
        """Keep the bytes of a message no longer."""
        self.letters.put(None, message_id)


class MailQueue:
    """Messages that are due, as the sender sees them. Leases and pauses go by the database's time."""

    def __init__(self, database: Database, owner: str, lease: timedelta) -> None:
        self._database = database
        self._messages = database[Message.collection]
        self._letters = database[Letter.collection]
        self._owner = owner
        self._lease = lease
        self._asked_at = -math.inf
        self._time = AT_ONCE

    async def now(self) -> datetime:
        """The database's time: asked for now and then, counted on in between."""
        since = monotonic() - self._asked_at
        if since > ASK_TIME_EVERY_SECONDS:
            options: CodecOptions[Any] = CodecOptions(tz_aware=True)
            self._time = (await self._database.command("hello", codec_options=options))["localTime"]
            self._asked_at, since = monotonic(), 0.0
        return self._time + timedelta(milliseconds=int(since * 1000))

    async def claim(self, limit: int) -> list[tuple[Message, Letter]]:
        """Lease messages that are due, with their bytes; of those with one order key only the first unfinished.

        One whose transmission was cut off by the death of its sender comes back counted as unclear.
        """
        now = await self.now()
        ids = await self._first_due(now, limit)
        if not ids:
            return []
        was_cut_off = {"$cond": [{"$eq": ["$state", State.transmitting]}, 1, 0]}
        lease = {"owner": self._owner, "until": now + self._lease}
        change = {"state": State.leased, "lease": lease, "unclear": {"$add": ["$unclear", was_cut_off]}}
        holds = {"lease.owner": self._owner, "lease.until": lease["until"]}
        await self._messages.update_many({"_id": {"$in": ids}, **_due(now)}, [{"$set": change}])
        mine = self._messages.find({"_id": {"$in": ids}, "state": State.leased, **holds}).sort(IN_TURN)
        return await self._with_letters([Message.model_validate(row) async for row in mine])

    async def begin(self, message_ids: Sequence[str]) -> set[str]:
        """Note that a server is about to be given these; which of them may be: not those whose lease has been lost."""
        mine = {"state": State.leased, "lease.owner": self._owner}
        change = {"$set": {"state": State.transmitting, "data_started_at": await self.now()}}
        notes = [UpdateOne({"_id": message_id, **mine}, change) for message_id in message_ids]
        if (await self._messages.bulk_write(notes, ordered=False)).modified_count == len(notes):
            return set(message_ids)
        begun = {"_id": {"$in": list(message_ids)}, "state": State.transmitting, "lease.owner": self._owner}
        return {row["_id"] async for row in self._messages.find(begun, {"_id": 1})}

    async def renew(self) -> None:
        """Keep what is in our hands for another while."""
        mine = {"state": {"$in": IN_HAND}, "lease.owner": self._owner}
        await self._messages.update_many(mine, {"$set": {"lease.until": await self.now() + self._lease}})

    async def release(self, message_ids: Sequence[str]) -> None:
        """Give back messages that no server has been given, begun or not."""
        mine = {"_id": {"$in": list(message_ids)}, "lease.owner": self._owner}
        back = {"state": State.rendered, "lease": None}
        begun = mine | {"state": State.transmitting}
        await self._messages.update_many(mine | {"state": State.leased}, {"$set": back})
        await self._messages.update_many(begun, {"$set": back | {"data_started_at": None}})

    async def put_off(self, pauses: Mapping[str, float]) -> None:
        """Give back messages, each of them due again after so many seconds."""
        now = await self.now()
        changes = [
            UpdateOne(
                {"_id": message_id, "state": State.leased, "lease.owner": self._owner},
                {"$set": {"state": State.rendered, "lease": None, "next_at": now + timedelta(seconds=seconds)}},
            )
            for message_id, seconds in pauses.items()
        ]
        if changes:
            await self._messages.bulk_write(changes, ordered=False)

    def is_mine(self, message: Message) -> bool:
        """Whether this sender holds the message."""
        return message.lease is not None and message.lease.owner == self._owner

    async def count_due(self) -> int:
        """How many messages are on their way or should be."""
        return await self._messages.count_documents(await self._due())

    async def count_unclear(self) -> int:
        """How many messages a server may have taken without our hearing of it, at one attempt or more."""
        return await self._messages.count_documents({"unclear": {"$gt": 0}})

    async def oldest_due(self) -> datetime | None:
        """Since when the one of them has been due that has waited longest, by the domain's clock."""
        return await self._oldest(await self._due())

    async def _due(self) -> dict[str, Any]:
        resting = {"state": {"$in": RESTING}, "next_at": {"$lte": await self.now()}}
        return {"$or": [{"state": {"$in": IN_HAND}}, resting]}

    async def oldest_open_change(self, now: datetime) -> datetime | None:
        """Since when, by the domain's clock, that mail should have gone, of those that staff changes have led to, which
        waits for longest: for its turn, for the relay, for an address, or because nobody let it go in time."""
        unsent = [
            {"state": {"$in": [State.waiting, *IN_HAND]}},
            {"state": State.pending, "release_at": {"$lte": now}},
            {"state": {"$in": RESTING}, "next_at": {"$ne": None}},
        ]
        return await self._oldest({"$or": unsent, "staff_change": {"$ne": None}})

    async def _oldest(self, query: Mapping[str, Any]) -> datetime | None:
        since = {"$min": {"$ifNull": ["$release_at", "$created_at"]}}
        rows = self._messages.aggregate([{"$match": query}, {"$group": {"_id": None, "since": since}}])
        return next((row["since"] for row in await rows.to_list(1)), None)

    async def _first_due(self, now: datetime, limit: int) -> list[str]:
        """Those due longest, past all that stand behind older revisions: they must not keep the others waiting."""
        seen = 0
        while True:
            rows = self._messages.find(_due(now), {"order_key": 1}).sort(IN_TURN).skip(seen).limit(PAGE)
            keys = {row["_id"]: row["order_key"] async for row in rows}
            ids = await self._first_in_line(keys) if keys else []
            if ids or len(keys) < PAGE:
                return ids[:limit]
            seen += PAGE

    async def _first_in_line(self, keys: Mapping[str, str]) -> list[str]:
        """Those of the messages that no older revision of the same thing stands in front of."""
        unfinished = {"order_key": {"$in": list(set(keys.values()))}, "state": {"$in": [*RESTING, *IN_HAND]}}
        first: dict[str, str] = {}
        async for row in self._messages.find(unfinished, {"order_key": 1, "next_at": 1, "state": 1}).sort("sequence"):
            if row["state"] != State.ambiguous or row["next_at"] is not None:
                first.setdefault(row["order_key"], row["_id"])
        return [message_id for message_id, key in keys.items() if first.get(key) == message_id]

    async def _with_letters(self, messages: Sequence[Message]) -> list[tuple[Message, Letter]]:
        rows = self._letters.find({"_id": {"$in": [message.id for message in messages]}})
        letters = {row["_id"]: Letter.model_validate(row) async for row in rows}
        return [(message, letters[message.id]) for message in messages if message.id in letters]


def _due(now: datetime) -> dict[str, Any]:
    return {
        "$or": [
            {"state": {"$in": list(RESTING)}, "next_at": {"$lte": now}},
            {"state": {"$in": list(IN_HAND)}, "lease.until": {"$lte": now}},
        ]
    }
