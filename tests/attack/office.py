"""A cohort with random answers, and an office that asks for every figure it can think of, in random order.

What the rules let through is recorded as the attacker sees it; nothing else leaves a population.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from services.evaluation import anonymity
from services.evaluation.anonymity import Candidate, LedgerEntry, Question
from services.evaluation.statistics import mean_with_interval
from shared.events.evaluation import Figure
from tests.attack.attacker import Cell, Seen

K = 5
ITEMS = ("Q1", "Q2", "Q3")
SCALES: Sequence[tuple[str, ...]] = (("Q1",), ("Q2",), ("Q3",), ITEMS, ("Q1", "Q2"))
WAVES = ("T0", "T1", "T3")

Answers = dict[str, dict[str, int | None]]
"""By person and item, for one wave."""


@dataclass(frozen=True)
class Shares:
    """A published distribution: the attacker sees how many are in each group, and not who."""

    question: Question
    groups: Mapping[str, frozenset[str]]

    @property
    def people(self) -> frozenset[str]:
        """Everybody in it."""
        return frozenset[str]().union(*self.groups.values())


@dataclass
class Population:
    """A cohort, what everybody answered in which order, and what was published of it."""

    seed: int
    people: list[str]
    units: dict[str, str]
    levels: dict[str, str]
    answers: dict[str, Answers]
    order: dict[str, list[str]]
    """By wave, who answered first."""
    ledger: list[Candidate] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    shares: list[Shares] = field(default_factory=list)

    def scores(self, items: Sequence[str], wave: str, among: Iterable[str]) -> dict[str, float]:
        """Scores of those among some who have answered half of the items or more."""
        found: dict[str, float] = {}
        for person in among:
            answers = self.answers[wave].get(person, {})
            given = [answer for item in items if (answer := answers[item]) is not None] if answers else []
            if given and len(given) * 2 >= len(items):
                found[person] = (sum(given) / len(given) - 1) * 25
        return found

    def cells(self, items: Sequence[str], wave: str, people: Iterable[str], sign: float = 1.0) -> dict[Cell, float]:
        """Weight of each answer in the mean over people of their means over the items that they answered."""
        group = list(people)
        weights: dict[Cell, float] = {}
        for person in group:
            answered = [item for item in items if self.answers[wave][person].get(item) is not None]
            weights |= {(person, (item, wave)): sign / (len(group) * len(answered)) for item in answered}
        return weights


def a_population(seed: int) -> Population:
    """Between 3 and 30 people in two to four units, some of whom do not answer a wave, or leave out items."""
    chance = Random(seed)
    people = [f"p{number}" for number in range(chance.randint(3, 30))]
    silent, skipping = chance.choice((0.0, 0.1, 0.3)), chance.choice((0.0, 0.0, 0.1, 0.3))
    mood = chance.choice(("mixed", "mixed", "mixed", "good", "alike"))
    units = chance.sample(("north", "south", "east", "west"), chance.randint(2, 4))
    answers = {wave: _answers(people, silent, skipping, mood, chance) for wave in WAVES}
    return Population(
        seed,
        people,
        {person: chance.choice(units) for person in people},
        {person: chance.choice(("first_line", "first_line", "middle")) for person in people},
        answers,
        {wave: chance.sample(sorted(given), len(given)) for wave, given in answers.items()},
    )


def _answers(people: Sequence[str], silent: float, skipping: float, mood: str, chance: Random) -> Answers:
    usual = chance.randint(1, 5)
    options = {"mixed": [1, 2, 3, 4, 5], "good": [4, 5, 5, 5, 5], "alike": [usual] * 12 + [1, 5]}[mood]
    return {
        person: {item: None if chance.random() < skipping else chance.choice(options) for item in ITEMS}
        for person in people
        if chance.random() >= silent
    }


def ask_for_everything(population: Population, requests: int = 12) -> None:
    """Ask in random order, over random groups; each request is a release of its own, judged by the whole ledger."""
    chance = Random(population.seed + 1_000_000)
    for number in range(requests):
        kind = chance.choice((_while_open, _level, _level, _cut, _change, _change, _units, _after_erasure, _spread))
        kind(population, chance, f"r{number}")


def publish(population: Population, candidates: Sequence[Candidate], release: str) -> None:
    """Let the rules decide, keep the ledger, and show the attacker what went through."""
    candidates = [one for one in candidates if one.people]
    first = {(one.people, one.asks): one for one in candidates}
    unasked = [other for one in first.values() for other in _means_over_the_same(population, one)]
    told = anonymity.publishable(candidates, k=K, already=population.ledger, unasked=unasked)
    kept = [
        LedgerEntry.of(release, place, *pair) for place, pair in enumerate(zip(told.shown, told.figures, strict=True))
    ]
    population.ledger += anonymity.published_before(kept)
    for candidate, figure in zip(told.shown, told.figures, strict=True):
        population.seen.append(_as_seen(candidate, figure))


def _means_over_the_same(population: Population, candidate: Candidate) -> list[Candidate]:
    """All that could be told of the candidate's people in its waves: where they agree, it shall not be reckoned."""
    waves = sorted({wave for _, wave in candidate.asks})
    means = [level(population, items, wave, candidate.people) for items in SCALES for wave in waves]
    return [one for one in means if one.people]


