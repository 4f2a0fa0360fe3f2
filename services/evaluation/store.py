"""All of evaluation's MongoDB: what one transaction sees and changes, and what doors read outside of one."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pymongo import IndexModel
from pymongo.errors import PyMongoError

from services.evaluation.model import (
    Cohort,
    Comment,
    Departure,
    Invitation,
    InvitationStatus,
    LinkKey,
    Membership,
    Programme,
    Recommendation,
    Release,
    Response,
    Revised,
    Setup,
    Task,
    Wave,
)
from services.evaluation.rules import audience
from shared.documents import Database, Documents, Transaction, Unit
from shared.model import Document

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    Cohort.collection: [],
    Membership.collection: [IndexModel("cohort_id"), IndexModel("employee_id")],
    Departure.collection: [],
    Wave.collection: [IndexModel("cohort_id")],
    Invitation.collection: [IndexModel([("wave_id", 1), ("employee_id", 1)]), IndexModel("employee_id")],
    LinkKey.collection: [],
    Response.collection: [IndexModel("wave_id")],
    Comment.collection: [IndexModel("wave_id")],
    Task.collection: [IndexModel("wave_id")],
    Release.collection: [IndexModel("cohort_id"), IndexModel("programme")],
    Programme.collection: [],
    Revised.collection: [IndexModel("addresses")],
    Recommendation.collection: [IndexModel([("programme", 1), ("revision", 1)])],
}

CLUSTERED = (Response.collection, Comment.collection, Task.collection)
"""Stored in the order of their random ids, so that the order of the rows does not tell who answered first (I8)."""

DATABASE_TROUBLE = PyMongoError
"""What a database that is away for a while raises."""

D = TypeVar("D", bound=Document)


class Memberships(Documents[Membership]):
    """Who belongs to which cohort."""

    async def of_cohort(self, cohort_id: str) -> list[Membership]:
        """Everybody who belongs to the cohort, or has done."""
        return await self.find({"cohort_id": cohort_id})

    async def of_person(self, employee_id: str) -> list[Membership]:
        """All that is known of one person's places."""
        return await self.find({"employee_id": employee_id})


class Waves(Documents[Wave]):
    """Cohorts asked at a time."""

    async def of_cohort(self, cohort_id: str) -> dict[str, Wave]:
        """The cohort's waves by id, in the order in which they are asked."""
        return {wave.id: wave for wave in await self.find({"cohort_id": cohort_id}, sort=[("wave", 1), ("_id", 1)])}


class Invitations(Documents[Invitation]):
    """Who is asked in which wave."""

    async def of_wave(self, wave_id: str) -> list[Invitation]:
        """Everybody's invitations to a wave."""
        return await self.find({"wave_id": wave_id})

    async def of_person(self, employee_id: str, wave_ids: Sequence[str] | None = None) -> list[Invitation]:
        """One person's invitations, to these waves or to all."""
        among = {} if wave_ids is None else {"wave_id": {"$in": list(wave_ids)}}
        return await self.find({"employee_id": employee_id, **among})


class Responses(Documents[Response]):
    """What was answered."""

    async def of_wave(self, wave_id: str) -> list[Response]:
        """Everything answered in a wave."""
        return await self.find({"wave_id": wave_id})


class Releases(Documents[Release]):
    """What has been published."""

    async def of_cohort(self, cohort_id: str) -> list[Release]:
        """The cohort's result, if it has been published."""
        return await self.find({"cohort_id": cohort_id})

    async def of_programme(self, programme: str) -> list[Release]:
        """All that has been published about a programme's cohorts."""
        return await self.find({"programme": programme}, sort=[("_id", 1)])


class Recommendations(Documents[Recommendation]):
    """That programmes be changed."""

    async def of_revision(self, programme: str, revision: int) -> list[Recommendation]:
        """All that has ever been recommended about a revision."""
        return await self.find({"programme": programme, "revision": revision}, sort=[("_id", 1)])


class Revisions(Documents[Revised]):
    """Revisions that answer recommendations."""

    async def answering(self, recommendation_id: str) -> list[Revised]:
        """Those that answer this one, the first revision first."""
        return await self.find({"addresses": recommendation_id}, sort=[("revision", 1)])


class EvaluationTransaction(Transaction):
    """One atomic step of evaluation."""

    def __init__(self, unit: Unit, *, setup: Setup) -> None:
        super().__init__(unit)
        self.setup = setup
        self.cohorts = Documents(self, Cohort)
        self.memberships = Memberships(self, Membership)
        self.departures = Documents(self, Departure)
        self.waves = Waves(self, Wave)
        self.invitations = Invitations(self, Invitation)
        self.link_keys = Documents(self, LinkKey)
        self.responses = Responses(self, Response)
        self.comments = Documents(self, Comment)
        self.tasks = Documents(self, Task)
        self.releases = Releases(self, Release)
        self.programmes = Documents(self, Programme)
        self.revisions = Revisions(self, Revised)
        self.recommendations = Recommendations(self, Recommendation)


class Reader:
    """What pages and lists read, outside of transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, model: type[D], document_id: str) -> D | None:
        """The document with this id."""
        row = await self._database[model.collection].find_one({"_id": document_id})
        return model.model_validate(row) if row else None

    async def page(self, model: type[D], *, limit: int, after: str | None) -> list[D]:
        """Up to one document more than `limit`, in the order of their ids, from the one after `after`."""
        query = {"_id": {"$gt": after}} if after else {}
        rows = self._database[model.collection].find(query).sort("_id", 1).limit(limit + 1)
        return [model.model_validate(row) async for row in rows]

    async def releases_of(self, cohort_id: str) -> list[Release]:
        """The cohort's releases, oldest first."""
        rows = self._database[Release.collection].find({"cohort_id": cohort_id}).sort([("released_on", 1), ("_id", 1)])
        return [Release.model_validate(row) async for row in rows]

    async def releases_of_programme(self, programme: str) -> list[Release]:
        """All that has been published about a programme's cohorts."""
        rows = self._database[Release.collection].find({"programme": programme}).sort("_id", 1)
        return [Release.model_validate(row) async for row in rows]

    async def undecided(self) -> tuple[int, int]:
        """How many recommendations wait for the office, and how many indicators are on watch."""
        waiting = await self._database[Recommendation.collection].count_documents({"state": "open"})
        rows = self._database[Programme.collection].find({"watched": {"$ne": []}}, {"watched": 1})
        return waiting, sum([len(row["watched"]) async for row in rows])

    async def participation(self, wave_id: str) -> tuple[int, int]:
        """How many people a wave's invitations reached, and how many of them answered."""
        rows = self._database[Invitation.collection].find({"wave_id": wave_id})
        invitations = [Invitation.model_validate(row) async for row in rows]
        answered = [one for one in invitations if one.status is InvitationStatus.answered]
        return len(audience.reached(invitations)), len(answered)
