"""Every mail in a real browser, on a phone: nothing in it stands in anybody's way."""

from pathlib import Path
from typing import Any

import pytest

from services.notifications.examples import EXAMPLES
from services.notifications.texts import LANGUAGES
from tests.browser.eyes import SCHEMES, looked, missing, pages

NAMES = [f"{kind}-{language}-{scheme}" for kind in EXAMPLES for language in LANGUAGES for scheme in SCHEMES]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if needed := missing():
        pytest.fail(needed)
    directory = tmp_path_factory.mktemp("pages")
    return {one["name"]: one["faults"] for one in looked("check", pages(directory, list(LANGUAGES)), directory)}


@pytest.mark.parametrize("name", NAMES)
def test_page_has_no_fault_that_axe_or_html_validate_can_see(name: str, found: dict[str, Any]) -> None:
    assert found[name] == []


def test_judges_see_a_fault_where_there_is_one(tmp_path: Path) -> None:
    if needed := missing():
        pytest.fail(needed)
    (tmp_path / "bad.html").write_text('<!DOCTYPE html><html><body><p style="color: #ddd">x</p><b></p></body></html>')
    job = {"file": str(tmp_path / "bad.html"), "name": "bad", "scheme": "light"}
    (told,) = looked("check", [job], tmp_path)
    said = " ".join(told["faults"])
    assert ("axe color-contrast" in said, "axe html-has-lang" in said, "html close-order" in said) == (True, True, True)


def test_dark_mode_is_really_dark(tmp_path: Path) -> None:
    if needed := missing():
        pytest.fail(needed)
    jobs = [{**job, "out": str(tmp_path / f"{job['name']}.png")} for job in pages(tmp_path, ["sv"])]
    backgrounds = {one["name"]: one["background"] for one in looked("picture", jobs, tmp_path)}
    assert {name: seen for name, seen in backgrounds.items() if "-dark" in name and seen != "rgb(22, 25, 29)"} == {}
    assert {name: seen for name, seen in backgrounds.items() if "-light" in name and seen != "rgb(251, 250, 247)"} == {}
