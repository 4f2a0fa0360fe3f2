"""What the services export is what operators are told, and Prometheus's own judge has nothing against it."""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deploy.local.programs import Where, find_packaged
from shared.topology import SERVICES

ROOT = Path(__file__).parent.parent.parent
MANUAL = (ROOT / "docs" / "operations.md").read_text("utf-8")

EVERY = "Every service"
TYPES = ("counter", "gauge", "histogram")


@cache
def exported(service: str) -> dict[str, Any]:
    """What the service exports, asked in a process of its own."""
    command = [sys.executable, "-m", "tests.contract.exported", service]
    done = subprocess.run(  # noqa: S603 — a module of our own
        command, cwd=ROOT, capture_output=True, text=True, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def section(title: str) -> str:
    return MANUAL.partition(f"\n### {title}\n")[2].partition("\n### ")[0]


def manual(service: str) -> dict[str, dict[str, Any]]:
    """What the manual says of a service's metrics: type, labels, and their values where they are listed."""
    rows = [re.split(r"\s*\|\s*", line.strip("| ")) for line in (section(EVERY) + section(service)).splitlines()]
    told = {}
    for name, kind, labels, *_ in (row for row in rows if row[0].startswith("`ledstjarna_")):
        values = dict(re.findall(r"`(\w+)`(?: \(([^)]*)\))?", labels))
        told[name.split("`")[1]] = {"type": kind, "labels": values}
    return told


@pytest.mark.parametrize("service", SERVICES)
def test_the_manual_tells_every_metric_with_its_type_and_labels_and_no_other(service: str) -> None:
    really = {name: (metric["type"], sorted(metric["labels"])) for name, metric in exported(service)["metrics"].items()}
    assert {name: (told["type"], sorted(told["labels"])) for name, told in manual(service).items()} == really


@pytest.mark.parametrize("service", SERVICES)
def test_every_value_of_a_label_that_the_manual_lists_is_there_from_the_start(service: str) -> None:
    metrics = exported(service)["metrics"]
    for name, told in manual(service).items():
        for label, listed in told["labels"].items():
            if listed:
                assert metrics[name]["labels"][label] == sorted(listed.split(", ")), f"{name}: {label}"


@pytest.mark.parametrize("service", SERVICES)
def test_no_label_names_a_person_or_anything_that_there_are_many_of(service: str) -> None:
    allowed = {"queue", "event_type", "outcome", "reason", "state", "action", "result", "hop", "connection", "command"}
    allowed |= {"job_name", "kind", "from", "to", "channel", "code", "promise", "wave", "of"}
    allowed |= {"version", "revision", "contracts"}
    for name, metric in exported(service)["metrics"].items():
        assert set(metric["labels"]) <= allowed, name


@pytest.mark.parametrize("service", SERVICES)
def test_prometheus_has_nothing_against_the_metrics(service: str) -> None:
    """Names, units, types and help, by promtool's rules."""
    promtool = find_packaged("promtool", "prometheus", Where())
    text = exported(service)["text"]
    judged = subprocess.run(  # noqa: S603 — Debian's
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (judged.returncode, judged.stderr) == (0, "")
