"""What programs, the office and operators can ask: what was said to whom, how it fared, and what exactly it was."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from services.notifications.contents import PRIVATE_KINDS
from services.notifications.model import Invitation, Message, State
from services.notifications.store import Records
from shared.web import Guard, Paging, Problem

Page = Annotated[Paging, Depends()]


def routes(records: Records, guard: Guard) -> APIRouter:
    """The addresses under /api."""
    router = APIRouter(prefix="/api")
    reader = Depends(guard.needs("office", "operator"))
    router.include_router(_messages(records), dependencies=[reader])
    router.include_router(_invitations(records), dependencies=[reader])
    return router


def _messages(records: Records) -> APIRouter:
    router = APIRouter(prefix="/messages")

    @router.get("")
    async def list_messages(
        page: Page, employee_id: str | None = None, kind: str | None = None, state: State | None = None
    ) -> dict[str, Any]:
        """Messages, one page at a time."""
        wanted = {"employee_id": employee_id, "kind": kind, "state": state}
        found = await records.messages(wanted, limit=page.limit, after=page.after)
        return page.page([shown(message) for message in found], "message_id")

    @router.get("/{message_id}")
    async def show_message(message_id: str) -> dict[str, Any]:
        """One message and how it fared."""
        return shown(await _found(records, message_id))

    @router.get("/{message_id}/bytes")
    async def show_bytes(message_id: str) -> Response:
        """What exactly is or was sent; not if it holds a link by which one could answer in her name."""
        if (await _found(records, message_id)).kind in PRIVATE_KINDS:
            raise Problem(403, "private", "Hers alone", "A survey's link is for the person asked: nobody else sees it.")
        letter = await records.letter(message_id)
        if letter is None:
            raise Problem(404, "letter", "Nothing rendered", "The message has not been rendered: look at its state.")
        return Response(letter.content, media_type="message/rfc822")

    return router


def _invitations(records: Records) -> APIRouter:
    router = APIRouter(prefix="/invitations")

    @router.get("")
    async def list_invitations(page: Page, employee_id: str | None = None) -> dict[str, Any]:
        """Calendar identities, one page at a time."""
        found = await records.invitations({"employee_id": employee_id}, limit=page.limit, after=page.after)
        return page.page([shown_invitation(invitation) for invitation in found], "id")

    return router


async def _found(records: Records, message_id: str) -> Message:
    message = await records.message(message_id)
    if message is None:
        raise Problem(404, "message", "No such message", f"There is no message {message_id}: look at the list.")
    return message


def shown(message: Message) -> dict[str, Any]:
    """A message as others may see it: how it fared, not what it says."""
    seen = message.model_dump(mode="json", exclude={"id", "contents", "lease", "order_key"})
    return {"message_id": message.id, **seen}


def shown_invitation(invitation: Invitation) -> dict[str, Any]:
    """A calendar identity as others may see it."""
    names = {"id", "uid", "session_id", "cohort_id", "place_id", "employee_id", "round", "sequence", "method"}
    state = "live" if invitation.method == "REQUEST" else "cancelled"
    return {**invitation.model_dump(mode="json", include=names), "state": state}
