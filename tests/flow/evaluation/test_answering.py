"""A one-time link: any number of looks, one finished answer, a kind word for everything else."""

import asyncio

import pytest

from services.evaluation import commands
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
        verdict = await commands.submit(link.removeprefix("/s/"), Answers(numbers={"UM1": 4}), tx)
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


async def test_the_form_has_a_legend_for_each_question_and_no_script(town: Town, link: str) -> None:
    page = await town.web.get(link)
    assert page.text.count("<fieldset>") == page.text.count("<legend>") == 8
    assert page.text.count('type="radio"') == 8 * 6
    assert page.text.count("<textarea") == page.text.count('<label for="UM6">') == 1
    assert "Fråga 9 av 9" in text_of(page)
    assert "<script" not in page.text
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_the_last_wave_asks_about_the_programme_too(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_IS_CLOSED)
    await town.service.receives(held("E1"))
    await town.is_at(T1_IS_OPEN)
    page = await town.web.get(town.links("T1")["E1"])
    assert page.text.count("<fieldset>") == 5 + 5 + 3 + 8
    assert "Jag kände gemenskap i gruppen." in text_of(page)
