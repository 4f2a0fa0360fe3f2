"""The queue of a programme beside several of its cohorts, as the composition of groups sees them."""

from collections.abc import Mapping, Sequence

from services.enrolment.commands import seats
from services.enrolment.commands.engagements import sessions_of_all
from services.enrolment.model import Cohort, Employee, Place, Programme, Seating
from services.enrolment.rules import composition, offers
from services.enrolment.rules.grouping import Candidate, Room
from services.enrolment.rules.hindrances import has_nothing_of_her_own, in_cohort, unfit
from services.enrolment.rules.people import language_of
from services.enrolment.rules.reasons import Why
from services.enrolment.rules.refusal import Refusal, conflict, invalid, unknown
from services.enrolment.store import EnrolmentTransaction
from shared.events.base import Fact

Tree = dict[str, tuple[str | None, str | None]]


class Situation(Fact):
    """The queue as it stands, first in line first, and the cohorts with who sits there."""

    line: tuple[Candidate, ...]
    rooms: tuple[Room, ...]
    departments: Mapping[str, str]
    """Names of departments by their ids."""

    @property
    def people(self) -> dict[str, Candidate]:
        """Those who wait, by their ids."""
        return {person.employee_id: person for person in self.line}

    def waiting(self, seating: Seating) -> tuple[Candidate, ...]:
        """Those of a proposed group who still wait."""
        proposed = set(seating.employees)
        return tuple(person for person in self.line if person.employee_id in proposed)


async def situation(
    tx: EnrolmentTransaction, programme_code: str, cohort_ids: Sequence[str], seed: int
) -> Situation | Refusal:
    """The queue and the cohorts as they stand, or why seats in these cohorts cannot be offered."""
    programme = await tx.programmes.get(programme_code)
    if programme is None:
        return unknown("programme", programme_code)
    cohorts = await tx.cohorts.get_many(cohort_ids)
    for cohort_id in cohort_ids:
        if refusal := _unusable(cohorts.get(cohort_id), cohort_id, programme_code, tx):
            return refusal
    return Situation(
        line=await _line(tx, programme, tuple(cohorts.values()), seed),
        rooms=tuple([await _room(tx, cohort) for cohort in cohorts.values()]),
        departments={unit.id: unit.name for unit in await tx.units.all()},
    )


async def _line(
    tx: EnrolmentTransaction, programme: Programme, cohorts: Sequence[Cohort], seed: int
) -> tuple[Candidate, ...]:
    waiting = await tx.places.queue_of(programme.id)
    employees = await tx.employees.get_many(place.employee_id for place in waiting)
    expected = await sessions_of_all(tx, employees.values())
    units = await tx.units.tree()

    alike: dict[str, dict[str, Why]] = {}  # thousands, in hundreds of cohorts, are hindered as others with the language

    def hinders(place: Place, she: Employee) -> dict[str, Why]:
        found = ((each.id, in_cohort(place, she, each, expected[she.id], now=tx.now)) for each in cohorts)
        return {cohort_id: why for cohort_id, why in found if why}

    def candidate(place: Place) -> Candidate:
        she, language = employees[place.employee_id], language_of(employees[place.employee_id])
        if why := unfit(place, she, programme.content, units):
            known = {cohort.id: why for cohort in cohorts}
        elif not has_nothing_of_her_own(place, she, expected[she.id]):
            known = hinders(place, she)
        elif language in alike:
            known = alike[language]
        else:
            known = alike[language] = hinders(place, she)
        return _candidate(place, she, units).model_copy(update={"hindrances": known})

    line = {place.employee_id: candidate(place) for place in waiting}
    order = composition.in_line(((place.priority, place.queued_at, line[place.employee_id]) for place in waiting), seed)
    return tuple(line[person.employee_id] for person in order)


async def _room(tx: EnrolmentTransaction, cohort: Cohort) -> Room:
    seated = await tx.places.get_many(cohort.seats)
    employees = await tx.employees.get_many(place.employee_id for place in seated.values())
    units = await tx.units.tree()
    return Room(
        cohort_id=cohort.id,
        rules=cohort.content.group,
        seated=tuple(_candidate(place, employees[place.employee_id], units) for place in seated.values()),
        reserved=len(cohort.reserved),
        language=cohort.language,
        composed=cohort.state == "composed",
    )


def _candidate(place: Place, she: Employee, units: Tree) -> Candidate:
    person = seats.person(place, she, units)
    return Candidate.model_validate(person.model_dump() | {"language": language_of(she)})


def _unusable(cohort: Cohort | None, cohort_id: str, programme: str, tx: EnrolmentTransaction) -> Refusal | None:
    if cohort is None:
        return unknown("cohort", cohort_id)
    if cohort.programme != programme:
        return invalid("other-programme", f"{cohort_id} belongs to {cohort.programme}: name cohorts of {programme}")
    if not offers.may_fill(cohort, tx.now):
        return conflict("too-late", f"{cohort_id} begins too soon, or has begun: nobody could answer an offer in time")
    return None
