"""What enrolment adds to a trace: the decisions about somebody and her places, her calendar's answers, and the life of
a change. Ids and codes only."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from services.enrolment.model import Change, Place
from services.enrolment.store import EnrolmentTransaction
from services.enrolment.timeline import Moment, timeline
from shared.delivery import Delivery
from shared.trace import Step, Trace


def add_to(trace: Trace, delivery: Delivery[EnrolmentTransaction]) -> None:
    """Let `trace` tell what enrolment knows."""

    async def tell(wanted: str) -> list[Step]:
        steps, subjects = await delivery.run(lambda tx: _known(wanted, tx))
        return [*steps, *await trace.decided(subjects)]

    trace.also(tell)


async def _known(wanted: str, tx: EnrolmentTransaction) -> tuple[list[Step], list[str]]:
    """What is known about an id, and about which other documents the audit log must be asked."""
    if change := await tx.changes.get(wanted):
        return list(_life_of(change)), []
    place = await tx.places.get(wanted)
    who = place.employee_id if place else wanted
    employee = await tx.employees.get(who)
    if employee is None:
        return [], []
    places = [place] if place else await tx.places.of_person(who)
    cohorts = await tx.cohorts.get_many(_cohorts_of(places))
    networks = await tx.networks.find({"members": who}, sort=[("_id", 1)])
    moments = timeline(employee, places, cohorts.values(), networks)
    wished = [one for one in moments if place is None or one.place_id == wanted]
    answers = (step for one in places for step in _answers(one))
    return [*(_of(moment, who) for moment in wished), *answers], [one.id for one in places]


def _cohorts_of(places: Iterable[Place]) -> list[str]:
    now = {place.cohort_id for place in places if place.cohort_id}
    before = {credit.cohort_id for place in places for credit in place.credits}
    return sorted(now | before)


def _of(moment: Moment, who: str) -> Step:
    about = (moment.place_id, who, moment.cohort, moment.session_id, moment.approver_id)
    return Step(
        service="enrolment",
        at=moment.at,
        kind="decided",
        what=moment.kind,
        outcome=moment.reason.code if moment.reason else "",
        id=moment.place_id or who,
        where=("place",) if moment.place_id else ("person",),
        concerns=tuple(dict.fromkeys(one for one in about if one)),
    )


def _answers(place: Place) -> Iterator[Step]:
    for answer in place.answers:
        yield Step(
            service="enrolment",
            at=answer.at,
            kind="answer",
            what="from her calendar",
            outcome=answer.answer,
            id=answer.session_id,
            concerns=(place.id, place.employee_id, answer.session_id),
        )


def _life_of(change: Change) -> Iterator[Step]:
    moments: tuple[tuple[str, datetime | None], ...] = (
        ("proposed", change.at),
        ("approved", change.approved_at),
        ("applied", change.applied_at),
    )
    for what, at in moments:
        if at is not None:
            yield Step(
                service="enrolment",
                at=at,
                kind="decided",
                what=what,
                outcome=f"{change.kind}, now {change.state}",
                id=change.id,
                where=("change",),
                concerns=(change.id, *((change.undoes,) if change.undoes else ())),
            )
