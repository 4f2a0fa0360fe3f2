"""Each kind of change that can be proposed: the step that does it, and the command that would lead back from it."""

from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from services.enrolment import programme_file
from services.enrolment.commands import audience, cohort_changes, cohorts, programmes, recommendations, seats, settling
from services.enrolment.model import Cohort, Programme, Session
from services.enrolment.programme_file import MAX_CHARACTERS, ProgrammeFileError, Title
from services.enrolment.rules.change_commands import (
    AddSession,
    AdoptRevision,
    CancelCohort,
    CancelSession,
    ChangePlace,
    Command,
    RescheduleSession,
    RetireProgramme,
    ReviseProgramme,
    SetFacilitators,
)
from services.enrolment.rules.reasons import SessionTakenBack, said
from services.enrolment.rules.refusal import Refusal, conflict, invalid
from services.enrolment.store import EnrolmentTransaction
from shared.model import Timer

Due = tuple[str, str]
"""Kind and subject of a timer."""
MOST_ROUNDS = 5
"""How often what follows may lead to something else in one step; what is left is done by its timers."""
_AT_ONCE: Final = {seats.FILL: seats.fill_cohort, settling.SETTLED: audience.look_at}


class Done(NamedTuple):
    """A change that was made: what leads back from it, if one command does, and what is doubtful about it."""

    way_back: Command | None = None
    concerns: tuple[str, ...] = ()


async def perform(tx: EnrolmentTransaction, command: Command, by: str | None) -> Done | Refusal:
    """Do it, with all that follows from it at once; a refusal has changed nothing."""
    others = frozenset(_due_at_once(tx))
    done = await _STEPS[type(command)](tx, command, by)
    if isinstance(done, Done):
        await follow_through(tx, but=others)
    return done


async def follow_through(tx: EnrolmentTransaction, *, but: Collection[Due] = ()) -> None:
    """Do in this step what timers would do in the next moment, `but` for those that it has found: free seats are
    offered, and whoever came back into a queue is looked at. It belongs to the same change, and to its preview."""
    for _ in range(MOST_ROUNDS):
        due = sorted(_due_at_once(tx) - set(but))
        if not due:
            return
        for kind, subject in due:
            tx.cancel_timer(kind, subject)
            await _AT_ONCE[kind](tx, subject)


def _due_at_once(tx: EnrolmentTransaction) -> set[Due]:
    changes = tx.documents(Timer).changes().values()
    return {
        (each.kind, each.subject) for _, each in changes if each and each.kind in _AT_ONCE and each.due_at <= tx.now
    }


async def _revise(tx: EnrolmentTransaction, command: ReviseProgramme, by: str | None) -> Done | Refusal:
    try:
        file = programme_file.read(command.file)
    except ProgrammeFileError as error:
        return invalid("programme-file", str(error))
    if strange := await recommendations.refusal(tx, file.code, command.addresses):
        return strange
    before = await tx.programmes.get(file.code)
    applied = await programmes.apply(tx, file, by=by, addresses=command.addresses)
    if applied.outcome == "unchanged":
        return conflict("nothing-changed", f"{file.code} reads like that already: there is nothing to change")
    if before is None or before.retired:
        return Done(RetireProgramme(code=file.code), applied.concerns)
    return Done(_as_it_read(before), applied.concerns)


async def _retire(tx: EnrolmentTransaction, command: RetireProgramme, by: str | None) -> Done | Refusal:
    programme = await programmes.retire(tx, command.code, by=by)
    if isinstance(programme, Refusal):
        return programme
    return Done(_as_it_read(programme))


def _as_it_read(programme: Programme) -> ReviseProgramme | None:
    """The command that lets the programme read like this again; none if all that it says is too long for one file."""
    file = programme.content.model_dump_json()
    return ReviseProgramme(file=file) if len(file) <= MAX_CHARACTERS else None


async def _adopt(tx: EnrolmentTransaction, command: AdoptRevision, _by: str | None) -> Done | Refusal:
    before = await tx.cohorts.get(command.cohort_id)
    after = await cohort_changes.adopt_revision(tx, command.cohort_id, command.revision)
    if isinstance(after, Refusal) or before is None:
        return after if isinstance(after, Refusal) else Done()
    return Done(AdoptRevision(cohort_id=before.id, revision=before.revision))


