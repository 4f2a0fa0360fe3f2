"""What is released of each subject: scales, pulses, employees, networks, recommendations, tasks, participation."""

from collections.abc import Mapping, Sequence

import pytest

from services.evaluation.instruments import Respondents
from services.evaluation.model import Hidden, InstrumentRef, Release, Response, Task
from services.evaluation.releases import Asked
from tests.unit.evaluation.arrange import INSTRUMENTS, Answers, asked, rx, um
from tests.unit.evaluation.stages import Cohort, figure, see_goals, told


def with_refs(one: Asked, **versions: int) -> Asked:
    refs = tuple(InstrumentRef(code=code, version=version) for code, version in versions.items())
    return Asked(one.wave.having(instruments=refs), one.invitations, one.responses, one.tasks)


def test_half_a_year_later_other_scales_are_told_as_well() -> None:
    def all_of(people: range, add: int) -> dict[str, Answers]:
        items = (*INSTRUMENTS["LU"].item_ids, "HME7", "HME8", "HME9", "BE11", "BE12", "BE13", "TR1", "TR2", "TR3")
        return {f"p{n}": dict.fromkeys(items, 1 + n % 3 + add) for n in people}

    codes = ["LU", "HME", "BE", "TR"]
    cohort = Cohort()
    cohort.closes(asked("T0", all_of(range(8), 0), codes=codes), asked("T1", all_of(range(8), 1), codes=["LU"]))
    later = cohort.closes(asked("T3", all_of(range(8), 1), codes=codes)).release
    changes = {f.indicator: f.value for f in later.figures if f.unit == "change"}
    assert changes == {"LU.change": 25.0, "HME.governance_change": 25.0, "BE.own_change": 25.0}
    assert (figure(later, "TR", "T3").n, "TR.change" in changes) == (8, False)


def test_a_pulse_has_one_index_and_each_its_own_people() -> None:
    cohort = Cohort()
    for session in ("M1", "M2"):
        pulse = with_refs(asked("P", {f"p{n}": rx(*[2 + n % 3] * 8) for n in range(6)}), RX=2)
        anonymous = [r.having(link=None, id=f"{session}-{r.id}") for r in pulse.responses]
        wave = pulse.wave.having(id=f"FLC-1:P:{session}", session_id=session)
        release = cohort.closes(Asked(wave, pulse.invitations, anonymous), alone=True).release
        assert [(f.indicator, f.wave, f.n) for f in release.figures] == [("RX.pulse", "P", 6)]
    assert [one.id for one in cohort.releases] == ["FLC-1:P:M1:release", "FLC-1:P:M2:release"]


def test_looking_back_is_told_beside_the_change_over_the_same_people() -> None:
    before = with_refs(asked("T0", see_goals(range(8))), UM=2)
    late = {f"p{n}": um(*[2 + n % 3] * 5) | dict.fromkeys(UM_LOOKING_BACK, 1 + n % 2) for n in range(9)}
    release = Cohort().closes(before, with_refs(asked("T1", late), UM=2)).release
    assert figure(release, "UM.looking_back", "T1").n == figure(release, "UM.change", "T1").n == 8
    assert figure(release, "UM.looking_back_change", "T1").value > figure(release, "UM.change", "T1").value


def test_looking_back_is_told_of_the_wave_that_asks_for_it_only() -> None:
    late = {f"p{n}": um(*[2 + n % 3] * 5) | dict.fromkeys(UM_LOOKING_BACK, 1 + n % 2) for n in range(8)}
    before = with_refs(asked("T0", see_goals(range(8))), UM=2)
    later = Cohort().closes(before, with_refs(asked("T3", late), UM=2)).release
    assert ("UM.change", "T3") in told(later)
    assert not any(f.indicator.startswith("UM.looking_back") for f in later.figures)


UM_LOOKING_BACK = ("UM11", "UM12", "UM13", "UM14", "UM15")


# Employees


