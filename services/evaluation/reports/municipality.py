"""The municipality's report: all programmes, year by year."""

from collections.abc import Callable, Mapping, Sequence

from services.evaluation.instruments import Library
from services.evaluation.reports import charts
from services.evaluation.reports.charts import Point, Said
from services.evaluation.reports.layout import Cell, Chart, Report, Section, Table, filled
from services.evaluation.reports.pooled import Together, seen_together, telling, weighted
from services.evaluation.reports.released import Released
from services.evaluation.reports.sentences import network_status, newest, together_sentence
from services.evaluation.words import Words, words

CHANGE = "UM.change"
Groups = Mapping[str, tuple[Sequence[Released], Together | None]]
"""Cohorts by year or programme, with what their changes say together."""


def municipality_report(cohorts: Sequence[Released], library: Library, language: str) -> Report:
    """What all released figures say, by the year in which a cohort's result was first published, and by programme.

    Raises:
        ValueError: there are no cohorts.
    """
    if not cohorts:
        raise ValueError("the municipality's report needs a cohort with a release")
    w = words(language)
    years = _grouped(cohorts, library, lambda cohort: str(cohort.first_on.year))
    programmes = _grouped(cohorts, library, lambda cohort: cohort.programme)
    by_year = _table("years", w["year"], years, library, w)
    drawn = _over_years(years, by_year, w)
    by_programme = _table("programmes", w["programme"], programmes, library, w)
    k = max(cohort.k for cohort in cohorts)
    method = (w["method_released"], w["method_together"], w["method_years"], w["method_k"].format(k=k))
    return Report(
        title=w["of_municipality"],
        subtitle=w["municipality_subtitle"].format(groups=len(cohorts), programmes=len(programmes)),
        slug=f"{w['file_results']}-{w['file_municipality']}",
        language=w.language,
        answers=tuple(f"{year}: {together_sentence(one, w)}" for year, (_, one) in years.items() if one),
        sections=filled(
            Section("years", w["years"], charts=(drawn,) if drawn else (), tables=() if drawn else (by_year,)),
            Section("programmes", w["programmes"], tables=(by_programme,)),
            Section("method", w["method"], lines=(*method, w["method_limits"])),
        ),
        figures=by_year,
        facts={"years": _facts(years, library), "programmes": _facts(programmes, library)},
    )


def _grouped(cohorts: Sequence[Released], library: Library, name: Callable[[Released], str]) -> Groups:
    found: dict[str, list[Released]] = {}
    for cohort in cohorts:
        found.setdefault(name(cohort), []).append(cohort)
    return {key: (each, seen_together(each, CHANGE, "T1", library)) for key, each in sorted(found.items())}


def _over_years(years: Groups, table: Table, w: Words) -> Chart | None:
    found = [(year, together.mean) for year, (_, together) in years.items() if together]
    if not found:
        return None
    points = [Point(year, each.value, w.signed(each.value), each.low, each.high) for year, each in found]
    listed = ", ".join(f"{point.label} {point.written}" for point in points)
    return charts.forest(Said("over-years", f"{w['years_title']}: {listed}", w["years_text"], table), points, w)


def _table(name: str, heading: str, groups: Groups, library: Library, w: Words) -> Table:
    columns = (
        heading,
        w["groups"],
        w["glance_change"],
        w["interval"],
        w["glance_reaction"],
        w["glance_recommend"],
        w["glance_networks"],
    )
    rows = tuple(_row(label, each, together, library, w) for label, (each, together) in groups.items())
    return Table(name, w[f"{name}_caption"], columns, rows)


def _row(
    label: str, cohorts: Sequence[Released], together: Together | None, library: Library, w: Words
) -> tuple[Cell, ...]:
    change = together.mean if together else None
    reaction = weighted([told.figure for told in telling(cohorts, "RX", "T1", library)])
    gladly, asked = _recommended(cohorts)
    alive, networks = _networks(cohorts)
    return (
        Cell(label),
        Cell(str(len(cohorts)), len(cohorts)),
        Cell(w.signed(change.value), round(change.value, 1)) if change else Cell("–"),
        Cell(f"{w.signed(change.low)} {w['to']} {w.signed(change.high)}") if change else Cell("–"),
        Cell(w.number(reaction), round(reaction, 1)) if reaction is not None else Cell("–"),
        Cell(w["of_whom"].format(some=gladly, all=asked)) if asked else Cell("–"),
        Cell(w["of_whom"].format(some=alive, all=networks)) if networks else Cell("–"),
    )


def _recommended(cohorts: Sequence[Released]) -> tuple[int, int]:
    """How many would gladly recommend their programme, of how many."""
    told = [cohort.figures["RI.promoters", "T1"] for cohort in cohorts if ("RI.promoters", "T1") in cohort.figures]
    return sum(round(figure.value) for figure in told), sum(figure.n for figure in told)


def _networks(cohorts: Sequence[Released]) -> tuple[int, int]:
    """How many networks are alive, of those of which it is known."""
    told = [figure for cohort in cohorts if (figure := newest("NV.vitality", cohort.figures))]
    return sum(network_status(figure.value) == "alive" for figure in told), len(told)


def _facts(groups: Groups, library: Library) -> dict[str, object]:
    facts: dict[str, object] = {}
    for name, (cohorts, together) in groups.items():
        gladly, asked = _recommended(cohorts)
        facts[name] = {
            "cohorts": [cohort.cohort_id for cohort in cohorts],
            "change": together.mean.model_dump() if together else None,
            "reaction": weighted([told.figure for told in telling(cohorts, "RX", "T1", library)]),
            "recommend": {"gladly": gladly, "of": asked},
        }
    return facts
