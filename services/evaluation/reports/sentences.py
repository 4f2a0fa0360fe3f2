"""One plain sentence for each question, with a word for how sure it is. None says what caused anything."""

from services.evaluation.instruments import Library
from services.evaluation.reports.measures import certainty, written
from services.evaluation.reports.phrases import MORE_AND_LESS
from services.evaluation.reports.pooled import Together
from services.evaluation.reports.released import Figures, Released
from services.evaluation.statistics.network import ALIVE_FROM, FADING_FROM
from services.evaluation.words import Words
from shared.events.evaluation import Figure

SHOW_INDEX_FROM = 30
"""Below so many people a recommendation index leaps by whole tens with one person: the counts are told instead."""

LATER = ("T4", "T3", "T2", "T1")
IN_SHORT = ("T1", "T3")
"""The change from before to half a year after was decided beforehand to matter most; right after stands before it."""
OF_EMPLOYEES = ("BE.seen_change", "HME.leadership_change")


def claim(indicator: str, value: float, low: float, high: float, w: Words) -> str:
    """What may be claimed of a change: with certainty, probably, or that it cannot be said."""
    finding = certainty(value, low, high)
    if finding == "unclear":
        return w[f"{indicator}_unclear"]
    return _directed(indicator, finding, w["probably"] if finding.startswith("likely") else w["surely"], w)


def change(figure: Figure, w: Words) -> str:
    """A change in one sentence with its interval and the number of people it rests on."""
    who = w["who_managers"] if figure.indicator in OF_EMPLOYEES else w["who_people"]
    told = {"when": w[f"when_{figure.wave}"], "change": w.signed(figure.value), "n": figure.n, "people": who}
    if figure.low is None or figure.high is None:
        direction = "up" if figure.value > 0 else "down" if figure.value < 0 else "unclear"
        said = (
            w[f"{figure.indicator}_unclear"]
            if direction == "unclear"
            else _directed(figure.indicator, direction, "", w)
        )
        return w["sentence_no_spread"].format(claim=said, **told)
    said = claim(figure.indicator, figure.value, figure.low, figure.high, w)
    return w["sentence_change"].format(claim=said, low=w.signed(figure.low), high=w.signed(figure.high), **told)


def together_sentence(together: Together, w: Words) -> str:
    """What several cohorts say together, in one sentence."""
    mean = together.mean
    return w["sentence_groups"].format(
        claim=claim(together.indicator, mean.value, mean.low, mean.high, w),
        when=w[f"when_{together.wave}"],
        change=w.signed(mean.value),
        low=w.signed(mean.low),
        high=w.signed(mean.high),
        groups=len(together.cohorts),
    )


def _directed(indicator: str, finding: str, sure: str, w: Words) -> str:
    more, less = MORE_AND_LESS[indicator]
    sv, en = more if finding.endswith("up") else less
    return " ".join(w[indicator].format(sure=sure, more=en if w.language == "en" else sv).split())


def changes(indicator: str, figures: Figures, w: Words) -> tuple[str, ...]:
    """A sentence for each time at which a change has been told, the latest last."""
    return tuple(change(figures[indicator, wave], w) for wave in reversed(LATER) if (indicator, wave) in figures)


def newest(indicator: str, figures: Figures) -> Figure | None:
    """The figure of the latest wave in which it has been told."""
    return next((figures[indicator, wave] for wave in LATER if (indicator, wave) in figures), None)


def understanding(figures: Figures, w: Words) -> tuple[str, ...]:
    """Whether mission and goals are understood better: right after, and later."""
    said = changes("UM.change", figures, w)
    if said:
        return said
    levels = [figure for (indicator, _), figure in figures.items() if indicator == "UM"]
    if not levels:
        return ()
    only = levels[0]
    return (w["UM.change_level"].format(value=w.number(only.value), n=only.n, when=w[f"when_{only.wave}"]),)


def silence(figures: Figures, w: Words) -> tuple[str, ...]:
    """How large the change would be if none of the silent had changed: the least that silence can make of it."""
    least = newest("UM.change_bound", figures)
    if least is None:
        return ()
    return (w["bound"].format(value=w.signed(least.value), when=w[f"when_{least.wave}"]),)


