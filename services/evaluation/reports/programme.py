"""One programme's report: its cohorts beside each other and together, and one revision against another."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.evaluation.instruments import Library
from services.evaluation.reports import charts
from services.evaluation.reports.charts import Point, Said
from services.evaluation.reports.cohort import hidden_section
from services.evaluation.reports.layout import Cell, Chart, Report, Section, Table, filled
from services.evaluation.reports.measures import figures_table, interval, written
from services.evaluation.reports.pooled import Estimate, Together, Told, means, seen_together, telling
from services.evaluation.reports.released import Released
from services.evaluation.reports.sentences import network_status, newest, together_sentence
from services.evaluation.statistics import Belief, CohortMean, Comparison, compare
from services.evaluation.words import Words, words
from shared.events.evaluation import Figure

CHANGE = "UM.change"
LOOKED_AT = (("T1", CHANGE), ("T3", CHANGE), ("T4", CHANGE))
COMPARED = (("T1", CHANGE), ("T3", CHANGE), ("T1", "RX"))


@dataclass(frozen=True)
class Waiting:
    """A cohort that had completed the programme, and one that was asked at the same time before it began."""

    after: Released
    waiting: Released


def programme_report(
    cohorts: Sequence[Released], library: Library, language: str, waiting: Sequence[Waiting] = ()
) -> Report:
    """What has been released about a programme's cohorts, in the order in which they were first told of.

    Raises:
        ValueError: there are no cohorts.
    """
    if not cohorts:
        raise ValueError("a programme's report needs a cohort with a release")
    w, newest_one = words(language), cohorts[-1]
    found = (seen_together(cohorts, name, wave, library) for wave, name in LOOKED_AT)
    looked_at = [one for one in found if one is not None]
    return Report(
        title=f"{w.text(newest_one.title)} ({newest_one.programme})",
        subtitle=w["programme_subtitle"].format(
            groups=len(cohorts), first=cohorts[0].first_on.isoformat(), last=newest_one.last_on.isoformat()
        ),
        slug=f"{w['file_results']}-{newest_one.programme}-{w.text(newest_one.title)}",
        language=w.language,
        answers=tuple(together_sentence(one, w) for one in looked_at),
        sections=filled(
            _beside_each_other(cohorts, looked_at, library, w),
            _glance(cohorts, w),
            _revisions(cohorts, library, w),
            _waiting(waiting, w),
            hidden_section([pair for cohort in cohorts for pair in cohort.hidden], library, w),
            _method(cohorts, w),
        ),
        figures=_by_cohort(cohorts, library, w),
        facts=_facts(cohorts, looked_at),
    )


def _method(cohorts: Sequence[Released], w: Words) -> Section:
    smallest = w["method_k"].format(k=max(cohort.k for cohort in cohorts))
    lines = (w["method_released"], w["method_together"], w["method_sure"], smallest, w["method_limits"])
    return Section("method", w["method"], lines=lines)


def _beside_each_other(
    cohorts: Sequence[Released], looked_at: Sequence[Together], library: Library, w: Words
) -> Section:
    drawn = tuple(_estimates(one, w) for one in looked_at)
    left_out = len(cohorts) - len(telling(cohorts, CHANGE, "T1", library))
    lines = (w["left_out"].format(count=left_out),) if left_out else ()
    return Section(
        "groups",
        w["groups_compared"],
        (w["groups_note"],) if drawn else (),
        drawn,
        lines=lines,
    )


def _estimates(together: Together, w: Words) -> Chart:
    """Each cohort alone, and drawn towards the others by as much as it is uncertain."""
    pairs, wave = together.cohorts, together.wave
    points = [
        Point(
            one.cohort.cohort_id,
            belief.value,
            w.signed(belief.value),
            belief.low,
            belief.high,
            Point("", one.figure.value, w.signed(one.figure.value), one.figure.low, one.figure.high),
        )
        for one, belief in pairs
    ]
    said = Said(
        f"estimates-{wave}",
        w["estimates_title"].format(
            when=w[f"when_{wave}"],
            groups=len(pairs),
            least=w.signed(min(belief.value for _, belief in pairs)),
            most=w.signed(max(belief.value for _, belief in pairs)),
        ),
        w["estimates_text"],
        Table(
            f"estimates-{wave}-table",
            w["estimates_caption"].format(when=w[f"when_{wave}"]),
            (w["group"], w["version"], w["people"], w["alone"], w["interval"], w["with_others"], w["interval_others"]),
            tuple(_estimate_row(one, belief, w) for one, belief in pairs),
        ),
    )
    return charts.forest(said, points, w)


def _estimate_row(one: Told, belief: Estimate, w: Words) -> tuple[Cell, ...]:
    figure = one.figure
    return (
        Cell(one.cohort.cohort_id),
        Cell(str(one.cohort.revision), one.cohort.revision),
        Cell(str(figure.n), figure.n),
        Cell(w.signed(figure.value), figure.value),
        Cell(interval(figure.low, figure.high, figure.indicator, w)),
        Cell(w.signed(belief.value), round(belief.value, 1)),
        Cell(interval(belief.low, belief.high, figure.indicator, w)),
    )


def _glance(cohorts: Sequence[Released], w: Words) -> Section:
    """The main figures of every cohort, a line each."""
    columns = (
        w["group"],
        w["glance_change"],
        w["glance_later"],
        w["glance_reaction"],
        w["glance_transfer"],
        w["glance_network"],
    )
    rows = tuple(
        (
            Cell(cohort.cohort_id),
            _shown(cohort.figures.get((CHANGE, "T1")), w),
            _shown(cohort.figures.get((CHANGE, "T3")), w),
            _shown(cohort.figures.get(("RX", "T1")), w),
            _shown(newest("TR", cohort.figures), w),
            _alive(newest("NV.vitality", cohort.figures), w),
        )
        for cohort in cohorts
    )
    return Section("glance", w["glance"], tables=(Table("glance", w["glance_caption"], columns, rows),))


def _shown(figure: Figure | None, w: Words) -> Cell:
    return Cell(written(figure.value, figure.indicator, w), figure.value) if figure else Cell("–")


def _alive(figure: Figure | None, w: Words) -> Cell:
    if figure is None:
        return Cell("–")
    return Cell(f"{w[f'network_{network_status(figure.value)}']} ({w.number(figure.value)})", figure.value)


def _revisions(cohorts: Sequence[Released], library: Library, w: Words) -> Section:
    """Each revision against the one before it, by what their cohorts' figures say together."""
    numbers = sorted({cohort.revision for cohort in cohorts})
    said: list[str] = []
    rows: list[tuple[Cell, ...]] = []
    for earlier, later in pairwise(numbers):
        for wave, name in COMPARED:
            told = telling(cohorts, name, wave, library)
            old, new = (means([t for t in told if t.cohort.revision == each]) for each in (earlier, later))
            compared = compare(old, new) if old and new else None
            if compared is None:
                continue
            rows.append(_revision_row((name, wave), (earlier, later), compared, w))
            if name == CHANGE:
                said.append(_revision_sentence(wave, (earlier, later), (old, new), compared, w))
    columns = (w["measure"], w["versions"], w["earlier"], w["later"], w["difference"], w["interval"])
    tables = (Table("revisions", w["revisions_caption"], columns, tuple(rows)),) if rows else ()
    return Section("revisions", w["revisions"], tuple(said), tables=tables)


