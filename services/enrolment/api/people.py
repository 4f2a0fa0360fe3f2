"""People: how somebody stands, and what was decided about her."""

from fastapi import APIRouter

from services.enrolment import shapes, views
from services.enrolment.api.door import Door, Part, found, strange_after, told
from services.enrolment.model import Cohort, Place
from services.enrolment.rules.organisation import department
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.timeline import timeline
from services.enrolment.views import View


def routes(door: Door) -> APIRouter:
    """The addresses under /people."""
    router = door.router("people")
    _add_person(router, door)
    _add_timeline(router, door)
    return router


def _add_person(router: APIRouter, door: Door) -> None:
    @router.get("/people/{employee_id}", response_model=shapes.Person, dependencies=[door.readers], responses=told(404))
    async def show_person(employee_id: str) -> View:
        """How somebody stands, and everything that was decided about her places, with the reasons."""

        async def work(tx: EnrolmentTransaction) -> View:
            employee = found(await tx.employees.get(employee_id), "employee", employee_id)
            unit_id = employee.record.unit_id if employee.record else None
            top = department(unit_id, await tx.units.tree()) if unit_id else None
            page = {"page_url": tx.person_url(employee_id)}
            return views.employee(employee, top, await tx.places.of_person(employee_id)) | page

        return await door.see(work)


def _add_timeline(router: APIRouter, door: Door) -> None:
    @router.get(
        "/people/{employee_id}/timeline",
        response_model=shapes.page_of(shapes.Moment),
        dependencies=[door.readers],
        responses=told(404),
    )
    async def show_timeline(employee_id: str, part: Part) -> View:
        """Everything that was decided about somebody or happened to her, and why, the oldest first."""

        async def work(tx: EnrolmentTransaction) -> View:
            employee = found(await tx.employees.get(employee_id), "employee", employee_id)
            places = await tx.places.of_person(employee_id)
            networks = await tx.networks.find({"members": employee_id}, sort=[("_id", 1)])
            moments = timeline(employee, places, await _cohorts_of(tx, places), networks)
            if part.after and part.after not in {each.moment_id for each in moments}:
                raise strange_after(part.after)
            rest = [each.model_dump(mode="json") for each in moments if each.moment_id > (part.after or "")]
            return part.page(rest, "moment_id")

        return await door.see(work)


async def _cohorts_of(tx: EnrolmentTransaction, places: list[Place]) -> list[Cohort]:
    """Those in which she has a place, and those in which she earned credit before."""
    now = {place.cohort_id for place in places if place.cohort_id}
    before = {credit.cohort_id for place in places for credit in place.credits}
    return list((await tx.cohorts.get_many(sorted(now | before))).values())
