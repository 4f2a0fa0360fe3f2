"""What metrics say of time and of the program itself."""

import time
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from shared import VERSION
from shared.cloudevents import Cause, StaffChange, moment_of, unwrap, wrap
from shared.events.enrolment import HeartbeatStarted
from shared.telemetry import on_machine_clock
from shared.vitals import tell_build
from tests.harness import START

BEAT = HeartbeatStarted(version=1, beat_id="B1", started_at=START)
PROMOTED = StaffChange("promoted", START - timedelta(hours=3))


@pytest.mark.parametrize("years", [-3, 0, 40])
def test_a_moment_is_as_long_ago_by_the_machines_clock_as_by_a_clock_that_is_elsewhere(years: int) -> None:
    now = START + timedelta(days=365 * years)
    told = on_machine_clock(now - timedelta(minutes=20), now)
    assert time.time() - told == pytest.approx(1200, abs=1)


def test_no_moment_is_zero() -> None:
    assert on_machine_clock(None, START) == 0


def test_the_program_tells_the_version_that_the_package_has(root: Path) -> None:
    assert tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"] == VERSION


def test_the_program_tells_which_sources_it_was_made_from() -> None:
    tell_build("a1b2c3d")
    [build] = [
        sample.labels
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "ledstjarna_build_info" and sample.labels["revision"] == "a1b2c3d"
    ]
    assert len(build["contracts"]) == 12


def sent(cause: Cause | None) -> dict[str, str]:
    return wrap(BEAT, source="/ledstjarna/enrolment", time=START, cause=cause, event_id="1")


def test_what_follows_from_a_staff_change_carries_which_kind_it_was_and_since_when() -> None:
    headers = sent(Cause("0", "0", staff_change=PROMOTED))
    assert unwrap(headers, None, None, b"{}").cause == Cause("1", "0", at=START, staff_change=PROMOTED)


def test_what_follows_from_none_carries_none() -> None:
    assert unwrap(sent(Cause("0", "0")), None, None, b"{}").staff_change is None
    assert unwrap(sent(None), None, None, b"{}").staff_change is None


@pytest.mark.parametrize("said", [{"ce-time": "yesterday"}, {"ce-staffchangetime": "soon"}, {"ce-time": 5}])
def test_a_time_that_is_none_is_no_reason_to_refuse_a_message(said: dict[str, object]) -> None:
    assert unwrap(sent(Cause("0", "0", staff_change=PROMOTED)) | said, None, None, b"{}").id == "1"


def test_a_kind_of_change_that_we_do_not_know_makes_no_metric_of_its_own() -> None:
    headers = sent(Cause("0", "0", staff_change=PROMOTED)) | {"ce-staffchange": "somebody@kommun.example"}
    change = unwrap(headers, None, None, b"{}").staff_change
    assert change
    assert change.kind == "other"


def test_a_moment_without_a_zone_is_in_utc() -> None:
    assert moment_of("2026-08-17T06:00:00") == START
