"""All that enrolment reads from and writes to its database, inside a transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pymongo import IndexModel

from services.enrolment.metrics import PLACE_STEPS
from services.enrolment.model import (
    Change,
    Cohort,
    Employee,
    Goal,
    Network,
    Place,
    Programme,
    Proposal,
    Recommendation,
    Revision,
    StaffImport,
    StaffImportPage,
    Unit,
)
from shared.cloudevents import Cause, StaffChange
from shared.documents import Documents, Transaction
from shared.documents import Unit as Work
from shared.events import Event
from shared.events.enrolment import EnrolmentEvent
from shared.links import Links
from shared.model import Document
from shared.workdays import WorkCalendar

D = TypeVar("D", bound=Document)

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    Employee.collection: [],  # read by id; who is at which level is asked only when the office writes a programme
    Unit.collection: [],
    Programme.collection: [],
    Cohort.collection: [IndexModel([("programme", 1), ("state", 1)]), IndexModel("state")],
    Revision.collection: [IndexModel([("programme", 1), ("number", 1)])],
    Goal.collection: [],
    Recommendation.collection: [IndexModel("programme")],
    Change.collection: [],
    Proposal.collection: [],
    Network.collection: [IndexModel("members")],
    StaffImport.collection: [],
    StaffImportPage.collection: [IndexModel([("snapshot_id", 1), ("page", 1)])],
    Place.collection: [
        IndexModel([("programme", 1), ("state", 1), ("priority", 1), ("queued_at", 1), ("_id", 1)]),
        IndexModel([("cohort_id", 1), ("_id", 1)]),
        IndexModel([("employee_id", 1)]),
        IndexModel([("history.cohort_id", 1)]),
        IndexModel("approval.approver_id", partialFilterExpression={"approval.state": "requested"}),
    ],
}


class Employees(Documents[Employee]):
    """The staff register."""

    async def at_levels(self, levels: Iterable[str]) -> list[Employee]:
        """Everybody employed at one of the levels."""
        return await self.find({"record.level": {"$in": list(levels)}, "left": False}, sort=[("_id", 1)])

    async def reporting_to(self, manager_id: str) -> list[Employee]:
        """Everybody employed whose own line manager she is."""
        return await self.find({"record.manager_id": manager_id, "left": False}, sort=[("_id", 1)])

    async def next_after(self, employee_id: str, limit: int) -> list[Employee]:
        """The next of all who are known, in the order of their ids."""
        return await self.find({"_id": {"$gt": employee_id}}, sort=[("_id", 1)], limit=limit)


class Whole(Documents[D]):
    """Documents that are few, and read all at once when they are needed: once in a transaction."""

    _all: list[D] | None = None

    async def all(self) -> list[D]:
        """All of them."""
        if self._all is None:
            self._all = await self.find({}, sort=[("_id", 1)])
        return self._all

    def put(self, document: D | None, document_id: str) -> None:
        """As everywhere; what had been read is read anew."""
        self._all = None
        super().put(document, document_id)


class Cohorts(Documents[Cohort]):
    """Groups."""

    _had_free_seats: frozenset[str] | None = None

    async def with_free_seats(self) -> list[Cohort]:
        """The composed groups, of all programmes, that have a free seat and a session to come: one query in a
        transaction, however often it is asked, since of others only what it changes itself can have become free."""
        if self._had_free_seats is None:
            taken = {"$add": [{"$size": "$seats"}, {"$size": "$reserved"}]}
            free = {"state": "composed", "$expr": {"$lt": [taken, "$content.group.max"]}}
            found = await self.find({**free, "sessions.starts_at": {"$gt": self._unit.now}}, sort=[("_id", 1)])
            self._had_free_seats = frozenset(cohort.id for cohort in found)
        known = await self.get_many(sorted(self._had_free_seats | self._changed))
        return [cohort for cohort in known.values() if cohort.state == "composed" and cohort.free_seats > 0]


class Units(Whole[Unit]):
    """The organisation."""

    async def tree(self) -> dict[str, tuple[str | None, str | None]]:
        """(parent, merged into) by unit id."""
        return {unit.id: (unit.parent_id, unit.merged_into) for unit in await self.all()}


class Places(Documents[Place]):
    """Everybody's places."""

    async def queue_of(self, programme: str) -> list[Place]:
        """Those who wait for the programme, first in line first; the lot is not drawn yet."""
        order = [("priority", 1), ("queued_at", 1), ("_id", 1)]
        return await self.find({"programme": programme, "state": "queued"}, sort=order)

    async def of_cohort(self, cohort_id: str) -> list[Place]:
        """Every place that has been offered in the cohort, whatever became of it."""
        return await self.find({"cohort_id": cohort_id}, sort=[("_id", 1)])

    async def ever_in(self, cohort_id: str) -> list[Place]:
        """Every place that is or was in the cohort, whatever became of it and wherever it is now."""
        return await self.find({"history.cohort_id": cohort_id}, sort=[("_id", 1)])

    async def awaiting(self, approver_id: str) -> list[Place]:
        """Those whose approval is asked of somebody; some of them may have stopped waiting since."""
        asked = {"approval.state": "requested", "approval.approver_id": approver_id}
        return await self.find(asked, sort=[("_id", 1)])

    async def awaiting_a_manager(self) -> list[Place]:
        """Those in a queue whose approval is asked of a manager, whoever that is."""
        asked = {"approval.state": "requested", "approval.approver_id": {"$gt": ""}, "state": "queued"}
        return await self.find(asked, sort=[("_id", 1)])

    async def of_person(self, employee_id: str) -> list[Place]:
        """Everything that has been decided about her, oldest first."""
        return await self.find({"employee_id": employee_id}, sort=[("queued_at", 1), ("_id", 1)])


