"""What joins answers to people, and the answers, are destroyed when nothing more is made of them."""

import time
from datetime import timedelta

import pytest

from services.evaluation import key_watch, pseudonyms
from services.evaluation.commands import retention
from services.evaluation.store import Reader
from shared.events.enrolment import CohortCancelled
from shared.events.evaluation import LinkKeyDestroyed
from tests.flow.evaluation.test_results import SEVEN, a_year_of, api
from tests.flow.evaluation.test_secrecy import values
from tests.flow.evaluation.test_waves import WHY
from tests.flow.evaluation.town import (
    ANSWERS_ARE_GONE,
    OFFICE,
    T0_IS_CLOSED,
    T0_IS_OPEN,
    T3_IS_CLOSED,
    T3_IS_OPEN,
    Town,
    text_of,
)
from tests.unit.evaluation.arrange import SETUP, a_schedule

RAW = ("responses", "tasks", "comments", "ledger", "invitations", "link_keys")


async def left(town: Town) -> dict[str, int]:
    stored = await town.stored()
    return {name: len(stored[name]) for name in RAW}


async def until_the_last_wave_is_closed(town: Town) -> None:
    await a_year_of(town, *SEVEN)
    await town.is_at(T3_IS_OPEN)
    for number, person in enumerate(SEVEN):
        await town.writes(person, "T3", f"text {number}", 2 + number % 3)
    await town.is_at(T3_IS_CLOSED)


async def test_thirty_days_after_the_last_wave_nothing_is_left_but_releases(town: Town) -> None:
    await until_the_last_wave_is_closed(town)
    before = await api(town, "/api/releases")
    await town.is_at(T3_IS_CLOSED + timedelta(days=28))
    assert min(number for name, number in (await left(town)).items() if name != "comments") >= 1
    await town.is_at(ANSWERS_ARE_GONE)
    assert set((await left(town)).values()) == {0}
    assert await api(town, "/api/releases") == before
    assert "35,7" in text_of(await town.web.get("/results/FLC-1", headers=OFFICE))


async def test_the_destruction_is_announced_once_with_what_was_destroyed(town: Town) -> None:
    await until_the_last_wave_is_closed(town)
    await town.is_at(ANSWERS_ARE_GONE)
    await town.service.delivery.run(lambda tx: retention.destroy("FLC-1", tx))
    await town.service.published()
    [proof] = town.service.said(LinkKeyDestroyed)
    assert proof.destroyed == {"responses": 21, "tasks": 7, "comments": None, "ledger": 11, "invitations": 21}
    assert proof.destroyed_at is not None
    assert proof.destroyed_at.date().isoformat() == "2027-09-02"


async def test_after_it_no_collection_joins_anything_to_a_person(town: Town) -> None:
    """Every person, under every key that there was and with the secret: none of her names stands anywhere (I15)."""
    await until_the_last_wave_is_closed(town)
    [key] = (await town.stored())["link_keys"]
    names = {pseudonyms.link(SETUP.secret, str(key["salt"]), f"E{n}", "FLC-1") for n in range(1, 500)}
    known = {value for rows in (await town.stored()).values() for row in rows for value in values(row)}
    assert len(names & known) == len(SEVEN)
    await town.is_at(ANSWERS_ARE_GONE)
    after = await town.stored()
    left_over = {value for rows in after.values() for row in rows for value in values(row)}
    assert not names & left_over
    assert str(key["salt"]) not in left_over
    assert not {name for name, rows in after.items() if rows} & {"responses", "tasks", "comments", "ledger"}


async def test_a_cohort_that_is_cancelled_after_it_was_asked_is_destroyed_as_well(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    for person in SEVEN:
        await town.answers(person, "T0")
    await town.is_at(T0_IS_CLOSED)
    await town.service.receives(CohortCancelled(cohort_id="FLC-1", version=5, reason=WHY))
    await town.is_at(T0_IS_CLOSED + timedelta(days=29))
    assert (await left(town))["responses"] == 7
    await town.is_at(T0_IS_CLOSED + timedelta(days=31))
    assert set((await left(town)).values()) == {0}
    assert len(town.service.said(LinkKeyDestroyed)) == 1


async def test_a_wave_that_is_added_puts_the_destruction_off(town: Town) -> None:
    await until_the_last_wave_is_closed(town)
    await town.service.receives(a_schedule(version=3, waves=["T0", "P", "T1", "T3", "T4"]))
    await town.is_at(ANSWERS_ARE_GONE)
    assert (await left(town))["link_keys"] == 1
    assert town.service.said(LinkKeyDestroyed) == []
    await town.is_at(ANSWERS_ARE_GONE + timedelta(days=200))
    assert (await left(town))["link_keys"] == 0


async def test_operators_see_how_many_keys_there_are_and_when_the_next_goes(town: Town) -> None:
    reader = Reader(town.database)
    await key_watch.look(reader, town.service.clock)
    assert key_watch.NEXT._value.get() == 0
    await until_the_last_wave_is_closed(town)
    await key_watch.look(reader, town.service.clock)
    assert key_watch.KEYS._value.get() == 1
    due = (T3_IS_CLOSED + timedelta(days=30)).replace(hour=16) - timedelta(days=1)
    ahead = (due - town.service.clock.now()).total_seconds()
    assert key_watch.NEXT._value.get() - time.time() == pytest.approx(ahead, abs=5), "seen from the machine's clock"
