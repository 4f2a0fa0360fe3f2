"""Approvals: whose answer is waited for, and the office's own answer."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.enrolment import views
from services.enrolment.api.door import Call, Door, Part, granted, told
from services.enrolment.commands import approvals
from services.enrolment.model import Place
from services.enrolment.store import EnrolmentTransaction, listed
from services.enrolment.views import View

AWAITED = {"state": "queued", "approval.state": "requested"}


class Answer(BaseModel):
    """The office's answer to whether somebody may go; the note is kept beside it."""

    approved: bool
    note: Annotated[str, Field(max_length=1000)] = ""


def routes(door: Door) -> APIRouter:
    """The addresses under /approvals, and the approval of a place."""
    router = door.router("approvals")

    @router.get("/approvals", dependencies=[door.readers])
    async def list_approvals(part: Part) -> View:
        """Whose approval is waited for: about whom, since when, and with whom; without an approver it is the office."""

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.places, AWAITED, limit=part.limit, after=part.after)
            return part.page([_view(each) for each in shown], "place_id")

        return await door.see(work)

    @router.post("/places/{place_id}/approval", responses=told(404, 409))
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
    asked = place.approval.model_dump(mode="json") if place.approval else {}
    return {
        "place_id": place.id,
        "version": place.version,
        "employee_id": place.employee_id,
        "programme": place.programme,
        "queued_at": place.queued_at.isoformat(),
        "approver_id": asked.get("approver_id"),
        "asked_at": asked.get("asked_at"),
        "answer_by": asked.get("answer_by"),
        "round": asked.get("round"),
        "silent": asked.get("silent"),
    }
