"""Seats that follow the post: kept when its holder goes, and taken over by whoever succeeds her."""

from services.enrolment.commands.taken import keep
from services.enrolment.model import SEATED, Cohort, Employee, Place, Programme
from services.enrolment.rules import audience, places, posts
from services.enrolment.rules.places import Taken
from services.enrolment.rules.reasons import LeftPost, SucceededInPost
from services.enrolment.store import EnrolmentTransaction


async def follow(tx: EnrolmentTransaction, before: Employee | None, employee_id: str) -> None:
    """She may hold another post than before: the seat of the old one is kept or passed on, that of the new one hers."""
    programmes = [each for each in await tx.programmes.all() if each.content.audience.seat_of == "post"]
    she = await tx.employees.get(employee_id)
    if not programmes or she is None:
        return
    was, now = posts.held_by(before), posts.held_by(she)
    if was != now:
        await _leave(tx, she, now)
    for programme in programmes:
        if now and posts.level_of(now) in programme.content.audience.levels and not programme.retired:
            await _take_over(tx, programme, employee_id, now)


async def _leave(tx: EnrolmentTransaction, she: Employee, now: str | None) -> None:
    units = await tx.units.tree() if she.open_places else {}
    for place in (await tx.places.get_many(she.open_places)).values():
        if place.position is None or posts.is_same(place.position, now, units):
            continue
        if place.state == "queued" and now:
            tx.save(place.having(version=place.version + 1, position=now))  # she waits for the post that she has now
        else:
            await _vacate(tx, place)


async def _vacate(tx: EnrolmentTransaction, place: Place) -> None:
    """Her place ends, and nobody in the queue gets the seat."""
    await keep(tx, places.withdraw(place, LeftPost(), tx.now))
    cohort = await tx.cohorts.get(place.cohort_id) if place.cohort_id else None
    programme = await tx.programmes.get(place.programme)
    if place.state not in SEATED or cohort is None or programme is None:
        return
    tx.cancel_timer("offer_expiry", place.id)
    kept = place.position if posts.goes_on(cohort) and not programme.retired else None
    cohort = posts.keep_seat(cohort, place.id, kept)
    tx.save(cohort)
    if kept:
        await _pass_on(tx, programme, cohort, kept)


async def _pass_on(tx: EnrolmentTransaction, programme: Programme, cohort: Cohort, post: str) -> None:
    """HR may have told about the successor first."""
    units = await tx.units.tree()
    there = await tx.employees.at_levels([posts.level_of(post)])
    same = [one for one in there if posts.is_same(posts.held_by(one), post, units)]
    last = await tx.places.get_many(_last_place(one, programme.id) for one in same)
    free = [one for one in same if _can_take_over(last.get(_last_place(one, programme.id)))]
    if found := posts.successor(free):
        await _seat(tx, programme, cohort, found, post)


def _can_take_over(last: Place | None) -> bool:
    """Whoever has completed the programme, or said no to it herself, is not seated without being asked."""
    return last is None or last.state in {"queued", "withdrawn"}


async def _take_over(tx: EnrolmentTransaction, programme: Programme, employee_id: str, post: str) -> None:
    she = await tx.employees.get(employee_id)
    if she is None:
        return
    last = await tx.places.get(_last_place(she, programme.id))
    if last and last.state != "queued" and audience.has_open_place(she, programme.id):
        return
    keeping = await tx.cohorts.find({"programme": programme.id, "reserved.0": {"$exists": True}, "state": "composed"})
    found = posts.kept_for(post, keeping, await tx.units.tree()) if keeping else None
    if found:
        await _seat(tx, programme, found[0], she, found[1])


async def _seat(tx: EnrolmentTransaction, programme: Programme, cohort: Cohort, she: Employee, kept: str) -> None:
    """She has the seat at once: neither the queue nor an approval stands between her and her post."""
    place = await tx.places.get(_last_place(she, programme.id))
    if place is None or place.state != "queued":
        queued = places.queue(she, programme, SucceededInPost(), tx.now)
        await keep(tx, queued)
        place = queued.place
    taken = places.seat(place.having(position=posts.held_by(she)), cohort, SucceededInPost(), tx.now)
    if not isinstance(taken, Taken):
        raise AssertionError(f"{place.id} waits and cannot be given a seat")
    await keep(tx, taken)
    tx.save(posts.give_seat(cohort, place.id, kept))


def _last_place(employee: Employee, code: str) -> str:
    return f"{code}:{employee.id}:{employee.places.get(code, 0)}"
