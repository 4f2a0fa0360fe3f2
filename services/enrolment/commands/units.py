"""Keeping the organisation as HR tells it."""

from services.enrolment.commands import audience, seats
from services.enrolment.model import Unit
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Outcome
from shared.events.hr import UnitChanged


async def told(tx: EnrolmentTransaction, fact: UnitChanged) -> Outcome:
    """HR tells how a unit stands. Who belongs to which department follows from it whenever it is asked for."""
    known = await tx.units.get(fact.unit_id)
    if known and known.version >= fact.version:
        return Outcome.stale
    tx.save(
        Unit(
            id=fact.unit_id,
            version=fact.version,
            name=fact.name,
            parent_id=fact.parent_id,
            merged_into=fact.merged_into,
        )
    )
    if known and (known.parent_id, known.merged_into) != (fact.parent_id, fact.merged_into):
        await seats.fill_everywhere(tx)
    if known is None or (known.parent_id, known.merged_into) != (fact.parent_id, fact.merged_into):
        await audience.units_changed(tx)
    return Outcome.applied


def differs(known: Unit | None, fact: UnitChanged) -> bool:
    """Whether the unit really stands differently: a new version alone is no change."""
    before = known and (known.name, known.parent_id, known.merged_into)
    return before != (fact.name, fact.parent_id, fact.merged_into)
