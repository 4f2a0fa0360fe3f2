"""What people are told when they are asked: what about, and how their answers are kept."""

import pytest

from services.notifications.contents import SurveyMail
from services.notifications.examples import EXAMPLES
from tests.unit.notifications.samples import MAILROOM, card

WAVES = ("T0", "P", "T1", "T2", "T3", "T4")
SURVEYS = [(wave, "managers") for wave in WAVES] + [("T0", "employees"), ("T3", "employees")]
EACH = pytest.mark.parametrize("language", ["sv", "en"])


def words(wave: str, of: str, language: str, kind: str = "survey", minutes: int = 6) -> tuple[str, str]:
    """Subject and text of a mail, as one line each."""
    mail = EXAMPLES["survey"]
    assert isinstance(mail, SurveyMail)
    asked = mail.model_copy(update={"wave": wave, "of": of, "kind": kind, "minutes": minutes})
    text = MAILROOM.words(asked, card(language))
    return text.subject, " ".join(text.plain.split())


@EACH
def test_each_survey_says_why_it_is_asked(language: str) -> None:
    said = {words(wave, of, language)[1] for wave, of in SURVEYS}
    assert len(said) == len(SURVEYS)


@pytest.mark.parametrize(("wave", "of"), SURVEYS)
def test_only_a_pulse_is_called_anonymous_and_only_what_is_joined_confidential(wave: str, of: str) -> None:
    text = words(wave, of, "sv")[1]
    assert ("anonyma" in text) == (wave == "P")
    assert ("konfidentiella" in text and "nyckel" in text) == (of == "managers" and wave != "P")


@pytest.mark.parametrize("wave", ["T0", "T3"])
def test_employees_are_told_whom_they_are_asked_about_and_who_sees_what(wave: str) -> None:
    subject, text = words(wave, "employees", "sv")
    assert "om din närmaste chef" in subject
    assert "Din chef ser aldrig enskilda svar" in text
    assert "om inte minst fem har svarat" in text
    assert "your immediate manager" in words(wave, "employees", "en")[0]


@EACH
@pytest.mark.parametrize(("wave", "of"), SURVEYS)
def test_every_mail_says_that_answering_is_free_and_that_five_must_answer(wave: str, of: str, language: str) -> None:
    text = words(wave, of, language)[1]
    assert ("frivilligt" if language == "sv" else "decide yourself") in text
    assert ("minst fem" if language == "sv" else "at least five") in text


@EACH
def test_only_a_reminder_says_that_no_answer_has_come(language: str) -> None:
    sentence = "inte fått ditt svar" if language == "sv" else "not received your answer"
    assert sentence in words("T0", "managers", language, "survey_reminder")[1]
    assert sentence not in words("T0", "managers", language)[1]


@EACH
def test_the_subject_of_a_reminder_says_so(language: str) -> None:
    begins = "Påminnelse: " if language == "sv" else "Reminder: "
    for of in ("managers", "employees"):
        assert words("T0", of, language, "survey_reminder")[0].startswith(begins)
        assert not words("T0", of, language)[0].startswith(begins)


def test_a_minute_is_one() -> None:
    assert "Det tar ungefär en minut." in words("P", "managers", "sv", minutes=1)[1]
    assert "It takes about a minute." in words("P", "managers", "en", minutes=1)[1]
