"""Groups proposed from one queue: kept without telling anybody, changed by the office, and offered when accepted."""

from datetime import date
from typing import Any

from httpx import AsyncClient

from shared.events.enrolment import PersonSkipped, PlaceOffered
from shared.events.hr import UnitChanged
from tests.flow.enrolment.doors import signed_in
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says

COHORTS = ["FLC-1", "FLC-2"]


async def waiting(office: Office, count: int = 8, departments: int = 4, **group: Any) -> None:
    """So many wait, from so many departments, and two cohorts of up to four are scheduled."""
    units = [UnitChanged(unit_id=f"D{number}", version=1, name=f"Department {number}") for number in range(departments)]
    people = [hr_says(f"E{number}", unit_id=f"D{number % departments}") for number in range(count)]
    await office.service.receives(*units, *people)
    await office.publishes(group=group)
    for cohort_id in COHORTS:
        await office.schedules(date(2026, 10, 20), cohort_id)


async def proposed(door: AsyncClient, **more: Any) -> dict[str, Any]:
    """A proposal for the two cohorts."""
    answer = await door.post("/api/proposals", json={"programme": "FLC", "cohorts": COHORTS} | more)
    assert answer.status_code == 201, answer.text
    proposal: dict[str, Any] = answer.json()
    return proposal


def groups(proposal: dict[str, Any]) -> list[set[str]]:
    """Who would sit together."""
    return [set(group["employees"]) for group in proposal["groups"]]


def department(employee_id: str) -> int:
    return int(employee_id.removeprefix("E")) % 4


