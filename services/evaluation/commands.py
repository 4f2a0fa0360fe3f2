"""Load, decide, save: what several doors of evaluation do."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import uuid4

from services.evaluation import projection, pseudonyms, recommending, releases
from services.evaluation.anonymity import count_for_today
from services.evaluation.model import (
    Answers,
    Cohort,
    Comment,
    DailyCount,
    Invitation,
    InvitationStatus,
    LinkKey,
    Membership,
    Response,
    Setup,
    Submission,
    Task,
    Wave,
    WaveState,
)
from services.evaluation.releases import Asked
from services.evaluation.rules import audience, planning
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
        elif wave.state is not WaveState.closed:
            tx.save(wave.having(state=WaveState.cancelled))
            tx.cancel_timer(planning.OPEN, wave.id)


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
    """Ask somebody who is out of a cohort no more, unless news of her next place in it came first."""
    places = await tx.memberships.of_person(membership.employee_id)
    if any(place.belongs and place.cohort_id == membership.cohort_id for place in places):
        return
    waves = await tx.waves.of_cohort(membership.cohort_id or "")
    withdraw(await tx.invitations.of_person(membership.employee_id, list(waves)), tx)


async def invite_latecomers(cohort_id: str, tx: EvaluationTransaction) -> None:
    """Ask, too, whoever has come among those to be asked while a wave is open."""
    cohort = await tx.cohorts.get(cohort_id)
    for wave in (await tx.waves.of_cohort(cohort_id)).values() if cohort else ():
        if cohort is not None and wave.state is WaveState.open and tx.now < wave.closes_at:
            await invite(wave, cohort, tx)


async def leave(employee_id: str, tx: EvaluationTransaction) -> None:
    """Somebody is no longer employed: she belongs nowhere and is asked no more."""
    belonged = [membership for membership in await tx.memberships.of_person(employee_id) if membership.belongs]
    tx.save(*(membership.having(belongs=False) for membership in belonged))
    await tell_planned_waves({membership.cohort_id for membership in belonged}, tx)
    withdraw(await tx.invitations.of_person(employee_id), tx)


def withdraw(invitations: Sequence[Invitation], tx: EvaluationTransaction) -> None:
    """Let nobody answer with these any more, and forget those that never reached anybody."""
    tx.save(*audience.withdrawn(invitations))
    tx.delete(*audience.unreached(invitations))


async def open_wave(wave_id: str, tx: EvaluationTransaction) -> None:
    """Open a wave, and ask those who belong to the cohort now."""
    wave = await tx.waves.get(wave_id)
    cohort = await tx.cohorts.get(wave.cohort_id) if wave else None
    if wave is None or cohort is None or wave.state is not WaveState.planned:
        return
    members = audience.members_of(cohort, await tx.memberships.of_cohort(cohort.id))
    opening, things = planning.opened(wave, cohort, len(members), tx.setup, tx.now)
    tx.save(opening, *things)
    if opening.state is not WaveState.open:
        return
    if await tx.link_keys.get(cohort.id) is None:
        tx.save(LinkKey(id=cohort.id, salt=secrets.token_hex(32)))
    await invite(opening, cohort, tx)


async def invite(wave: Wave, cohort: Cohort, tx: EvaluationTransaction) -> None:
    """Give everybody who is to be asked in an open wave, and has not been, her own link."""
    if wave.of == "employees":
        return
    asked = audience.managers(wave, cohort, await tx.memberships.of_cohort(cohort.id))
    tokens = {
        person: secrets.token_urlsafe(16) for person in audience.to_invite(asked, await tx.invitations.of_wave(wave.id))
    }
    if not tokens:
        return
    for person, token in tokens.items():
        tx.save(Invitation(id=pseudonyms.hash_of(token), wave_id=wave.id, employee_id=person))
    recipients = tuple(
        SurveyRecipient(employee_id=person, url=f"{tx.setup.public_url}/s/{token}") for person, token in tokens.items()
    )
    tx.save(*planning.requested(wave, recipients, tx.setup))


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
        await release(wave.cohort_id, stage, tx)


async def release(cohort_id: str, stage: Sequence[Wave], tx: EvaluationTransaction) -> None:
    """Publish what came of a stage, once: a second time, over other people, would give away who is in between (I2)."""
    if stage[-1].wave not in ("T0", "T1") or await tx.releases.of_cohort(cohort_id):
        return
    asked = [
        Asked(wave, await tx.invitations.of_wave(wave.id), await tx.responses.of_wave(wave.id))
        for wave in stage
        if wave.state is WaveState.closed and wave.of == "managers"
    ]
    asked = [one for one in asked if one.invitations]
    if not asked:
        return
    today = tx.now.astimezone(tx.setup.zone).date()
    result = releases.compose(asked, tx.setup.instruments, k=tx.setup.k, today=today)
    tx.save(result, *releases.announced(result, tx.setup.public_url))
    await recommending.judge(result, tx)


async def submit(token: str, answers: Answers, tx: EvaluationTransaction) -> Submission:
    """Take somebody's answers. Her link is spent by it, in the same transaction; nothing is announced.

    The response gets a random id and her pseudonym; nothing in it, nor in the invitation, says when or who. What she
    wrote in own words is kept apart from it.
    """
    invitation = await tx.invitations.get(pseudonyms.hash_of(token))
    wave = await tx.waves.get(invitation.wave_id) if invitation else None
    verdict = audience.may_answer(invitation, wave, tx.now)
    if verdict is not Submission.accepted or invitation is None or wave is None:
        return verdict
    if answers.is_empty:
        return Submission.empty
    key = await tx.link_keys.get(wave.cohort_id)
    if key is None:
        return Submission.closed
    tx.save(*_kept(answers, invitation, wave, _pseudonyms(tx.setup, key)))
    tx.save(invitation.having(status=InvitationStatus.answered))
    return Submission.accepted


def _pseudonyms(setup: Setup, key: LinkKey) -> Callable[[str], str]:
    return lambda employee_id: pseudonyms.link(setup.secret, key.salt, employee_id, key.id)


def _kept(
    answers: Answers, invitation: Invitation, wave: Wave, pseudonym: Callable[[str], str]
) -> Iterator[Response | Comment | Task]:
    """What is kept of answers, each piece under a random id of its own."""
    wave_id, cohort_id = wave.id, wave.cohort_id
    link = None if wave.is_anonymous else pseudonym(invitation.employee_id)
    group = pseudonym(invitation.manager_id) if invitation.manager_id else None
    yield Response(
        id=str(uuid4()), wave_id=wave_id, cohort_id=cohort_id, link=link, group=group, answers=answers.numbers
    )
    for item, text in answers.comments.items():
        yield Comment(id=str(uuid4()), wave_id=wave_id, cohort_id=cohort_id, item=item, text=text)
    for item, text in answers.tasks.items():
        yield Task(id=str(uuid4()), wave_id=wave_id, cohort_id=cohort_id, item=item, text=text, link=link or "")


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
