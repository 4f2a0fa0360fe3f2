"""What somebody is already expected at: the coming sessions of her offered and confirmed places."""

from collections.abc import Iterable

from services.enrolment.model import SEATED, Cohort, Employee, Session
from services.enrolment.rules import places
from services.enrolment.rules.sessions import Engagement, clashes
from services.enrolment.store import EnrolmentTransaction


async def sessions_of(tx: EnrolmentTransaction, employee: Employee) -> tuple[Engagement, ...]:
    """What she is to be at, first in time first."""
    return (await sessions_of_all(tx, (employee,)))[employee.id]


async def sessions_of_all(tx: EnrolmentTransaction, employees: Iterable[Employee]) -> dict[str, tuple[Engagement, ...]]:
    """What each of them is to be at, first in time first; two queries, however many they are."""
    people = {employee.id: employee for employee in employees}
    open_places = await tx.places.get_many(place_id for each in people.values() for place_id in each.open_places)
    seated = [place for place in open_places.values() if place.state in SEATED and place.cohort_id]
    cohorts = await tx.cohorts.get_many(place.cohort_id for place in seated if place.cohort_id)
    expected: dict[str, list[Engagement]] = {employee_id: [] for employee_id in people}
    for place in seated:
        cohort = cohorts[place.cohort_id or ""]
        excused = places.excused(place, cohort)
        expected[place.employee_id] += [
            Engagement(programme=cohort.programme, cohort_id=cohort.id, session=session)
            for session in cohort.sessions
            if session.to_come and session.session_id not in excused
        ]
    return {who: tuple(sorted(them, key=lambda one: one.session.starts_at)) for who, them in expected.items()}


async def whom_it_clashes_for(
    tx: EnrolmentTransaction, cohort: Cohort, session: Session
) -> dict[str, tuple[Engagement, ...]]:
    """The members of the cohort, offered or confirmed, who are to be elsewhere at the time of the session, and where.

    `session` may be one that does not exist yet, or that stands in the database at another time.
    """
    seated = (await tx.places.get_many(cohort.seats)).values()
    there = [place.employee_id for place in seated if session.module not in {one.module for one in place.credits}]
    employees = await tx.employees.get_many(there)
    found = {}
    for who, engagements in (await sessions_of_all(tx, employees.values())).items():
        elsewhere = [each for each in engagements if each.cohort_id != cohort.id]
        if them := clashes((session,), elsewhere):
            found[who] = them
    return found
