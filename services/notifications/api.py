"""What programs, the office and operators can ask: what was said to whom, how it fared, what exactly it was; and what
they can do when it did not arrive."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel

from services.notifications import shapes
from services.notifications.commands import resending
from services.notifications.contents import UNSEEN_KINDS
from services.notifications.model import Invitation, Letter, Message, State
from services.notifications.previews import Preview, preview
from services.notifications.records import Records
from services.notifications.rules.resending import Refusal
from services.notifications.store import NotificationsTransaction
from shared.delivery import Actor, Delivery, Once
from shared.web import Guard, Paging, Problem, idempotency_key

Page = Annotated[Paging, Depends()]
Key = Annotated[Once | None, Depends(idempotency_key)]
T = TypeVar("T")
S = TypeVar("S", bound=BaseModel)

STATUS = {"unknown": 404, "conflict": 409, "private": 403}
TITLE = {"unknown": "Not found", "conflict": "Not possible as things stand", "private": "Hers alone"}
PRIVATE = "A survey's link, or what somebody wrote, is for whoever it was sent to: nobody else sees it."


@dataclass(frozen=True)
class Wanted:
    """Which messages are asked for; `since` is when they came to be, in UTC where it names no zone."""

    employee_id: str | None = None
    kind: str | None = None
    state: State | None = None
    change_id: str | None = None
    since: datetime | None = None

    @property
    def equal(self) -> dict[str, str | None]:
        """What must be exactly so."""
        return {
            "employee_id": self.employee_id,
            "kind": self.kind,
            "state": self.state,
            "change_id": self.change_id,
        }

    @property
    def moment(self) -> datetime | None:
        """The moment that `since` is."""
        return self.since.replace(tzinfo=UTC) if self.since and self.since.tzinfo is None else self.since


@dataclass(frozen=True, slots=True)
class Doors:
    """What the doors for programs and for people share: the lists, and the way to change something."""

    records: Records
    delivery: Delivery[NotificationsTransaction]

    async def message(self, message_id: str) -> Message:
        """One message. Raises a problem if there is none."""
        message = await self.records.message(message_id)
        if message is None:
            raise Problem(404, "message", "No such message", f"There is no message {message_id}: look at the list.")
        return message

    async def letter(self, message_id: str) -> Letter:
        """The bytes of a message. Raises a problem if they are nobody's business, or not there."""
        if (await self.message(message_id)).kind in UNSEEN_KINDS:
            raise Problem(403, "private", "Hers alone", PRIVATE)
        letter = await self.records.letter(message_id)
        if letter is None:
            raise Problem(404, "letter", "Nothing rendered", "The message has not been rendered: look at its state.")
        return letter

    async def resend(self, message_id: str, actor: Actor, once: Once | None = None) -> dict[str, Any]:
        """Send the same bytes again."""

        async def work(tx: NotificationsTransaction) -> dict[str, Any]:
            return _json(shapes.MessageShown.of(granted(await resending.resend(tx, message_id))))

        return await self.delivery.run(work, actor=actor, action="resend", once=once)

    async def lift(self, suppression_id: str, actor: Actor, once: Once | None = None) -> dict[str, Any]:
        """Let mails go to an address again."""

        async def work(tx: NotificationsTransaction) -> dict[str, Any]:
            return _json(shapes.SuppressionShown.of(granted(await resending.lift(tx, suppression_id))))

        return await self.delivery.run(work, actor=actor, action="lift suppression", once=once)

    async def reinvite(
        self,
        how: Callable[[NotificationsTransaction, str], Awaitable[list[Invitation] | Refusal]],
        about: str,
        actor: Actor,
        once: Once | None = None,
    ) -> dict[str, Any]:
        """Take entries back and send others in their place."""

        async def work(tx: NotificationsTransaction) -> dict[str, Any]:
            made = [shapes.InvitationShown.of(one) for one in granted(await how(tx, about))]
            return _json(shapes.Reinvited(invitations=made))

        return await self.delivery.run(work, actor=actor, action="reinvite", once=once)


def granted(result: T | Refusal) -> T:
    """What a command gave; a business "no" is told as a problem."""
    if isinstance(result, Refusal):
        raise Problem(STATUS[result.kind], result.slug, TITLE[result.kind], result.detail)
    return result


def routes(doors: Doors, guard: Guard) -> APIRouter:
    """The addresses under /api."""
    router = APIRouter(prefix="/api")
    reader = Depends(guard.needs("office", "auditor", "operator"))
    router.include_router(_messages(doors.records, doors), dependencies=[reader])
    router.include_router(_bytes(doors), dependencies=[Depends(guard.needs("office", "operator"))])
    router.include_router(_invitations(doors.records), dependencies=[reader])
    router.include_router(_promises(doors.records), dependencies=[reader])
    router.include_router(_suppressions(doors.records), dependencies=[reader])
    router.include_router(_deeds(doors, guard))
    return router