def _revision_sentence(
    wave: str,
    numbers: tuple[int, int],
    cohorts: tuple[Sequence[CohortMean], Sequence[CohortMean]],
    compared: Comparison,
    w: Words,
) -> str:
    gain = compared.gain
    finding = w[f"revision_{_finding(gain)}"].format(earlier=numbers[0], later=numbers[1])
    return w["revision_sentence"].format(
        finding=finding,
        when=w[f"when_{wave}"],
        difference=w.signed(gain.mean),
        low=w.signed(gain.low),
        high=w.signed(gain.high),
        old=len(cohorts[0]),
        new=len(cohorts[1]),
    )


def _finding(gain: Belief) -> str:
    """In which direction the difference goes, by the probability of it: sure from .975, likely from .9."""
    lower = gain.below(0)
    if max(lower, 1 - lower) < 0.9:
        return "unclear"
    return ("" if max(lower, 1 - lower) >= 0.975 else "likely_") + ("down" if lower > 0.5 else "up")


def _revision_row(
    measured: tuple[str, str], numbers: tuple[int, int], compared: Comparison, w: Words
) -> tuple[Cell, ...]:
    name, wave = measured
    show = w.signed if name == CHANGE else w.number
    gain = compared.gain
    return (
        Cell(w[f"compared_{name}"].format(when=w[f"when_{wave}"])),
        Cell(f"{numbers[0]} → {numbers[1]}"),
        Cell(show(compared.earlier.mean), round(compared.earlier.mean, 1)),
        Cell(show(compared.later.mean), round(compared.later.mean, 1)),
        Cell(w.signed(gain.mean), round(gain.mean, 1)),
        Cell(f"{w.signed(gain.low)} {w['to']} {w.signed(gain.high)}"),
    )


def _waiting(pairs: Sequence[Waiting], w: Words) -> Section:
    """Those who have completed the programme beside those who were asked at the same time before it: both released."""
    rows = []
    for pair in pairs:
        after, before = pair.after.figures.get(("UM", "T1")), pair.after.figures.get(("UM", "T0"))
        waiting = pair.waiting.figures.get(("UM", "T0"))
        if after is None or waiting is None:
            continue
        rows.append(
            (
                Cell(f"{pair.after.cohort_id} / {pair.waiting.cohort_id}"),
                _shown(before, w),
                _shown(after, w),
                _shown(waiting, w),
                Cell(w.signed(after.value - waiting.value), round(after.value - waiting.value, 1)),
            )
        )
    columns = (w["waiting_groups"], w["wave_T0"], w["wave_T1"], w["waiting_level"], w["difference"])
    tables = (Table("waiting", w["waiting_caption"], columns, tuple(rows)),) if rows else ()
    return Section("waiting", w["waiting"], (w["waiting_note"],) if rows else (), tables=tables)


def _by_cohort(cohorts: Sequence[Released], library: Library, w: Words) -> Table:
    """Every published figure of every cohort."""
    rows = []
    for cohort in cohorts:
        table = figures_table((*cohort.figures.values(), *cohort.bands.values()), library, w)
        rows += [(Cell(cohort.cohort_id), Cell(str(cohort.revision), cohort.revision), *row) for row in table.rows]
    columns = figures_table((), library, w).columns
    return Table("figures", w["figures_caption"], (w["group"], w["version"], *columns), tuple(rows))


def _facts(cohorts: Sequence[Released], looked_at: Sequence[Together]) -> dict[str, object]:
    return {
        "programme": cohorts[-1].programme,
        "cohorts": [
            {
                "cohort_id": cohort.cohort_id,
                "revision": cohort.revision,
                "figures": [figure.model_dump(mode="json") for figure in cohort.figures.values()],
            }
            for cohort in cohorts
        ],
        "together": [
            {
                "indicator": one.indicator,
                "wave": one.wave,
                "mean": one.mean.model_dump(),
                "cohorts": {told.cohort.cohort_id: estimate.model_dump() for told, estimate in one.cohorts},
            }
            for one in looked_at
        ],
    }
