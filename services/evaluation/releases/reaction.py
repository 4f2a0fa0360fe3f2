"""What participants think of the programme: the reaction index with its parts, the pulses, and the recommendation."""

from services.evaluation import statistics
from services.evaluation.anonymity import Candidate, publishable_count, publishable_shares
from services.evaluation.model import PULSE, Hidden
from services.evaluation.releases.asked import Stage
from services.evaluation.releases.figures import Side, level
from shared.events.evaluation import Figure

REACTION, RECOMMENDATION = "RX", "RI"

_GROUPINGS = (
    {"RI.promoters": ["would"], "RI.passives": ["between"], "RI.detractors": ["would_not"]},
    {"RI.promoters": ["would"], "RI.not_promoters": ["between", "would_not"]},
    {"RI.not_detractors": ["would", "between"], "RI.detractors": ["would_not"]},
)


def reaction(stage: Stage) -> list[Candidate]:
    """The reaction index and its sub-indices, all over the same people: those who have a score in every sub-index.

    Were each over those who answered it, the total and the parts together would give away the one who skipped a part.
    A pulse asks one item of each part, and has the one index.
    """
    now = stage.now()
    edition = now.edition(REACTION, stage.library) if now else None
    if now is None or edition is None:
        return []
    if now.wave.wave == PULSE:
        asked = [item.id for item in edition.items_in(PULSE, now.wave.of) if item.id in edition.index_items]
        return [level(f"{REACTION}.pulse", Side.of(now, tuple(asked)))]
    if now.wave.wave != "T1":
        return []
    parts = {part.code: Side.of(now, part.items) for part in edition.parts}
    everywhere = set[str].intersection(*(set(side.scores) for side in parts.values()))
    parts = {code: side.over(everywhere) for code, side in parts.items()}
    whole = Side.of(now, edition.index_items)
    means = {person: sum(side.scores[person] for side in parts.values()) / len(parts) for person in sorted(everywhere)}
    total = Side(whole.wave, means, whole.asks, whole.step)
    return [level(REACTION, total), *(level(f"{REACTION}.{code}", side) for code, side in parts.items())]


def recommendation(stage: Stage, *, k: int) -> tuple[list[Figure], list[Hidden]]:
    """How many would recommend the programme, in the finest grouping where each group is large enough; an index only of
    thirty answers or more, as one person of twelve would move it by 17 points."""
    now = stage.now()
    edition = now.edition(RECOMMENDATION, stage.library) if now else None
    if now is None or edition is None or now.wave.wave != "T1":
        return [], []
    counted = statistics.recommendation(list(now.answers(edition.item_ids[0]).values()))
    n, wave = counted.n, now.wave.wave
    if publishable_count(n, k=k) is None:
        return [], [Hidden(indicator=RECOMMENDATION, reason="too_few")]
    counts = {"would": counted.would, "between": counted.between, "would_not": counted.would_not}
    groups = publishable_shares(counts, _GROUPINGS, k=k)
    if not groups:
        return [], [Hidden(indicator=RECOMMENDATION, reason="too_few")]
    figures = [Figure(indicator=name, wave=wave, n=n, value=count, unit="people") for name, count in groups.items()]
    if counted.shown_index is not None and len(groups) == len(counts):
        figures.append(Figure(indicator="RI.index", wave=wave, n=n, value=round(counted.shown_index, 1)))
    return figures, []
