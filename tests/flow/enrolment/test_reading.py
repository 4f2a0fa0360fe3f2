"""What the office can read about people and places over HTTP."""

import pytest
from httpx import AsyncClient

from tests.flow.enrolment.doors import signed_in
from tests.flow.enrolment.office import Office


async def test_a_timeline_is_paged_oldest_first_and_says_why(office: Office, door: AsyncClient) -> None:
    await office.everybody_accepts(2)
    seen: list[dict[str, object]] = []
    after: str | None = None
    while after is not None or not seen:
        page = (
            await door.get("/api/people/E0/timeline", params={"limit": 2} | ({"after": after} if after else {}))
        ).json()
        seen += page["items"]
        after = page["next"]
    assert [moment["kind"] for moment in seen if moment["kind"] != "career"] == ["queued", "offered", "confirmed"]
    assert len({str(moment["moment_id"]) for moment in seen}) == len(seen)


async def test_a_person_whom_nobody_knows_has_no_timeline(door: AsyncClient) -> None:
    assert (await door.get("/api/people/E404/timeline")).status_code == 404


@pytest.mark.parametrize("role", ["facilitator", "operator"])
async def test_only_the_office_and_auditors_read_about_people(office: Office, door: AsyncClient, role: str) -> None:
    await office.staff(1)
    for address in ("/api/people/E0", "/api/people/E0/timeline", "/api/places", "/api/places/FLC:E0:1"):
        assert (await door.get(address, headers=signed_in(role))).status_code == 403


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"employee_id": "E3"}, ["FLC:E3:1"]),
        ({"programme": "FLC", "state": "offered", "employee_id": "E3"}, ["FLC:E3:1"]),
        ({"programme": "XYZ"}, []),
        ({"cohort_id": "FLC-1", "limit": 1}, ["FLC:E0:1"]),
    ],
)
async def test_places_are_found_by_person_programme_cohort_and_state(
    office: Office, door: AsyncClient, wanted: dict[str, str], found: list[str]
) -> None:
    await office.group(4)
    places = (await door.get("/api/places", params=wanted)).json()["items"]
    assert [place["place_id"] for place in places] == found


async def test_a_place_is_shown_with_its_version(office: Office, door: AsyncClient) -> None:
    await office.group(4)
    place = await door.get("/api/places/FLC:E3:1")
    assert (place.json()["state"], place.json()["version"]) == ("offered", 2)
    assert place.headers["etag"].startswith('"2-')


async def test_a_misspelt_filter_is_refused_instead_of_giving_everything(door: AsyncClient) -> None:
    refused = await door.get("/api/places", params={"employe_id": "E3"})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/strange-parameter")
    assert "employee_id" in refused.json()["detail"]


async def test_no_list_begins_anew_when_it_is_to_go_on_after_what_is_not_in_it(
    office: Office, door: AsyncClient
) -> None:
    await office.group(5)
    paths = (await door.get("/openapi.json")).json()["paths"]
    parameters = {path: told["get"].get("parameters", ()) for path, told in paths.items() if "get" in told}
    lists = [path for path, them in parameters.items() if "after" in {each["name"] for each in them}]
    answers = {
        path: await door.get(path.format(code="FLC", employee_id="E0"), params={"after": "404"}) for path in lists
    }
    assert {path for path, answer in answers.items() if answer.status_code != 422} == set()
    assert {answer.json()["type"] for answer in answers.values()} == {"/problems/strange-after"}
    assert len(lists) > 10


async def test_a_queue_does_not_go_on_after_somebody_who_waits_elsewhere(office: Office, door: AsyncClient) -> None:
    await office.group(5)
    await office.publishes(code="SLC")
    for code, status in (("FLC", 422), ("SLC", 200)):
        answer = await door.get(f"/api/programmes/{code}/queue", params={"after": "SLC:E0:1"})
        assert answer.status_code == status
