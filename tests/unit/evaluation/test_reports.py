"""One cohort's releases in words: truthful about what is certain, in both languages, with nothing that was not
published."""

from collections.abc import Iterator
from datetime import date
from typing import get_args

import pytest

from services.evaluation.model import (
    Hidden,
    HiddenBecause,
    InstrumentRef,
    Participation,
    PublishedComments,
    Release,
)
from services.evaluation.reports import sentences
from services.evaluation.reports.cohort import cohort_report
from services.evaluation.reports.layout import Chart, Report, Section, Text
from services.evaluation.reports.measures import certainty, label_of
from services.evaluation.reports.phrases import MORE_AND_LESS
from services.evaluation.reports.released import comparable, spread_of, together
from services.evaluation.statistics import mean_with_interval
from services.evaluation.words import words
from shared.events.evaluation import Figure
from tests.unit.evaluation.arrange import INSTRUMENTS
from tests.unit.evaluation.released import a_cohort, a_figure, a_release, three_years

CHANGE = (
    Figure(indicator="UM", wave="T0", n=12, value=52.2),
    Figure(indicator="UM", wave="T1", n=12, value=60.0),
    Figure(indicator="UM.change", wave="T1", n=12, value=7.8, low=3.3, high=12.3),
)
REACTION = (
    Figure(indicator="RX", wave="T1", n=11, value=70.1, low=61.0, high=79.2),
    *(
        Figure(indicator=f"RX.{part}", wave="T1", n=11, value=value)
        for part, value in (("reflection", 55.0), ("breadth", 70.0), ("depth", 72.5), ("community", 83.0))
    ),
)


def a_report(*figures: Figure, hidden: tuple[Hidden, ...] = (), language: str = "sv") -> Report:
    """The report on a cohort of which these have been released after its end."""
    return report_on(a_release("FLC-1", "T1", figures, hidden=hidden), language=language)


def report_on(*releases: Release, language: str = "sv", comments: tuple[PublishedComments, ...] = ()) -> Report:
    """The report on a cohort with these releases."""
    return cohort_report(together(releases, comments), INSTRUMENTS, language)


def section(report: Report, name: str) -> Section:
    """A part of a report."""
    return next(one for one in report.sections if one.id == name)


def every_chart(report: Report) -> Iterator[Chart]:
    """All drawings of a report."""
    return (chart for part in report.sections for chart in part.charts)


def everything_said(report: Report) -> str:
    """All that can be read in a report."""
    said = [report.title, report.subtitle, *report.answers]
    for part in report.sections:
        said += [part.heading, *part.answers, *part.lines]
        said += [text for chart in part.charts for text in (chart.title, chart.description)]
        said += [text for _, texts in part.quotes for text in texts]
    said += [cell.text for table in (*report.tables, report.figures) for row in table.rows for cell in row]
    return " ".join(said)


@pytest.mark.parametrize(
    ("value", "low", "high", "words_for_it"),
    [
        (7.8, 3.3, 12.3, "up"),
        (-7.8, -12.3, -3.3, "down"),
        (6.0, -2.0, 14.0, "likely_up"),
        (-6.0, -14.0, 2.0, "likely_down"),
        (2.0, -6.0, 10.0, "unclear"),
        (5.0, 0.0, 10.0, "likely_up"),
        (0.0, -4.0, 4.0, "unclear"),
    ],
)
def test_words_for_certainty_follow_the_interval(value: float, low: float, high: float, words_for_it: str) -> None:
    assert certainty(value, low, high) == words_for_it


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "sv",
            "Deltagarna förstår med stor säkerhet uppdrag och mål bättre än innan, direkt efter programmet: +7,8 poäng "
            "(95\u00a0% intervall +3,3 till +12,3), 12 personer.",
        ),
        (
            "en",
            "The participants almost certainly understand mission and goals better than before, right after the "
            "programme: +7.8 points (95\u00a0% interval +3.3 to +12.3), 12 people.",
        ),
    ],
)
def test_the_answer_is_one_sentence_with_its_uncertainty(language: str, sentence: str) -> None:
    assert a_report(*CHANGE, language=language).answers == (sentence,)


@pytest.mark.parametrize("indicator", MORE_AND_LESS)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_change_can_be_told_as_a_rise_a_fall_and_as_unclear(indicator: str, language: str) -> None:
    told = [
        sentences.change(Figure(indicator=indicator, wave="T3", n=9, value=value, low=low, high=high), words(language))
        for value, low, high in ((8, 2, 14), (-8, -14, -2), (8, -1, 17), (0.5, -9, 10))
    ]
    assert len({one.split(":")[0] for one in told}) == 4
    assert not any("{" in one for one in told)


