"""A change of a programme or a cohort: proposed, approved, rippled when it has settled, or put back."""

from typing import Final

from services.enrolment.commands.impacts import impact_of
from services.enrolment.commands.performing import perform
from services.enrolment.model import Change
from services.enrolment.rules import changes
from services.enrolment.rules.change_commands import Command, read
from services.enrolment.rules.impact import Impact
from services.enrolment.rules.refusal import Refusal, conflict, unknown
from services.enrolment.store import EnrolmentTransaction
from shared.cloudevents import uuid7
from shared.delivery import Instead
from shared.model import Timer

RIPPLE: Final = "ripple_change"


async def propose(
    tx: EnrolmentTransaction, command: Command, impact: Impact, *, note: str, by: str, undoes: str | None = None
) -> Change:
    """Write down what is wanted, with what it would lead to; nothing happens yet."""
    change = changes.proposed(uuid7(), command, impact, note=note, by=by, now=tx.now, undoes=undoes)
    tx.save(change)
    return change


async def approve(
    tx: EnrolmentTransaction,
    change_id: str,
    fresh: Impact | Refusal,
    *,
    seen: str | None,
    confirmed: int | None,
    at_once: bool,
    by: str,
) -> Change | Refusal:
    """Let a proposed change take effect when it has settled, or `at_once`. `fresh` is what it would lead to now."""
    change = await tx.changes.get(change_id)
    if change is None:
        return unknown("change", change_id)
    if isinstance(fresh, Refusal) and change.state == "proposed":
        return fresh
    expected = Impact.model_validate(change.impact) if isinstance(fresh, Refusal) else fresh
    approved = changes.approved(change, expected, seen=seen, confirmed=confirmed, by=by, now=tx.now, at_once=at_once)
    if isinstance(approved, Refusal):
        return approved
    if at_once:
        return await _apply_now(tx, approved, expected)
    tx.save(approved, Timer.of(RIPPLE, change_id, approved.ripples_at or tx.now))
    return approved


async def _apply_now(tx: EnrolmentTransaction, change: Change, expected: Impact) -> Change | Refusal:
    """Apply it in this transaction; whoever gets a refusal must give the transaction up."""
    applied = await _apply(tx, change)
    if isinstance(applied, Refusal):
        return applied
    concerns = expected.concerns
    if (await impact_of(tx, concerns)).fingerprint != expected.fingerprint:
        return conflict(
            "change-stale", "things have moved in this very moment: look at the change again and approve it"
        )
    return applied


async def ripple(tx: EnrolmentTransaction, change_id: str) -> None:
    """The change has settled: let it take effect, as one step whose events all carry its id.

    If it has become impossible, or would touch many more people than it was approved for, nothing happens.
    """
    change = await tx.changes.get(change_id)
    if change is None or change.state != "approved" or change.ripples_at is None or change.ripples_at > tx.now:
        return
    applied = await _apply(tx, change)
    refusal = applied if isinstance(applied, Refusal) else changes.outgrown(change, await impact_of(tx, ()))
    if refusal:
        raise Instead(lambda other: _fail(other, change_id, refusal))


async def _fail(tx: EnrolmentTransaction, change_id: str, why: Refusal) -> None:
    change = await tx.changes.get(change_id)
    if change and change.state == "approved":
        tx.save(changes.failed(change, why))
    tx.cancel_timer(RIPPLE, change_id)


async def _apply(tx: EnrolmentTransaction, change: Change) -> Change | Refusal:
    tx.change_id = change.id
    done = await perform(tx, read(change.kind, change.command), change.approved_by)
    if isinstance(done, Refusal):
        return done
    applied = changes.applied(change, done.way_back, tx.now)
    tx.save(applied)
    return applied


async def way_back(tx: EnrolmentTransaction, change_id: str) -> Command | Refusal | None:
    """The command that leads back from a change that has been applied; nothing if it can simply be put back."""
    change = await tx.changes.get(change_id)
    if change is None:
        return unknown("change", change_id)
    return changes.way_back(change) if change.state == "applied" else None


async def undo(tx: EnrolmentTransaction, change_id: str) -> Change | Refusal:
    """Put an approved change back before it takes effect: nobody has heard of it, and nobody will."""
    return await _left(tx, change_id, "undo")


async def drop(tx: EnrolmentTransaction, change_id: str) -> Change | Refusal:
    """Do not pursue a proposal."""
    return await _left(tx, change_id, "drop")


async def _left(tx: EnrolmentTransaction, change_id: str, how: str) -> Change | Refusal:
    change = await tx.changes.get(change_id)
    if change is None:
        return unknown("change", change_id)
    after = changes.undone(change) if how == "undo" else changes.dropped(change)
    if isinstance(after, Change):
        tx.cancel_timer(RIPPLE, change_id)
        tx.save(after)
    return after
