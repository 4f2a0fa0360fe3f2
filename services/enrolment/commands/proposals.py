"""Groups proposed from a queue: made, changed and asked for again by the office; accepted, they become offers."""

import asyncio
from collections.abc import Mapping, Sequence

from services.enrolment.commands import seats
from services.enrolment.commands.situations import Situation, situation
from services.enrolment.model import Overlooked, Proposal, Seating, Wish
from services.enrolment.rules import composition, grouping
from services.enrolment.rules.composition import Composition
from services.enrolment.rules.grouping import Candidate
from services.enrolment.rules.grouping_facts import Judgement, explain, judge, unmet_wishes
from services.enrolment.rules.reasons import said
from services.enrolment.rules.refusal import Refusal, conflict, invalid, unknown
from services.enrolment.store import EnrolmentTransaction
from shared.cloudevents import uuid7
from shared.events.base import Fact

NAMED = 10
"""As many problems a refusal tells about; the rest are counted."""


class Swapped(Fact):
    """What an exchange of two people leads to."""

    proposal: Proposal
    before: Judgement
    after: Judgement


async def propose(
    tx: EnrolmentTransaction,
    programme: str,
    cohort_ids: Sequence[str],
    *,
    seed: int,
    wishes: Sequence[Wish],
    by: str | None,
) -> Proposal | Refusal:
    """Compose groups for the cohorts from the programme's queue and keep them; nobody is told."""
    now = await situation(tx, programme, cohort_ids, seed)
    if isinstance(now, Refusal):
        return now
    # Seconds of reckoning when there are thousands: meanwhile, others are served.
    made = await asyncio.to_thread(grouping.group, now.line, now.rooms, wishes, seed)
    if not any(each.chosen for each in made.groups):
        return conflict(
            "nobody-fits",
            "none of the groups would have enough people who may sit together: wait for more, nominate somebody, or"
            " revise the programme's rules",
        )
    proposal = Proposal(
        id=uuid7(),
        programme=programme,
        seed=seed,
        wishes=tuple(wishes),
        groups=_explained(now, {each.cohort_id: [p.employee_id for p in each.chosen] for each in made.groups}),
        passed=_overlooked(made.passed),
        unmet=made.unmet,
        value=made.value,
        bound=made.bound,
        at=tx.now,
        by=by,
    )
    tx.save(proposal)
    return proposal


async def again(tx: EnrolmentTransaction, proposal_id: str, *, seed: int | None, by: str | None) -> Proposal | Refusal:
    """Another proposal for the same cohorts and wishes, from the queue as it is now; the earlier one stays."""
    proposal = await tx.proposals.get(proposal_id)
    if proposal is None:
        return unknown("proposal", proposal_id)
    cohort_ids = [seating.cohort_id for seating in proposal.groups]
    other = proposal.seed + 1 if seed is None else seed
    return await propose(tx, proposal.programme, cohort_ids, seed=other, wishes=proposal.wishes, by=by)


async def swap(tx: EnrolmentTransaction, proposal_id: str, one: str, other: str) -> Swapped | Refusal:
    """Exchange two people between two proposed groups, whatever that does to the rules; it is told."""
    proposal = await _open(tx, proposal_id)
    if isinstance(proposal, Refusal):
        return proposal
    where = {who: seating.cohort_id for seating in proposal.groups for who in seating.employees}
    for who in (one, other):
        if who not in where:
            return invalid("not-in-proposal", f"{who} has no seat in this proposal: name two people who have")
    if where[one] == where[other]:
        return invalid("same-group", f"{one} and {other} are in the same group: name two of different groups")
    now = await situation(tx, proposal.programme, [each.cohort_id for each in proposal.groups], proposal.seed)
    if isinstance(now, Refusal):
        return now
    taking = {one: other, other: one}
    groups = _explained(
        now, {each.cohort_id: [taking.get(who, who) for who in each.employees] for each in proposal.groups}
    )
    before, after = _judged(now, proposal.groups), _judged(now, groups)
    changed = proposal.having(
        version=proposal.version + 1,
        groups=groups,
        unmet=unmet_wishes(proposal.wishes, now.rooms, {each.cohort_id: each.employees for each in groups}),
        value=after.value,
    )
    tx.save(changed)
    return Swapped(proposal=changed, before=before, after=after)


