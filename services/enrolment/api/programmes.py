"""Programmes, nominations for them, and their queues."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from services.enrolment import examples, programme_file, shapes, views
from services.enrolment.api.asked import Asked, as_in
from services.enrolment.api.changes import told_of
from services.enrolment.api.door import Call, Door, Part, begin_after, found, granted, listed, strange_after, told
from services.enrolment.commands import audience, nominations, programmes, recommendations
from services.enrolment.commands.impacts import impact_of
from services.enrolment.commands.performing import follow_through
from services.enrolment.programme_file import ProgrammeFile, ProgrammeFileError
from services.enrolment.rules.changes import enough
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.events.base import Id
from shared.openapi import file_body
from shared.web import Problem


class Nomination(Asked):
    """Who is named for a programme; `by`: by which manager of hers, none if by the office itself."""

    model_config = as_in({"employee_id": "E100231", "by": "E100007"})

    employee_id: Id
    by: Id | None = None


def routes(door: Door) -> APIRouter:
    """The addresses under /programmes."""
    router = door.router("programmes")
    _add_changes(router, door)
    _add_revisions(router, door)
    _add_reading(router, door)
    _add_queue(router, door)
    return router


def _add_changes(router: APIRouter, door: Door) -> None:
    @router.post(
        "/programmes",
        response_model=shapes.Previewed | shapes.Applied,
        responses=told(409),
        openapi_extra=file_body(ProgrammeFile, "application/yaml", "application/json", example=examples.PROGRAMME_FILE),
    )
    async def apply(
        request: Request,
        call: Annotated[Call, door.by_office],
        *,
        preview: Annotated[bool, Query()] = False,
        confirm_people: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
        addresses: Annotated[list[Id] | None, Query(max_length=50)] = None,
        names: Annotated[int, Query(ge=0, le=10_000, description="How many of those matched to name")] = 500,
    ) -> View:
        """Publish or revise a programme; the body is a programme file (YAML, or JSON which is YAML too).

        The answer tells whom that touches; with `preview` it is only tried, and the answer tells for whom the programme
        is, too. `confirm_people`: the number that a preview asks to be confirmed, for a file that touches many.
        `addresses`: recommendations of the evaluation that it answers.
        """
        file = _read(await request.body())

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.programmes.get(file.code))
            if strange := await recommendations.refusal(tx, file.code, addresses or ()):
                granted(strange)
            applied = await programmes.apply(tx, file, by=call.actor.name, addresses=tuple(addresses or ()))
            await follow_through(tx)
            impact = await impact_of(tx, applied.concerns)
            told = views.applied(applied) | await told_of(tx, impact, in_detail=preview)
            if preview:
                them = await audience.matched(tx, found(await tx.programmes.get(file.code), "programme", file.code))
                return told | {"matched": views.matched(them, names)}
            granted(enough(impact, confirm_people))
            return told

        return await door.rehearse(work) if preview else await door.do(work, call, "apply programme")

    @router.post(
        "/programmes/{code}/nominations", status_code=201, response_model=shapes.Place, responses=told(404, 409)
    )
    async def nominate(code: str, body: Nomination, call: Annotated[Call, door.by_office]) -> View:
        """Name somebody for a programme: she is queued."""

        async def work(tx: EnrolmentTransaction) -> View:
            return views.place(granted(await nominations.nominate(tx, code, body.employee_id, body.by)))

        return await door.do(work, call, "nominate")


def _add_revisions(router: APIRouter, door: Door) -> None:
    @router.get(
        "/programmes/{code}/revisions",
        response_model=shapes.page_of(shapes.Revision),
        dependencies=[door.readers],
        responses=told(404),
    )
    async def list_revisions(
        code: str,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> View:
        """How the programme has read, the first revision first: who wrote it, in answer to what, and what differs."""

        async def work(tx: EnrolmentTransaction) -> View:
            found(await tx.programmes.get(code), "programme", code)
            rows = await tx.revisions.find(
                {"programme": code, "number": {"$gte": after}}, sort=[("number", 1)], limit=limit + 2
            )
            before = {each.number: each for each in rows}
            if after and after not in before:
                raise strange_after(after)
            shown = [views.revision(each, before.get(each.number - 1)) for each in rows if each.number > after]
            return {"items": shown[:limit], "next": shown[limit - 1]["revision"] if len(shown) > limit else None}

        return await door.see(work)

    @router.get(
        "/programmes/{code}/revisions/{number}",
        response_model=shapes.Revision,
        dependencies=[door.readers],
        responses=told(404),
    )
    async def show_revision(code: str, number: Annotated[int, Path(ge=1, le=1_000_000)]) -> View:
        """How the programme read in one revision."""

        async def work(tx: EnrolmentTransaction) -> View:
            name = f"{code}~{number}"
            revision = found(await tx.revisions.get(name), "revision", name)
            return views.revision(revision, await tx.revisions.get(f"{code}~{number - 1}"))

        return await door.see(work)


def _add_reading(router: APIRouter, door: Door) -> None:
    @router.get("/programmes", response_model=shapes.page_of(shapes.Programme), dependencies=[door.readers])
    async def list_programmes(part: Part) -> View:
        """The programmes as they read now."""

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.programmes, {}, part)
            waiting = await recommendations.waiting(tx, [each.id for each in shown])
            return part.page([views.programme(each, waiting) for each in shown], "code")

        return await door.see(work)

    @router.get("/programmes/{code}", response_model=shapes.Programme, dependencies=[door.readers], responses=told(404))
    async def show_programme(code: str) -> View:
        """One programme as it reads now."""

        async def work(tx: EnrolmentTransaction) -> View:
            programme = found(await tx.programmes.get(code), "programme", code)
            return views.programme(programme, await recommendations.waiting(tx, [code]))

        return await door.see(work)


def _add_queue(router: APIRouter, door: Door) -> None:
    @router.get(
        "/programmes/{code}/queue",
        response_model=shapes.page_of(shapes.Place),
        dependencies=[door.readers],
        responses=told(404),
    )
    async def show_queue(code: str, part: Part) -> View:
        """Those who wait, first in line first, each with her reason and with every time she was passed over."""

        async def work(tx: EnrolmentTransaction) -> View:
            found(await tx.programmes.get(code), "programme", code)
            line = await tx.places.queue_of(code)
            before = await begin_after(tx.places, part)
            if before and before.programme != code:
                raise strange_after(part.after)
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
