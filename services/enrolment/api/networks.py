"""What lives on after a programme: networks, the list of all alumni, diplomas."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.enrolment import views
from services.enrolment.api.door import Call, Door, Part, found, granted, told
from services.enrolment.commands import networks
from services.enrolment.rules.refusal import Refusal, conflict
from services.enrolment.store import EnrolmentTransaction, listed
from services.enrolment.views import View
from shared.events.base import Id


class Contact(BaseModel):
    """The member of a network whom to ask for it."""

    employee_id: Id


def routes(door: Door) -> APIRouter:
    """The addresses under /networks, and those of alumni and diplomas."""
    router = door.router("networks")
    _add_networks(router, door)
    _add_alumni(router, door)
    _add_diplomas(router, door)
    return router


def _add_networks(router: APIRouter, door: Door) -> None:
    @router.get("/networks", dependencies=[door.readers])
    async def list_networks(part: Part, member: Annotated[str | None, Query(max_length=128)] = None) -> View:
        """Networks, those of one member if asked for."""
        query = {"members": member} if member is not None else {}

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.networks, query, limit=part.limit, after=part.after)
            return part.page([views.network(each) for each in shown], "network_id")

        return await door.see(work)

    @router.get("/networks/{network_id}", dependencies=[door.readers], responses=told(404))
    async def show_network(network_id: str) -> View:
        """One network with its members and its contact."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.network(found(await tx.networks.get(network_id), "network", network_id))

        return await door.see(work)

    @router.post("/networks/{network_id}/contact", responses=told(404, 409))
    async def choose_contact(network_id: str, body: Contact, call: Annotated[Call, door.by_office]) -> View:
        """Let another member be the one to ask for the network."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.networks.get(network_id))
            return views.network(granted(await networks.choose_contact(tx, network_id, body.employee_id)))

        return await door.do(work, call, "choose contact of network")


def _add_alumni(router: APIRouter, door: Door) -> None:
    @router.get("/alumni", dependencies=[door.readers])
    async def list_alumni(part: Part) -> View:
        """Those who have completed a programme and chose to be on the list."""
        query = {"alumni_since": {"$ne": None}, "left": False}

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.employees, query, limit=part.limit, after=part.after)
            return part.page([views.alumna(each) for each in shown], "employee_id")

        return await door.see(work)

    @router.post("/people/{employee_id}/alumni", responses=told(404, 409))
    async def join_alumni(employee_id: str, call: Annotated[Call, door.by_office]) -> View:
        """Put somebody on the list of alumni, as she has asked."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.alumna(granted(await networks.join_alumni(tx, employee_id)))

        return await door.do(work, call, "join alumni")

    @router.delete("/people/{employee_id}/alumni", responses=told(404))
    async def leave_alumni(employee_id: str, call: Annotated[Call, door.by_office]) -> View:
        """Take somebody off the list of alumni, as she has asked."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.alumna(granted(await networks.leave_alumni(tx, employee_id)))

        return await door.do(work, call, "leave alumni")


def _add_diplomas(router: APIRouter, door: Door) -> None:
    @router.get("/places/{place_id}/diploma", dependencies=[door.readers], responses=told(404, 409))
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
