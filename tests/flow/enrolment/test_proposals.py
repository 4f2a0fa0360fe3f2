"""Groups proposed from one queue: kept without telling anybody, changed by the office, and offered when accepted."""

from datetime import date, timedelta
from typing import Any

from httpx import AsyncClient

from services.enrolment.store import EnrolmentTransaction
from shared.events.enrolment import PersonSkipped, PlaceOffered
from shared.events.hr import UnitChanged
from tests.flow.enrolment.doors import signed_in
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says, the_file

COHORTS = ["FLC-1", "FLC-2"]


async def waiting(office: Office, count: int = 8, departments: int = 4, **group: Any) -> None:
    """So many wait, from so many departments, and two cohorts of up to four are scheduled."""
    units = [UnitChanged(unit_id=f"D{number}", version=1, name=f"Department {number}") for number in range(departments)]
    people = [hr_says(f"E{number}", unit_id=f"D{number % departments}") for number in range(count)]
    await office.service.receives(*units, *people)
    await office.publishes(group=group)
    for cohort_id in COHORTS:
        await office.schedules(date(2026, 10, 20), cohort_id)


async def later(office: Office) -> None:
    """Who comes now comes after those who wait."""
    office.service.clock.moment += timedelta(hours=1)


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


async def test_somebody_whose_language_no_group_is_held_in_is_proposed_as_if_hers_were_swedish(
    office: Office, door: AsyncClient
) -> None:
    await waiting(office)
    await office.service.receives(hr_says("E3", version=2, unit_id="D3", language="fi"))
    proposal = await proposed(door)
    assert "E3" in set().union(*groups(proposal))


async def test_each_group_has_its_own_reason_for_passing_somebody_over(office: Office, door: AsyncClient) -> None:
    """She is away when the first group begins; the second has as many from her department as it may."""
    leave = {"from": "2026-10-01", "to": "2026-11-01"}
    await office.publishes(group={"max": 2})
    await office.service.receives(*(hr_says(f"A{n}", unit_id="A", absent=leave) for n in range(2)))
    await later(office)
    await office.service.receives(hr_says("B0", unit_id="B"), *(hr_says(f"C{n}", unit_id="C") for n in range(2)))
    await office.schedules(date(2026, 10, 20), "FLC-1")
    await office.schedules(date(2026, 11, 24), "FLC-2")
    proposal = await proposed(door)
    accepted = await door.post(f"/api/proposals/{proposal['proposal_id']}/accept")
    assert accepted.status_code == 200, accepted.text
    skips = (await office.place(proposal["passed"][0]["employee_id"])).skips
    assert [(skip.cohort_id, skip.reason.code) for skip in skips] == [
        ("FLC-1", "OnLeave"),
        ("FLC-2", "DepartmentShareReached"),
    ]


async def test_whoever_has_no_seat_beside_one_that_is_free_is_in_the_proposal_with_her_reason(
    office: Office, door: AsyncClient
) -> None:
    await waiting(office, 4)
    await later(office)
    await office.service.receives(hr_says("E9", unit_id="D9", absent={"from": "2026-10-01", "to": "2026-12-20"}))
    proposal = await proposed(door)
    assert [(each["employee_id"], each["reason"]["code"]) for each in proposal["passed"]] == [("E9", "OnLeave")]


