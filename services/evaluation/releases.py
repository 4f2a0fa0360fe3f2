"""From responses to a release: which figures there are, and on whom each rests. What is told, anonymity decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.evaluation import anonymity, statistics
from services.evaluation.anonymity import Candidate, Question
from services.evaluation.instruments import Instrument, Part
from services.evaluation.model import Hidden, Invitation, Participation, Release, Response, Wave
from services.evaluation.rules import audience
from services.evaluation.statistics import Interval
from shared.events import Event
from shared.events.evaluation import Figure, ReleasePublished, ResultSuppressed

CHANGE = "UM.change"
MOVEMENT = "UM.movement"

_GROUPINGS: Sequence[Mapping[str, Sequence[str]]] = (
    {"UM.improved": ["improved"], "UM.unchanged": ["unchanged"], "UM.worse": ["worse"]},
    {"UM.improved": ["improved"], "UM.not_improved": ["unchanged", "worse"]},
    {"UM.not_worse": ["improved", "unchanged"], "UM.worse": ["worse"]},
)

Scores = Mapping[str, float]
"""A person's score by her pseudonym."""


@dataclass(frozen=True)
class Asked:
    """A wave that was asked, and what came of it."""

    wave: Wave
    invitations: Sequence[Invitation]
    responses: Sequence[Response]

    def holds(self, instrument: Instrument) -> bool:
        """Whether the instrument was asked, in this wording or one that is compared with it."""
        comparable = {instrument.version, *instrument.compares_with}
        return any(ref.code == instrument.code and ref.version in comparable for ref in self.wave.instruments)


@dataclass(frozen=True)
class Pairs:
    """Scores of those who have one both before and after, in the same order."""

    before: Asked
    after: Asked
    early: Scores
    late: Scores


def compose(asked: Sequence[Asked], instruments: Mapping[str, Instrument], *, k: int, today: date) -> Release:
    """The one release of a cohort whose waves are over, in the order of the waves.

    Raises:
        ValueError: no wave was asked.
    """
    if not asked:
        raise ValueError("a release needs a wave that was asked")
    pairs = _pairs(asked, instruments["UM"])
    understanding = _change(pairs, instruments["UM"]) if pairs else _understanding(asked, instruments["UM"])
    told = anonymity.publishable(understanding + _reaction(asked, instruments["RX"]), k=k)
    shares, kept_back = _movement(pairs, k=k) if pairs else ([], [])
    figures = (*told.figures, *shares)
    last = asked[-1].wave
    return Release(
        id=f"{last.id}:release",
        cohort_id=last.cohort_id,
        programme=last.programme,
        revision=last.revision,
        title=last.title,
        k=anonymity.threshold(k),
        released_on=today,
        figures=figures,
        hidden=(*_by_instrument(told.hidden, figures), *kept_back),
        participation=_participation(asked, pairs, k=k) if figures else (),
        instruments=tuple(dict.fromkeys(ref for one in asked for ref in one.wave.instruments)),
    )


def announced(release: Release, public_url: str) -> list[Event]:
    """What is said of a release: its figures if there are any, and what was kept back."""
    said: list[Event] = []
    if release.figures:
        said.append(
            ReleasePublished(
                release_id=release.id,
                cohort_id=release.cohort_id,
                programme=release.programme,
                revision=release.revision,
                version=1,
                k=release.k,
                figures=release.figures,
                url=f"{public_url}/results/{release.cohort_id}",
            )
        )
    for hidden in release.hidden:
        said.append(
            ResultSuppressed(
                release_id=release.id,
                cohort_id=release.cohort_id,
                version=len(said) + 1,
                indicator=hidden.indicator,
                reason=hidden.reason,
            )
        )
    return said


def _understanding(asked: Sequence[Asked], instrument: Instrument) -> list[Candidate]:
    """Goal understanding when it was asked but once: over all who answered."""
    waves = [one for one in asked if one.holds(instrument)]
    return [_level(instrument.code, one, _scores(one, instrument), instrument.index_items) for one in waves]


def _change(pairs: Pairs, instrument: Instrument) -> list[Candidate]:
    """Goal understanding before and after, over complete pairs only: never "all" beside "pairs" (I3)."""
    items = instrument.index_items
    change = Candidate(
        CHANGE,
        _asks(pairs.before, items) | _asks(pairs.after, items),
        frozenset(pairs.early),
        lambda: _changed(pairs),
    )
    before = _level(instrument.code, pairs.before, pairs.early, items)
    return [before, _level(instrument.code, pairs.after, pairs.late, items), change]