def _as_seen(candidate: Candidate, figure: Figure) -> Seen:
    weights = candidate.weights
    assert weights is not None
    return Seen(
        candidate.people,
        weights,
        figure.n,
        figure.value if figure.band is None else None,
        figure.low,
        figure.high,
        candidate.step,
        candidate.scores is not None,
        candidate.still_open,
        tuple((candidate.scores or {}).values()),
    )


def level(population: Population, items: Sequence[str], wave: str, among: Iterable[str], **more: bool) -> Candidate:
    """The mean of some people's scores, with its interval."""
    scores = population.scores(items, wave, among)

    def tell() -> Figure:
        mean = mean_with_interval(list(scores.values()))
        low = None if mean.low is None else round(max(0.0, mean.low), 1)
        high = None if mean.high is None else round(min(100.0, mean.high), 1)
        return Figure(indicator="Q", wave=wave, n=mean.n, value=round(mean.mean, 1), low=low, high=high)

    return Candidate(
        f"{'+'.join(items)}:{wave}",
        frozenset((item, wave) for item in items),
        frozenset(scores),
        tell,
        domain="C1",
        scores=scores or None,
        step=25 / len(items),
        weights=population.cells(items, wave, scores),
        still_open=more.get("still_open", False),
        recomputed=more.get("recomputed", False),
    )


def _level(population: Population, chance: Random, release: str) -> None:
    publish(population, [level(population, chance.choice(SCALES), chance.choice(WAVES), population.people)], release)


def _cut(population: Population, chance: Random, release: str) -> None:
    """Some of the cohort: a unit, a level, or both, asked for without looking at what else there is."""
    by = chance.choice((population.units, population.levels))
    value = chance.choice(sorted(set(by.values())))
    among = [person for person in population.people if (by[person] == value) != (chance.random() < 0.02)]
    publish(population, [level(population, chance.choice(SCALES), chance.choice(WAVES), among)], release)


def _while_open(population: Population, chance: Random, release: str) -> None:
    """The first so many who have answered, while others still can."""
    wave, items = chance.choice(WAVES), chance.choice(SCALES)
    first = chance.randint(K, K + 3)
    for count in (first, first + 1):
        among = population.order[wave][:count]
        publish(population, [level(population, items, wave, among, still_open=True)], f"{release}.{count}")


def _after_erasure(population: Population, chance: Random, release: str) -> None:
    """The same figure once with everybody and once without somebody who has been erased."""
    wave, items, gone = chance.choice(WAVES), chance.choice(SCALES), chance.choice(population.people)
    publish(population, [level(population, items, wave, population.people)], f"{release}.before")
    rest = [person for person in population.people if person != gone]
    publish(population, [level(population, items, wave, rest, recomputed=True)], f"{release}.after")


def _change(population: Population, chance: Random, release: str) -> None:
    """The change of those who answered both waves, with where they stood before and after."""
    items, (early, late) = chance.choice(SCALES), chance.choice((("T0", "T1"), ("T0", "T3")))
    first, last = (population.scores(items, wave, population.people) for wave in (early, late))
    pairs = sorted(first.keys() & last.keys())

    def tell() -> Figure:
        mean = sum(last[p] - first[p] for p in pairs) / len(pairs)
        return Figure(indicator="Q.change", wave=late, n=len(pairs), value=round(mean, 1))

    change = Candidate(
        f"{'+'.join(items)}:change:{late}",
        frozenset((item, wave) for item in items for wave in (early, late)),
        frozenset(pairs),
        tell,
        domain="C1",
        over="pairs",
        weights=population.cells(items, late, pairs) | population.cells(items, early, pairs, -1.0),
    )
    levels = [_over_pairs(level(population, items, wave, pairs)) for wave in (early, late)]
    publish(population, chance.sample([change, *levels], 3), release)


def _over_pairs(one: Candidate) -> Candidate:
    return Candidate(**{**vars(one), "over": "pairs"})


def _units(population: Population, chance: Random, release: str) -> None:
    """A table of units with their sum: as planned, or each for itself."""
    wave, items = chance.choice(WAVES), chance.choice(SCALES)
    scored = population.scores(items, wave, population.people)
    children: Mapping[str, frozenset[str]] = {
        unit: frozenset(person for person in scored if population.units[person] == unit)
        for unit in sorted(set(population.units.values()))
    }
    planned = anonymity.cut(children, k=K)
    shown = planned.shown if chance.random() < 0.5 else frozenset(children)
    parent = planned.parent if shown == planned.shown else frozenset(scored)
    groups = [parent, *(children[name] for name in sorted(shown))]
    publish(population, [level(population, items, wave, group) for group in groups], release)


def _spread(population: Population, chance: Random, release: str) -> None:
    """How many gave low, middling and high answers to an item: over everybody, or over a level."""
    wave, item = chance.choice(WAVES), chance.choice(ITEMS)
    part = chance.choice(("everybody", "first_line"))
    scored = population.scores([item], wave, population.people)
    asked = {person: score for person, score in scored.items() if part in ("everybody", population.levels[person])}
    low, mid, high = (
        frozenset(person for person, score in asked.items() if score in values)
        for values in ((0, 25), (50,), (75, 100))
    )
    already = [shares.groups for shares in population.shares if shares.question == (item, wave)]
    groupings = (
        {"low": low, "mid": mid, "high": high},
        {"low": low, "mid or high": mid | high},
        {"low or mid": low | mid, "high": high},
    )
    groups = anonymity.publishable_groups(groupings, k=K, already=already)
    if groups:
        population.shares.append(Shares((item, wave), groups))
