"""The municipality's report: all programmes, year by year."""

from collections.abc import Callable, Mapping, Sequence

from services.evaluation.instruments import Library
from services.evaluation.reports import charts
from services.evaluation.reports.charts import Point, Said
from services.evaluation.reports.layout import Cell, Chart, Report, Section, Table, filled
from services.evaluation.reports.pooled import pooled, telling, weighted
from services.evaluation.reports.released import Released
from services.evaluation.reports.sentences import claim, network_status, newest
from services.evaluation.statistics import Belief
from services.evaluation.words import Words, words

CHANGE = "UM.change"
Groups = Mapping[str, Sequence[Released]]


def municipality_report(cohorts: Sequence[Released], library: Library, language: str) -> Report:
    """What all released figures say, by the year in which a cohort's result was first published, and by programme.

    Raises:
        ValueError: there are no cohorts.
    """
    if not cohorts:
        raise ValueError("the municipality's report needs a cohort with a release")
    w = words(language)
    years = _grouped(cohorts, lambda cohort: str(cohort.first_on.year))
    programmes = _grouped(cohorts, lambda cohort: cohort.programme)
    by_year = _table("years", w["year"], years, library, w)
    drawn = _over_years(years, by_year, library, w)
    by_programme = _table("programmes", w["programme"], programmes, library, w)
    k = max(cohort.k for cohort in cohorts)
    method = (w["method_released"], w["method_together"], w["method_years"], w["method_k"].format(k=k))
    return Report(
        title=w["of_municipality"],
        subtitle=w["municipality_subtitle"].format(groups=len(cohorts), programmes=len(programmes)),
        slug=f"{w['file_results']}-{w['file_municipality']}",
        language=w.language,
        answers=tuple(said for year, each in years.items() if (said := _answer(year, each, library, w))),
        sections=filled(
            Section("years", w["years"], charts=(drawn,) if drawn else (), tables=() if drawn else (by_year,)),
            Section("programmes", w["programmes"], tables=(by_programme,)),
            Section("method", w["method"], lines=(*method, w["method_limits"])),
        ),
        figures=by_year,
        facts={"years": _facts(years, library), "programmes": _facts(programmes, library)},
    )


def _grouped(cohorts: Sequence[Released], name: Callable[[Released], str]) -> Groups:
    found: dict[str, list[Released]] = {}
    for cohort in cohorts:
        found.setdefault(name(cohort), []).append(cohort)
    return dict(sorted(found.items()))


def _change(cohorts: Sequence[Released], library: Library) -> tuple[Belief, int] | None:
    """What the cohorts' changes say together, and how many cohorts say it."""
    told = telling(cohorts, CHANGE, "T1", library)
    together = pooled(told)
    return (together.mean, len(together.cohorts)) if together else None


def _answer(year: str, cohorts: Sequence[Released], library: Library, w: Words) -> str | None:
    found = _change(cohorts, library)
    if found is None:
        return None
    belief, groups = found
    said = w["sentence_groups"].format(
        claim=claim(CHANGE, belief.mean, belief.low, belief.high, w),
        when=w["when_T1"],
        change=w.signed(belief.mean),
        low=w.signed(belief.low),
        high=w.signed(belief.high),
        groups=groups,
    )
    return f"{year}: {said}"


def _over_years(years: Groups, table: Table, library: Library, w: Words) -> Chart | None:
    found = [(year, known[0]) for year, each in years.items() if (known := _change(each, library))]
    if not found:
        return None
    points = [Point(year, each.mean, w.signed(each.mean), each.low, each.high) for year, each in found]
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
    rows = tuple(_row(label, each, library, w) for label, each in groups.items())
    return Table(name, w[f"{name}_caption"], columns, rows)


def _row(label: str, cohorts: Sequence[Released], library: Library, w: Words) -> tuple[Cell, ...]:
    found = _change(cohorts, library)
    reaction = weighted([told.figure for told in telling(cohorts, "RX", "T1", library)])
    gladly, asked = _recommended(cohorts)
    alive, networks = _networks(cohorts)
    return (
        Cell(label),
        Cell(str(len(cohorts)), len(cohorts)),
        Cell(w.signed(found[0].mean), round(found[0].mean, 1)) if found else Cell("–"),
        Cell(f"{w.signed(found[0].low)} {w['to']} {w.signed(found[0].high)}") if found else Cell("–"),
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
    for name, cohorts in groups.items():
        found = _change(cohorts, library)
        gladly, asked = _recommended(cohorts)
        facts[name] = {
            "cohorts": [cohort.cohort_id for cohort in cohorts],
            "change": found
            and {"value": round(found[0].mean, 1), "low": round(found[0].low, 1), "high": round(found[0].high, 1)},
            "reaction": weighted([told.figure for told in telling(cohorts, "RX", "T1", library)]),
            "recommend": {"gladly": gladly, "of": asked},
        }
    return facts
