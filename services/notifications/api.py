"""What programs, the office and operators can ask: what was said to whom, how it fared, and what exactly it was."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from services.notifications.model import Invitation, Message, State
from services.notifications.store import Records
from shared.delivery import Actor
from shared.web import Guard, Paging, Problem


def routes(records: Records, guard: Guard) -> APIRouter:
    """The addresses under /api."""
    router = APIRouter(prefix="/api")
    reader = Annotated[Actor, Depends(guard.needs("office", "operator"))]

    @router.get("/messages")
    async def list_messages(
        _: reader,
        page: Annotated[Paging, Depends()],
        employee_id: str | None = None,
        kind: str | None = None,
        state: State | None = None,
    ) -> dict[str, Any]:
        """Messages, one page at a time."""
        wanted = {"employee_id": employee_id, "kind": kind, "state": state}
        found = await records.messages(wanted, limit=page.limit, after=page.after)
        return page.page([shown(message) for message in found], "message_id")

    @router.get("/messages/{message_id}")
    async def show_message(_: reader, message_id: str) -> dict[str, Any]:
        """One message and how it fared."""
        message = await records.message(message_id)
        if message is None:
            raise _nothing(message_id)
        return shown(message)

    @router.get("/messages/{message_id}/bytes")
    async def show_bytes(_: reader, message_id: str) -> Response:
        """What exactly is or was sent."""
        letter = await records.letter(message_id)
        if letter is None:
            raise _nothing(message_id)
        return Response(letter.content, media_type="message/rfc822")

    @router.get("/invitations")
    async def list_invitations(
        _: reader, page: Annotated[Paging, Depends()], employee_id: str | None = None
    ) -> dict[str, Any]:
        """Calendar identities, one page at a time."""
        found = await records.invitations({"employee_id": employee_id}, limit=page.limit, after=page.after)
        return page.page([shown_invitation(invitation) for invitation in found], "id")

    return router


def shown(message: Message) -> dict[str, Any]:
    """A message as others may see it: how it fared, not what it says."""
    seen = message.model_dump(mode="json", exclude={"id", "contents", "lease", "order_key"})
    return {"message_id": message.id, **seen}


def shown_invitation(invitation: Invitation) -> dict[str, Any]:
    """A calendar identity as others may see it."""
    names = {"id", "uid", "session_id", "cohort_id", "place_id", "employee_id", "round", "sequence", "method"}
    state = "live" if invitation.method == "REQUEST" else "cancelled"
    return {**invitation.model_dump(mode="json", include=names), "state": state}


def _nothing(message_id: str) -> Problem:
    return Problem(404, "message", "No such message", f"There is no message {message_id}, or it is not rendered yet.")
