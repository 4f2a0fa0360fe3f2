"""Whom a programme file is for, told before it is switched on."""

from typing import Any

from httpx import AsyncClient

from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import FLC, hr_says

WIDER = FLC.replace("levels: [first_line]", "levels: [first_line, middle]")


async def matched(door: AsyncClient, content: str = FLC, **params: int) -> dict[str, Any]:
    answer = await door.post("/api/programmes", content=content, params={"preview": "true", **params})
    return dict(answer.json()["matched"])


async def test_a_file_that_changes_nothing_tells_how_many_it_is_for_and_where_they_stand(
    office: Office, door: AsyncClient
) -> None:
    one, other, *_ = await office.group(6)
    await office.answers(one, "accept")
    await office.answers(other, "decline")
    told = await matched(door)
    assert (told["count"], told["new"]) == (6, 0)
    assert told["states"] == {"confirmed": 1, "declined": 1, "offered": 3, "queued": 1}
    assert {each["employee_id"]: each["state"] for each in told["people"]}[other] == "declined"


async def test_a_wider_rule_tells_first_who_is_new_and_who_of_all_is_away(office: Office, door: AsyncClient) -> None:
    await office.staff(1)
    await office.publishes()
    away = {"from": "2026-08-01", "to": "2026-12-31"}
    await office.service.receives(hr_says("M1", level="middle", absent=away), hr_says("S1", level="senior"))
    told = await matched(door, WIDER)
    assert [told[each] for each in ("count", "new", "away", "states")] == [2, 1, 1, {"queued": 1}]
    assert [(each["employee_id"], each["new"], each["away"]) for each in told["people"]] == [
        ("M1", True, True),
        ("E0", False, False),
    ]
    assert (await matched(door))["count"] == 1


async def test_all_are_counted_and_as_many_named_as_are_asked_for(office: Office, door: AsyncClient) -> None:
    await office.staff(3)
    told = await matched(door, names=1)
    assert (told["count"], [each["employee_id"] for each in told["people"]]) == (3, ["E0"])


async def test_a_programme_for_those_who_are_named_tells_who_could_be(office: Office, door: AsyncClient) -> None:
    await office.staff(2)
    told = await matched(door, FLC.replace("entry: automatic", "entry: nominated"))
    assert (told["count"], told["new"], told["states"]) == (2, 0, {"none": 2})


async def test_whoever_has_completed_it_is_not_new_and_among_them_only_if_that_excludes_nobody(
    office: Office, door: AsyncClient
) -> None:
    members = await office.everybody_accepts(4)
    for module in ("M1", "M2"):
        await office.records(module, *members)
    assert (await matched(door))["count"] == 0
    told = await matched(door, FLC.replace(" excludes_completed: [FLC],", ""))
    assert (told["count"], told["new"], told["states"]) == (4, 0, {"completed": 4})


async def test_whoever_waits_is_among_them_however_long_ago_she_was_appointed(
    office: Office, door: AsyncClient
) -> None:
    await office.staff(1)
    only_new = FLC.replace("540", "1")
    assert (await matched(door, only_new))["count"] == 0
    await office.publishes()
    assert (await matched(door, only_new))["states"] == {"queued": 1}
