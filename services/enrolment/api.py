"""The door for programs: programmes, cohorts, places and people as JSON over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from services.enrolment import programme_file, views
from services.enrolment.commands import cohorts, places, programmes, seats
from services.enrolment.model import Cohort, PlaceState
from services.enrolment.programme_file import ProgrammeFile, ProgrammeFileError
from services.enrolment.rules.career import department
from services.enrolment.rules.refusal import Refusal, unknown
from services.enrolment.store import EnrolmentTransaction, listed
from services.enrolment.views import View
from shared.delivery import Actor, Delivery
from shared.events.base import Id, Line
from shared.web import Guard, Paging, Problem, idempotency_key

T = TypeVar("T")
Key = Annotated[str | None, Depends(idempotency_key)]
Part = Annotated[Paging, Depends()]
Work = Callable[[EnrolmentTransaction], Awaitable[View]]

STATUS = {"unknown": 404, "conflict": 409, "invalid": 422}
TITLE = {"unknown": "Not found", "conflict": "Not possible as things stand", "invalid": "The request is not right"}


class Nomination(BaseModel):
    """Whom the office names for a programme."""

    employee_id: Id


class NewCohort(BaseModel):
    """A cohort to be scheduled; the time is local."""

    cohort_id: Id
    programme: Id
    first_day: date
    start_time: time
    location: Annotated[Line, Field(min_length=1)]


class Seed(BaseModel):
    """The lot among those who were queued at the same moment; the same seed gives the same group."""

    seed: int = 0


class NewTime(BaseModel):
    """When and where a session is held instead; times without offset are local."""

    starts_at: datetime
    ends_at: datetime | None = None
    location: Line | None = None


class Attendance(BaseModel):
    """Who was there."""

    attended: Annotated[tuple[Id, ...], Field(max_length=500)]


class Api:
    """The addresses, on one delivery, guarded."""

    def __init__(self, delivery: Delivery[EnrolmentTransaction], guard: Guard, zone: ZoneInfo) -> None:
        self.delivery, self.zone = delivery, zone
        self.office = Depends(guard.needs("office"))
        self.teachers = Depends(guard.needs("office", "facilitator"))
        self.readers = Depends(guard.needs("office", "auditor"))
        self.router = APIRouter(prefix="/api")
        self._add_programme_changes()
        self._add_programmes()
        self._add_cohort_changes()
        self._add_cohorts()
        self._add_sessions()
        self._add_people()

    async def _do(self, work: Work, actor: Actor, action: str, key: str | None) -> View:
        return await self.delivery.run(work, actor=actor, action=action, once=key)

    def _add_programme_changes(self) -> None:
        @self.router.post("/programmes", dependencies=[self.office])
        async def apply(request: Request, key: Key, actor: Annotated[Actor, self.office]) -> View:
            """Publish or revise a programme; the body is a programme file (YAML, or JSON which is YAML too)."""
            file = _read(await request.body())

            async def work(tx: EnrolmentTransaction) -> View:
                return views.applied(await programmes.apply(tx, file))

            return await self._do(work, actor, "apply programme", key)

        @self.router.post("/programmes/{code}/nominations", status_code=201)
        async def nominate(code: str, body: Nomination, key: Key, actor: Annotated[Actor, self.office]) -> View:
            """Name somebody for a programme: she is queued."""

            async def work(tx: EnrolmentTransaction) -> View:
                return views.place(_granted(await places.nominate(tx, code, body.employee_id)))

            return await self._do(work, actor, "nominate", key)

    def _add_programmes(self) -> None:
        @self.router.get("/programmes", dependencies=[self.readers])
        async def list_programmes(part: Part) -> View:
            """The programmes as they read now."""

            async def work(tx: EnrolmentTransaction) -> View:
                found = await listed(tx.programmes, {}, limit=part.limit, after=part.after)
                return part.page([views.programme(each) for each in found], "code")

            return await self.delivery.run(work)

        @self.router.get("/programmes/{code}", dependencies=[self.readers])
        async def show_programme(code: str) -> View:
            """One programme as it reads now."""

            async def work(tx: EnrolmentTransaction) -> View:
                return views.programme(_found(await tx.programmes.get(code), "programme", code))

            return await self.delivery.run(work)

        @self.router.get("/programmes/{code}/queue", dependencies=[self.readers])
        async def show_queue(code: str, part: Part) -> View:
            """Those who wait, first in line first, each with her reason and with every time she was passed over."""

            async def work(tx: EnrolmentTransaction) -> View:
                _found(await tx.programmes.get(code), "programme", code)
                line = await tx.places.queue_of(code)
                before = await tx.places.get(part.after) if part.after else None
                rest = [views.place(each) for each in line if before is None or each.in_line > before.in_line]
                return part.page(rest[: part.limit + 1], "place_id")

            return await self.delivery.run(work)

    def _add_cohort_changes(self) -> None:
        @self.router.post("/cohorts", status_code=201)
        async def schedule(body: NewCohort, key: Key, actor: Annotated[Actor, self.office]) -> View:
            """Schedule a cohort of a programme as it reads now."""

            async def work(tx: EnrolmentTransaction) -> View:
                cohort = await cohorts.schedule(
                    tx,
                    body.cohort_id,
                    body.programme,
                    first_day=body.first_day,
                    start=body.start_time.replace(tzinfo=None),
                    location=body.location,
                )
                return await _cohort(tx, _granted(cohort))

            return await self._do(work, actor, "schedule cohort", key)

        @self.router.post("/cohorts/{cohort_id}/compose")
        async def compose(cohort_id: str, body: Seed, key: Key, actor: Annotated[Actor, self.office]) -> View:
            """Choose the group from the queue and offer the seats."""

            async def work(tx: EnrolmentTransaction) -> View:
                _, group = _granted(await seats.compose(tx, cohort_id, body.seed))
                return views.composed(group)

            return await self._do(work, actor, "compose cohort", key)

    def _add_cohorts(self) -> None:
        @self.router.get("/cohorts", dependencies=[self.readers])
        async def list_cohorts(part: Part) -> View:
            """All cohorts."""

            async def work(tx: EnrolmentTransaction) -> View:
                found = await listed(tx.cohorts, {}, limit=part.limit, after=part.after)
                return part.page([await _cohort(tx, each) for each in found], "cohort_id")

            return await self.delivery.run(work)

        @self.router.get("/cohorts/{cohort_id}", dependencies=[self.readers])
        async def show_cohort(cohort_id: str) -> View:
            """One cohort."""

            async def work(tx: EnrolmentTransaction) -> View:
                return await _cohort(tx, _found(await tx.cohorts.get(cohort_id), "cohort", cohort_id))

            return await self.delivery.run(work)

    def _add_sessions(self) -> None:
        address = "/cohorts/{cohort_id}/sessions/{session_id}"

        @self.router.post(f"{address}/reschedule")
        async def reschedule(
            cohort_id: str, session_id: str, body: NewTime, key: Key, actor: Annotated[Actor, self.office]
        ) -> View:
            """Hold a session at another time or place."""

            async def work(tx: EnrolmentTransaction) -> View:
                cohort = await cohorts.reschedule(
                    tx,
                    cohort_id,
                    session_id,
                    starts_at=self._moment(body.starts_at),
                    ends_at=self._moment(body.ends_at) if body.ends_at else None,
                    location=body.location,
                )
                return await _cohort(tx, _granted(cohort))

            return await self._do(work, actor, "reschedule session", key)

        @self.router.post(f"{address}/attendance")
        async def record_attendance(
            cohort_id: str, session_id: str, body: Attendance, key: Key, actor: Annotated[Actor, self.teachers]
        ) -> View:
            """Record who was at a session; the newest record counts."""

            async def work(tx: EnrolmentTransaction) -> View:
                cohort = await cohorts.record_attendance(tx, cohort_id, session_id, body.attended)
                return await _cohort(tx, _granted(cohort))

            return await self._do(work, actor, "record attendance", key)

    def _add_people(self) -> None:
        @self.router.get("/people/{employee_id}", dependencies=[self.readers])
        async def show_person(employee_id: str) -> View:
            """How somebody stands, and everything that was decided about her places, with the reasons."""

            async def work(tx: EnrolmentTransaction) -> View:
                employee = _found(await tx.employees.get(employee_id), "employee", employee_id)
                unit_id = employee.record.unit_id if employee.record else None
                top = department(unit_id, await tx.units.tree()) if unit_id else None
                return views.employee(employee, top, await tx.places.of_person(employee_id))

            return await self.delivery.run(work)

        @self.router.get("/places", dependencies=[self.readers])
        async def list_places(
            part: Part,
            state: Annotated[PlaceState | None, Query()] = None,
            cohort_id: Annotated[str | None, Query()] = None,
        ) -> View:
            """Places, of one state or one cohort if asked for."""
            wanted = {"state": state, "cohort_id": cohort_id}
            query = {field: value for field, value in wanted.items() if value is not None}

            async def work(tx: EnrolmentTransaction) -> View:
                found = await listed(tx.places, query, limit=part.limit, after=part.after)
                return part.page([views.place(each) for each in found], "place_id")

            return await self.delivery.run(work)

    def _moment(self, moment: datetime) -> datetime:
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)


async def _cohort(tx: EnrolmentTransaction, cohort: Cohort) -> View:
    return views.cohort(cohort, await tx.places.of_cohort(cohort.id))


def _read(body: bytes) -> ProgrammeFile:
    try:
        return programme_file.read(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Problem(422, "programme-file", "Not a programme file", "save the file as UTF-8 and try again") from error
    except ProgrammeFileError as error:
        faults: list[dict[str, Any]] = [fault.model_dump() for fault in error.errors]
        raise Problem(422, "programme-file", "Not a programme file", str(error), errors=faults) from error


def _granted(result: T | Refusal) -> T:
    if isinstance(result, Refusal):
        raise Problem(STATUS[result.kind], result.slug, TITLE[result.kind], result.detail)
    return result


def _found(document: T | None, what: str, name: str) -> T:
    return _granted(unknown(what, name) if document is None else document)
