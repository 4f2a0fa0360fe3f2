"""Findings in plain sentences: as sure as the figures are, in both languages, with every name that can occur."""

import pytest

from services.evaluation.model import RecommendationState
from services.evaluation.recommendations.phrases import PHRASES, words
from services.evaluation.recommendations.sentences import answer_in_words, in_words, label, since_in_words
from services.evaluation.rules.evidence import Compared
from services.evaluation.statistics import Because
from shared.events.evaluation import Finding
from tests.unit.evaluation.arrange import INSTRUMENTS
from tests.unit.evaluation.test_recommendations import a_recommendation


def a_finding(probability: float, indicator: str = "RX.reflection") -> Finding:
    return Finding(
        indicator=indicator,
        cohort_ids=("FLC-1",),
        because=("again",),
        estimate=52.3,
        low=43.1,
        high=61.5,
        probability=probability,
        threshold=60,
    )


@pytest.mark.parametrize(
    ("probability", "sv", "en"),
    [
        (0.98, "ligger med stor säkerhet under 60", "is almost certainly below 60"),
        (0.81, "ligger troligen under 60", "is probably below 60"),
        (
            0.6,
            "kan ligga under 60 av 100, men det är inte säkert",
            "may be below 60 out of 100, but that is not certain",
        ),
    ],
)
def test_a_finding_is_told_as_surely_as_it_is_known(probability: float, sv: str, en: str) -> None:
    assert sv in in_words(a_finding(probability), words("sv")).sentence
    assert en in in_words(a_finding(probability), words("en")).sentence


def test_a_finding_tells_its_interval_and_why_it_counts() -> None:
    told = in_words(a_finding(0.9), words("sv"))
    assert told.sentence.startswith("Tiden för reflektion")
    assert "52,3 (95 % intervall 43,1 till 61,5)" in told.sentence
    assert told.because == ("så var det i två grupper i rad",)


def test_a_small_rise_and_stalled_networks_have_sentences_of_their_own() -> None:
    rise = a_finding(0.9, "UM.change").model_copy(update={"estimate": 1.2, "low": -4.0, "high": 6.4, "threshold": 5.0})
    told = in_words(rise, words("sv")).sentence
    assert "troligen ökat mindre än 5 poäng. Uppskattningen är +1,2 (95 % intervall −4,0 till +6,4)" in told
    still = a_finding(0.9, "NV.vitality").model_copy(update={"low": None, "high": None, "probability": None})
    assert "har avstannat" in in_words(still, words("sv")).sentence


def test_every_part_and_every_reason_that_can_occur_has_words() -> None:
    parts = [f"RX.{part.code}" for part in INSTRUMENTS["RX"].parts]
    assert [name for name in (*parts, "TR", "UM.change") if label(name, words("sv")) == name] == []
    assert {reason.value for reason in Because} - {"doubtful"} <= PHRASES.keys()
    assert {state.value for state in RecommendationState} <= PHRASES.keys()


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [(0.5, 8.0, "med stor säkerhet bättre"), (-1.0, 9.0, "troligen bättre"), (-8, 12, "räcker inte")],
)
def test_what_has_become_of_it_is_told_with_its_uncertainty(low: float, high: float, says: str) -> None:
    one = a_recommendation().having(state=RecommendationState.addressed, addressed_by=3)
    [line] = since_in_words(one, [Compared("RX.depth", 2, 3, (low + high) / 2, low, high)], words("sv"))
    assert "sedan version 3" in line
    assert "3 grupper mot 2 före" in line
    assert says in line


def test_while_there_are_too_few_cohorts_the_page_says_what_it_waits_for() -> None:
    one = a_recommendation()
    assert since_in_words(one, [], words("sv")) == ()
    addressed = one.having(state=RecommendationState.addressed, addressed_by=3)
    assert "minst två av varje" in since_in_words(addressed, [], words("sv"))[0]


def test_the_answer_of_the_office_stays_beside_the_revision_that_answers() -> None:
    one = a_recommendation()
    assert answer_in_words(one, words("sv")) == ()
    said = {"decided_by": "Anna", "decided_on": one.recommended_on, "addressed_by": 3}
    told = answer_in_words(one.having(**said, reason="Salen var liten."), words("sv"))
    assert "Avböjt den 2027-06-01 av Anna: Salen var liten." in told[0]
    assert "Version 3" in told[1]
    assert "Accepted on" in answer_in_words(one.having(**said), words("en"))[0]
