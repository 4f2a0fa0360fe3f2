"""Approvals: whose answer is waited for, and the office's own answer."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.enrolment import shapes, views
from services.enrolment.api.asked import as_in
from services.enrolment.api.door import Call, Door, Part, granted, listed, told
from services.enrolment.commands import approvals
from services.enrolment.model import Place
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View

AWAITED = {"state": "queued", "approval.state": "requested"}


class Awaited(shapes.Shape):
    """Somebody who waits, and whose answer she waits for."""

    model_config = shapes.told(
        {
            "place_id": "FLC:E100231:1",
            "version": 2,
            "employee_id": "E100231",
            "programme": "FLC",
            "queued_at": "2026-09-01T08:00:00Z",
            "approver_id": "E100007",
            "asked_at": "2026-09-01T08:00:00Z",
            "answer_by": "2026-09-08T08:00:00Z",
            "round": 1,
            "silent": [],
        }
    )

    place_id: str
    version: int
    employee_id: str
    programme: str
    queued_at: datetime
    approver_id: str | None
    """Who is asked; none: the office."""
    asked_at: datetime
    answer_by: datetime | None
    round: int
    silent: list[str]
    """Who did not answer in time, or could not be reached."""


class Answer(BaseModel):
    """The office's answer to whether somebody may go; the note is kept beside it."""

    model_config = as_in({"approved": True, "note": "Her manager said yes."})

    approved: bool
    note: Annotated[str, Field(max_length=1000)] = ""


def routes(door: Door) -> APIRouter:
    """The addresses under /approvals, and the approval of a place."""
    router = door.router("approvals")

    @router.get("/approvals", response_model=shapes.page_of(Awaited), dependencies=[door.readers])
    async def list_approvals(part: Part) -> View:
        """Whose approval is waited for: about whom, since when, and with whom; without an approver it is the office."""

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.places, AWAITED, part)
            return part.page([_view(each) for each in shown], "place_id")

        return await door.see(work)

    @router.post("/places/{place_id}/approval", response_model=shapes.Place, responses=told(404, 409))
    async def answer_for_manager(place_id: str, body: Answer, call: Annotated[Call, door.by_office]) -> View:
        """Say whether she may go, whoever else is asked: approved, she can be offered a seat; if not, she is out."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.places.get(place_id))
            done = await approvals.decide(
                tx, place_id, by=call.actor.name, approved=body.approved, note=body.note.strip()
            )
            return views.place(granted(done))

        return await door.do(work, call, "approve" if body.approved else "refuse approval")

    return router


def _view(place: Place) -> View:
    asked = place.approval
    if asked is None:
        raise AssertionError(f"{place.id} was found by its approval and has none")
    return Awaited(
        place_id=place.id,
        version=place.version,
        employee_id=place.employee_id,
        programme=place.programme,
        queued_at=place.queued_at,
        approver_id=asked.approver_id,
        asked_at=asked.asked_at,
        answer_by=asked.answer_by,
        round=asked.round,
        silent=list(asked.silent),
    ).model_dump(mode="json")
