"""Enrolment over HTTP: the office's JSON, and the page that a link from an offer leads to."""

from datetime import timedelta

import pytest
from httpx import AsyncClient

from shared.events.enrolment import PlaceConfirmed, PlaceDeclined, PlaceOffered
from tests.flow.enrolment.conftest import LINKS
from tests.flow.enrolment.doors import signed_in
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import FLC, STOCKHOLM, hr_says

COHORT = {
    "cohort_id": "FLC-1",
    "programme": "FLC",
    "first_day": "2026-10-20",
    "start_time": "09:00",
    "location": "Stadshuset, sal A",
}


async def offered(office: Office, door: AsyncClient) -> tuple[str, str]:
    """A composed group; somebody in it and the address of her link."""
    await office.group(5)
    offer = office.service.said(PlaceOffered)[0]
    return offer.employee_id, offer.answer_url


async def test_a_programme_is_published_once_revised_when_it_differs(office: Office, door: AsyncClient) -> None:
    await office.staff(2)
    answers = [(await door.post("/api/programmes", content=text)).json() for text in (FLC, FLC, FLC + "\ngoals_: x")]
    told = [[answer[each] for each in ("revision", "outcome", "queued")] for answer in answers[:2]]
    assert told == [[1, "published", 2], [1, "unchanged", 0]]
    assert answers[2]["errors"] == [
        {
            "line": 16,
            "field": "goals_",
            "message": "is not a key of a programme file: remove it, or correct its spelling",
        }
    ]


async def test_the_office_goes_the_whole_way_over_http(office: Office, door: AsyncClient) -> None:
    await office.staff(4)
    await door.post("/api/programmes", content=FLC)
    made = await door.post("/api/cohorts", json=COHORT)
    assert (made.status_code, made.json()["state"], made.json()["members"]) == (201, "scheduled", [])
    composed = (await door.post("/api/cohorts/FLC-1/compose", json={"seed": 1})).json()
    assert sorted(composed["offered"]) == ["E0", "E1", "E2", "E3"]
    shown = (await door.get("/api/cohorts/FLC-1")).json()
    assert {member["state"] for member in shown["members"]} == {"offered"}
    assert shown["group"]["department_limit"] == 2
    address = "/api/cohorts/FLC-1/sessions/FLC-1:M2/reschedule"
    moved = await door.post(address, json={"starts_at": "2026-11-18T13:00", "location": None})
    assert moved.json()["sessions"][1]["starts_at"] == "2026-11-18T12:00:00Z"


async def test_the_same_key_schedules_one_cohort(office: Office, door: AsyncClient) -> None:
    await door.post("/api/programmes", content=FLC)
    key = {"Idempotency-Key": "k1"}
    first = await door.post("/api/cohorts", json=COHORT, headers=key)
    again = await door.post("/api/cohorts", json=COHORT, headers=key)
    other = await door.post("/api/cohorts", json=COHORT, headers={"Idempotency-Key": "k2"})
    assert (first.json(), first.status_code) == (again.json(), again.status_code)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/cohort-exists")


async def test_a_cohort_of_a_mistyped_year_is_refused_with_a_sentence(office: Office, door: AsyncClient) -> None:
    await door.post("/api/programmes", content=FLC)
    refused = await door.post("/api/cohorts", json=COHORT | {"first_day": "9999-12-30"})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/time-too-far")


async def test_a_nomination_says_why_it_cannot_be(office: Office, door: AsyncClient) -> None:
    await office.service.receives(hr_says("E1", level="middle"))
    await office.publishes()
    refused = await door.post("/api/programmes/FLC/nominations", json={"employee_id": "E1"})
    assert refused.status_code == 409
    assert refused.json()["detail"].endswith("her level is middle, and the programme is for first_line")


async def test_a_nominated_person_waits_with_that_reason(office: Office, door: AsyncClient) -> None:
    await office.publishes(audience={"entry": "nominated"})
    await office.service.receives(hr_says("E1"))
    made = await door.post("/api/programmes/FLC/nominations", json={"employee_id": "E1"})
    assert (made.status_code, made.json()["reason"]["code"]) == (201, "Nominated")


async def test_the_queue_is_paged_in_its_order(office: Office, door: AsyncClient) -> None:
    await office.staff(5)
    await office.publishes()
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await door.get("/api/programmes/FLC/queue", params={"limit": 2, "after": after})).json()
        seen += [place["employee_id"] for place in page["items"]]
        after = page["next"]
    assert seen == ["E0", "E1", "E2", "E3", "E4"]


