"""Sessions of a cohort: held at another time, and who was there."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import Field, model_validator

from services.enrolment import examples, shapes
from services.enrolment.api.asked import Asked, as_in
from services.enrolment.api.cohorts import hers, view
from services.enrolment.api.door import Call, Door, granted, told
from services.enrolment.commands import cohorts
from services.enrolment.rules.attendance import Said
from services.enrolment.rules.written import Moment
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.events.base import Id, Line

ADDRESS = "/cohorts/{cohort_id}/sessions/{session_id}"


class NewTime(Asked):
    """When and where a session is held instead; times without offset are local."""

    model_config = as_in(examples.NEW_TIME)

    starts_at: Moment
    ends_at: Moment | None = None
    location: Line | None = None
    force: bool = False
    """Have it so even if the session changes places with another module's."""


class Presence(Asked):
    """How somebody was there; `hours` only with kind part."""

    kind: Literal["present", "part", "absent"]
    hours: Annotated[float, Field(gt=0, le=24)] | None = None


class Attendance(Asked):
    """Who was there: either just their ids, or how each of them was. Who is not named was absent."""

    model_config = as_in(examples.ATTENDANCE)

    attended: Annotated[tuple[Id, ...], Field(max_length=500)] | None = None
    attendance: Annotated[dict[Id, Presence], Field(max_length=500)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.attended is None) == (self.attendance is None):
            raise ValueError("write either attended or attendance")
        return self

    def said(self) -> dict[str, Said]:
        """What is noted about each person who is named."""
        if self.attendance is None:
            return dict.fromkeys(self.attended or (), Said())
        return {who: Said(kind=each.kind, hours=each.hours) for who, each in self.attendance.items()}


def routes(door: Door) -> APIRouter:
    """The addresses of sessions."""
    router = door.router("sessions")

    @router.post(f"{ADDRESS}/reschedule", response_model=shapes.Cohort, responses=told(404, 409))
    async def reschedule(cohort_id: str, session_id: str, body: NewTime, call: Annotated[Call, door.by_office]) -> View:
        """Hold a session at another time or place."""
        starts_at = door.moment(body.starts_at)
        ends_at = door.moment(body.ends_at) if body.ends_at else None

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.cohorts.get(cohort_id))
            cohort = await cohorts.reschedule(
                tx,
                cohort_id,
                session_id,
                starts_at=starts_at,
                ends_at=ends_at,
                location=body.location,
                force=body.force,
            )
            return await view(tx, granted(cohort), call.actor)

        return await door.do(work, call, "reschedule session")

    @router.post(f"{ADDRESS}/attendance", response_model=shapes.Cohort, responses=told(404, 409))
    async def record_attendance(
        cohort_id: str, session_id: str, body: Attendance, call: Annotated[Call, door.by_teachers]
    ) -> View:
        """Record who was at a session; the newest record counts, and those before it are kept."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(hers(await tx.cohorts.get(cohort_id), cohort_id, call.actor))
            cohort = await cohorts.record_attendance(tx, cohort_id, session_id, body.said(), call.actor.name)
            return await view(tx, granted(cohort), call.actor)

        return await door.do(work, call, "record attendance")

    return router
