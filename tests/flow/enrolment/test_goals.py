"""The municipality's goals, and programmes that serve goals that are not in force."""

from typing import Any

from httpx import AsyncClient

from shared.events.enrolment import GoalRevised
from tests.flow.enrolment.doors import signed_in
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import FLC

TEXT = {"sv": "Trygg uppväxt", "en": "Safe childhood"}


async def adds(door: AsyncClient, goal_id: str = "G1", **period: Any) -> dict[str, Any]:
    answer = await door.post("/api/goals", json={"goal_id": goal_id, "text": TEXT} | period)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_goal_is_announced_when_it_is_written_down(office: Office, door: AsyncClient) -> None:
    await adds(door, valid_from="2026-01-01", valid_to="2026-12-31")
    await office.service.published()
    [goal] = office.service.said(GoalRevised)
    assert (goal.goal_id, goal.version, goal.text.en, str(goal.valid_to)) == ("G1", 1, TEXT["en"], "2026-12-31")


async def test_a_goal_is_added_once_and_reworded_as_often_as_needed(office: Office, door: AsyncClient) -> None:
    await adds(door)
    assert (await door.post("/api/goals", json={"goal_id": "G1", "text": TEXT})).status_code == 409
    new = {"text": {"sv": "Nytt", "en": "New"}}
    assert (await door.put("/api/goals/G1", json=new)).json()["version"] == 2
    assert (await door.put("/api/goals/G1", json=new)).json()["version"] == 2
    await office.service.published()
    assert [goal.version for goal in office.service.said(GoalRevised)] == [1, 2]


async def test_a_goal_reworded_by_two_at_once_is_not_overwritten_unseen(door: AsyncClient) -> None:
    await adds(door)
    tag = (await door.get("/api/goals/G1")).headers["etag"]
    first = await door.put("/api/goals/G1", json={"text": {"sv": "A", "en": "A"}}, headers={"If-Match": tag})
    second = await door.put("/api/goals/G1", json={"text": {"sv": "B", "en": "B"}}, headers={"If-Match": tag})
    assert (first.status_code, second.status_code) == (200, 412)


async def test_a_period_that_ends_before_it_begins_is_refused(door: AsyncClient) -> None:
    period = {"valid_from": "2026-02-01", "valid_to": "2026-01-01"}
    answer = await door.post("/api/goals", json={"goal_id": "G1", "text": TEXT} | period)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/period-ends-before-it-begins")


async def test_the_goals_of_a_day_are_those_in_force_on_it(door: AsyncClient) -> None:
    await adds(door, "G1", valid_to="2026-12-31")
    await adds(door, "G2", valid_from="2027-01-01")
    await adds(door, "G3")

    async def ids(query: str) -> list[str]:
        return [goal["goal_id"] for goal in (await door.get(f"/api/goals{query}")).json()["items"]]

    assert await ids("?on=2026-12-31") == ["G1", "G3"]
    assert await ids("?on=2027-01-01") == ["G2", "G3"]
    assert await ids("") == ["G1", "G2", "G3"]
    assert (await door.get("/api/goals?limit=2")).json()["next"] == "G2"


async def test_a_programme_that_names_goals_not_in_force_is_applied_and_the_doubts_are_told(door: AsyncClient) -> None:
    await adds(door, "G4", valid_to="2025-12-31")
    applied = await door.post("/api/programmes", content=FLC)
    assert applied.status_code == 200
    assert applied.json()["concerns"] == [
        "there is no goal G1: correct its id in the programme, or add the goal",
        "goal G4 ended 2025-12-31: let the programme serve one that is in force",
    ]


async def test_the_doubts_are_told_in_every_preview(door: AsyncClient) -> None:
    await adds(door, "G1", valid_from="2027-01-01")
    await adds(door, "G4")
    proposed = await door.post("/api/changes", json={"kind": "revise_programme", "command": {"file": FLC}})
    previewed = await door.post("/api/programmes?preview=true", content=FLC)
    begins = ["goal G1 begins 2027-01-01: until then the programme serves one not in force"]
    assert (proposed.json()["impact"]["concerns"], previewed.json()["impact"]["concerns"]) == (begins, begins)


async def test_only_the_office_writes_goals(door: AsyncClient) -> None:
    for name in ("facilitator", "auditor", "operator"):
        answer = await door.post("/api/goals", json={"goal_id": "G1", "text": TEXT}, headers=signed_in(name))
        assert answer.status_code == 403
    assert (await door.get("/api/goals/G1")).status_code == 404
