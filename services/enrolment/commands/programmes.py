"""Publishing and revising programmes, and queueing whom they are for."""

from datetime import timedelta
from typing import Literal

from services.enrolment.commands import approvals, audience, goals, places, recommendations
from services.enrolment.model import Programme
from services.enrolment.programme_file import ProgrammeFile
from services.enrolment.rules import places as place_rules
from services.enrolment.rules import revisions
from services.enrolment.rules.reasons import Retired
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.store import EnrolmentTransaction
from shared.events.base import Fact
from shared.events.enrolment import ProgrammeRetired
from shared.model import Timer

LOOK_AGAIN = "programme_look_again"
LONGEST_TRANSACTION = timedelta(minutes=1)
"""MongoDB ends a transaction that is older: whatever did not see the programme has been committed by then."""


class Applied(Fact):
    """What became of a programme file, and what is doubtful about the goals that it names."""

    code: str
    revision: int
    outcome: Literal["published", "revised", "unchanged"]
    queued: int
    concerns: tuple[str, ...] = ()


async def apply(
    tx: EnrolmentTransaction, file: ProgrammeFile, *, by: str | None = None, addresses: tuple[str, ...] = ()
) -> Applied:
    """Let the programme read like this from now on. Cohorts that exist keep the revision they were made of.

    `addresses` are the recommendations that it answers. A programme that had been retired is taken up again.
    """
    known = await tx.programmes.get(file.code)
    doubts = (
        *await goals.concerns(tx, file.goals),
        *await audience.concerns(tx, file),
        *await recommendations.concerns(tx, file.code, addresses),
    )
    if known and known.content == file and not known.retired:
        return Applied(code=file.code, revision=known.revision, outcome="unchanged", queued=0, concerns=doubts)
    programme = Programme(id=file.code, revision=known.revision + 1 if known else 1, content=file)
    kept = revisions.kept(programme, at=tx.now, by=by, change_id=tx.change_id, addresses=addresses)
    tx.save(programme, kept, revisions.announcement(programme, addresses))
    tx.save(Timer.of(LOOK_AGAIN, programme.id, tx.now + LONGEST_TRANSACTION, change_id=tx.change_id))
    queued = await audience.go_through_staff(tx, programme)
    await approvals.requirement_changed(tx, programme.id)
    outcome: Literal["published", "revised"] = "revised" if known else "published"
    return Applied(code=file.code, revision=programme.revision, outcome=outcome, queued=queued, concerns=doubts)


async def retire(tx: EnrolmentTransaction, code: str, *, by: str | None = None) -> Programme | Refusal:
    """Let the programme take no more people: nobody waits for it any longer, and groups that exist go on to the end."""
    known = await tx.programmes.get(code)
    if known is None:
        return unknown("programme", code)
    if known.retired:
        return conflict("programme-retired", f"{code} has been retired already")
    programme = known.having(revision=known.revision + 1, retired=True)
    kept = revisions.kept(programme, at=tx.now, by=by, change_id=tx.change_id)
    tx.save(programme, kept, ProgrammeRetired(version=programme.revision, programme=code))
    tx.cancel_timer(LOOK_AGAIN, code)
    await nobody_waits(tx, code)
    return programme


async def nobody_waits(tx: EnrolmentTransaction, code: str) -> None:
    """Let all who wait for a programme that is retired, or have paused in it, wait no longer."""
    paused = await tx.places.find({"programme": code, "state": "paused"}, sort=[("_id", 1)])
    for place in (*await tx.places.queue_of(code), *paused):
        await places.give_up(tx, place, place_rules.withdraw(place, Retired(), tx.now))


async def look_again(tx: EnrolmentTransaction, code: str) -> None:
    """Queue, withdraw and ask about those of whom HR told while the programme was written: neither saw the other."""
    programme = await tx.programmes.get(code)
    if programme and not programme.retired:
        await audience.go_through_staff(tx, programme, again=True)
        await approvals.requirement_changed(tx, code)
