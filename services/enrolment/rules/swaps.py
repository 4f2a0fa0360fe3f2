"""Two colleagues exchange groups: when they can, and what it does to the rules."""

from collections.abc import Sequence
from datetime import datetime

from services.enrolment.model import Cohort, Employee, Place
from services.enrolment.rules import places
from services.enrolment.rules.composition import sits_badly
from services.enrolment.rules.group_rules import department_limit
from services.enrolment.rules.hindrances import cannot_attend
from services.enrolment.rules.people import Person
from services.enrolment.rules.reasons import OfferTakenBack, Why
from services.enrolment.rules.refusal import Refusal, conflict
from services.enrolment.rules.sessions import Engagement


def why_not(one: Place, other: Place, here: Cohort, there: Cohort, now: datetime) -> Refusal | None:
    """Why the two cannot exchange seats, whatever the office wishes; nothing if they can."""
    for place in (one, other):
        if place.state != "confirmed":
            return conflict("not-confirmed", f"{place.id} is {place.state}: only two who have said yes can swap")
    if one.programme != other.programme:
        return conflict(
            "other-programme", "they are in different programmes: only places in the same one can be swapped"
        )
    if here.id == there.id:
        return conflict("same-group", f"both are in {here.id} already: there is nothing to swap")
    if _begun(here, now) != _begun(there, now):
        return conflict("other-progress", "one group has come further than the other: somebody would miss sessions")
    return None


def _begun(cohort: Cohort, now: datetime) -> frozenset[str]:
    return frozenset(one.module for one in cohort.sessions if one.cancelled is None and one.starts_at <= now)


def broken(
    place: Place,
    employee: Employee,
    came_from: Cohort,
    to: Cohort,
    engagements: Sequence[Engagement],
    *,
    she: Person,
    others: Sequence[Person],
) -> Why | None:
    """The first rule that is broken when the holder of the place sits in `to`, with `others`; nothing if none is."""
    if to.id in place.not_in:
        return OfferTakenBack()
    there = place.having(credits=places.credit(place, came_from))
    rules = to.content.group
    limit = department_limit(rules, len(others) + 1, composed=True)
    return cannot_attend(there, employee, to, engagements) or sits_badly(she, others, rules, limit)
