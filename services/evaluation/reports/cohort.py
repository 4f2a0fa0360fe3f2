"""One cohort's report: all that has been released about it so far, question by question."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from services.evaluation.instruments import Library
from services.evaluation.model import Hidden
from services.evaluation.reports import charts, sentences
from services.evaluation.reports.charts import Point, Said
from services.evaluation.reports.layout import Cell, Chart, Report, Section, Table, filled
from services.evaluation.reports.measures import COUNTS, MOVED, figures_table, interval, label_of, wave_name, written
from services.evaluation.reports.released import Figures, Released, Told
from services.evaluation.words import Words, words
from shared.events.evaluation import Figure

UNDERSTANDING_WAVES = ("T0", "T1", "T3", "T4")
BEHAVIOUR_WAVES = ("T0", "T3")


def cohort_report(cohort: Released, library: Library, language: str) -> Report:
    """What has been released about a cohort, as it is read in one language."""
    w = words(language)
    table = figures_table(cohort.told, library, w)
    some = partial(_some, cohort.told, library, w)
    in_short = sentences.in_short(cohort, library, w)
    return Report(
        title=f"{w.text(cohort.title)}, {cohort.cohort_id}",
        subtitle=f"{w['revision'].format(revision=cohort.revision)}, {_published(cohort, w)}.",
        slug=f"{w['file_results']}-{cohort.cohort_id}-{w.text(cohort.title)}",
        language=w.language,
        answers=in_short,
        sections=filled(
            *_without(
                in_short,
                _understanding(cohort, library, w),
                _leadership(cohort.figures, some, w),
                _reaction(cohort, library, w),
                Section("transfer", w["transfer"], tables=some("transfer", ["TR"])),
                _behaviour(cohort.figures, some, w),
                _network(cohort.figures, some, w),
                _recommendation(cohort.figures, w),
            ),
            _comments(cohort, library, w),
            _participation(cohort, w),
            Section("figures", w["figures"], tables=(table,) if cohort.told else ()),
            hidden_section([(stage, one) for stage, one in cohort.hidden], library, w),
            _method(cohort, library, w),
        ),
        figures=table,
        facts=_facts(cohort),
    )


def _without(said: Sequence[str], *sections: Section) -> Iterator[Section]:
    """The sections without the sentences that the report begins with."""
    return (replace(one, answers=tuple(each for each in one.answers if each not in said)) for one in sections)


def _published(cohort: Released, w: Words) -> str:
    if cohort.first_on == cohort.last_on:
        return w["released_once"].format(day=cohort.first_on.isoformat())
    return w["released_more"].format(first=cohort.first_on.isoformat(), last=cohort.last_on.isoformat())


def _some(told: Sequence[Figure], library: Library, w: Words, name: str, codes: Sequence[str]) -> tuple[Table, ...]:
    """A table of the figures whose names begin like this; none where nothing has been told."""
    found = [
        figure
        for figure in told
        if any(figure.indicator == code or figure.indicator.startswith(f"{code}.") for code in codes)
    ]
    if not found:
        return ()
    table = figures_table(found, library, w)
    return (Table(name, w[f"{name}_caption"], table.columns, table.rows),)


def _understanding(cohort: Released, library: Library, w: Words) -> Section:
    figures = cohort.figures
    said = [sentences.understanding, sentences.silence, sentences.looking_back]
    tasks = sentences.changes("UM.task_change", figures, w)
    drawn = (_levels(figures, w), _movement(figures, library, w))
    beside = ["UM.looking_back", "UM.looking_back_change", "UM.task", "UM.task_change"]
    return Section(
        "understanding",
        w["understanding"],
        (*(sentence for each in said for sentence in each(figures, w)), *tasks),
        tuple(chart for chart in drawn if chart),
        _some(cohort.told, library, w, "beside", beside),
    )


def _levels(figures: Figures, w: Words) -> Chart | None:
    """The means over time. The interval is that of the change, counted from where those same people stood before."""
    points = [(time, _level(figures, wave, w)) for time, wave in enumerate(UNDERSTANDING_WAVES)]
    told = [(time, point) for time, point in points if point is not None]
    if len(told) < 2:
        return None
    said = Said(
        "levels",
        w["levels_title"].format(levels=_listed(f"{point.label} {point.written}" for _, point in told)),
        w["levels_text"],
        Table(
            "levels-table",
            w["levels_caption"],
            (w["wave"], w["mean"], w["changed"], w["interval"], w["people"]),
            tuple(_level_row(figures, wave, w) for wave in UNDERSTANDING_WAVES if _level(figures, wave, w)),
        ),
    )
    return charts.slope(said, [("", told)], [w[f"short_{wave}"] for wave in UNDERSTANDING_WAVES])


def _level(figures: Figures, wave: str, w: Words) -> Point | None:
    level, moved, before = figures.get(("UM", wave)), figures.get(("UM.change", wave)), figures.get(("UM", "T0"))
    value = level.value if level else before.value + moved.value if before and moved else None
    if value is None:
        return None
    base = None if moved is None else value - moved.value
    low = base + moved.low if moved and base is not None and moved.low is not None else None
    high = base + moved.high if moved and base is not None and moved.high is not None else None
    return Point(wave_name(wave, w).lower(), value, w.number(value), low, high)


def _level_row(figures: Figures, wave: str, w: Words) -> tuple[Cell, ...]:
    level, moved = _level(figures, wave, w), figures.get(("UM.change", wave))
    n = moved or figures.get(("UM", wave))
    return (
        Cell(wave_name(wave, w)),
        Cell(level.written, level.value) if level else Cell("–"),
        Cell(w.signed(moved.value), moved.value) if moved else Cell("–"),
        Cell(interval(moved.low, moved.high, moved.indicator, w)) if moved else Cell("–"),
        Cell(str(n.n), n.n) if n else Cell("–"),
    )


def _movement(figures: Figures, library: Library, w: Words) -> Chart | None:
    """How many rose, stayed and fell: whole people, as the published shares tell them."""
    told = [figures[indicator, "T1"] for indicator in MOVED if (indicator, "T1") in figures]
    if len(told) < 2:
        return None
    parts = [(w[f"moved_{one.indicator.removeprefix('UM.')}"], round(one.value * one.n / 100)) for one in told]
    said = Said(
        "movement",
        w["movement_title"].format(n=told[0].n, parts=_listed(f"{count} {label}" for label, count in parts)),
        w["movement_text"],
        Table(
            "movement-table",
            w["movement_caption"],
            (w["measure"], w["count"], w["share"]),
            tuple(
                (Cell(label), Cell(str(count), count), Cell(written(one.value, one.indicator, w), one.value))
                for (label, count), one in zip(parts, told, strict=True)
            ),
        ),
    )
    return charts.shares(said, parts)


def _leadership(figures: Figures, some: partial[tuple[Table, ...]], w: Words) -> Section:
    said = (*sentences.changes("LU.change", figures, w), *sentences.changes("HME.governance_change", figures, w))
    tables = some("leadership", ["LU", "HME.governance", "HME.governance_change"])
    return Section("leadership", w["leadership"], said, tables=tables)


def _reaction(cohort: Released, library: Library, w: Words) -> Section:
    parts = [
        (w.text(part.title), cohort.figures[f"RX.{part.code}", "T1"])
        for part in library["RX"].parts
        if (f"RX.{part.code}", "T1") in cohort.figures
    ]
    drawn = [_dots("profile", parts, w["measure"], w)] if parts else []
    if len(cohort.pulses) > 1:
        drawn.append(_dots("pulses", list(cohort.pulses), w["session"], w))
    return Section("reaction", w["reaction"], sentences.reaction(cohort.figures, library, w), tuple(drawn))


def _dots(name: str, parts: Sequence[tuple[str, Figure]], heading: str, w: Words) -> Chart:
    rows = tuple((Cell(label), Cell(w.number(f.value), f.value), Cell(str(f.n), f.n)) for label, f in parts)
    listed = _listed(f"{label} {w.number(f.value)}" for label, f in parts)
    said = Said(
        name,
        f"{w[f'{name}_title']}: {listed}",
        w[f"{name}_text"],
        Table(f"{name}-table", w[f"{name}_caption"], (heading, w["value"], w["people"]), rows),
    )
    return charts.profile(said, [Point(label, f.value, w.number(f.value)) for label, f in parts])


def _behaviour(figures: Figures, some: partial[tuple[Table, ...]], w: Words) -> Section:
    ways = [("BE.own", w["by_own"]), ("BE.seen", w["by_seen"])]
    lines = [
        (name, [(t, Point(name, f.value, w.number(f.value))) for t, f in _at(figures, code, BEHAVIOUR_WAVES)])
        for code, name in ways
    ]
    told = [(name, points) for name, points in lines if len(points) > 1]
    tables = some("behaviour", ["BE", "HME.leadership", "HME.leadership_change"])
    if not told:
        return Section("behaviour", w["behaviour"], sentences.behaviour(figures, w), tables=tables)
    listed = _listed(f"{name} {points[0][1].written} {w['to']} {points[-1][1].written}" for name, points in told)
    said = Said("behaviour-levels", f"{w['behaviour_title']}: {listed}", w["behaviour_text"], tables[0])
    drawn = charts.slope(said, told, [w[f"short_{wave}"] for wave in BEHAVIOUR_WAVES])
    return Section("behaviour", w["behaviour"], sentences.behaviour(figures, w), (drawn,))


def _at(figures: Figures, indicator: str, waves: Sequence[str]) -> list[tuple[int, Figure]]:
    return [(time, figures[indicator, wave]) for time, wave in enumerate(waves) if (indicator, wave) in figures]


def _network(figures: Figures, some: partial[tuple[Table, ...]], w: Words) -> Section:
    said = sentences.network(figures, w)
    if sentences.newest("NV.vitality", figures):
        said = (*said, w["nv_meaning"])
    return Section("network", w["network"], said, tables=some("network", ["NV"]))


def _recommendation(figures: Figures, w: Words) -> Section:
    told = [figures[indicator, "T1"] for indicator in COUNTS if (indicator, "T1") in figures]
    said = sentences.recommendation(figures, w)
    if not told:
        return Section("recommendation", w["recommendation"], said)
    parts = [(w[f"part_{one.indicator.removeprefix('RI.')}"], round(one.value)) for one in told]
    rows = tuple((Cell(label), Cell(str(count), count)) for label, count in parts)
    listed = _listed(f"{count} {label}" for label, count in parts)
    about = Said(
        "recommend",
        f"{w['recommend_title'].format(n=told[0].n)}: {listed}",
        w["recommend_text"],
        Table("recommend-table", w["recommend_caption"], (w["measure"], w["count"]), rows),
    )
    return Section("recommendation", w["recommendation"], said, (charts.shares(about, parts),))


def _comments(cohort: Released, library: Library, w: Words) -> Section:
    """What people wrote, where a person has let it through. Never beside scores of the same people."""
    quotes = tuple((_question(one.item, library, w), one.texts) for one in cohort.comments if one.texts)
    return Section("comments", w["comments"], (w["comments_note"],) if quotes else (), quotes=quotes)


def _question(item_id: str, library: Library, w: Words) -> str:
    found = [item for one in library.values() for item in one.items if item.id == item_id]
    return w.text(found[0].text) if found else item_id


def _participation(cohort: Released, w: Words) -> Section:
    rows = tuple(
        (
            Cell(_round(told, one.of, w)),
            *map(_number, (one.asked, one.answered, one.pairs, one.late)),
        )
        for told, one in cohort.participation
    )
    columns = (w["wave"], w["asked"], w["answered"], w["pairs"], w["late"])
    tables = (Table("participation", w["participation_caption"], columns, rows),) if rows else ()
    return Section("participation", w["participation"], tables=tables)


def _round(told: Told, of: str, w: Words) -> str:
    name = " ".join(part for part in (wave_name(told.stage, w), told.session) if part)
    return f"{name} ({w['of_employees']})" if of == "employees" else name


def _number(count: int | None) -> Cell:
    return Cell("–") if count is None else Cell(str(count), count)


def hidden_section(hidden: Iterable[tuple[Told, Hidden]], library: Library, w: Words) -> Section:
    """What is not shown, and why; never how many it rested on."""
    lines = tuple(dict.fromkeys(_hidden(stage, one, library, w) for stage, one in hidden))
    return Section("hidden", w["hidden"], () if lines else (w["hidden_nothing"],), lines=lines)


def _hidden(told: Told, hidden: Hidden, library: Library, w: Words) -> str:
    reason = "group_too_small" if hidden.indicator.endswith(".movement") else hidden.reason
    return f"{label_of(hidden.indicator, library, w)} ({_round(told, '', w).lower()}) – {w[reason]}"


def _method(cohort: Released, library: Library, w: Words) -> Section:
    asked = ", ".join(f"{w.text(library[ref.code].title)} ({ref.code} {ref.version})" for ref in cohort.instruments)
    names = {indicator.split(".")[0] for indicator, _ in cohort.figures}
    changed = any(indicator.endswith("change") for indicator, _ in cohort.figures)
    lines = [w["method_asked"].format(instruments=asked), w["method_index"]]
    lines += [w["method_pairs"], w["method_sure"]] if changed else []
    lines += [w["method_employees"]] if "BE" in names else []
    lines += [w["method_network"]] if "NV" in names else []
    return Section("method", w["method"], lines=(*lines, w["method_k"].format(k=cohort.k), w["method_limits"]))


def _facts(cohort: Released) -> dict[str, object]:
    return {
        "cohort_id": cohort.cohort_id,
        "programme": cohort.programme,
        "revision": cohort.revision,
        "k": cohort.k,
        "released": [cohort.first_on.isoformat(), cohort.last_on.isoformat()],
        "figures": [figure.model_dump(mode="json") for figure in (*cohort.figures.values(), *cohort.bands.values())],
        "pulses": [{"session": name, **figure.model_dump(mode="json")} for name, figure in cohort.pulses],
        "participation": [
            {"session": told.session or None, **one.model_dump(mode="json")} for told, one in cohort.participation
        ],
        "hidden": [{"stage": told.stage, **one.model_dump(mode="json")} for told, one in cohort.hidden],
        "instruments": [ref.model_dump(mode="json") for ref in cohort.instruments],
    }


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)