async def _reschedule(tx: EnrolmentTransaction, command: RescheduleSession, _by: str | None) -> Done | Refusal:
    before = await _session(tx, command.cohort_id, command.session_id)
    after = await cohorts.reschedule(
        tx,
        command.cohort_id,
        command.session_id,
        starts_at=_moment(tx, command.starts_at),
        ends_at=_moment(tx, command.ends_at) if command.ends_at else None,
        location=command.location,
        force=command.force,
    )
    if isinstance(after, Refusal) or before is None:
        return after if isinstance(after, Refusal) else Done()
    back = command.model_copy(
        update={"starts_at": before.starts_at, "ends_at": before.ends_at, "location": before.location or None}
    )
    return Done(back)


async def _cancel_session(tx: EnrolmentTransaction, command: CancelSession, _by: str | None) -> Done | Refusal:
    before = await _session(tx, command.cohort_id, command.session_id)
    after = await cohort_changes.cancel_session(tx, command.cohort_id, command.session_id, command.reason.localised())
    if isinstance(after, Refusal) or before is None:
        return after if isinstance(after, Refusal) else Done()
    if after.state == "completed":
        return Done()
    return Done(_held_again(command.cohort_id, before))


def _held_again(cohort_id: str, session: Session) -> AddSession | None:
    """The command that adds a session like this one; none if it says what cannot be asked for, such as no place."""
    try:
        return AddSession(
            cohort_id=cohort_id,
            module=session.module,
            title=Title(sv=session.title.sv, en=session.title.en),
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            location=session.location,
        )
    except ValidationError:
        return None


async def _add_session(tx: EnrolmentTransaction, command: AddSession, _by: str | None) -> Done | Refusal:
    before = await tx.cohorts.get(command.cohort_id)
    after = await cohort_changes.add_session(
        tx,
        command.cohort_id,
        module=command.module,
        title=command.title.localised() if command.title else None,
        starts_at=_moment(tx, command.starts_at),
        ends_at=_moment(tx, command.ends_at),
        location=command.location,
    )
    if isinstance(after, Refusal) or before is None:
        return after if isinstance(after, Refusal) else Done()
    [added] = {each.session_id for each in after.sessions} - {each.session_id for each in before.sessions}
    reason = said(SessionTakenBack()).text
    return Done(
        CancelSession(cohort_id=after.id, session_id=added, reason=Title(sv=reason.sv, en=reason.en)),
    )


async def _change_place(tx: EnrolmentTransaction, command: ChangePlace, _by: str | None) -> Done | Refusal:
    before = await tx.cohorts.get(command.cohort_id)
    after = await cohort_changes.change_place(tx, command.cohort_id, command.session_id, command.location)
    if isinstance(after, Refusal) or before is None:
        return after if isinstance(after, Refusal) else Done()
    were = _where_they_were(before, after, command.session_id)
    if len(were) != 1 or "" in were:
        return Done()
    return Done(command.model_copy(update={"location": were.pop()}))


def _where_they_were(before: Cohort, after: Cohort, session_id: str | None) -> set[str]:
    """Where the session was, or all to come: those that are elsewhere now, and those that were there already."""
    return {
        old.location
        for old in before.sessions
        if session_id in {None, old.session_id} and (new := after.session(old.session_id)) and new.to_come
    }


async def _set_facilitators(tx: EnrolmentTransaction, command: SetFacilitators, _by: str | None) -> Done | Refusal:
    before = await tx.cohorts.get(command.cohort_id)
    after = await cohort_changes.set_facilitators(tx, command.cohort_id, command.facilitators)
    if isinstance(after, Refusal) or before is None:
        return after if isinstance(after, Refusal) else Done()
    return Done(SetFacilitators(cohort_id=before.id, facilitators=before.facilitators))


async def _cancel_cohort(tx: EnrolmentTransaction, command: CancelCohort, _by: str | None) -> Done | Refusal:
    after = await cohort_changes.cancel_cohort(tx, command.cohort_id, command.reason.localised())
    return after if isinstance(after, Refusal) else Done()


_STEPS: Final[dict[type[Command], Callable[[EnrolmentTransaction, Any, str | None], Awaitable[Done | Refusal]]]] = {
    ReviseProgramme: _revise,
    RetireProgramme: _retire,
    AdoptRevision: _adopt,
    RescheduleSession: _reschedule,
    CancelSession: _cancel_session,
    AddSession: _add_session,
    ChangePlace: _change_place,
    SetFacilitators: _set_facilitators,
    CancelCohort: _cancel_cohort,
}


async def _session(tx: EnrolmentTransaction, cohort_id: str, session_id: str) -> Session | None:
    cohort = await tx.cohorts.get(cohort_id)
    return cohort.session(session_id) if cohort else None


def _moment(tx: EnrolmentTransaction, moment: datetime) -> datetime:
    """A moment that somebody wrote; without offset it is local."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=tx.zone)).astimezone(UTC)