async def test_a_person_shows_her_places_with_reasons_in_both_languages(office: Office, door: AsyncClient) -> None:
    await office.staff(1)
    await office.publishes()
    person = (await door.get("/api/people/E0")).json()
    assert (person["department"], person["level_since"]) == ("D0", "2026-04-01")
    assert set(person["places"][0]["reason"]["text"]) == {"sv", "en"}


async def test_places_are_found_by_state(office: Office, door: AsyncClient) -> None:
    await office.group(5)
    found = (await door.get("/api/places", params={"state": "queued"})).json()
    assert (len(found["items"]), found["next"]) == (1, None)


@pytest.mark.parametrize(
    ("path", "role", "status"),
    [
        ("/api/people/E9", "operator", 403),
        ("/api/people/E9", "nobody", 401),
        ("/api/people/E9", "auditor", 404),
        ("/api/cohorts/none", "office", 404),
        ("/api/programmes/none/queue", "office", 404),
        ("/api/places?limit=0", "office", 422),
    ],
)
async def test_who_may_not_or_asks_for_nothing_is_told(door: AsyncClient, path: str, role: str, status: int) -> None:
    answer = await door.get(path, headers=signed_in(role))
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_facilitator_may_not_compose(door: AsyncClient) -> None:
    answer = await door.post("/api/cohorts/FLC-1/compose", json={}, headers=signed_in("facilitator"))
    assert answer.status_code == 403


async def test_every_change_by_the_office_is_in_the_audit_log(office: Office, door: AsyncClient) -> None:
    await door.post("/api/programmes", content=FLC)
    entry = await office.service.delivery.database["audit"].find_one({"subject": "FLC"})
    assert entry
    assert (entry["who"], entry["what"], entry["before"]) == ("the office", "apply programme", None)


async def test_opening_the_link_changes_nothing(office: Office, door: AsyncClient) -> None:
    employee_id, url = await offered(office, door)
    for _ in range(5):
        await door.get(url)
    page = await door.get(url)
    assert "tisdag 20 oktober 2026 kl. 09.00–15.00" in page.text
    deadline = (await office.place(employee_id)).answer_by
    assert deadline
    assert f"{deadline.astimezone(STOCKHOLM):%d september 2026 kl. %H.%M}" in page.text
    assert (await office.place(employee_id)).version == 2


async def test_a_yes_on_the_page_confirms_the_place(office: Office, door: AsyncClient) -> None:
    employee_id, url = await offered(office, door)
    page = await door.post(url, data={"answer": "accept"})
    assert (page.status_code, "Du har en plats" in page.text) == (200, True)
    assert [place.employee_id for place in office.service.said(PlaceConfirmed)] == [employee_id]


async def test_a_no_on_the_page_declines_and_a_yes_afterwards_is_answered_kindly(
    office: Office, door: AsyncClient
) -> None:
    _, url = await offered(office, door)
    assert (await door.post(url, data={"answer": "decline"})).status_code == 200
    late = await door.post(url, data={"answer": "accept"})
    assert (late.status_code, "Har du ändrat dig?" in late.text) == (409, True)
    assert len(office.service.said(PlaceDeclined)) == 1


async def test_a_late_answer_meets_a_kind_page(office: Office, door: AsyncClient) -> None:
    _, url = await offered(office, door)
    office.service.clock.moment += timedelta(days=20)
    late = await door.post(url, data={"answer": "accept"})
    assert (late.status_code, "Tiden att svara har gått ut" in late.text) == (410, True)


async def test_whoever_is_written_to_in_english_reads_english(office: Office, door: AsyncClient) -> None:
    await office.staff(4, language="en")
    await office.publishes()
    await office.schedules()
    await office.composes()
    page = await door.get(office.service.said(PlaceOffered)[0].answer_url)
    assert "Tuesday 20 October 2026, 09:00–15:00" in page.text
    assert '<html lang="en">' in page.text


@pytest.mark.parametrize("token", ["x", "WyJ4Il0.aaaa", LINKS.sign("survey", "FLC:E0:1|1")])
async def test_a_link_that_is_not_ours_is_told_kindly(door: AsyncClient, token: str) -> None:
    for answer in (await door.get(f"/o/{token}"), await door.post(f"/o/{token}", data={"answer": "accept"})):
        assert (answer.status_code, "Länken fungerar inte" in answer.text) == (404, True)


async def test_the_page_is_neither_kept_nor_passed_on(office: Office, door: AsyncClient) -> None:
    _, url = await offered(office, door)
    headers = (await door.get(url)).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "script" not in headers["content-security-policy"]
