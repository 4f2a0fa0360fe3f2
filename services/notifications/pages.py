"""The pages of the office: what was sent to whom, how it fared, and what can be done when it did not arrive."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.notifications import office_words as words
from services.notifications.api import Doors
from services.notifications.commands import resending
from services.notifications.contents import CALENDAR_KINDS, UNSEEN_KINDS
from services.notifications.model import Message
from services.notifications.previews import preview
from services.notifications.rules.resending import RESENDABLE, Refusal
from services.notifications.store import NotificationsTransaction
from shared.delivery import Actor, Once
from shared.links import Links
from shared.web import PAGE_HEADERS, Guard, Pages, Problem

MOST = 100
Text = Annotated[str | None, Query(max_length=128)]
Field = Annotated[str, Form(max_length=300)]


@dataclass(frozen=True)
class OfficePages:
    """The pages; looking at any of them changes nothing, only a confirmed POST does."""

    doors: Doors
    pages: Pages
    links: Links
    zone: ZoneInfo

    async def search(
        self, actor: Actor, wanted: dict[str, str | None], said: str | None = None, status: int = 200
    ) -> HTMLResponse:
        """The newest messages that match."""
        asked = {name: value.strip() or None if value else None for name, value in wanted.items()}
        found = await self.doors.records.newest(asked, MOST + 1)
        return self._page(
            "messages",
            status,
            here="/messages",
            wanted=asked,
            kinds=words.KINDS,
            states=words.STATES,
            heading="Sökträffar" if any(asked.values()) else "Senaste",
            found=[self._row(message) for message in found[:MOST]],
            more=len(found) > MOST,
            said=said,
        )

    async def show(self, actor: Actor, message_id: str, said: str | None = None, status: int = 200) -> HTMLResponse:
        """One message: how it reads, and what has happened to it."""
        message = await self.doors.message(message_id)
        private = message.kind in UNSEEN_KINDS
        letter = None if private else await self.doors.records.letter(message_id)
        is_entry = message.kind in CALENDAR_KINDS and message.kind != "cancel"
        return self._page(
            "message",
            status,
            here="",
            one=await self._facts(message),
            timeline=await self._timeline(message),
            preview=preview(letter.content) if letter else None,
            private=private,
            may_resend=not private and message.state in RESENDABLE and actor.role in ("office", "operator"),
            may_reinvite=is_entry and message.is_over and actor.role == "office",
            csrf=self._csrf(actor),
            said=said,
        )

    async def resend(self, actor: Actor, message_id: str, csrf: str, once: str) -> Response:
        """Ask whether she is sure, and then send the same bytes again."""

        async def work(tx: NotificationsTransaction) -> str:
            return _slug(await resending.resend(tx, message_id))

        return await self._deed("resend", work, actor, message_id, (csrf, once))

    async def reinvite(self, actor: Actor, message_id: str, csrf: str, once: str) -> Response:
        """Ask whether she is sure, and then invite anew to what the message is about."""
        message = await self.doors.message(message_id)
        entry = await self.doors.records.invitation_of(message.order_key)

        async def work(tx: NotificationsTransaction) -> str:
            return _slug(await resending.reinvite(tx, entry.id if entry else ""))

        return await self._deed("reinvite", work, actor, message_id, (csrf, once))

    async def promises(self, after: str | None = None) -> HTMLResponse:
        """Who lacks an invite or an offer, and why."""
        found = await self.doors.records.breaches(limit=MOST, after=after)
        rows = [
            {
                "employee_id": one.employee_id,
                "promise": words.PROMISES[one.promise],
                "regarding": one.regarding,
                "reason": one.reason.text.sv,
                "since": words.moment(one.since, self.zone),
            }
            for one in found[:MOST]
        ]
        more = found[MOST - 1].id if len(found) > MOST else None
        return self._page("promises", here="/promises", found=rows, more=more)

    async def suppressions(self, actor: Actor, after: str | None, said: str | None) -> HTMLResponse:
        """Whose addresses nothing is sent to."""
        found = await self.doors.records.suppressions(limit=MOST, after=after)
        return self._page(
            "suppressions",
            here="/suppressions",
            found=[(one, words.moment(one.since, self.zone)) for one in found[:MOST]],
            more=found[MOST - 1].id if len(found) > MOST else None,
            may_lift=actor.role == "office",
            csrf=self._csrf(actor),
            said=said,
        )

    async def lift(self, actor: Actor, suppression_id: str, csrf: str) -> Response:
        """Let mails go to an address again."""
        self._check(actor, csrf)
        await self.doors.lift(suppression_id, actor)
        return RedirectResponse("/suppressions?said=lift", 303, headers=PAGE_HEADERS)

    async def _deed(
        self,
        what: str,
        work: Callable[[NotificationsTransaction], Awaitable[str]],
        actor: Actor,
        message_id: str,
        sent: tuple[str, str],
    ) -> Response:
        csrf, once = sent
        self._check(actor, csrf)
        if not once:
            return self._sure(what, actor, message_id)
        key = Once(once, f"{what} {message_id}")
        refused = await self.doors.delivery.run(work, actor=actor, action=what, once=key)
        if refused:
            return await self.show(actor, message_id, words.REFUSED.get(refused, refused), 409)
        return RedirectResponse(f"/messages/{message_id}?said={what}", 303, headers=PAGE_HEADERS)

    def _sure(self, what: str, actor: Actor, message_id: str) -> HTMLResponse:
        heading, text, button = words.CONFIRM[what]
        back = f"/messages/{message_id}"
        return self._page(
            "confirm",
            here="",
            heading=heading,
            text=text,
            button=button,
            action=f"{back}/{what}",
            back=back,
            csrf=self._csrf(actor),
            once=uuid4().hex,
        )

    def _csrf(self, actor: Actor) -> str:
        return self.links.sign("office-form", f"{actor.role}|{actor.name}")

    def _check(self, actor: Actor, csrf: str) -> None:
        """Another site can make a browser send a form, but it cannot know what stands in ours."""
        if self.links.read("office-form", csrf) != f"{actor.role}|{actor.name}":
            raise Problem(403, "form", "The form is not ours", "Open the page again and use its buttons.")

    def _row(self, message: Message) -> dict[str, Any]:
        return {
            "id": message.id,
            "kind": words.KINDS.get(message.kind, message.kind),
            "state": words.state_of(message),
            "about": f"{message.regarding}. " if message.regarding else "",
            "created": words.moment(message.created_at, self.zone),
            "who": message.employee_id,
            "reason": message.reason.text.sv if message.reason else None,
        }

    async def _facts(self, message: Message) -> dict[str, Any]:
        contact = await self.doors.records.contact(message.employee_id)
        card = contact.best_card if contact else None
        return {
            **self._row(message),
            "who": f"{card.name} ({message.employee_id})" if card else message.employee_id,
            "employee_id": message.employee_id,
            "regarding": message.regarding,
            "change_id": message.change_id,
            "deadline": words.moment(message.deadline, self.zone),
        }

    async def _timeline(self, message: Message) -> list[tuple[str, str]]:
        invitation = await self.doors.records.invitation_of(message.order_key)
        happened = words.happened(message, invitation)
        deeds = await self.doors.records.deeds(message.id)
        happened += [(deed["at"], f"{deed['who']} {words.DEEDS.get(deed['what'], deed['what'])}.") for deed in deeds]
        return [(words.moment(at, self.zone), text) for at, text in sorted(happened, key=lambda pair: pair[0])]

    def _page(self, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        return self.pages.render(f"office/{name}.html", "sv", status, **values)


def _slug(result: object) -> str:
    return result.slug if isinstance(result, Refusal) else ""


SAID = {"resend": words.RESENT, "reinvite": words.REINVITED, "lift": words.LIFTED}


def routes(office: OfficePages, guard: Guard) -> APIRouter:
    """The addresses of the pages."""
    router = APIRouter(include_in_schema=False)
    reader = Depends(guard.needs("office", "auditor", "operator"))
    resender = Depends(guard.needs("office", "operator"))
    only_office = Depends(guard.needs("office"))

    @router.get("/messages")
    async def search(
        actor: Annotated[Actor, reader],
        employee_id: Text = None,
        kind: Text = None,
        state: Text = None,
        change_id: Text = None,
    ) -> HTMLResponse:
        wanted = {"employee_id": employee_id, "kind": kind, "state": state, "change_id": change_id}
        return await office.search(actor, wanted)

    @router.get("/messages/{message_id}")
    async def show(message_id: str, actor: Annotated[Actor, reader], said: str = "") -> HTMLResponse:
        return await office.show(actor, message_id, SAID.get(said))

    @router.post("/messages/{message_id}/resend")
    async def resend(
        message_id: str, actor: Annotated[Actor, resender], csrf: Field = "", once: Field = ""
    ) -> Response:
        return await office.resend(actor, message_id, csrf, once)

    @router.post("/messages/{message_id}/reinvite")
    async def reinvite(
        message_id: str, actor: Annotated[Actor, only_office], csrf: Field = "", once: Field = ""
    ) -> Response:
        return await office.reinvite(actor, message_id, csrf, once)

    @router.get("/promises", dependencies=[reader])
    async def promises(after: Text = None) -> HTMLResponse:
        return await office.promises(after)

    @router.get("/suppressions")
    async def suppressions(actor: Annotated[Actor, reader], after: Text = None, said: str = "") -> HTMLResponse:
        return await office.suppressions(actor, after, SAID.get(said))

    @router.post("/suppressions/{suppression_id}/lift")
    async def lift(suppression_id: str, actor: Annotated[Actor, only_office], csrf: Field = "") -> Response:
        return await office.lift(actor, suppression_id, csrf)

    return router
