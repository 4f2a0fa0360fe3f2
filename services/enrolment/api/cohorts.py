"""Cohorts: scheduled, composed, read."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from services.enrolment import examples, shapes, views
from services.enrolment.api.asked import Asked, as_in
from services.enrolment.api.door import Call, Door, Part, found, granted, listed, told
from services.enrolment.commands import cohorts, seats
from services.enrolment.model import Cohort
from services.enrolment.rules.sessions import Language
from services.enrolment.rules.written import Day, TimeOfDay
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.delivery import Actor
from shared.events.base import Id, Line


class NewCohort(Asked):
    """A cohort to be scheduled; the time is local."""

    model_config = as_in(examples.NEW_COHORT)

    cohort_id: Id
    programme: Id
    first_day: Day
    start_time: TimeOfDay
    location: Annotated[Line, Field(min_length=1)]
    days: dict[Id, Day] = Field(default_factory=dict, max_length=50)
    """For modules that must be on a day of their own, by their codes."""
    language: Language | None = None
    facilitators: Annotated[tuple[Annotated[Line, Field(min_length=1)], ...], Field(max_length=20)] = ()


class Seed(Asked):
    """The lot among those who were queued at the same moment; the same seed gives the same group."""

    model_config = as_in({"seed": 1})

    seed: Annotated[int, Field(ge=0, le=2**31)] = 0


FACILITATOR = "facilitator"


def routes(door: Door) -> APIRouter:
    """The addresses under /cohorts."""
    router = door.router("cohorts")
    _add_changes(router, door)
    _add_reading(router, door)
    return router


async def view(tx: EnrolmentTransaction, cohort: Cohort, actor: Actor) -> View:
    """A cohort with everybody who has been offered a seat; a facilitator sees those who come, and no reasons."""
    places = await tx.places.of_cohort(cohort.id)
    employees = await tx.employees.get_many(place.employee_id for place in places)
    units = await tx.units.get_many(each.record.unit_id for each in employees.values() if each.record)
    shown = views.cohort(cohort, places, employees, units)
    return views.for_facilitator(shown) if actor.role == FACILITATOR else shown


def hers(cohort: Cohort | None, cohort_id: str, actor: Actor) -> Cohort:
    """The cohort; for a facilitator there are no others than those that she leads.

    Raises:
        Problem: 404, she may not know of it or it does not exist.
    """
    may_know = cohort if cohort and (actor.role != FACILITATOR or actor.name in cohort.facilitators) else None
    return found(may_know, "cohort", cohort_id)


def _add_changes(router: APIRouter, door: Door) -> None:
    @router.post("/cohorts", status_code=201, response_model=shapes.Cohort, responses=told(404, 409))
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
            return await view(tx, granted(cohort), call.actor)

        return await door.do(work, call, "schedule cohort")

    @router.post("/cohorts/{cohort_id}/compose", response_model=shapes.Composed, responses=told(404, 409))
    async def compose(cohort_id: str, body: Seed, call: Annotated[Call, door.by_office]) -> View:
        """Choose the group from the queue and offer the seats."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.cohorts.get(cohort_id))
            _, group = granted(await seats.compose(tx, cohort_id, body.seed))
            return views.composed(group)

        return await door.do(work, call, "compose cohort")


def _add_reading(router: APIRouter, door: Door) -> None:
    @router.get("/cohorts", response_model=shapes.page_of(shapes.Cohort))
    async def list_cohorts(
        part: Part, actor: Annotated[Actor, door.cohort_readers], programme: Annotated[Id | None, Query()] = None
    ) -> View:
        """Cohorts, of one programme if asked for; to a facilitator those that she leads."""
        wanted: dict[str, Any] = {"programme": programme} if programme else {}
        if actor.role == FACILITATOR:
            wanted["facilitators"] = actor.name

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.cohorts, wanted, part)
            return part.page([await view(tx, each, actor) for each in shown], "cohort_id")

        return await door.see(work)

    @router.get("/cohorts/{cohort_id}", response_model=shapes.Cohort, responses=told(404))
    async def show_cohort(cohort_id: str, actor: Annotated[Actor, door.cohort_readers]) -> View:
        """One cohort; to a facilitator only if she leads it."""

        async def work(tx: EnrolmentTransaction) -> View:
            return await view(tx, hers(await tx.cohorts.get(cohort_id), cohort_id, actor), actor)

        return await door.see(work)
