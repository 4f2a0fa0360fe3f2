"""How cohorts, their members and their waves come and go."""

import secrets
from collections.abc import Iterable, Mapping, Sequence

from services.evaluation import projection
from services.evaluation.anonymity import count_for_today
from services.evaluation.commands import asking, recommending, releasing, retention
from services.evaluation.model import (
    Cohort,
    DailyCount,
    Invitation,
    LinkKey,
    Membership,
    Wave,
    WaveState,
)
from services.evaluation.rules import audience, planning
from services.evaluation.store import EvaluationTransaction
from shared.delivery import Outcome
from shared.events.enrolment import PlaceEvent


async def keep_cohort(before: Cohort, after: Cohort, tx: EvaluationTransaction) -> Outcome:
    """Keep how a cohort stands, and let its waves follow it."""
    if after == before:
        return Outcome.stale
    known = await tx.waves.of_cohort(after.id)
    tx.save(after)
    if after.cancelled_by:
        await cancel_waves(known, tx)
    else:
        tx.save(*planning.plan(after, known, tx.setup, tx.now))
        await invite_latecomers(after.id, tx)  # attendance may be recorded when the wave after it is open already
    return Outcome.applied


async def cancel_waves(waves: Mapping[str, Wave], tx: EvaluationTransaction) -> None:
    """Ask nobody of a cohort that will not take place, and let nobody answer."""
    for wave in waves.values():
        if wave.state is WaveState.open:
            done, announced = planning.closed(wave)
            tx.save(done.having(state=WaveState.cancelled), announced)
            withdraw(await tx.invitations.of_wave(wave.id), tx)
            tx.cancel_timer(planning.CLOSE, wave.id)
            tx.cancel_timer(planning.REMIND, wave.id)
        elif wave.state is not WaveState.closed:
            tx.save(wave.having(state=WaveState.cancelled))
            tx.cancel_timer(planning.OPEN, wave.id)
    for cohort_id in {wave.cohort_id for wave in waves.values()}:
        await retention.arrange(cohort_id, tx)


async def keep_membership(event: PlaceEvent, tx: EvaluationTransaction) -> Outcome:
    """Keep whether somebody belongs to a cohort; who comes in while it is asked is asked, who is out is not."""
    before = await tx.memberships.get(event.place_id)
    after = projection.membership(before, event)
    if await tx.is_erased(event.employee_id) or after is None:
        return Outcome.stale
    tx.save(after)
    if before is not None and before.belongs and (not after.belongs or after.cohort_id != before.cohort_id):
        await withdraw_invitations(before, tx)
    if after.belongs and after.cohort_id is not None:
        await invite_latecomers(after.cohort_id, tx)
    await tell_planned_waves({one.cohort_id for one in (before, after) if one is not None}, tx)
    return Outcome.applied


async def tell_planned_waves(cohort_ids: Iterable[str | None], tx: EvaluationTransaction) -> None:
    """Let waves that are about to open, and have read who belongs, look again."""
    for cohort_id in sorted({cohort_id for cohort_id in cohort_ids if cohort_id}):
        for wave in (await tx.waves.of_cohort(cohort_id)).values():
            if wave.state is WaveState.planned:
                tx.save(wave.having(members_told=wave.members_told + 1))


async def withdraw_invitations(membership: Membership, tx: EvaluationTransaction) -> None:
    """Ask somebody who is out of a cohort no more, nor others about her, unless news of her next place in it came
    first."""
    places = await tx.memberships.of_person(membership.employee_id)
    if any(place.belongs and place.cohort_id == membership.cohort_id for place in places):
        return
    waves = list(await tx.waves.of_cohort(membership.cohort_id or ""))
    withdraw(await tx.invitations.of_person(membership.employee_id, waves), tx)
    withdraw(await tx.invitations.about(membership.employee_id, waves), tx)


async def invite_latecomers(cohort_id: str, tx: EvaluationTransaction) -> None:
    """Ask, too, whoever has come among the managers to be asked while a wave is open. Employees are asked as it opens,
    and only then."""
    cohort = await tx.cohorts.get(cohort_id)
    for wave in (await tx.waves.of_cohort(cohort_id)).values() if cohort else ():
        is_open = wave.state is WaveState.open and tx.now < wave.closes_at
        if cohort is not None and is_open and wave.of == "managers":
            await asking.invite(wave, await asking.people_of(wave, cohort, tx), tx)


async def leave(employee_id: str, tx: EvaluationTransaction) -> None:
    """Somebody is no longer employed: she belongs nowhere, is asked no more, and nobody is asked about her."""
    belonged = [membership for membership in await tx.memberships.of_person(employee_id) if membership.belongs]
    tx.save(*(membership.having(belongs=False) for membership in belonged))
    await tell_planned_waves({membership.cohort_id for membership in belonged}, tx)
    withdraw(await tx.invitations.of_person(employee_id), tx)
    withdraw(await tx.invitations.about(employee_id), tx)


def withdraw(invitations: Sequence[Invitation], tx: EvaluationTransaction) -> None:
    """Let nobody answer with these any more, and forget those that never reached anybody."""
    tx.save(*audience.withdrawn(invitations))
    tx.delete(*audience.unreached(invitations))


async def open_wave(wave_id: str, tx: EvaluationTransaction) -> None:
    """Open a wave, and ask those who belong to the cohort now, or are led by its members."""
    wave = await tx.waves.get(wave_id)
    cohort = await tx.cohorts.get(wave.cohort_id) if wave else None
    if wave is None or cohort is None or wave.state is not WaveState.planned:
        return
    members = audience.members_of(cohort, await tx.memberships.of_cohort(cohort.id))
    people = await asking.people_of(wave, cohort, tx)
    if wave.of == "employees" and not people:
        opening, things = planning.look_again(wave, cohort, tx.setup, tx.now)
    else:
        opening, things = planning.opened(wave, cohort, len(members), tx.setup, tx.now)
    tx.save(opening, *things)
    if opening.state is not WaveState.open:
        await retention.arrange(cohort.id, tx)
        return
    if await tx.link_keys.get(cohort.id) is None:
        tx.save(LinkKey(id=cohort.id, salt=secrets.token_hex(32)))
    await asking.invite(opening, people, tx)


async def close_wave(wave_id: str, tx: EvaluationTransaction) -> None:
    """Let nobody answer a wave any more; when it was the cohort's last, publish what may be published."""
    wave = await tx.waves.get(wave_id)
    if wave is None or wave.state is not WaveState.open:
        return
    closed, announced = planning.closed(wave)
    tx.save(closed, announced)
    tx.save(*audience.silent(await tx.invitations.of_wave(wave.id)))
    known = await tx.waves.of_cohort(wave.cohort_id)
    if stage := planning.stage_to_release(closed, known.values()):
        released = await releasing.release(stage, tx)
        if released is not None:
            await recommending.judge(released, tx)
    await retention.arrange(wave.cohort_id, tx)


async def count_participation(
    wave_id: str, invited: int, answered: int, tx: EvaluationTransaction
) -> DailyCount | None:
    """The day's count of an open wave: the one that was taken, or this one (I6)."""
    wave = await tx.waves.get(wave_id)
    if wave is None or wave.state is not WaveState.open:
        return None
    today = tx.now.astimezone(tx.setup.zone).date()
    counted = count_for_today(wave.counted, today, invited=invited, answered=answered)
    if counted != wave.counted:
        tx.save(wave.having(counted=counted))
    return counted