async def accept(tx: EnrolmentTransaction, proposal_id: str) -> Proposal | Refusal:
    """Offer all the proposed seats, if every one of them can still be offered by the rules; accepted before: nothing
    more happens."""
    proposal = await tx.proposals.get(proposal_id)
    if proposal is None:
        return unknown("proposal", proposal_id)
    if proposal.state == "accepted":
        return proposal
    now = await situation(tx, proposal.programme, [each.cohort_id for each in proposal.groups], proposal.seed)
    if isinstance(now, Refusal):
        return now
    if problems := _problems(now, proposal):
        return _outdated(problems)
    passed = grouping.passed_over(now.line, now.rooms, {each.cohort_id: each.employees for each in proposal.groups})
    if isinstance(passed, Candidate):
        return _outdated([f"{passed.employee_id} stands before somebody whose seat she could have"])
    await _offer(tx, proposal, now, passed)
    accepted = proposal.having(version=proposal.version + 1, state="accepted")
    tx.save(accepted)
    return accepted


async def _offer(
    tx: EnrolmentTransaction, proposal: Proposal, now: Situation, passed: Sequence[grouping.PassedOver]
) -> None:
    """Offer each group its seats. Whoever is passed over is told once, for the first group that somebody behind her is
    in."""
    position = {person.employee_id: number for number, person in enumerate(now.line)}
    rooms = {room.cohort_id: room for room in now.rooms}
    untold = list(passed)
    composed = []
    for seating in proposal.groups:
        cohort = await tx.cohorts.get(seating.cohort_id)
        chosen = now.waiting(seating)
        if cohort is None or not chosen:
            continue
        last = max(position[person.employee_id] for person in chosen)
        told = [each for each in untold if position[each.person.employee_id] < last]
        untold = [each for each in untold if each not in told]
        room = rooms[cohort.id]
        group = Composition(
            chosen=chosen,
            passed=tuple(composition.Passed(person=each.person, why=each.why) for each in told),
            department_limit=room.limit(len(room.seated) + len(chosen)),
        )
        composed.append(await seats.seat(tx, cohort.having(seed=proposal.seed), group))
    for cohort in composed:
        await seats.refill(tx, cohort)


async def _open(tx: EnrolmentTransaction, proposal_id: str) -> Proposal | Refusal:
    proposal = await tx.proposals.get(proposal_id)
    if proposal is None:
        return unknown("proposal", proposal_id)
    if proposal.state == "accepted":
        return conflict(
            "proposal-accepted", "this proposal has been accepted, and its seats are offered: ask for another"
        )
    return proposal


def _explained(now: Situation, groups: Mapping[str, Sequence[str]]) -> tuple[Seating, ...]:
    people, rooms = now.people, {room.cohort_id: room for room in now.rooms}
    return tuple(
        Seating(
            cohort_id=cohort_id,
            employees=tuple(employees),
            why=explain(rooms[cohort_id], [people[who] for who in employees if who in people], now.departments),
        )
        for cohort_id, employees in groups.items()
    )


def _overlooked(passed: Sequence[grouping.PassedOver]) -> tuple[Overlooked, ...]:
    return tuple(Overlooked(employee_id=each.person.employee_id, reason=said(each.why)) for each in passed)


def _judged(now: Situation, groups: Sequence[Seating]) -> Judgement:
    return judge(now.rooms, {seating.cohort_id: now.waiting(seating) for seating in groups})


def _problems(now: Situation, proposal: Proposal) -> list[str]:
    """Why the proposal cannot be offered as the queue and the cohorts are now."""
    people = now.people
    gone = [who for seating in proposal.groups for who in seating.employees if who not in people]
    if gone:
        return [f"{who} no longer waits" for who in gone]
    broken = _judged(now, proposal.groups).broken
    return [f"{' and '.join(each.employees) or each.cohort_id}: {each.reason.text.en.rstrip('.')}" for each in broken]


def _outdated(problems: Sequence[str]) -> Refusal:
    more = f" (and {len(problems) - NAMED} more)" if len(problems) > NAMED else ""
    return conflict(
        "proposal-outdated",
        f"these seats cannot be offered as they are proposed: {'; '.join(problems[:NAMED])}{more}. Swap people, or ask"
        " for another proposal",
    )
