"""Cohorts beside each other and together, revisions against each other, years after each other: from releases only."""

import pytest

from services.evaluation.reports.layout import Report, Section
from services.evaluation.reports.municipality import municipality_report
from services.evaluation.reports.pooled import pooled, telling
from services.evaluation.reports.programme import Waiting, programme_report
from services.evaluation.reports.released import Released, by_cohort, together
from tests.unit.evaluation.arrange import INSTRUMENTS
from tests.unit.evaluation.released import a_cohort, a_figure, a_release, three_years

COHORTS = by_cohort(three_years())
FLC = tuple(cohort for cohort in COHORTS if cohort.programme == "FLC")


def section(report: Report, name: str) -> Section:
    """A part of a report."""
    return next(one for one in report.sections if one.id == name)


def names(report: Report) -> set[str]:
    """The parts of a report."""
    return {one.id for one in report.sections}


def in_sizes(first: float, second: float, n: int, half: float) -> list[Released]:
    """Two cohorts of this size with these changes."""
    return [
        together([a_release(name, "T1", [a_figure("UM.change", "T1", n, value, half)])])
        for name, value in (("A", first), ("B", second))
    ]


def test_a_cohort_alone_and_seen_with_the_others_stand_side_by_side() -> None:
    [chart, *_] = section(programme_report(FLC, INSTRUMENTS, "sv"), "groups").charts
    assert len(chart.table.rows) == 12
    for cohort, row in zip(FLC, chart.table.rows, strict=True):
        assert row[3].number == cohort.figures["UM.change", "T1"].value
        assert row[5].number is not None


def test_what_is_seen_together_lies_closer_together_than_what_is_seen_alone() -> None:
    [chart, *_] = section(programme_report(FLC, INSTRUMENTS, "sv"), "groups").charts
    alone, with_others = ([row[place].number or 0 for row in chart.table.rows] for place in (3, 5))
    assert max(with_others) - min(with_others) < 0.8 * (max(alone) - min(alone))


def test_a_programme_is_answered_by_all_its_cohorts() -> None:
    [answer, *_] = programme_report(FLC, INSTRUMENTS, "sv").answers
    assert "med stor säkerhet" in answer
    assert "när 12 grupper ses tillsammans (95\u00a0% intervall" in answer


def test_one_cohort_is_not_seen_together_with_anybody() -> None:
    shown = programme_report(FLC[:1], INSTRUMENTS, "sv")
    assert (shown.answers, "groups" in names(shown), "revisions" in names(shown)) == ((), False, False)


def test_cohorts_that_tell_no_change_are_counted_as_missing_and_change_nothing() -> None:
    silent = together([a_release("FLC-13", "T1", [a_figure("RX", "T1", 9, 70.0, 6.0)])])
    shown = programme_report([*FLC, silent], INSTRUMENTS, "sv")
    assert shown.answers == programme_report(FLC, INSTRUMENTS, "sv").answers
    assert section(shown, "groups").lines[0].startswith("1 grupper saknas")


def test_a_change_without_spread_is_not_taken_for_a_certain_one() -> None:
    flat = together([a_release("FLC-13", "T1", [a_figure("UM.change", "T1", 9, 25.0)])])
    told = telling([*FLC, flat], "UM.change", "T1", INSTRUMENTS)
    both = pooled(told)
    assert both is not None
    assert (len(told), len(both.cohorts)) == (13, 12)


def test_a_revision_is_compared_with_the_one_before_it() -> None:
    shown = section(programme_report(FLC, INSTRUMENTS, "sv"), "revisions")
    assert {row[1].text for row in shown.tables[0].rows} == {"1 → 2"}
    assert len(shown.tables[0].rows) == 3
    assert any("6 och 6 grupper" in one for one in shown.answers)


@pytest.mark.parametrize(
    ("older", "newer", "said"),
    [(0.0, 30.0, "med stor säkerhet större"), (30.0, 0.0, "med stor säkerhet mindre"), (8.0, 8.0, "går inte att säga")],
)
def test_a_revision_is_called_better_or_worse_only_by_the_figures(older: float, newer: float, said: str) -> None:
    cohorts = [
        together([a_release(f"{revision}-{n}", "T1", [a_figure("UM.change", "T1", 12, gain, 5.0)], revision=revision)])
        for revision, gain in ((1, older), (2, newer))
        for n in range(6)
    ]
    [sentence] = section(programme_report(cohorts, INSTRUMENTS, "sv"), "revisions").answers
    assert said in sentence
    assert "andra personer" in sentence


def test_a_waiting_list_is_shown_only_when_both_figures_are_released() -> None:
    after, waiting = FLC[0], FLC[1]
    told = programme_report(FLC, INSTRUMENTS, "sv", [Waiting(after, waiting)])
    [row] = section(told, "waiting").tables[0].rows
    difference = after.figures["UM", "T1"].value - waiting.figures["UM", "T0"].value
    assert row[4].number == round(difference, 1)
    silent = together([a_release("FLC-13", "T1", [])])
    assert "waiting" not in names(programme_report(FLC, INSTRUMENTS, "sv", [Waiting(after, silent)]))


def test_what_is_hidden_in_a_cohort_is_told_of_the_programme() -> None:
    assert "halvår" in section(programme_report(FLC, INSTRUMENTS, "sv"), "hidden").lines[0]


def test_more_people_draw_a_cohort_less_towards_the_others() -> None:
    few = pooled(telling(in_sizes(0.0, 20.0, 8, 12.0), "UM.change", "T1", INSTRUMENTS))
    many = pooled(telling(in_sizes(0.0, 20.0, 80, 3.5), "UM.change", "T1", INSTRUMENTS))
    assert few is not None
    assert many is not None
    assert few.cohorts[1].mean - few.cohorts[0].mean < many.cohorts[1].mean - many.cohorts[0].mean


def test_the_municipality_is_told_year_by_year_and_programme_by_programme() -> None:
    shown = municipality_report(COHORTS, INSTRUMENTS, "sv")
    [chart] = section(shown, "years").charts
    assert [row[0].text for row in chart.table.rows] == ["2025", "2026", "2027"]
    assert sum(row[1].number or 0 for row in chart.table.rows) == 15
    assert [row[0].text for row in section(shown, "programmes").tables[0].rows] == ["FLC", "MID"]


def test_people_who_recommend_are_added_up_over_groups() -> None:
    counted = municipality_report(COHORTS, INSTRUMENTS, "sv").facts["programmes"]
    assert isinstance(counted, dict)
    gladly = sum(round(one.figures["RI.promoters", "T1"].value) for one in FLC)
    assert counted["FLC"]["recommend"] == {
        "gladly": gladly,
        "of": sum(one.figures["RI.promoters", "T1"].n for one in FLC),
    }


def test_a_year_with_one_group_has_a_line_and_no_estimate() -> None:
    shown = municipality_report(by_cohort(a_cohort("FLC-1")), INSTRUMENTS, "sv")
    [row] = section(shown, "years").tables[0].rows
    assert (row[1].text, row[2].text) == ("1", "–")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_reports_on_many_say_that_they_rest_on_released_figures_and_what_they_cannot_know(language: str) -> None:
    for shown in (programme_report(FLC, INSTRUMENTS, language), municipality_report(COHORTS, INSTRUMENTS, language)):
        lines = " ".join(section(shown, "method").lines)
        assert ("redan är publicerade" in lines) or ("have been published for the groups already" in lines)
        assert ("jämförelsegrupp" in lines) or ("comparison group" in lines)