class StaffImports(Documents[StaffImport]):
    """Snapshots of the staff."""

    async def in_state(self, *states: str) -> list[StaffImport]:
        """Those that stand so, the oldest first."""
        return await self.find({"state": {"$in": list(states)}}, sort=[("taken_at", 1), ("_id", 1)])

    async def newest(self, limit: int, before: StaffImport | None) -> list[StaffImport]:
        """The newest of those that come before `before` in time, the newest first."""
        order, query = [("taken_at", -1), ("_id", -1)], {}
        if before:
            at = before.taken_at
            query = {"$or": [{"taken_at": {"$lt": at}}, {"taken_at": at, "_id": {"$lt": before.id}}]}
        return await self.find(query, sort=order, limit=limit)

    async def newer_than(self, taken_at: datetime) -> StaffImport | None:
        """One that is complete, and was taken at the same time or later."""
        query = {"state": {"$in": ["held", "applying", "applied"]}, "taken_at": {"$gte": taken_at}}
        return next(iter(await self.find(query, sort=[("taken_at", -1)], limit=1)), None)


class StaffImportPages(Documents[StaffImportPage]):
    """Pages of snapshots that have not been applied."""

    async def of(self, snapshot_id: str) -> list[StaffImportPage]:
        """All that is in of a snapshot, in order."""
        return await self.find({"snapshot_id": snapshot_id}, sort=[("page", 1)])

    async def naming(self, snapshot_id: str, employee_ids: Iterable[str]) -> set[str]:
        """Who of these is on one of the snapshot's pages; compared in the database, so that no page is read for it."""
        await self.flush()
        both = {"$setIntersection": ["$employees.employee_id", list(employee_ids)]}
        steps: list[dict[str, Any]] = [{"$match": {"snapshot_id": snapshot_id}}, {"$project": {"both": both}}]
        rows = self._collection.aggregate(steps, session=self._unit.session)
        return {each async for row in rows for each in row["both"]}


