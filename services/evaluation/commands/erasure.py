"""Erasing somebody: what names her, what she has answered, and what was said of her as a manager."""

from collections.abc import Iterable
from typing import Final

from services.evaluation import pseudonyms
from services.evaluation.model import Cohort, Erased, InvitationStatus, Response, SessionView, Standing, Task
from services.evaluation.store import EvaluationTransaction
from shared.dead_letters.erasing import forget_letters
from shared.delivery import Outcome
from shared.events.base import LocalisedText, Reason
from shared.events.evaluation import ErasureCompleted
from shared.events.hr import EmployeeErased

ERASED: Final = ("staff", "memberships", "departures", "attendance", "invitations", "responses", "tasks")
"""Everything that named her, or that a link key could join to her."""

ID_KEPT: Final = Reason(
    code="IdKept",
    text=LocalisedText(
        sv="Anställnings-id finns kvar, för att inget sent meddelande ska återskapa personen.",
        en="The employee id is kept, so that no late message brings the person back.",
    ),
)
RELEASES_STAND: Final = Reason(
    code="ReleasesStand",
    text=LocalisedText(
        sv="Publicerade resultat ändras inte: räknade på nytt skulle de avslöja vad den raderade svarade. Att en "
        "pseudonym ingår i ett resultat finns kvar tills gruppens nyckel förstörs, för att skydda de andra.",
        en="Published results are not changed: reckoned anew, they would give away what the erased person answered. "
        "That a pseudonym is part of a result is kept until the group's key is destroyed, to protect the others.",
    ),
)
ANONYMOUS_KEPT: Final = Reason(
    code="AnonymousKept",
    text=LocalisedText(
        sv="Anonyma svar och fritext finns kvar tills gruppens svar förstörs: ingen kan säga vilka som är hennes.",
        en="Anonymous answers and comments are kept until the group's answers are destroyed: nobody can tell which are "
        "hers.",
    ),
)


async def erase(fact: EmployeeErased, tx: EvaluationTransaction) -> Outcome:
    """Let nothing be left that names her or can be joined to her; what is published stands, never recomputed (I7).

    A wave that is still open then counts one fewer who was asked.
    """
    known = await tx.erased.get(fact.employee_id)
    if known is not None and known.version >= fact.version:
        return Outcome.stale
    hers = await tx.memberships.of_person(fact.employee_id)
    invitations = await tx.invitations.of_person(fact.employee_id)
    attended = await tx.cohorts.attended_by(fact.employee_id)
    waves = await tx.waves.get_many(one.wave_id for one in invitations)
    cohort_ids = {one.id for one in attended} | {wave.cohort_id for wave in waves.values()}
    cohort_ids |= {one.cohort_id for one in hers if one.cohort_id}
    tx.delete(*await _answers(fact.employee_id, cohort_ids, tx))
    answered = any(one.status is InvitationStatus.answered for one in invitations)
    tx.delete(*hers, *invitations, *await tx.invitations.about(fact.employee_id))
    tx.save(*(without(cohort, fact.employee_id) for cohort in attended))
    await _forget_standing(fact.employee_id, tx)
    await tx.forget(fact.employee_id)
    await forget_letters(tx, fact.employee_id)
    kept = (ID_KEPT, RELEASES_STAND, ANONYMOUS_KEPT) if answered else (ID_KEPT,)
    tx.save(
        Erased(id=fact.employee_id, version=fact.version),
        ErasureCompleted(version=fact.version, employee_id=fact.employee_id, erased=ERASED, kept=kept),
    )
    return Outcome.applied


async def _forget_standing(employee_id: str, tx: EvaluationTransaction) -> None:
    """Whom she had as manager, who had her, and that she left."""
    known = (await tx.departures.get(employee_id), await tx.staff.get(employee_id))
    tx.delete(*(document for document in known if document is not None))
    for member in await tx.staff.ever_under([employee_id]):
        if member.id != employee_id:
            said = (_under_nobody(one) if one.manager_id == employee_id else one for one in member.said)
            tx.save(member.having(said=tuple(said)))


def _under_nobody(standing: Standing) -> Standing:
    return standing.model_copy(update={"manager_id": None})


async def _answers(employee_id: str, cohort_ids: Iterable[str], tx: EvaluationTransaction) -> list[Response | Task]:
    """What she has answered in waves that are joined, and what employees answered about her."""
    found: list[Response | Task] = []
    for key in (await tx.link_keys.get_many(sorted(cohort_ids))).values():
        name = pseudonyms.link(tx.setup.secret, key.salt, employee_id, key.id)
        found += await tx.responses.with_name(key.id, name)
        found += await tx.tasks.with_name(key.id, name)
    return found


def without(cohort: Cohort, employee_id: str) -> Cohort:
    """The cohort with nobody of this name in its attendance."""
    return cohort.having(sessions=tuple(_without(session, employee_id) for session in cohort.sessions))


def _without(session: SessionView, employee_id: str) -> SessionView:
    stayed = tuple(one for one in session.attended if one != employee_id)
    return session.model_copy(update={"attended": stayed})
