"""Places: found by what is known about them."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.enrolment import views
from services.enrolment.api.door import Door, Part
from services.enrolment.model import PlaceState
from services.enrolment.store import EnrolmentTransaction, listed
from services.enrolment.views import View


def routes(door: Door) -> APIRouter:
    """The addresses under /places."""
    router = door.router("places")

    @router.get("/places", dependencies=[door.readers])
    async def list_places(
        part: Part,
        state: Annotated[PlaceState | None, Query()] = None,
        cohort_id: Annotated[str | None, Query()] = None,
    ) -> View:
        """Places, of one state or one cohort if asked for."""
        wanted = {"state": state, "cohort_id": cohort_id}
        query = {field: value for field, value in wanted.items() if value is not None}

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.places, query, limit=part.limit, after=part.after)
            return part.page([views.place(each) for each in shown], "place_id")

        return await door.see(work)

    return router
