"""Candidates for publication, one figure each: on whom it rests, what it asks of them, and what it would tell."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from services.evaluation import statistics
from services.evaluation.anonymity import Candidate, Question
from services.evaluation.releases.asked import Asked, Scores
from services.evaluation.statistics import Interval, Share
from shared.events.evaluation import Figure

POINTS_PER_STEP = 25.0
"""By so much a score on one item moves with its answer."""

Over = Literal["all", "pairs"]


@dataclass(frozen=True)
class Side:
    """Scores of people in a wave, and the questions that they are answers to."""

    wave: str
    scores: Scores
    asks: frozenset[Question]
    step: float
    """The least by which a score can move."""

    @classmethod
    def of(cls, asked: Asked, items: tuple[str, ...]) -> "Side":
        """The scores on some items in a wave."""
        return cls(asked.wave.wave, asked.scores(items), asked.asks(items), POINTS_PER_STEP / max(len(items), 1))

    def over(self, people: Iterable[str]) -> "Side":
        """The same for some of the people only."""
        return replace(self, scores={person: self.scores[person] for person in sorted(people)})


def change_of(indicator: str) -> str:
    """What the change of an indicator is called."""
    return f"{indicator}_change" if "." in indicator else f"{indicator}.change"


def level(indicator: str, side: Side, beside: Side | None = None, *, over: Over = "all") -> Candidate:
    """A mean on 0–100. `beside` is the other side of a change that is told of the same people, which it gives away."""

    def tell() -> Figure:
        return as_figure(indicator, side.wave, statistics.mean_with_interval(list(side.scores.values())))

    return Candidate(
        indicator,
        side.asks | (beside.asks if beside else frozenset()),
        frozenset(side.scores),
        tell,
        over=over,
        scores=side.scores,
        step=side.step,
    )


def change(indicator: str, before: Side, after: Side) -> Candidate:
    """A mean change of the same people, both sides being over them.

    It asks one thing of its own: how far each has come. Beside what is told of other people before or after it singles
    out nobody, as each one's change is in no other figure. Beside the level after of the same people it tells the level
    before, which is why that one asks the questions of both.
    """

    def tell() -> Figure:
        early, late = zip(*((before.scores[person], after.scores[person]) for person in after.scores), strict=True)
        return as_figure(indicator, after.wave, statistics.paired_change(early, late).change, unit="change")

    return Candidate(indicator, moves(before, after), frozenset(after.scores), tell, over="pairs")


def moves(before: Side, after: Side) -> frozenset[Question]:
    """What a change asks: how far each has come on each question, from the one wave to the other."""
    since = "+".join(sorted({wave for _, wave in before.asks}))
    return frozenset((item, f"{since}→{wave}") for item, wave in after.asks)


def together(before: Side, after: Side) -> tuple[Side, Side]:
    """Both sides over those who have a score in both: the complete pairs."""
    both = before.scores.keys() & after.scores.keys()
    return before.over(both), after.over(both)


def compared(indicator: str, before: Side, after: Side) -> list[Candidate]:
    """A change, then the levels before and after, over complete pairs only: never "all" beside "pairs" (I3)."""
    before, after = together(before, after)
    return [
        change(change_of(indicator), before, after),
        level(indicator, before, over="pairs"),
        level(indicator, after, before, over="pairs"),
    ]


def share(indicator: str, asked: Asked, item: str, told: Share) -> Candidate:
    """A share of those who answered an item, in percent, with Wilson's interval."""
    low, high = (round(100 * limit, 1) for limit in (told.low, told.high))
    value = round(100 * told.share, 1)
    figure = Figure(
        indicator=indicator, wave=asked.wave.wave, n=told.n, value=value, low=low, high=high, unit="percent"
    )
    return Candidate(indicator, asked.asks([item]), frozenset(asked.answers(item)), lambda: figure)


def as_figure(
    indicator: str, wave: str, mean: Interval, *, unit: Literal["points", "change", "percent"] = "points"
) -> Figure:
    """A mean with one decimal: more of them would only help to reckon backwards to single answers."""
    low, high = mean.low, mean.high
    if unit != "change" and low is not None and high is not None:
        low, high = max(0.0, low), min(100.0, high)
    return Figure(
        indicator=indicator,
        wave=wave,
        n=mean.n,
        value=round(mean.mean, 1),
        low=None if low is None else round(low, 1),
        high=None if high is None else round(high, 1),
        sd=None if mean.n < 2 else round(mean.sd, 1),
        unit=unit,
    )
