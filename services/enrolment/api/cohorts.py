"""Cohorts: scheduled, composed, read."""

from datetime import date, time
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.enrolment import views
from services.enrolment.api.door import Call, Door, Part, found, granted, told
from services.enrolment.commands import cohorts, seats
from services.enrolment.model import Cohort
from services.enrolment.rules.sessions import Language
from services.enrolment.store import EnrolmentTransaction, listed
from services.enrolment.views import View
from shared.events.base import Id, Line


class NewCohort(BaseModel):
    """A cohort to be scheduled; the time is local."""

    cohort_id: Id
    programme: Id
    first_day: date
    start_time: time
    location: Annotated[Line, Field(min_length=1)]
    days: Annotated[dict[Id, date], Field(max_length=50)] = {}
    """For modules that must be on a day of their own, by their codes."""
    language: Language | None = None
    facilitators: Annotated[tuple[Annotated[Line, Field(min_length=1)], ...], Field(max_length=20)] = ()


class Seed(BaseModel):
    """The lot among those who were queued at the same moment; the same seed gives the same group."""

    seed: int = 0


def routes(door: Door) -> APIRouter:
    """The addresses under /cohorts."""
    router = door.router("cohorts")
    _add_changes(router, door)
    _add_reading(router, door)
    return router


async def view(tx: EnrolmentTransaction, cohort: Cohort) -> View:
    """A cohort with everybody who has been offered a seat."""
    return views.cohort(cohort, await tx.places.of_cohort(cohort.id))


def _add_changes(router: APIRouter, door: Door) -> None:
    @router.post("/cohorts", status_code=201, responses=told(404, 409))
    async def schedule(body: NewCohort, call: Annotated[Call, door.by_office]) -> View:
        """Schedule a cohort of a programme as it reads now."""

        async def work(tx: EnrolmentTransaction) -> View:
            cohort = await cohorts.schedule(
                tx,
                body.cohort_id,
                body.programme,
                first_day=body.first_day,
                start=body.start_time.replace(tzinfo=None),
                location=body.location,
                days=body.days,
                language=body.language,
                facilitators=body.facilitators,
            )
            return await view(tx, granted(cohort))

        return await door.do(work, call, "schedule cohort")

    @router.post("/cohorts/{cohort_id}/compose", responses=told(404, 409))
    async def compose(cohort_id: str, body: Seed, call: Annotated[Call, door.by_office]) -> View:
        """Choose the group from the queue and offer the seats."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.cohorts.get(cohort_id))
            _, group = granted(await seats.compose(tx, cohort_id, body.seed))
            return views.composed(group)

        return await door.do(work, call, "compose cohort")


def _add_reading(router: APIRouter, door: Door) -> None:
    @router.get("/cohorts", dependencies=[door.readers])
    async def list_cohorts(part: Part) -> View:
        """All cohorts."""

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.cohorts, {}, limit=part.limit, after=part.after)
            return part.page([await view(tx, each) for each in shown], "cohort_id")

        return await door.see(work)

    @router.get("/cohorts/{cohort_id}", dependencies=[door.readers], responses=told(404))
    async def show_cohort(cohort_id: str) -> View:
        """One cohort."""

        async def work(tx: EnrolmentTransaction) -> View:
            return await view(tx, found(await tx.cohorts.get(cohort_id), "cohort", cohort_id))

        return await door.see(work)
