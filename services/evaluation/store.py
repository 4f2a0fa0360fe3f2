"""All of evaluation's MongoDB: what one transaction sees and changes, and what doors read outside of one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from pymongo import IndexModel
from pymongo.errors import PyMongoError

from services.evaluation.anonymity import LedgerEntry
from services.evaluation.model import (
    DESTROY,
    Cohort,
    Comment,
    Departure,
    Destruction,
    Erased,
    Invitation,
    InvitationStatus,
    LinkKey,
    Membership,
    Programme,
    PublishedComments,
    Reading,
    Recommendation,
    Release,
    Response,
    Revised,
    Setup,
    StaffMember,
    Task,
    Wave,
    WaveState,
)
from services.evaluation.rules import audience
from shared.documents import Database, Documents, Transaction, Unit
from shared.model import Document

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    Cohort.collection: [],
    Membership.collection: [IndexModel("cohort_id"), IndexModel("employee_id")],
    Departure.collection: [],
    StaffMember.collection: [IndexModel("said.manager_id")],
    Wave.collection: [IndexModel("cohort_id")],
    Invitation.collection: [
        IndexModel([("wave_id", 1), ("employee_id", 1)]),
        IndexModel("employee_id"),
        IndexModel("manager_id"),
    ],
    LinkKey.collection: [],
    Response.collection: [IndexModel("wave_id"), IndexModel("cohort_id")],
    Comment.collection: [IndexModel("wave_id"), IndexModel("cohort_id")],
    Reading.collection: [IndexModel("wave_id")],
    PublishedComments.collection: [IndexModel("cohort_id")],
    Task.collection: [IndexModel("wave_id"), IndexModel("cohort_id"), IndexModel("score")],
    Release.collection: [IndexModel("cohort_id"), IndexModel([("programme", 1), ("revision", 1)])],
    LedgerEntry.collection: [IndexModel("cohort_id")],
    Destruction.collection: [],
    Erased.collection: [],
    Programme.collection: [],
    Revised.collection: [IndexModel("addresses")],
    Recommendation.collection: [IndexModel([("programme", 1), ("revision", 1)])],
}

CLUSTERED = (Response.collection, Comment.collection, Task.collection)
"""Stored in the order of their random ids, so that the order of the rows does not tell who answered first (I8)."""

DATABASE_TROUBLE = PyMongoError
"""What is raised when the database is away or busy."""

D = TypeVar("D", bound=Document)


class Memberships(Documents[Membership]):
    """Who belongs to which cohort."""

    async def of_cohort(self, cohort_id: str) -> list[Membership]:
        """Everybody who belongs to the cohort, or has done."""
        return await self.find({"cohort_id": cohort_id})

    async def of_person(self, employee_id: str) -> list[Membership]:
        """All that is known of one person's places."""
        return await self.find({"employee_id": employee_id})

    async def of_people(self, employee_ids: Sequence[str]) -> list[Membership]:
        """All that is known of these people's places."""
        return await self.find({"employee_id": {"$in": list(employee_ids)}})


class Staff(Documents[StaffMember]):
    """Whom the employees have as manager."""

    async def ever_under(self, managers: Sequence[str]) -> list[StaffMember]:
        """Those who have one of these as manager, or had or will have."""
        return await self.find({"said.manager_id": {"$in": list(managers)}}, sort=[("_id", 1)])


class Cohorts(Documents[Cohort]):
    """Cohorts as evaluation knows them."""

    async def attended_by(self, employee_id: str) -> list[Cohort]:
        """Those of which a session was recorded as attended by her."""
        return await self.find({"sessions.attended": employee_id})


class Waves(Documents[Wave]):
    """Cohorts asked at a time."""

    async def of_cohort(self, cohort_id: str) -> dict[str, Wave]:
        """The cohort's waves by id, in the order in which they are asked."""
        return {wave.id: wave for wave in await self.find({"cohort_id": cohort_id}, sort=[("wave", 1), ("_id", 1)])}

    async def of_cohorts(self, cohort_ids: Sequence[str]) -> list[Wave]:
        """The waves of several cohorts."""
        return await self.find({"cohort_id": {"$in": list(cohort_ids)}}, sort=[("_id", 1)])


