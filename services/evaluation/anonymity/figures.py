"""Which figures may be published beside all that is published already."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Final, Literal

from services.evaluation.anonymity.limits import EXTREME, band, homogeneous, threshold
from services.evaluation.anonymity.sets import Question, Row, apart, plain_rows, singles_out, tells
from services.evaluation.model import Hidden, HiddenBecause
from shared.events.evaluation import Figure

Invariant = Literal["I1", "I2", "I3", "I4", "I5", "I6", "I7"]

ENFORCED: Final[frozenset[Invariant]] = frozenset({"I1", "I2", "I3", "I4", "I5", "I6", "I7"})
"""What a figure is refused for. Everybody is under all of it, in every door and export (I13)."""

_REASONS: Final[Mapping[Invariant, HiddenBecause]] = {
    "I1": "too_few",
    "I2": "difference",
    "I3": "difference",
    "I4": "difference",
    "I5": "homogeneous",
    "I6": "difference",
    "I7": "difference",
}


@dataclass(frozen=True)
class Candidate:
    """A figure that somebody would like to publish: about which questions, on whom it rests, and what it would tell.

    `people` are opaque names; they are compared here and never leave. `tell` is called only when it may be told.
    """

    indicator: str
    asks: frozenset[Question]
    people: frozenset[str]
    tell: Callable[[], Figure]
    domain: str = ""
    """Whose link key made the names (a cohort's). Names of two domains are never the same ones."""
    over: Literal["all", "pairs"] = "all"
    """Over everybody who answered, or over those who answered before and after."""
    scores: Mapping[str, float] | None = None
    """Each one's value on the 0–100 scale, where the figure is their mean: needed to see that they are of one mind."""
    step: float = 25.0
    """The least by which one person's value can move: 25 points through the number of items."""
    weights: Mapping[tuple[str, Question], float] | None = field(default=None, repr=False)
    """The weight of each answer in the figure, when people in it have left out items; else all answered all."""
    still_open: bool = False
    """A wave that it rests on can still be answered (I6)."""
    recomputed: bool = False
    """It has been published before and is reckoned anew, after an erasure, say (I7)."""
    told_as_band: bool = False
    """It has been published as a band, where the scores are not at hand."""
    mean: float | None = None
    """The mean on the 0–100 scale that was published, where the scores are not at hand."""
    at_least: int = 0
    """More than k people, for what is more telling than a mean (I10, I14)."""

    @property
    def level(self) -> float | None:
        """The mean on the 0–100 scale, if it is one and is known."""
        return fmean(self.scores.values()) if self.scores else self.mean

    @property
    def is_band(self) -> bool:
        """Whether a band is told instead of the mean (I5)."""
        return self.told_as_band or bool(self.scores and homogeneous(list(self.scores.values()), self.step))

    def row(self) -> Row:
        """The figure itself as a sum of answers."""
        if self.weights is not None:
            return self.weights
        return {(person, question): 1.0 for person in self.people for question in self.asks}

    def rows(self) -> list[Row]:
        """The sums of answers that the figure tells to somebody who knows on whom it rests."""
        return plain_rows(self.people, self.asks) if self.weights is None else [self.weights]


@dataclass(frozen=True)
class Published:
    """What may be told, and what is hidden."""

    figures: tuple[Figure, ...]
    hidden: tuple[Hidden, ...]
    shown: tuple[Candidate, ...] = ()
    """The candidates that may be told, for the ledger, in the order of their figures."""


def publishable(
    candidates: Sequence[Candidate],
    *,
    k: int,
    already: Sequence[Candidate] = (),
    unasked: Sequence[Candidate] = (),
) -> Published:
    """Sort candidates into those that may be published and those that must not, judged in the given order.

    `already` is what has been published before, of every release (see `ledger`): it counts as if it stood first.
    `unasked` are means over the same people that nobody wants to publish, such as each item's: where they would be told
    as a band, nothing may be published from which they could be reckoned. A hidden indicator is named once, with the
    first reason.
    """
    shown: list[Candidate] = []
    means = {(one.domain, one.asks, one.people): one for one in (*already, *candidates, *unasked)}
    bands = [one for one in means.values() if one.is_band]
    hidden: dict[str, Hidden] = {}
    for candidate in candidates:
        rules = _broken(candidate, (*already, *shown), bands, threshold(k))
        broken = next((rule for rule in rules if rule in ENFORCED), None)
        if broken is None:
            shown.append(candidate)
        else:
            reason = _REASONS[broken]
            hidden.setdefault(candidate.indicator, Hidden(indicator=candidate.indicator, reason=reason))
    return Published(tuple(_told(candidate) for candidate in shown), tuple(hidden.values()), tuple(shown))


def _broken(
    candidate: Candidate, shown: Sequence[Candidate], bands: Sequence[Candidate], k: int
) -> Iterator[Invariant]:
    """The invariants that publishing the candidate would break, beside what is shown and what shall stay a band."""
    few = len(candidate.people) < max(k, candidate.at_least)
    if few:
        yield "I1"
    if candidate.still_open:
        yield "I6"
    related = _related(candidate, shown)
    close = [other for other in related if other.asks & candidate.asks and not _apart(candidate, other, k)]
    yield from (_rule_between(candidate, other) for other in close)
    if not few and not close and _combined(candidate, related, k):
        yield "I4"
    if candidate.is_band and tells([one.row() for one in related if not one.is_band], candidate.row()):
        yield "I4"  # its mean is told already: a band would add that they agree
    if _of_one_mind_between(candidate, related) or _undoes_a_band(candidate, related, bands):
        yield "I5"


def _related(candidate: Candidate, shown: Sequence[Candidate]) -> list[Candidate]:
    """What is published about the same people's answers to the same questions, directly or by way of others."""
    of_domain = [one for one in shown if one.domain == candidate.domain]
    return [of_domain[place] for place in _connected(candidate.asks, [one.asks for one in of_domain])]


def _connected(questions: frozenset[Question], asked: Sequence[frozenset[Question]]) -> list[int]:
    """Places of those that ask one of the questions, or one that such a one asks, and so on."""
    left, found = list(range(len(asked))), []
    while near := [place for place in left if asked[place] & questions]:
        questions = questions.union(*(asked[place] for place in near))
        found += near
        left = [place for place in left if place not in near]
    return found


def _apart(one: Candidate, other: Candidate, k: int) -> bool:
    """Knowing both figures does not single out a group smaller than k."""
    return apart(one.people, other.people, k)


def _rule_between(candidate: Candidate, other: Candidate) -> Invariant:
    """By which name a difference of a few between two sets is refused."""
    if candidate.recomputed:
        return "I7"
    if candidate.still_open or other.still_open:
        return "I6"
    return "I2" if candidate.over == other.over else "I3"


def _combined(candidate: Candidate, related: Sequence[Candidate], k: int) -> bool:
    """Whether the candidate, with any number of shown figures, tells of a few: a parent less all its shown children."""
    if len(related) < 2 and all(one.weights is None for one in (candidate, *related)):
        return False  # of two sets only their difference can be few, and that has been looked at
    known = [row for one in related for row in one.rows()]
    asked = [frozenset(question for _, question in row) for row in known]
    for row in candidate.rows():
        family = [known[place] for place in _connected(frozenset(question for _, question in row), asked)]
        if singles_out([row, *family], k):
            return not singles_out(family, k)
    return False


def _of_one_mind_between(candidate: Candidate, related: Sequence[Candidate]) -> bool:
    """Whether those by whom the candidate and a shown figure differ have, all of them, answered near an end (I5)."""
    level = candidate.level
    for other in related:
        nested = other.people < candidate.people or candidate.people < other.people
        if level is None or other.level is None or not nested or other.asks != candidate.asks:
            continue
        sums = level * len(candidate.people) - other.level * len(other.people)
        between = sums / (len(candidate.people) - len(other.people))
        if between <= EXTREME or between >= 100 - EXTREME:
            return True
    return False


def _undoes_a_band(candidate: Candidate, related: Sequence[Candidate], bands: Sequence[Candidate]) -> bool:
    """Whether a mean of which only a band is told could be reckoned with the candidate: from the one before and the
    change, or from a whole and its other parts (I5)."""
    if candidate.is_band:
        return False
    exact = [one.row() for one in related if not one.is_band]
    questions = candidate.asks.union(*(one.asks for one in related))
    near = [one.row() for one in bands if one.domain == candidate.domain and one.asks <= questions]
    return any(tells([candidate.row(), *exact], row) and not tells(exact, row) for row in near)


def _told(candidate: Candidate) -> Figure:
    figure = candidate.tell()
    if figure.n != len(candidate.people):
        raise ValueError(f"{candidate.indicator} says that it rests on other people than it was judged by")
    if "I5" in ENFORCED and candidate.scores and candidate.is_band:
        low, high = band(fmean(candidate.scores.values()))
        return figure.model_copy(
            update={"value": (low + high) / 2, "low": None, "high": None, "sd": None, "band": (low, high)}
        )
    return figure
