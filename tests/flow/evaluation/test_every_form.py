"""Every kind of form says truthfully who can know what, and is taken in together with others."""

import asyncio
import re

import httpx
import pytest
from pymongo.errors import PyMongoError

from services.evaluation.intake import Intake
from services.evaluation.model import Submission
from shared.delivery import Delivery, Done
from tests.flow.evaluation.every_form import KINDS, LINKS_EACH, open_all, token_of
from tests.flow.evaluation.town import Town, text_of

ANONYMOUS = ("P", "employees")
CONFIDENTIAL = tuple(kind for kind in KINDS if kind not in ANONYMOUS)


@pytest.fixture
async def everything(town: Town) -> Town:
    """A town in which one wave of every kind is open."""
    await town.service.delivery.run(open_all)
    return town


async def form_and_receipt(town: Town, kind: str, lang: str) -> tuple[str, str]:
    link, sent = f"/s/{token_of(kind)}", {"TR1": "3", "UM1": "3", "RX1": "3", "BE1": "3"}
    form = await town.web.get(link, params={"lang": lang})
    return text_of(form), text_of(await town.web.post(link, params={"lang": lang}, data=sent))


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("kind", CONFIDENTIAL)
async def test_whoever_can_be_joined_to_her_other_answers_is_never_told_that_she_is_anonymous(
    everything: Town, kind: str, lang: str
) -> None:
    form, receipt = await form_and_receipt(everything, kind, lang)
    word, key = ("konfidentiella", "nyckel") if lang == "sv" else ("confidential", "key")
    assert (word in form, key in form, word in receipt) == (True, True, True)
    assert re.search("är anonyma|are anonymous", form + receipt) is None
    row = await everything.database["responses"].find_one({"wave_id": f"FLC-1:{kind}"})
    assert row is not None
    assert row["link"]


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("kind", ANONYMOUS)
async def test_whoever_is_told_that_she_is_anonymous_has_no_key_and_is_told_what_is_kept_all_the_same(
    everything: Town, kind: str, lang: str
) -> None:
    form, receipt = await form_and_receipt(everything, kind, lang)
    word, kept = ("anonyma", "att du har svarat") if lang == "sv" else ("anonymous", "that you have answered")
    assert (word in form, kept in form, word in receipt, kept in receipt) == (True, True, True, True)
    assert re.search("konfidenti|confidential", form + receipt) is None
    row = await everything.database["responses"].find_one({"wave_id": f"FLC-1:{kind}"})
    assert row is not None
    assert row["link"] is None


async def test_employees_are_told_whom_the_questions_are_about_without_a_name(everything: Town) -> None:
    form, _ = await form_and_receipt(everything, "employees", "sv")
    assert "Frågor om din närmaste chef" in form
    assert "den som var din närmaste chef när du fick länken" in form
    assert "Ny som chef" not in form


@pytest.mark.parametrize(("kind", "read"), [("T1", True), ("P", True), ("T2", False), ("employees", False)])
async def test_a_receipt_says_who_reads_own_words_where_there_are_any(everything: Town, kind: str, read: bool) -> None:
    _, receipt = await form_and_receipt(everything, kind, "sv")
    assert ("med egna ord" in receipt) is read
    assert ("Tidigast fredag 20 november" in receipt) is (kind != "employees")


async def test_a_result_before_the_programme_is_promised_together_with_the_one_after(everything: Town) -> None:
    _, receipt = await form_and_receipt(everything, "T0", "sv")
    assert "Tillsammans med svaren efter programmet" in receipt


async def test_nobody_is_asked_how_many_more_people_she_has_met_than_there_are(everything: Town) -> None:
    page = (await everything.web.get(f"/s/{token_of('T1')}")).text
    [choices] = re.findall('<select id="NV1".*?</select>', page, re.DOTALL)
    assert re.findall('value="([^"]*)"', choices) == ["", *map(str, range(14)), "unknown"]


async def test_forms_that_come_together_share_a_transaction_and_each_gets_its_own_verdict(everything: Town) -> None:
    links = [f"/s/{token_of('T2', number)}" for number in range(LINKS_EACH)]
    sent: list[dict[str, str]] = [{"TR1": "4"}, {}, {"TR1": "9"}, *([{"TR1": "2"}] * (LINKS_EACH - 3))]
    got: list[httpx.Response] = await asyncio.gather(
        *(everything.web.post(link, data=data) for link, data in zip(links, sent, strict=True)),
        everything.web.post("/s/nobody", data={"TR1": "1"}),
    )
    assert [one.status_code for one in got] == [200, 422, 422, *([200] * (LINKS_EACH - 3)), 404]
    kept = [row["answers"]["TR1"] async for row in everything.database["responses"].find()]
    assert sorted(kept) == [2] * (LINKS_EACH - 3) + [4]


class _BrokenDelivery(Delivery):  # type: ignore[type-arg]
    """Of the database that is away for one group."""

    def __init__(self) -> None:
        self.groups = 0

    async def run_together(self, works: object) -> list[Done]:
        self.groups += 1
        await asyncio.sleep(0)
        return [Done(error=PyMongoError("away")) for _ in works]  # type: ignore[attr-defined]


async def test_whoever_sends_while_the_database_is_away_is_not_thanked_and_the_next_one_is_tried(town: Town) -> None:
    delivery = _BrokenDelivery()
    intake = Intake(delivery)
    told = await asyncio.gather(*(intake.take("token", {"TR1": "1"}) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in told] == [PyMongoError] * 3
    with pytest.raises(PyMongoError):
        await intake.take("token", {"TR1": "1"})
    assert delivery.groups > 1


async def test_an_intake_takes_a_form_once_though_its_sender_presses_twice(everything: Town) -> None:
    intake = Intake(everything.service.delivery)
    both = await asyncio.gather(*(intake.take(token_of("T2"), {"TR1": "1"}) for _ in range(2)))
    assert sorted(one.verdict for one in both) == [Submission.accepted, Submission.already_answered]