class Invitations(Documents[Invitation]):
    """Who is asked in which wave."""

    async def of_wave(self, wave_id: str) -> list[Invitation]:
        """Everybody's invitations to a wave."""
        return await self.find({"wave_id": wave_id})

    async def of_person(self, employee_id: str, wave_ids: Sequence[str] | None = None) -> list[Invitation]:
        """One person's invitations, to these waves or to all."""
        among = {} if wave_ids is None else {"wave_id": {"$in": list(wave_ids)}}
        return await self.find({"employee_id": employee_id, **among})

    async def of_people(self, employee_ids: Sequence[str]) -> list[Invitation]:
        """These people's invitations to every wave."""
        return await self.find({"employee_id": {"$in": list(employee_ids)}})

    async def about(self, manager_id: str, wave_ids: Sequence[str] | None = None) -> list[Invitation]:
        """The invitations of those who are asked about somebody, in these waves or in all."""
        among = {} if wave_ids is None else {"wave_id": {"$in": list(wave_ids)}}
        return await self.find({"manager_id": manager_id, **among})


class OfCohort(Documents[D]):
    """Documents that belong to a cohort."""

    async def of_cohort(self, cohort_id: str) -> list[D]:
        """All of a cohort."""
        return await self.find({"cohort_id": cohort_id}, sort=[("_id", 1)])


class Answered(OfCohort[D]):
    """Pieces of what was answered: numbers, comments, tasks."""

    async def of_wave(self, wave_id: str) -> list[D]:
        """Everything answered in a wave."""
        return await self.find({"wave_id": wave_id})

    async def with_name(self, cohort_id: str, name: str) -> list[D]:
        """What a pseudonym has answered in a cohort, and what was said of her."""
        return await self.find({"cohort_id": cohort_id, "$or": [{"link": name}, {"group": name}]})


class Releases(OfCohort[Release]):
    """What has been published."""

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
        self.cohorts = Cohorts(self, Cohort)
        self.memberships = Memberships(self, Membership)
        self.departures = Documents(self, Departure)
        self.staff = Staff(self, StaffMember)
        self.waves = Waves(self, Wave)
        self.invitations = Invitations(self, Invitation)
        self.link_keys = Documents(self, LinkKey)
        self.responses = Answered(self, Response)
        self.comments = Answered(self, Comment)
        self.readings = Documents(self, Reading)
        self.published_comments = Documents(self, PublishedComments)
        self.tasks = Answered(self, Task)
        self.releases = Releases(self, Release)
        self.ledger = OfCohort(self, LedgerEntry)
        self.destructions = Documents(self, Destruction)
        self.erased = Documents(self, Erased)
        self.programmes = Documents(self, Programme)
        self.revisions = Revisions(self, Revised)
        self.recommendations = Recommendations(self, Recommendation)

    async def is_erased(self, employee_id: str) -> bool:
        """Whether somebody has been erased: then not even that there was late news of her is to be kept."""
        erased = await self.erased.get(employee_id) is not None
        if erased:
            self.leave_no_trace_of(employee_id)
        return erased


