"""A one-time link: any number of looks, one finished answer, a kind word for everything else."""

import asyncio
import base64
import hashlib
import logging
import re

import pytest

from services.evaluation import form, pseudonyms
from services.evaluation.commands import answering
from services.evaluation.model import Answers, Submission
from services.evaluation.store import EvaluationTransaction
from tests.flow.evaluation.town import T0_IS_CLOSED, T0_IS_OPEN, T1_IS_OPEN, Town, held, text_of


@pytest.fixture
async def link(town: Town) -> str:
    """E1's link to the open first wave."""
    await town.has_a_cohort_of("E1", "E2")
    await town.is_at(T0_IS_OPEN)
    return town.links("T0")["E1"]


async def test_looking_at_the_form_any_number_of_times_spends_nothing(town: Town, link: str) -> None:
    before = await town.stored()
    for method in ("GET", "HEAD", "GET"):
        assert (await town.web.request(method, link)).status_code == 200
    assert await town.stored() == before


async def test_a_finished_form_is_taken_and_told_to_be_confidential(town: Town, link: str) -> None:
    receipt = await town.web.post(link, data={"UM1": "4", "UM2": "5", "UM3": "", "UM5": "2"})
    assert receipt.status_code == 200
    assert "konfidentiella" in text_of(receipt)
    [response] = (await town.stored())["responses"]
    assert response["answers"] == {"LU1": None, "LU2": None, "LU3": None} | {
        "UM1": 4,
        "UM2": 5,
        "UM3": None,
        "UM4": None,
        "UM5": 2,
    }


async def test_an_empty_form_is_refused_kindly_and_the_link_still_works(town: Town, link: str) -> None:
    refused = await town.web.post(link)
    assert refused.status_code == 422
    assert "minst en fråga" in text_of(refused)
    assert "<form" in refused.text
    assert (await town.answers("E1", "T0")).status_code == 200


async def test_a_form_with_only_dont_knows_is_not_an_answer(town: Town, link: str) -> None:
    assert (await town.web.post(link, data=dict.fromkeys(["UM1", "UM2"], ""))).status_code == 422
    assert (await town.stored())["responses"] == []


@pytest.mark.parametrize("value", ["6", "0", "-1", "4.0", "fyra", "٣"])
async def test_an_answer_that_the_form_does_not_offer_is_refused_and_the_rest_is_kept_on_the_page(
    town: Town, link: str, value: str
) -> None:
    refused = await town.web.post(link, data={"UM1": value, "UM2": "5"})
    assert refused.status_code == 422
    assert 'name="UM2" value="5" checked' in refused.text
    assert (await town.stored())["responses"] == []


async def test_fields_that_are_not_questions_are_not_kept(town: Town, link: str) -> None:
    await town.web.post(link, data={"UM1": "4", "name": "Åsa", "lang": "en"})
    [response] = (await town.stored())["responses"]
    assert set(response["answers"]) == {"UM1", "UM2", "UM3", "UM4", "UM5", "LU1", "LU2", "LU3"}  # type: ignore[call-overload]


async def test_a_second_answer_is_thanked_and_not_kept(town: Town, link: str) -> None:
    await town.answers("E1", "T0", 2)
    second = await town.answers("E1", "T0", 5)
    assert second.status_code == 409
    assert "redan svarat" in text_of(second)
    assert len((await town.stored())["responses"]) == 1


async def test_looking_again_after_answering_says_so(town: Town, link: str) -> None:
    await town.answers("E1", "T0")
    again = await town.web.get(link)
    assert (again.status_code, "redan svarat" in text_of(again)) == (200, True)