def employees(wave: str, raters: Mapping[str, int], add: int = 0) -> Asked:
    """So many employees answer about each manager."""
    one = asked(wave, {}, codes=["BE", "HME"])
    items = ("BE1", "BE2", "BE3", "HME4", "HME5", "HME6")
    of: Respondents = "employees"
    responses = [
        Response(
            id=f"{wave}-{manager}-{n}",
            wave_id=one.wave.id,
            cohort_id="FLC-1",
            link=None,
            group=manager,
            answers=dict.fromkeys(items, min(5, 1 + (number + n) % 3 + add)),
        )
        for number, (manager, count) in enumerate(raters.items())
        for n in range(count)
    ]
    return Asked(one.wave.having(id=f"FLC-1:{wave}:employees", of=of), one.invitations, responses)


def seen(before: Mapping[str, int], after: Mapping[str, int]) -> Release:
    return Cohort().closes(employees("T0", before), employees("T3", after, 1)).release


def test_what_employees_see_counts_each_manager_once_and_only_with_five_raters_both_times() -> None:
    five = {f"m{n}": 5 + n for n in range(5)}
    release = seen(five | {"m8": 9, "m9": 4}, five | {"m8": 4, "m9": 9})
    assert told(release, "BE") == {("BE.seen_change", "T3"): 5, ("BE.seen", "T0"): 5, ("BE.seen", "T3"): 5}
    assert figure(release, "HME.leadership_change", "T3").value == 25.0
    assert release.id == "FLC-1:T3:release"


def test_of_four_managers_with_enough_raters_nothing_is_told() -> None:
    four = {f"m{n}": 9 for n in range(4)}
    release = seen(four, four | {"m5": 4})
    assert release.figures == ()
    assert {one.reason for one in release.hidden} == {"too_few"}


# Networks and recommendation


def a_network(wave: str, contacts: Sequence[int], met: int = 1) -> Asked:
    answers: dict[str, Answers] = {
        f"p{n}": {"NV1": degree, "NV2": degree, "NV3": met if n else 0, "NV4": 2 + n % 4}
        for n, degree in enumerate(contacts)
    }
    one = asked(wave, answers, codes=["NV"])
    return Asked(one.wave.having(size=12), one.invitations, one.responses)


def test_a_network_is_told_from_eight_answers_and_what_is_left_of_it_later() -> None:
    cohort = Cohort()
    first = cohort.closes(a_network("T1", [3, 2, 0, 4, 1, 2, 5, 3])).release
    assert (figure(first, "NV.density", "T1").value, figure(first, "NV.reach", "T1").value) == (22.7, 87.5)
    later = cohort.closes(a_network("T4", [2, 2, 1, 3, 0, 2, 4, 2])).release
    assert figure(later, "NV.retention", "T4").value == pytest.approx(100 * 16 / 20, abs=0.3)
    parts = [80.0, 87.5, 87.5, figure(later, "NV.usefulness", "T4").value]
    assert figure(later, "NV.vitality", "T4").value == pytest.approx(sum(parts) / 4, abs=0.2)


def test_of_seven_a_network_is_not_told() -> None:
    release = Cohort().closes(a_network("T1", [3, 2, 0, 4, 1, 2, 5])).release
    assert (release.figures, release.hidden) == ((), (Hidden(indicator="NV", reason="too_few"),))


def recommended(*answers: int) -> dict[str, float]:
    given: dict[str, Answers] = {f"p{n}": {"RI1": answer} for n, answer in enumerate(answers)}
    release = Cohort().closes(asked("T1", given, codes=["RI"])).release
    assert all(f.unit == "people" for f in release.figures if f.indicator != "RI.index")
    return {f.indicator: f.value for f in release.figures}


def test_recommendations_are_counted_in_groups_that_point_at_nobody() -> None:
    assert recommended(10, 9, 9, 10, 9, 8, 7, 6, 3, 2) == {"RI.promoters": 5, "RI.not_promoters": 5}
    assert recommended(10, 9, 9, 8, 7) == {}


def test_a_recommendation_index_needs_thirty_answers() -> None:
    assert recommended(*[10] * 15, *[7] * 8, *[2] * 7)["RI.index"] == 26.7
    assert "RI.index" not in recommended(*[10] * 15, *[7] * 8, *[2] * 6)


