"""Programmes, nominations for them, and their queues."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.enrolment import programme_file, views
from services.enrolment.api.door import Call, Door, Part, found, granted, told
from services.enrolment.commands import places, programmes
from services.enrolment.programme_file import ProgrammeFile, ProgrammeFileError
from services.enrolment.store import EnrolmentTransaction, listed
from services.enrolment.views import View
from shared.events.base import Id
from shared.web import Problem


class Nomination(BaseModel):
    """Whom the office names for a programme."""

    employee_id: Id


def routes(door: Door) -> APIRouter:
    """The addresses under /programmes."""
    router = door.router("programmes")
    _add_changes(router, door)
    _add_reading(router, door)
    _add_queue(router, door)
    return router


def _add_changes(router: APIRouter, door: Door) -> None:
    @router.post("/programmes")
    async def apply(request: Request, call: Annotated[Call, door.by_office]) -> View:
        """Publish or revise a programme; the body is a programme file (YAML, or JSON which is YAML too)."""
        file = _read(await request.body())

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.programmes.get(file.code))
            return views.applied(await programmes.apply(tx, file))

        return await door.do(work, call, "apply programme")

    @router.post("/programmes/{code}/nominations", status_code=201, responses=told(404, 409))
    async def nominate(code: str, body: Nomination, call: Annotated[Call, door.by_office]) -> View:
        """Name somebody for a programme: she is queued."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.place(granted(await places.nominate(tx, code, body.employee_id)))

        return await door.do(work, call, "nominate")


def _add_reading(router: APIRouter, door: Door) -> None:
    @router.get("/programmes", dependencies=[door.readers])
    async def list_programmes(part: Part) -> View:
        """The programmes as they read now."""

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.programmes, {}, limit=part.limit, after=part.after)
            return part.page([views.programme(each) for each in shown], "code")

        return await door.see(work)

    @router.get("/programmes/{code}", dependencies=[door.readers], responses=told(404))
    async def show_programme(code: str) -> View:
        """One programme as it reads now."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.programme(found(await tx.programmes.get(code), "programme", code))

        return await door.see(work)


def _add_queue(router: APIRouter, door: Door) -> None:
    @router.get("/programmes/{code}/queue", dependencies=[door.readers], responses=told(404))
    async def show_queue(code: str, part: Part) -> View:
        """Those who wait, first in line first, each with her reason and with every time she was passed over."""

        async def work(tx: EnrolmentTransaction) -> View:
            found(await tx.programmes.get(code), "programme", code)
            line = await tx.places.queue_of(code)
            before = await tx.places.get(part.after) if part.after else None
            rest = [views.place(each) for each in line if before is None or each.in_line > before.in_line]
            return part.page(rest[: part.limit + 1], "place_id")

        return await door.see(work)


def _read(body: bytes) -> ProgrammeFile:
    try:
        return programme_file.read(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Problem(422, "programme-file", "Not a programme file", "save the file as UTF-8 and try again") from error
    except ProgrammeFileError as error:
        faults: list[dict[str, Any]] = [fault.model_dump() for fault in error.errors]
        raise Problem(422, "programme-file", "Not a programme file", str(error), errors=faults) from error
