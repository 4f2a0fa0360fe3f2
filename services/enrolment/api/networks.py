"""What lives on after a programme: networks, the list of all alumni, diplomas."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from services.enrolment import model, shapes, views
from services.enrolment.api.asked import Asked, as_in
from services.enrolment.api.door import Call, Door, Part, found, granted, listed, told
from services.enrolment.commands import networks
from services.enrolment.rules.refusal import Refusal, conflict
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.events.base import Id, LocalisedText

TITLE: Final = {"sv": "Ny som chef", "en": "New as a manager"}
NETWORK: Final[dict[str, Any]] = {
    "network_id": "network:FLC-2027-1",
    "version": 2,
    "cohort_id": "FLC-2027-1",
    "programme": "FLC",
    "title": TITLE,
    "members": ["E100007", "E100231"],
    "contact": "E100231",
    "formed_at": "2027-05-18T13:00:00Z",
}
ALUMNA: Final[dict[str, Any]] = {
    "employee_id": "E100231",
    "name": "Åsa Öberg",
    "alumni_since": "2027-06-01T08:00:00Z",
    "completed": ["FLC"],
}
DIPLOMA: Final[dict[str, Any]] = {
    "place_id": "FLC:E100231:1",
    "employee_id": "E100231",
    "name": "Åsa Öberg",
    "programme": "FLC",
    "revision": 1,
    "title": TITLE,
    "goals": ["G1", "G4"],
    "cohort_id": "FLC-2027-1",
    "completed_on": "2027-05-18",
    "hours": 9,
    "modules": [{"code": "M1", "title": {"sv": "Uppdraget och målen", "en": "Mission and goals"}}],
}


class Contact(Asked):
    """The member of a network whom to ask for it."""

    model_config = as_in({"employee_id": "E100231"})

    employee_id: Id


Network = shapes.kept("Network", model.Network, NETWORK, network_id=str)


class Alumna(shapes.Shape):
    """Somebody on the list of all who have completed a programme, and since when; none: she is not on it."""

    model_config = shapes.told(ALUMNA)

    employee_id: str
    name: str | None
    alumni_since: datetime | None
    completed: list[str]


class Taken(shapes.Shape):
    """A module that a diploma names."""

    model_config = shapes.told(DIPLOMA["modules"][0])

    code: str
    title: LocalisedText


class Diploma(shapes.Shape):
    """What a diploma says; `hours` are those that she was there."""

    model_config = shapes.told(DIPLOMA)

    place_id: str
    employee_id: str
    name: str | None
    programme: str
    revision: int
    title: LocalisedText
    goals: list[str]
    cohort_id: str
    completed_on: date
    hours: float
    modules: list[Taken]


def routes(door: Door) -> APIRouter:
    """The addresses under /networks, and those of alumni and diplomas."""
    router = door.router("networks")
    _add_networks(router, door)
    _add_alumni(router, door)
    _add_diplomas(router, door)
    return router


def _add_networks(router: APIRouter, door: Door) -> None:
    @router.get("/networks", response_model=shapes.page_of(Network), dependencies=[door.readers])
    async def list_networks(part: Part, member: Annotated[str | None, Query(max_length=128)] = None) -> View:
        """Networks, those of one member if asked for."""
        query = {"members": member} if member is not None else {}

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.networks, query, part)
            return part.page([views.network(each) for each in shown], "network_id")

        return await door.see(work)

    @router.get("/networks/{network_id}", response_model=Network, dependencies=[door.readers], responses=told(404))
    async def show_network(network_id: str) -> View:
        """One network with its members and its contact."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.network(found(await tx.networks.get(network_id), "network", network_id))

        return await door.see(work)

    @router.post("/networks/{network_id}/contact", response_model=Network, responses=told(404, 409))
    async def choose_contact(network_id: str, body: Contact, call: Annotated[Call, door.by_office]) -> View:
        """Let another member be the one to ask for the network."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.networks.get(network_id))
            return views.network(granted(await networks.choose_contact(tx, network_id, body.employee_id)))

        return await door.do(work, call, "choose contact of network")


def _add_alumni(router: APIRouter, door: Door) -> None:
    @router.get("/alumni", response_model=shapes.page_of(Alumna), dependencies=[door.readers])
    async def list_alumni(part: Part) -> View:
        """Those who have completed a programme and chose to be on the list."""
        query = {"alumni_since": {"$ne": None}, "left": False}

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.employees, query, part)
            return part.page([views.alumna(each) for each in shown], "employee_id")

        return await door.see(work)

    @router.post("/people/{employee_id}/alumni", response_model=Alumna, responses=told(404, 409))
    async def join_alumni(employee_id: str, call: Annotated[Call, door.by_office]) -> View:
        """Put somebody on the list of alumni, as she has asked."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.alumna(granted(await networks.join_alumni(tx, employee_id)))

        return await door.do(work, call, "join alumni")

    @router.delete("/people/{employee_id}/alumni", response_model=Alumna, responses=told(404))
    async def leave_alumni(employee_id: str, call: Annotated[Call, door.by_office]) -> View:
        """Take somebody off the list of alumni, as she has asked."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.alumna(granted(await networks.leave_alumni(tx, employee_id)))

        return await door.do(work, call, "leave alumni")


def _add_diplomas(router: APIRouter, door: Door) -> None:
    @router.get(
        "/places/{place_id}/diploma", response_model=Diploma, dependencies=[door.readers], responses=told(404, 409)
    )
    async def show_diploma(place_id: str) -> View:
        """What the diploma of a completed place says."""

        async def work(tx: EnrolmentTransaction) -> View:
            return granted(await _diploma(tx, place_id))

        return await door.see(work)


async def _diploma(tx: EnrolmentTransaction, place_id: str) -> View | Refusal:
    place = found(await tx.places.get(place_id), "place", place_id)
    cohort = await tx.cohorts.get(place.cohort_id) if place.cohort_id else None
    if place.state != "completed" or cohort is None:
        return conflict("not-completed", f"{place_id} is {place.state}: there is a diploma when it is completed")
    return views.diploma(place, cohort, await tx.employees.get(place.employee_id), tx.zone)
