"""Asking people: who is asked in a wave, by which link, and who is reminded."""

import secrets
from collections.abc import Mapping, Sequence

from prometheus_client import Counter

from services.evaluation import pseudonyms
from services.evaluation.model import Cohort, Invitation, InvitationStatus, LinkKey, Wave, WaveState
from services.evaluation.rules import audience, load, planning, times
from services.evaluation.store import EvaluationTransaction
from shared.events.evaluation import SurveyRecipient
from shared.model import Timer

NOT_ASKED = Counter(
    "ledstjarna_surveys_not_asked_people_total",
    "People who were not asked when a wave opened, because they have been asked enough in 90 days.",
    ("wave", "of"),
)

for _wave in ("T0", "T1", "T2", "T3", "T4", "P"):
    for _of in ("managers", "employees"):
        NOT_ASKED.labels(_wave, _of)

People = Mapping[str, str | None]
"""Those who are asked, each with the manager whom she is asked about as an employee."""


async def people_of(wave: Wave, cohort: Cohort, tx: EvaluationTransaction) -> People:
    """Everybody whom a wave is for, as things stand now."""
    members = await tx.memberships.of_cohort(cohort.id)
    managers = audience.managers(wave, cohort, members)
    if wave.of == "managers":
        return dict.fromkeys(managers)
    staff = await tx.staff.ever_under(managers)
    today = times.today(tx.now, tx.setup.zone)
    return audience.employees(managers, audience.members_of(cohort, members), staff, today)


async def invite(wave: Wave, people: People, tx: EvaluationTransaction) -> None:
    """Give everybody of these who has not been asked in an open wave, and may be, her own link."""
    known = await tx.invitations.of_wave(wave.id)
    new = audience.to_invite(people, known)
    asked = await with_room(wave, new, tx) if new else []
    if len(asked) < len(new) and not known:
        tx.count(NOT_ASKED.labels(wave.wave, wave.of), len(new) - len(asked))
    key = await tx.link_keys.get(wave.cohort_id)
    if not asked or key is None:
        return
    tokens = {
        person: (nonce := secrets.token_hex(16), pseudonyms.token(tx.setup.secret, key.salt, nonce)) for person in asked
    }
    for person, (nonce, token) in tokens.items():
        tx.save(
            Invitation(
                id=pseudonyms.hash_of(token),
                wave_id=wave.id,
                employee_id=person,
                manager_id=people[person],
                nonce=nonce,
                is_new=wave.opens_at < tx.now,
            )
        )
    recipients = tuple(_recipient(person, token, tx) for person, (_, token) in tokens.items())
    tx.save(*planning.requested(wave, recipients, tx.setup))


async def with_room(wave: Wave, people: Sequence[str], tx: EvaluationTransaction) -> list[str]:
    """Those of these people who have not been asked too often to be asked in this wave."""
    had = [i for i in await tx.invitations.of_people(people) if i.status is not InvitationStatus.undeliverable]
    places = [place for place in await tx.memberships.of_people(people) if place.belongs and place.cohort_id]
    waves = await tx.waves.get_many(i.wave_id for i in had)
    planned = [
        one
        for one in await tx.waves.of_cohorts(sorted({place.cohort_id for place in places if place.cohort_id}))
        if one.state is WaveState.planned
    ]
    room = []
    for person in people:
        asked = [waves[i.wave_id] for i in had if i.employee_id == person and i.wave_id in waves]
        groups = {place.cohort_id for place in places if place.employee_id == person}
        ahead = [one for one in planned if one.cohort_id in groups]
        if load.has_room(wave, asked, ahead, tx.now, tx.setup.surveys_a_quarter):
            room.append(person)
    return room


async def remind(timer: Timer, tx: EvaluationTransaction) -> None:
    """Remind those who have not answered a wave yet, by the link that they have."""
    wave = await tx.waves.get(timer.subject)
    key = await tx.link_keys.get(wave.cohort_id) if wave else None
    if wave is None or key is None or not planning.may_remind(wave, tx.now):
        return
    unanswered, new = audience.to_remind(await tx.invitations.of_wave(wave.id))
    tx.save(*new)
    following = planning.reminder(wave, timer.data["number"] + 1, tx.setup)
    if following is not None:
        tx.save(following)
    if unanswered:
        recipients = tuple(_reminded(one, key, tx) for one in unanswered)
        tx.save(*planning.reminded(wave, recipients, tx.setup))


def _reminded(invitation: Invitation, key: LinkKey, tx: EvaluationTransaction) -> SurveyRecipient:
    token = pseudonyms.token(tx.setup.secret, key.salt, invitation.nonce)
    return _recipient(invitation.employee_id, token, tx)


def _recipient(person: str, token: str, tx: EvaluationTransaction) -> SurveyRecipient:
    return SurveyRecipient(employee_id=person, url=f"{tx.setup.public_url}/s/{token}")
