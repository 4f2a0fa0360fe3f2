"""A change's way from proposed to applied, or back: each step with what it needs."""

from datetime import datetime, timedelta
from typing import Final

from services.enrolment.model import Change
from services.enrolment.rules.change_commands import Command, kind_of, read
from services.enrolment.rules.impact import A_FEW, Impact
from services.enrolment.rules.refusal import Refusal, conflict

SETTLING: Final = timedelta(minutes=15)
"""How long an approved change waits, so that it can be undone before anybody has heard of it."""

UNDO_ELSEWHERE: Final = {
    "cancel_cohort": "its people are first in line: schedule another cohort and compose it",
    "add_session": "propose to cancel the session that was added",
    "change_place": "the sessions were in different places before: propose a place for each of them",
}
"""What to do instead where no one command leads back."""


def proposed(
    change_id: str, command: Command, impact: Impact, *, note: str, by: str, now: datetime, undoes: str | None = None
) -> Change:
    """A change that the office looks at; nothing has happened."""
    return Change(
        id=change_id,
        kind=kind_of(command),
        command=command.model_dump(mode="json"),
        note=note,
        impact=impact.model_dump(mode="json"),
        at=now,
        by=by,
        undoes=undoes,
    )


def approved(
    change: Change, fresh: Impact, *, seen: str | None, confirmed: int | None, by: str, now: datetime, at_once: bool
) -> Change | Refusal:
    """The change as one that takes effect when it has settled, if what it leads to is what was `seen`.

    `seen` is the fingerprint of the impact that the office has looked at; the one that the change keeps if none is
    given. A change that touches many must be approved with the number of people that the preview tells.
    """
    if change.state != "proposed":
        return conflict("change-not-proposed", f"the change is {change.state}: only a proposed one can be approved")
    looked_at = seen or Impact.model_validate(change.impact).fingerprint
    if fresh.fingerprint != looked_at:
        return conflict(
            "change-stale",
            "things have moved since, and the change would lead to something else now: look again (?refresh=true), and"
            " approve with the fingerprint that you have seen",
        )
    many = enough(fresh, confirmed)
    if isinstance(many, Refusal):
        return many
    ripples_at = now if at_once else now + SETTLING
    return change.having(
        version=change.version + 1,
        state="approved",
        impact=fresh.model_dump(mode="json"),
        approved_at=now,
        approved_by=by,
        ripples_at=ripples_at,
    )


def enough(impact: Impact, confirmed: int | None) -> Impact | Refusal:
    """The impact, if it touches few, or as many as have been confirmed: nobody changes much by mistake."""
    if impact.confirm_people is None or confirmed == impact.confirm_people:
        return impact
    return conflict(
        "confirm-people",
        f"this touches {impact.touched} people, which is many: look at the preview, and say"
        f" confirm_people={impact.confirm_people} if it is meant",
    )


def outgrown(change: Change, now: Impact) -> Refusal | None:
    """Whether a change that has settled would touch many people more than when it was approved: it wants another
    look."""
    then = Impact.model_validate(change.impact)
    if now.confirm_people is None or now.touched <= then.touched + A_FEW:
        return None
    return conflict(
        "outgrown",
        f"it was approved for {then.touched} people and would touch {now.touched} by now: propose it again, and look",
    )


def applied(change: Change, inverse: Command | None, now: datetime) -> Change:
    """The change as one that has taken effect, with the command that would lead back."""
    back = {"kind": kind_of(inverse), "command": inverse.model_dump(mode="json")} if inverse else None
    return change.having(version=change.version + 1, state="applied", applied_at=now, inverse=back)


def failed(change: Change, why: Refusal) -> Change:
    """The change as one that could not take effect when its time came, and why."""
    return change.having(version=change.version + 1, state="failed", problem=why.detail)


def dropped(change: Change) -> Change | Refusal:
    """The proposal is not pursued."""
    if change.state != "proposed":
        return conflict("change-not-proposed", f"the change is {change.state}: {_what_to_do(change)}")
    return change.having(version=change.version + 1, state="dropped")


def undone(change: Change) -> Change | Refusal:
    """An approved change is put back before anybody has heard of it."""
    if change.state != "approved":
        return conflict("change-not-approved", f"the change is {change.state}: {_what_to_do(change)}")
    return change.having(version=change.version + 1, state="undone", ripples_at=None)


def way_back(change: Change) -> Command | Refusal:
    """The command that leads back from a change that has been applied."""
    if change.inverse is None:
        instead = UNDO_ELSEWHERE.get(change.kind, "propose another change")
        return conflict("no-way-back", f"no one change leads back from this: {instead}")
    return read(change.inverse["kind"], change.inverse["command"])


def _what_to_do(change: Change) -> str:
    return {
        "proposed": "drop it instead",
        "approved": "undo it instead",
        "applied": "undo it, which proposes the way back",
    }.get(change.state, "there is nothing to be done about it")
