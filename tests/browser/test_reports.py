"""Results and comments in a real browser, on a phone and on a screen: nothing in them stands in anybody's way."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.eyes import SCHEMES, looked, missing
from tests.browser.reports import WIDTHS, doors, jobs

NAMES = [
    f"{name}-{language}-{scheme}-{width}"
    for name in doors()
    for language in ("sv", "en")
    for scheme in SCHEMES
    for width in WIDTHS
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if needed := missing():
        pytest.fail(needed)
    directory = tmp_path_factory.mktemp("pages")
    return {one["name"]: one["faults"] for one in looked("check", jobs(directory), directory)}


@pytest.mark.parametrize("name", NAMES)
def test_page_has_no_fault_that_axe_or_html_validate_can_see(name: str, found: dict[str, Any]) -> None:
    assert found[name] == []


def test_judges_see_words_of_a_drawing_that_cannot_be_read(tmp_path: Path) -> None:
    if needed := missing():
        pytest.fail(needed)
    drawing = '<svg role="img" aria-label="x" viewBox="0 0 9 9"><text fill="#ccc">12,5</text></svg>'
    style = "<style>body { background: #fff }</style>"
    (tmp_path / "bad.html").write_text(
        f'<html lang="sv"><head><title>x</title>{style}</head><body>{drawing}</body></html>'
    )
    job = {"file": str(tmp_path / "bad.html"), "name": "bad", "scheme": "light", "kind": "page", "width": 360}
    (told,) = looked("check", [job], tmp_path)
    assert "faint in a drawing (1.6): 12,5" in told["faults"]
