"""How often anybody is asked."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.instruments import Respondents
from services.evaluation.model import Wave, WaveState
from services.evaluation.rules import load
from tests.unit.evaluation.arrange import TITLE, local

NOW = local(2027, 3, 1, 8)


def a_wave(wave: str, days: int, of: Respondents = "managers", now: datetime = NOW) -> Wave:
    """A wave that opened so many days ago, or opens later."""
    opens = now - timedelta(days=days)
    return Wave(
        id=f"{wave}:{of}:{days}",
        wave=wave,
        of=of,
        cohort_id="FLC-1",
        programme="FLC",
        revision=1,
        title=TITLE,
        state=WaveState.open,
        opens_at=opens,
        closes_at=opens + timedelta(days=14),
        instruments=(),
    )


def room(wave: Wave, *asked: Wave, ahead: tuple[Wave, ...] = (), limit: int = 3) -> bool:
    return load.has_room(wave, asked, ahead, NOW, limit)


def test_who_has_been_asked_as_often_as_may_be_is_not_asked() -> None:
    pulses = [a_wave("P", days) for days in (5, 40, 89)]
    assert not room(a_wave("T1", 0), *pulses)
    assert room(a_wave("T1", 0), *pulses, limit=4)


def test_what_was_asked_ninety_days_ago_is_forgotten() -> None:
    assert room(a_wave("T1", 0), *[a_wave("P", days) for days in (5, 40, 90)])


def test_a_pulse_leaves_room_for_the_first_things_to_ask() -> None:
    asked = (a_wave("T0", 30), a_wave("P", 10))
    assert room(a_wave("P", 0), *asked)
    assert not room(a_wave("P", 0), *asked, ahead=(a_wave("T1", -20),))


def test_room_is_left_only_where_ninety_days_hold_both() -> None:
    asked = (a_wave("T0", 80), a_wave("P", 70))
    assert room(a_wave("P", 0), *asked, ahead=(a_wave("T1", -20),))


def test_no_room_is_left_for_what_can_give_way_itself() -> None:
    asked = (a_wave("T0", 30), a_wave("P", 10))
    later = (a_wave("P", -20), a_wave("T2", -20), a_wave("T3", -20, "employees"))
    assert room(a_wave("P", 0), *asked, ahead=later)


def test_the_first_things_to_ask_do_not_wait_for_each_other() -> None:
    assert room(a_wave("T0", 0), a_wave("T0", 30), a_wave("P", 10), ahead=(a_wave("T1", -20),))


def test_an_employee_is_asked_once_in_a_quarter() -> None:
    assert not room(a_wave("T0", 0, "employees"), a_wave("T0", 89, "employees"))
    assert room(a_wave("T0", 0, "employees"), a_wave("T0", 90, "employees"))
    assert room(a_wave("T0", 0, "employees"), a_wave("T1", 10))


@given(
    st.lists(st.tuples(st.sampled_from(["T0", "P", "T1", "T2", "T3"]), st.integers(0, 300)), max_size=25),
    st.integers(1, 6),
)
def test_no_quarter_ever_holds_more_than_the_limit(plan: list[tuple[str, int]], limit: int) -> None:
    asked: list[Wave] = []
    waves = sorted(
        (a_wave(wave, -day).having(id=str(n)) for n, (wave, day) in enumerate(plan)), key=lambda w: w.opens_at
    )
    for at, wave in enumerate(waves):
        if load.has_room(wave, asked, waves[at + 1 :], wave.opens_at, limit):
            asked.append(wave)
    for end in asked:
        within = [one for one in asked if end.opens_at - load.QUARTER < one.opens_at <= end.opens_at]
        assert len(within) <= limit
