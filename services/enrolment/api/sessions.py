"""Sessions of a cohort: held at another time, and who was there."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.enrolment.api.cohorts import view
from services.enrolment.api.door import Call, Door, granted, told
from services.enrolment.commands import cohorts
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.events.base import Id, Line

ADDRESS = "/cohorts/{cohort_id}/sessions/{session_id}"


class NewTime(BaseModel):
    """When and where a session is held instead; times without offset are local."""

    starts_at: datetime
    ends_at: datetime | None = None
    location: Line | None = None


class Attendance(BaseModel):
    """Who was there."""

    attended: Annotated[tuple[Id, ...], Field(max_length=500)]


def routes(door: Door) -> APIRouter:
    """The addresses of sessions."""
    router = door.router("sessions")

    @router.post(f"{ADDRESS}/reschedule", responses=told(404, 409))
    async def reschedule(cohort_id: str, session_id: str, body: NewTime, call: Annotated[Call, door.by_office]) -> View:
        """Hold a session at another time or place."""
        starts_at = door.moment(body.starts_at)
        ends_at = door.moment(body.ends_at) if body.ends_at else None

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.cohorts.get(cohort_id))
            cohort = await cohorts.reschedule(
                tx, cohort_id, session_id, starts_at=starts_at, ends_at=ends_at, location=body.location
            )
            return await view(tx, granted(cohort))

        return await door.do(work, call, "reschedule session")

    @router.post(f"{ADDRESS}/attendance", responses=told(404, 409))
    async def record_attendance(
        cohort_id: str, session_id: str, body: Attendance, call: Annotated[Call, door.by_teachers]
    ) -> View:
        """Record who was at a session; the newest record counts."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.cohorts.get(cohort_id))
            cohort = await cohorts.record_attendance(tx, cohort_id, session_id, body.attended)
            return await view(tx, granted(cohort))

        return await door.do(work, call, "record attendance")

    return router
