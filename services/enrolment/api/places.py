"""Places: found by what is known about them."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.enrolment import shapes, views
from services.enrolment.api.door import Door, Part, found, told
from services.enrolment.model import PlaceState
from services.enrolment.store import EnrolmentTransaction, listed
from services.enrolment.views import View
from shared.events.base import Id


def routes(door: Door) -> APIRouter:
    """The addresses under /places."""
    router = door.router("places")

    @router.get("/places", response_model=shapes.page_of(shapes.Place), dependencies=[door.readers])
    async def list_places(
        part: Part,
        state: Annotated[PlaceState | None, Query()] = None,
        programme: Annotated[Id | None, Query()] = None,
        cohort_id: Annotated[Id | None, Query()] = None,
        employee_id: Annotated[Id | None, Query()] = None,
    ) -> View:
        """Places; of one state, programme, cohort or person if asked for."""
        wanted = {"state": state, "programme": programme, "cohort_id": cohort_id, "employee_id": employee_id}
        query = {field: value for field, value in wanted.items() if value is not None}

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.places, query, limit=part.limit, after=part.after)
            return part.page([views.place(each) for each in shown], "place_id")

        return await door.see(work)

    @router.get("/places/{place_id}", response_model=shapes.Place, dependencies=[door.readers], responses=told(404))
    async def show_place(place_id: str) -> View:
        """One place with everything that was decided about it and why."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.place(found(await tx.places.get(place_id), "place", place_id))

        return await door.see(work)

    return router
