"""Somebody is erased: what names her goes, what is published stands."""

from shared.dead_letters.store import DeadLetters
from shared.delivery import Outcome
from shared.events.evaluation import ErasureCompleted, InvitationsRequested, ReleasePublished, ResultSuppressed
from shared.events.hr import EmployeeErased, EmployeeLeft
from tests.flow.evaluation.test_results import SEVEN, a_year_of, api
from tests.flow.evaluation.test_secrecy import values
from tests.flow.evaluation.town import (
    T0_IS_CLOSED,
    T0_IS_OPEN,
    T1_IS_CLOSED,
    T1_IS_OPEN,
    T3_IS_CLOSED,
    T3_IS_OPEN,
    Town,
    confirmed,
    held,
)
from tests.flow.shared.dead_letters import buried
from tests.unit.evaluation.arrange import local


def erased(person: str, version: int = 9) -> EmployeeErased:
    return EmployeeErased(employee_id=person, version=version)


async def where(town: Town, name: str) -> set[str]:
    """The collections that hold a name."""
    stored = await town.stored()
    return {collection for collection, rows in stored.items() for row in rows if name in set(values(row))} - {"outbox"}


async def test_before_a_release_her_answers_go_and_the_result_is_made_of_the_others(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    for number, person in enumerate(SEVEN):
        await town.writes(person, "T0", f"text {number}", 2 + number % 3)
    assert await town.service.receives(erased("E1")) == [Outcome.applied]
    stored = await town.stored()
    assert [len(stored[name]) for name in ("responses", "tasks", "invitations", "memberships")] == [6, 6, 6, 6]
    assert await where(town, "E1") == {"erased"}
    await town.is_at(T0_IS_CLOSED)
    await town.service.receives(held(*SEVEN[1:]))
    await town.is_at(T1_IS_OPEN)
    assert "E1" not in town.links("T1")
    for number, person in enumerate(SEVEN[1:]):
        await town.answers(person, "T1", 3 + number % 3)
    await town.is_at(T1_IS_CLOSED)
    [release] = town.service.said(ReleasePublished)
    assert {f.n for f in release.figures} == {6}


async def test_after_a_release_her_answers_go_and_the_release_stands(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    before = await api(town, "/api/releases")
    await town.service.receives(erased("E1"))
    stored = await town.stored()
    assert len(stored["responses"]) == 12
    assert await where(town, "E1") == {"erased"}
    assert await api(town, "/api/releases") == before


async def test_what_is_published_later_does_not_give_her_away(town: Town) -> None:
    """Six of the seven of whom the level before was told: only the change is told of them."""
    await a_year_of(town, *SEVEN)
    await town.service.receives(erased("E1"))
    await town.is_at(T3_IS_OPEN)
    for number, person in enumerate(SEVEN[1:]):
        await town.answers(person, "T3", 2 + number % 3)
    await town.is_at(T3_IS_CLOSED)
    later = town.service.said(ReleasePublished)[-1]
    assert {f.indicator for f in later.figures if f.n == 6} >= {"UM.change"}
    assert "UM" not in {f.indicator for f in later.figures}
    told = [(e.release_id, e.indicator, e.reason) for e in town.service.said(ResultSuppressed)]
    assert ("FLC-1:T3:release", "UM", "difference") in told


async def test_it_is_told_what_was_erased_what_is_kept_and_why(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    assert await town.service.receives(erased("E1"), erased("E1")) == [Outcome.applied, Outcome.stale]
    [done] = town.service.said(ErasureCompleted)
    assert set(done.erased) >= {"responses", "invitations", "tasks"}
    assert [one.code for one in done.kept] == ["IdKept", "ReleasesStand", "AnonymousKept"]


async def test_late_news_of_her_brings_nothing_back(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.service.receives(erased("E1"))
    late = [
        confirmed("E1", version=12),
        EmployeeLeft(employee_id="E1", version=12, last_day=local(2027, 1, 1, 0).date()),
        held(*SEVEN, last=False),
    ]
    await town.service.receives(*late)
    assert await where(town, "E1") == {"erased"}
    await town.is_at(T0_IS_OPEN)
    assert len(town.service.said(InvitationsRequested)[0].recipients) == 6


async def test_somebody_unknown_is_erased_without_ado(town: Town) -> None:
    await town.service.receives(erased("E99"))
    [done] = town.service.said(ErasureCompleted)
    assert [one.code for one in done.kept] == ["IdKept"]


async def test_what_died_about_her_is_forgotten_too(town: Town) -> None:
    letter = buried(body=b'{"employee_id": "E1", "given_name": "Anna"}')
    letters = DeadLetters("evaluation", town.service.delivery.database)
    await letters.record(letter)
    await town.service.receives(erased("E1"))
    kept = await letters.get(letter.id)
    assert kept is not None
    assert (kept.state, kept.body) == ("discarded", None)
