"""The one source of now."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.clock import RealClock, SimulatedClock, clock_from

MOMENT = datetime(2027, 3, 28, 0, 59, tzinfo=UTC)


def test_a_simulated_clock_stands_still_until_it_is_set(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    mine, theirs = SimulatedClock(file), SimulatedClock(file)
    mine.set(MOMENT)
    assert mine.now() == theirs.now() == MOMENT
    mine.set(MOMENT + timedelta(days=3))
    assert theirs.now() == MOMENT + timedelta(days=3)


def test_a_simulated_clock_never_goes_back(tmp_path: Path) -> None:
    clock = SimulatedClock(tmp_path / "clock")
    clock.set(MOMENT)
    assert clock.now() == MOMENT
    clock.set(MOMENT - timedelta(days=1))
    assert clock.now() == MOMENT


def test_the_setting_chooses_the_clock(tmp_path: Path) -> None:
    assert isinstance(clock_from("real"), RealClock)
    chosen = clock_from(f"simulated:{tmp_path / 'clock'}")
    assert isinstance(chosen, SimulatedClock)
    assert chosen.file == tmp_path / "clock"


@pytest.mark.parametrize("setting", ["", "simulated", "simulated:", "real:x", "fast"])
def test_a_wrong_setting_says_what_to_write(setting: str) -> None:
    with pytest.raises(ValueError, match="write 'real', or 'simulated:'"):
        clock_from(setting)
