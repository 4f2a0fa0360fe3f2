"""Alerts are complete, tested both ways and lead to a runbook; judged by promtool and amtool themselves."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.alertmanager import COMMITTED, OPERATORS, configuration
from deploy.local.programs import Where, find_packaged
from deploy.prometheus.scraping import RUNBOOKS, in_containers

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
TESTS = sorted((ROOT / "deploy/prometheus/tests").glob("*.yml"))
PARTS = ("What it means", "How to see", "How to mend", "May it wait?", "It is over when")
RECEIVERS = {"page": "on-call", "ticket": "tickets", "none": "sign-of-life"}


def groups() -> Iterator[dict[str, Any]]:
    """Every group of rules."""
    for file in RULES:
        yield from yaml.safe_load(file.read_text())["groups"]


ALERTS = {rule["alert"]: rule for group in groups() for rule in group["rules"] if "alert" in rule}
RECORDS = {rule["record"] for group in groups() for rule in group["rules"] if "record" in rule}


def runbook(alert: str) -> Path:
    """The file that an alert's runbook_url names when nobody has said where runbooks are read."""
    url = str(ALERTS[alert]["annotations"]["runbook_url"])
    return ROOT / url.replace("{{ $externalLabels.runbooks }}", RUNBOOKS["runbooks"])


@pytest.fixture(scope="session")
def promtool() -> Path:
    """Prometheus' own judge, installed when it is missing."""
    return find_packaged("promtool", "prometheus", Where())


@pytest.fixture(scope="session")
def amtool() -> Path:
    """Alertmanager's own judge, installed when it is missing."""
    return find_packaged("amtool", "prometheus-alertmanager", Where())


def said_by(*command: str | Path) -> str:
    """What a judge says when it has nothing against it."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_how_bad_it_is_what_it_means_and_where_to_read_on(alert: str) -> None:
    rule = ALERTS[alert]
    assert rule["labels"] == {"severity": rule["labels"]["severity"]}
    assert rule["labels"]["severity"] in RECEIVERS
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert 20 < len(rule["annotations"]["summary"]) < 120, "one line on a telephone"
    kebab = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", alert).lower()
    assert runbook(alert) == ROOT / f"docs/runbooks/{kebab}.md"


@pytest.mark.parametrize("alert", ALERTS)
def test_a_runbook_says_in_the_same_order_what_whoever_is_woken_asks(alert: str) -> None:
    text = runbook(alert).read_text()
    assert text.startswith(f"# {alert}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(PARTS)
    assert ("woken" in text.split("\n## ")[0]) == (ALERTS[alert]["labels"]["severity"] == "page")


def test_the_list_of_runbooks_names_each_alert_with_its_severity_and_no_other() -> None:
    text = (ROOT / "docs/runbooks/README.md").read_text()
    listed = re.findall(r"^\| \[(\w+)\]\(([a-z-]+\.md)\) \| (\w+) \|", text, re.MULTILINE)
    assert {(alert, file, severity) for alert, file, severity in listed} == {
        (alert, runbook(alert).name, rule["labels"]["severity"]) for alert, rule in ALERTS.items()
    }
    written = {file.name for file in (ROOT / "docs/runbooks").glob("*.md")} - {"README.md"}
    assert written == {file for _, file, _ in listed}


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_tested_firing_and_silent(alert: str) -> None:
    found = [
        bool(check["exp_alerts"])
        for file in TESTS
        for test in yaml.safe_load(file.read_text())["tests"]
        for check in test.get("alert_rule_test", ())
        if check["alertname"] == alert
    ]
    assert True in found, f"no test lets {alert} fire"
    assert False in found or alert == "Watchdog", f"no test sees {alert} silent"


@pytest.mark.parametrize("record", sorted(RECORDS))
def test_a_recording_rule_is_used_and_tested_in_numbers(record: str) -> None:
    uses = [rule["expr"] for group in groups() for rule in group["rules"]]
    tested = [
        check["expr"]
        for file in TESTS
        for test in yaml.safe_load(file.read_text())["tests"]
        for check in test.get("promql_expr_test", ())
    ]
    name = re.compile(rf"(?<![\w:]){re.escape(record)}(?![\w:])")
    assert any(name.search(expr) for expr in uses)
    assert any(name.search(expr) for expr in tested)


def test_promtool_takes_the_rules_and_the_configuration(promtool: Path, tmp_path: Path) -> None:
    assert "SUCCESS" in said_by(promtool, "check", "rules", "--lint=all", "--lint-fatal", *RULES)
    (tmp_path / "prometheus.yml").write_text(
        in_containers().replace("/etc/prometheus", str(ROOT / "deploy/prometheus"))
    )
    assert f"{len(RULES)} rule files found" in said_by(promtool, "check", "config", tmp_path / "prometheus.yml")


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_promtool_sees_alerts_fire_and_stay_silent_as_they_should(file: Path, promtool: Path) -> None:
    assert "SUCCESS" in said_by(promtool, "test", "rules", file)


def test_amtool_takes_what_is_committed_and_what_its_comments_propose(amtool: Path, tmp_path: Path) -> None:
    assert "3 receivers" in said_by(amtool, "check-config", COMMITTED)
    proposed = tmp_path / "alertmanager.yml"
    proposed.write_text(re.sub(r"#\? ", "", COMMITTED.read_text()))
    assert proposed.read_text() != COMMITTED.read_text()
    assert "3 receivers" in said_by(amtool, "check-config", proposed)


@pytest.mark.parametrize("relay", ["127.0.0.1:2525", None])
def test_amtool_takes_what_a_local_stack_is_told(relay: str | None, amtool: Path, tmp_path: Path) -> None:
    local = tmp_path / "alertmanager.yml"
    local.write_text(configuration(relay))
    assert "5 inhibit rules" in said_by(amtool, "check-config", local)


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_reaches_whom_its_severity_says(alert: str, amtool: Path) -> None:
    severity = ALERTS[alert]["labels"]["severity"]
    routes = (amtool, "config", "routes", "test", f"--config.file={COMMITTED}")
    assert said_by(*routes, f"alertname={alert}", f"severity={severity}").strip() == RECEIVERS[severity]


def test_alertmanager_holds_back_only_alerts_that_there_are() -> None:
    told = yaml.safe_load(COMMITTED.read_text())
    named = {
        name
        for rule in told["inhibit_rules"]
        for matcher in (*rule["source_matchers"], *rule["target_matchers"])
        for name in matcher.partition("=")[2].strip("~ ").split("|")
    }
    assert named < ALERTS.keys()


def test_the_sample_year_knows_whom_alertmanager_writes_to() -> None:
    receivers = yaml.safe_load(COMMITTED.read_text())["receivers"]
    assert {mail["to"] for receiver in receivers for mail in receiver["email_configs"]} == OPERATORS
