"""A release in words, rows and drawings, in Swedish and English. Nothing here knows more than the release tells."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.evaluation.instruments import Instrument
from services.evaluation.model import Hidden, Release
from services.evaluation.releases import CHANGE
from services.evaluation.words import Words, words
from shared.events.evaluation import Figure

LIKELY = 0.6
"""A change is called likely when it is at least this share of the half width of its 95 % interval (and sure when the
interval leaves out zero). For 8–20 people that is t ≥ 1.3: about nine chances in ten that the direction is right."""

LABEL_END, SCALE_LEFT, SCALE_RIGHT = 132, 150, 400
BAR_TOP, BAR_STEP = 38, 44
"""Measures of a drawing 420 units wide: narrow, so that its text can be read on a phone."""


@dataclass(frozen=True)
class Row:
    """One line of the table of figures."""

    label: str
    wave: str
    n: int
    value: str
    interval: str


@dataclass(frozen=True)
class Mark:
    """One line of a drawing, in the drawing's own units: a value on the scale, maybe with an interval."""

    label: str
    value: str
    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Chart:
    """A drawing with what it says for those who do not see it."""

    id: str
    title: str
    description: str
    marks: tuple[Mark, ...]
    height: int
    ticks: tuple[tuple[int, float], ...]
    label_end: int = LABEL_END


@dataclass(frozen=True)
class ParticipationRow:
    """How many took part in a wave; a dash where the number is not told."""

    wave: str
    asked: str
    answered: str
    pairs: str


@dataclass(frozen=True)
class Report:
    """What a reader of a release sees."""

    answers: tuple[str, ...]
    charts: tuple[Chart, ...]
    rows: tuple[Row, ...]
    participation: tuple[ParticipationRow, ...]
    hidden: tuple[str, ...]
    method: tuple[str, ...]


def report(release: Release, instruments: Mapping[str, Instrument], language: str) -> Report:
    """The release as it is read in one language."""
    w = words(language)
    by_name = {(figure.indicator, figure.wave): figure for figure in release.figures}
    return Report(
        answers=tuple(answer for answer in (_understanding(by_name, w), _reaction(by_name, instruments, w)) if answer),
        charts=tuple(chart for chart in (_change_chart(by_name, w), _profile(by_name, instruments, w)) if chart),
        rows=tuple(_row(figure, instruments, w) for figure in release.figures),
        participation=tuple(
            ParticipationRow(w.name(one.wave), _count(one.asked), _count(one.answered), _count(one.pairs))
            for one in release.participation
        ),
        hidden=tuple(_hidden(one, instruments, w) for one in release.hidden),
        method=_method(release, instruments, w),
    )


Figures = Mapping[tuple[str, str], Figure]


def _understanding(figures: Figures, w: Words) -> str:
    """Whether the understanding of mission and goals changed, with words for how sure that is."""
    change = figures.get((CHANGE, "T1"))
    if change is None or ("UM", "T1") not in figures:
        levels = [figure for (indicator, _), figure in figures.items() if indicator == "UM"]
        return w["um_level"].format(value=w.number(levels[0].value), n=levels[0].n) if levels else ""
    numbers = {
        "before": w.number(figures["UM", "T0"].value),
        "after": w.number(figures["UM", "T1"].value),
        "change": w.signed(change.value),
        "n": change.n,
    }
    if change.low is None or change.high is None:
        return w["um_no_spread"].format(**numbers)
    finding = w[certainty(change.value, change.low, change.high)]
    return w["um_change"].format(finding=finding, low=w.signed(change.low), high=w.signed(change.high), **numbers)


def certainty(value: float, low: float, high: float) -> str:
    """How sure a change is: "up", "down", "likely_up", "likely_down" or "unclear"."""
    if low > 0 or high < 0:
        return "up" if low > 0 else "down"
    if abs(value) >= LIKELY * (high - low) / 2:
        return "likely_up" if value > 0 else "likely_down"
    return "unclear"


def _reaction(figures: Figures, instruments: Mapping[str, Instrument], w: Words) -> str:
    total = figures.get(("RX", "T1"))
    if total is None:
        return ""
    parts = [(part, figures["RX." + part.code, "T1"]) for part in instruments["RX"].parts]
    ranked = sorted(parts, key=lambda pair: pair[1].value)
    weakest, strongest = ranked[0], ranked[-1]
    return w["rx_answer"].format(
        value=w.number(total.value),
        n=total.n,
        strongest=w.text(strongest[0].title).lower(),
        strongest_value=w.number(strongest[1].value),
        weakest=w.text(weakest[0].title).lower(),
        weakest_value=w.number(weakest[1].value),
    )


