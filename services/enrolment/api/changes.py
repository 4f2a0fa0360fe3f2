"""Changes of programmes and cohorts: proposed with what they lead to, approved, undone or dropped."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Body, Query
from pydantic import Field

from services.enrolment import examples, shapes, views
from services.enrolment.api.asked import Asked, as_in
from services.enrolment.api.door import Call, Door, Part, found, granted, listed, told
from services.enrolment.commands import changes, impacts
from services.enrolment.model import Change
from services.enrolment.rules.change_commands import AnyProposal, Command, read
from services.enrolment.rules.impact import Impact
from services.enrolment.rules.refusal import Refusal
from services.enrolment.rules.written import told_as
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View

State = Literal["proposed", "approved", "applied", "undone", "failed", "dropped"]
OPEN = frozenset({"proposed", "approved"})


NO_FINGERPRINT: Final = "is no fingerprint of an impact: copy the one that the change shows"
ONE_OF_EACH_KIND: Final = {each["kind"]: {"value": each} for each in examples.PROPOSALS}


class Approval(Asked):
    """What the office says when it approves.

    `seen`: fingerprint of the impact that it has looked at, if that is not the one at the proposal. `confirm_people`:
    the number that the preview asks to be confirmed, for a change that touches many.
    """

    model_config = as_in({"confirm_people": 140, "at_once": False})

    seen: Annotated[str, Field(pattern=r"^[0-9a-f]{20}$"), told_as(NO_FINGERPRINT)] | None = None
    confirm_people: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    at_once: bool = False


def routes(door: Door) -> APIRouter:
    """The addresses under /changes."""
    router = door.router("changes")
    _add_proposing(router, door)
    _add_approving(router, door)
    _add_leaving(router, door)
    _add_reading(router, door)
    return router


async def view(tx: EnrolmentTransaction, change: Change, fresh: Impact | None = None) -> View:
    """A change with its impact, the one that it keeps or a `fresh` one."""
    impact = fresh or Impact.model_validate(change.impact)
    return views.change(change, impact, await _names(tx, impact))


async def told_of(tx: EnrolmentTransaction, impact: Impact, *, in_detail: bool) -> View:
    """The figures of an impact, and with `in_detail` all of it."""
    if in_detail:
        return {"impact": views.impact_of(impact, await _names(tx, impact))}
    return {"touched": impact.touched, "mails": impact.mails, "withdrawn": len(impact.withdrawn)}


async def _names(tx: EnrolmentTransaction, impact: Impact) -> dict[str, str]:
    concerned = {person.employee_id for person in impact.people} | {clash.employee_id for clash in impact.clashes}
    employees = await tx.employees.get_many(sorted(concerned))
    return {who: f"{her.record.given_name} {her.record.family_name}" for who, her in employees.items() if her.record}


async def _rehearsed(door: Door, command: Command, by: str | None) -> Impact | Refusal:
    return await door.rehearse(lambda tx: impacts.rehearsed(tx, command, by))


async def _kept(door: Door, change_id: str) -> Change:
    async def work(tx: EnrolmentTransaction) -> Change:
        return found(await tx.changes.get(change_id), "change", change_id)

    return await door.see(work)


def _add_proposing(router: APIRouter, door: Door) -> None:
    @router.post("/changes", status_code=201, response_model=shapes.Change, responses=told(404, 409))
    async def propose(
        body: Annotated[AnyProposal, Body(openapi_examples=ONE_OF_EACH_KIND)], call: Annotated[Call, door.by_office]
    ) -> View:
        """Propose a change: it is rehearsed and taken back, and the answer tells what it would lead to."""
        impact = await _rehearsed(door, body.command, call.actor.name)

        async def work(tx: EnrolmentTransaction) -> View:
            change = await changes.propose(tx, body.command, granted(impact), note=body.note, by=call.actor.name)
            return await view(tx, change)

        return await door.do(work, call, "propose change")


def _add_approving(router: APIRouter, door: Door) -> None:
    @router.post("/changes/{change_id}/approve", response_model=shapes.Change, responses=told(404, 409))
    async def approve(change_id: str, body: Approval, call: Annotated[Call, door.by_office]) -> View:
        """Let a change take effect when it has settled, or at once; refused if it would lead to something unseen."""
        known = await _kept(door, change_id)
        fresh = await _rehearsed(door, read(known.kind, known.command), call.actor.name)

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.changes.get(change_id))
            approved = await changes.approve(
                tx,
                change_id,
                fresh,
                seen=body.seen,
                confirmed=body.confirm_people,
                at_once=body.at_once,
                by=call.actor.name,
            )
            return await view(tx, granted(approved))

        return await door.do(work, call, "approve change")


def _add_leaving(router: APIRouter, door: Door) -> None:
    @router.post("/changes/{change_id}/undo", response_model=shapes.Change, responses=told(404, 409))
    async def undo(change_id: str, call: Annotated[Call, door.by_office]) -> View:
        """Put back a change that has not taken effect; for one that has, propose what leads back."""
        back = granted(await door.see(lambda tx: changes.way_back(tx, change_id)))
        impact = await _rehearsed(door, back, call.actor.name) if back else None

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.changes.get(change_id))
            if back is None or impact is None:
                return await view(tx, granted(await changes.undo(tx, change_id)))
            proposed = await changes.propose(
                tx, back, granted(impact), note=f"undoes {change_id}", by=call.actor.name, undoes=change_id
            )
            return await view(tx, proposed)

        return await door.do(work, call, "undo change")

    @router.post("/changes/{change_id}/drop", response_model=shapes.Change, responses=told(404, 409))
    async def drop(change_id: str, call: Annotated[Call, door.by_office]) -> View:
        """Do not pursue a proposal."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.changes.get(change_id))
            return await view(tx, granted(await changes.drop(tx, change_id)))

        return await door.do(work, call, "drop change")


def _add_reading(router: APIRouter, door: Door) -> None:
    @router.get("/changes", response_model=shapes.page_of(shapes.Change), dependencies=[door.readers])
    async def list_changes(part: Part, state: Annotated[State | None, Query()] = None) -> View:
        """Changes, the oldest first, of one state if asked for; each with its impact when it was last looked at."""
        wanted = {"state": state} if state else {}

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.changes, wanted, part)
            return part.page([await view(tx, each) for each in shown], "change_id")

        return await door.see(work)

    @router.get(
        "/changes/{change_id}", response_model=shapes.ChangeSeen, dependencies=[door.readers], responses=told(404)
    )
    async def show_change(change_id: str, refresh: Annotated[bool, Query()] = False) -> View:
        """One change. `stale`: it would lead to something else now than when it was looked at; `refresh` shows what."""
        change = await _kept(door, change_id)
        command = read(change.kind, change.command)
        fresh = await _rehearsed(door, command, change.by) if change.state in OPEN else None

        async def work(tx: EnrolmentTransaction) -> View:
            if fresh is None:
                return await view(tx, change) | {"stale": False}
            if isinstance(fresh, Refusal):
                return await view(tx, change) | {"stale": True, "problem": fresh.detail}
            stale = fresh.fingerprint != Impact.model_validate(change.impact).fingerprint
            return await view(tx, change, fresh if refresh else None) | {"stale": stale}

        return await door.see(work)
