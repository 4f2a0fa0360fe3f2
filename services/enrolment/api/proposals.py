"""Proposals of groups: asked for, looked at, changed and accepted by the office."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, model_validator

from services.enrolment.api.door import Call, Door, Part, found, granted, told
from services.enrolment.commands import proposals
from services.enrolment.commands.proposals import Swapped
from services.enrolment.model import Proposal, Wish
from services.enrolment.rules.grouping_facts import Judgement, fewest, how_sure
from services.enrolment.store import EnrolmentTransaction, listed
from services.enrolment.views import View
from shared.events.base import Id

Seed = Annotated[int, Field(ge=0, le=2**31)]


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

    programme: Id
    cohorts: Annotated[list[Id], Field(min_length=1, max_length=1000)]
    seed: Seed = 0
    wishes: Annotated[list[WishFor], Field(max_length=200)] = []


class Exchange(BaseModel):
    """Two people of different groups, by their employee ids."""

    one: Id
    other: Id


class Acceptance(BaseModel):
    """What breaks a rule about who sits together needs `force` and a note."""

    force: bool = False
    note: Annotated[str, Field(max_length=1000)] = ""


class Again(BaseModel):
    """Another lot; without a seed the next one is taken."""

    seed: Seed | None = None


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
    @router.post("/proposals", status_code=201, responses=told(404, 409))
    async def propose(body: NewProposal, call: Annotated[Call, door.by_office]) -> View:
        """Compose groups for several cohorts from one queue; nobody is told anything."""
        wishes = [Wish(kind=wish.kind, one=wish.one, other=wish.other) for wish in body.wishes]
        cohorts = list(dict.fromkeys(body.cohorts))

        async def work(tx: EnrolmentTransaction) -> View:
            made = proposals.propose(tx, body.programme, cohorts, seed=body.seed, wishes=wishes, by=call.actor.name)
            return view(granted(await made))

        return await door.do(work, call, "propose groups")

    @router.post("/proposals/{proposal_id}/again", status_code=201, responses=told(404, 409))
    async def again(proposal_id: str, body: Again, call: Annotated[Call, door.by_office]) -> View:
        """Compose the same cohorts anew, from the queue as it is now and by another lot."""

        async def work(tx: EnrolmentTransaction) -> View:
            return view(granted(await proposals.again(tx, proposal_id, seed=body.seed, by=call.actor.name)))

        return await door.do(work, call, "propose groups again")


def _add_deciding(router: APIRouter, door: Door) -> None:
    @router.post("/proposals/{proposal_id}/swap", responses=told(404, 409, 412))
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

    @router.post("/proposals/{proposal_id}/accept", responses=told(404, 409, 412))
    async def accept(proposal_id: str, call: Annotated[Call, door.by_office], body: Acceptance | None = None) -> View:
        """Offer all the proposed seats; such as break a rule, if the office insists and says why."""
        how = body or Acceptance()

        async def work(tx: EnrolmentTransaction) -> View:
            call.meets(await tx.proposals.get(proposal_id))
            return view(granted(await proposals.accept(tx, proposal_id, note=how.note, force=how.force)))

        return await door.do(work, call, "accept proposal")


def _add_reading(router: APIRouter, door: Door) -> None:
    @router.get("/proposals", dependencies=[door.readers])
    async def list_proposals(part: Part) -> View:
        """All proposals, the oldest first."""

        async def work(tx: EnrolmentTransaction) -> View:
            shown = await listed(tx.proposals, {}, limit=part.limit, after=part.after)
            return part.page([view(each) for each in shown], "proposal_id")

        return await door.see(work)

    @router.get("/proposals/{proposal_id}", dependencies=[door.readers], responses=told(404))
    async def show_proposal(proposal_id: str) -> View:
        """One proposal."""

        async def work(tx: EnrolmentTransaction) -> View:
            return view(found(await tx.proposals.get(proposal_id), "proposal", proposal_id))

        return await door.see(work)
