"""What a release holds, and what is said of it."""

from datetime import date
from statistics import fmean

import pytest

from services.evaluation.instruments import Library
from services.evaluation.model import Hidden, InstrumentRef, InvitationStatus, Release
from services.evaluation.releases import Asked, Stage, announced, compose
from shared.events.evaluation import Figure, ReleasePublished, ResultSuppressed
from tests.unit.evaluation.arrange import INSTRUMENTS, Answers, asked, rx, um

TODAY = date(2027, 2, 3)


def a_release(*waves: Asked, k: int = 5) -> Release:
    return compose(Stage(waves, INSTRUMENTS), k=k, today=TODAY).release


def figure(release: Release, indicator: str, wave: str = "T1") -> Figure:
    return next(f for f in release.figures if (f.indicator, f.wave) == (indicator, wave))


def everybody(count: int, answers: Answers) -> dict[str, Answers]:
    """All of one mind."""
    return {f"p{number}": answers for number in range(count)}


def content(number: int) -> dict[str, int | None]:
    """What she thinks of the programme: as different from the others as people are."""
    return rx(*[2 + number % 3] * 8)


def divided(count: int, *steps: int) -> dict[str, Answers]:
    """People who see their mission in different ways, in turn."""
    return {f"p{n}": um(*[steps[n % len(steps)]] * 5) | content(n) for n in range(count)}


def a_mixed_group() -> list[Asked]:
    """Eight who answered both times, one only before, one only after."""
    before = {f"p{n}": um(2, 1 + n % 4, 3, 3, 1 + n % 4) for n in range(9)}
    after = {f"p{n}": um(3, 2 + n % 4, 3, 4, 2 + n % 3) | content(n) for n in [*range(8), 9]}
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
    release = a_release(asked("T1", divided(6, 3, 4, 5)))
    assert (figure(release, "UM").n, figure(release, "UM").value) == (6, 75.0)
    assert "UM.change" not in {f.indicator for f in release.figures}


def test_too_few_pairs_hide_understanding_and_not_the_reaction() -> None:
    before = everybody(4, um(3, 3, 3, 3, 3))
    after = divided(7, 3, 4, 5)
    release = a_release(asked("T0", before), asked("T1", after))
    assert {f.indicator.split(".")[0] for f in release.figures} == {"RX"}
    assert release.hidden == (Hidden(indicator="UM", reason="too_few"),)
    assert [one.pairs for one in release.participation] == [None, None]


def test_of_a_group_that_is_too_small_nothing_is_told() -> None:
    four = divided(4, 3, 4, 5)
    release = a_release(asked("T0", four), asked("T1", four))
    assert (release.figures, release.participation) == ((), ())
    said = announced(release, "https://x.example")
    assert {type(event) for event in said} == {ResultSuppressed}
    assert all(
        set(event.model_dump()) == {"version", "release_id", "cohort_id", "indicator", "reason"} for event in said
    )


def test_who_skipped_a_part_of_the_reaction_is_in_none_of_its_figures() -> None:
    after = divided(6, 3, 4, 5) | {"p7": rx(5, 5, 5, 5, 5, 5, None, None)}
    release = a_release(asked("T1", after))
    assert {f.n for f in release.figures if f.indicator.startswith("RX")} == {6}


def test_the_reaction_index_is_the_mean_of_its_parts() -> None:
    after = {
        f"p{n}": rx(*[1 + n % 3] * 2, *[2 + n % 3] * 2, *[1 + 2 * (n % 3)] * 2, *[2 + n % 4] * 2) for n in range(6)
    }
    after["p5"] = rx(1, 2, 3, 4, 5, 5, 1, 1)
    release = a_release(asked("T1", after))
    parts = [figure(release, f"RX.{part.code}").value for part in INSTRUMENTS["RX"].parts]
    assert figure(release, "RX").value == pytest.approx(fmean(parts), abs=0.1)


def test_shares_are_told_in_the_coarser_grouping_when_few_got_worse() -> None:
    before = everybody(12, um(3, 3, 3, 3, 3)) | {f"p{n}": um(2, 2, 2, 2, 2) for n in range(5)}
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
    """It was asked after the programme in words that do not compare with those before it."""
    before, after = asked("T0", divided(6, 1, 2, 3)), asked("T1", divided(6, 2, 3, 4), codes=["UM"])
    other = INSTRUMENTS["UM"].model_copy(update={"version": 9, "compares_with": ()})
    newer = Asked(
        after.wave.having(instruments=(InstrumentRef(code="UM", version=9),)), after.invitations, after.responses
    )
    library = Library([*INSTRUMENTS.editions, other])
    release = compose(Stage([before, newer], library), k=5, today=TODAY).release
    assert [(f.indicator, f.wave) for f in release.figures] == [("UM", "T1")]


def test_equal_changes_are_told_without_an_interval() -> None:
    release = a_release(asked("T0", divided(6, 1, 2, 3)), asked("T1", divided(6, 2, 3, 4)))
    change = figure(release, "UM.change")
    assert (change.value, change.low, change.high) == (25.0, None, None)


def test_the_interval_of_an_index_stays_on_its_scale() -> None:
    after = {f"p{n}": rx(*[5 if n % 2 else 1] * 8) for n in range(6)}
    assert (figure(a_release(asked("T1", after)), "RX").low, figure(a_release(asked("T1", after)), "RX").high) == (
        0,
        100,
    )


def test_undeliverable_invitations_do_not_count_as_asked() -> None:
    wave = asked("T1", divided(6, 3, 4, 5), silent=["p7", "p8"])
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
