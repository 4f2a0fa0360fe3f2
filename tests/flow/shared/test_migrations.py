"""Migrations that are killed, run twice and at the same time; services on databases older or newer than they are."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from deploy.local.mongo import Mongo
from services.enrolment.migrations import MIGRATIONS as OF_ENROLMENT
from services.enrolment.model import Cohort, KeptSeat
from services.notifications.migrations import MIGRATIONS as OF_NOTIFICATIONS
from services.notifications.model import Contact
from services.notifications.rules.contacts import on_its_day
from shared import migrations
from shared.documents import Database
from shared.migrations import (
    Migration,
    NewerDatabaseError,
    Progress,
    Runner,
    Schema,
    StuckMigrationError,
    rehearse,
    standing,
)
from tests.flow.shared.growing import COUNTING

MANY = 20_000
SINCE = Migration(2, "boxes have a lid", "boxes", {"lid": {"$exists": False}}, [{"$set": {"lid": True}}])
CLOSED = replace(SINCE, compatible=False)


async def _boxes(database: Database, count: int) -> None:
    await database["boxes"].insert_many([{"_id": f"B{n:06}", "old": True, "times": 0} for n in range(count)])


async def _counts(database: Database) -> dict[int, int]:
    rows = database["boxes"].aggregate([{"$group": {"_id": "$times", "n": {"$sum": 1}}}])
    return {row["_id"]: row["n"] async for row in rows}


async def _runner(database: Database, mongo: Mongo) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.flow.shared.growing", mongo.url_of(database.name)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )


async def _line(process: asyncio.subprocess.Process) -> int:
    assert process.stdout is not None
    return int(await asyncio.wait_for(process.stdout.readline(), 60))


async def test_a_migration_that_is_killed_midway_goes_on_where_it_was_and_changes_nothing_twice(
    database: Database, mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _boxes(database, MANY)
    first = await _runner(database, mongo)
    while await _line(first) < MANY // 3:
        pass
    first.send_signal(signal.SIGKILL)
    await first.wait()
    halfway = await _counts(database)
    assert halfway[0] > 0
    assert halfway[1] >= MANY // 3
    [row] = await database["migrations"].find().to_list(None)
    assert (row["changed"], "done_at" in row) == (halfway[1], False)

    await database["migrations"].update_one(
        {"_id": 1}, {"$unset": {"lease": ""}}
    )  # else the test waits for half a minute
    told: list[Progress] = []
    await Runner(database, [COUNTING], told.append).run()
    assert await _counts(database) == {1: MANY}
    assert told[-1].changed == halfway[0]
    assert (await standing(database, [COUNTING])).is_current


async def test_two_runners_at_once_change_each_document_once(database: Database, mongo: Mongo) -> None:
    await _boxes(database, 5_000)
    both = [await _runner(database, mongo) for _ in range(2)]
    assert await asyncio.wait_for(asyncio.gather(*(each.wait() for each in both)), 90) == [0, 0]
    assert await _counts(database) == {1: 5_000}


async def test_a_runner_that_has_lost_its_lease_commits_nothing_more(database: Database) -> None:
    await _boxes(database, 300)
    seen: list[int] = []

    async def take_over() -> None:
        await database["migrations"].update_one({"_id": 1}, {"$set": {"lease.owner": "another"}})

    taking: list[asyncio.Task[None]] = []

    def tell(how: Progress) -> None:
        seen.append(how.changed)
        taking.append(asyncio.create_task(take_over()))

    slow = Runner(database, [COUNTING], tell, together=100)
    running = asyncio.create_task(slow.run())
    while not taking or not taking[0].done():  # noqa: ASYNC110 — the runner is not to know that it is watched
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.5)
    after = await _counts(database)
    await asyncio.sleep(0.5)
    assert await _counts(database) == after
    assert after[0] > 0
    running.cancel()


async def test_what_an_older_version_writes_meanwhile_is_changed_by_the_next_run(database: Database) -> None:
    await _boxes(database, 10)
    await Runner(database, [COUNTING]).run()
    await database["boxes"].insert_one({"_id": "A", "old": True, "times": 0})
    assert [how.left for how in await rehearse(database, [COUNTING])] == [1]
    await Runner(database, [COUNTING]).run()
    assert await _counts(database) == {1: 11}
    assert await rehearse(database, [COUNTING]) == []


async def test_a_migration_that_would_never_end_says_so(database: Database) -> None:
    await _boxes(database, 1)
    with pytest.raises(StuckMigrationError):
        await Runner(database, [replace(COUNTING, which={})]).run()
    assert await _counts(database) == {0: 1}


async def test_a_rehearsal_changes_nothing(database: Database) -> None:
    await _boxes(database, 3)
    assert [(how.number, how.left) for how in await rehearse(database, [COUNTING, SINCE])] == [(1, 3), (2, 3)]
    assert await _counts(database) == {0: 3}
    assert await database["migrations"].count_documents({}) == 0


async def test_a_service_is_not_ready_on_an_older_database_but_works_where_it_can(database: Database) -> None:
    await _boxes(database, 3)
    schema = Schema(database, [SINCE])
    await schema.open()
    assert not schema.is_current
    await Runner(database, [SINCE]).run()
    await schema.open()
    assert schema.is_current


async def test_a_service_waits_for_a_migration_that_it_cannot_do_without(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOOK_SECONDS", 0.05)
    await _boxes(database, 3)
    opening = asyncio.create_task(Schema(database, [CLOSED]).open())
    await asyncio.sleep(0.3)
    assert not opening.done()
    await Runner(database, [CLOSED], notice_seconds=0).run()
    await asyncio.wait_for(opening, 5)


async def test_a_service_ends_when_a_newer_version_announces_what_it_cannot_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOOK_SECONDS", 0.05)
    await _boxes(database, 3)
    await Runner(database, [COUNTING]).run()
    older = Schema(database, [COUNTING])
    await older.open()
    watching = asyncio.create_task(older.watch())
    newer = asyncio.create_task(Runner(database, [COUNTING, CLOSED], notice_seconds=1).run())
    with pytest.raises(NewerDatabaseError, match="migration 2 of a newer version"):
        await asyncio.wait_for(watching, 5)
    assert await database["boxes"].count_documents({"lid": True}) == 0  # it ended before anything was changed
    await newer
    with pytest.raises(NewerDatabaseError):
        await Schema(database, [COUNTING]).open()
    with pytest.raises(NewerDatabaseError):
        await Runner(database, [COUNTING]).run()


async def test_a_service_works_on_beside_a_newer_version_whose_changes_it_can_read(database: Database) -> None:
    await _boxes(database, 3)
    await Runner(database, [COUNTING, SINCE]).run()
    older = Schema(database, [COUNTING])
    await older.open()
    assert older.is_current


async def test_a_database_in_which_nothing_is_needs_nothing(database: Database) -> None:
    await database.client.drop_database(database.name)
    schema = Schema(database, OF_ENROLMENT)
    await schema.open()
    assert schema.is_current


async def test_a_seat_kept_for_a_bare_post_can_be_read_again(database: Database) -> None:
    whole = {"post": "U1/first_line", "since": (await _now(database)), "place_id": "PL1"}
    await database["cohorts"].insert_one({"_id": "C1", "reserved": ["U0412/first_line", whole]})
    await Runner(database, OF_ENROLMENT, notice_seconds=0).run()
    row = await database["cohorts"].find_one({"_id": "C1"})
    assert row is not None
    seats = [KeptSeat.model_validate(kept) for kept in row["reserved"]]
    assert [seat.post for seat in seats] == ["U0412/first_line", "U1/first_line"]
    assert [seat.place_id for seat in seats] == [None, "PL1"]
    assert "reserved" in Cohort.model_fields


async def test_a_published_event_of_an_older_version_loses_its_body_and_a_pending_one_keeps_it(
    database: Database,
) -> None:
    rows = [{"_id": state, "status": state, "body": b"https://link"} for state in ("published", "pending")]
    await database["outbox"].insert_many(rows)
    await Runner(database, OF_ENROLMENT, notice_seconds=0).run()
    kept = {row["_id"]: "body" in row async for row in database["outbox"].find()}
    assert kept == {"published": False, "pending": True}


async def test_an_address_of_a_later_day_is_read_again(database: Database) -> None:
    card = {"given_name": "Åsa", "family_name": "Ek", "email": "asa.ek@kommun.example", "language": "sv"}
    old = {"_id": "E1", "version": 4, "card": None, "coming": card, "coming_from": "2026-12-01"}
    await database["contacts"].insert_many([old, {"_id": "E2", "version": 1, "coming": None, "coming_from": None}])
    await database["expected_contacts"].insert_one({"_id": "E1"})
    await Runner(database, OF_NOTIFICATIONS).run()
    rows = {row["_id"]: row async for row in database["contacts"].find()}
    contact = on_its_day(Contact.model_validate(rows["E1"]), date(2026, 12, 1))
    assert contact.card is not None
    assert (contact.card.email, contact.version) == ("asa.ek@kommun.example", 4)
    assert rows["E2"]["upcoming"] == []
    assert not any("coming" in row or "coming_from" in row for row in rows.values())
    assert await database["expected_contacts"].count_documents({}) == 0


async def _now(database: Database) -> object:
    return (await database.client.admin.command("hello"))["localTime"]
