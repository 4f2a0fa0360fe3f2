"""The loop back on a real database: judged with each release, told once, decided once, resolved in any order."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256

import httpx
import pytest
from fastapi import FastAPI

from services.evaluation.commands import recommending
from services.evaluation.model import Recommendation, RecommendationState, Release
from services.evaluation.recommendations import api, pages
from services.evaluation.recommendations.waiting import OPEN, WATCHED, look
from services.evaluation.store import EvaluationTransaction, Reader
from shared.delivery import Outcome
from shared.events import LocalisedText
from shared.events.enrolment import EvaluationFact, ProgrammeRevised
from shared.events.evaluation import ProgrammeAttentionRaised, ProgrammeChangeRecommended, RecommendationResolved
from shared.links import Links
from shared.web import Credential, Guard, Pages, tell_problems
from tests.flow.evaluation.test_results import SEVEN, a_year_of
from tests.flow.evaluation.town import (
    T0_IS_CLOSED,
    T0_IS_OPEN,
    T1_IS_CLOSED,
    T1_IS_OPEN,
    TEMPLATES,
    Town,
    held,
    text_of,
)
from tests.unit.evaluation.arrange import SETUP, TITLE
from tests.unit.evaluation.published import a_release, level

ANNA, BO, AUDITOR = ({"Authorization": f"Bearer {token}"} for token in ("anna", "bo", "auditor"))
WEAK = level("RX.depth", 40)


@pytest.fixture
async def web(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """The doors of recommendations, with two people at the office and an auditor."""
    roles = {"anna": "office", "bo": "office", "auditor": "auditor"}
    known = [Credential(sha256=sha256(t.encode()).hexdigest(), role=role, name=t.title()) for t, role in roles.items()]
    app, shown, guard = FastAPI(), Pages(TEMPLATES), Guard(known, ["key"])
    doors = api.Doors(Reader(town.database), town.service.delivery, SETUP)
    app.include_router(api.routes(doors, guard))
    links = Links(["key"], SETUP.public_url)
    app.include_router(pages.routes(pages.RecommendationPages(doors, shown, links), guard))
    tell_problems(app, shown)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://town") as client:
        yield client


async def publish(town: Town, *releases: Release) -> None:
    """Releases are published one after the other."""
    for release in releases:

        async def step(tx: EvaluationTransaction, release: Release = release) -> None:
            tx.save(release)
            await recommending.judge(release, tx)

        await town.service.delivery.run(step)
    await town.service.published()


async def a_recommendation(town: Town) -> ProgrammeChangeRecommended:
    """A weak cohort's release leads to one."""
    await publish(town, a_release(1, WEAK))
    [one] = town.service.said(ProgrammeChangeRecommended)
    return one


def revised(*addresses: str, revision: int = 3, programme: str = "FLC") -> ProgrammeRevised:
    """A programme reads differently."""
    purpose = LocalisedText(sv="Syfte", en="Purpose")
    evaluation = EvaluationFact(instruments=("UM",), waves=("T0", "T1"))
    return ProgrammeRevised(
        version=revision,
        programme=programme,
        title=TITLE,
        purpose=purpose,
        goals=(),
        modules=(),
        evaluation=evaluation,
        addresses=addresses,
    )


