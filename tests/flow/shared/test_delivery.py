"""Once in effect: what a transaction promises, on a real MongoDB."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError
from pymongo import IndexModel
from pymongo.errors import OperationFailure

from deploy.local.mongo import Mongo
from shared.cloudevents import Envelope, Reject, uuid7
from shared.delivery import Actor, KeyReusedError, Once, Outcome, Work, connect, prepare
from shared.documents import Database, Transaction
from shared.events import notifications
from shared.events.hr import EmployeeLeft, UnitChanged
from shared.messaging import Subscription
from shared.model import Document, Timer
from shared.telemetry import ABOUT
from shared.timers import Timers
from tests.harness import START, Harness, harness


class Unit(Document):
    """A small state: a unit and how often it was changed."""

    collection: ClassVar[str] = "units"

    name: str
    times: int
    since: date = date(2026, 1, 1)


hr = Subscription("hr")
timers = Timers()


def delivered(unit_id: str) -> notifications.MessageDelivered:
    return notifications.MessageDelivered(message_id=unit_id, kind="offer", employee_id="E1", regarding="P1", version=1)


@hr.handles(UnitChanged, loads=lambda event: [(Unit, event.unit_id)])
async def keep_unit(event: UnitChanged, tx: Transaction) -> Outcome | None:
    if event.name == "hopeless":
        raise Reject("this unit cannot be")
    before = await tx.documents(Unit).get(event.unit_id)
    tx.save(Unit(id=event.unit_id, name=event.name, times=before.times + 1 if before else 1))
    tx.save(delivered(event.unit_id))
    tx.save(Timer.of("remind", event.unit_id, tx.now + timedelta(days=3)))
    return Outcome.held if event.name == "later" else None


@timers.due("remind")
async def remind(timer: Timer, tx: Transaction) -> None:
    unit = await tx.documents(Unit).get(timer.subject)
    assert unit is not None
    if unit.name == "faulty":
        raise ValueError("a timer that cannot")
    tx.save(unit.having(name="reminded"), delivered(unit.id))


@pytest.fixture
async def service(database: Database) -> AsyncIterator[Harness[Transaction]]:
    async with harness(
        database,
        name="enrolment",
        transaction=Transaction,
        subscriptions=[hr],
        timers=timers,
        indexes={"units": []},
    ) as service:
        yield service


def changed(unit_id: str = "U1", name: str = "Skolan") -> UnitChanged:
    return UnitChanged(unit_id=unit_id, version=1, name=name)


async def units(service: Harness[Transaction]) -> dict[str, dict[str, Any]]:
    return {row["_id"]: row async for row in service.delivery.database["units"].find()}


async def test_messages_that_wait_together_each_have_their_effect(service: Harness[Transaction]) -> None:
    outcomes = await service.receives(*(changed(f"U{n % 7}") for n in range(50)), changed("U9", "later"))
    assert outcomes == [Outcome.applied] * 50 + [Outcome.held]
    assert {key: row["times"] for key, row in (await units(service)).items()} == {
        "U0": 8, "U1": 7, "U2": 7, "U3": 7, "U4": 7, "U5": 7, "U6": 7, "U9": 1
    }  # fmt: skip
    assert len(service.announced) == 51


async def test_a_message_delivered_again_has_no_second_effect(service: Harness[Transaction]) -> None:
    work = hr.work(Envelope(uuid7(), UnitChanged.type, "c", changed().model_dump_json()), "enrolment.hr")
    first = await service.delivery.run_together([work, work])
    later = await service.delivery.run_together([work])
    assert [done.outcome for done in [*first, *later]] == [Outcome.applied, None, None]
    assert (await units(service))["U1"]["times"] == 1


async def test_the_same_message_in_parallel_has_one_effect(service: Harness[Transaction]) -> None:
    work = hr.work(Envelope(uuid7(), UnitChanged.type, "c", changed().model_dump_json()), "enrolment.hr")
    results = await asyncio.gather(*(service.delivery.run_together([work]) for _ in range(8)))
    assert sorted(str(done.outcome) for [done] in results) == ["None"] * 7 + ["applied"]
    assert (await units(service))["U1"]["times"] == 1


async def test_a_hopeless_message_does_not_hold_up_its_neighbours(service: Harness[Transaction]) -> None:
    events = [changed("U1"), changed("U2", "hopeless"), changed("U3")]
    works = [hr.work(Envelope(uuid7(), e.type, "c", e.model_dump_json()), "enrolment.hr") for e in events]
    done = await service.delivery.run_together(works)
    assert [result.outcome for result in done] == [Outcome.applied, None, Outcome.applied]
    assert isinstance(done[1].error, Reject)
    assert set(await units(service)) == {"U1", "U3"}


async def test_a_failed_transaction_leaves_no_state_and_says_nothing(service: Harness[Transaction]) -> None:
    async def half(tx: Transaction) -> None:
        tx.save(Unit(id="U1", name="half", times=1), delivered("U1"))
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await service.delivery.run(half)
    await service.published()
    assert await units(service) == {}
    assert service.announced == []


async def test_the_error_of_a_refused_write_or_an_unreadable_document_repeats_nothing_of_it(
    service: Harness[Transaction], database: Database
) -> None:
    unique = await database["units"].create_index("name", unique=True)
    await database["units"].insert_one({"_id": "U1", "name": "asa@kommun.example", "times": "asa@kommun.example"})

    async def write(tx: Transaction) -> None:
        tx.save(Unit(id="U2", name="asa@kommun.example", times=1))

    async def read(tx: Transaction) -> None:
        await tx.documents(Unit).get("U1")

    for work in (write, read):
        with pytest.raises((OperationFailure, ValidationError)) as caught:
            await service.delivery.run(work)
        assert "asa@" not in "".join(traceback.format_exception(caught.value))
    await database["units"].drop_index(unique)  # other tests share the collection


async def test_commands_that_meet_on_one_document_are_all_counted(service: Harness[Transaction]) -> None:
    async def count(tx: Transaction) -> None:
        before = await tx.documents(Unit).get("U1")
        tx.save(Unit(id="U1", name="n", times=before.times + 1 if before else 1))

    await asyncio.gather(*(service.delivery.run(count) for _ in range(12)))
    assert (await units(service))["U1"]["times"] == 12


async def test_a_command_asked_twice_with_one_key_is_done_once_and_answers_the_same(
    service: Harness[Transaction],
) -> None:
    async def count(tx: Transaction) -> dict[str, int]:
        before = await tx.documents(Unit).get("U1")
        times = before.times + 1 if before else 1
        tx.save(Unit(id="U1", name="n", times=times))
        return {"times": times}

    async def ask(who: str, asked: str = "count") -> dict[str, int]:
        return await service.delivery.run(count, actor=Actor(who, "office"), action="count", once=Once("key", asked))

    assert [await ask("Eva") for _ in range(3)] == [{"times": 1}] * 3
    assert await ask("Per") == {"times": 2}  # his key is his alone
    with pytest.raises(KeyReusedError):
        await ask("Eva", "something else")


async def test_what_a_query_finds_includes_unsaved_changes_of_the_same_transaction(
    service: Harness[Transaction],
) -> None:
    async def work(tx: Transaction) -> list[str]:
        tx.save(Unit(id="U1", name="new", times=1))
        return [unit.id for unit in await tx.documents(Unit).find({"name": "new"})]

    assert await service.delivery.run(work) == ["U1"]


async def test_events_a_crash_left_behind_are_published_by_the_sweep(
    service: Harness[Transaction], database: Database
) -> None:
    async def committed_only(tx: Transaction) -> None:
        tx.save(delivered("U1"))
        tx.outgoing[0]["created_at"] = START - timedelta(days=300)
        await service.delivery.outbox.collection.insert_many(tx.outgoing, session=tx.unit.session)
        tx.outgoing.clear()

    await service.delivery.run(committed_only)
    assert service.announced == []
    await service.delivery.outbox.sweep()
    await service.delivery.outbox.sweep()
    assert [event.subject for event in service.announced] == ["U1"]
    assert await service.delivery.outbox.pending() == 0
    row = await database["outbox"].find_one({})
    assert row is not None
    assert "body" not in row, "what was said is not kept, only that it was"


async def test_a_due_timer_is_done_once_and_forgotten(service: Harness[Transaction]) -> None:
    await service.receives(changed("U1"), changed("U2"))
    await service.advance_to(START + timedelta(days=2, hours=23))
    assert len(service.announced) == 2
    await service.advance_to(START + timedelta(days=9))
    assert len(service.announced) == 4
    assert (await units(service))["U1"]["name"] == "reminded"
    assert await service.timers.next_due(START) is None


async def test_a_timer_saved_again_moves(service: Harness[Transaction]) -> None:
    await service.receives(changed("U1"))
    service.clock.moment = START + timedelta(days=2)
    await service.receives(changed("U1"))
    await service.advance_to(START + timedelta(days=4))
    assert (await units(service))["U1"]["name"] == "Skolan"
    await service.advance_to(START + timedelta(days=5))
    assert (await units(service))["U1"]["name"] == "reminded"


async def test_a_faulty_timer_stays_and_lets_the_others_be_done(service: Harness[Transaction]) -> None:
    await service.receives(changed("U1", "faulty"), changed("U2"))
    service.clock.moment = START + timedelta(days=3)
    assert await service.timers.run_due(service.clock.moment) == 2
    assert (await units(service))["U2"]["name"] == "reminded"
    assert await service.timers.overdue(service.clock.moment) == 1
    assert await service.timers.run_due(service.clock.moment) == 0, "it waits for its lease to run out"


async def test_two_processes_do_not_do_the_same_timer_twice(service: Harness[Transaction]) -> None:
    await service.receives(*(changed(f"U{n}") for n in range(40)))
    service.clock.moment = START + timedelta(days=3)
    others = [type(service.timers)(timers, service.delivery, service.clock) for _ in range(3)]
    await asyncio.gather(*(runner.run_due(service.clock.moment) for runner in [service.timers, *others]))
    while await service.timers.run_due(service.clock.moment):
        pass
    await service.published()
    assert len(service.announced) == 80


def test_a_subscription_refuses_what_it_has_no_handler_for() -> None:
    event = EmployeeLeft(employee_id="E1", version=1, last_day=date(2026, 1, 1))
    with pytest.raises(Reject, match="not handled by enrolment"):
        hr.work(Envelope("1", event.type, "c", event.model_dump_json()), "enrolment.hr")


async def test_the_audit_log_tells_who_changed_what(service: Harness[Transaction], database: Database) -> None:
    async def rename(tx: Transaction) -> None:
        tx.save(Unit(id="U1", name="new", times=1))

    await service.delivery.run(rename, actor=Actor("Kim", "office"), action="unit.rename")
    [entry] = await database["audit"].find().to_list(None)
    assert (entry["who"], entry["what"], entry["subject"], entry["before"]) == ("Kim", "unit.rename", "U1", None)
    assert entry["after"]["name"] == "new"


async def test_a_timer_whose_process_died_is_done_although_the_clock_stands_still(
    service: Harness[Transaction], database: Database
) -> None:
    await service.receives(changed("U1"))
    service.clock.moment = START + timedelta(days=3)
    in_a_moment = {"$add": ["$$NOW", 1500]}
    await database["timers"].update_many({}, [{"$set": {"lease": {"owner": "the dead", "until": in_a_moment}}}])
    running = asyncio.create_task(service.timers.run_for_ever())
    async with asyncio.timeout(10):
        while await service.timers.overdue(service.clock.moment):  # noqa: ASYNC110 — another task's doing
            await asyncio.sleep(0.05)
    running.cancel()
    await service.published()
    assert len(service.announced) == 2


async def test_what_a_newer_version_has_added_to_a_document_survives_a_change_by_an_older_one(
    service: Harness[Transaction], database: Database
) -> None:
    newer = {"_id": "U1", "name": "Skolan", "times": 4, "colour": "red", "head": {"employee_id": "E7"}}
    await database["units"].insert_one(newer)
    await service.receives(UnitChanged(unit_id="U1", version=2, name="Grundskolan"))
    row = await database["units"].find_one({"_id": "U1"})
    assert row is not None
    assert (row["name"], row["times"]) == ("Grundskolan", 5)
    assert (row["colour"], row["head"]) == ("red", {"employee_id": "E7"})


async def test_a_timer_that_is_saved_again_is_nobody_s(service: Harness[Transaction], database: Database) -> None:
    await service.receives(UnitChanged(unit_id="U1", version=1, name="Skolan"))
    await database["timers"].update_many({}, {"$set": {"lease": {"owner": "another"}}})

    async def move(tx: Transaction) -> None:
        (timer,) = await tx.documents(Timer).find({})
        tx.save(timer.having(due_at=tx.now))

    await service.delivery.run(move)
    (row,) = await database["timers"].find().to_list(None)
    assert "lease" not in row


async def test_a_log_line_says_which_message_it_is_about_also_in_a_group(service: Harness[Transaction]) -> None:
    said: list[dict[str, Any]] = []

    def work(number: int) -> Work[Transaction]:
        async def do(tx: Transaction) -> Outcome | None:
            said.append(dict(ABOUT.get()))
            return None

        return Work(do, ids={"queue": "enrolment.hr", "event_id": f"M{number}"})

    await service.delivery.run_together([work(1), work(2), Work(work(3).do)])
    assert said == [{"queue": "enrolment.hr", "event_id": "M1"}, {"queue": "enrolment.hr", "event_id": "M2"}, {}]
    assert ABOUT.get() == {}


async def test_a_log_line_of_a_command_names_what_follows_from_it(service: Harness[Transaction]) -> None:
    said: list[dict[str, Any]] = []

    async def do(tx: Transaction) -> None:
        said.append(dict(ABOUT.get()))
        tx.save(delivered("U1"))
        said.append({"correlation_id": tx.outgoing[0]["headers"]["ce-correlationid"]})

    await service.delivery.run(do)
    assert said[0] == said[1]


async def test_processes_that_start_at_once_prepare_a_new_database_together(mongo: Mongo) -> None:
    fresh, *others = [connect(mongo.url_of("tests_prepared_at_once")) for _ in range(5)]
    indexes = {f"collection{n}": [IndexModel("at")] for n in range(10)}
    await asyncio.gather(*(prepare(each, indexes, clustered=["answers"]) for each in (fresh, *others)))
    options = await fresh["answers"].options()
    assert "clusteredIndex" in options
    assert "at_1" in await fresh["collection9"].index_information()
    await fresh.client.drop_database(fresh.name)
    for each in (fresh, *others):
        each.client.close()
