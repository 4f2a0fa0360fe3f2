"""A story of all services as lines: in the order of time, each step indented below what led to it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from deploy.ctl.office.showing import ZONE
from shared.trace import Kind, Step, in_order

DEEPEST: Final = 8
"""How far lines are indented at most; a longer chain goes on at this depth."""

APART: Final = timedelta(minutes=1)
"""From which difference on the machine's time is shown beside the clock's."""

UNTOLD: Final = ("evaluation.notifications",)
"""Queues of which evaluation tells nothing: its mails are about surveys."""

_ONLY_TIME: Final = frozenset({"answer", "promise"})


class Depths:
    """How deep each step stands below the first of its chain."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._announced = {step.id: step for step in steps if step.kind == "announced"}
        self._mails = {step.id: step for step in steps if step.kind == "mail" and step.what.endswith(" made")}
        self._received = {step.id for step in steps if step.kind in ("received", "dead")}
        self._commands = {step.correlation_id for step in steps if step.kind == "decided" and step.correlation_id}
        self._with = {(step.service, step.at, one): step for step in self._announced.values() for one in step.concerns}

    def of(self, step: Step) -> int:
        """The depth of a step; 0 if nothing told led to it."""
        return min(self._of(step), DEEPEST)

    def _of(self, step: Step) -> int:
        if step.kind in ("received", "dead"):
            return self._handled(step.id, frozenset())
        if step.kind == "decided" and not step.causation_id:
            beside = (self._with.get((step.service, step.at, one)) for one in step.concerns)
            return next((self._of(one) for one in beside if one), 0)
        return 0 if step.kind in _ONLY_TIME or step.kind == "decided" else self._below(step.causation_id, frozenset())

    def _below(self, cause: str | None, seen: frozenset[str]) -> int:
        """The depth of what followed from `cause`."""
        if cause is None or cause in seen:
            return 0
        known = cause in self._received or cause in self._announced or cause in self._mails or cause in self._commands
        return self._handled(cause, seen) + 1 if known else 0

    def _handled(self, event_id: str, seen: frozenset[str]) -> int:
        """The depth at which an event, a mail or a command was dealt with."""
        if said := self._announced.get(event_id):
            return self._below(said.causation_id, seen | {event_id}) + 1
        if mail := self._mails.get(event_id):
            return self._below(mail.causation_id, seen | {event_id})
        return 0


def related(steps: Sequence[Step], wanted: str) -> list[Step]:
    """What led to an event or a mail, and what followed from it, out of its whole chain.

    One command may concern many people: of those who share nothing with the event, nothing is kept.
    """
    causes = {step.id: step.causation_id for step in steps if step.kind in ("announced", "received", "mail")}
    causes |= {step.id: step.causation_id for step in steps if step.kind == "announced" or step.what.endswith(" made")}
    before, todo = set[str](), causes.get(wanted)
    while todo and todo not in before:
        before.add(todo)
        todo = causes.get(todo)
    after, grew = {wanted}, True
    while grew:
        more = {one for one, cause in causes.items() if cause in after} - after
        after, grew = after | more, bool(more)
    shared = {one for step in steps if step.id == wanted for one in step.concerns}
    return [
        step
        for step in steps
        if (step.id in before | after and step.kind != "decided")
        or (step.kind == "decided" and step.causation_id in before and shared.intersection(step.concerns))
    ]


def not_taken_in(steps: Sequence[Step]) -> dict[str, list[str]]:
    """Of each event that was announced, the queues from which nothing is known to have taken it, nor to have failed."""
    arrived = {(step.id, queue) for step in steps if step.kind in ("received", "dead") for queue in step.where}
    missing = {
        step.id: [queue for queue in step.where if queue not in UNTOLD and (step.id, queue) not in arrived]
        for step in steps
        if step.kind == "announced"
    }
    return {event_id: queues for event_id, queues in missing.items() if queues}


def lines(steps: Sequence[Step]) -> Iterator[tuple[str, str]]:
    """Two lines for each step: what happened, and which ids it is about."""
    ordered = in_order(steps)
    depths, missing = Depths(ordered), not_taken_in(ordered)
    for step in ordered:
        depth = depths.of(step)
        late = missing.get(step.id, []) if step.kind == "announced" else []
        yield _first(step, depth, late), _second(step, depth)


def _first(step: Step, depth: int, late: Sequence[str]) -> str:
    outcome = f": {step.outcome}" if step.outcome else ""
    outcome += f", not taken in yet from {', '.join(late)}" if late else ""
    moment = f"{step.at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}"
    return f"{moment}  {step.service:<13}  {'   ' * depth}{'└ ' if depth else ''}{_what(step)}{outcome}"


def _what(step: Step) -> str:
    where = ", ".join(step.where)
    asked = f", asked by the role {step.by}" if step.by else ""
    says: dict[Kind, str] = {
        "received": f"took in {step.what} from {where}",
        "announced": f"announced {step.what} to {where or 'no service'}",
        "dead": f"could not handle {step.what} from {where}",
        "decided": f"{where} {step.id} {step.what}{asked}",
        "mail": f"mail: {step.what}",
        "answer": f"answer {step.what} to {step.id}",
        "promise": step.what,
    }
    return says[step.kind]


def _second(step: Step, depth: int) -> str:
    parts = []
    if step.kind in ("received", "announced", "dead", "mail"):
        parts.append(("mail " if step.kind == "mail" else "event ") + step.id)
    if step.causation_id not in (None, step.id, step.correlation_id) and not depth:
        parts.append(f"because of {step.causation_id}")
    if step.correlation_id and not depth:
        parts.append(f"chain {step.correlation_id}")
    if about := [one for one in step.concerns if one != step.id]:
        parts.append(f"about {', '.join(about)}")
    if step.machine_at and abs(step.machine_at - step.at) > APART:
        parts.append(f"on the machine {step.machine_at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}")
    return " " * 36 + "   " * depth + ("  " if depth else "") + " · ".join(parts)
