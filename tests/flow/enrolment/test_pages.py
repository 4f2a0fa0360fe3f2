"""The pages behind signed links: whom they show what, what their buttons do, and that looking changes nothing."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from httpx import AsyncClient, Response

from services.enrolment.commands import approvals
from shared.events.enrolment import PlaceApprovalRequested, PlaceOffered
from shared.events.hr import EmployeeChanged, EmployeeLeft
from tests.flow.enrolment.conftest import LINKS
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import hr_says

EVERYBODY: dict[str, Any] = {"min": 1, "max_share_per_department": 1.0}
LATE = datetime(2026, 9, 12, 8, tzinfo=UTC)
"""After the deadline of an offer that was made at the beginning."""


def asa(version: int = 1, **changes: Any) -> EmployeeChanged:
    return hr_says("ASA", version, **({"manager_id": "EVA", "family_name": "Ek"} | changes))


def eva(version: int = 1, **changes: Any) -> EmployeeChanged:
    record = {"given_name": "Eva", "family_name": "Lind", "level": "middle", "manager_id": "BO"}
    return hr_says("EVA", version, **(record | changes))


def url(purpose: str, value: str) -> str:
    letter = {"person": "p", "team": "t", "approval": "a", "offer": "o"}[purpose]
    return f"/{letter}/{LINKS.sign(purpose, value)}"


HERS, TEAM, QUESTION = url("person", "ASA"), url("team", "EVA"), url("approval", "FLC:ASA:1|1")


async def asked(office: Office) -> None:
    """Åsa waits for Eva's answer."""
    await office.service.receives(hr_says("BO", level="senior"), eva())
    await office.publishes(approval="line_manager", group=EVERYBODY)
    await office.service.receives(asa())


async def offered(office: Office) -> str:
    """Åsa is offered a seat, with nobody's approval needed; the address where she answers."""
    await office.service.receives(eva(), asa())
    await office.publishes(group=EVERYBODY)
    await office.schedules()
    await office.composes()
    [offer] = office.service.said(PlaceOffered)
    return offer.answer_url


class Structure(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = [value for name, value in attrs if name in ("href", "src", "action") and value]
        self.outside += [one for one in found if not one.startswith(("/", "#", "https://ledarskap.example/"))]


def words(page: Response) -> str:
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.text, flags=re.DOTALL).split())


async def everything(office: Office) -> dict[str, list[Any]]:
    database = office.service.delivery.database
    names = sorted(await database.list_collection_names())
    return {name: await database[name].find().sort("_id").to_list(None) for name in names}


async def test_looking_a_thousand_times_changes_nothing(office: Office, door: AsyncClient) -> None:
    await asked(office)
    before = await everything(office)
    for _ in range(250):
        for address in (HERS, TEAM, QUESTION, url("offer", "FLC:ASA:1|1")):
            await door.get(address)
    assert await everything(office) == before


@pytest.mark.parametrize("address", [HERS, TEAM, QUESTION])
@pytest.mark.parametrize("language", ["sv", "en"])
async def test_a_page_has_one_heading_its_language_and_loads_nothing(
    office: Office, door: AsyncClient, address: str, language: str
) -> None:
    await office.service.receives(hr_says("BO"), eva(language=language))
    await office.publishes(approval="line_manager", group=EVERYBODY)
    await office.service.receives(asa(language=language))
    page = await door.get(address)
    made_of = Structure(page.text)
    assert (page.status_code, page.headers["content-language"]) == (200, language)
    assert (made_of.tags.count("h1"), made_of.outside) == (1, [])
    assert not {"script", "img", "link", "iframe"} & set(made_of.tags)
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_the_question_says_who_which_programme_and_why(office: Office, door: AsyncClient) -> None:
    await asked(office)
    said = words(await door.get(QUESTION))
    for fact in ("Kan Åsa Ek delta?", "Ny som chef", "den som är ny i sin roll", "tisdag 8 september 2026", "9 timmar"):
        assert fact in said