class EnrolmentTransaction(Transaction):
    """One atomic step of enrolment."""

    def __init__(self, unit: Work, *, links: Links, zone: ZoneInfo, calendar: WorkCalendar | None = None) -> None:
        super().__init__(unit)
        self.employees = Employees(self, Employee)
        self.units = Units(self, Unit)
        self.programmes = Whole(self, Programme)
        self.cohorts = Cohorts(self, Cohort)
        self.places = Places(self, Place)
        self.revisions = Documents(self, Revision)
        self.goals = Documents(self, Goal)
        self.recommendations = Documents(self, Recommendation)
        self.changes = Documents(self, Change)
        self.proposals = Documents(self, Proposal)
        self.networks = Documents(self, Network)
        self.staff_imports = StaffImports(self, StaffImport)
        self.staff_import_pages = StaffImportPages(self, StaffImportPage)
        self._change: tuple[Cause | None, str | None] = (None, None)
        self.zone = zone
        self.calendar = calendar or WorkCalendar()
        self._links = links

    @property
    def change_id(self) -> str | None:
        """The change that this piece of work belongs to: all that it says carries its id. Another piece of work in the
        same transaction has another cause, and belongs to none."""
        cause, change_id = self._change
        return change_id if cause is self.cause else None

    @change_id.setter
    def change_id(self, change_id: str | None) -> None:
        self._change = (self.cause, change_id)

    @contextmanager
    def because_of(self, change: StaffChange | None) -> Iterator[None]:
        """Let all that is said meanwhile carry the staff change that it follows from, if it follows from one."""
        cause, belongs = self.cause, self._change
        if cause and change:
            change_id = self.change_id
            self.cause = replace(cause, staff_change=change)
            self.change_id = change_id
        try:
            yield
        finally:
            self.cause, self._change = cause, belongs

    @property
    def carried(self) -> dict[str, Any]:
        """What a timer has to know, for what it leads to to belong to the same staff change as this piece of work."""
        began = self.cause.staff_change if self.cause else None
        return {"staff_change": [began.kind, began.at.isoformat()]} if began else {}

    def carry_on(self, data: Mapping[str, Any]) -> None:
        """Belong to the changes that a timer was saved because of."""
        if self.cause and (began := data.get("staff_change")):
            self.cause = replace(self.cause, staff_change=StaffChange(began[0], datetime.fromisoformat(began[1])))
        self.change_id = data.get("change_id")

    def has_been_committed(self) -> None:
        """Count what this transaction has done, and the steps that places have taken in it."""
        super().has_been_committed()
        for before, after in self.places.changes().values():
            state = before.state if before else "none"
            if after and after.state != state:
                PLACE_STEPS.labels(state, after.state).inc()

    def _announce(self, event: Event) -> None:
        joined = self.change_id and isinstance(event, EnrolmentEvent) and event.change_id is None
        super()._announce(event.model_copy(update={"change_id": self.change_id}) if joined else event)

    @property
    def today(self) -> date:
        """Today, where the municipality is."""
        return self.now.astimezone(self.zone).date()

    def beginning_of(self, day: date) -> datetime:
        """The moment when a day begins where the municipality is."""
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)

    async def forget_audit(self, subjects: Iterable[str]) -> None:
        """Let the audit log hold nothing about these documents."""
        mine = {"subject": {"$in": list(subjects)}}
        await self.unit.database["audit"].delete_many(mine, session=self.unit.session)

    def approval_url(self, place_id: str, round_: int) -> str:
        """The link by which the `round_`-th person asked approves the place or does not."""
        return f"{self._links.base_url}/a/{self._links.sign('approval', f'{place_id}|{round_}')}"

    def team_url(self, employee_id: str) -> str:
        """The link to the page on which a line manager sees her own reports and their places."""
        return f"{self._links.base_url}/t/{self._links.sign('team', employee_id)}"

    def person_url(self, employee_id: str) -> str:
        """The link to the page that shows somebody everything that was decided about her."""
        return f"{self._links.base_url}/p/{self._links.sign('person', employee_id)}"

    def answer_url(self, place_id: str, round_: int) -> str:
        """The link by which she answers the `round_`-th offer of the place."""
        return f"{self._links.base_url}/o/{self._links.sign('offer', f'{place_id}|{round_}')}"
