"""Where nearly all answered alike, a band is told instead of a mean (I5): no change may give the mean away."""

from services.evaluation.anonymity import Candidate, Published
from services.evaluation.model import Hidden
from services.evaluation.releases.figures import change_of
from services.evaluation.releases.scales import LOOKING_BACK, UNDERSTANDING
from shared.events.evaluation import Figure


def guarded(told: Published) -> tuple[tuple[Candidate, ...], tuple[Figure, ...], list[Hidden]]:
    """What may be told beside the bands among it, and what is kept back for them.

    The level before and the change tell the level after. The change asks a question of its own, so that `publishable`,
    which adds and subtracts what is told of the same questions, does not see that. The level before may have been told
    long ago: it is the change that is kept back.
    """
    banded = {figure.indicator for figure in told.figures if figure.band}
    hidden = {change_of(indicator) for indicator in banded}
    hidden |= {change_of(LOOKING_BACK)} if UNDERSTANDING in banded else set()
    pairs = list(zip(told.shown, told.figures, strict=True))
    kept = [(candidate, figure) for candidate, figure in pairs if figure.indicator not in hidden]
    reasons = [
        Hidden(indicator=figure.indicator, reason="homogeneous") for _, figure in pairs if figure.indicator in hidden
    ]
    return tuple(candidate for candidate, _ in kept), tuple(figure for _, figure in kept), reasons
