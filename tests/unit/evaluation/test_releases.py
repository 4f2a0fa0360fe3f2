"""What a release holds, and what is said of it."""

from datetime import date

import pytest

from services.evaluation.model import Hidden, InstrumentRef, InvitationStatus, Release
from services.evaluation.releases import Asked, announced, compose
from shared.events.evaluation import Figure, ReleasePublished, ResultSuppressed
from tests.unit.evaluation.arrange import INSTRUMENTS, Answers, asked, rx, um

TODAY = date(2027, 2, 3)
CONTENT = rx(4, 4, 4, 4, 4, 4, 4, 4)


def a_release(*waves: Asked, k: int = 5) -> Release:
    return compose(waves, INSTRUMENTS, k=k, today=TODAY)


def figure(release: Release, indicator: str, wave: str = "T1") -> Figure:
    return next(f for f in release.figures if (f.indicator, f.wave) == (indicator, wave))


def everybody(count: int, answers: Answers) -> dict[str, Answers]:
    return {f"p{number}": answers for number in range(count)}


def a_mixed_group() -> list[Asked]:
    """Eight who answered both times, one only before, one only after."""
    before = {f"p{n}": um(2, 2, 3, 3, 1 + n % 3) for n in range(9)}
    after = {f"p{n}": um(3, 3, 3, 4, 2 + n % 2) | CONTENT for n in [*range(8), 9]}
    return [asked("T0", before, silent=["p9"]), asked("T1", after, silent=["p8"])]


def test_understanding_is_told_over_those_who_answered_both_times_only() -> None:
    release = a_release(*a_mixed_group())
    assert {f.n for f in release.figures if f.indicator.startswith("UM")} == {8}
    assert figure(release, "RX").n == 9


def test_a_change_is_the_difference_of_the_two_levels_with_its_interval() -> None:
    release = a_release(*a_mixed_group())
    change = figure(release, "UM.change")
    assert change.value == pytest.approx(figure(release, "UM").value - figure(release, "UM", "T0").value, abs=0.11)
    assert change.low is not None
    assert change.high is not None
    assert change.low < change.value < change.high


def test_without_a_first_wave_the_level_is_told_over_all_who_answered() -> None:
    release = a_release(asked("T1", everybody(6, um(4, 4, 4, 4, 4) | CONTENT)))
    assert (figure(release, "UM").n, figure(release, "UM").value) == (6, 75.0)
    assert "UM.change" not in {f.indicator for f in release.figures}


def test_too_few_pairs_hide_understanding_and_not_the_reaction() -> None:
    before = everybody(4, um(3, 3, 3, 3, 3))
    after = everybody(7, um(4, 4, 4, 4, 4) | CONTENT)
    release = a_release(asked("T0", before), asked("T1", after))
    assert {f.indicator.split(".")[0] for f in release.figures} == {"RX"}
    assert release.hidden == (Hidden(indicator="UM", reason="too_few"),)
    assert [one.pairs for one in release.participation] == [None, None]


def test_of_a_group_that_is_too_small_nothing_is_told() -> None:
    four = everybody(4, um(4, 4, 4, 4, 4) | CONTENT)
    release = a_release(asked("T0", four), asked("T1", four))
    assert (release.figures, release.participation) == ((), ())
    said = announced(release, "https://x.example")
    assert {type(event) for event in said} == {ResultSuppressed}
    assert all(
        set(event.model_dump()) == {"version", "release_id", "cohort_id", "indicator", "reason"} for event in said
    )


def test_who_skipped_a_part_of_the_reaction_is_in_none_of_its_figures() -> None:
    after = everybody(6, um(4, 4, 4, 4, 4) | CONTENT) | {"p7": rx(5, 5, 5, 5, 5, 5, None, None)}
    release = a_release(asked("T1", after))
    assert {f.n for f in release.figures if f.indicator.startswith("RX")} == {6}


def test_the_reaction_index_is_the_mean_of_its_parts() -> None:
    after = everybody(5, rx(1, 1, 2, 2, 4, 4, 5, 5))
    release = a_release(asked("T1", after))
    parts = [figure(release, f"RX.{part.code}").value for part in INSTRUMENTS["RX"].parts]
    assert parts == [0.0, 25.0, 75.0, 100.0]
    assert figure(release, "RX").value == 50.0


def test_shares_are_told_in_the_coarser_grouping_when_few_got_worse() -> None:
    before = everybody(12, um(3, 3, 3, 3, 3))
    after = (
        everybody(7, um(4, 4, 4, 4, 4))
        | {f"p{n}": um(3, 3, 3, 3, 3) for n in range(7, 11)}
        | {"p11": um(1, 1, 1, 1, 1)}
    )
    release = a_release(asked("T0", before), asked("T1", after))
    assert (figure(release, "UM.improved").value, figure(release, "UM.not_improved").value) == (58.3, 41.7)
    assert "UM.worse" not in {f.indicator for f in release.figures}


def test_shares_that_would_point_at_somebody_are_named_as_hidden() -> None:
    release = a_release(*a_mixed_group())
    assert Hidden(indicator="UM.movement", reason="too_few") in release.hidden


def test_answers_to_another_wording_are_not_compared() -> None:
    """It was asked before the wording that is in use now."""
    before, after = asked("T0", everybody(6, um(2, 2, 2, 2, 2))), asked("T1", everybody(6, um(4, 4, 4, 4, 4)))
    older = before.wave.having(instruments=(InstrumentRef(code="UM", version=0),))
    release = a_release(Asked(older, before.invitations, before.responses), after)
    assert [(f.indicator, f.wave) for f in release.figures] == [("UM", "T1")]


def test_equal_changes_are_told_without_an_interval() -> None:
    release = a_release(asked("T0", everybody(6, um(3, 3, 3, 3, 3))), asked("T1", everybody(6, um(4, 4, 4, 4, 4))))
    change = figure(release, "UM.change")
    assert (change.value, change.low, change.high) == (25.0, None, None)


def test_the_interval_of_an_index_stays_on_its_scale() -> None:
    after = everybody(5, rx(5, 5, 5, 5, 5, 5, 5, 5)) | {"p6": rx(3, 3, 3, 3, 3, 3, 3, 3)}
    assert figure(a_release(asked("T1", after)), "RX").high == 100.0


def test_undeliverable_invitations_do_not_count_as_asked() -> None:
    wave = asked("T1", everybody(6, um(4, 4, 4, 4, 4)), silent=["p7", "p8"])
    lost = [i.having(status=InvitationStatus.undeliverable) if i.employee_id == "p8" else i for i in wave.invitations]
    release = a_release(Asked(wave.wave, lost, wave.responses))
    assert (release.participation[0].asked, release.participation[0].answered) == (7, 6)


def test_a_release_is_announced_with_its_figures_and_where_to_read_it() -> None:
    release = a_release(*a_mixed_group())
    published, *_ = announced(release, "https://x.example")
    assert isinstance(published, ReleasePublished)
    assert (published.figures, published.url) == (release.figures, "https://x.example/results/FLC-1")


def test_each_thing_said_of_a_release_has_its_own_version() -> None:
    said = announced(a_release(*a_mixed_group()), "https://x.example")
    assert [event.version for event in said] == list(range(1, len(said) + 1))


def test_a_release_needs_a_wave() -> None:
    with pytest.raises(ValueError, match="needs a wave"):
        a_release()
