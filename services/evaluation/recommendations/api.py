"""What programs can ask about recommendations, and how the office answers one."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.evaluation.commands import recommending
from services.evaluation.model import Recommendation, RecommendationState, Setup
from services.evaluation.rules.evidence import Compared, compared
from services.evaluation.rules.recommendations import Decision
from services.evaluation.store import EvaluationTransaction, Reader
from shared.delivery import Actor, Delivery, Once
from shared.events.evaluation import Finding
from shared.web import Guard, Paging, Problem, idempotency_key

LONGEST_REASON = 500

Reason = Annotated[str, Field(max_length=LONGEST_REASON)]


class Comparison(BaseModel):
    """An indicator since the programme was changed, beside what it was before, in points with a 95 % interval."""

    indicator: str
    earlier: int
    later: int
    gain: float
    low: float
    high: float


class Told(BaseModel):
    """A recommendation as it stands."""

    recommendation_id: str
    version: int
    programme: str
    revision: int
    cohort_ids: list[str]
    release_ids: list[str]
    rule_version: str
    findings: list[Finding]
    recommended_on: date
    state: RecommendationState
    decided_by: str | None
    decided_on: date | None
    reason: str | None
    addressed_by: int | None
    since: list[Comparison]
    url: str


class Listed(BaseModel):
    """A part of the recommendations."""

    items: list[Told]
    next: str | None


class Answer(BaseModel):
    """What the office says to a recommendation; whoever declines says why, and names nobody."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"outcome": "declined", "reason": "Lokalen var för liten."}}
    )

    outcome: Literal["accepted", "declined"]
    reason: Reason | None = None

    @model_validator(mode="after")
    def _declined_with_a_reason(self) -> "Answer":
        if self.outcome == "declined" and not (self.reason or "").strip():
            raise ValueError("say why: whoever declines a recommendation gives a reason")
        return self


@dataclass(frozen=True)
class Doors:
    """The JSON doors, and what pages share with them."""

    reader: Reader
    delivery: Delivery[EvaluationTransaction]
    setup: Setup

    async def page(self, paging: Annotated[Paging, Depends()]) -> dict[str, Any]:
        """Recommendations by id, with what became of each."""
        found = await self.reader.page(Recommendation, limit=paging.limit, after=paging.after)
        return paging.page([await self.told(one) for one in found], "recommendation_id")

    async def show(self, recommendation_id: str) -> dict[str, Any]:
        """One recommendation."""
        return await self.told(await self.found(recommendation_id))

    async def found(self, recommendation_id: str) -> Recommendation:
        """The recommendation with this id.

        Raises:
            Problem: 404, there is none.
        """
        found = await self.reader.get(Recommendation, recommendation_id)
        if found is None:
            raise Problem(404, "no-recommendation", "No such recommendation", "Look for its id in the list of them.")
        return found

    async def decide(
        self, recommendation_id: str, outcome: Decision, reason: str | None, actor: Actor, once: Once | None = None
    ) -> dict[str, Any]:
        """Accept or decline; the first of two decisions counts.

        Raises:
            Problem: 404, there is no such recommendation; 409, it has been decided already.
        """
        said = (reason or "").strip() or None

        async def work(tx: EvaluationTransaction) -> dict[str, Any]:
            known, taken = await recommending.decide(recommendation_id, outcome, said, actor.name, tx)
            if known is None:
                raise Problem(404, "no-recommendation", "No such recommendation", "Look for its id in the list.")
            if not taken:
                who = f" by {known.decided_by}" if known.decided_by else ""
                detail = f"It is {known.state.value}{who} already, and that stands: read it before you do anything."
                raise Problem(409, "already-decided", "Not possible as things stand", detail)
            return _view(known, [], self.setup)

        return await self.delivery.run(work, actor=actor, action="answer recommendation", once=once)

    async def compared(self, one: Recommendation) -> list[Compared]:
        """How each indicator has gone since a revision answered the recommendation, where that can be told yet."""
        if one.addressed_by is None:
            return []
        releases = await self.reader.releases_of_programme(one.programme)
        names = dict.fromkeys(finding.indicator for finding in one.findings)
        told = [compared(releases, name, revision=one.revision, since=one.addressed_by) for name in names]
        return [each for each in told if each is not None]

    async def told(self, one: Recommendation) -> dict[str, Any]:
        """A recommendation as programs read it."""
        return _view(one, await self.compared(one), self.setup)


def _view(one: Recommendation, since: list[Compared], setup: Setup) -> dict[str, Any]:
    fields = one.model_dump(mode="json", exclude={"id", "title"})
    compared = [
        {
            "indicator": each.indicator,
            "earlier": each.earlier,
            "later": each.later,
            "gain": round(each.gain, 1),
            "low": round(each.low, 1),
            "high": round(each.high, 1),
        }
        for each in since
    ]
    url = f"{setup.public_url}/recommendations/{one.id}"
    return {"recommendation_id": one.id, **fields, "since": compared, "url": url}


def routes(doors: Doors, guard: Guard) -> APIRouter:
    """The addresses of the doors."""
    readers = [Depends(guard.needs("office", "auditor"))]
    router = APIRouter(prefix="/api/recommendations", tags=["recommendations"])
    router.add_api_route("", doors.page, dependencies=readers, response_model=Listed)
    router.add_api_route(
        "/{recommendation_id}", doors.show, dependencies=readers, response_model=Told, responses={404: {}}
    )

    @router.post("/{recommendation_id}/answer", response_model=Told, responses={404: {}, 409: {}})
    async def answer(
        recommendation_id: str,
        body: Answer,
        response: Response,
        actor: Annotated[Actor, Depends(guard.needs("office"))],
        once: Annotated[Once | None, Depends(idempotency_key)],
    ) -> dict[str, Any]:
        """Accept a recommendation, or decline it with a reason. It is decided once: the first answer counts."""
        told = await doors.decide(recommendation_id, body.outcome, body.reason, actor, once)
        if once and once.replayed:
            response.headers["Idempotent-Replay"] = "true"
        return told

    return router
