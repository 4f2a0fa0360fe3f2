"""What every door for programs has in common: who may come in, how a change is asked for, how a "no" is told."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Response

from services.enrolment.api.versions import Versioned, compare, nothing_to_compare
from services.enrolment.rules.refusal import Refusal, unknown
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.delivery import Actor, Delivery, Once
from shared.documents import Documents
from shared.model import Document
from shared.web import Guard, Paging, Problem, idempotency_key

T = TypeVar("T")
R = TypeVar("R")
D = TypeVar("D", bound=Document)
Part = Annotated[Paging, Depends()]
Work = Callable[[EnrolmentTransaction], Awaitable[R]]

STATUS = {"unknown": 404, "conflict": 409, "invalid": 422}
TITLE = {"unknown": "Not found", "conflict": "Not possible as things stand", "invalid": "The request is not right"}


IF_MATCH: Final = (
    "The ETag that you have seen: if it has changed since, nothing is done (412). Without it, it is done to whatever"
    " there is now, as far as the rules allow, also to what somebody else has changed since you looked."
)


@dataclass(slots=True)
class Call:
    """A change that somebody asks for."""

    actor: Actor
    once: Once | None
    if_match: str | None
    response: Response
    compared: bool = False

    def meets(self, document: Document | None) -> None:
        """Refuse the change if the caller has seen another version of what she changes; ask inside the transaction.

        Raises:
            Problem: 412, the document is at another version.
        """
        if document and self.if_match is not None:
            compare(self.if_match, document)
            self.compared = True


class Door:
    """The way in: whoever has the role sees or changes something in one transaction.

    `office`, `teachers`, `readers`, `operators` are dependencies that let these roles in and give the `Actor`;
    `by_office`, `by_teachers`, `by_operators` let them in for a change and give the `Call`. Those who keep the staff
    register in order (`staff_keepers`) are the office and the operators. `teachers` and `cohort_readers` let in
    facilitators, too: whoever uses them must ask `cohorts.hers` for the cohort.
    """

    def __init__(self, delivery: Delivery[EnrolmentTransaction], guard: Guard, zone: ZoneInfo) -> None:
        self._delivery, self.zone = delivery, zone
        self.office = Depends(guard.needs("office"))
        self.teachers = Depends(guard.needs("office", "facilitator"))
        self.readers = Depends(guard.needs("office", "auditor"))
        self.cohort_readers = Depends(guard.needs("office", "auditor", "facilitator"))
        self.operators = Depends(guard.needs("operator"))
        self.by_office = Depends(_call(self.office))
        self.by_teachers = Depends(_call(self.teachers))
        self.by_operators = Depends(_call(self.operators))
        self.staff_keepers = Depends(guard.needs("office", "operator"))
        self.by_staff_keepers = Depends(_call(self.staff_keepers))

    def router(self, tag: str) -> APIRouter:
        """An empty router for the resources called `tag`."""
        return APIRouter(tags=[tag], route_class=Versioned)

    async def see(self, work: Work[R]) -> R:
        """Read in one transaction, so that everything read belongs together."""
        return await self._delivery.run(work)

    async def do(self, work: Work[View], call: Call, action: str) -> View:
        """Change something, once for each idempotency key, and write it to the audit log as `action`."""

        async def compared(tx: EnrolmentTransaction) -> View:
            call.compared = False
            answer = await work(tx)
            if call.if_match is not None and not call.compared:
                raise nothing_to_compare()
            return answer

        answer = await self._delivery.run(compared, actor=call.actor, action=action, once=call.once)
        if call.once and call.once.replayed:
            call.response.headers["Idempotent-Replay"] = "true"
        return answer

    async def rehearse(self, work: Work[R]) -> R:
        """See what a change would lead to: it is done and taken back."""
        return await self._delivery.run(work, rehearsal=True)

    def moment(self, moment: datetime) -> datetime:
        """A moment somebody wrote; without offset it is local.

        Raises:
            Problem: 422, it lies so far away that it cannot be reckoned with.
        """
        try:
            return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)
        except OverflowError:
            raise Problem(
                422, "time-too-far", TITLE["invalid"], f"{moment} is no time to meet: correct the year"
            ) from None


def _call(role: Any) -> Callable[..., Awaitable[Call]]:
    async def call(
        response: Response,
        actor: Annotated[Actor, role],
        once: Annotated[Once | None, Depends(idempotency_key)],
        if_match: Annotated[str | None, Header(max_length=1000, description=IF_MATCH)] = None,
    ) -> Call:
        return Call(actor, once, if_match, response)

    return call


def told(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=` of a route: the refusals that it may answer with, besides those that follow from what it takes.

    Those need not be named: 401, 403, 503; with a body or parameters 400, 413, 422; with a `Call` 412.
    """
    return {status: {"description": ""} for status in statuses}


def granted(result: T | Refusal) -> T:
    """What a command gave; a business "no" is told as a problem."""
    if isinstance(result, Refusal):
        raise Problem(STATUS[result.kind], result.slug, TITLE[result.kind], result.detail)
    return result


async def begin_after(room: Documents[D], part: Paging) -> D | None:
    """What the part of a list that is asked for comes after; nothing at the beginning.

    Raises:
        Problem: 422, there is no such thing: the list would begin anew, or somewhere.
    """
    document = await room.get(part.after) if part.after else None
    if part.after and document is None:
        raise strange_after(part.after)
    return document


def strange_after(after: object) -> Problem:
    """A list is to go on after something that is not in it."""
    detail = f"the list cannot go on after {after}, which is not in it: send the next of the part before, or no after"
    return Problem(422, "strange-after", TITLE["invalid"], detail)


async def listed(room: Documents[D], query: Mapping[str, Any], part: Paging) -> list[D]:
    """One part of what matches in the order of ids, and one more to show that there is more.

    Raises:
        Problem: 422, see `begin_after`.
    """
    await begin_after(room, part)
    past = {"_id": {"$gt": part.after}} if part.after else {}
    return await room.find({**query, **past}, sort=[("_id", 1)], limit=part.limit + 1)


def found(document: T | None, what: str, name: str) -> T:
    """The document, or the problem that there is no `what` called `name`."""
    return granted(unknown(what, name) if document is None else document)
