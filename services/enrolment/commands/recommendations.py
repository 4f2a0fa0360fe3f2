"""What evaluation recommends about programmes, as far as the office must see it where it revises one."""

from collections.abc import Sequence

from services.enrolment.model import Recommendation
from services.enrolment.rules.refusal import Refusal, conflict
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Outcome
from shared.events.evaluation import ProgrammeChangeRecommended, RecommendationResolved

WAITING = ("open", "accepted")
"""The states in which a recommendation waits for a revision."""


async def keep(tx: EnrolmentTransaction, event: ProgrammeChangeRecommended) -> Outcome:
    """A change of a programme is recommended. What has become of it may have been told before."""
    before = await tx.recommendations.get(event.recommendation_id)
    if before is not None and before.revision:
        return Outcome.stale
    told = Recommendation(
        id=event.recommendation_id,
        version=event.version,
        programme=event.programme,
        revision=event.revision,
        url=event.url,
    )
    tx.save(told.having(version=before.version, state=before.state) if before else told)
    return Outcome.applied


async def resolve(tx: EnrolmentTransaction, event: RecommendationResolved) -> Outcome:
    """The office has accepted or declined it, or a revision answers it."""
    known = await tx.recommendations.get(event.recommendation_id)
    before = known or Recommendation(id=event.recommendation_id, version=0, programme=event.programme)
    if event.version <= before.version:
        return Outcome.stale
    tx.save(before.having(version=event.version, state=event.outcome))
    return Outcome.applied


async def waiting(tx: EnrolmentTransaction, codes: Sequence[str]) -> list[Recommendation]:
    """Those that wait for a revision of one of these programmes, by id."""
    query = {"programme": {"$in": list(codes)}, "state": {"$in": WAITING}}
    return await tx.recommendations.find(query, sort=[("_id", 1)])


async def concerns(tx: EnrolmentTransaction, code: str, addresses: Sequence[str]) -> tuple[str, ...]:
    """What a revision leaves unanswered: recommendations that wait, and that it does not name."""
    return tuple(
        f"the evaluation recommends a change of revision {one.revision}: read {one.url}, and name it in addresses"
        f" (--addresses {one.id}) if this file answers it"
        for one in await waiting(tx, [code])
        if one.id not in addresses
    )


async def refusal(tx: EnrolmentTransaction, code: str, addresses: Sequence[str]) -> Refusal | None:
    """Why a programme cannot be revised in answer to these; nothing where all are known and about it."""
    known = await tx.recommendations.get_many(addresses)
    wrong = [each for each in addresses if each not in known or known[each].programme != code]
    if not wrong:
        return None
    those = ", ".join(one.id for one in await waiting(tx, [code])) or "none"
    detail = f"there is no recommendation {wrong[0]} about {code}: check its id; waiting for an answer: {those}"
    return conflict("no-such-recommendation", detail)