def test_a_change_without_spread_claims_no_certainty() -> None:
    flat = CHANGE[2].model_copy(update={"low": None, "high": None})
    shown = a_report(*CHANGE[:2], flat)
    assert shown.answers[0].startswith("Deltagarna förstår uppdrag och mål bättre än innan")
    assert "osäkerheten går inte att räkna ut" in shown.answers[0]


def test_a_level_alone_is_not_called_a_change() -> None:
    [answer] = a_report(CHANGE[1]).answers
    assert "en ändring går inte att visa" in answer


@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_sentence_says_that_the_programme_caused_anything(language: str) -> None:
    causes = (
        "tack vare",
        "på grund av",
        "ledde till",
        "effekt",
        "because of",
        "thanks to",
        "led to",
        "effect",
        "caused",
    )
    said = everything_said(report_on(*a_cohort("FLC-4"), language=language)).lower()
    assert [word for word in causes if word in said] == []


def test_later_releases_are_told_beside_the_first_and_never_instead() -> None:
    shown = report_on(*a_cohort("FLC-4"))
    said = section(shown, "understanding").answers
    own = [one for one in (*shown.answers, *said) if one.startswith("Deltagarna förstår")]
    whens = ("direkt efter", "ett halvår efter", "ett år efter")
    assert [f"{when} programmet:" in one for when, one in zip(whens, own, strict=True)] == [True, True, True]


def test_a_judgement_in_hindsight_stands_beside_the_change_and_is_no_answer() -> None:
    shown = report_on(*a_cohort("FLC-4"))
    assert any("i efterhand" in one for one in section(shown, "understanding").answers)
    assert not any("i efterhand" in one for one in shown.answers)


def test_a_figure_told_twice_is_the_first_one() -> None:
    again = a_release("FLC-1", "T3", [CHANGE[1].model_copy(update={"value": 99.0})], on=date(2027, 8, 1))
    told = together([again, a_release("FLC-1", "T1", CHANGE)])
    assert told.figures["UM", "T1"].value == 60.0


def test_the_weakest_and_the_strongest_part_of_the_reaction_are_named() -> None:
    [answer] = a_report(*REACTION).answers
    assert "Starkast är gemenskap (83,0), svagast tid för reflektion (55,0)." in answer


def test_a_reaction_of_which_a_part_is_hidden_is_told_without_it() -> None:
    [answer] = a_report(*REACTION[:3]).answers
    assert "svagast tid för reflektion" in answer


def test_pulses_are_told_session_by_session() -> None:
    drawn = next(chart for chart in every_chart(report_on(*a_cohort("FLC-4"))) if chart.id == "pulses")
    assert [row[0].text for row in drawn.table.rows] == ["M1", "M2"]


@pytest.mark.parametrize(("vitality", "status"), [(60.0, "lever"), (59.9, "försvagas"), (39.9, "har avstannat")])
def test_a_network_is_told_by_its_status(vitality: float, status: str) -> None:
    [answer] = a_report(a_figure("NV.vitality", "T3", 9, vitality)).answers
    assert answer.startswith(f"Gruppens nätverk {status} ett halvår efter programmet")


def test_recommendation_is_told_as_counts_for_a_group() -> None:
    counts = [a_figure("RI.promoters", "T1", 12, 7), a_figure("RI.detractors", "T1", 12, 5)]
    shown = a_report(*counts)
    assert shown.answers == ("7 av 12 skulle gärna rekommendera programmet till en annan chef.",)
    assert "index" not in " ".join(shown.answers)


def test_recommendation_is_an_index_only_from_thirty_people() -> None:
    assert a_report(a_figure("RI.index", "T1", 29, 12.5)).answers == ()
    assert "+12,5" in a_report(a_figure("RI.index", "T1", 30, 12.5)).answers[0]


def test_every_figure_has_its_line_in_the_table() -> None:
    released = a_cohort("FLC-4")
    assert len(report_on(*released).figures.rows) == sum(len(one.figures) for one in released)