def looking_back(figures: Figures, w: Words) -> tuple[str, ...]:
    """How large the change seems in hindsight; beside what was measured before, never instead of it."""
    seen, measured = figures.get(("UM.looking_back_change", "T1")), figures.get(("UM.change", "T1"))
    if seen is None or measured is None:
        return ()
    return (w["looking_back"].format(seen=w.signed(seen.value), measured=w.signed(measured.value), n=seen.n),)


def reaction(figures: Figures, library: Library, w: Words) -> tuple[str, ...]:
    """What the participants thought of the programme, with its strongest and weakest part."""
    total = figures.get(("RX", "T1"))
    if total is None:
        return ()
    parts = [
        (part, figures[f"RX.{part.code}", "T1"]) for part in library["RX"].parts if (f"RX.{part.code}", "T1") in figures
    ]
    said = w["rx_answer"].format(value=w.number(total.value), n=total.n)
    if len(parts) < 2:
        return (said,)
    ranked = sorted(parts, key=lambda pair: pair[1].value)
    (weakest, low), (strongest, high) = ranked[0], ranked[-1]
    if low.value == high.value:
        return (said,)
    more = w["rx_parts"].format(
        strongest=w.text(strongest.title).lower(),
        strongest_value=w.number(high.value),
        weakest=w.text(weakest.title).lower(),
        weakest_value=w.number(low.value),
    )
    return (f"{said} {more}",)


def transfer(figures: Figures, w: Words) -> tuple[str, ...]:
    """How far what was learnt is used at work."""
    told = newest("TR", figures)
    if told is None:
        return ()
    return (w["tr_answer"].format(value=w.number(told.value), when=w[f"when_{told.wave}"], n=told.n),)


def network(figures: Figures, w: Words) -> tuple[str, ...]:
    """Whether the group's network lives, by its vitality; by its contacts where that cannot be said."""
    alive = newest("NV.vitality", figures)
    if alive is not None:
        status = w[f"network_{network_status(alive.value)}"]
        return (
            w["nv_answer"].format(status=status, when=w[f"when_{alive.wave}"], value=w.number(alive.value), n=alive.n),
        )
    reach = newest("NV.reach", figures)
    if reach is None:
        return ()
    said = {"value": written(reach.value, reach.indicator, w), "when": w[f"when_{reach.wave}"], "n": reach.n}
    return (w["nv_reach"].format(**said),)


def network_status(vitality: float) -> str:
    """alive from 60, fading from 40, stalled below."""
    return "alive" if vitality >= ALIVE_FROM else "fading" if vitality >= FADING_FROM else "stalled"


def recommendation(figures: Figures, w: Words) -> tuple[str, ...]:
    """How many would recommend the programme: counts, and the index only for thirty people or more."""
    index = figures.get(("RI.index", "T1"))
    if index is not None and index.n >= SHOW_INDEX_FROM:
        return (w["ri_index"].format(value=w.signed(index.value), n=index.n),)
    gladly = figures.get(("RI.promoters", "T1"))
    if gladly is None:
        return ()
    return (w["ri_answer"].format(count=round(gladly.value), n=gladly.n),)


def behaviour(figures: Figures, w: Words) -> tuple[str, ...]:
    """What managers say of what they do, and beside it what their employees say."""
    told = ("BE.own_change", "BE.seen_change", "HME.leadership_change")
    return tuple(sentence for indicator in told for sentence in changes(indicator, figures, w))


def in_short(cohort: Released, library: Library, w: Words) -> tuple[str, ...]:
    """One sentence per question that has been answered."""
    figures = cohort.figures
    seen = newest("BE.seen_change", figures) or newest("BE.own_change", figures)
    return (
        *(change(figures["UM.change", wave], w) for wave in IN_SHORT if ("UM.change", wave) in figures),
        *(understanding(figures, w) if newest("UM.change", figures) is None else ()),
        *changes("LU.change", figures, w)[-1:],
        *reaction(figures, library, w),
        *transfer(figures, w),
        *((change(seen, w),) if seen else ()),
        *network(figures, w),
        *recommendation(figures, w),
    )
