"""People: how somebody stands, and what was decided about her."""

from fastapi import APIRouter

from services.enrolment import views
from services.enrolment.api.door import Door, found, told
from services.enrolment.rules.career import department
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View


def routes(door: Door) -> APIRouter:
    """The addresses under /people."""
    router = door.router("people")

    @router.get("/people/{employee_id}", dependencies=[door.readers], responses=told(404))
    async def show_person(employee_id: str) -> View:
        """How somebody stands, and everything that was decided about her places, with the reasons."""

        async def work(tx: EnrolmentTransaction) -> View:
            employee = found(await tx.employees.get(employee_id), "employee", employee_id)
            unit_id = employee.record.unit_id if employee.record else None
            top = department(unit_id, await tx.units.tree()) if unit_id else None
            return views.employee(employee, top, await tx.places.of_person(employee_id))

        return await door.see(work)

    return router
