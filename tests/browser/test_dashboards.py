"""The page of dashboards in a browser, on a real stack: for anybody, by keyboard, and without the world outside."""

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.grafana.everything import DASHBOARDS
from deploy.local.endpoints import FILE, Endpoints
from deploy.local.mail import ROOT
from tests.browser.dashboards import looked

PHONE = 390


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page that `./start --empty --dashboards` shows, before anything has happened."""
    run_dir = tmp_path_factory.mktemp("runs") / "run"
    command = [sys.executable, "-m", "deploy.local", "--empty", "--dashboards", "--run-dir", str(run_dir)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        deadline = time.monotonic() + 180
        while not (run_dir / FILE).exists():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield str(Endpoints.read(run_dir).dashboards)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def look(page: str, dashboard: str = "overview", **how: object) -> dict[str, Any]:
    """What the browser tells of one look."""
    url = f"{page}/#dashboard={dashboard}&range=5m&every=not+by+itself"
    return looked([{"url": url, "name": dashboard, **how}])[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.name)
def test_nothing_stands_in_anybodys_way(board: Any, scheme: str, page: str) -> None:
    seen = look(page, board.name, scheme=scheme)
    assert (seen["axe"], seen["complaints"], seen["wide"]) == ([], [], False)
    assert seen["panels"] == len(board.panels)
    assert [each for each in seen["trouble"] if "Prometheus" in each] == []


def test_a_phone_shows_one_panel_below_the_other(page: str) -> None:
    seen = look(page, width=PHONE)
    assert (seen["wide"], seen["axe"]) == (False, [])


def test_arrow_keys_go_from_dashboard_to_dashboard(page: str) -> None:
    seen = look(page, keys=["Tab", "ArrowRight", "ArrowRight"])
    assert (seen["title"], seen["focus"]) == ("Dead letters – Ledstjärna", "Dead letters")
    assert look(page, keys=["Tab", "ArrowLeft"])["focus"] == DASHBOARDS[-1].title


def test_the_keyboard_opens_what_a_panel_means_and_then_what_to_do(page: str) -> None:
    first = DASHBOARDS[0].panels[0]
    to_its_button = ["Tab"] * 5  # the chosen tab, two choices, the button beside them
    assert first.description in look(page, keys=[*to_its_button, "Enter"])["open"]
    assert "How to mend" in look(page, keys=[*to_its_button, "Enter", "Tab", "Enter"])["open"]


def test_the_way_out_of_a_runbook_is_the_escape_key(page: str) -> None:
    assert look(page, keys=[*["Tab"] * 5, "Enter", "Tab", "Enter", "Escape"])["open"] == ""