class Reader:
    """What pages and lists read, outside of transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, model: type[D], document_id: str) -> D | None:
        """The document with this id."""
        row = await self._database[model.collection].find_one({"_id": document_id})
        return model.model_validate(row) if row else None

    async def page(
        self, model: type[D], *, limit: int, after: str | None, among: Mapping[str, Any] | None = None
    ) -> list[D]:
        """Up to one document more than `limit`, in the order of their ids, from the one after `after`.

        `among` are values that fields must have.
        """
        query = {**(among or {}), **({"_id": {"$gt": after}} if after else {})}
        rows = self._database[model.collection].find(query).sort("_id", 1).limit(limit + 1)
        return [model.model_validate(row) async for row in rows]

    async def releases_of(self, cohort_id: str) -> list[Release]:
        """The cohort's releases, oldest first."""
        rows = self._database[Release.collection].find({"cohort_id": cohort_id}).sort([("released_on", 1), ("_id", 1)])
        return [Release.model_validate(row) async for row in rows]

    async def next_task(self) -> tuple[Task | None, int]:
        """The text to be read next, of those whose wave has closed, and how many are left with it.

        In the order of their random ids, which say nothing of wave, group or time; it stays the next until it has been
        scored, so that nobody leafs through the texts. Those from before a programme wait for those from after it: read
        alone, they would say by the day on which they come from when they are.
        """
        tasks, waves = self._database[Task.collection], self._database[Wave.collection]
        among = await tasks.distinct("wave_id", {"score": None})
        under_way = await waves.distinct("cohort_id", {"wave": "T1", "state": {"$in": ["planned", "open"]}})
        mixed = [{"wave": {"$ne": "T0"}}, {"cohort_id": {"$nin": under_way}}]
        closed = await waves.distinct("_id", {"_id": {"$in": among}, "state": "closed", "$or": mixed})
        unread = {"score": None, "wave_id": {"$in": closed}}
        row = await tasks.find_one(unread, sort=[("_id", 1)])
        return (Task.model_validate(row) if row else None), await tasks.count_documents(unread)

    async def keys(self) -> tuple[int, datetime | None]:
        """How many link keys there are, and when the next is due to be destroyed."""
        due = await self._database["timers"].find_one({"kind": DESTROY}, sort=[("due_at", 1)])
        return await self._database[LinkKey.collection].count_documents({}), due["due_at"] if due else None

    async def releases_of_programme(self, programme: str | None = None) -> list[Release]:
        """All releases of a programme, or of all programmes, oldest first."""
        query = {"programme": programme} if programme else {}
        rows = self._database[Release.collection].find(query).sort([("released_on", 1), ("_id", 1)])
        return [Release.model_validate(row) async for row in rows]

    async def waves_of(self, cohort_ids: Sequence[str]) -> list[Wave]:
        """The waves of these cohorts."""
        rows = self._database[Wave.collection].find({"cohort_id": {"$in": list(cohort_ids)}}).sort("_id", 1)
        return [Wave.model_validate(row) async for row in rows]

    async def comments_of(self, cohort_id: str) -> tuple[list[Comment], dict[str, Reading]]:
        """What was written about a cohort's waves in the order of its random ids, and how each has been read."""
        rows = self._database[Comment.collection].find({"cohort_id": cohort_id}).sort("_id", 1)
        comments = [Comment.model_validate(row) async for row in rows]
        found = self._database[Reading.collection].find({"_id": {"$in": [comment.id for comment in comments]}})
        return comments, {row["_id"]: Reading.model_validate(row) async for row in found}

    async def published_comments(self, cohort_id: str) -> list[PublishedComments]:
        """The comments on a cohort's questions that a person has let through."""
        rows = self._database[PublishedComments.collection].find({"cohort_id": cohort_id}).sort("_id", 1)
        return [PublishedComments.model_validate(row) async for row in rows]

    async def undecided(self) -> tuple[int, int]:
        """How many recommendations wait for the office, and how many indicators are on watch."""
        waiting = await self._database[Recommendation.collection].count_documents({"state": "open"})
        rows = self._database[Programme.collection].find({"watched": {"$ne": []}}, {"watched": 1})
        return waiting, sum([len(row["watched"]) async for row in rows])

    async def closed_participation(self) -> list[tuple[int, int]]:
        """As `participation`, of every wave that has closed; people who are in one twice are counted once."""
        closed = await self._database[Wave.collection].distinct("_id", {"state": WaveState.closed})
        reached = {"wave_id": {"$in": closed}, "status": {"$ne": InvitationStatus.undeliverable}}
        answered = {"$cond": [{"$eq": ["$status", InvitationStatus.answered]}, 1, 0]}
        each = {"_id": {"wave": "$wave_id", "who": "$employee_id"}, "answered": {"$max": answered}}
        whole = {"_id": "$_id.wave", "asked": {"$sum": 1}, "answered": {"$sum": "$answered"}}
        rows = self._database[Invitation.collection].aggregate(
            [{"$match": reached}, {"$group": each}, {"$group": whole}]
        )
        return [(row["asked"], row["answered"]) async for row in rows]

    async def participation(self, wave_id: str) -> tuple[int, int]:
        """How many people a wave's invitations reached, and how many of them answered."""
        rows = self._database[Invitation.collection].find({"wave_id": wave_id})
        invitations = [Invitation.model_validate(row) async for row in rows]
        answered = [one for one in invitations if one.status is InvitationStatus.answered]
        return len(audience.reached(invitations)), len(answered)
