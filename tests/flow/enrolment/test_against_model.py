"""Random histories of HR's messages, answers, the office's work and the clock, through the real service on a real
database and through a model of one page (`simple_model`): after every step both must tell the same.

In `check` the histories are always the same ones. For more and other ones, say how many steps:
`LEDSTJARNA_MODEL_STEPS=200000 python -m pytest tests/flow/enrolment/test_against_model.py -s`.
"""

import asyncio
import os
import time as stopwatch
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from deploy.local.mongo import Mongo
from services.enrolment import handlers
from services.enrolment.commands import cohort_changes, cohorts, places, programmes, seats
from services.enrolment.store import INDEXES, EnrolmentTransaction
from shared.delivery import connect
from shared.events.base import LocalisedText
from shared.events.hr import EmployeeLeft
from tests.flow.enrolment.conftest import LINKS
from tests.flow.enrolment.simple_model import OPEN, SEATED, Cohort, Model, Place, Told, day_of
from tests.harness import Harness, harness
from tests.unit.enrolment.arrange import STOCKHOLM, hr_says, the_file

IN_CHECK = 10_000
STEPS = int(os.environ.get("LEDSTJARNA_MODEL_STEPS", IN_CHECK))
HISTORY = 60
"""Steps of one history."""
START = datetime(2027, 3, 17, 7, tzinfo=UTC)
"""Summer time begins, and Easter lies, between this and the first sessions."""
FIRST_DAYS = {"FLC-1": date(2027, 4, 7), "FLC-2": date(2027, 4, 14)}
END = datetime(2027, 4, 7, 6, tzinfo=UTC)
"""The first session begins an hour later."""
SEATS, ANSWER_WITHIN = 3, 2
LEVELS = {"E1": "first_line", "E2": "first_line", "E3": "first_line", "E4": "first_line", "E5": "first_line"} | {
    "E6": "middle",
    "E7": "none",
}
GROUP = {"min": 1, "max": SEATS, "max_share_per_department": 1.0, "separate_manager_and_report": False}
WHY = LocalisedText(sv="För få.", en="Too few.")

people = st.sampled_from(sorted(LEVELS))
cohort_ids = st.sampled_from(sorted(FIRST_DAYS))
which = st.integers(0, 50)
spans = st.one_of(
    st.integers(1, 50).map(lambda number: timedelta(minutes=number)),
    st.integers(1, 30).map(lambda number: timedelta(hours=number)),
    st.integers(2, 4).map(lambda number: timedelta(days=number)),
)
Do = Callable[[EnrolmentTransaction], Awaitable[Any]]


@dataclass
class Real:
    """The service, and the loop that it runs in; it is emptied for every history."""

    runner: asyncio.Runner
    service: Harness[EnrolmentTransaction]
    steps: int = 0

    def run(self, work: Awaitable[Any]) -> Any:
        """Do something in the service's loop."""

        async def doing() -> Any:
            return await work

        return self.runner.run(doing())

    async def empty(self) -> None:
        """Nothing has ever happened."""
        await self.service.published()
        database = self.service.delivery.database
        for name in await database.list_collection_names():
            await database[name].delete_many({})
        self.service.publisher.events.clear()
        self.service.clock.moment = START

    async def seen(self) -> dict[str, Any]:
        """What is compared."""
        database = self.service.delivery.database
        return {
            "places": {
                row["_id"]: told_of(
                    row["state"], row["offers"], row["answer_by"], row["cohort_id"], row["reason"]["code"]
                )
                async for row in database["places"].find({})
            },
            "line": [
                (row["_id"], row["priority"], row["queued_at"])
                async for row in database["places"]
                .find({"state": "queued"})
                .sort([("priority", 1), ("queued_at", 1), ("_id", 1)])
            ],
            "seats": {row["_id"]: (row["state"], sorted(row["seats"])) async for row in database["cohorts"].find({})},
            "staff": {
                row["_id"]: (not row["left"], row["on_leave"] and not row["left"], sorted(row["open_places"]))
                async for row in database["employees"].find({})
            },
        }


