"""How a municipality's mails look: its colours can be read, its signature ends every mail."""

import pytest
from pydantic import ValidationError

from services.notifications.look import Look, contrast
from services.notifications.mails import Mailroom
from services.notifications.settings import MailSettings
from tests.unit.notifications.samples import MAILS, SENDER, STOCKHOLM, card

OWN = Look(accent="#7a1f5c", accent_dark="#f0a6d8", signature=("Chefsakademin", "Bergå kommun"), contact="08-123 45 67")


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1.0)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize(
    ("setting", "colour", "says"),
    [
        ("ACCENT", "#88ccff", "choose a darker colour"),
        ("ACCENT_DARK", "#1b4f72", "choose a lighter colour"),
        ("ACCENT", "blue", "write it as #rrggbb"),
        ("ACCENT_DARK", "#fff;}", "write it as #rrggbb"),
    ],
)
def test_colour_that_not_everybody_can_read_is_refused_at_start(
    setting: str, colour: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDSTJARNA_SENDER", "Ledarutveckling <ledarutveckling@kommun.example>")
    monkeypatch.setenv(f"LEDSTJARNA_{setting}", colour)
    with pytest.raises(ValidationError, match=says):
        MailSettings()


def test_signature_is_read_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDSTJARNA_SENDER", "Ledarutveckling <ledarutveckling@kommun.example>")
    monkeypatch.setenv("LEDSTJARNA_SIGNATURE", "Chefsakademin | Bergå kommun")
    assert MailSettings().look.signature == ("Chefsakademin", "Bergå kommun")


@pytest.mark.parametrize("kind", MAILS)
def test_every_mail_has_the_colours_and_the_signature_of_its_municipality(kind: str) -> None:
    said = Mailroom(SENDER, STOCKHOLM, "Bergå kommun", OWN).words(MAILS[kind], card())
    assert said.plain.endswith("Du når oss också här:\n08-123 45 67\n\nChefsakademin\nBergå kommun\n")
    assert "Chefsakademin<br>Bergå kommun" in said.html
    assert "08-123 45 67" in said.html
    assert OWN.accent_dark in said.html
    assert "#1b4f72" not in said.html
    assert "#8fc1e6" not in said.html