# Tasks


def with_tasks(one: Asked, *scores: int | None) -> Asked:
    tasks = [
        Task(
            id=f"t-{one.wave.wave}-{n}",
            wave_id=one.wave.id,
            cohort_id="FLC-1",
            link=f"p{n}",
            item="UM6",
            text="…",
            score=score,
        )
        for n, score in enumerate(scores)
    ]
    return Asked(one.wave, one.invitations, one.responses, tasks)


def test_tasks_that_nobody_has_read_are_left_out_and_it_is_said_why() -> None:
    before = with_tasks(asked("T0", see_goals(range(6))), 0, 1, 2, 0, 1, 2)
    after = with_tasks(asked("T1", see_goals(range(6), 1), codes=["UM"]), 1, 2, None, 1, 2, 3)
    release = Cohort().closes(before, after).release
    assert Hidden(indicator="UM.task", reason="not_scored") in release.hidden
    assert not any(f.indicator.startswith("UM.task") for f in release.figures)


def test_tasks_are_told_with_the_next_release_once_all_have_been_read_and_only_once() -> None:
    cohort = Cohort()
    before = with_tasks(asked("T0", see_goals(range(6))), 0, 1, 2, 0, 1, 2)
    cohort.closes(before, with_tasks(asked("T1", see_goals(range(6), 1), codes=["UM"]), *[None] * 6))
    cohort.waves[1] = with_tasks(cohort.waves[1], 1, 2, 3, 1, 2, 3)
    second = cohort.closes(asked("T2", {f"p{n}": {} for n in range(6)}, codes=["TR"])).release
    assert figure(second, "UM.task_change", "T1").value == 33.3
    assert (figure(second, "UM.task", "T0").value, figure(second, "UM.task", "T1").value) == (33.3, 66.7)
    third = cohort.closes(asked("T4", see_goals(range(6), 1), codes=["UM"])).release
    assert not any(f.indicator.startswith("UM.task") for f in third.figures)


# Where all are of one mind


def test_a_change_does_not_give_away_the_level_of_which_only_a_band_is_told() -> None:
    release = (
        Cohort()
        .closes(asked("T0", see_goals(range(6))), asked("T1", {f"p{n}": um(*[5] * 5) for n in range(6)}, codes=["UM"]))
        .release
    )
    assert figure(release, "UM", "T1").band == (90.0, 100.0)
    assert figure(release, "UM", "T0").band is None
    assert ("UM.change", "T1") not in told(release)
    assert Hidden(indicator="UM.change", reason="homogeneous") in release.hidden


def test_an_index_does_not_give_away_the_part_of_which_only_a_band_is_told() -> None:
    answers: dict[str, Answers] = {f"p{n}": rx(5, 5, *[1 + n % 4] * 6) for n in range(8)}
    release = Cohort().closes(asked("T1", answers)).release
    assert figure(release, "RX.reflection", "T1").band == (90.0, 100.0)
    exact = {f.indicator for f in release.figures if f.band is None}
    assert len(exact & {"RX", "RX.breadth", "RX.depth", "RX.community"}) == 3


# Participation


def test_late_starters_are_counted_from_five_on_and_in_no_pair() -> None:
    release = (
        Cohort().closes(asked("T0", see_goals(range(7))), asked("T1", see_goals(range(12), 1), codes=["UM"])).release
    )
    assert [(one.answered, one.pairs, one.late) for one in release.participation] == [(7, None, None), (12, 7, 5)]


def test_beside_a_change_stands_what_the_silent_could_make_of_it() -> None:
    release = (
        Cohort()
        .closes(
            asked("T0", see_goals(range(9))),
            asked("T1", see_goals(range(6), 1), silent=["p6", "p7", "p8"], codes=["UM"]),
        )
        .release
    )
    assert (figure(release, "UM.change", "T1").value, figure(release, "UM.change_bound", "T1").value) == (25.0, 16.7)
