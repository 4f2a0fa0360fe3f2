"""What is published when a cohort's last wave closes, and what is not."""

import re
from typing import Any

import pytest

from shared.delivery import Outcome
from shared.events.evaluation import ReleasePublished, ResultSuppressed
from tests.flow.evaluation.test_waves import withdrawn
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
from tests.unit.evaluation.arrange import a_schedule, local

SEVEN = tuple(f"E{number}" for number in range(1, 8))


async def a_year_of(town: Town, *people: str, before: int | None = None, after: int | None = None) -> None:
    """A cohort lives its life; the first `before` of the people answer the first wave, the first `after` the last."""
    await town.has_a_cohort_of(*people)
    await town.is_at(T0_IS_OPEN)
    for number, person in enumerate(people[:before]):
        await town.answers(person, "T0", 2 + number % 2)
    await town.is_at(T0_IS_CLOSED)
    await town.service.receives(held(*people))
    await town.is_at(T1_IS_OPEN)
    for number, person in enumerate(people[:after]):
        await town.answers(person, "T1", 3 + number % 3)
    await town.is_at(T1_IS_CLOSED)


async def api(town: Town, path: str) -> Any:
    answer = await town.web.get(path, headers=OFFICE)
    assert answer.status_code == 200
    return answer.json()


async def test_a_cohorts_change_is_published_when_its_last_wave_closes(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    [release] = town.service.said(ReleasePublished)
    figures = {(f.indicator, f.wave): f for f in release.figures}
    # before 25 and 50 in turn, after 50, 75 and 100 in turn
    assert figures["UM", "T0"].value == 35.7
    assert figures["UM", "T1"].value == 71.4
    assert figures["UM.change", "T1"].value == 35.7
    assert {f.n for f in release.figures} == {7}


async def test_nothing_is_published_while_a_wave_is_open(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    types = [event.type for event in town.service.announced]
    assert set(types[types.index(ReleasePublished.type) + 1 :]) == {ResultSuppressed.type}


async def test_a_group_that_is_too_small_gets_no_result_and_no_number(town: Town) -> None:
    await a_year_of(town, "E1", "E2", "E3", "E4")
    assert town.service.said(ReleasePublished) == []
    assert {(e.indicator, e.reason) for e in town.service.said(ResultSuppressed)} == {
        ("UM", "too_few"),
        ("LU", "too_few"),
        ("RX", "too_few"),
    }
    page = text_of(await town.web.get("/results/FLC-1", headers=OFFICE))
    assert "för att ingen ska kunna pekas ut" in page
    assert not any(f" {number} " in page for number in (3, 4))


async def test_who_came_late_is_in_the_reaction_and_not_in_the_change(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    for person in SEVEN:
        await town.answers(person, "T0", 3)
    await town.is_at(T0_IS_CLOSED)
    await town.service.receives(confirmed("E8"), held(*SEVEN, "E8"))
    await town.is_at(T1_IS_OPEN)
    for person in (*SEVEN, "E8"):
        await town.answers(person, "T1", 4)
    await town.is_at(T1_IS_CLOSED)
    [release] = town.service.said(ReleasePublished)
    assert {f.indicator.split(".")[0]: f.n for f in release.figures} == {"UM": 7, "RX": 8}


async def test_a_cohort_that_started_before_it_could_be_asked_gets_the_level_only(town: Town) -> None:
    town.service.clock.moment = T0_IS_CLOSED
    await town.service.receives(a_schedule(waves=["T1"]), *map(confirmed, SEVEN), held(*SEVEN))
    await town.is_at(T1_IS_OPEN)
    for person in SEVEN:
        await town.answers(person, "T1", 4)
    await town.is_at(T1_IS_CLOSED)
    [release] = town.service.said(ReleasePublished)
    assert [(f.indicator, f.wave, f.n) for f in release.figures][:1] == [("UM", "T1", 7)]
    assert "UM.change" not in {f.indicator for f in release.figures}


async def test_a_release_never_changes(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    before = await api(town, "/api/releases")
    late = held(*SEVEN, "E8", version=20)
    assert await town.service.receives(late) == [Outcome.applied]
    await town.is_at(local(2027, 6, 1, 9))
    assert await api(town, "/api/releases") == before
    assert len(town.service.said(ReleasePublished)) == 1


async def test_a_wave_that_is_added_after_a_release_tells_the_change_and_no_level_over_other_people(town: Town) -> None:
    """Before, over seven and then over the six who answered both times, would give away the seventh."""
    await town.service.receives(a_schedule(waves=["T0"]), *map(confirmed, SEVEN))
    await town.is_at(T0_IS_OPEN)
    for number, person in enumerate(SEVEN):
        await town.answers(person, "T0", 2 + number % 3)
    await town.is_at(T0_IS_CLOSED)
    await town.service.receives(a_schedule(version=2), held(*SEVEN))
    await town.is_at(T1_IS_OPEN)
    for number, person in enumerate(SEVEN[:6]):
        await town.answers(person, "T1", 2 + number % 3)
    await town.is_at(T1_IS_CLOSED)
    first, second = town.service.said(ReleasePublished)
    assert [(f.indicator, f.n) for f in first.figures] == [("UM", 7)]
    assert {f.indicator: f.n for f in second.figures if f.indicator.startswith("UM")} == {
        "UM.change": 6,
        "UM.change_bound": 6,
    }
    assert ("UM", "difference") in {(e.indicator, e.reason) for e in town.service.said(ResultSuppressed)}


async def test_half_a_year_later_the_change_is_published_in_a_release_of_its_own(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    await town.is_at(T3_IS_OPEN)
    for number, person in enumerate(SEVEN):
        await town.answers(person, "T3", 2 + number % 3)
    await town.is_at(T3_IS_CLOSED)
    first, second = town.service.said(ReleasePublished)
    assert [(one.release_id, one.stage) for one in (first, second)] == [
        ("FLC-1:T1:release", "T1"),
        ("FLC-1:T3:release", "T3"),
    ]
    assert {(f.indicator, f.wave): f.n for f in second.figures}["UM.change", "T3"] == 7
    page = text_of(await town.web.get("/results/FLC-1", headers=OFFICE))
    told = [page.count(f"än innan, {when} programmet: +") for when in ("direkt efter", "ett halvår efter")]
    assert (told, "före 35,7, efter 71,4, efter ett halvår" in page) == ([1, 1], True)


async def test_results_are_found_by_programme_revision_cohort_and_stage(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    for found in ("programme=FLC", "revision=2", "cohort=FLC-1", "stage=T1", "programme=FLC&revision=2&stage=T1"):
        assert len((await api(town, f"/api/releases?{found}"))["items"]) == 1
    for missed in ("programme=XYZ", "revision=1", "cohort=FLC-2", "stage=T3", "programme=FLC&stage=P"):
        assert (await api(town, f"/api/releases?{missed}"))["items"] == []
    assert (await town.web.get("/api/releases?stage=T9", headers=OFFICE)).status_code == 422


async def test_programs_read_the_same_release_as_people(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    [listed] = (await api(town, "/api/releases"))["items"]
    assert await api(town, f"/api/releases/{listed['release_id']}") == listed
    [said] = town.service.said(ReleasePublished)
    assert listed["figures"] == [figure.model_dump() for figure in said.figures]
    assert listed["url"] == said.url == "https://ledstjarna.example/results/FLC-1"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("sv", ["med stor säkerhet", "bättre än innan", "+35,7", "Tid för reflektion", "Utan jämförelsegrupp"]),
        (
            "en",
            ["almost certainly", "better than before", "+35.7", "Time for reflection", "comparison group"],
        ),
    ],
)
async def test_the_result_page_says_what_happened_and_how_sure_it_is(
    town: Town, language: str, words: list[str]
) -> None:
    await a_year_of(town, *SEVEN)
    page = await town.web.get("/results/FLC-1", params={"lang": language}, headers=OFFICE)
    assert all(word in text_of(page) for word in words)
    drawn = page.text.count('role="img"')
    assert drawn == page.text.count("<desc") == page.text.count("<figure>") > 0


async def test_results_are_listed(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    page = await town.web.get("/results", headers=OFFICE)
    assert 'href="/results/FLC-1?lang=sv"' in page.text


async def test_a_cohort_without_a_result_has_a_page_that_says_when_it_comes(town: Town) -> None:
    page = await town.web.get("/results/FLC-9", headers=OFFICE)
    assert (page.status_code, "när en frågeomgång har stängt" in text_of(page)) == (404, True)


@pytest.mark.parametrize(
    ("ending", "kind", "begins"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("csv", "text/csv; charset=utf-8", b"\xef\xbb\xbf"),
        ("json", "application/json", b"{"),
    ],
)
@pytest.mark.parametrize("address", ["/results/FLC-1", "/results/programmes/FLC", "/results/municipality"])
async def test_every_result_is_a_page_and_a_file(
    town: Town, address: str, ending: str, kind: str, begins: bytes
) -> None:
    await a_year_of(town, *SEVEN)
    page = await town.web.get(address, headers=OFFICE)
    assert f'href="{address}.{ending}?lang=sv"' in page.text
    file = await town.web.get(f"{address}.{ending}?lang=sv", headers=OFFICE)
    assert (file.status_code, file.headers["content-type"]) == (200, kind)
    assert file.content.startswith(begins)
    assert re.search(rf'filename="resultat-[A-Za-z0-9-]+\.{ending}"', file.headers["content-disposition"])
    assert file.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", ["/results/FLC-9", "/results/programmes/NO", "/results/municipality"])
async def test_what_has_no_result_has_no_file(town: Town, address: str) -> None:
    assert (await town.web.get(address, headers=OFFICE)).status_code == 404
    assert (await town.web.get(f"{address}.pdf", headers=OFFICE)).status_code == 404


async def test_a_dot_in_a_groups_id_is_no_ending(town: Town) -> None:
    page = await town.web.get("/results/FLC.1", headers=OFFICE)
    assert (page.status_code, "FLC.1" in page.text) == (404, True)


async def test_pages_of_many_groups_rest_on_releases_alone(town: Town) -> None:
    """Raw answers are there, and no group has a release: nothing is told."""
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    for person in SEVEN:
        await town.answers(person, "T0")
    await town.is_at(T0_IS_CLOSED)
    for address in ("/results/programmes/FLC", "/results/municipality"):
        assert (await town.web.get(address, headers=OFFICE)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/results",
        "/results/FLC-1",
        "/results/FLC-1.csv",
        "/results/programmes/FLC",
        "/results/programmes/FLC.pdf",
        "/results/municipality",
        "/results/municipality.json",
        "/results/FLC-1/comments",
        "/api/waves",
        "/api/releases",
        "/api/releases/x",
    ],
)
async def test_results_are_for_those_who_have_signed_in(town: Town, path: str) -> None:
    assert (await town.web.get(path)).status_code == 401


async def test_an_unknown_release_is_a_problem_that_says_when_it_would_come(town: Town) -> None:
    answer = await town.web.get("/api/releases/FLC-9:T1:release", headers=OFFICE)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def counts(town: Town) -> list[tuple[int | None, int | None]]:
    waves = (await api(town, "/api/waves"))["items"]
    return [(wave["counts"]["asked"], wave["counts"]["answered"]) for wave in waves]


async def test_participation_in_an_open_wave_is_told_from_five_upwards_and_once_a_day(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    for person in SEVEN[:5]:
        await town.answers(person, "T0")
    assert (await counts(town))[0] == (7, 5)
    await town.answers(SEVEN[5], "T0")
    assert (await counts(town))[0] == (7, 5)
    await town.is_at(local(2026, 11, 11, 9))
    assert (await counts(town))[0] == (7, 6)


async def test_few_answers_are_not_counted_aloud(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    for person in SEVEN[:4]:
        await town.answers(person, "T0")
    assert (await counts(town))[0] == (7, None)


async def test_who_was_invited_again_is_counted_once(town: Town) -> None:
    """Four people, one of whom went and came back: five invitations, but the number would tell of four."""
    await town.has_a_cohort_of(*SEVEN[:4])
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(withdrawn("E1"), confirmed("E1", version=5))
    assert (await counts(town))[0] == (None, None)


async def test_lists_are_paged(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    first = await api(town, "/api/waves?limit=1")
    second = await api(town, f"/api/waves?limit=1&after={first['next']}")
    assert [page["items"][0]["wave_id"] for page in (first, second)] == ["FLC-1:T0", "FLC-1:T1"]
    third = await api(town, f"/api/waves?limit=1&after={second['next']}")
    assert (third["items"][0]["wave_id"], third["next"]) == ("FLC-1:T3", None)
