"""Every survey form in a real browser: nothing stands in anybody's way, with a keyboard, a phone, or without script."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.store import EvaluationTransaction
from shared.documents import Database
from tests.browser.eyes import HERE, SCHEMES, looked, missing
from tests.browser.forms import AFTERWARDS, a_town_with_every_form, served, written
from tests.flow.evaluation.every_form import KINDS, token_of
from tests.harness import Harness

WIDTHS = (360, 1280)


@pytest.fixture
async def service(database: Database) -> AsyncIterator[Harness[EvaluationTransaction]]:
    if needed := missing():
        pytest.fail(needed)
    async with a_town_with_every_form(database) as started:
        yield started


async def test_forms_and_what_comes_after_have_no_fault_that_axe_or_html_validate_can_see(
    service: Harness[EvaluationTransaction], tmp_path: Path
) -> None:
    async with served(service) as base:
        pages = await written(base, tmp_path)
    assert len(pages) == 2 * (len(KINDS) + len(AFTERWARDS))
    jobs = [
        {**page, "name": f"{page['name']}-{scheme}-{width}", "scheme": scheme, "width": width}
        for page in pages
        for scheme in SCHEMES
        for width in WIDTHS
    ]
    told = await asyncio.to_thread(looked, "check", jobs, tmp_path)
    assert {one["name"]: one["faults"] for one in told if one["faults"]} == {}
    assert len(told) == len(jobs)


async def acted(what: str, base: str, **job: object) -> dict[str, Any]:
    """What a browser saw while somebody answered."""
    process = await asyncio.create_subprocess_exec(
        str(shutil.which("node")),
        str(HERE / "answering.js"),
        what,
        json.dumps({"base": base, **job}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    seen: dict[str, Any] = json.loads(out)
    return seen


async def answers_in(database: Database, kind: str) -> list[dict[str, Any]]:
    return [row["answers"] async for row in database["responses"].find({"wave_id": f"FLC-1:{kind}"})]


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("kind", KINDS)
async def test_each_form_is_answered_to_its_end_with_the_keyboard_alone(
    service: Harness[EvaluationTransaction], kind: str, script: bool
) -> None:
    async with served(service) as base:
        seen = await acted("keyboard", base, token=token_of(kind, int(script)), script=script)
    assert seen["receipt"] == "Tack, dina svar är mottagna"
    [answers] = await answers_in(service.delivery.database, kind)
    assert None not in answers.values()
    assert seen["refused"] == []
    assert seen["unseen"] == []  # no field had the focus without being seen


async def test_what_was_filled_in_is_there_after_a_reload_and_gone_once_it_is_sent(
    service: Harness[EvaluationTransaction],
) -> None:
    async with served(service) as base:
        seen = await acted("draft", base, token=token_of("T0"), other=token_of("T0", 1))
    assert seen["reloaded"] == {"UM1": "4", "UM6": "Egna ord", "said": "Det du hade fyllt i är tillbaka."}
    assert seen["counted"] == "2 av 15 besvarade"
    assert seen["colleague"] == {"UM1": "", "UM6": ""}
    assert [token_of("T0") in key for key in seen["keys"]] == [False]
    assert seen["after_sending"] == []


async def test_a_shared_computer_keeps_nothing(service: Harness[EvaluationTransaction]) -> None:
    async with served(service) as base:
        seen = await acted("shared", base, token=token_of("T0", 2))
    assert seen == {"before": 1, "ticked": 0, "after_more": 0, "reloaded": ""}


async def test_a_draft_is_forgotten_when_its_wave_has_closed(service: Harness[EvaluationTransaction]) -> None:
    async with served(service) as base:
        seen = await acted("old", base, token=token_of("T0", 3))
    assert seen == {"old": False, "current": True}


async def test_changing_the_language_keeps_the_answers_with_script_and_without(
    service: Harness[EvaluationTransaction],
) -> None:
    async with served(service) as base:
        seen = [await acted("language", base, token=token_of("T1", 3), script=script) for script in (True, False)]
    assert seen == [{"lang": "en", "UM1": "4", "NV1": "3", "UM6": "Egna ord"}] * 2


async def test_touch_targets_are_large_and_nothing_moves(service: Harness[EvaluationTransaction]) -> None:
    async with served(service) as base:
        seen = [await acted("targets", base, token=token_of(kind), width=width) for kind in KINDS for width in WIDTHS]
    assert [one["small"] for one in seen if one["small"]] == []
    assert [one["moving"] for one in seen if one["moving"]] == []


async def test_an_error_leads_to_its_field(service: Harness[EvaluationTransaction]) -> None:
    async with served(service) as base:
        seen = await acted("error", base, token=token_of("T0", 4))
    assert seen["focus_after_sending"] == "errors"
    assert seen["focus_after_link"] == "UM6"
    assert seen["kept"] == "4"
