"""What people wrote reaches the report only through a person at the office, and leaves no trace of who wrote it."""

from typing import Any

import pytest

from tests.flow.evaluation.test_results import a_year_of
from tests.flow.evaluation.town import AUDITOR, OFFICE, T0_IS_CLOSED, T1_IS_OPEN, Town, held, text_of

NINE = tuple(f"E{number}" for number in range(1, 10))
QUESTION = "/results/FLC-1/comments/FLC-1%3AT1/RX9"
FORM = {**OFFICE, "Accept": "text/html"}


async def written_by(town: Town, count: int) -> list[str]:
    """A cohort of nine has ended, and so many have written something; the ids of their comments."""
    town.words = {person: {"RX9": f"Behåll samtalen {number}"} for number, person in enumerate(NINE[:count])}
    await a_year_of(town, *NINE)
    return [str(row["_id"]) for row in (await town.stored())["comments"]]


async def decides(town: Town, comment: str, **form: str) -> int:
    """The office presses a button."""
    return (await town.web.post(f"{QUESTION}/{comment}", data=form, headers=FORM)).status_code


async def reads_all(town: Town, ids: list[str], withheld: int = 1) -> None:
    """The office has read all, and withheld the first so many."""
    for number, comment in enumerate(ids):
        withhold = number < withheld
        assert await decides(town, comment, act="withhold" if withhold else "release", reason="names") == 303


async def publishes(town: Town) -> int:
    """The office publishes the question."""
    return (await town.web.post(f"{QUESTION}/publish", headers=FORM)).status_code


async def text_by_id(town: Town, comment: str) -> str:
    """What somebody wrote."""
    return next(str(row["text"]) for row in (await town.stored())["comments"] if row["_id"] == comment)


async def test_seven_comments_are_read_by_nobody(town: Town) -> None:
    await written_by(town, 7)
    page = await town.web.get("/results/FLC-1/comments", headers=OFFICE)
    assert "minst 8 har skrivit" in text_of(page)
    assert (await town.web.get(QUESTION, headers=OFFICE)).status_code == 404


async def test_nothing_can_be_read_while_the_wave_is_open(town: Town) -> None:
    town.words = {person: {"RX9": "Behåll"} for person in NINE}
    await town.has_a_cohort_of(*NINE)
    await town.is_at(T0_IS_CLOSED)
    await town.service.receives(held(*NINE))
    await town.is_at(T1_IS_OPEN)
    for person in NINE:
        await town.answers(person, "T1")
    assert len((await town.stored())["comments"]) == 9
    assert (await town.web.get(QUESTION, headers=OFFICE)).status_code == 404


async def test_the_office_reads_each_comment_and_no_date_and_no_person(town: Town) -> None:
    await written_by(town, 8)
    page = await town.web.get(QUESTION, headers=OFFICE)
    said = text_of(page)
    assert [number for number in range(8) if f"Behåll samtalen {number}" not in said] == []
    assert "Kommentar 8 av 8" in said
    assert "2027" not in said


async def test_comments_show_in_the_report_only_when_they_are_published(town: Town) -> None:
    ids = await written_by(town, 9)
    await reads_all(town, ids)
    before = text_of(await town.web.get("/results/FLC-1", headers=OFFICE))
    assert await publishes(town) == 303
    after = text_of(await town.web.get("/results/FLC-1", headers=OFFICE))
    assert ("Behåll samtalen" in before, after.count("Behåll samtalen")) == (False, 8)
    assert await text_by_id(town, ids[0]) not in after


async def test_withholding_needs_a_reason(town: Town) -> None:
    ids = await written_by(town, 9)
    assert await decides(town, ids[0], act="withhold", reason="") == 422
    assert (await town.stored()).get("readings", []) == []


async def test_nothing_is_published_before_everything_is_read(town: Town) -> None:
    ids = await written_by(town, 9)
    await reads_all(town, ids[:8])
    assert await publishes(town) == 409
    assert "Behåll samtalen" not in text_of(await town.web.get("/results/FLC-1", headers=OFFICE))


async def test_a_decision_can_be_changed_until_it_is_published_and_not_after(town: Town) -> None:
    ids = await written_by(town, 9)
    await reads_all(town, ids)
    assert await decides(town, ids[0], act="release") == 303
    await publishes(town)
    assert await decides(town, ids[0], act="withhold", reason="names") == 409
    assert text_of(await town.web.get("/results/FLC-1", headers=OFFICE)).count("Behåll samtalen") == 9


async def test_publishing_twice_publishes_once(town: Town) -> None:
    ids = await written_by(town, 9)
    await reads_all(town, ids)
    assert (await publishes(town), await publishes(town)) == (303, 303)
    assert len((await town.stored())["published_comments"]) == 1


async def test_the_audit_log_knows_who_decided_and_nothing_of_what_was_written(town: Town) -> None:
    ids = await written_by(town, 9)
    await reads_all(town, ids)
    await publishes(town)
    entries = (await town.stored())["audit"]
    assert {(entry["who"], entry["what"]) for entry in entries} == {
        ("Office", "comment.withhold"),
        ("Office", "comment.release"),
        ("Office", "comments.publish"),
    }
    assert "samtalen" not in str(entries)


async def test_no_message_tells_of_comments(town: Town) -> None:
    ids = await written_by(town, 9)
    said_before = len(town.service.announced)
    await reads_all(town, ids)
    await publishes(town)
    assert len(town.service.announced) == said_before
    assert "samtalen" not in str(town.service.announced)


@pytest.mark.parametrize("ending", ["json", "csv", "xlsx"])
async def test_comments_are_in_no_file_of_figures(town: Town, ending: str) -> None:
    ids = await written_by(town, 9)
    await reads_all(town, ids)
    await publishes(town)
    file: Any = await town.web.get(f"/results/FLC-1.{ending}", headers=OFFICE)
    assert file.status_code == 200
    assert b"samtalen" not in file.content


async def test_comments_are_for_the_office_alone(town: Town) -> None:
    await written_by(town, 9)
    assert (await town.web.get(QUESTION, headers=AUDITOR)).status_code == 403
    assert (await town.web.get("/results/FLC-1/comments", headers=AUDITOR)).status_code == 403
    assert (await town.web.get("/results/FLC-1", headers=AUDITOR)).status_code == 200


async def test_a_form_on_another_site_decides_nothing(town: Town) -> None:
    ids = await written_by(town, 9)
    from_elsewhere = {**FORM, "Sec-Fetch-Site": "cross-site"}
    answer = await town.web.post(f"{QUESTION}/{ids[0]}", data={"act": "release"}, headers=from_elsewhere)
    assert answer.status_code == 403


async def test_what_people_wrote_is_never_markup(town: Town) -> None:
    town.words = {person: {"RX9": "<script>alert(1)</script>"} for person in NINE}
    await a_year_of(town, *NINE)
    assert "<script>" not in (await town.web.get(QUESTION, headers=OFFICE)).text
