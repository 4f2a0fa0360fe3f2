"""Beside the change in understanding: how many rose and fell, and what the silent could make of it."""

from collections.abc import Mapping, Sequence

from services.evaluation import anonymity, statistics
from services.evaluation.model import Hidden
from services.evaluation.releases.asked import Stage
from services.evaluation.releases.figures import Side, change_of, together
from services.evaluation.releases.scales import UNDERSTANDING, before_of, side_of
from shared.events.evaluation import Figure

CHANGE = change_of(UNDERSTANDING)
BOUND = "UM.change_bound"
MOVEMENT = "UM.movement"

_GROUPINGS: Sequence[Mapping[str, Sequence[str]]] = (
    {"UM.improved": ["improved"], "UM.unchanged": ["unchanged"], "UM.worse": ["worse"]},
    {"UM.improved": ["improved"], "UM.not_improved": ["unchanged", "worse"]},
    {"UM.not_worse": ["improved", "unchanged"], "UM.worse": ["worse"]},
)


def paired(stage: Stage) -> tuple[Side, Side] | None:
    """The understanding before and now, of those who answered both times; nothing when it was not asked twice."""
    before, after = before_of(UNDERSTANDING, stage), side_of(UNDERSTANDING, stage.now(), stage)
    return together(before, after) if before and after else None


def movement(stage: Stage, told: Sequence[Figure], *, k: int) -> tuple[list[Figure], list[Hidden]]:
    """How many improved, of those whose change is told, in the finest grouping where each group is large enough."""
    sides = paired(stage)
    if sides is None or not any(one.indicator == CHANGE for one in told):
        return [], []
    before, after = sides
    moved = statistics.movement([before.scores[who] for who in after.scores], list(after.scores.values()))
    counts = {"improved": moved.improved, "unchanged": moved.unchanged, "worse": moved.worse}
    groups = anonymity.publishable_shares(counts, _GROUPINGS, k=k)
    if not groups:
        return [], [Hidden(indicator=MOVEMENT, reason="too_few")]
    n = len(after.scores)
    return [
        Figure(indicator=name, wave=after.wave, n=n, value=round(100 * count / n, 1), unit="percent")
        for name, count in groups.items()
    ], []


def bound(stage: Stage, told: Sequence[Figure]) -> list[Figure]:
    """The change if nobody had changed of those who were asked and are in no pair: the least that it can be, as far as
    silence goes. Reckoned from what is told, so that it tells no more."""
    change = next((one for one in told if one.indicator == CHANGE), None)
    now = stage.now()
    if change is None or now is None:
        return []
    least = statistics.worst_case_change(change.value, pairs=change.n, asked=max(len(now.reached), change.n))
    return [Figure(indicator=BOUND, wave=change.wave, n=change.n, value=round(least, 1), unit="change")]
