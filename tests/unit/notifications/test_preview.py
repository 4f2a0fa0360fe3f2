"""`ledstjarna mail preview`: an example of every mail, made as the service makes it, in the municipality's look."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.ctl.main import app
from services.notifications.contents import CALENDAR_KINDS, KINDS
from services.notifications.examples import EXAMPLES
from tests.unit.notifications.reading import read_mail, text_of


def preview(*words: str, **settings: str) -> Result:
    return CliRunner().invoke(app, ["mail", "preview", *words], env={f"LEDSTJARNA_{k}": v for k, v in settings.items()})


def test_every_kind_of_mail_has_an_example() -> None:
    assert set(EXAMPLES) == set(KINDS)


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_preview_shows_the_mail_that_it_writes(kind: str, language: str, tmp_path: Path) -> None:
    shown = preview(kind, "--language", language, "--out", str(tmp_path), MUNICIPALITY="Bergå kommun")
    file = tmp_path / f"{kind}-{language}.eml"
    mail = read_mail(file.read_bytes())
    assert shown.exit_code == 0
    assert f"Subject: {str(mail['Subject']).strip()}" in shown.output
    assert str(file) in shown.output
    assert text_of(mail) in shown.output + "\n"
    assert "Bergå kommun" in shown.output
    assert ("BEGIN:VCALENDAR" in shown.output) == (kind in CALENDAR_KINDS)


def test_preview_of_all_writes_one_of_every_kind(tmp_path: Path) -> None:
    assert preview("--all", "--out", str(tmp_path)).exit_code == 0
    assert {file.name for file in tmp_path.iterdir()} == {f"{kind}-sv.eml" for kind in EXAMPLES}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["letter"], "The kinds are offer, "),
        ([], "The kinds are offer, "),
        (["offer", "--all"], "The kinds are offer, "),
        (["offer", "--language", "fi"], "not written in 'fi', but in sv and en"),
    ],
)
def test_preview_that_cannot_be_says_what_can(words: list[str], says: str) -> None:
    shown = preview(*words)
    assert (shown.exit_code, says in shown.output) == (2, True)


def test_preview_names_the_setting_that_does_not_hold() -> None:
    shown = preview("offer", ACCENT="#88ccff")
    assert shown.exit_code == 2
    assert "LEDSTJARNA_ACCENT: " in shown.output
