"""How alive the network of a group is, from how many one has been in contact with, never from whom."""

from collections.abc import Sequence
from dataclasses import replace

from services.evaluation import statistics
from services.evaluation.anonymity import SMALLEST_NETWORK, Candidate
from services.evaluation.releases.asked import Asked, Stage
from services.evaluation.releases.figures import Side, level, share
from services.evaluation.statistics import NetworkFigures
from shared.events.evaluation import Figure

CONTACTS, COULD_CALL, MET, HELPED = "NV1", "NV2", "NV3", "NV4"
DENSITY, REACH, CALLABLE = "NV.density", "NV.reach", "NV.callable"
SELF_ORGANISED, USEFULNESS = "NV.self_organised", "NV.usefulness"
RETENTION, VITALITY = "NV.retention", "NV.vitality"
AT_FIRST = "T1"
"""The network as the programme ends: what is left of it later is told against this."""


def network(stage: Stage) -> list[Candidate]:
    """A wave's network figures, each over those who answered its question; from eight answers on (I14)."""
    now = stage.now()
    if now is None or now.edition("NV", stage.library) is None:
        return []
    found = [_density(now)] if now.answers(CONTACTS) else []
    for indicator, item in ((REACH, CONTACTS), (CALLABLE, COULD_CALL), (SELF_ORGANISED, MET)):
        given = list(now.answers(item).values())
        if given:
            told = statistics.wilson(sum(answer > 0 for answer in given), len(given))
            found.append(share(indicator, now, item, told))
    useful = Side.of(now, (HELPED,))
    if useful.scores:
        found.append(level(USEFULNESS, useful))
    return [replace(candidate, at_least=SMALLEST_NETWORK) for candidate in found]


def derived(stage: Stage, told: Sequence[Figure]) -> list[Figure]:
    """How much of the network is left, and how alive it is: reckoned from published figures only, so that they tell
    nothing that those do not."""
    now, first = stage.now(), stage.at(AT_FIRST)
    if now is None or first is None or now is first:
        return []
    by_name = {one.indicator: one for one in told if one.wave == now.wave.wave and not one.band}
    earlier = {one.indicator: one for one in stage.earlier if one.wave == AT_FIRST and not one.band}
    before, after = earlier.get(DENSITY), by_name.get(DENSITY)
    if before is None or after is None or not before.value:
        return []
    n, wave = min(before.n, after.n), now.wave.wave
    kept = round(100 * after.value / before.value, 1)
    figures = [Figure(indicator=RETENTION, wave=wave, n=n, value=kept, unit="percent")]
    alive = statistics.vitality(_published(first, earlier), _published(now, by_name))
    if alive is not None:
        figures.append(Figure(indicator=VITALITY, wave=wave, n=n, value=round(alive.value, 1)))
    return figures


def _density(now: Asked) -> Candidate:
    contacts = now.answers(CONTACTS)
    dense = statistics.density(list(contacts.values()), max(now.wave.size, len(contacts)))

    def tell() -> Figure:
        value = round(100 * (dense or 0.0), 1)
        return Figure(indicator=DENSITY, wave=now.wave.wave, n=len(contacts), value=value, unit="percent")

    return Candidate(DENSITY, now.asks([CONTACTS]), frozenset(contacts), tell)


def _published(asked: Asked, told: dict[str, Figure]) -> NetworkFigures:
    """A wave's network as published; what is hidden is not known."""

    def of(indicator: str, whole: float = 100.0) -> float | None:
        return told[indicator].value / whole if indicator in told else None

    names = (DENSITY, REACH, CALLABLE, SELF_ORGANISED, USEFULNESS)
    return NetworkFigures(
        members=asked.wave.size,
        answered=min((told[name].n for name in names if name in told), default=0),
        density=of(DENSITY),
        reach=of(REACH),
        could_call=of(CALLABLE),
        self_organised=of(SELF_ORGANISED),
        usefulness=of(USEFULNESS, 1.0),
    )