async def test_a_manager_says_yes_with_a_note_for_the_office(office: Office, door: AsyncClient) -> None:
    await asked(office)
    page = await door.post(QUESTION, data={"answer": "approve", "note": "Gärna i höst"})
    approval = (await office.place("ASA")).approval
    assert (page.status_code, "svaret är ja" in words(page)) == (200, True)
    assert approval
    assert (approval.state, approval.decided_by, approval.note) == ("approved", "EVA", "Gärna i höst")


async def test_a_manager_says_not_now(office: Office, door: AsyncClient) -> None:
    await asked(office)
    page = await door.post(QUESTION, data={"answer": "refuse"})
    assert (page.status_code, (await office.place("ASA")).state) == (200, "withdrawn")


async def test_a_question_that_went_on_to_somebody_else_is_kindly_closed_and_names_nobody(
    office: Office, door: AsyncClient
) -> None:
    await asked(office)
    await office.service.receives(eva(2, absent={"from": "2026-08-20", "to": None}))
    await office.service.delivery.run(lambda tx: approvals.approver_changed(tx, "EVA"))
    page = await door.post(QUESTION, data={"answer": "refuse"})
    assert (page.status_code, "Frågan är inte längre din" in words(page)) == (410, True)
    assert "Åsa" not in words(page)
    assert (await office.place("ASA")).state == "queued"


async def test_her_page_says_her_number_and_with_how_many_she_shares_it(office: Office, door: AsyncClient) -> None:
    await office.service.receives(eva(), asa(), hr_says("E1"), hr_says("E2"))
    await office.publishes(group=EVERYBODY)
    said = words(await door.get(HERS))
    assert "Nummer 1 av 3 i kön" in said
    assert "2 andra har samma nummer, och då avgör lotten" in said


async def test_her_page_says_whose_answer_she_waits_for(office: Office, door: AsyncClient) -> None:
    await asked(office)
    assert "Vi har frågat Eva Lind om det går ihop med arbetet" in words(await door.get(HERS))


async def test_her_page_says_why_somebody_else_went_first(office: Office, door: AsyncClient) -> None:
    await asked(office)
    await office.service.receives(hr_says("E1", manager_id=None))
    await office.service.delivery.run(lambda tx: approvals.decide(tx, "FLC:E1:1", by="office", approved=True))
    await office.schedules()
    await office.composes()
    assert "Vi väntar på svar på frågan om du kan delta." in words(await door.get(HERS))


async def test_her_page_leads_to_her_offer_and_shows_her_sessions_once_she_has_said_yes(
    office: Office, door: AsyncClient
) -> None:
    answer_url = await offered(office)
    assert answer_url in (await door.get(HERS)).text
    await door.post(answer_url, data={"answer": "accept"})
    assert "tisdag 20 oktober 2026 kl. 09.00–15.00" in words(await door.get(HERS))


async def test_who_was_late_stands_in_line_again_with_one_button(office: Office, door: AsyncClient) -> None:
    answer_url = await offered(office)
    await office.service.advance_to(LATE)
    late = await door.get(answer_url)
    assert (late.status_code, "Ställ mig i kön igen" in late.text) == (410, True)
    again = await door.post(answer_url, data={"answer": "ask_again"})
    assert (again.status_code, "Du står i kön igen" in words(again)) == (200, True)
    assert (await office.place("ASA", 2)).state in {"queued", "offered"}


async def test_asking_again_twice_takes_one_place(office: Office, door: AsyncClient) -> None:
    answer_url = await offered(office)
    await office.service.advance_to(LATE)
    pages = [await door.post(answer_url, data={"answer": "ask_again"}) for _ in range(2)]
    assert all("Du står i kön igen" in words(page) for page in pages)
    assert sorted(await office.states()) == ["FLC:ASA:1", "FLC:ASA:2"]


async def test_a_team_is_whom_she_leads_today_and_nobody_else(office: Office, door: AsyncClient) -> None:
    await asked(office)
    await office.service.receives(hr_says("X1", given_name="Ylva", manager_id="BO"))
    await office.service.receives(hr_says("X2", given_name="Olle", manager_id="EVA", level="none"))
    said = words(await door.get(TEAM))
    assert "Åsa Ek" in said
    assert "Olle Öberg" in said
    assert "Ylva" not in said


