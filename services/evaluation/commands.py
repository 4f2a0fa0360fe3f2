"""Load, decide, save: what several doors of evaluation do."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

from services.evaluation import projection, pseudonyms, releases, rules
from services.evaluation.anonymity import count_for_today
from services.evaluation.model import (
    Cohort,
    DailyCount,
    Invitation,
    InvitationStatus,
    LinkKey,
    Membership,
    Response,
    Submission,
    Wave,
    WaveState,
)
from services.evaluation.releases import Asked
from services.evaluation.store import EvaluationTransaction
from shared.delivery import Outcome
from shared.events.enrolment import PlaceEvent
from shared.events.evaluation import SurveyRecipient


async def keep_cohort(before: Cohort, after: Cohort, tx: EvaluationTransaction) -> Outcome:
    """Keep how a cohort stands, and let its waves follow it."""
    if after == before:
        return Outcome.stale
    known = await tx.waves.of_cohort(after.id)
    tx.save(after)
    if after.cancelled_by:
        await cancel_waves(known, tx)
    else:
        tx.save(*rules.plan(after, known, tx.setup, tx.now))
        await invite_latecomers(after.id, "T1", tx)  # attendance may be recorded when the last wave is open already
    return Outcome.applied


async def cancel_waves(waves: Mapping[str, Wave], tx: EvaluationTransaction) -> None:
    """Ask nobody of a cohort that will not take place, and let nobody answer."""
    for wave in waves.values():
        if wave.state is WaveState.open:
            done, announced = rules.closed(wave)
            tx.save(done.having(state=WaveState.cancelled), announced)
            withdraw(await tx.invitations.of_wave(wave.id), tx)
            tx.cancel_timer(rules.CLOSE, wave.id)
        elif wave.state is not WaveState.closed:
            tx.save(wave.having(state=WaveState.cancelled))
            tx.cancel_timer(rules.OPEN, wave.id)


async def keep_membership(event: PlaceEvent, tx: EvaluationTransaction) -> Outcome:
    """Keep whether somebody belongs to a cohort; who comes in while it is asked is asked, who is out is not."""
    before = await tx.memberships.get(event.place_id)
    after = projection.membership(before, event)
    if after is None:
        return Outcome.stale
    tx.save(after)
    if before is not None and before.belongs and (not after.belongs or after.cohort_id != before.cohort_id):
        await withdraw_invitations(before, tx)
    if after.belongs and after.cohort_id is not None:
        await invite_latecomers(after.cohort_id, "T0", tx)
    await tell_planned_waves({one.cohort_id for one in (before, after) if one is not None}, tx)
    return Outcome.applied


async def tell_planned_waves(cohort_ids: Iterable[str | None], tx: EvaluationTransaction) -> None:
    """Let waves that are about to open, and have read who belongs, look again."""
    waves = await tx.waves.get_many(
        rules.wave_id(cohort, name) for cohort in cohort_ids if cohort for name in rules.WAVES
    )
    tx.save(
        *(wave.having(members_told=wave.members_told + 1) for wave in waves.values() if wave.state is WaveState.planned)
    )


async def withdraw_invitations(membership: Membership, tx: EvaluationTransaction) -> None:
    """Ask somebody who is out of a cohort no more, unless news of her next place in it came first."""
    places = await tx.memberships.of_person(membership.employee_id)
    if any(place.belongs and place.cohort_id == membership.cohort_id for place in places):
        return
    waves = await tx.waves.of_cohort(membership.cohort_id or "")
    withdraw(await tx.invitations.of_person(membership.employee_id, list(waves)), tx)


async def invite_latecomers(cohort_id: str, name: str, tx: EvaluationTransaction) -> None:
    """Ask, too, whoever has come among those to be asked while the wave is open."""
    wave = await tx.waves.get(rules.wave_id(cohort_id, name))
    cohort = await tx.cohorts.get(cohort_id)
    if wave is not None and cohort is not None and wave.state is WaveState.open and tx.now < wave.closes_at:
        await invite(wave, cohort, tx)


async def leave(employee_id: str, tx: EvaluationTransaction) -> None:
    """Somebody is no longer employed: she belongs nowhere and is asked no more."""
    belonged = [membership for membership in await tx.memberships.of_person(employee_id) if membership.belongs]
    tx.save(*(membership.having(belongs=False) for membership in belonged))
    await tell_planned_waves({membership.cohort_id for membership in belonged}, tx)
    withdraw(await tx.invitations.of_person(employee_id), tx)


def withdraw(invitations: Sequence[Invitation], tx: EvaluationTransaction) -> None:
    """Let nobody answer with these any more, and forget those that never reached anybody."""
    tx.save(*rules.withdrawn(invitations))
    tx.delete(*rules.unreached(invitations))


async def open_wave(wave_id: str, tx: EvaluationTransaction) -> None:
    """Open a wave, and ask those who belong to the cohort now."""
    wave = await tx.waves.get(wave_id)
    cohort = await tx.cohorts.get(wave.cohort_id) if wave else None
    if wave is None or cohort is None or wave.state is not WaveState.planned:
        return
    opening, things = rules.opened(wave, cohort, tx.setup, tx.now)
    tx.save(opening, *things)
    if opening.state is not WaveState.open:
        return
    if await tx.link_keys.get(cohort.id) is None:
        tx.save(LinkKey(id=cohort.id, salt=secrets.token_hex(32)))
    await invite(opening, cohort, tx)


async def invite(wave: Wave, cohort: Cohort, tx: EvaluationTransaction) -> None:
    """Give everybody who is to be asked in an open wave, and has not been, her own link."""
    members = await tx.memberships.of_cohort(cohort.id)
    people = rules.audience(wave, cohort, members)
    tokens = {
        person: secrets.token_urlsafe(16) for person in rules.to_invite(people, await tx.invitations.of_wave(wave.id))
    }
    if not tokens:
        return
    for person, token in tokens.items():
        tx.save(Invitation(id=pseudonyms.hash_of(token), wave_id=wave.id, employee_id=person))
    recipients = tuple(
        SurveyRecipient(employee_id=person, url=f"{tx.setup.public_url}/s/{token}") for person, token in tokens.items()
    )
    tx.save(*rules.requested(wave, recipients, tx.setup))


async def close_wave(wave_id: str, tx: EvaluationTransaction) -> None:
    """Let nobody answer a wave any more; when it was the cohort's last, publish what may be published."""
    wave = await tx.waves.get(wave_id)
    if wave is None or wave.state is not WaveState.open:
        return
    tx.save(*rules.closed(wave))
    tx.save(*rules.silent(await tx.invitations.of_wave(wave.id)))
    waves = await tx.waves.of_cohort(wave.cohort_id)
    if rules.is_over(waves.values()):
        await release(wave.cohort_id, waves, tx)


