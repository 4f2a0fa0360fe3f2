"""Places: found by what is known about them, and what the office does with one."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.convertors import StringConvertor, register_url_convertor

from services.enrolment import examples, shapes, views
from services.enrolment.api.asked import as_in
from services.enrolment.api.door import Call, Door, Part, found, granted, listed, told
from services.enrolment.commands import places, swaps
from services.enrolment.commands.swaps import Broken
from services.enrolment.model import PlaceState
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.events.base import Id


class _PlaceId(StringConvertor):
    """What may name a place in an address: all but `swap`, which is done with two and can only be POSTed."""

    regex = "(?!swap$)[^/]+"


register_url_convertor("place_id", _PlaceId())

Text = Annotated[str, Field(max_length=1000)]


class Turn(BaseModel):
    """Whether she is put before those who came in the ordinary way, or back where she was, and why."""

    model_config = as_in({"first": True, "note": "She begins her post in January."})

    first: bool = True
    note: Annotated[Text, Field(min_length=1)]


class Note(BaseModel):
    """What the office writes about it, for itself."""

    model_config = as_in({"note": "Agreed with her by phone."})

    note: Text = ""


class Swap(BaseModel):
    """Two confirmed places whose holders exchange groups. What breaks a rule needs `force` and a note."""

    model_config = as_in({"one": "FLC:E100231:1", "other": "FLC:E100407:1"})

    one: Id
    other: Id
    force: bool = False
    note: Text = ""


class Exchanged(shapes.Shape):
    """The two places as they are when their holders have exchanged groups, and the rules that this breaks."""

    model_config = shapes.told(
        {
            "one": examples.PLACE | {"state": "confirmed"},
            "other": examples.PLACE
            | {
                "place_id": "FLC:E100407:1",
                "employee_id": "E100407",
                "state": "confirmed",
                "cohort_id": "FLC-2026-3",
            },
            "broken": [
                {"employee_id": "E100407", "cohort_id": "FLC-2026-3", "reason": examples.SHARE_REACHED},
            ],
        }
    )

    one: shapes.Place
    other: shapes.Place
    broken: list[Broken]


def routes(door: Door) -> APIRouter:
    """The addresses under /places."""
    router = door.router("places")
    _add_reading(router, door)
    _add_swap(router, door)
    _add_steps(router, door)
    return router


def _add_reading(router: APIRouter, door: Door) -> None:
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
            shown = await listed(tx.places, query, part)
            return part.page([views.place(each) for each in shown], "place_id")

        return await door.see(work)

    @router.get(
        "/places/{place_id:place_id}", response_model=shapes.Place, dependencies=[door.readers], responses=told(404)
    )
    async def show_place(place_id: str) -> View:
        """One place with everything that was decided about it and why."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.place(found(await tx.places.get(place_id), "place", place_id))

        return await door.see(work)


def _add_swap(router: APIRouter, door: Door) -> None:
    @router.post("/places/swap", response_model=Exchanged, responses=told(404, 409))
    async def swap(
        body: Swap,
        call: Annotated[Call, door.by_office],
        preview: Annotated[bool, Query(description="Only tell what it would do, broken rules included.")] = False,
    ) -> View:
        """Let two colleagues exchange groups: no seat becomes free, and each gets the other's sessions."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.places.get(body.one))
            note = body.note or ("preview" if preview else "")
            done = granted(await swaps.swap(tx, body.one, body.other, note=note, force=body.force or preview))
            broken = [each.model_dump(mode="json") for each in done.broken]
            return {"one": views.place(done.one), "other": views.place(done.other), "broken": broken}

        return await (door.rehearse(work) if preview else door.do(work, call, "swap places"))


def _add_steps(router: APIRouter, door: Door) -> None:
    @router.post("/places/{place_id}/priority", response_model=shapes.Place, responses=told(404, 409))
    async def put_in_line(place_id: str, body: Turn, call: Annotated[Call, door.by_office]) -> View:
        """Put somebody who waits before others, or back where she was; she reads that it was the office."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.places.get(place_id))
            return views.place(granted(await places.put_in_line(tx, place_id, first=body.first, note=body.note)))

        return await door.do(work, call, "put in line")

    @router.post("/places/{place_id}/take-back", response_model=shapes.Place, responses=told(404, 409))
    async def take_back(place_id: str, body: Note, call: Annotated[Call, door.by_office]) -> View:
        """Take an offer back: the seat goes to the next in line, and she keeps her turn for another group."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.places.get(place_id))
            return views.place(granted(await places.take_back(tx, place_id, body.note)))

        return await door.do(work, call, "take offer back")

    @router.post("/places/{place_id}/withdraw", response_model=shapes.Place, responses=told(404, 409))
    async def withdraw(place_id: str, body: Note, call: Annotated[Call, door.by_office]) -> View:
        """End somebody's place; its seat, if it has one, goes to the next in line."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.places.get(place_id))
            return views.place(granted(await places.withdraw(tx, place_id, body.note)))

        return await door.do(work, call, "withdraw place")
