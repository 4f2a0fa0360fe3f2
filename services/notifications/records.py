"""What has been said to whom, for the lists of the office and operators: plain reads, outside transactions."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from services.notifications.contents import SECRET_KINDS
from services.notifications.model import (
    Breach,
    Contact,
    Invitation,
    Letter,
    Membership,
    Message,
    Promise,
    SessionView,
    Standing,
    Suppression,
)
from shared.documents import Database

LISTED: Mapping[str, Any] = {"$nor": [{"kind": {"$in": sorted(SECRET_KINDS)}}]}
"""What anybody may know of the messages: a reminder of a survey is not among them."""


TRACED = 2000
"""How many messages are read for a trace at most."""


def _listed(since: datetime | None = None) -> dict[str, Any]:
    return {**LISTED} if since is None else {**LISTED, "created_at": {"$gte": since}}


class Records:
    """What has been said to whom, for the lists that the office and operators ask for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def messages(
        self, wanted: Mapping[str, str | None], *, limit: int, after: str | None, since: datetime | None = None
    ) -> list[Message]:
        """Messages in the order of their ids, one more than `limit` if there are more."""
        rows = await self._page(Message.collection, wanted, limit, after, _listed(since))
        return [Message.model_validate(row) for row in rows]

    async def newest(self, wanted: Mapping[str, str | None], limit: int) -> list[Message]:
        """Messages, the newest first."""
        query = {name: value for name, value in wanted.items() if value is not None} | _listed()
        rows = self._database[Message.collection].find(query).sort([("created_at", -1), ("_id", 1)]).limit(limit)
        return [Message.model_validate(row) async for row in rows]

    async def breaches(self, *, limit: int, after: str | None) -> list[Breach]:
        """Promises that are broken now, one more than `limit` if there are more."""
        still = {"healed_at": None}
        return [Breach.model_validate(row) for row in await self._page(Breach.collection, {}, limit, after, still)]

    async def suppressions(self, *, limit: int, after: str | None) -> list[Suppression]:
        """Addresses that nothing is sent to, one more than `limit` if there are more."""
        return [Suppression.model_validate(row) for row in await self._page(Suppression.collection, {}, limit, after)]

    async def invitation_of(self, uid: str) -> Invitation | None:
        """The calendar identity with this UID."""
        row = await self._database[Invitation.collection].find_one({"uid": uid})
        return Invitation.model_validate(row) if row else None

    async def deeds(self, message_id: str) -> list[dict[str, Any]]:
        """What people have done about a message, by the audit log, the oldest first."""
        shown = {"_id": 0, "at": 1, "who": 1, "role": 1, "what": 1}
        rows = self._database["audit"].find({"subject": message_id}, shown).sort("at", 1)
        return [row async for row in rows]

    async def invitations(self, wanted: Mapping[str, str | None], *, limit: int, after: str | None) -> list[Invitation]:
        """Calendar identities in the order of their ids, one more than `limit` if there are more."""
        return [Invitation.model_validate(row) for row in await self._page(Invitation.collection, wanted, limit, after)]

    async def message(self, message_id: str) -> Message | None:
        """One message, if it may be known of."""
        row = await self._database[Message.collection].find_one({"_id": message_id, **_listed()})
        return Message.model_validate(row) if row else None

    async def letter(self, message_id: str) -> Letter | None:
        """The bytes of one message."""
        row = await self._database[Letter.collection].find_one({"_id": message_id})
        return Letter.model_validate(row) if row else None

    async def promised_cohorts(self, now: datetime) -> list[str]:
        """Cohorts whose members have been promised something at `now`, or had been when somebody looked last."""
        to_come = {"appointment.starts_at": {"$gt": now}, "cancelled": False}
        found = await self._database[SessionView.collection].distinct("cohort_id", to_come)
        found += await self._database[Membership.collection].distinct("cohort_id", {"standing": Standing.offered})
        found += await self._database[Breach.collection].distinct("cohort_id", {"healed_at": None})
        return sorted({cohort_id for cohort_id in found if cohort_id})

    async def contact(self, employee_id: str) -> Contact | None:
        """How somebody can be reached."""
        row = await self._database[Contact.collection].find_one({"_id": employee_id})
        return Contact.model_validate(row) if row else None

    async def membership(self, place_id: str) -> Membership | None:
        """How somebody stands to a cohort, by her place."""
        row = await self._database[Membership.collection].find_one({"_id": place_id})
        return Membership.model_validate(row) if row else None

    async def about(self, wanted: str) -> list[Message]:
        """The newest messages that are this one, go to this person, or follow from this change or chain of events."""
        keys = ("_id", "employee_id", "change_id", "correlation_id")
        return await self._traced({"$or": [{key: wanted} for key in keys]})

    async def about_place(self, employee_id: str, place_id: str, uids: Collection[str]) -> list[Message]:
        """The newest messages to somebody about her place, or about its entries in her calendar."""
        about = [{"regarding": place_id}, {"order_key": {"$in": list(uids)}}]
        return await self._traced({"employee_id": employee_id, "$or": about})

    async def entries_of(self, employee_id: str) -> list[Invitation]:
        """All calendar identities of somebody."""
        rows = self._database[Invitation.collection].find({"employee_id": employee_id})
        return [Invitation.model_validate(row) async for row in rows]

    async def breaches_of(self, employee_id: str) -> list[Breach]:
        """Promises to somebody that are broken or were."""
        rows = self._database[Breach.collection].find({"employee_id": employee_id})
        return [Breach.model_validate(row) async for row in rows]

    async def suppressions_of(self, employee_id: str) -> list[Suppression]:
        """Addresses of hers that nothing is sent to."""
        rows = self._database[Suppression.collection].find({"employee_id": employee_id})
        return [Suppression.model_validate(row) async for row in rows]

    async def _traced(self, query: Mapping[str, Any]) -> list[Message]:
        rows = (
            self._database[Message.collection].find({"$and": [query, _listed()]}).sort("created_at", -1).limit(TRACED)
        )
        return [Message.model_validate(row) async for row in rows]

    async def count_broken(self) -> dict[Promise, int]:
        """How many promises of each kind are broken."""
        rows = self._database[Breach.collection]
        return {one: await rows.count_documents({"healed_at": None, "promise": one}) for one in Promise}

    async def broken_since(self) -> datetime | None:
        """Since when the oldest broken promise is broken, by the domain's clock."""
        row = await self._database[Breach.collection].find_one({"healed_at": None}, sort=[("since", 1)])
        return row["since"] if row else None

    async def _page(
        self,
        collection: str,
        wanted: Mapping[str, str | None],
        limit: int,
        after: str | None,
        also: Mapping[str, Any] | None = None,
    ) -> Collection[dict[str, Any]]:
        query: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None} | dict(also or {})
        if after is not None:
            query["_id"] = {"$gt": after}
        rows: list[dict[str, Any]] = (
            await self._database[collection].find(query).sort("_id").limit(limit + 1).to_list(None)
        )
        return rows