async def test_a_proposal_mixes_the_groups_and_tells_nobody(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    proposal = await proposed(door)
    assert [sorted(map(department, group)) for group in groups(proposal)] == [[0, 1, 2, 3]] * 2
    assert (proposal["value"], proposal["gap"], proposal["mix"]["code"]) == (0, 0, "BestMix")
    assert office.service.said(PlaceOffered) == []
    assert set((await office.states()).values()) == {"queued"}


async def test_each_group_says_why_it_is_mixed_so(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    proposal = await proposed(door)
    shown = (await door.get(f"/api/proposals/{proposal['proposal_id']}")).json()
    facts = {reason["code"]: reason["text"]["en"] for reason in shown["groups"][0]["why"]}
    assert facts["Mixed"] == (
        "4 people from 4 departments: Department 0 1, Department 1 1, Department 2 1, Department 3 1."
    )
    assert (await door.get("/api/proposals")).json()["items"] == [shown]


async def test_accepting_offers_every_seat_once(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    proposal = await proposed(door)
    for _ in range(2):
        accepted = await door.post(f"/api/proposals/{proposal['proposal_id']}/accept")
        assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    await office.service.published()
    offers = office.service.said(PlaceOffered)
    assert sorted(offer.employee_id for offer in offers) == [f"E{number}" for number in range(8)]
    told = [{offer.employee_id for offer in offers if offer.cohort_id == cohort_id} for cohort_id in COHORTS]
    assert told == groups(proposal)


async def test_whoever_is_passed_over_is_told_why_when_the_proposal_is_accepted(
    office: Office, door: AsyncClient
) -> None:
    await waiting(office, 6, 1)
    units = [UnitChanged(unit_id=f"X{number}", version=1, name=f"X{number}") for number in range(4)]
    await office.service.receives(*units)
    await office.service.advance_to(office.service.clock.now().replace(hour=12))
    await office.service.receives(*(hr_says(f"F{number}", unit_id=f"X{number}") for number in range(4)))
    proposal = await proposed(door)
    assert [each["reason"]["code"] for each in proposal["passed"]] == ["DepartmentShareReached"] * 2
    await door.post(f"/api/proposals/{proposal['proposal_id']}/accept")
    await office.service.published()
    told = {skipped.employee_id for skipped in office.service.said(PersonSkipped)}
    assert told == {each["employee_id"] for each in proposal["passed"]}


async def test_a_swap_is_told_before_it_is_made(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    proposal = await proposed(door)
    one = sorted(proposal["groups"][0]["employees"])[0]
    other = next(who for who in proposal["groups"][1]["employees"] if department(who) != department(one))
    address, pair = f"/api/proposals/{proposal['proposal_id']}", {"one": one, "other": other}
    told = (await door.post(f"{address}/swap?preview=true", json=pair)).json()
    assert (told["before"]["value"], told["after"]["value"], told["after"]["broken"]) == (0, 2, [])
    assert (await door.get(address)).json() == proposal
    made = (await door.post(f"{address}/swap", json=pair)).json()
    assert made["proposal"]["value"] == 2
    assert other in made["proposal"]["groups"][0]["employees"]
    assert (await door.get(address)).json() == made["proposal"]


async def test_seats_that_break_a_rule_after_a_swap_are_not_offered(office: Office, door: AsyncClient) -> None:
    await waiting(office, max_share_per_department=0.25)
    proposal = await proposed(door)
    one = sorted(proposal["groups"][0]["employees"])[0]
    other = next(who for who in proposal["groups"][1]["employees"] if department(who) != department(one))
    address = f"/api/proposals/{proposal['proposal_id']}"
    made = (await door.post(f"{address}/swap", json={"one": one, "other": other})).json()
    assert {broken["reason"]["code"] for broken in made["after"]["broken"]} == {"DepartmentShare"}
    refused = await door.post(f"{address}/accept")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/proposal-outdated")
    assert "2 come from one department, and 1 may at most" in refused.json()["detail"]


async def test_a_proposal_with_somebody_who_no_longer_waits_is_refused_by_name(
    office: Office, door: AsyncClient
) -> None:
    await waiting(office)
    proposal = await proposed(door)
    await office.service.receives(hr_says("E3", version=2, unit_id="D3", employed_to="2026-08-31"))
    refused = await door.post(f"/api/proposals/{proposal['proposal_id']}/accept")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/proposal-outdated")
    assert "E3 no longer waits. Swap people" in refused.json()["detail"]
    assert office.service.said(PlaceOffered) == []


async def test_a_proposal_is_refused_when_a_cohort_has_been_composed_meanwhile(
    office: Office, door: AsyncClient
) -> None:
    await waiting(office)
    proposal = await proposed(door)
    await office.composes()
    refused = await door.post(f"/api/proposals/{proposal['proposal_id']}/accept")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/proposal-outdated")


async def test_somebody_on_leave_at_the_start_is_in_no_group(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    leave = {"from": "2026-10-01", "to": "2026-12-20"}
    await office.service.receives(hr_says("E3", version=2, unit_id="D3", absent=leave))
    proposal = await proposed(door)
    assert "E3" not in set().union(*groups(proposal))


async def test_asked_again_the_office_gets_other_groups(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    proposal = await proposed(door)
    seen = [groups(proposal)]
    for _ in range(4):
        answer = await door.post(f"/api/proposals/{proposal['proposal_id']}/again", json={})
        proposal = answer.json()
        seen.append(groups(proposal))
    assert proposal["seed"] == 4
    assert any(each not in (seen[0], seen[0][::-1]) for each in seen)


async def test_two_whom_the_office_wants_together_are_proposed_together(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    wish = {"kind": "together", "one": "E0", "other": "E5"}
    proposal = await proposed(door, wishes=[wish])
    assert any({"E0", "E5"} <= group for group in groups(proposal))
    assert proposal["unmet"] == []


async def test_a_proposal_that_cannot_be_is_refused_with_what_to_do(office: Office, door: AsyncClient) -> None:
    await waiting(office, count=1)
    tries: dict[str, dict[str, Any]] = {
        "no-such-cohort": {"cohorts": ["FLC-9"]},
        "no-such-programme": {"programme": "XYZ"},
        "nobody-fits": {},
    }
    for slug, change in tries.items():
        refused = await door.post("/api/proposals", json={"programme": "FLC", "cohorts": COHORTS} | change)
        assert refused.json()["type"] == f"/problems/{slug}"


async def test_only_the_office_proposes(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    body = {"programme": "FLC", "cohorts": COHORTS}
    refused = await door.post("/api/proposals", json=body, headers=signed_in("auditor"))
    assert refused.status_code == 403