def _row(figure: Figure, instruments: Mapping[str, Instrument], w: Words) -> Row:
    code, _, part = figure.indicator.partition(".")
    is_change, is_share = figure.indicator == CHANGE, code == "UM" and part not in {"", "change"}
    value = w.signed(figure.value) if is_change else w.number(figure.value)
    show = w.signed if is_change else w.number
    interval = "–" if figure.low is None or figure.high is None else f"{show(figure.low)} {w['to']} {show(figure.high)}"
    label = label_of(figure.indicator, instruments, w)
    return Row(label, w.name(figure.wave), figure.n, f"{value} %" if is_share else value, interval)


def label_of(indicator: str, instruments: Mapping[str, Instrument], w: Words) -> str:
    """An indicator as people call it."""
    code, _, part = indicator.partition(".")
    title = w.text(instruments[code].title)
    sub = {known.code: w.text(known.title) for known in instruments[code].parts}
    return f"{title}: {sub.get(part) or w.name(part)}" if part else title


def _hidden(hidden: Hidden, instruments: Mapping[str, Instrument], w: Words) -> str:
    reason = "group_too_small" if hidden.indicator.endswith(".movement") else hidden.reason
    return f"{label_of(hidden.indicator, instruments, w)} – {w[reason]}"


def _method(release: Release, instruments: Mapping[str, Instrument], w: Words) -> tuple[str, ...]:
    asked = ", ".join(
        f"{w.text(instruments[ref.code].title)} ({ref.code} {ref.version})" for ref in release.instruments
    )
    lines = [w["method_asked"].format(instruments=asked), w["method_index"]]
    if any(figure.indicator == CHANGE for figure in release.figures):
        lines.append(w["method_pairs"])
    return (*lines, w["method_k"].format(k=release.k), w["method_limits"])


def _count(count: int | None) -> str:
    return "–" if count is None else str(count)


def _x(value: float) -> float:
    inside = min(100.0, max(0.0, value))
    return round(SCALE_LEFT + (SCALE_RIGHT - SCALE_LEFT) * inside / 100, 1)


_TICKS = tuple((value, _x(value)) for value in (0, 25, 50, 75, 100))


def _change_chart(figures: Figures, w: Words) -> Chart | None:
    """Before and after on the scale; the interval of the change is drawn from where the group stood before."""
    change = figures.get((CHANGE, "T1"))
    if change is None or ("UM", "T1") not in figures:
        return None
    before, after = figures["UM", "T0"].value, figures["UM", "T1"].value
    has_interval = change.low is not None and change.high is not None
    marks = (
        Mark(w["before"], w.number(before), _x(before), BAR_TOP),
        Mark(
            w["after"],
            w.number(after),
            _x(after),
            BAR_TOP + BAR_STEP,
            _x(before + change.low) if has_interval and change.low is not None else None,
            _x(before + change.high) if has_interval and change.high is not None else None,
        ),
    )
    return Chart(
        id="change",
        title=w["chart_change_title"].format(before=w.number(before), after=w.number(after)),
        description=w["chart_change"] if has_interval else w["chart_change_no_interval"],
        marks=marks,
        height=BAR_TOP + 2 * BAR_STEP + 16,
        ticks=_TICKS,
    )


def _profile(figures: Figures, instruments: Mapping[str, Instrument], w: Words) -> Chart | None:
    """The parts of the reaction index."""
    parts = [
        (w.text(part.title), figures["RX." + part.code, "T1"].value)
        for part in instruments["RX"].parts
        if ("RX." + part.code, "T1") in figures
    ]
    if not parts:
        return None
    return Chart(
        id="profile",
        title=w["chart_profile_title"],
        description="; ".join(f"{title}: {w.number(value)}" for title, value in parts),
        marks=tuple(
            Mark(title, w.number(value), _x(value), BAR_TOP + BAR_STEP * line)
            for line, (title, value) in enumerate(parts)
        ),
        height=BAR_TOP + BAR_STEP * len(parts) + 16,
        ticks=_TICKS,
    )
