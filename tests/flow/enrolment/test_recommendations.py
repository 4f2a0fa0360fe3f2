"""What evaluation recommends is seen where a programme is revised, and only what exists can be answered."""

import json
from itertools import permutations
from typing import Any

import pytest
from httpx import AsyncClient

from shared.delivery import Outcome
from shared.events.enrolment import ProgrammeRevised
from shared.events.evaluation import Finding, ProgrammeChangeRecommended, RecommendationResolved
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import the_file

WEAK = Finding(indicator="RX.depth", cohort_ids=("FLC-1",), because=("likely_low",), estimate=48, threshold=60)


def recommended(name: str, programme: str = "FLC") -> ProgrammeChangeRecommended:
    """Evaluation recommends that a programme be changed."""
    return ProgrammeChangeRecommended(
        version=1,
        recommendation_id=name,
        programme=programme,
        revision=1,
        cohort_ids=("FLC-1",),
        rule_version="1",
        findings=(WEAK,),
        release_ids=("FLC-1:T1:release",),
        url=f"https://utvardering.example/recommendations/{name}",
    )


def resolved(name: str, outcome: Any, version: int = 2) -> RecommendationResolved:
    """It is known what becomes of a recommendation."""
    return RecommendationResolved(version=version, recommendation_id=name, programme="FLC", outcome=outcome)


async def waiting(door: AsyncClient) -> dict[str, str]:
    """What waits for a revision of FLC, by the programme's own page and by the list."""
    one = (await door.get("/api/programmes/FLC")).json()["recommendations"]
    [listed] = (await door.get("/api/programmes")).json()["items"]
    assert listed["recommendations"] == one
    return {each["recommendation_id"]: each["state"] for each in one}


async def revise(door: AsyncClient, *addresses: str, purpose: str = "Nytt", preview: str = "false") -> Any:
    """The office lets FLC read differently."""
    body = json.dumps(the_file(purpose={"sv": purpose, "en": purpose}).model_dump(mode="json"))
    return await door.post("/api/programmes", content=body, params={"addresses": addresses, "preview": preview})


async def test_a_recommendation_is_shown_with_its_programme_until_it_is_answered(
    office: Office, door: AsyncClient
) -> None:
    await office.publishes()
    await office.service.receives(recommended("R-1"), recommended("R-2"), recommended("R-3", "SLC"))
    assert await waiting(door) == {"R-1": "open", "R-2": "open"}
    await office.service.receives(resolved("R-1", "accepted"), resolved("R-2", "declined"))
    assert await waiting(door) == {"R-1": "accepted"}
    await office.service.receives(resolved("R-1", "addressed", version=3))
    assert await waiting(door) == {}


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_news_of_a_recommendation_in_any_order_and_twice_comes_to_the_same(
    order: tuple[int, ...], office: Office, door: AsyncClient
) -> None:
    news = (recommended("R-1"), resolved("R-1", "accepted"), resolved("R-1", "addressed", version=3))
    await office.publishes()
    for number in order:
        await office.service.receives(news[number])
    assert await waiting(door) == {}
    assert await office.service.receives(*news) == [Outcome.stale] * 3
    kept = await office.service.delivery.run(lambda tx: tx.recommendations.get("R-1"))
    assert kept
    assert (kept.revision, kept.state, kept.version) == (1, "addressed", 3)


@pytest.mark.parametrize("preview", ["true", "false"])
async def test_a_revision_that_leaves_a_recommendation_unanswered_is_told_so(
    preview: str, office: Office, door: AsyncClient
) -> None:
    await office.publishes()
    await office.service.receives(recommended("R-1"))
    silent = (await revise(door, preview=preview)).json()
    assert any("--addresses R-1" in concern for concern in silent["concerns"])
    answering = (await revise(door, "R-1", purpose="Nyare", preview=preview)).json()
    assert not any("R-1" in concern for concern in answering["concerns"])


@pytest.mark.parametrize("name", ["R-9", "R-3"])
async def test_a_recommendation_that_does_not_exist_or_is_of_another_programme_cannot_be_answered(
    name: str, office: Office, door: AsyncClient
) -> None:
    await office.publishes()
    await office.service.receives(recommended("R-1"), recommended("R-3", "SLC"))
    refused = await revise(door, name)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("no-such-recommendation")
    assert f"no recommendation {name} about FLC" in refused.json()["detail"]
    assert "waiting for an answer: R-1" in refused.json()["detail"]
    file = json.dumps(the_file(purpose={"sv": "N", "en": "N"}).model_dump(mode="json"))
    body = {"kind": "revise_programme", "command": {"file": file, "addresses": [name]}}
    proposed = await door.post("/api/changes", json=body)
    assert proposed.status_code == 409
    assert office.service.said(ProgrammeRevised) == []


async def test_the_revision_that_is_announced_names_what_it_answers(office: Office, door: AsyncClient) -> None:
    await office.publishes()
    await office.service.receives(recommended("R-1"))
    assert (await revise(door, "R-1")).status_code == 200
    await office.service.published()
    assert [revised.addresses for revised in office.service.said(ProgrammeRevised)] == [("R-1",)]
