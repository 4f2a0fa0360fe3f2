"""Seats that follow the post: kept when its holder goes or is away, and taken over by whoever succeeds her or acts."""

from services.enrolment.commands import seats
from services.enrolment.commands.settling import SETTLED
from services.enrolment.commands.taken import keep
from services.enrolment.model import SEATED, Cohort, Employee, KeptSeat, Place, Programme
from services.enrolment.rules import audience, places, posts
from services.enrolment.rules.places import Taken
from services.enrolment.rules.reasons import HolderIsBack, LeftPost, SucceededInPost, Why
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.store import EnrolmentTransaction
from shared.model import Timer


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


async def pause(tx: EnrolmentTransaction, place: Place, cohort: Cohort, why: Why) -> None:
    """She is away for a while: the seat of her post is kept until she is back, or somebody holds the post meanwhile."""
    await keep(tx, places.pause(place, cohort, why, tx.now))
    kept = KeptSeat(post=place.position or "", since=tx.now, place_id=place.acting_for or place.id)
    cohort = posts.keep_seat(cohort, place.id, kept)
    tx.save(cohort)
    programme = await tx.programmes.get(place.programme)
    if programme and not programme.retired:
        await _pass_on(tx, programme, cohort, kept)


async def resume(tx: EnrolmentTransaction, place: Place, cohort: Cohort) -> bool:
    """She is back after a pause and has the seat of her post again, whoever had it meanwhile; whether there was one."""
    if not posts.goes_on(cohort):
        return False
    if kept := posts.kept_while_away(place, cohort):
        cohort = posts.give_seat(cohort, place.id, kept)
    elif acting := await _acting_for(tx, place, cohort):
        await keep(tx, places.withdraw(acting, HolderIsBack(), tx.now))
        tx.save(
            Timer.of(SETTLED, acting.employee_id, tx.now + audience.SETTLING, **tx.carried)
        )  # she may wait as she did before
        others = (seat for seat in cohort.seats if seat != acting.id)
        cohort = cohort.having(version=cohort.version + 1, seats=(*others, place.id))
    else:
        return False
    await keep(tx, places.resume(place, cohort, tx.now))
    tx.save(cohort)
    return True


async def _acting_for(tx: EnrolmentTransaction, place: Place, cohort: Cohort) -> Place | None:
    seated = (await tx.places.get_many(cohort.seats)).values()
    return next((one for one in seated if one.acting_for == place.id), None)


async def give_up_kept(tx: EnrolmentTransaction, place: Place) -> None:
    """A paused place has ended otherwise than with its post: the seat that was kept goes to the next in line."""
    cohort = await tx.cohorts.get(place.cohort_id) if place.cohort_id else None
    if cohort and (kept := posts.kept_while_away(place, cohort)):
        await _let_go(tx, cohort, kept)


async def release(tx: EnrolmentTransaction, cohort_id: str, unit_id: str, level: str) -> Cohort | Refusal:
    """The office keeps a seat for a post no longer, as when the post is abolished: it goes to the next in line."""
    cohort = await tx.cohorts.get(cohort_id)
    if cohort is None:
        return unknown("cohort", cohort_id)
    kept = posts.seat_for(posts.named(unit_id, level), cohort, await tx.units.tree())
    if kept is None:
        return conflict("no-seat-kept", f"{cohort_id} keeps no seat for {level} in {unit_id}: read which it keeps")
    return await _let_go(tx, cohort, kept)


async def _let_go(tx: EnrolmentTransaction, cohort: Cohort, kept: KeptSeat) -> Cohort:
    free = posts.released(cohort, kept)
    tx.save(free)
    await seats.refill(tx, free)
    return await tx.cohorts.get(cohort.id) or free


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
    if cohort is None or programme is None:
        return
    if place.state not in SEATED:
        tx.save(posts.without_holder(cohort, place.id))
        return
    tx.cancel_timer("offer_expiry", place.id)
    holder = await tx.places.get(place.acting_for) if place.acting_for else None
    away = holder.id if holder and holder.state == "paused" else None
    goes_on = place.position and posts.goes_on(cohort) and not programme.retired
    kept = KeptSeat(post=place.position or "", since=tx.now, place_id=away) if goes_on else None
    cohort = posts.keep_seat(cohort, place.id, kept)
    tx.save(cohort)
    if kept:
        await _pass_on(tx, programme, cohort, kept)


async def _pass_on(tx: EnrolmentTransaction, programme: Programme, cohort: Cohort, kept: KeptSeat) -> None:
    """HR may have told about the successor first."""
    units = await tx.units.tree()
    there = await tx.employees.at_levels([posts.level_of(kept.post)])
    same = [one for one in there if posts.is_same(posts.held_by(one), kept.post, units)]
    free = [one for one in same if await _may_succeed(tx, one, programme, kept.post)]
    if found := posts.successor(free):
        await _seat(tx, programme, cohort, found, kept)


async def _take_over(tx: EnrolmentTransaction, programme: Programme, employee_id: str, post: str) -> None:
    keeping = await tx.cohorts.find({"programme": programme.id, "reserved.0": {"$exists": True}, "state": "composed"})
    found = posts.kept_for(post, keeping, await tx.units.tree()) if keeping else None
    she = await tx.employees.get(employee_id)
    if found and she and await _may_succeed(tx, she, programme, post):
        await _seat(tx, programme, found[0], she, found[1])


async def _may_succeed(tx: EnrolmentTransaction, she: Employee, programme: Programme, post: str) -> bool:
    hers = [place for place in await tx.places.of_person(she.id) if place.programme == programme.id]
    return posts.may_succeed(she, hers, programme.content, post, await tx.units.tree())


async def _seat(tx: EnrolmentTransaction, programme: Programme, cohort: Cohort, she: Employee, kept: KeptSeat) -> None:
    """She has the seat at once: neither the queue nor an approval stands between her and her post."""
    place = await tx.places.get(f"{programme.id}:{she.id}:{she.places.get(programme.id, 0)}")
    if place is None or place.state != "queued":
        queued = places.queue(she, programme, SucceededInPost(), tx.now)
        await keep(tx, queued)
        place = queued.place
    hers = place.having(position=posts.held_by(she), acting_for=kept.place_id)
    taken = places.seat(hers, cohort, SucceededInPost(), tx.now)
    if not isinstance(taken, Taken):
        raise AssertionError(f"{place.id} waits and cannot be given a seat")
    await keep(tx, taken)
    tx.save(posts.give_seat(cohort, place.id, kept))
