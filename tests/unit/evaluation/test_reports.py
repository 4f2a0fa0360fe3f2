"""A release in words: truthful about what is certain, in both languages, with nothing that was not published."""

from datetime import date

import pytest

from services.evaluation.model import Hidden, InstrumentRef, Participation, Release
from services.evaluation.reports import Report, certainty, report
from services.evaluation.words import words
from shared.events.evaluation import Figure
from tests.unit.evaluation.arrange import INSTRUMENTS, TITLE

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
    release = Release(
        id="FLC-1:T1:release",
        cohort_id="FLC-1",
        programme="FLC",
        revision=2,
        title=TITLE,
        k=5,
        released_on=date(2027, 2, 4),
        figures=figures,
        hidden=hidden,
        participation=(
            (
                Participation(wave="T0", asked=14, answered=12),
                Participation(wave="T1", asked=14, answered=None, pairs=12),
            )
            if figures
            else ()
        ),
        instruments=(InstrumentRef(code="UM", version=1), InstrumentRef(code="RX", version=1)),
    )
    return report(release, INSTRUMENTS, language)


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


def test_the_answer_is_one_sentence_with_its_uncertainty() -> None:
    [answer] = a_report(*CHANGE).answers
    assert "har med stor säkerhet ökat: i medel +7,8 poäng, från 52,2 till 60,0" in answer
    assert "(95 % intervall +3,3 till +12,3; 12 personer" in answer


def test_the_answer_in_english_has_english_numbers() -> None:
    [answer] = a_report(*CHANGE, language="en").answers
    assert "has almost certainly risen: by +7.8 points" in answer


def test_a_change_without_spread_says_that_its_uncertainty_is_unknown() -> None:
    flat = CHANGE[2].model_copy(update={"low": None, "high": None})
    shown = a_report(*CHANGE[:2], flat)
    assert "Ingen spridning" in shown.answers[0]
    assert shown.charts[0].marks[1].low is None


def test_a_level_alone_is_not_called_a_change() -> None:
    [answer] = a_report(CHANGE[1]).answers
    assert "en ändring går inte att visa" in answer


def test_the_weakest_and_the_strongest_part_of_the_reaction_are_named() -> None:
    [answer] = a_report(*REACTION).answers
    assert "Starkast är gemenskap (83,0), svagast tid för reflektion (55,0)." in answer


def test_every_figure_has_its_line_in_the_table() -> None:
    assert len(a_report(*CHANGE, *REACTION).rows) == len(CHANGE) + len(REACTION)


def test_shares_are_told_in_percent_and_changes_with_their_sign() -> None:
    share = Figure(indicator="UM.improved", wave="T1", n=12, value=58.3)
    rows = a_report(*CHANGE, share).rows
    assert [row.value for row in rows] == ["52,2", "60,0", "+7,8", "58,3 %"]
    assert rows[2].interval == "+3,3 till +12,3"


def test_every_chart_has_a_title_and_a_description_with_its_numbers() -> None:
    change, profile = a_report(*CHANGE, *REACTION).charts
    assert "52,2" in change.title
    assert "60,0" in change.title
    assert "Gemenskap: 83,0" in profile.description


def test_charts_stay_on_their_scale() -> None:
    wide = CHANGE[2].model_copy(update={"low": -90.0, "high": 120.0})
    mark = a_report(*CHANGE[:2], wide).charts[0].marks[1]
    assert (mark.low, mark.high) == (150.0, 400.0)


def test_what_is_hidden_is_named_with_its_reason_and_no_number() -> None:
    hidden = (Hidden(indicator="UM", reason="too_few"), Hidden(indicator="UM.movement", reason="too_few"))
    lines = a_report(*REACTION, hidden=hidden).hidden
    assert lines[0] == "Uppdrag och mål – för få har svarat för att ingen ska kunna pekas ut"
    assert not any(character.isdigit() for line in lines for character in line)


def test_a_number_of_people_that_is_not_told_is_a_dash() -> None:
    assert [row.answered for row in a_report(*CHANGE).participation] == ["12", "–"]


def test_an_empty_release_tells_nothing_but_that() -> None:
    shown = a_report(hidden=(Hidden(indicator="UM", reason="too_few"),))
    assert (shown.answers, shown.charts, shown.rows, shown.participation) == ((), (), (), ())


@pytest.mark.parametrize("language", ["sv", "en"])
def test_limits_are_always_told(language: str) -> None:
    shown = a_report(*CHANGE, language=language)
    assert any("jämförelsegrupp" in line or "comparison group" in line for line in shown.method)


@pytest.mark.parametrize(("value", "sv"), [(0.0, "0,0"), (-0.04, "0,0"), (0.04, "0,0"), (-1.25, "−1,2"), (3.0, "+3,0")])
def test_a_change_is_written_with_its_sign_unless_it_is_nothing(value: float, sv: str) -> None:
    assert words("sv").signed(value) == sv


def test_a_language_that_we_do_not_have_is_answered_in_swedish() -> None:
    assert words("fi").language == "sv"