def test_shares_are_told_in_percent_changes_with_their_sign_and_counts_as_people() -> None:
    share, count = a_figure("UM.improved", "T1", 12, 58.3), a_figure("RI.promoters", "T1", 12, 7)
    rows = a_report(*CHANGE, share, count).figures.rows
    assert [row[2].text for row in rows] == ["52,2", "60,0", "+7,8", "58,3 %", "7"]
    assert rows[2][3].text == "+3,3 till +12,3"


def test_every_chart_has_a_title_that_tells_its_numbers_and_its_table() -> None:
    charts = list(every_chart(report_on(*a_cohort("FLC-4"))))
    assert {chart.id for chart in charts} >= {
        "levels",
        "movement",
        "profile",
        "pulses",
        "behaviour-levels",
        "recommend",
    }
    for chart in charts:
        written = [shape.text for shape in chart.shapes if isinstance(shape, Text) and shape.look == "value"]
        assert [text for text in written if text not in chart.title] == []
        assert chart.table.rows


def test_charts_stay_on_their_paper() -> None:
    wide = CHANGE[2].model_copy(update={"low": -90.0, "high": 120.0})
    [chart] = every_chart(a_report(*CHANGE[:2], wide))
    ups = [y for shape in chart.shapes for y in (getattr(shape, "y1", 0), getattr(shape, "y2", 0))]
    assert (min(ups) >= 0, max(ups) <= chart.height) == (True, True)


def test_what_is_hidden_is_named_with_its_reason_and_no_number() -> None:
    hidden = (Hidden(indicator="UM", reason="too_few"), Hidden(indicator="UM.movement", reason="too_few"))
    lines = section(a_report(*REACTION, hidden=hidden), "hidden").lines
    assert lines[0] == "Uppdrag och mål (efter) – för få har svarat för att ingen ska kunna pekas ut"
    assert not any(character.isdigit() for line in lines for character in line)


def test_an_empty_release_tells_nothing_but_that() -> None:
    shown = a_report(hidden=(Hidden(indicator="UM", reason="too_few"),))
    assert (shown.answers, list(every_chart(shown)), shown.figures.rows) == ((), [], ())
    assert {part.id for part in shown.sections} == {"hidden", "method"}


@pytest.mark.parametrize("missing", sorted({one.indicator for each in a_cohort("FLC-4") for one in each.figures}))
def test_a_report_does_without_any_one_figure(missing: str) -> None:
    releases = [
        one.model_copy(update={"figures": tuple(f for f in one.figures if f.indicator != missing)})
        for one in a_cohort("FLC-4")
    ]
    assert report_on(*releases).sections


def test_a_figure_that_we_have_no_word_for_is_shown_by_its_code() -> None:
    assert label_of("XX.novelty", INSTRUMENTS, words("sv")) == "XX: novelty"
    assert len(a_report(a_figure("XX.novelty", "T9", 9, 1.0)).figures.rows) == 1


@pytest.mark.parametrize("language", ["sv", "en"])
def test_limits_are_always_told(language: str) -> None:
    lines = section(a_report(*CHANGE, language=language), "method").lines
    assert any("jämförelsegrupp" in line or "comparison group" in line for line in lines)


def test_the_wordings_that_were_asked_are_told_with_their_versions() -> None:
    assert "(UM 2)" in section(a_report(*CHANGE), "method").lines[0]


def test_comments_that_a_person_let_through_are_shown_by_question() -> None:
    kept = PublishedComments(
        id="FLC-1:T1:RX9", cohort_id="FLC-1", wave="T1", item="RX9", texts=("Mer tid.",), published_on=date(2027, 3, 1)
    )
    shown = section(report_on(a_release("FLC-1", "T1", CHANGE), comments=(kept,)), "comments")
    assert shown.quotes == (("Vad ska vi behålla?", ("Mer tid.",)),)


def test_cohorts_asked_in_another_wording_are_not_compared() -> None:
    cohorts = [together([a_release("A", "T1", CHANGE)]), together([a_release("B", "T1", CHANGE, instruments=[])])]
    assert [one.cohort_id for one in comparable(cohorts, "UM", INSTRUMENTS)] == ["A"]
    older = a_release("C", "T1", REACTION, instruments=[InstrumentRef(code="RX", version=1)])
    both = [together([older]), together([a_release("D", "T1", REACTION)])]
    assert [one.cohort_id for one in comparable(both, "RX", INSTRUMENTS)] == ["C", "D"]


