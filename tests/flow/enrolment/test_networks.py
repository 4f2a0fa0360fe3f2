"""Networks after the programme: kept in step with who works here; and the list of all alumni."""

from datetime import date

from httpx import AsyncClient

from services.enrolment.commands import networks
from shared.events.enrolment import NetworkChanged, NetworkFormed
from shared.events.hr import EmployeeLeft
from tests.flow.enrolment.doors import signed_in
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says

NETWORK = "/api/networks/network:FLC-1"


async def a_network(office: Office) -> list[str]:
    """Four who have completed together, in order."""
    members = sorted(await office.everybody_accepts(4))
    await office.records("M1", *members)
    await office.records("M2", *members)
    return members


async def leaves(office: Office, employee_id: str) -> None:
    """HR tells that yesterday was her last day."""
    await office.service.receives(EmployeeLeft(employee_id=employee_id, version=9, last_day=date(2026, 10, 1)))


async def test_a_network_is_kept_with_a_contact_when_the_group_is_over(office: Office, door: AsyncClient) -> None:
    members = await a_network(office)
    shown = (await door.get(NETWORK)).json()
    assert (shown["members"], shown["contact"], shown["title"]["sv"]) == (members, members[0], "Ny som chef")
    [formed] = office.service.said(NetworkFormed)
    assert (formed.members, formed.contact) == (tuple(members), members[0])


async def test_a_member_who_moves_stays_and_one_who_leaves_employment_leaves(office: Office, door: AsyncClient) -> None:
    [contact, mover, *others] = await a_network(office)
    await office.service.receives(hr_says(mover, version=5, unit_id="D9"))
    assert office.service.said(NetworkChanged) == []
    await leaves(office, contact)
    [changed] = office.service.said(NetworkChanged)
    assert (changed.members, changed.contact, changed.version) == ((mover, *others), mover, 2)
    assert (await door.get(NETWORK)).json()["contact"] == mover


async def test_a_leaving_told_twice_changes_the_network_once(office: Office) -> None:
    [contact, *_] = await a_network(office)
    await leaves(office, contact)
    await leaves(office, contact)
    await office.service.delivery.run(lambda tx: networks.person_left(tx, contact))
    assert len(office.service.said(NetworkChanged)) == 1


async def test_whoever_leaves_as_the_group_ends_does_not_become_a_member_by_a_correction(office: Office) -> None:
    [late, *others] = sorted(await office.everybody_accepts(4))
    await office.records("M1", late, *others)
    await office.records("M2", *others)
    await leaves(office, late)
    await office.records("M2", late, *others)
    assert (await office.place(late)).state == "completed"
    assert office.service.said(NetworkChanged) == []


async def test_the_office_chooses_another_contact_among_the_members(office: Office, door: AsyncClient) -> None:
    members = await a_network(office)
    answer = await door.post(f"{NETWORK}/contact", json={"employee_id": members[2]})
    assert answer.json()["contact"] == members[2]
    refused = await door.post(f"{NETWORK}/contact", json={"employee_id": "E99"})
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "not-in-network")
    assert [changed.contact for changed in office.service.said(NetworkChanged)] == [members[2]]


async def test_networks_are_found_by_their_members(office: Office, door: AsyncClient) -> None:
    [one, *_] = await a_network(office)
    found = (await door.get("/api/networks", params={"member": one})).json()["items"]
    assert [network["network_id"] for network in found] == ["network:FLC-1"]
    assert (await door.get("/api/networks", params={"member": "E99"})).json()["items"] == []
    assert (await door.get("/api/networks/network:X")).status_code == 404


async def test_the_list_of_alumni_has_those_who_chose_it_until_they_leave(office: Office, door: AsyncClient) -> None:
    [one, other, *_] = await a_network(office)
    for who in (one, other, one):
        assert (await door.post(f"/api/people/{who}/alumni")).status_code == 200
    listed = (await door.get("/api/alumni")).json()["items"]
    assert [(each["employee_id"], each["completed"]) for each in listed] == [(one, ["FLC"]), (other, ["FLC"])]
    await door.delete(f"/api/people/{one}/alumni")
    await leaves(office, other)
    assert (await door.get("/api/alumni")).json()["items"] == []
    assert (await office.employee(other)).alumni_since is None


async def test_whoever_has_completed_nothing_is_not_put_on_the_list(office: Office, door: AsyncClient) -> None:
    await office.staff(1)
    answer = await door.post("/api/people/E0/alumni")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "nothing-completed")
    assert (await door.post("/api/people/E7/alumni")).status_code == 404


async def test_only_the_office_changes_networks_and_alumni(office: Office, door: AsyncClient) -> None:
    members = await a_network(office)
    asked = [
        await door.post(f"{NETWORK}/contact", json={"employee_id": members[1]}, headers=signed_in("facilitator")),
        await door.post(f"/api/people/{members[1]}/alumni", headers=signed_in("auditor")),
        await door.delete(f"/api/people/{members[1]}/alumni", headers=signed_in("facilitator")),
    ]
    assert [answer.status_code for answer in asked] == [403, 403, 403]