async def test_a_team_page_says_no_reasons_and_no_leave(office: Office, door: AsyncClient) -> None:
    await offered(office)
    await door.post(url("offer", "FLC:ASA:1|1"), data={"answer": "accept"})
    await office.service.receives(asa(2, absent={"from": "2026-08-30", "to": "2027-01-31"}))
    said = words(await door.get(TEAM))
    assert "Ny som chef: pausad" in said
    assert "ledig" not in said


async def test_a_manager_answers_on_her_teams_page(office: Office, door: AsyncClient) -> None:
    await asked(office)
    page = await door.post(TEAM, data={"act": "approve", "place_id": "FLC:ASA:1"})
    assert (page.status_code, "Ditt ja är registrerat" in words(page)) == (200, True)
    again = await door.post(TEAM, data={"act": "refuse", "place_id": "FLC:ASA:1"})
    assert (again.status_code, (await office.place("ASA")).state) == (409, "queued")


async def test_nobody_answers_about_somebody_elses_report(office: Office, door: AsyncClient) -> None:
    await asked(office)
    await office.service.receives(hr_says("ZOE", level="middle"))
    page = await door.post(url("team", "ZOE"), data={"act": "approve", "place_id": "FLC:ASA:1"})
    approval = (await office.place("ASA")).approval
    assert (page.status_code, approval and approval.state) == (409, "requested")


async def test_a_manager_names_her_own_report_and_thereby_approves(office: Office, door: AsyncClient) -> None:
    await office.service.receives(eva(), asa(level="potential"))
    audience = {"levels": ["potential"], "entry": "nominated", "appointed_within_days": None}
    await office.publishes(approval="line_manager", audience=audience)
    page = await door.post(TEAM, data={"act": "nominate", "programme": "FLC", "employee_id": "ASA"})
    place = await office.place("ASA")
    assert (page.status_code, place.nominated_by, place.reason.code) == (200, "EVA", "NominatedByManager")
    assert (place.approval and place.approval.state) == "approved"
    assert office.service.said(PlaceApprovalRequested) == []


@pytest.mark.parametrize(
    ("audience", "employee_id"), [({"nominated_by": ["office"]}, "ASA"), ({}, "OLLE"), ({}, "NOBODY")]
)
async def test_a_manager_names_nobody_whom_she_may_not(
    office: Office, door: AsyncClient, audience: dict[str, Any], employee_id: str
) -> None:
    await office.service.receives(eva(), asa(level="potential"), hr_says("OLLE", level="potential"))
    potential = {"levels": ["potential"], "entry": "nominated", "appointed_within_days": None}
    await office.publishes(audience=potential | audience)
    page = await door.post(TEAM, data={"act": "nominate", "programme": "FLC", "employee_id": employee_id})
    assert (page.status_code, await office.states()) == (409, {})


BY_MANAGER: dict[str, Any] = {"levels": ["potential"], "entry": "nominated", "nominated_by": ["line_manager"]}


async def test_where_only_line_managers_name_the_page_lists_her_reports_and_takes_the_nomination(
    office: Office, door: AsyncClient
) -> None:
    await office.service.receives(eva(), asa(level="potential"))
    await office.publishes(audience=BY_MANAGER)
    assert '<option value="ASA">Åsa Ek</option>' in (await door.get(TEAM)).text
    page = await door.post(TEAM, data={"act": "nominate", "programme": "FLC", "employee_id": "ASA"})
    assert (page.status_code, (await office.place("ASA")).reason.code) == (200, "NominatedByManager")


async def test_where_only_line_managers_name_the_office_can_do_so_for_one_but_not_itself(
    office: Office, door: AsyncClient
) -> None:
    await office.service.receives(eva(), asa(level="potential"))
    await office.publishes(audience=BY_MANAGER)
    itself = await door.post("/api/programmes/FLC/nominations", json={"employee_id": "ASA"})
    for_her = await door.post("/api/programmes/FLC/nominations", json={"employee_id": "ASA", "by": "EVA"})
    assert (itself.status_code, itself.json()["type"].rpartition("/")[2]) == (409, "not-theirs-to-name")
    assert (for_her.status_code, for_her.json()["nominated_by"]) == (201, "EVA")