async def test_two_answers_at_the_same_moment_leave_one(town: Town, link: str) -> None:
    answers = await asyncio.gather(*(town.answers("E1", "T0", value) for value in (1, 2, 3, 4, 5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert len((await town.stored())["responses"]) == 1


async def test_a_form_that_comes_after_the_close_is_told_kindly(town: Town, link: str) -> None:
    await town.is_at(T0_IS_CLOSED)
    late = await town.answers("E1", "T0")
    assert late.status_code == 410
    assert "Tiden att svara är slut" in text_of(late)
    assert (await town.stored())["responses"] == []


async def test_a_form_that_meets_the_close_is_not_thanked_and_left_out_of_the_result(town: Town, link: str) -> None:
    """It was judged before the close and would be committed after it, when the responses have been counted."""
    judged, wave_has_closed = asyncio.Event(), asyncio.Event()

    async def submit_slowly(tx: EvaluationTransaction) -> Submission:
        verdict = await answering.submit(link.removeprefix("/s/"), Answers(numbers={"UM1": 4}), tx)
        judged.set()
        await wave_has_closed.wait()
        return verdict

    sent = asyncio.create_task(town.service.delivery.run(submit_slowly))
    await judged.wait()
    await town.is_at(T0_IS_CLOSED)
    wave_has_closed.set()
    assert await sent is Submission.closed
    assert (await town.stored())["responses"] == []


@pytest.mark.parametrize("token", ["x" * 22, "short", "å" * 22, "a" * 500, "%00"])
async def test_an_unknown_link_says_what_to_do(town: Town, token: str) -> None:
    for answer in (await town.web.get(f"/s/{token}"), await town.web.post(f"/s/{token}", data={"UM1": "4"})):
        assert answer.status_code == 404
        assert "hela länken" in text_of(answer)


async def test_the_form_can_be_read_in_english(town: Town, link: str) -> None:
    page = await town.web.get(link, params={"lang": "en"})
    assert 'lang="en"' in page.text
    assert "I can explain in my own words" in text_of(page)
    assert 'action="?lang=en"' in page.text


async def test_the_language_of_an_answer_is_not_kept(town: Town, link: str) -> None:
    await town.web.post(f"{link}?lang=en", data={"UM1": "4"})
    [response] = (await town.stored())["responses"]
    assert set(response) == {"_id", "wave_id", "cohort_id", "link", "group", "answers"}


async def test_the_form_has_a_legend_for_each_question(town: Town, link: str) -> None:
    page = await town.web.get(link)
    assert page.text.count("<fieldset") == page.text.count("<legend>") == 8
    assert page.text.count('type="radio"') == 8 * 6
    assert page.text.count("<textarea") == page.text.count('<label for="UM6">') == 1
    assert "Fråga 9 av 9" in text_of(page)
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_the_form_runs_one_script_that_is_named_by_its_hash_and_may_load_nothing(town: Town, link: str) -> None:
    page = await town.web.get(link)
    [script] = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


async def test_no_page_holds_the_token_nor_the_name_of_its_invitation(town: Town, link: str) -> None:
    """A page is saved, printed and photographed, and a browser keeps drafts under a name."""
    token = link.removeprefix("/s/")
    pages = [await town.web.get(link), await town.web.post(link), await town.answers("E1", "T0")]
    for page in pages:
        assert "data-draft" in page.text or "data-forget" in page.text
        assert token not in page.text
        assert pseudonyms.hash_of(token) not in page.text


async def test_two_links_to_one_wave_keep_their_drafts_apart(town: Town, link: str) -> None:
    drafts = [
        re.findall('data-draft="([0-9a-f]+)"', (await town.web.get(town.links("T0")[who])).text) for who in ("E1", "E2")
    ]
    assert drafts[0] != drafts[1]


async def test_changing_the_language_keeps_what_was_filled_in_and_stores_nothing(town: Town, link: str) -> None:
    before = await town.stored()
    page = await town.web.post(
        f"{link}?lang=en", data={"UM1": "4", "UM2": "unknown", "UM6": "Vi <3", "step": "language"}
    )
    assert page.status_code == 200
    assert 'lang="en"' in page.text
    assert 'name="UM1" value="4" checked' in page.text
    assert 'name="UM2" value="unknown" checked' in page.text
    assert "Vi &lt;3</textarea>" in page.text
    assert await town.stored() == before


async def test_what_is_left_can_be_asked_for_and_leads_to_each_question(town: Town, link: str) -> None:
    before = await town.stored()
    page = await town.web.post(link, data={"UM1": "4", "UM2": "unknown", "step": "check"})
    assert page.status_code == 200
    assert "2 av 9 besvarade" in text_of(page)
    left = re.findall('<a href="#([A-Z0-9]+)">Fråga', page.text)
    assert left == ["UM3", "UM4", "UM5", "UM6", "LU1", "LU2", "LU3"]
    assert all(f'id="{item}"' in page.text for item in left)
    assert await town.stored() == before


async def test_the_first_button_of_the_form_sends_nothing(town: Town, link: str) -> None:
    """It is the one that a browser presses when somebody hits Enter among the answers."""
    page = await town.web.get(link)
    assert re.findall('<button[^>]*value="([a-z]+)"', page.text) == ["check", "language", "send"]


async def test_every_fault_is_listed_with_a_way_to_its_field(town: Town, link: str) -> None:
    page = await town.web.post(link, data={"UM1": "9", "UM2": "3", "UM6": "å" * 2001})
    assert page.status_code == 422
    assert "<title>Fel: " in page.text
    assert re.findall('<li><a href="#([A-Z0-9]+)">', page.text) == ["UM1", "UM6"]
    assert 'aria-describedby="UM6-fault UM6-hint UM6-left" aria-invalid="true"' in page.text
    assert "å" * 2001 in page.text


async def test_a_text_is_as_long_as_its_writer_was_told(town: Town, link: str) -> None:
    """A browser counts a line break as one character and sends it as two."""
    text = ("x" * 99 + "\r\n") * 20
    assert len(text) > form.LONGEST_TEXT
    assert (await town.web.post(link, data={"UM6": text})).status_code == 200
    [task] = (await town.stored())["tasks"]
    assert task["text"] == text.replace("\r\n", "\n").strip()


async def test_a_thousand_looks_change_nothing(town: Town, link: str) -> None:
    before = await town.stored()
    for number in range(500):
        headers = {"Sec-Purpose": "prefetch"} if number % 2 else {}
        assert (await town.web.get(link, headers=headers)).status_code == 200
        assert (await town.web.head(link, headers=headers)).status_code == 200
    assert await town.stored() == before
    assert (await town.answers("E1", "T0")).status_code == 200


@pytest.mark.parametrize("fields", [{}, {"step": "send"}, {"shared": "yes"}, {"UM1": "", "UM6": " \n "}, {"x": "1"}])
async def test_a_scanner_that_presses_the_button_spends_nothing(town: Town, link: str, fields: dict[str, str]) -> None:
    assert (await town.web.post(link, data=fields)).status_code == 422
    assert (await town.stored())["responses"] == []
    assert (await town.answers("E1", "T0")).status_code == 200


async def test_what_a_door_says_of_a_link_in_the_log_does_not_hold_it(
    town: Town, link: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").disabled = True  # the one who visits, not the door
    await town.web.get(link)
    await town.web.post(link)
    await town.answers("E1", "T0")
    await town.web.request("DELETE", link)
    said = capsys.readouterr()
    token = link.removeprefix("/s/")
    assert caplog.records  # the database's driver tells of each command: the test would see what it looks for
    assert [line for line in (said.out + said.err + caplog.text).splitlines() if token in line] == []


async def test_the_last_wave_asks_about_the_programme_too(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_IS_CLOSED)
    await town.service.receives(held("E1"))
    await town.is_at(T1_IS_OPEN)
    page = await town.web.get(town.links("T1")["E1"])
    assert page.text.count("<fieldset") == 5 + 5 + 3 + 8
    assert "Jag kände gemenskap i gruppen." in text_of(page)
