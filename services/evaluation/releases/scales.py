"""What managers say of themselves on scales that are asked again: levels, and changes since before the programme."""

from services.evaluation.anonymity import Candidate
from services.evaluation.instruments import Instrument
from services.evaluation.releases.asked import Asked, Stage, part_of
from services.evaluation.releases.figures import Side, change, change_of, compared, level, together

UNDERSTANDING, LOOKING_BACK = "UM", "UM.looking_back"

OWN_SCALES = (UNDERSTANDING, "LU", "HME.governance", "BE.own")
"""Instruments and sub-indices in which managers see themselves; the first is the primary outcome, judged first."""


def own_scales(stage: Stage) -> list[Candidate]:
    """How managers see themselves now, and what has changed since before the programme.

    Over complete pairs where it was asked before in wording that compares; else over all who answered now.
    """
    found: list[Candidate] = []
    now = stage.now()
    for indicator in OWN_SCALES if now else ():
        after = side_of(indicator, now, stage)
        before = before_of(indicator, stage)
        if after and before:
            found += compared(indicator, before, after)
        elif after:
            found.append(level(indicator, after))
    return found


def looking_back(stage: Stage) -> list[Candidate]:
    """How it was before, as it seems afterwards, and the change since then: beside the real change, never instead.

    Over those whose real change is told. Looking back, people tend to see themselves as having been worse.
    """
    now, before = stage.now(), before_of(UNDERSTANDING, stage)
    then, after = side_of(LOOKING_BACK, now, stage), side_of(UNDERSTANDING, now, stage)
    if then is None or after is None:
        return []
    if before:
        then = then.over(then.scores.keys() & together(before, after)[0].scores.keys())
    then, after = together(then, after)
    if not then.scores:
        return []
    return [change(change_of(LOOKING_BACK), then, after), level(LOOKING_BACK, then, after, over="pairs")]


def transfer(stage: Stage) -> list[Candidate]:
    """How far what was learned could be used, over all who answered."""
    now = stage.now()
    edition = now.edition("TR", stage.library) if now else None
    return [level("TR", Side.of(now, edition.index_items))] if now and edition else []


def before_of(indicator: str, stage: Stage) -> Side | None:
    """The same scale before the programme, if it was asked then and the two wordings compare."""
    before = stage.before()
    then, now = _edition(indicator, before, stage), _edition(indicator, stage.now(), stage)
    return side_of(indicator, before, stage) if then and now and now.compares(then) else None


def side_of(indicator: str, asked: Asked | None, stage: Stage) -> Side | None:
    """The scores on a scale in a wave in which it was asked."""
    edition = _edition(indicator, asked, stage)
    if asked is None or edition is None:
        return None
    part = indicator.partition(".")[2]
    items = part_of(edition, part) if part else edition.index_items
    meant = {item.id for item in edition.items_in(asked.wave.wave, asked.wave.of)}
    return Side.of(asked, items) if items and meant.issuperset(items) else None


def _edition(indicator: str, asked: Asked | None, stage: Stage) -> Instrument | None:
    return asked.edition(indicator.partition(".")[0], stage.library) if asked else None