def _messages(records: Records, doors: Doors) -> APIRouter:
    router = APIRouter(prefix="/messages", tags=["messages"])

    @router.get("", response_model=shapes.MessagePage)
    async def list_messages(page: Page, wanted: Annotated[Wanted, Depends()]) -> dict[str, Any]:
        """Messages, one page at a time."""
        found = await records.messages(wanted.equal, limit=page.limit, after=page.after, since=wanted.moment)
        return page.page([_json(shapes.MessageShown.of(message)) for message in found], "message_id")

    @router.get("/{message_id}")
    async def show_message(message_id: str) -> shapes.MessageShown:
        """One message and how it fared."""
        return shapes.MessageShown.of(await doors.message(message_id))

    @router.get("/{message_id}/preview")
    async def show_preview(message_id: str) -> Preview:
        """How the mail reads, as text and as a page, without the tokens in its links."""
        return preview((await doors.letter(message_id)).content)

    return router


def _bytes(doors: Doors) -> APIRouter:
    router = APIRouter(tags=["messages"])

    @router.get("/messages/{message_id}/bytes", response_class=Response)
    async def show_bytes(message_id: str) -> Response:
        """What exactly is or was sent; not if it holds a link by which one could answer in her name."""
        return Response((await doors.letter(message_id)).content, media_type="message/rfc822")

    return router


def _invitations(records: Records) -> APIRouter:
    router = APIRouter(prefix="/invitations", tags=["invitations"])

    @router.get("", response_model=shapes.InvitationPage)
    async def list_invitations(page: Page, employee_id: str | None = None) -> dict[str, Any]:
        """Calendar identities, one page at a time."""
        found = await records.invitations({"employee_id": employee_id}, limit=page.limit, after=page.after)
        return page.page([_json(shapes.InvitationShown.of(one)) for one in found], "id")

    return router


def _promises(records: Records) -> APIRouter:
    router = APIRouter(prefix="/promises", tags=["promises"])

    @router.get("/broken", response_model=shapes.BreachPage)
    async def list_broken(page: Page) -> dict[str, Any]:
        """Who should have an invite or an offer and has not, why, and since when."""
        found = await records.breaches(limit=page.limit, after=page.after)
        return page.page([_json(shapes.BreachShown.of(one)) for one in found], "breach_id")

    return router


def _suppressions(records: Records) -> APIRouter:
    router = APIRouter(prefix="/suppressions", tags=["suppressions"])

    @router.get("", response_model=shapes.SuppressionPage)
    async def list_suppressions(page: Page) -> dict[str, Any]:
        """Whose addresses nothing is sent to, and since which mail came back."""
        found = await records.suppressions(limit=page.limit, after=page.after)
        return page.page([_json(shapes.SuppressionShown.of(one)) for one in found], "suppression_id")

    return router


def _deeds(doors: Doors, guard: Guard) -> APIRouter:
    router = APIRouter()
    resender = Depends(guard.needs("office", "operator"))
    office = Depends(guard.needs("office"))

    @router.post("/messages/{message_id}/resend", response_model=shapes.MessageShown, tags=["messages"])
    async def resend(message_id: str, actor: Annotated[Actor, resender], once: Key, response: Response) -> Any:
        """Send the same bytes again, of a message that was sent, has failed, or of which nobody knows."""
        return _told(await doors.resend(message_id, actor, once), once, response)

    @router.post("/invitations/{invitation_id}/reinvite", response_model=shapes.Reinvited, tags=["invitations"])
    async def reinvite(invitation_id: str, actor: Annotated[Actor, office], once: Key, response: Response) -> Any:
        """Take an entry out of her calendar and send another with a UID of its own, for when hers has lost it."""
        done = await doors.reinvite(resending.reinvite, invitation_id, actor, once)
        return _told(done, once, response)

    @router.post("/places/{place_id}/reinvite", response_model=shapes.Reinvited, tags=["invitations"])
    async def reinvite_place(place_id: str, actor: Annotated[Actor, office], once: Key, response: Response) -> Any:
        """The same for every session to come of a place."""
        done = await doors.reinvite(resending.reinvite_place, place_id, actor, once)
        return _told(done, once, response)

    @router.delete("/suppressions/{suppression_id}", response_model=shapes.SuppressionShown, tags=["suppressions"])
    async def lift(suppression_id: str, actor: Annotated[Actor, office], once: Key, response: Response) -> Any:
        """Let mails go to the address again; what was not sent meanwhile is invited anew by the promise watch."""
        return _told(await doors.lift(suppression_id, actor, once), once, response)

    return router


def _told(answer: dict[str, Any], once: Once | None, response: Response) -> dict[str, Any]:
    if once and once.replayed:
        response.headers["Idempotent-Replay"] = "true"
    return answer


def _json(shape: BaseModel) -> dict[str, Any]:
    return shape.model_dump(mode="json")
