"""Facilitators see and record what they need for the cohorts that they lead, and nothing else."""

import pytest
from httpx import AsyncClient

from tests.flow.enrolment.doors import signed_in
from tests.flow.enrolment.office import Office
from tests.flow.enrolment.test_doors import COHORT
from tests.unit.enrolment.arrange import FLC

HER = signed_in("facilitator")
ANOTHER = signed_in("other-facilitator")
ATTENDANCE = "/api/cohorts/FLC-1/sessions/FLC-1:M1/attendance"


@pytest.fixture
async def led(office: Office, door: AsyncClient) -> None:
    """A composed cohort that the facilitator leads, in which E0 comes and E1 does not."""
    await office.staff(3)
    await door.post("/api/programmes", content=FLC)
    await door.post("/api/cohorts", json=COHORT | {"facilitators": ["the facilitator"]})
    await door.post("/api/cohorts", json=COHORT | {"cohort_id": "FLC-2", "first_day": "2027-01-19"})
    await office.composes()
    await office.answers("E0", "accept")
    await office.answers("E1", "decline")


@pytest.mark.usefixtures("led")
async def test_a_facilitator_finds_the_cohorts_that_she_leads_and_no_other(door: AsyncClient) -> None:
    found = {
        who: [cohort["cohort_id"] for cohort in (await door.get("/api/cohorts", headers=headers)).json()["items"]]
        for who, headers in {"her": HER, "another": ANOTHER, "the office": {}}.items()
    }
    assert found == {"her": ["FLC-1"], "another": [], "the office": ["FLC-1", "FLC-2"]}
    answers = [await door.get(f"/api/cohorts/FLC-{number}", headers=HER) for number in (1, 2, 3)]
    assert [answer.status_code for answer in answers] == [200, 404, 404]
    assert answers[1].json()["detail"] == answers[2].json()["detail"].replace("FLC-3", "FLC-2")


@pytest.mark.usefixtures("led")
async def test_a_facilitator_sees_who_comes_and_not_who_was_asked_or_said_no(door: AsyncClient) -> None:
    seen, known = [(await door.get("/api/cohorts/FLC-1", headers=who)).json()["members"] for who in (HER, {})]
    assert [member["employee_id"] for member in seen] == ["E0"]
    assert [member["employee_id"] for member in known] == ["E0", "E1", "E2"]


@pytest.mark.usefixtures("led")
async def test_whoever_may_read_a_cohort_reads_what_its_members_are_called_and_no_address(door: AsyncClient) -> None:
    for who in (HER, signed_in("auditor"), {}):
        answer = await door.get("/api/cohorts/FLC-1", headers=who)
        [member] = [each for each in answer.json()["members"] if each["employee_id"] == "E0"]
        assert [member[each] for each in ("name", "unit_id", "unit")] == ["Åsa Öberg", "D0", "Department 0"]
        assert "@" not in answer.text


@pytest.mark.usefixtures("led")
async def test_a_facilitator_records_attendance_in_her_own_cohort_only(office: Office, door: AsyncClient) -> None:
    await office.service.advance_to((await office.cohort()).sessions[0].ends_at)
    body = {"attended": ["E0"]}
    assert (await door.post(ATTENDANCE, json=body, headers=ANOTHER)).status_code == 404
    recorded = await door.post(ATTENDANCE, json=body, headers=HER)
    assert (recorded.status_code, recorded.json()["sessions"][0]["attended"]) == (200, ["E0"])
    assert [member["employee_id"] for member in recorded.json()["members"]] == ["E0"]


@pytest.mark.usefixtures("led")
async def test_every_other_address_is_closed_to_a_facilitator(door: AsyncClient) -> None:
    """Whatever is added to the API is closed to her until it is added here, too."""
    hers = {
        ("get", "/api/cohorts"),
        ("get", "/api/cohorts/{cohort_id}"),
        ("post", "/api/cohorts/{cohort_id}/sessions/{session_id}/attendance"),
    }
    paths = (await door.get("/openapi.json")).json()["paths"]
    asked = {(method, path) for path, methods in paths.items() for method in methods}
    names = {"cohort_id": "FLC-1", "session_id": "FLC-1:M1", "code": "FLC", "employee_id": "E0", "place_id": "FLC:E0:1"}
    open_to_her = set()
    for method, path in sorted(asked - hers):
        address = path
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            address = address.replace(f"{{{name}}}", names.get(name, "1"))
        answer = await door.request(method, address, headers=HER, json={} if method in {"post", "put"} else None)
        if answer.status_code != 403:
            open_to_her.add((method, path, answer.status_code))
    assert open_to_her == set()
    assert hers <= asked