async def test_a_cohort_with_a_weak_programme_gets_a_recommendation_with_its_release(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    await town.is_at(T0_IS_CLOSED)
    await town.service.receives(held(*SEVEN))
    await town.is_at(T1_IS_OPEN)
    for number, person in enumerate(SEVEN):
        await town.answers(person, "T1", 2 + number % 2)
    await town.is_at(T1_IS_CLOSED)
    [one] = town.service.said(ProgrammeChangeRecommended)
    assert {finding.indicator for finding in one.findings} >= {"RX.reflection", "RX.depth"}
    assert one.release_ids == ("FLC-1:T1:release",)
    assert one.url == f"{SETUP.public_url}/recommendations/{one.recommendation_id}"
    raised = town.service.said(ProgrammeAttentionRaised)
    assert {each.indicator for each in raised} == {finding.indicator for finding in one.findings}
    assert sorted(each.version for each in raised) == list(range(1, len(raised) + 1))


async def test_a_cohort_with_a_good_programme_gets_none(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    assert town.service.said(ProgrammeChangeRecommended) == []
    assert town.service.said(ProgrammeAttentionRaised) == []


async def test_judged_again_nothing_is_told_twice(town: Town) -> None:
    await publish(town, a_release(1, WEAK), a_release(1, level("TR", 75, wave="T2"), wave="T2"), a_release(2, WEAK))
    assert len(town.service.said(ProgrammeChangeRecommended)) == 1
    assert [each.indicator for each in town.service.said(ProgrammeAttentionRaised)] == ["RX.depth"]


async def test_two_releases_at_the_same_moment_lead_to_one_recommendation_over_both(town: Town) -> None:
    await asyncio.gather(*(publish(town, a_release(cohort, level("RX.depth", 55))) for cohort in (1, 2)))
    [one] = town.service.said(ProgrammeChangeRecommended)
    assert one.cohort_ids == ("FLC-01", "FLC-02")
    assert len(town.service.said(ProgrammeAttentionRaised)) == 1


async def test_the_first_of_two_people_who_decide_counts_and_the_other_is_told(
    town: Town, web: httpx.AsyncClient
) -> None:
    one = await a_recommendation(town)
    path = f"/api/recommendations/{one.recommendation_id}/answer"
    answers = await asyncio.gather(
        web.post(path, json={"outcome": "accepted"}, headers=ANNA),
        web.post(path, json={"outcome": "declined", "reason": "No."}, headers=BO),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [first] = [answer.json() for answer in answers if answer.status_code == 200]
    [second] = [answer.json() for answer in answers if answer.status_code == 409]
    assert f"{first['state']} by {first['decided_by']} already" in second["detail"]
    await town.service.published()
    assert [said.outcome for said in town.service.said(RecommendationResolved)] == [first["state"]]


async def test_a_decision_asked_for_twice_with_one_key_is_taken_once(town: Town, web: httpx.AsyncClient) -> None:
    one = await a_recommendation(town)
    path = f"/api/recommendations/{one.recommendation_id}/answer"
    body = {"outcome": "declined", "reason": "  The room was small. "}
    first, again = [await web.post(path, json=body, headers=ANNA | {"Idempotency-Key": "1"}) for _ in range(2)]
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replay"] == "true"
    [said] = town.service.said(RecommendationResolved)
    assert said.reason
    assert said.reason.text.sv == "The room was small."
    [entry] = [row async for row in town.database["audit"].find({"kind": "recommendations"})]
    assert (entry["who"], entry["what"], entry["subject"]) == ("Anna", "answer recommendation", one.recommendation_id)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (AUDITOR, {"outcome": "accepted"}, 403),
        ({}, {"outcome": "accepted"}, 401),
        (ANNA, {"outcome": "declined"}, 422),
        (ANNA, {"outcome": "declined", "reason": " "}, 422),
        (ANNA, {"outcome": "declined", "reason": "x" * 501}, 422),
        (ANNA, {"outcome": "addressed"}, 422),
    ],
)
async def test_only_the_office_decides_and_whoever_declines_says_why(
    headers: dict[str, str], body: dict[str, str], status: int, town: Town, web: httpx.AsyncClient
) -> None:
    one = await a_recommendation(town)
    answer = await web.post(f"/api/recommendations/{one.recommendation_id}/answer", json=body, headers=headers)
    assert answer.status_code == status
    assert town.service.said(RecommendationResolved) == []


async def test_a_revision_that_names_it_resolves_it_however_often_it_is_told(town: Town) -> None:
    one = await a_recommendation(town)
    event = revised(one.recommendation_id)
    assert await town.service.receives(event, event) == [Outcome.applied, Outcome.stale]
    assert await town.service.receives(event) == [Outcome.stale]
    [said] = town.service.said(RecommendationResolved)
    assert (said.outcome, said.addressed_by, said.version) == ("addressed", 3, 2)


async def test_a_revision_told_before_the_recommendation_resolves_it_when_it_comes(town: Town) -> None:
    name = (await a_recommendation(town)).recommendation_id
    await town.database["recommendations"].delete_many({})
    await town.database["releases"].delete_many({})
    await town.service.receives(revised(name))
    assert town.service.said(RecommendationResolved) == []
    await publish(town, a_release(1, WEAK))
    assert [event.recommendation_id for event in town.service.said(RecommendationResolved)] == [name]
    kept = await Reader(town.database).get(Recommendation, name)
    assert kept
    assert kept.state is RecommendationState.addressed


async def test_a_revision_and_a_decision_at_the_same_moment_both_count(town: Town, web: httpx.AsyncClient) -> None:
    one = await a_recommendation(town)
    path = f"/api/recommendations/{one.recommendation_id}"
    await asyncio.gather(
        web.post(f"{path}/answer", json={"outcome": "accepted"}, headers=ANNA),
        town.service.receives(revised(one.recommendation_id)),
    )
    assert (await web.get(path, headers=AUDITOR)).json()["state"] == "addressed"
    versions = [said.version for said in town.service.said(RecommendationResolved)]
    assert sorted(versions) == list(range(2, 2 + len(versions)))


async def test_a_revision_that_answers_nothing_changes_nothing(town: Town) -> None:
    one = await a_recommendation(town)
    other = revised(one.recommendation_id, programme="SLC")
    assert await town.service.receives(revised(), other) == [Outcome.stale, Outcome.applied]
    assert town.service.said(RecommendationResolved) == []


async def test_the_next_cohorts_are_compared_with_the_revision_before(town: Town, web: httpx.AsyncClient) -> None:
    one = await a_recommendation(town)
    await publish(town, a_release(2, level("RX.depth", 44)))
    await town.service.receives(revised(one.recommendation_id))
    path = f"/recommendations/{one.recommendation_id}"
    await publish(town, a_release(3, level("RX.depth", 70), revision=3))
    assert "minst två av varje" in text_of(await web.get(path, headers=ANNA))
    await publish(town, a_release(4, level("RX.depth", 72), revision=3))
    [since] = (await web.get(f"/api{path}", headers=ANNA)).json()["since"]
    assert (since["earlier"], since["later"], since["gain"]) == (2, 2, 29.0)
    assert since["low"] < 29 < since["high"]
    assert "sedan version 3 +29,0 poäng" in text_of(await web.get(path, headers=ANNA))


async def test_the_office_reads_and_declines_on_a_page_without_script(town: Town, web: httpx.AsyncClient) -> None:
    one = await a_recommendation(town)
    path = f"/recommendations/{one.recommendation_id}"
    assert "väntar på svar" in text_of(await web.get("/recommendations", headers=ANNA))
    page = await web.get(path, headers=ANNA)
    assert "Djupet i innehållet ligger" in text_of(page)
    assert f"--addresses {one.recommendation_id}" in text_of(page)
    form = {"csrf": page.text.split('name="csrf" value="')[1].split('"')[0], "outcome": "declined"}
    assert (await web.post(path, data=form | {"csrf": "x", "reason": "No."}, headers=ANNA)).status_code == 403
    empty = await web.post(path, data=form, headers=ANNA)
    assert empty.status_code == 422
    assert "Inget är sparat än" in text_of(empty)
    done = await web.post(f"{path}?lang=en", data=form | {"reason": "<b>No.</b>"}, headers=ANNA, follow_redirects=True)
    assert "Declined on" in text_of(done)
    assert "&lt;b&gt;No.&lt;/b&gt;" in done.text
    late = await web.post(path, data=form | {"outcome": "accepted"}, headers=ANNA)
    assert late.status_code == 409
    assert "hann före" in text_of(late)


async def test_an_auditor_reads_and_has_no_form(town: Town, web: httpx.AsyncClient) -> None:
    one = await a_recommendation(town)
    page = await web.get(f"/recommendations/{one.recommendation_id}?lang=en", headers=AUDITOR)
    assert "is almost certainly below 60" in text_of(page) or "is probably below 60" in text_of(page)
    assert "<form" not in page.text


async def test_a_recommendation_that_does_not_exist_is_not_found(town: Town, web: httpx.AsyncClient) -> None:
    for path in ("/recommendations/R-0", "/api/recommendations/R-0"):
        assert (await web.get(path, headers=ANNA)).status_code == 404
    answer = await web.post("/api/recommendations/R-0/answer", json={"outcome": "accepted"}, headers=ANNA)
    assert answer.status_code == 404
    assert (await web.get("/recommendations", headers=ANNA)).text.count("<table>") == 0


async def test_what_waits_for_the_office_is_counted(town: Town, web: httpx.AsyncClient) -> None:
    one = await a_recommendation(town)
    reader = Reader(town.database)
    await look(reader)
    assert (OPEN._value.get(), WATCHED._value.get()) == (1, 1)
    body = {"outcome": "accepted"}
    await web.post(f"/api/recommendations/{one.recommendation_id}/answer", json=body, headers=ANNA)
    await look(reader)
    assert OPEN._value.get() == 0