async def test_nobody_is_named_for_a_programme_of_other_units_than_hers(office: Office, door: AsyncClient) -> None:
    await office.service.receives(eva(), asa(level="potential"))
    await office.publishes(audience={"levels": ["potential"], "entry": "nominated", "units": ["D1"]})
    assert "ASA" not in (await door.get(TEAM)).text
    by_office = await door.post("/api/programmes/FLC/nominations", json={"employee_id": "ASA"})
    by_manager = await door.post(TEAM, data={"act": "nominate", "programme": "FLC", "employee_id": "ASA"})
    assert (by_office.status_code, by_manager.status_code, await office.states()) == (409, 409, {})


async def test_a_team_page_names_no_report_of_a_report(office: Office, door: AsyncClient) -> None:
    await office.service.receives(hr_says("BO", level="senior"), eva(), asa(level="potential"))
    await office.publishes(audience={"levels": ["potential"], "entry": "nominated", "appointed_within_days": None})
    page = await door.post(url("team", "BO"), data={"act": "nominate", "programme": "FLC", "employee_id": "ASA"})
    assert (page.status_code, await office.states()) == (409, {})


@pytest.mark.parametrize(("address", "who"), [(HERS, "ASA"), (TEAM, "EVA")])
async def test_who_has_left_sees_a_kind_closed_page(office: Office, door: AsyncClient, address: str, who: str) -> None:
    await asked(office)
    await office.service.receives(EmployeeLeft(employee_id=who, version=2, last_day=date(2026, 8, 31)))
    page = await door.get(address)
    assert (page.status_code, "Den här sidan är stängd" in words(page)) == (410, True)
    assert "FLC" not in page.text


@pytest.mark.parametrize("letter", ["p", "t", "a"])
async def test_a_link_that_was_made_for_another_page_opens_nothing(
    office: Office, door: AsyncClient, letter: str
) -> None:
    await asked(office)
    page = await door.get(f"/{letter}/{LINKS.sign('survey', 'ASA|1')}")
    assert (page.status_code, "Länken fungerar inte" in words(page)) == (404, True)


async def test_the_office_sees_whose_answer_is_waited_for_and_answers_itself(office: Office, door: AsyncClient) -> None:
    await asked(office)
    [waiting] = (await door.get("/api/approvals")).json()["items"]
    assert (waiting["place_id"], waiting["approver_id"], waiting["asked_at"]) == (
        "FLC:ASA:1",
        "EVA",
        "2026-09-01T08:00:00Z",
    )
    done = await door.post("/api/places/FLC:ASA:1/approval", json={"approved": True, "note": "Eva sade ja"})
    assert (done.status_code, done.json()["approval"]["decided_by"]) == (200, "the office")
    assert (await door.get("/api/approvals")).json()["items"] == []
    assert (await door.post("/api/places/FLC:ASA:1/approval", json={"approved": False})).status_code == 409


async def test_the_office_names_somebody_for_her_manager_only_if_it_is_her_manager(
    office: Office, door: AsyncClient
) -> None:
    await office.service.receives(hr_says("BO"), eva(), asa(level="potential"), hr_says("ZOE"))
    await office.publishes(audience={"levels": ["potential"], "entry": "nominated", "appointed_within_days": None})
    strange = await door.post("/api/programmes/FLC/nominations", json={"employee_id": "ASA", "by": "ZOE"})
    above = await door.post("/api/programmes/FLC/nominations", json={"employee_id": "ASA", "by": "BO"})
    assert (strange.status_code, above.status_code, above.json()["nominated_by"]) == (409, 201, "BO")


async def test_the_office_is_given_the_link_to_somebodys_own_page(office: Office, door: AsyncClient) -> None:
    await asked(office)
    link = (await door.get("/api/people/ASA")).json()["page_url"]
    assert "Dina program" in words(await door.get(link))
