"""Tasks in own words are read one at a time, by somebody who does not know whose they are."""

from typing import Any

import pytest

from services.evaluation.model import Task
from shared.events.evaluation import ReleasePublished, ResultSuppressed
from tests.flow.evaluation.test_results import SEVEN
from tests.flow.evaluation.town import (
    OFFICE,
    T0_IS_CLOSED,
    T0_IS_OPEN,
    T1_IS_CLOSED,
    T1_IS_OPEN,
    T3_IS_CLOSED,
    T3_IS_OPEN,
    Town,
    confirmed,
    held,
    text_of,
)
from tests.unit.evaluation.arrange import a_schedule


async def tasks_of(town: Town, wave: str) -> None:
    for number, person in enumerate(SEVEN):
        await town.writes(person, wave, f"{wave} {number}: min förskola ger barn språk", 2 + number % 3)


async def until_t0_is_closed(town: Town, *waves: str) -> None:
    """A cohort that is asked again half a year later only, unless told otherwise."""
    await town.service.receives(a_schedule(waves=waves or ("T0", "T3")), *map(confirmed, SEVEN))
    await town.is_at(T0_IS_OPEN)
    await tasks_of(town, "T0")
    await town.is_at(T0_IS_CLOSED)


async def waiting(town: Town) -> dict[str, Any]:
    answer = await town.web.get("/api/tasks/next", headers=OFFICE)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def score(town: Town, task_id: str, points: int) -> int:
    answer = await town.web.post(f"/api/tasks/{task_id}/score", json={"score": points}, headers=OFFICE)
    return answer.status_code


async def read_all(town: Town) -> list[str]:
    """Everything that waits, in the order in which it comes."""
    texts = []
    while task := (await waiting(town))["task"]:
        texts.append(task["text"])
        wave, number = task["text"].split(":")[0].split(" ")
        assert await score(town, task["task_id"], int(number) % 3 + (wave == "T1")) == 200
    return texts


async def test_nothing_is_read_while_it_can_still_be_answered(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    await tasks_of(town, "T0")
    assert await waiting(town) == {"task": None, "left": None}
    [task, *_] = (await town.stored())["tasks"]
    assert await score(town, str(task["_id"]), 2) == 404


async def test_a_reader_sees_one_text_and_nothing_about_its_writer_wave_or_group(town: Town) -> None:
    await until_t0_is_closed(town)
    found = await waiting(town)
    assert set(found["task"]) == {"task_id", "question", "text", "criteria"}
    assert found["left"] == 7
    page = await town.web.get("/tasks", headers=OFFICE)
    for shown in (str(found), page.text):
        assert not any(known in shown for known in (*SEVEN, "FLC", "2026", "T0:", "employee", "wave"))
    assert page.text.count("<blockquote>") == 1


async def test_the_next_text_stays_the_next_until_it_has_been_scored(town: Town) -> None:
    await until_t0_is_closed(town)
    first, again = await waiting(town), await waiting(town)
    assert first == again
    assert await score(town, first["task"]["task_id"], 2) == 200
    assert (await waiting(town))["task"] != first["task"]


async def test_texts_from_before_wait_for_those_from_after_and_come_among_them_by_random_ids(town: Town) -> None:
    await until_t0_is_closed(town, "T0", "T1")
    assert (await waiting(town))["task"] is None
    await town.service.receives(held(*SEVEN))
    await town.is_at(T1_IS_OPEN)
    await tasks_of(town, "T1")
    await town.is_at(T1_IS_CLOSED)
    by_id = sorted((await town.stored())["tasks"], key=lambda row: str(row["_id"]))
    assert await read_all(town) == [row["text"] for row in by_id]


async def test_the_first_score_counts(town: Town) -> None:
    await until_t0_is_closed(town)
    task_id = (await waiting(town))["task"]["task_id"]
    assert [await score(town, task_id, points) for points in (2, 2, 3)] == [200, 200, 409]
    assert {row["score"] for row in (await town.stored())["tasks"] if row["_id"] == task_id} == {2}


@pytest.mark.parametrize("points", [-1, 4])
async def test_a_score_that_does_not_exist_is_refused_with_those_that_do(town: Town, points: int) -> None:
    await until_t0_is_closed(town)
    task_id = (await waiting(town))["task"]["task_id"]
    answer = await town.web.post(f"/api/tasks/{task_id}/score", json={"score": points}, headers=OFFICE)
    assert (answer.status_code, "0, 1, 2 or 3" in answer.json()["detail"]) == (422, True)


async def test_the_page_saves_a_score_and_shows_the_next_text(town: Town) -> None:
    await until_t0_is_closed(town)
    task = (await waiting(town))["task"]
    answer = await town.web.post(f"/tasks/{task['task_id']}", data={"score": "3"}, headers=OFFICE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/tasks?lang=sv")
    page = text_of(await town.web.get("/tasks?lang=en", headers=OFFICE))
    assert task["text"] not in page
    assert "6 texts are waiting" in page


async def test_texts_are_for_the_office_only(town: Town) -> None:
    for path in ("/tasks", "/api/tasks/next"):
        assert (await town.web.get(path)).status_code == 401


async def test_scores_come_with_the_next_release_and_until_then_it_is_said_that_they_wait(town: Town) -> None:
    await until_t0_is_closed(town, "T0", "T1", "T3")
    await town.service.receives(held(*SEVEN))
    await town.is_at(T1_IS_OPEN)
    await tasks_of(town, "T1")
    await town.is_at(T1_IS_CLOSED)
    assert ("UM.task", "not_scored") in {(e.indicator, e.reason) for e in town.service.said(ResultSuppressed)}
    await read_all(town)
    await town.is_at(T3_IS_OPEN)
    await town.answers(SEVEN[0], "T3")
    await town.is_at(T3_IS_CLOSED)
    told = {(f.indicator, f.wave): f for one in town.service.said(ReleasePublished) for f in one.figures}
    assert (told["UM.task_change", "T1"].n, told["UM.task_change", "T1"].value) == (7, 33.3)


async def test_no_text_and_no_reader_is_copied_into_the_audit_log(town: Town) -> None:
    await until_t0_is_closed(town)
    await read_all(town)
    stored = await town.stored()
    assert stored["audit"] == []
    assert all(Task.model_validate(row).score is not None for row in stored["tasks"])
