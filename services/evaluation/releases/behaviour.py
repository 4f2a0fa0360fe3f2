"""What employees see of their managers, told for the programme only: each manager once, with the mean of those who
answered about her (I12)."""

from statistics import fmean

from services.evaluation.anonymity import Candidate, threshold
from services.evaluation.releases.asked import Asked, Stage, part_of
from services.evaluation.releases.figures import POINTS_PER_STEP, Side, compared, level

SEEN = ("BE.seen", "HME.leadership")


def behaviour(stage: Stage, *, k: int) -> list[Candidate]:
    """How managers are seen now, and what has changed since before, over managers with k raters or more: in both waves
    where it was asked twice. At least k such managers make more than the fifteen raters that are needed besides.

    The raters of the two waves are not the same people, and nobody knows who they are.
    """
    now, before = stage.now("employees"), stage.before("employees")
    if now is None:
        return []
    found: list[Candidate] = []
    for indicator in SEEN:
        after = _side(indicator, now, stage, k)
        if after and before and (earlier := _side(indicator, before, stage, k)):
            found += compared(indicator, earlier, after)
        elif after:
            found.append(level(indicator, after))
    return found


def _side(indicator: str, asked: Asked, stage: Stage, k: int) -> Side | None:
    code, _, part = indicator.partition(".")
    edition = asked.edition(code, stage.library)
    items = part_of(edition, part) if edition else ()
    if not items:
        return None
    enough = {who: given for who, given in asked.ratings(items).items() if len(given) >= threshold(k)}
    raters = max((len(given) for given in enough.values()), default=1)
    means = {who: fmean(given) for who, given in enough.items()}
    return Side(asked.wave.wave, means, asked.asks(items), POINTS_PER_STEP / len(items) / raters)
