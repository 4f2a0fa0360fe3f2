"""Proposals of groups: asked for, looked at, changed and accepted by the office."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, model_validator

from services.enrolment import examples, model, shapes
from services.enrolment.api.asked import as_in
from services.enrolment.api.door import Call, Door, Part, found, granted, listed, told
from services.enrolment.commands import proposals
from services.enrolment.commands.proposals import Swapped
from services.enrolment.model import Proposal, Wish
from services.enrolment.rules.grouping_facts import Judgement, fewest, how_sure
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.views import View
from shared.events.base import Id, Reason

Seed = Annotated[int, Field(ge=0, le=2**31)]

MIX: Final = fewest(2, 2).model_dump()
WISH: Final = {"kind": "together", "one": "E100231", "other": "E100407"}
PROPOSAL: Final[dict[str, Any]] = {
    "proposal_id": "01981c5e-7f3a-7cc0-8a51-6f0d2b6c1a91",
    "version": 1,
    "programme": "FLC",
    "state": "proposed",
    "seed": 0,
    "wishes": [WISH],
    "groups": [{"cohort_id": "FLC-2026-2", "employees": ["E100231"], "why": [MIX]}],
    "passed": [{"employee_id": "E100407", "cohort_id": "FLC-2026-2", "reason": examples.SHARE_REACHED}],
    "unmet": [WISH | {"reason": examples.SHARE_REACHED}],
    "value": 2,
    "bound": 2,
    "seats_exact": True,
    "exact": True,
    "note": "",
    "at": "2026-08-17T06:00:00Z",
    "by": "Eva Lind",
    "seats": 1,
    "gap": 0,
    "mix": MIX,
    "seating": how_sure(True).model_dump(),
}


class WishFor(BaseModel):
    """Two people whom the office would like together, or apart, if the rules allow it."""

    kind: Literal["together", "apart"]
    one: Id
    other: Id

    @model_validator(mode="after")
    def _two_people(self) -> "WishFor":
        if self.one == self.other:
            raise ValueError("one and other are the same person: name two")
        return self


class NewProposal(BaseModel):
    """Groups to be composed for these cohorts from the programme's queue.

    The same seed gives the same groups from the same queue; another seed gives others that are as good.
    """

    model_config = as_in({"programme": "FLC", "cohorts": ["FLC-2026-2", "FLC-2026-3"], "wishes": [WISH]})

    programme: Id
    cohorts: Annotated[list[Id], Field(min_length=1, max_length=1000)]
    seed: Seed = 0
    wishes: Annotated[list[WishFor], Field(max_length=200)] = []


class Exchange(BaseModel):
    """Two people of different groups, by their employee ids."""

    model_config = as_in({"one": "E100231", "other": "E100407"})

    one: Id
    other: Id


class Acceptance(BaseModel):
    """What breaks a rule about who sits together needs `force` and a note."""

    model_config = as_in({"force": True, "note": "Agreed with both of them."})

    force: bool = False
    note: Annotated[str, Field(max_length=1000)] = ""


AS_IT_IS: Final = Acceptance()


class Again(BaseModel):
    """Another lot; without a seed the next one is taken."""

    model_config = as_in({"seed": 2})

    seed: Seed | None = None


Proposed = shapes.kept(
    "Proposal", model.Proposal, PROPOSAL, proposal_id=str, seats=int, gap=float, mix=Reason, seating=Reason
)


class Exchanged(shapes.Shape):
    """What the proposal was like before two people exchanged groups, and what it is like now."""

    model_config = shapes.told(
        {"before": {"broken": [], "value": 3}, "after": {"broken": [], "value": 2}, "proposal": PROPOSAL}
    )

    before: Judgement
    after: Judgement
    proposal: Proposed  # type: ignore[valid-type] # made from the document


def routes(door: Door) -> APIRouter:
    """The addresses under /proposals."""
    router = door.router("proposals")
    _add_asking(router, door)
    _add_deciding(router, door)
    _add_reading(router, door)
    return router


def view(proposal: Proposal) -> View:
    """A proposal with each group and why it is mixed so, who is passed over and why, and how good it is for certain."""
    seats = sum(len(seating.employees) for seating in proposal.groups)
    mix = fewest(int(proposal.value), int(proposal.bound)).model_dump(mode="json")
    return {
        "proposal_id": proposal.id,
        **proposal.model_dump(mode="json", exclude={"id"}),
        "seats": seats,
        "gap": round(proposal.gap, 6),
        "mix": mix,
        "seating": how_sure(proposal.seats_exact).model_dump(mode="json"),
    }


def _judgement(judgement: Judgement) -> View:
    return judgement.model_dump(mode="json")


def _swapped(swapped: Swapped) -> View:
    return {
        "before": _judgement(swapped.before),
        "after": _judgement(swapped.after),
        "proposal": view(swapped.proposal),
    }


def _add_asking(router: APIRouter, door: Door) -> None:
    @router.post("/proposals", status_code=201, response_model=Proposed, responses=told(404, 409))
    async def propose(body: NewProposal, call: Annotated[Call, door.by_office]) -> View:
        """Compose groups for several cohorts from one queue; nobody is told anything."""
        wishes = [Wish(kind=wish.kind, one=wish.one, other=wish.other) for wish in body.wishes]
        cohorts = list(dict.fromkeys(body.cohorts))

        async def work(tx: EnrolmentTransaction) -> View:
            made = proposals.propose(tx, body.programme, cohorts, seed=body.seed, wishes=wishes, by=call.actor.name)
            return view(granted(await made))

        return await door.do(work, call, "propose groups")

    @router.post("/proposals/{proposal_id}/again", status_code=201, response_model=Proposed, responses=told(404, 409))
    async def again(proposal_id: str, body: Again, call: Annotated[Call, door.by_office]) -> View:
        """Compose the same cohorts anew, from the queue as it is now and by another lot."""

        async def work(tx: EnrolmentTransaction) -> View:
            return view(granted(await proposals.again(tx, proposal_id, seed=body.seed, by=call.actor.name)))

        return await door.do(work, call, "propose groups again")


def _add_deciding(router: APIRouter, door: Door) -> None:
    @router.post("/proposals/{proposal_id}/swap", response_model=Exchanged, responses=told(404, 409, 412))
    async def swap(
        proposal_id: str,
        body: Exchange,
        call: Annotated[Call, door.by_office],
        preview: Annotated[bool, Query(description="Only tell what it would do.")] = False,
    ) -> View:
        """Exchange two people between groups, and tell which rules that breaks and what it does to the mix."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.proposals.get(proposal_id))
            return _swapped(granted(await proposals.swap(tx, proposal_id, body.one, body.other)))

        return await (door.rehearse(work) if preview else door.do(work, call, "swap in proposal"))

    @router.post("/proposals/{proposal_id}/accept", response_model=Proposed, responses=told(404, 409, 412))
    async def accept(proposal_id: str, call: Annotated[Call, door.by_office], body: Acceptance = AS_IT_IS) -> View:
        """Offer all the proposed seats; such as break a rule, if the office insists and says why."""

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.proposals.get(proposal_id))
            return view(granted(await proposals.accept(tx, proposal_id, note=body.note, force=body.force)))

        return await door.do(work, call, "accept proposal")


def _add_reading(router: APIRouter, door: Door) -> None:
    @router.get("/proposals", response_model=shapes.page_of(Proposed), dependencies=[door.readers])
    async def list_proposals(part: Part) -> View:
        """All proposals, the oldest first."""

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.proposals, {}, part)
            return part.page([view(each) for each in shown], "proposal_id")

        return await door.see(work)

    @router.get("/proposals/{proposal_id}", response_model=Proposed, dependencies=[door.readers], responses=told(404))
    async def show_proposal(proposal_id: str) -> View:
        """One proposal."""

        async def work(tx: EnrolmentTransaction) -> View:
            return view(found(await tx.proposals.get(proposal_id), "proposal", proposal_id))

        return await door.see(work)
