"""What is released later, beside what has been released already."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from random import Random

import numpy as np
import pytest

from services.evaluation.anonymity import Candidate
from services.evaluation.model import Hidden
from tests.unit.evaluation.arrange import asked
from tests.unit.evaluation.stages import Cohort, figure, see_goals, told


def a_year_later(before: int, after: Sequence[int], later: Sequence[int]) -> Cohort:
    cohort = Cohort()
    cohort.closes(asked("T0", see_goals(range(before))), asked("T1", see_goals(after, 1), codes=["UM"]))
    cohort.closes(asked("T3", see_goals(later, 1), codes=["UM"]))
    return cohort


def test_a_later_release_tells_the_change_since_before_over_those_who_answered_both() -> None:
    first, second = a_year_later(12, range(12), range(12)).releases
    assert {("UM.change", "T3"): 12, ("UM", "T0"): 12, ("UM", "T3"): 12}.items() <= told(second).items()
    assert figure(second, "UM", "T0") == figure(first, "UM", "T0")
    assert second.id == "FLC-1:T3:release"


def test_the_change_of_other_people_is_told_without_levels_that_would_give_away_who_is_missing() -> None:
    """Two who answered before and after did not answer half a year later."""
    second = a_year_later(12, range(12), range(10)).releases[1]
    assert told(second)["UM.change", "T3"] == 10
    assert not {("UM", "T0"), ("UM", "T3")} & told(second).keys()
    assert Hidden(indicator="UM", reason="difference") in second.hidden


def test_levels_are_told_of_others_when_at_least_five_are_missing() -> None:
    second = a_year_later(12, range(12), range(7)).releases[1]
    assert {("UM", "T0"): 7, ("UM", "T3"): 7}.items() <= told(second).items()


def test_three_stages_that_are_far_apart_two_by_two_do_not_give_away_who_is_in_none_of_two() -> None:
    """Twelve, then six of them, then five of the others: the twelfth would be what is left."""
    cohort = a_year_later(12, range(12), range(6))
    last = cohort.closes(asked("T4", see_goals(range(6, 11), 1), codes=["UM"])).release
    assert told(last)["UM.change", "T4"] == 5
    assert ("UM", "T0") not in told(last)


# The attacker knows each published sum and who is in it.

Vector = Mapping[tuple[str, str], float]


def sums(candidate: Candidate, wave: str) -> Vector:
    """A published mean of UM as a sum of the levels of people before and later."""
    if candidate.indicator == "UM":
        return {(person, wave): 1.0 for person in candidate.people}
    return {(person, at): sign for person in candidate.people for at, sign in ((wave, 1.0), ("T0", -1.0))}


def singles_out_few(rows: Sequence[Vector], k: int = 5) -> bool:
    """Whether some combination of the sums is about at least one and fewer than k people: rank against rank."""
    cells = sorted({cell for row in rows for cell in row})
    people = sorted({person for person, _ in cells})
    matrix = np.array([[row.get(cell, 0.0) for cell in cells] for row in rows])
    rank = np.linalg.matrix_rank(matrix)
    for few in combinations(people, k - 1):
        others = [number for number, (person, _) in enumerate(cells) if person not in few]
        if np.linalg.matrix_rank(matrix[:, others]) < rank:
            return True
    return False


def what_the_attacker_sees(cohort: Cohort) -> list[Vector]:
    ours = [entry for entry in cohort.ledger if entry.figure.indicator in ("UM", "UM.change")]
    return [sums(entry.candidate(), entry.figure.wave) for entry in ours]


@pytest.mark.parametrize("seed", range(40))
def test_whoever_answers_in_whichever_wave_no_sum_of_releases_is_about_few(seed: int) -> None:
    chance, cohort = Random(seed), Cohort()
    everybody = range(chance.choice([9, 11, 12]))
    first = asked("T0", see_goals([n for n in everybody if chance.random() < 0.95]))
    for wave in ("T1", "T3", "T4"):
        share = chance.choice([0.5, 0.8, 1.0])
        answers = see_goals([n for n in everybody if chance.random() < share] or [0], 1)
        cohort.closes(*([first] if wave == "T1" else []), asked(wave, answers, codes=["UM"]))
    rows = what_the_attacker_sees(cohort)
    assert not rows or not singles_out_few(rows)


def test_the_attacker_finds_whom_levels_of_other_people_would_give_away() -> None:
    """The attack works: change and level of ten, beside the level of twelve, are the two who are missing."""
    ten, twelve = [f"p{n}" for n in range(10)], [f"p{n}" for n in range(12)]
    level = {(person, "T0"): 1.0 for person in twelve}
    change = {(person, at): sign for person in ten for at, sign in (("T3", 1.0), ("T0", -1.0))}
    later = {(person, "T3"): 1.0 for person in ten}
    assert not singles_out_few([level, change])
    assert singles_out_few([level, change, later])