async def release(cohort_id: str, waves: Mapping[str, Wave], tx: EvaluationTransaction) -> None:
    """Publish a cohort's result, once: a second, over other people, would give away those in the difference (I2)."""
    if await tx.releases.of_cohort(cohort_id):
        return
    asked = [
        Asked(wave, await tx.invitations.of_wave(wave.id), await tx.responses.of_wave(wave.id))
        for wave in waves.values()
        if wave.state is WaveState.closed
    ]
    asked = [one for one in asked if one.invitations]
    if not asked:
        return
    today = tx.now.astimezone(tx.setup.zone).date()
    result = releases.compose(asked, tx.setup.instruments, k=tx.setup.k, today=today)
    tx.save(result, *releases.announced(result, tx.setup.public_url))


async def submit(token: str, answers: Mapping[str, int | None], tx: EvaluationTransaction) -> Submission:
    """Take somebody's answers. Her link is spent by it, in the same transaction; nothing is announced.

    The response gets a random id and her pseudonym; nothing in it, nor in the invitation, says when or who.
    """
    invitation = await tx.invitations.get(pseudonyms.hash_of(token))
    wave = await tx.waves.get(invitation.wave_id) if invitation else None
    verdict = rules.may_answer(invitation, wave, tx.now)
    if verdict is not Submission.accepted or invitation is None or wave is None:
        return verdict
    if all(answer is None for answer in answers.values()):
        return Submission.empty
    key = await tx.link_keys.get(wave.cohort_id)
    if key is None:
        return Submission.closed
    response = Response(
        id=str(uuid4()),
        wave_id=wave.id,
        cohort_id=wave.cohort_id,
        link=pseudonyms.link(tx.setup.secret, key.salt, invitation.employee_id, wave.cohort_id),
        answers=dict(answers),
    )
    tx.save(response, invitation.having(status=InvitationStatus.answered))
    return Submission.accepted


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
