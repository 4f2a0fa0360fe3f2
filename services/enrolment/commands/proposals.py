"""Groups proposed from a queue: made, changed and asked for again by the office; accepted, they become offers."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from services.enrolment.commands import seats
from services.enrolment.commands.situations import Situation, situation
from services.enrolment.model import Overlooked, Proposal, Seating, Unmet, Wish
from services.enrolment.rules import composition, grouping
from services.enrolment.rules.composition import Composition
from services.enrolment.rules.grouping import Candidate
from services.enrolment.rules.grouping_facts import (
    Broken,
    Judgement,
    exchanged,
    explain,
    judge,
    unmet_wishes,
    why_unmet,
)
from services.enrolment.rules.reasons import said
from services.enrolment.rules.refusal import Refusal, conflict, invalid, unknown
from services.enrolment.store import EnrolmentTransaction
from shared.cloudevents import uuid7
from shared.events.base import Fact

NAMED = 10
"""As many problems a refusal tells about; the rest are counted."""
OFFICE_MAY_INSIST = frozenset(
    {
        "GroupTooSmall",
        "DepartmentShare",
        "OwnManager",
        "OtherLanguage",
        "OnLeave",
        "SessionClash",
        "LeavesBefore",
        "OfferTakenBack",
    }
)
"""What may be broken when the office says so, as when two colleagues exchange groups. The rest cannot be offered."""


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
    seated = {each.cohort_id: [p.employee_id for p in each.chosen] for each in made.groups}
    proposal = Proposal(
        id=uuid7(),
        programme=programme,
        seed=seed,
        wishes=tuple(wishes),
        groups=_explained(now, seated),
        passed=_overlooked(made.passed),
        unmet=_unmet(now, made.unmet, seated),
        value=made.value,
        bound=made.bound,
        seats_exact=made.seats_exact,
        exact=made.exact,
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
    seated = {each.cohort_id: [taking.get(who, who) for who in each.employees] for each in proposal.groups}
    groups = _explained(now, seated)
    before, after = _judged(now, proposal.groups), _judged(now, groups)
    unmet = _unmet(now, unmet_wishes(proposal.wishes, now.rooms, seated), seated, before=proposal.unmet)
    changed = proposal.having(
        version=proposal.version + 1,
        groups=groups,
        unmet=unmet,
        value=after.value,
        exact=proposal.exact and after.value == proposal.value and len(unmet) == len(proposal.unmet),
    )
    tx.save(changed)
    return Swapped(proposal=changed, before=before, after=after)


async def accept(
    tx: EnrolmentTransaction, proposal_id: str, *, note: str = "", force: bool = False
) -> Proposal | Refusal:
    """Offer all the proposed seats, if every one of them can still be offered by the rules; accepted before: nothing
    more happens. What breaks a rule is refused, unless the office may insist (`force`) and notes why."""
    proposal = await tx.proposals.get(proposal_id)
    if proposal is None:
        return unknown("proposal", proposal_id)
    if proposal.state == "accepted":
        return proposal
    now = await situation(tx, proposal.programme, [each.cohort_id for each in proposal.groups], proposal.seed)
    if isinstance(now, Refusal):
        return now
    broken = _judged(now, proposal.groups).broken
    if refusal := _why_not(now, proposal, broken, insists=force and bool(note)):
        return refusal
    passed = grouping.passed_over(now.line, now.rooms, {each.cohort_id: each.employees for each in proposal.groups})
    if isinstance(passed, Candidate):
        return _outdated([f"{passed.employee_id} stands before somebody whose seat she could have"])
    await _offer(tx, proposal, now, passed)
    accepted = proposal.having(version=proposal.version + 1, state="accepted", note=note if broken else "")
    tx.save(accepted)
    return accepted


def _why_not(now: Situation, proposal: Proposal, broken: Sequence[Broken], *, insists: bool) -> Refusal | None:
    """Why the seats cannot be offered as the queue and the cohorts are now."""
    people = now.people
    if gone := [who for seating in proposal.groups for who in seating.employees if who not in people]:
        return _outdated([f"{who} no longer waits" for who in gone])
    may_insist = all(each.rule in OFFICE_MAY_INSIST for each in broken)
    if broken and not (may_insist and insists):
        return _outdated(list(map(_in_words, broken)), may_insist=may_insist)
    return None


async def _offer(
    tx: EnrolmentTransaction, proposal: Proposal, now: Situation, passed: Sequence[grouping.PassedOver]
) -> None:
    """Offer each group its seats; whoever is passed over is told why for each group by itself."""
    told: dict[str, list[composition.Passed]] = {}
    for each in passed:
        told.setdefault(each.cohort_id, []).append(composition.Passed(person=each.person, why=each.why))
    rooms = {room.cohort_id: room for room in now.rooms}
    composed = []
    for seating in proposal.groups:
        cohort = await tx.cohorts.get(seating.cohort_id)
        chosen = now.waiting(seating)
        if cohort is None or not chosen:
            continue
        room = rooms[cohort.id]
        group = Composition(
            chosen=chosen,
            passed=tuple(told.get(cohort.id, ())),
            department_limit=room.limit(len(room.seated) + len(chosen)),
        )
        composed.append(await seats.seat(tx, cohort.having(seed=proposal.seed), group))
    for cohort in composed:
        seats.fill_soon(tx, cohort)


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
    found: dict[tuple[str, str], Overlooked] = {}
    for each in passed:
        one = Overlooked(employee_id=each.person.employee_id, cohort_id=each.cohort_id, reason=said(each.why))
        found.setdefault((one.employee_id, one.reason.code), one)
    return tuple(found.values())


def _unmet(
    now: Situation, wishes: Iterable[Wish], seated: Mapping[str, Sequence[str]], before: Sequence[Unmet] | None = None
) -> tuple[Unmet, ...]:
    """The wishes that are not met, and why: those that were met `before` an exchange, because of it."""
    seats, people = {who for them in seated.values() for who in them}, now.people
    known = {(each.kind, each.one, each.other): each for each in before or ()}

    def why(wish: Wish) -> Unmet:
        found = known.get((wish.kind, wish.one, wish.other))
        reason = exchanged() if before is not None else why_unmet(wish, people, now.rooms, seats)
        return found or Unmet(kind=wish.kind, one=wish.one, other=wish.other, reason=reason)

    return tuple(map(why, wishes))


def _judged(now: Situation, groups: Sequence[Seating]) -> Judgement:
    return judge(now.rooms, {seating.cohort_id: now.waiting(seating) for seating in groups})


def _in_words(broken: Broken) -> str:
    return f"{' and '.join(broken.employees) or broken.cohort_id}: {broken.reason.text.en.rstrip('.')}"


def _outdated(problems: Sequence[str], *, may_insist: bool = False) -> Refusal:
    more = f" (and {len(problems) - NAMED} more)" if len(problems) > NAMED else ""
    insist = ", or insist with force and a note that says why" if may_insist else ""
    return conflict(
        "proposal-outdated",
        f"these seats cannot be offered as they are proposed: {'; '.join(problems[:NAMED])}{more}. Swap people, or ask"
        f" for another proposal{insist}",
    )
