"""How a published figure is called and written: its name, its unit, and the word for how sure a change is."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from services.evaluation.instruments import Instrument
from services.evaluation.reports.layout import Cell, Table
from services.evaluation.words import Words
from shared.events.evaluation import Figure

LIKELY = 0.6
"""A change is called likely when it is at least this share of the half width of its 95 % interval (and sure when the
interval leaves out zero). For 8–20 people that is t ≥ 1.3: about nine chances in ten that the direction is right."""

MOVED = ("UM.improved", "UM.unchanged", "UM.worse", "UM.not_improved", "UM.not_worse")
SHARES = (*MOVED, "NV.density", "NV.reach", "NV.callable", "NV.self_organised", "NV.retention")
COUNTS = ("RI.promoters", "RI.passives", "RI.not_promoters", "RI.not_detractors", "RI.detractors")


class Unit(StrEnum):
    """What a figure's number counts."""

    points = "points"
    change = "change"
    share = "share"
    people = "people"


def unit_of(indicator: str) -> Unit:
    """The unit of an indicator, told by its name."""
    if indicator.endswith(("change", "change_bound")):
        return Unit.change
    if indicator in SHARES:
        return Unit.share
    return Unit.people if indicator in COUNTS else Unit.points


def written(value: float, indicator: str, w: Words) -> str:
    """A value as it is read."""
    unit = unit_of(indicator)
    if unit is Unit.people:
        return str(round(value))
    if unit is Unit.change:
        return w.signed(value)
    return f"{w.number(value)} %" if unit is Unit.share else w.number(value)


def interval(low: float | None, high: float | None, indicator: str, w: Words) -> str:
    """An interval as it is read; a dash where there is none."""
    if low is None or high is None:
        return "–"
    return f"{written(low, indicator, w)} {w['to']} {written(high, indicator, w)}"


def certainty(value: float, low: float, high: float) -> str:
    """How sure a change is: "up", "down", "likely_up", "likely_down" or "unclear"."""
    if low > 0 or high < 0:
        return "up" if low > 0 else "down"
    if abs(value) >= LIKELY * (high - low) / 2:
        return "likely_up" if value > 0 else "likely_down"
    return "unclear"


def label_of(indicator: str, instruments: Mapping[str, Instrument], w: Words) -> str:
    """An indicator as people call it; by its code where we have no word for it."""
    code, _, part = indicator.partition(".")
    title = w.text(instruments[code].title) if code in instruments else code
    if not part:
        return title
    parts = {known.code: w.text(known.title) for known in instruments[code].parts} if code in instruments else {}
    if own := w.get(f"part_{part}", ""):
        return f"{title}: {parts.get(part, own)}"
    stem = part.removesuffix("_change")
    named = parts.get(stem) or w.get(f"part_{stem}", stem)
    return f"{title}: {named}{w['of_change'] if stem != part else ''}"


def figures_table(figures: Iterable[Figure], instruments: Mapping[str, Instrument], w: Words) -> Table:
    """Published figures, a line each."""
    return Table(
        "figures",
        w["figures_caption"],
        (w["measure"], w["wave"], w["value"], w["interval"], w["people"]),
        tuple(_row(figure, instruments, w) for figure in figures),
    )


def _row(figure: Figure, instruments: Mapping[str, Instrument], w: Words) -> tuple[Cell, ...]:
    return (
        Cell(label_of(figure.indicator, instruments, w)),
        Cell(wave_name(figure.wave, w)),
        _value(figure, w),
        Cell(interval(figure.low, figure.high, figure.indicator, w)),
        Cell(str(figure.n), figure.n),
    )


def _value(figure: Figure, w: Words) -> Cell:
    """The value; of a band its limits, and no number that could be reckoned with."""
    if figure.band is None:
        return Cell(written(figure.value, figure.indicator, w), figure.value)
    low, high = (written(limit, figure.indicator, w) for limit in figure.band)
    return Cell(f"{low} {w['to']} {high}")


def wave_name(wave: str, w: Words) -> str:
    """When something was asked."""
    return w.get(f"wave_{wave}", wave)