async def test_a_proposal_says_whether_it_is_proven_to_be_the_best(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    proposal = await proposed(door)
    assert (proposal["exact"], proposal["seats_exact"], proposal["seating"]["code"]) == (True, True, "SeatsProven")
    one = min(proposal["groups"][0]["employees"])
    other = next(who for who in proposal["groups"][1]["employees"] if department(who) != department(one))
    address = f"/api/proposals/{proposal['proposal_id']}/swap"
    made = (await door.post(address, json={"one": one, "other": other})).json()["proposal"]
    assert (made["exact"], made["seats_exact"], made["gap"] > 0) == (False, True, True)


async def boss_with_report(office: Office, door: AsyncClient) -> dict[str, Any]:
    """A proposal in which the office has put E1 beside her manager E0, as the swap is told."""
    await waiting(office)
    await office.service.receives(hr_says("E1", version=2, unit_id="D1", manager_id="E0"))
    proposal = await proposed(door)
    there = next(group for group in groups(proposal) if "E0" not in group)
    assert "E1" in there
    instead = next(who for who in next(group for group in groups(proposal) if "E0" in group) if who != "E0")
    address = f"/api/proposals/{proposal['proposal_id']}/swap"
    made: dict[str, Any] = (await door.post(address, json={"one": "E1", "other": instead})).json()
    return made


async def test_after_an_exchange_a_group_is_explained_as_it_is(office: Office, door: AsyncClient) -> None:
    made = await boss_with_report(office, door)
    [group] = [each for each in made["proposal"]["groups"] if {"E0", "E1"} <= set(each["employees"])]
    codes = {reason["code"] for reason in group["why"]}
    assert "ManagersTogether" in codes
    assert "ManagersApart" not in codes


async def test_the_office_may_insist_on_seats_that_break_a_rule_if_it_says_why(
    office: Office, door: AsyncClient
) -> None:
    made = await boss_with_report(office, door)
    assert {broken["reason"]["code"] for broken in made["after"]["broken"]} == {"OwnManager"}
    address = f"/api/proposals/{made['proposal']['proposal_id']}/accept"
    for how in ({}, {"force": True}, {"note": "they asked for it"}):
        refused = await door.post(address, json=how)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/proposal-outdated")
        assert "insist with force and a note" in refused.json()["detail"]
    accepted = await door.post(address, json={"force": True, "note": "they asked for it"})
    assert (accepted.status_code, accepted.json()["note"]) == (200, "they asked for it")
    await office.service.published()
    assert len(office.service.said(PlaceOffered)) == 8


async def test_nobody_insists_on_more_people_than_a_group_holds(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    proposal = await proposed(door)
    await office.publishes(group={"max": 3})

    async def smaller(tx: EnrolmentTransaction) -> None:
        cohort = await tx.cohorts.get("FLC-1")
        assert cohort
        content = the_file(group={"max": 3})
        tx.save(cohort.having(version=cohort.version + 1, content=content))

    await office.service.delivery.run(smaller)
    address = f"/api/proposals/{proposal['proposal_id']}/accept"
    refused = await door.post(address, json={"force": True, "note": "one more chair"})
    assert refused.status_code == 409
    assert "insist" not in refused.json()["detail"]


async def test_a_wish_that_is_not_met_has_its_reason(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    leave = {"from": "2026-10-01", "to": "2026-12-20"}
    await office.service.receives(
        hr_says("E1", version=2, unit_id="D1", manager_id="E0"), hr_says("E3", version=2, unit_id="D3", absent=leave)
    )
    pairs = [("E0", "E77"), ("E0", "E3"), ("E0", "E1")]
    proposal = await proposed(door, wishes=[{"kind": "together", "one": one, "other": other} for one, other in pairs])
    told = {wish["other"]: wish["reason"] for wish in proposal["unmet"]}
    assert {who: reason["code"] for who, reason in told.items()} == {
        "E77": "NotWaiting",
        "E3": "WithoutSeat",
        "E1": "NoExchangeFound",
    }
    assert told["E77"]["text"]["en"].startswith("E77 does not wait for the programme")


async def test_a_wish_that_an_exchange_breaks_says_so(office: Office, door: AsyncClient) -> None:
    await waiting(office)
    proposal = await proposed(door, wishes=[{"kind": "together", "one": "E0", "other": "E5"}])
    [other] = [each for each in groups(proposal) if "E0" not in each]
    address = f"/api/proposals/{proposal['proposal_id']}/swap"
    made = (await door.post(address, json={"one": "E0", "other": min(other)})).json()["proposal"]
    assert [wish["reason"]["code"] for wish in made["unmet"]] == ["ExchangedByOffice"]


async def test_all_the_groups_of_a_country_may_be_proposed_at_once(office: Office, door: AsyncClient) -> None:
    many = [f"FLC-{number}" for number in range(700)]
    refused = await door.post("/api/proposals", json={"programme": "FLC", "cohorts": many})
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/no-such-programme")


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
