"""What a change would lead to, read from the transaction in which it is rehearsed."""

from collections.abc import Iterable
from typing import TypeVar

from services.enrolment.commands.engagements import whom_it_clashes_for
from services.enrolment.commands.performing import perform
from services.enrolment.commands.seats import person
from services.enrolment.model import OPEN, Cohort, Place
from services.enrolment.rules import group_rules, impact
from services.enrolment.rules.change_commands import Command
from services.enrolment.rules.group_rules import BrokenRule
from services.enrolment.rules.impact import Clash, CohortTouched, Impact, Radius, Rehearsed
from services.enrolment.rules.refusal import Refusal
from services.enrolment.store import EnrolmentTransaction
from shared.events.hr import LEVELS, EmployeeChanged
from shared.model import Document

D = TypeVar("D", bound=Document)
Pair = tuple[D | None, D | None]

MANAGERS = LEVELS[LEVELS.index("first_line") :]


async def rehearsed(tx: EnrolmentTransaction, command: Command, by: str | None) -> Impact | Refusal:
    """What the command leads to; to be asked in a rehearsal, for it is done."""
    done = await perform(tx, command, by)
    return done if isinstance(done, Refusal) else await impact_of(tx, done.concerns)


async def impact_of(tx: EnrolmentTransaction, concerns: tuple[str, ...]) -> Impact:
    """What has been done in this transaction so far, told as its impact."""
    cohorts = list(tx.cohorts.changes().values())
    places = list(tx.places.changes().values())
    announced = tx.announced
    members = {after.id: await _members(tx, after.id, places) for _, after in cohorts if after}
    seen = Rehearsed(announced=announced, cohorts=cohorts, places=places, members=members)
    sessions = impact.sessions_touched(cohorts)
    odd = impact.on_odd_days(sessions, tx.zone, tx.calendar)
    return Impact(
        cohorts=tuple(_touched(after, members[after.id]) for _, after in cohorts if after),
        sessions=sessions,
        people=impact.people_touched(seen),
        queued=impact.queued(announced),
        withdrawn=impact.withdrawn(announced),
        deadlines=impact.shorter_deadlines(places),
        clashes=await _clashes(tx, cohorts),
        broken=await _broken(tx, cohorts),
        concerns=tuple(dict.fromkeys((*concerns, *odd))),
        of=await _radius(tx, places),
    )


def _touched(cohort: Cohort, members: tuple[str, ...]) -> CohortTouched:
    return CohortTouched(
        cohort_id=cohort.id,
        programme=cohort.programme,
        members=len(members),
        state=cohort.state,
        revision=cohort.revision,
    )


async def _members(tx: EnrolmentTransaction, cohort_id: str, places: Iterable[Pair[Place]]) -> tuple[str, ...]:
    """Those who belong to the cohort, or did before the change."""
    now = await tx.places.of_cohort(cohort_id)
    were = [before for before, _ in places if before and before.cohort_id == cohort_id]
    return tuple(sorted({place.employee_id for place in (*now, *were) if place.state == "confirmed"}))


async def _clashes(tx: EnrolmentTransaction, cohorts: Iterable[Pair[Cohort]]) -> tuple[Clash, ...]:
    """Those who are to be elsewhere, or away, at a session that is new or at another time."""
    found: list[Clash] = []
    for before, after in cohorts:
        for session in after.sessions if after else ():
            old = before.session(session.session_id) if before else None
            same = old and (old.starts_at, old.ends_at) == (session.starts_at, session.ends_at)
            if after is None or same or not session.to_come:
                continue
            for who, others in (await whom_it_clashes_for(tx, after, session)).items():
                found += [
                    Clash(
                        employee_id=who,
                        session_id=session.session_id,
                        other=other.session.session_id,
                        on=other.session.starts_at.date(),
                    )
                    for other in others
                ]
            day = session.starts_at.astimezone(tx.zone).date()
            found += [
                Clash(employee_id=who, session_id=session.session_id, other="leave", on=day)
                for who, facts in (await _what_hr_says_of(tx, after)).items()
                if any(fact.absent and fact.absent.covers(day) for fact in facts)
            ]
    return tuple(sorted(found, key=lambda each: (each.session_id, each.employee_id, each.other)))


async def _what_hr_says_of(tx: EnrolmentTransaction, cohort: Cohort) -> dict[str, list[EmployeeChanged]]:
    """How those with a seat stand, today and on coming days."""
    seated = (await tx.places.get_many(cohort.seats)).values()
    employees = await tx.employees.get_many(place.employee_id for place in seated)
    return {
        who: [fact for fact in (employee.record, *employee.upcoming) if isinstance(fact, EmployeeChanged)]
        for who, employee in employees.items()
    }


async def _broken(tx: EnrolmentTransaction, cohorts: Iterable[Pair[Cohort]]) -> tuple[BrokenRule, ...]:
    found: list[BrokenRule] = []
    for before, after in cohorts:
        if before and after and after.state == "composed":
            was, would_be = await _breaks(tx, before), await _breaks(tx, after)
            found += group_rules.newly_broken(was, would_be)
    return tuple(found)


async def _breaks(tx: EnrolmentTransaction, cohort: Cohort) -> tuple[BrokenRule, ...]:
    seated = (await tx.places.get_many(cohort.seats)).values()
    employees = await tx.employees.get_many(place.employee_id for place in seated)
    units = await tx.units.tree()
    people = [person(place, employees[place.employee_id], units) for place in seated]
    return group_rules.broken_rules(cohort, people)


async def _radius(tx: EnrolmentTransaction, places: Iterable[Pair[Place]]) -> Radius:
    """How many there were before the change."""
    places = list(places)
    changed = {after.id for _, after in places if after}
    rest = [place for place in await tx.places.find({"state": {"$in": sorted(OPEN)}}) if place.id not in changed]
    were = [before for before, _ in places if before and before.state in OPEN]
    return Radius(
        waiting_and_seated=len({place.employee_id for place in (*rest, *were)}),
        managers=len(await tx.employees.at_levels(MANAGERS)),
    )
