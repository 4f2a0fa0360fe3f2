"""The simulated people: what they make of a form, and how far chance may steer them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean

import pytest

from deploy.sample.forms import find_form
from deploy.sample.opinions import EFFECT, WEAK, stage_of, survey_answers
from deploy.sample.temperament import attends, decides, takes_part_in_survey

CHOICES = ("1", "2", "3", "4", "5", "")
BEFORE = {f"UM{number}": CHOICES for number in range(1, 6)}
AFTER = BEFORE | {f"RX{number}": CHOICES for number in range(1, 9)}

PAGE = """<form method="get"><input name="q"></form>
<form method="post" action="/s/abc?lang=sv"><input type="hidden" name="round" value="2">
<fieldset><legend>One</legend><input type="radio" name="UM1" value="1"><input type="radio" name="UM1" value="5" checked>
<input type="radio" name="UM1" value=""></fieldset><button name="answer" value="send">Send</button></form>
<input type="radio" name="outside" value="1">"""


def test_the_form_that_posts_is_read_with_all_its_choices() -> None:
    form = find_form(PAGE)
    assert form is not None
    assert (form.action, form.hidden) == ("/s/abc?lang=sv", {"round": "2"})
    assert form.choices == {"UM1": ["1", "5", ""], "answer": ["send"]}


def test_own_words_numbers_and_lists_are_read_too_and_what_the_page_is_about() -> None:
    form = find_form(
        """<h1>Frågor om <em>Chef i framtiden</em></h1><form method="post"><textarea name="UM6">x</textarea>
        <input type="number" name="NV1" min="0" max="3"><select name="NV2"><option value=""><option value="1"></select>
        </form>"""
    )
    assert form is not None
    assert (form.texts, form.heading) == (["UM6"], "Frågor om Chef i framtiden")
    assert form.choices == {"NV1": ["0", "1", "2", "3"], "NV2": ["", "1"]}


def test_a_page_without_a_form_that_posts_has_none() -> None:
    assert find_form("<form><input name=q></form><p>Tack</p>") is None


def test_of_a_hundred_people_most_accept_some_decline_and_some_never_answer() -> None:
    made = Counter(decides(1, f"E{number}", 0, "first_line") for number in range(2_000))
    assert 0.74 < made["accept"] / 2_000 < 0.82
    assert 0.09 < made["decline"] / 2_000 < 0.15
    assert made["ignore"] > 0


def test_the_management_group_always_answers() -> None:
    assert {decides(1, f"E{number}", 0, "senior") for number in range(500)} == {"accept", "decline"}


def test_a_person_is_the_same_whenever_she_is_asked() -> None:
    assert survey_answers(1, "E1", AFTER) == survey_answers(1, "E1", dict(reversed(AFTER.items())))
    assert survey_answers(1, "E1", BEFORE) == survey_answers(1, "E1", BEFORE)
    assert attends(1, "E1", "S1") == attends(1, "E1", "S1")


def test_every_answer_is_one_of_the_choices() -> None:
    answers = [survey_answers(1, f"E{number}", AFTER) for number in range(300)]
    assert {item for one in answers for item in one} == set(AFTER)
    assert {value for one in answers for value in one.values()} <= set(CHOICES)


def test_understanding_rises_by_the_true_effect() -> None:
    def index(number: int, items: Mapping[str, Sequence[str]]) -> float:
        answers = survey_answers(1, f"E{number}", items)
        return (fmean(int(answers[item]) for item in BEFORE if answers[item]) - 1) * 25

    change = fmean(index(number, AFTER) - index(number, BEFORE) for number in range(3_000))
    assert abs(change - EFFECT) < 1


def test_what_a_programme_does_badly_is_seen_by_those_who_were_in_it() -> None:
    [(title, weak)] = WEAK.items()

    def level(heading: str) -> float:
        answers = [survey_answers(1, f"E{n}", AFTER, heading=heading) for n in range(500)]
        return (fmean(int(one[item]) for one in answers for item in weak if one[item]) - 1) * 25

    assert level(f"Frågor om {title}") < 50
    assert level("Frågor om Ny som chef") > 65


def test_every_kind_of_question_is_answered_with_what_it_offers() -> None:
    items = {"RI1": [str(n) for n in range(11)] + [""], "NV1": [str(n) for n in range(12)], "NV3": ["1", "0", ""]}
    answers = [survey_answers(1, f"E{n}", items, texts=("UM6",)) for n in range(300)]
    assert all(one[item] in choices for one in answers for item, choices in items.items())
    assert len({one["RI1"] for one in answers}) > 5
    assert 100 < sum("UM6" in one for one in answers) < 200


@pytest.mark.parametrize(
    ("asked", "stage"),
    [
        ({"UM1", "LU1", "HME7", "BE11"}, "T0"),
        ({"RX1", "RX10"}, "P"),
        ({"UM1", "UM11", "RX1", "NV1"}, "T1"),
        ({"TR1"}, "T2"),
        ({"UM1", "TR1", "NV1"}, "T3"),
        ({"UM1", "NV1"}, "T4"),
        ({"BE1", "HME4"}, "employees"),
    ],
)
def test_a_form_tells_by_its_questions_when_it_is_asked(asked: set[str], stage: str) -> None:
    assert stage_of(asked) == stage


def test_who_answers_high_before_tends_to_answer_high_after() -> None:
    firsts = [survey_answers(1, f"E{n}", BEFORE)["UM1"] for n in range(500)]
    seconds = [survey_answers(1, f"E{n}", AFTER)["UM1"] for n in range(500)]
    pairs = [(int(a), int(b)) for a, b in zip(firsts, seconds, strict=True) if a and b]
    high, low = [b for a, b in pairs if a >= 4], [b for a, b in pairs if a <= 2]
    assert sum(high) / len(high) > sum(low) / len(low) + 0.5


def test_most_answer_their_surveys() -> None:
    assert 0.8 < sum(takes_part_in_survey(1, f"E{n}", 0) for n in range(1_000)) / 1_000 < 0.9