def _reaction(asked: Sequence[Asked], instrument: Instrument) -> list[Candidate]:
    """The reaction index and its sub-indices, all over the same people: those who have a score in every sub-index.

    Were each over those who answered it, the total and the parts together would give away the one who skipped a part.
    """
    found: list[Candidate] = []
    for one in asked:
        if not one.holds(instrument):
            continue
        parts = instrument.parts
        by_part = {part.code: _scores(one, part) for part in parts}
        people = sorted(set[str].intersection(*(set(scores) for scores in by_part.values())))
        total = {person: sum(by_part[part.code][person] for part in parts) / len(parts) for person in people}
        found.append(_level(instrument.code, one, total, instrument.index_items, with_interval=True))
        for part in parts:
            scores = {person: by_part[part.code][person] for person in people}
            found.append(_level(f"{instrument.code}.{part.code}", one, scores, part.items))
    return found


def _movement(pairs: Pairs, *, k: int) -> tuple[list[Figure], list[Hidden]]:
    """How many improved, in the finest grouping where each group is large enough."""
    n = len(pairs.early)
    if anonymity.publishable_count(n, k=k) is None:
        return [], []
    moved = statistics.movement(list(pairs.early.values()), list(pairs.late.values()))
    counts = {"improved": moved.improved, "unchanged": moved.unchanged, "worse": moved.worse}
    shares = anonymity.publishable_shares(counts, _GROUPINGS, k=k)
    if not shares:
        return [], [Hidden(indicator=MOVEMENT, reason="too_few")]
    wave = pairs.after.wave.wave
    return [Figure(indicator=i, wave=wave, n=n, value=round(100 * c / n, 1)) for i, c in shares.items()], []


def _participation(asked: Sequence[Asked], pairs: Pairs | None, *, k: int) -> tuple[Participation, ...]:
    """How many were asked and answered; those whom the invitation could not reach do not count as asked."""
    rows = []
    for one in asked:
        both = len(pairs.early) if pairs and pairs.after is one else 0
        rows.append(
            Participation(
                wave=one.wave.wave,
                asked=anonymity.publishable_count(len(audience.reached(one.invitations)), k=k),
                answered=anonymity.publishable_count(len(one.responses), k=k),
                pairs=anonymity.publishable_count(both, k=k),
            )
        )
    return tuple(rows)


def _pairs(asked: Sequence[Asked], instrument: Instrument) -> Pairs | None:
    """Who answered both before and after; nothing when it was not asked twice."""
    waves = [one for one in asked if one.holds(instrument)]
    if len(waves) < 2:
        return None
    before, after = waves[0], waves[-1]
    early, late = _scores(before, instrument), _scores(after, instrument)
    both = sorted(early.keys() & late.keys())
    return Pairs(before, after, {person: early[person] for person in both}, {person: late[person] for person in both})


def _scores(asked: Asked, scale: Instrument | Part) -> dict[str, float]:
    """Each person's score on an instrument or a part of it; those who answered too little of it have none."""
    items = scale.index_items if isinstance(scale, Instrument) else scale.items
    scored = {
        r.link: statistics.person_score([r.answers.get(item) for item in items]) for r in asked.responses if r.link
    }
    return {person: score for person, score in scored.items() if score is not None}


def _level(
    indicator: str, asked: Asked, scores: Scores, items: Sequence[str], *, with_interval: bool = False
) -> Candidate:
    def tell() -> Figure:
        mean = statistics.mean_with_interval(list(scores.values()))
        low, high = _limits(mean) if with_interval else (None, None)
        return Figure(
            indicator=indicator,
            wave=asked.wave.wave,
            n=mean.n,
            value=round(mean.mean, 1),
            low=None if low is None else max(0.0, low),
            high=None if high is None else min(100.0, high),
        )

    return Candidate(indicator, _asks(asked, items), frozenset(scores), tell)


def _changed(pairs: Pairs) -> Figure:
    change = statistics.paired_change(list(pairs.early.values()), list(pairs.late.values())).change
    low, high = _limits(change)
    return Figure(
        indicator=CHANGE, wave=pairs.after.wave.wave, n=change.n, value=round(change.mean, 1), low=low, high=high
    )


def _limits(mean: Interval) -> tuple[float | None, float | None]:
    """The interval with one decimal: more of them would only help to reckon backwards to single answers."""
    if mean.low is None or mean.high is None:
        return None, None
    return round(mean.low, 1), round(mean.high, 1)


def _asks(asked: Asked, items: Sequence[str]) -> frozenset[Question]:
    return frozenset((item, asked.wave.wave) for item in items)


def _by_instrument(hidden: Sequence[Hidden], shown: Sequence[Figure]) -> list[Hidden]:
    """An instrument of which nothing is shown is named once instead of figure by figure."""
    told = {figure.indicator.split(".")[0] for figure in shown}
    named: dict[str, Hidden] = {}
    for one in hidden:
        code = one.indicator.split(".")[0]
        name = one.indicator if code in told else code
        named.setdefault(name, one.model_copy(update={"indicator": name}))
    return list(named.values())
