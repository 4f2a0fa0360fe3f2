"""Complaint 3: the last seat is never given twice, and none stays free while somebody able waits, however many act at
once. Answers, cancellations, expiries and people who join meet on several connections to one real database; every
version that a group's document ever had is looked at."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.enrolment import handlers
from services.enrolment.commands import places
from services.enrolment.model import SEATED, Cohort, Place
from services.enrolment.rules import offers
from services.enrolment.store import EnrolmentTransaction
from shared.cloudevents import Envelope, uuid7
from shared.delivery import Delivery
from shared.events.hr import EmployeeLeft
from shared.outbox import Outbox
from shared.timers import TimerRunner
from tests.flow.enrolment.conftest import LINKS
from tests.flow.enrolment.office import Office
from tests.harness import Harness
from tests.unit.enrolment.arrange import STOCKHOLM, hr_says

SEATS = 4
PEOPLE = 14
Act = Callable[[Office], Awaitable[Any]]


def another_process(office: Office) -> Office:
    """The same service once more, on the same database."""
    first = office.service
    database = first.delivery.database
    make = partial(EnrolmentTransaction, links=LINKS, zone=STOCKHOLM)
    outbox = Outbox(database, first.publisher)
    delivery: Delivery[EnrolmentTransaction] = Delivery(database, make, outbox, first.clock, "/ledstjarna/enrolment")
    runner = TimerRunner(handlers.timers, delivery, first.clock)
    return Office(Harness(first.name, delivery, first.subscriptions, runner, first.clock, first.publisher))


@asynccontextmanager
async def watched(office: Office) -> AsyncIterator[list[Cohort]]:
    """Every version of a group that is committed meanwhile."""
    seen: list[Cohort] = []
    collection = office.service.delivery.database[Cohort.collection]
    async with collection.watch(max_await_time_ms=100) as stream:
        await stream.try_next()
        yield seen
        while (change := await stream.try_next()) is not None:
            if "fullDocument" in change:
                seen.append(Cohort.model_validate(change["fullDocument"]))


async def answers(employee_id: str, said: places.Answer, office: Office) -> None:
    """Her newest place, whatever offer it has now."""
    run = office.service.delivery.run
    hers = [place for place in await run(lambda tx: tx.places.of_person(employee_id)) if place.state in SEATED]
    for place in hers:
        await run(lambda tx, one=place: places.answer(tx, one.id, one.offers, said))  # type: ignore[misc]


async def ends(employee_id: str, office: Office) -> None:
    run = office.service.delivery.run
    for place in await run(lambda tx: tx.places.of_person(employee_id)):
        await run(lambda tx, one=place: places.withdraw(tx, one.id, ""))  # type: ignore[misc]


async def takes_back(employee_id: str, office: Office) -> None:
    run = office.service.delivery.run
    for place in await run(lambda tx: tx.places.of_person(employee_id)):
        await run(lambda tx, one=place: places.take_back(tx, one.id, ""))  # type: ignore[misc]


async def hears(fact: Any, office: Office) -> None:
    """HR tells; what meets others too often is delivered again."""
    work = handlers.hr.work(envelope_of(fact), "enrolment.hr")
    while (await office.service.delivery.run_together([work]))[0].error:
        pass


async def time_passes(office: Office) -> None:
    await office.service.timers.run_due(office.service.clock.now())


def envelope_of(fact: Any) -> Any:
    return Envelope(uuid7(), fact.type, uuid7(), fact.model_dump_json(by_alias=True))


def history(chance: random.Random) -> list[Act]:
    """What people do, in no order."""
    acts: list[Act] = []
    for number in range(PEOPLE):
        name = f"E{number}"
        acts += [partial(answers, name, chance.choice(("accept", "decline", "decline", "decline"))) for _ in range(2)]
        acts += [time_passes]
        if chance.random() < 0.15:
            acts.append(partial(ends, name))
        if chance.random() < 0.15:
            acts.append(partial(takes_back, name))
        if chance.random() < 0.15:
            acts.append(partial(hears, EmployeeLeft(employee_id=name, version=2, last_day=hr_says().employed_from)))
    late = [hr_says(f"E{PEOPLE + number}", unit_id=f"D{number % 3}") for number in range(6)]
    acts += [partial(hears, fact) for fact in late]
    chance.shuffle(acts)
    return acts


def everybody_changes() -> list[list[Act]]:
    """All who are there go while some come, and some come afterwards, when seats are free."""
    new = [partial(hears, hr_says(f"E{number}", unit_id="D9")) for number in range(50, 56)]
    gone = [partial(ends, f"E{number}") for number in range(PEOPLE + 6)]
    return [[*gone, *new[:3]], [*new[3:]]]


@pytest.mark.parametrize(
    ("seed", "share"), [*((seed, 1.0) for seed in range(6)), *((seed, 0.5) for seed in range(6, 10))]
)
async def test_whatever_many_do_at_once_no_seat_is_given_twice_and_none_stays_free(
    office: Office, seed: int, share: float
) -> None:
    chance = random.Random(seed)
    await office.publishes(group={"max": SEATS, "max_share_per_department": share, "min": 1})
    managers = [None, None, "E0", "E1"]
    people = [hr_says(f"E{n}", unit_id=f"D{n % 3}", manager_id=chance.choice(managers)) for n in range(PEOPLE)]
    await office.service.receives(*people[: PEOPLE // 2])
    await office.schedules()
    processes = [office, another_process(office), another_process(office)]
    acts: list[Act] = [*history(chance), *(partial(hears, fact) for fact in people[PEOPLE // 2 :])]
    async with watched(office) as versions:
        await office.composes()
        for start in range(0, len(acts), 12):
            now = acts[start : start + 12]
            await asyncio.gather(*(act(chance.choice(processes)) for act in now))
            office.service.clock.moment += timedelta(days=2)
        for acts in everybody_changes():
            await asyncio.gather(*(act(chance.choice(processes)) for act in acts))
        await office.service.advance_to(office.service.clock.now() + timedelta(minutes=2))
    assert versions[-1] == await office.cohort()  # all have been seen
    assert max(len(version.seats) for version in versions) <= SEATS
    await assert_all_is_well(office)


async def assert_all_is_well(office: Office) -> None:
    """Seats and places say the same, nobody has two, and nobody who waits could have a seat that is free."""

    async def look(tx: EnrolmentTransaction) -> tuple[Cohort | None, list[Place]]:
        return await tx.cohorts.get("FLC-1"), await tx.places.find({})

    cohort, found = await office.service.delivery.run(look)
    assert cohort
    seated = [place for place in found if place.state in SEATED]
    assert sorted(cohort.seats) == sorted(place.id for place in seated)
    assert len({place.employee_id for place in seated}) == len(seated) <= SEATS
    assert offers.may_fill(cohort, office.service.clock.now())
    waiting = [place for place in found if place.state == "queued" and cohort.id not in place.not_in]
    if len(seated) < SEATS:
        several = [them for n in range(1, SEATS - len(seated) + 1) for them in itertools.combinations(waiting, n)]
        assert not [them for them in several if await fit(office, them, seated, cohort)]


async def fit(office: Office, them: Sequence[Place], seated: list[Place], cohort: Cohort) -> bool:
    """Whether they could sit with the others: here, managers, reports and their departments' share are in the way."""
    new = [record for one in them if (record := (await office.employee(one.employee_id)).record)]
    old = [record for one in seated if (record := (await office.employee(one.employee_id)).record)]
    everybody = [*new, *old]
    most = max(1, cohort.content.group.max_share_per_department * len(everybody))
    apart = not any(one.manager_id == other.employee_id for one in everybody for other in everybody)
    return apart and all(sum(other.unit_id == one.unit_id for other in everybody) <= most for one in new)