def test_the_spread_of_people_is_read_back_from_a_published_interval() -> None:
    scores = [50, 56.25, 43.75, 62.5, 50, 68.75, 37.5, 56.25, 50, 62.5, 43.75, 56.25]
    known = mean_with_interval(scores)
    read = spread_of(Figure(indicator="RX", wave="T1", n=12, value=known.mean, low=known.low, high=known.high))
    assert read is not None
    assert read.sd == pytest.approx(known.sd)
    assert spread_of(a_figure("UM.change", "T1", 9, 5.0)) is None


@pytest.mark.parametrize(("value", "sv"), [(0.0, "0,0"), (-0.04, "0,0"), (0.04, "0,0"), (-1.25, "−1,2"), (3.0, "+3,0")])
def test_a_change_is_written_with_its_sign_unless_it_is_nothing(value: float, sv: str) -> None:
    assert words("sv").signed(value) == sv


def test_a_language_that_we_do_not_have_is_answered_in_swedish() -> None:
    assert words("fi").language == "sv"


def test_the_years_of_the_fixture_are_three() -> None:
    assert {one.released_on.year for one in three_years() if one.id.endswith(":T1:release")} == {2025, 2026, 2027}


@pytest.mark.parametrize("reason", get_args(HiddenBecause))
def test_every_reason_to_keep_something_back_has_its_words(reason: str) -> None:
    assert words("sv")[reason] != words("en")[reason]


def test_a_band_is_told_as_a_band_and_nothing_is_reckoned_from_its_middle() -> None:
    band = Figure(indicator="RX", wave="T1", n=9, value=95.0, band=(90.0, 100.0))
    told = together([a_release("FLC-1", "T1", [*CHANGE, band])])
    shown = cohort_report(told, INSTRUMENTS, "sv")
    assert shown.figures.rows[-1][2].text == "90,0 till 100,0"
    assert shown.figures.rows[-1][2].number is None
    assert "95,0" not in everything_said(shown)
    assert ("RX", "T1") not in told.figures


def test_what_the_silent_could_make_of_the_change_stands_beside_it() -> None:
    shown = a_report(*CHANGE, a_figure("UM.change_bound", "T1", 12, 5.2))
    assert any("de som inte svarade" in one and "+5,2" in one for one in section(shown, "understanding").answers)


def test_employees_and_those_who_came_late_are_counted_in_lines_of_their_own() -> None:
    asked = [
        Participation(wave="T3", asked=14, answered=12, pairs=11, late=None),
        Participation(wave="T3", of="employees", asked=80, answered=55),
    ]
    shown = report_on(a_release("FLC-1", "T3", [], participation=asked))
    rows = section(shown, "participation").tables[0].rows
    assert [row[0].text for row in rows] == ["Efter ett halvår", "Efter ett halvår (medarbetare)"]
    assert [cell.text for cell in rows[0][1:]] == ["14", "12", "11", "–"]


def test_a_spread_that_is_released_is_taken_as_it_is() -> None:
    told = spread_of(a_figure("RX.depth", "T1", 9, 60.0).model_copy(update={"sd": 12.5}))
    assert told is not None
    assert told.sd == 12.5
    assert spread_of(a_figure("UM.change", "T1", 9, 5.0).model_copy(update={"sd": 0.0})) is None


RELEASED = [
    "UM",
    "UM.change",
    "UM.change_bound",
    "UM.improved",
    "UM.unchanged",
    "UM.worse",
    "UM.not_improved",
    "UM.not_worse",
    "UM.movement",
    "UM.looking_back",
    "UM.looking_back_change",
    "UM.task",
    "UM.task_change",
    "LU",
    "LU.change",
    "HME.governance",
    "HME.governance_change",
    "HME.leadership",
    "HME.leadership_change",
    "BE.own",
    "BE.own_change",
    "BE.seen",
    "BE.seen_change",
    "TR",
    "NV.density",
    "NV.reach",
    "NV.callable",
    "NV.self_organised",
    "NV.usefulness",
    "NV.retention",
    "NV.vitality",
    "RX",
    "RX.reflection",
    "RX.breadth",
    "RX.depth",
    "RX.community",
    "RX.pulse",
    "RI.promoters",
    "RI.passives",
    "RI.detractors",
    "RI.not_promoters",
    "RI.not_detractors",
    "RI.index",
]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_figure_that_is_released_has_a_name_of_its_own(language: str) -> None:
    names = [label_of(indicator, INSTRUMENTS, words(language)) for indicator in RELEASED]
    assert len(set(names)) == len(names)
    assert [name for name in names if "_" in name] == []
