"""Two people who change the same thing, and one whose answer got lost on the way."""

import pytest
from httpx import AsyncClient

from services.enrolment.model import Cohort
from tests.flow.enrolment.doors import signed_in
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import FLC

MOVE = "/api/cohorts/FLC-1/sessions/FLC-1:M2/reschedule"
LATER = {"starts_at": "2026-11-18T13:00"}


@pytest.fixture
async def cohort(office: Office) -> Cohort:
    await office.publishes()
    return await office.schedules()


async def test_a_change_of_what_has_changed_meanwhile_is_refused_and_says_what_to_do(
    cohort: Cohort, door: AsyncClient
) -> None:
    seen = {"If-Match": (await door.get("/api/cohorts/FLC-1")).headers["etag"]}
    assert (await door.post(MOVE, json=LATER, headers=seen)).status_code == 200
    refused = await door.post(MOVE, json={"starts_at": "2026-11-19T13:00"}, headers=seen)
    assert (refused.status_code, refused.json()["type"]) == (412, "/problems/precondition-failed")
    assert refused.json()["detail"].startswith("It is at version 2 now")
    sessions = (await door.get("/api/cohorts/FLC-1")).json()["sessions"]
    assert sessions[1]["starts_at"] == "2026-11-18T12:00:00Z"


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ("*", 200),
        ('"7", "1"', 200),
        ('"1-0123456789abcdef"', 200),
        ('"7"', 412),
        ('W/"1"', 412),
        ("1", 412),
        ("", 412),
    ],
)
async def test_if_match_is_read_as_rfc_9110_says(cohort: Cohort, door: AsyncClient, if_match: str, status: int) -> None:
    assert (await door.post(MOVE, json=LATER, headers={"If-Match": if_match})).status_code == status


async def test_what_does_not_exist_is_told_before_any_version(door: AsyncClient) -> None:
    assert (await door.post(MOVE, json=LATER, headers={"If-Match": '"1"'})).status_code == 404


async def test_a_version_of_what_does_not_exist_yet_cannot_have_been_seen(office: Office, door: AsyncClient) -> None:
    refused = await door.post("/api/programmes", content=FLC, headers={"If-Match": "*"})
    assert refused.status_code == 412
    assert (await door.get("/api/programmes/FLC")).status_code == 404


async def test_an_answer_that_somebody_has_already_is_not_sent_again(office: Office, door: AsyncClient) -> None:
    await office.group(5)
    first = await door.get("/api/cohorts/FLC-1")
    again = await door.get("/api/cohorts/FLC-1", headers={"If-None-Match": f'"x", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


async def test_a_tag_changes_with_a_members_answer_although_the_cohorts_version_does_not(
    office: Office, door: AsyncClient
) -> None:
    member = (await office.group(5))[0]
    before = await door.get("/api/cohorts/FLC-1")
    await office.answers(member, "accept")
    after = await door.get("/api/cohorts/FLC-1", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["version"] == before.json()["version"]


async def test_a_key_with_another_body_or_address_is_refused(cohort: Cohort, door: AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    await door.post(MOVE, json=LATER, headers=key)
    for address, body in ((MOVE, {"starts_at": "2026-11-19T13:00"}), (MOVE.replace("M2", "M1"), LATER)):
        refused = await door.post(address, json=body, headers=key)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_a_repeated_request_gets_its_first_answer_and_is_told_so(cohort: Cohort, door: AsyncClient) -> None:
    headers = {"Idempotency-Key": "k1", "If-Match": '"1"'}
    first, again = [await door.post(MOVE, json=LATER, headers=headers) for _ in range(2)]
    assert (first.json(), first.status_code) == (again.json(), again.status_code)
    assert [answer.headers.get("idempotent-replay") for answer in (first, again)] == [None, "true"]
    assert first.json()["version"] == 2


async def test_somebody_elses_key_is_hers_alone(cohort: Cohort, door: AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    await door.post(MOVE, json=LATER, headers=key)
    hers = await door.post(MOVE, json={"starts_at": "2026-11-19T13:00"}, headers=key | signed_in("other-office"))
    assert (hers.status_code, hers.json()["version"]) == (200, 3)


async def test_a_refusal_is_not_kept_under_a_key(office: Office, door: AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    assert (await door.post(MOVE, json=LATER, headers=key)).status_code == 404
    await office.publishes()
    await office.schedules()
    assert (await door.post(MOVE, json=LATER, headers=key)).status_code == 200
