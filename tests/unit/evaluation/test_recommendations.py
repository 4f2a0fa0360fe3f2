"""From a verdict to a proposal, and what becomes of it: told once, decided once, resolved by the revision that answers."""

from functools import partial

import numpy as np
import pytest

from services.evaluation.model import Programme, Recommendation, RecommendationState, Release, Revised
from services.evaluation.rules import evidence, recommendations
from tests.unit.evaluation.published import (
    HEALTHY,
    PARTS,
    RISE,
    TODAY,
    a_release,
    answered,
    ends_of,
    level,
    recommended_in,
)

WEAK = [a_release(1, level("RX.depth", 40), level("RX.breadth", 70))]
decline = partial(recommendations.decided, decision="declined", reason="The room was small.", by="A", today=TODAY)
accept = partial(recommendations.decided, decision="accepted", reason=None, by="A", today=TODAY)


def propose(releases: list[Release], *before: Recommendation) -> Recommendation | None:
    verdict = evidence.verdict(releases, ends_of(releases))
    return recommendations.proposed(releases[-1], verdict, releases, before, TODAY)


def a_recommendation() -> Recommendation:
    one = propose(WEAK)
    assert one
    return one


def notice(programme: Programme, *releases: Release) -> tuple[Programme, list[str]]:
    after, raised = recommendations.noticed(programme, 2, evidence.verdict(releases, ends_of(releases)))
    assert [one.version for one in raised] == list(range(programme.version + 1, programme.version + 1 + len(raised)))
    assert after.version > programme.version + len(raised)
    return after, [one.indicator for one in raised]


def test_attention_is_raised_once_until_the_indicator_has_been_off_watch() -> None:
    first, second, third, fourth = (
        a_release(n, level("RX.depth", value)) for n, value in enumerate((55, 55, 75, 55), 1)
    )
    programme, raised = notice(Programme(id="FLC"), first)
    assert raised == ["RX.depth"]
    programme, raised = notice(programme, first, second)
    assert raised == []
    programme, raised = notice(programme, first, second, third)
    assert raised == []
    assert notice(programme, first, second, third, fourth)[1] == ["RX.depth"]


def test_attention_to_one_revision_leaves_that_to_another_alone() -> None:
    programme, _ = notice(Programme(id="FLC"), a_release(1, level("RX.depth", 55)))
    after, raised = recommendations.noticed(programme, 3, evidence.verdict([], {}))
    assert raised == []
    assert after.watched == programme.watched


def test_a_recommendation_tells_what_it_rests_on() -> None:
    one = a_recommendation()
    assert (one.programme, one.revision, one.cohort_ids) == ("FLC", 2, ("FLC-01",))
    assert one.release_ids == ("FLC-01:T1:release",)
    [finding] = one.findings
    assert (finding.indicator, finding.threshold, finding.because) == ("RX.depth", 60, ("likely_low",))
    assert finding.probability
    assert finding.probability > 0.8


def test_the_same_releases_give_the_same_id_in_whatever_order_and_others_another() -> None:
    name = recommendations.recommendation_id("FLC", 2, ["b", "a"])
    assert name == recommendations.recommendation_id("FLC", 2, ["a", "b"])
    assert name != recommendations.recommendation_id("FLC", 3, ["a", "b"])
    assert name != recommendations.recommendation_id("FLC", 2, ["a"])


def test_there_is_no_second_while_one_waits_is_accepted_or_has_been_answered() -> None:
    one = a_recommendation()
    more = [*WEAK, a_release(2, level("RX.depth", 40))]
    assert propose(more)
    accepted, _ = accept(one) or pytest.fail()
    addressed, _ = recommendations.addressed(one, revised(3)) or pytest.fail()
    for before in (one, accepted, addressed):
        assert propose(more, before) is None


def test_what_was_declined_is_not_said_again_before_a_release_says_more() -> None:
    declined, _ = decline(a_recommendation()) or pytest.fail()
    assert propose([*WEAK, a_release(1, level("TR", 70, wave="T2"), wave="T2")], declined) is None
    again = propose([*WEAK, a_release(2, level("RX.depth", 40))], declined)
    assert again
    assert again.id != declined.id


def test_a_decision_is_announced_with_its_reason_and_is_taken_once() -> None:
    declined, said = decline(a_recommendation()) or pytest.fail()
    assert (declined.state, declined.decided_by, said.version) == (RecommendationState.declined, "A", declined.version)
    assert said.reason
    assert said.reason.text.sv == "The room was small."
    assert accept(declined) is None
    accepted, said = accept(a_recommendation()) or pytest.fail()
    assert (said.outcome, said.reason) == ("accepted", None)
    assert decline(accepted) is None


def revised(revision: int, programme: str = "FLC") -> Revised:
    return Revised(id=f"{programme}~{revision}", programme=programme, revision=revision, addresses=("R",))


def test_a_revision_answers_whatever_the_office_said_before() -> None:
    declined, _ = decline(a_recommendation()) or pytest.fail()
    for before in (a_recommendation(), declined):
        after, said = recommendations.addressed(before, revised(3)) or pytest.fail()
        assert (after.state, after.addressed_by) == (RecommendationState.addressed, 3)
        assert (said.outcome, said.addressed_by, said.version) == ("addressed", 3, before.version + 1)


@pytest.mark.parametrize("wrong", [revised(2), revised(1), revised(3, "SLC")])
def test_a_revision_that_is_not_later_or_of_another_programme_answers_nothing(wrong: Revised) -> None:
    assert recommendations.addressed(a_recommendation(), wrong) is None


def test_the_first_revision_that_answers_counts_in_whatever_order_they_are_told() -> None:
    for order in ((3, 4), (4, 3)):
        one = a_recommendation()
        for revision in order:
            done = recommendations.addressed(one, revised(revision))
            one = done[0] if done else one
        assert one.addressed_by == 3


# How often the loop is wrong over five years of four cohorts a year, all that is published judged each time.

YEARS, COHORTS_A_YEAR = 5, 4


def five_years(rng: np.random.Generator, *, n: int = 10, rise: float = RISE, **means: float) -> list[Release]:
    parts = dict.fromkeys(PARTS, HEALTHY) | means
    cohorts = [answered(rng, number, n, parts, rise) for number in range(1, YEARS * COHORTS_A_YEAR + 1)]
    later = [*[None] * 2, *[one[1] for one in cohorts]]  # half a year later two more cohorts have ended
    return [each for pair in zip([one[0] for one in cohorts], later, strict=False) for each in pair if each]


def test_a_weak_part_is_recommended_to_be_changed_after_one_or_two_cohorts() -> None:
    rng, times = np.random.default_rng(60), 150
    after = []
    for _ in range(times):
        releases = [
            each
            for n in range(1, 5)
            for each in answered(rng, n, 10, dict.fromkeys(PARTS, 70.0) | {"reflection": 45.0}, RISE)[:1]
        ]
        found = [one for one in recommended_in(releases) if any(f.indicator == "RX.reflection" for f in one.findings)]
        after.append(len({each for one in found[:1] for each in one.cohort_ids}) if found else 0)
    assert after.count(0) == 0
