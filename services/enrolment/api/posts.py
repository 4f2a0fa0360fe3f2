"""Seats that a cohort keeps for posts: given free by the office."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict

from services.enrolment import shapes
from services.enrolment.api.asked import Asked
from services.enrolment.api.cohorts import view
from services.enrolment.api.door import Call, Door, granted, told
from services.enrolment.commands import posts
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.events.base import Id
from shared.events.hr import Level


class Post(Asked):
    """A post: a level in a unit."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"unit_id": "U0412", "level": "senior"}]})

    unit_id: Id
    level: Level


def routes(door: Door) -> APIRouter:
    """The address under /cohorts that gives a kept seat free."""
    router = door.router("cohorts")

    @router.post("/cohorts/{cohort_id}/release-seat", response_model=shapes.Cohort, responses=told(404, 409))
    async def release_seat(cohort_id: str, body: Post, call: Annotated[Call, door.by_office]) -> View:
        """Keep a seat for a post no longer, as when the post is abolished: the next in line is offered it."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.cohorts.get(cohort_id))
            cohort = granted(await posts.release(tx, cohort_id, body.unit_id, body.level))
            return await view(tx, cohort, call.actor)

        return await door.do(work, call, "release seat")

    return router
