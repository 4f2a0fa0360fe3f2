"""What published figures say about a revision: only what was published counts, in the order of the cohorts."""

import pytest

from services.evaluation.model import Release
from services.evaluation.rules import evidence
from services.evaluation.statistics import Verdict, mean_with_interval
from shared.events.evaluation import Figure
from tests.unit.evaluation.published import a_release, alive, ends_of, gain, level


def judged(*releases: Release) -> Verdict:
    return evidence.verdict(releases, ends_of(releases))


def on_watch(*releases: Release) -> list[str]:
    return [finding.indicator for finding in judged(*releases).watch]


def to_change(*releases: Release) -> dict[str, tuple[str, ...]]:
    return {
        finding.indicator: tuple(because.value for because in finding.because) for finding in judged(*releases).change
    }


def test_a_weak_part_of_the_reaction_is_watched() -> None:
    assert on_watch(a_release(1, level("RX", 55), level("RX.depth", 55), level("RX.breadth", 75))) == ["RX.depth"]


def test_a_pulse_after_a_session_is_no_evidence_about_the_programme() -> None:
    assert on_watch(a_release(1, level("RX.pulse", 20, wave="P"), wave="P"), a_release(1, level("RX.depth", 70))) == []


@pytest.mark.parametrize("order", [1, -1])
def test_cohorts_count_in_the_order_in_which_they_ended_not_of_their_names_or_in_which_they_were_read(
    order: int,
) -> None:
    releases = [a_release(number, level("RX.depth", value)) for number, value in ((1, 75), (2, 70), (3, 70), (4, 40))]
    ends = dict(zip(["FLC-04", "FLC-03", "FLC-02", "FLC-01"], sorted(ends_of(releases).values()), strict=True))
    assert evidence.verdict(releases[::order], ends) == Verdict()
    assert judged(*releases[::order]).watch != ()


def test_of_an_indicator_that_was_told_twice_the_later_wave_counts() -> None:
    early, late = level("TR", 40, wave="T2"), level("TR", 75, wave="T3")
    assert on_watch(a_release(1, early, wave="T2")) == ["TR"]
    assert on_watch(a_release(1, late, wave="T3"), a_release(1, early, wave="T2")) == []


def test_one_weak_wave_that_was_told_twice_is_not_two_cohorts_in_a_row() -> None:
    both = (a_release(1, level("TR", 55, wave="T2"), wave="T2"), a_release(1, level("TR", 55, wave="T3"), wave="T3"))
    assert to_change(*both) == {}


def test_a_small_rise_half_a_year_later_calls_for_change_and_one_at_the_end_does_not() -> None:
    assert to_change(a_release(1, gain(-2, -9, 5), wave="T3")) == {"UM.change": ("small_gain",)}
    assert to_change(a_release(1, gain(-2, -9, 5, wave="T1"))) == {}


def test_the_rise_of_a_cohort_is_seen_together_with_that_of_the_others() -> None:
    weak = a_release(3, gain(1, -6, 8), wave="T3")
    good = [a_release(number, gain(12, 6, 18), wave="T3") for number in (1, 2)]
    assert "UM.change" in to_change(weak)
    assert "UM.change" not in to_change(*good, weak)


def test_a_rise_without_spread_is_no_evidence() -> None:
    assert to_change(a_release(1, gain(0, None, None), wave="T3")) == {}


def test_two_stalled_networks_call_for_change() -> None:
    stalled = [a_release(number, alive(30), wave="T4") for number in (1, 2)]
    assert to_change(stalled[0]) == {}
    assert to_change(*stalled) == {"NV.vitality": ("stalled_twice",)}


def test_the_spread_behind_a_mean_is_read_from_its_interval() -> None:
    told = mean_with_interval([40, 50, 55, 60, 62, 71, 75, 80])
    figure = gain(told.mean, told.low, told.high, n=8)
    assert evidence.sd_of(figure) == pytest.approx(told.sd)


def test_an_interval_that_was_cut_off_at_the_end_of_the_scale_is_read_from_its_other_side() -> None:
    cut = Figure(indicator="RX", wave="T1", n=8, value=95, low=85, high=100)
    whole = Figure(indicator="RX", wave="T1", n=8, value=95, low=85, high=105)
    assert evidence.sd_of(cut) == evidence.sd_of(whole)


def test_from_a_hundred_answers_on_our_own_spread_judges() -> None:
    def with_interval(cohort: int, value: float, half: float) -> Release:
        told = Figure(indicator="RX.depth", wave="T1", n=10, value=value, low=value - half, high=value + half)
        return a_release(cohort, told)

    nine, ten = ([with_interval(number, 58, 3) for number in range(1, count)] for count in (10, 11))
    assert judged(*nine).watch == ()
    assert [finding.indicator for finding in judged(*ten).watch] == ["RX.depth"]


def test_what_a_finding_rests_on_are_the_releases_that_told_it() -> None:
    releases = [
        a_release(1, level("RX.depth", 40)),
        a_release(2, level("RX.depth", 40)),
        a_release(2, level("TR", 70, wave="T2"), wave="T2"),
        a_release(3, level("RX.breadth", 70)),
        a_release(4, level("RX.depth", 70)),
    ]
    rests_on = evidence.rests_on([("RX.depth", ["FLC-01", "FLC-02"])], releases)
    assert rests_on == ("FLC-01:T1:release", "FLC-02:T1:release")


def changed(*values: tuple[int, int, float]) -> list[Release]:
    return [a_release(number, level("RX.depth", value), revision=revision) for number, revision, value in values]


def test_revisions_are_compared_once_there_are_two_cohorts_of_each() -> None:
    three = changed((1, 2, 50), (2, 2, 54), (3, 3, 70))
    assert evidence.compared(three, "RX.depth", revision=2, since=3) is None
    told = evidence.compared([*three, *changed((4, 3, 74))], "RX.depth", revision=2, since=3)
    assert told
    assert (told.earlier, told.later) == (2, 2)
    assert told.gain == pytest.approx(20, abs=1e-6)
    assert told.low < 20 < told.high


def test_later_revisions_count_as_changed_and_earlier_ones_than_the_weak_do_not_count() -> None:
    releases = changed((1, 1, 10), (2, 2, 50), (3, 2, 50), (4, 3, 70), (5, 4, 70))
    told = evidence.compared(releases, "RX.depth", revision=2, since=3)
    assert told
    assert (told.earlier, told.later) == (2, 2)


def test_rises_are_compared_with_the_spread_that_was_told() -> None:
    releases = [
        a_release(number, gain(value, value - 8, value + 8), wave="T3", revision=revision)
        for number, revision, value in ((1, 2, 2.0), (2, 2, 4.0), (3, 3, 9.0), (4, 3, 7.0))
    ]
    told = evidence.compared(releases, "UM.change", revision=2, since=3)
    assert told
    assert told.gain == pytest.approx(5, abs=1e-6)


def test_networks_have_no_interval_and_are_not_compared() -> None:
    releases = [a_release(number, alive(30), wave="T4", revision=2 + number // 3) for number in range(1, 5)]
    assert evidence.compared(releases, "NV.vitality", revision=2, since=3) is None
