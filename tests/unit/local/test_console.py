"""The server of the page of dashboards gives what the page needs, and nothing else of this machine."""

import json
from pathlib import Path

import httpx
import pytest

from deploy.console.build import built
from deploy.console.serve import application
from deploy.grafana.everything import DASHBOARDS

PROMETHEUS = "http://127.0.0.1:29090"


async def got(path: str, directory: Path) -> httpx.Response:
    """The answer to one request."""
    (directory / "dist").mkdir()
    (directory / "dist" / "index.html").write_text("<title>the page</title>")
    (directory / "runbooks").mkdir()
    (directory / "runbooks" / "outbox-stuck.md").write_text("# OutboxStuck")
    (directory / "secret.md").write_text("nobody's business")
    server = application(PROMETHEUS, 3, dist=directory / "dist", runbooks=directory / "runbooks")
    transport = httpx.ASGITransport(app=server)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get(path)


async def test_the_page_is_told_all_dashboards_and_whom_to_ask(tmp_path: Path) -> None:
    told = (await got("/dashboards.json", tmp_path)).json()
    assert [each["name"] for each in told["dashboards"]] == [each.name for each in DASHBOARDS]


async def test_the_page_may_ask_prometheus_and_nobody_else(tmp_path: Path) -> None:
    answer = await got("/", tmp_path)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert "the page" in answer.text
    assert (policy["default-src"], policy["connect-src"]) == ("'self'", f"'self' {PROMETHEUS}")


async def test_a_runbook_is_read_beside_the_dashboard(tmp_path: Path) -> None:
    answer = await got("/runbooks/outbox-stuck.md", tmp_path)
    assert (answer.status_code, answer.text) == (200, "# OutboxStuck")


@pytest.mark.parametrize("path", ["/runbooks/..%2Fsecret.md", "/runbooks/nothing.md", "/../secret.md", "/.built"])
async def test_no_other_file_is_given_away(path: str, tmp_path: Path) -> None:
    assert (await got(path, tmp_path)).status_code == 404


def test_without_node_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = built(lambda _: None, tmp_path / "dist")
    assert said == (
        "The page of dashboards is built with Node 20: install Node 20 or newer, with npm (found: none), "
        "and start again."
    )


def test_the_lock_of_the_page_names_no_address(root: Path) -> None:
    lock = json.loads((root / "deploy/console/package-lock.json").read_text())
    assert not [name for name, each in lock["packages"].items() if {"resolved", "funding"} & set(each)]
    assert {each.get("license") for name, each in lock["packages"].items() if name} <= {
        "MIT", "Apache-2.0", "BSD-3-Clause", "0BSD",
    }  # fmt: skip