def told_of(state: str, offers: int, answer_by: datetime | None, cohort_id: str | None, why: str) -> tuple[Any, ...]:
    """What is said of a place in its state: what was so in an earlier one does not matter."""
    ended = state in {"declined", "expired", "withdrawn"}
    return state, offers, answer_by, cohort_id if state in SEATED else None, why if ended else None


def expected(model: Model) -> dict[str, Any]:
    """What `Real.seen` must show."""
    return {
        "places": {
            p.id: told_of(p.state, p.offers, p.answer_by, p.cohort.id if p.cohort else None, p.why)
            for p in model.places
        },
        "line": [(place.id, place.priority, place.queued_at) for place in model.line()],
        "seats": {
            cohort.id: (cohort.state, sorted(place.id for place in model.seated(cohort)))
            for cohort in model.cohorts.values()
        },
        "staff": {
            person.id: (
                person.stands.here,
                person.stands.on_leave,
                sorted(p.id for p in model.places if p.person is person and p.state in OPEN),
            )
            for person in model.people.values()
        },
    }


class Histories(RuleBasedStateMachine):
    """One history: each rule does something to both, and then lets everything happen that is due."""

    real: Real

    def __init__(self) -> None:
        super().__init__()
        self.done = 0
        self.told: list[tuple[str, Told]] = []
        self.newest: dict[str, Told] = {}
        starts = {
            cohort_id: [
                datetime.combine(day + timedelta(days=after), time(9), tzinfo=STOCKHOLM).astimezone(UTC)
                for after in (0, 28)
            ]
            for cohort_id, day in FIRST_DAYS.items()
        }
        groups = [Cohort(cohort_id, tuple(starts[cohort_id])) for cohort_id in FIRST_DAYS]
        self.model = Model(START, groups, seats=SEATS, answer_within=ANSWER_WITHIN)

    @initialize()
    def begin(self) -> None:
        """HR tells about everybody, and the office writes a programme with two groups."""
        self.real.run(self.real.empty())
        for person, level in LEVELS.items():
            self._hr(person, Told(1, date(2026, 4, 1), level), compare=False)
        self._office(lambda tx: programmes.apply(tx, the_programme(levels=["first_line"])))
        self.model.programme_reads(frozenset({"first_line"}))
        for cohort_id, day in FIRST_DAYS.items():
            scheduling = partial(cohorts.schedule, first_day=day, start=time(9), location="Sal A")
            self._office(partial(scheduling, cohort_id=cohort_id, programme_code="FLC"))
        self._same()

    # --- HR

    @rule(person=people, level=st.sampled_from(["none", "first_line", "first_line", "middle"]), days=which)
    def hr_says_level(self, person: str, level: str, days: int) -> None:
        """She leads at another level, from today or a coming day."""
        ahead = max(0, days - 40)
        self._next(person, level=level, begins=self._today + timedelta(days=ahead))

    @rule(person=people, ahead=st.integers(0, 12), days=st.one_of(st.none(), st.integers(0, 30)))
    def hr_says_leave(self, person: str, ahead: int, days: int | None) -> None:
        """She is away from today or a coming day, until a day or nobody knows how long."""
        first = self._today + timedelta(days=ahead)
        away = (first, None if days is None else first + timedelta(days=days))
        self._next(person, begins=self._today, away=away)

    @rule(person=people)
    def hr_says_here(self, person: str) -> None:
        """She is here: back from leave, or not to leave, or employed again."""
        self._next(person, begins=self._today, away=None)

    @rule(person=people, ahead=st.integers(-1, 25))
    def hr_says_leaves(self, person: str, ahead: int) -> None:
        """She has left, or has a last day that lies ahead."""
        told = Told(self.newest[person].version + 1, self._today + timedelta(days=ahead + 1), None)
        self._hr(person, told)

    @rule(number=which)
    def hr_says_again(self, number: int) -> None:
        """A message of HR's comes once more: the newest ones, or old ones."""
        person, told = self.told[-1 - number % len(self.told)]
        self._hr(person, told)

    @rule(person=people, level=st.sampled_from(["none", "first_line"]), ahead=st.integers(0, 20), days=which)
    def hr_says_two_in_disorder(self, person: str, level: str, ahead: int, days: int) -> None:
        """What HR told last comes before what it told before that; each may hold from today or a coming day."""
        version = self.newest[person].version
        record = Told(version + 1, self._today + timedelta(days=ahead), level)
        other = Told(version + 2, self._today + timedelta(days=days // 2), "middle" if days % 2 else "first_line")
        first, second = (
            (record, other) if days % 3 else (replace(other, version=version + 1), replace(record, version=version + 2))
        )
        self._hr(person, second)
        self._hr(person, first)

    # --- she

    @precondition(lambda self: self._one(0, SEATED))
    @rule(number=which, said=st.sampled_from(["accept", "accept", "decline"]))
    def answers(self, number: int, said: places.Answer) -> None:
        """Somebody answers her offer."""
        place = self._one(number, SEATED)
        if place:
            self._office(partial(places.answer, place_id=place.id, round_=place.offers, said=said))
            self.model.answers(place, place.offers, said)
        self._same()

    @precondition(lambda self: self._one(0))
    @rule(number=which, said=st.sampled_from(["accept", "decline"]), back=st.integers(0, 1))
    def answers_an_old_link(self, number: int, said: places.Answer, back: int) -> None:
        """Somebody answers an offer whatever has become of it."""
        place = self._one(number)
        if place:
            round_ = max(1, place.offers - back)
            self._office(partial(places.answer, place_id=place.id, round_=round_, said=said))
            self.model.answers(place, round_, said)
        self._same()

    @precondition(lambda self: self._one(0, {"expired"}))
    @rule(number=which)
    def asks_again(self, number: int) -> None:
        """Somebody who was too late wants to wait for the next."""
        place = self._one(number, {"expired"})
        if place:
            self._office(partial(places.ask_again, place_id=place.id, round_=place.offers))
            self.model.asks_again(place, place.offers)
        self._same()

    # --- the office

    @rule(cohort_id=cohort_ids, seed=st.integers(0, 3))
    def composes(self, cohort_id: str, seed: int) -> None:
        """A group is chosen from the queue."""
        self._office(partial(seats.compose, cohort_id=cohort_id, seed=seed))
        self.model.compose(cohort_id, seed)
        self._same()

    @precondition(lambda self: self._one(0, {"queued"}))
    @rule(number=which, first=st.booleans())
    def puts_in_line(self, number: int, first: bool) -> None:
        """Somebody goes before others, or back to her turn."""
        place = self._one(number, {"queued"})
        if place:
            self._office(partial(places.put_in_line, place_id=place.id, first=first, note=""))
            self.model.put(place, first=first)
        self._same()

    @precondition(lambda self: self._one(0, {"offered"}))
    @rule(number=which)
    def takes_back(self, number: int) -> None:
        """An offer is taken back."""
        place = self._one(number, {"offered"})
        if place:
            self._office(partial(places.take_back, place_id=place.id, note=""))
            self.model.take_back(place)
        self._same()

    @precondition(lambda self: self.done % 3 == 0 and self._one(0, OPEN))
    @rule(number=which)
    def withdraws(self, number: int) -> None:
        """The office ends a place."""
        place = self._one(number, OPEN)
        if place:
            self._office(partial(places.withdraw, place_id=place.id, note=""))
            self.model.withdraw(place)
        self._same()

    @rule(
        levels=st.sampled_from([("first_line",), ("first_line", "middle"), ("middle",)]), hours=st.sampled_from([5, 6])
    )
    def revises(self, levels: tuple[str, ...], hours: int) -> None:
        """The programme is for others, or only its text changes."""
        file = the_programme(levels=list(levels), hours=hours)
        applied = self._office(lambda tx: programmes.apply(tx, file))
        if applied.outcome != "unchanged":
            self.model.programme_reads(frozenset(levels))
        self._same()

    @precondition(lambda self: self.done % 8 == 0)
    @rule(cohort_id=cohort_ids)
    def cancels(self, cohort_id: str) -> None:
        """A group is called off."""
        if self.model.cohorts[cohort_id].state != "cancelled":
            self._office(partial(cohort_changes.cancel_cohort, cohort_id=cohort_id, why=WHY))
            self.model.cancel(cohort_id)
        self._same()

    @precondition(lambda self: self.done % 9 == 0 and not self.model.retired)
    @rule()
    def retires(self) -> None:
        """The programme takes nobody more, until the office writes it again."""
        self._office(partial(programmes.retire, code="FLC"))
        self.model.retire()
        self._same()

    # --- the clock

    @rule(span=spans)
    def time_passes(self, span: timedelta) -> None:
        """Minutes, hours or days go by."""
        until = min(self.model.now + span, END)
        self.real.run(self._advance(until))
        self.model.time_passes(until)
        self._same()

    @rule()
    def next_thing_happens(self) -> None:
        """It is the moment before, or of, the next deadline."""
        moments = [place.answer_by for place in self.model.places if place.answer_by]
        until = min([*(moment for moment in moments if moment > self.model.now), END])
        self.time_passes(until - self.model.now)

    # --- how

    @property
    def _today(self) -> date:
        return day_of(self.model.now)

    def _one(self, number: int, states: Any = None) -> Place | None:
        found = [place for place in self.model.places if states is None or place.state in states]
        return found[number % len(found)] if found else None

    def _next(self, person: str, **changes: Any) -> None:
        newest = self.newest[person]
        record = max((t for name, t in self.told if name == person and t.level), key=lambda t: t.version)
        facts = {"level": record.level, "away": record.away} | changes
        self._hr(person, Told(newest.version + 1, **facts))

    def _hr(self, person: str, told: Told, *, compare: bool = True) -> None:
        if told.version > (self.newest[person].version if person in self.newest else 0):
            self.newest[person] = told
        if (person, told) not in self.told:
            self.told.append((person, told))
        self.real.run(self.real.service.receives(event_of(person, told)))
        self.model.hr_tells(person, told)
        if compare:
            self._same()

    def _office(self, work: Any) -> Any:
        return self.real.run(self.real.service.delivery.run(work))

    async def _advance(self, until: datetime) -> None:
        await self.real.service.advance_to(until)

    def _same(self) -> None:
        self.done += 1
        self.real.steps += 1
        self.real.run(self._advance(self.model.now))
        seen, should = self.real.run(self.real.seen()), expected(self.model)
        for what in should:
            assert seen[what] == should[what], f"{what}, {self.model.now}: the service, then the model"


def event_of(person: str, told: Told) -> Any:
    """The message that tells it."""
    if told.level is None:
        last_day = told.begins - timedelta(days=1)
        return EmployeeLeft(employee_id=person, version=told.version, last_day=last_day)
    absent = {"from": told.away[0], "to": told.away[1]} if told.away else None
    return hr_says(person, told.version, level=told.level, absent=absent, effective_from=told.begins)


def the_programme(levels: list[str], hours: int = 6) -> Any:
    """The programme's file for these levels."""
    audience = {"levels": levels, "appointed_within_days": None, "excludes_completed": []}
    modules = the_file().model_dump()["modules"]
    modules[0]["hours"] = hours
    return the_file(audience=audience, group=GROUP, offer={"answer_within_days": ANSWER_WITHIN}, modules=modules)


async def _started(stack: AsyncExitStack, url: str) -> Harness[EnrolmentTransaction]:
    database = connect(url)
    stack.callback(database.client.close)
    return await stack.enter_async_context(
        harness(
            database,
            name="enrolment",
            transaction=partial(EnrolmentTransaction, links=LINKS, zone=STOCKHOLM),
            subscriptions=(handlers.hr, handlers.notifications, handlers.evaluation),
            timers=handlers.timers,
            indexes=INDEXES,
            start=START,
        )
    )


@pytest.fixture
def real(mongo: Mongo) -> Iterator[Real]:
    """The service, in a loop of its own: a machine of hypothesis has none."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        service = runner.run(_started(stack, mongo.url_of("against_model")))
        yield Real(runner, service)
        runner.run(stack.aclose())


@pytest.mark.timeout(max(900, STEPS // 10))
def test_service_tells_what_the_simple_model_tells_after_every_step(real: Real) -> None:
    Histories.real = real
    began = stopwatch.monotonic()
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=max(1, STEPS * 6 // 5 // HISTORY),
            stateful_step_count=HISTORY,
            derandomize=STEPS == IN_CHECK,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{real.steps} steps in {stopwatch.monotonic() - began:.0f} s")
    assert real.steps >= STEPS
