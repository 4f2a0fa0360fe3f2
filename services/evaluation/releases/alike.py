"""Where nearly all answered alike, a band is told instead of a mean (I5): nothing beside it may give the mean away."""

from services.evaluation.anonymity import Candidate, Published
from services.evaluation.model import Hidden
from services.evaluation.releases.figures import change_of
from services.evaluation.releases.reaction import REACTION
from services.evaluation.releases.scales import LOOKING_BACK, UNDERSTANDING
from shared.events.evaluation import Figure


def guarded(told: Published) -> tuple[tuple[Candidate, ...], tuple[Figure, ...], list[Hidden]]:
    """What may be told beside the bands among it, and what is kept back for them.

    The level before and the change tell the level after; the parts of the reaction tell its index, and the index with
    the other parts tells the one that is left.
    """
    names = {figure.indicator for figure in told.figures}
    banded = {figure.indicator for figure in told.figures if figure.band}
    if REACTION in banded:
        banded = {name for name in banded if not name.startswith(f"{REACTION}.")}
    hidden = {name for one in banded for name in _telling(one, names)} & names
    kept = [pair for pair in zip(told.shown, told.figures, strict=True) if pair[1].indicator not in hidden]
    reasons = [Hidden(indicator=name, reason="homogeneous") for name in sorted(hidden)]
    return tuple(candidate for candidate, _ in kept), tuple(figure for _, figure in kept), reasons


def _telling(banded: str, names: set[str]) -> set[str]:
    """The figures that would tell a mean of which only the band is told."""
    if banded == REACTION:
        return {name for name in names if name.startswith(f"{REACTION}.")}
    if banded.startswith(f"{REACTION}."):
        return {REACTION}
    return {change_of(banded)} | ({change_of(LOOKING_BACK)} if banded == UNDERSTANDING else set())
