"""Publishing and revising programmes, and queueing whom they are for."""

from datetime import timedelta
from typing import Literal

from services.enrolment.commands import places
from services.enrolment.model import PlaceState, Programme
from services.enrolment.programme_file import ProgrammeFile
from services.enrolment.rules import audience
from services.enrolment.rules import places as place_rules
from services.enrolment.store import EnrolmentTransaction
from shared.events.base import Fact
from shared.events.enrolment import EvaluationFact, ModuleFact, ProgrammePublished, ProgrammeRevised
from shared.model import Timer

LOOK_AGAIN = "programme_look_again"
LONGEST_TRANSACTION = timedelta(minutes=1)
"""MongoDB ends a transaction that is older: whatever did not see the programme has been committed by then."""
SAID_NO: frozenset[PlaceState] = frozenset({"declined", "expired"})


class Applied(Fact):
    """What became of a programme file."""

    code: str
    revision: int
    outcome: Literal["published", "revised", "unchanged"]
    queued: int


async def apply(tx: EnrolmentTransaction, file: ProgrammeFile) -> Applied:
    """Let the programme read like this from now on. Cohorts that exist keep the revision they were made of."""
    known = await tx.programmes.get(file.code)
    if known and known.content == file:
        return Applied(code=file.code, revision=known.revision, outcome="unchanged", queued=0)
    programme = Programme(id=file.code, revision=known.revision + 1 if known else 1, content=file)
    tx.save(programme, _announcement(programme))
    tx.save(Timer.of(LOOK_AGAIN, programme.id, tx.now + LONGEST_TRANSACTION))
    queued = await _go_through_staff(tx, programme)
    outcome: Literal["published", "revised"] = "revised" if known else "published"
    return Applied(code=file.code, revision=programme.revision, outcome=outcome, queued=queued)


async def look_again(tx: EnrolmentTransaction, code: str) -> None:
    """Queue and withdraw those about whom HR told while the programme was being written: neither saw the other."""
    programme = await tx.programmes.get(code)
    if programme:
        await _go_through_staff(tx, programme)


async def _go_through_staff(tx: EnrolmentTransaction, programme: Programme) -> int:
    await _withdraw_whom_it_is_not_for(tx, programme)
    return await _queue_whom_it_is_for(tx, programme)


async def _withdraw_whom_it_is_not_for(tx: EnrolmentTransaction, programme: Programme) -> None:
    waiting = await tx.places.queue_of(programme.id)
    employees = await tx.employees.get_many(place.employee_id for place in waiting)
    for place in waiting:
        why = audience.reason_to_leave_queue(employees[place.employee_id], programme.content.audience)
        if why:
            await places.give_up(tx, place, place_rules.withdraw(place, why, tx.now))


async def _queue_whom_it_is_for(tx: EnrolmentTransaction, programme: Programme) -> int:
    """Queue everybody who matches, but nobody whose last word was no: a new text does not ask her again."""
    employees = await tx.employees.at_levels(programme.content.audience.levels)
    last = {
        employee.id: f"{programme.id}:{employee.id}:{employee.places.get(programme.id, 0)}" for employee in employees
    }
    places_before = await tx.places.get_many(last.values())
    queued = 0
    for employee in employees:
        before = places_before.get(last[employee.id])
        why = audience.reason_to_queue(employee, programme.content, tx.today)
        if why and (before is None or before.state not in SAID_NO):
            await places.queue(tx, employee, programme, why)
            queued += 1
    return queued


def _announcement(programme: Programme) -> ProgrammePublished | ProgrammeRevised:
    kind = ProgrammePublished if programme.revision == 1 else ProgrammeRevised
    content = programme.content
    return kind(
        version=programme.revision,
        programme=programme.id,
        title=content.title.localised(),
        purpose=content.purpose.localised(),
        goals=content.goals,
        modules=tuple(ModuleFact.model_validate(module.model_dump()) for module in content.modules),
        evaluation=EvaluationFact.model_validate(content.evaluation.model_dump()),
    )
