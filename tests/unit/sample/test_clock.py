"""Moving simulated time: it stops where something is due, and goes on only when all is still."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.ctl.clock import NotStillError, SimulatedTime, span
from deploy.ctl.queues import Queues
from deploy.ctl.standing import Ledger, Progress, Standing, unhandled
from shared.clock import SimulatedClock
from shared.topology import SERVICES

START = datetime(2026, 8, 17, 6, tzinfo=UTC)
NOTHING = Ledger(inbox={}, outbox={})


class Services(Standing):
    """Services that do at once what is due; `works` many times one of them says that it has work under way."""

    def __init__(self, clock: SimulatedClock, due: Iterable[datetime] = (), works: int = 0, dead: int = 0) -> None:
        self._clock = clock
        self._due = sorted(due)
        self._works, self._dead = works, dead
        self.asked_for_ledgers = 0
        self.ledger: dict[str, Ledger] = dict.fromkeys(SERVICES, NOTHING)
        self.announced = 0

    async def progress(self) -> dict[str, Progress]:
        now = self._clock.now()
        ahead = [moment for moment in self._due if moment > now]
        busy, self._works = int(self._works > 0), self._works - 1
        how = Progress(
            ran_until=now,
            next_due=ahead[0] if ahead else None,
            outbox_pending=0,
            in_flight=busy,
            busy=0,
            taken_in=0,
            announced=self.announced,
            dead=self._dead,
        )
        return dict.fromkeys(SERVICES, how)

    async def ledgers(self) -> dict[str, Ledger]:
        self.asked_for_ledgers += 1
        return self.ledger


class Broker(Queues):
    """Queues with the same number of messages in each."""

    def __init__(self, waiting: int = 0, dead: int = 0) -> None:
        self._waiting, self._dead = waiting, dead

    async def waiting(self, names: Iterable[str]) -> dict[str, int] | None:
        return dict.fromkeys(names, self._waiting)

    async def dead(self) -> dict[str, int] | None:
        return dict.fromkeys(SERVICES, self._dead)


@pytest.fixture
def clock(tmp_path: Path) -> SimulatedClock:
    (tmp_path / "clock").write_text(START.isoformat())
    return SimulatedClock(tmp_path / "clock")


async def test_time_stops_at_everything_due_on_the_way(clock: SimulatedClock) -> None:
    seen: list[datetime] = []

    async def look() -> None:
        seen.append(clock.now())

    due = [START + timedelta(hours=30), START + timedelta(hours=2), START + timedelta(days=9)]
    await SimulatedTime(clock, Services(clock, due), Broker()).advance(START + timedelta(days=3), look)
    assert seen == [START + timedelta(hours=2), START + timedelta(hours=30), START + timedelta(days=3)]


async def test_what_is_due_within_an_hour_is_done_together(clock: SimulatedClock) -> None:
    due = [START + timedelta(minutes=70), START + timedelta(minutes=90)]
    seen: list[datetime] = []

    async def look() -> None:
        seen.append(clock.now())

    await SimulatedTime(clock, Services(clock, due), Broker()).advance(START + timedelta(hours=2), look)
    assert seen == [START + timedelta(hours=2)]


async def test_time_does_not_go_past_its_target(clock: SimulatedClock) -> None:
    await SimulatedTime(clock, Services(clock, [START + timedelta(minutes=50)]), Broker()).advance(
        START + timedelta(minutes=20)
    )
    assert clock.now() == START + timedelta(minutes=20)


async def test_work_under_way_is_waited_for(clock: SimulatedClock) -> None:
    services = Services(clock, works=3)
    await SimulatedTime(clock, services, Broker()).settle()
    assert (await services.progress())["enrolment"].in_flight == 0


async def test_a_message_that_still_waits_in_a_queue_is_not_stillness(clock: SimulatedClock) -> None:
    with pytest.raises(NotStillError, match=r"messages wait in enrolment\.hr"):
        await SimulatedTime(clock, Services(clock), Broker(waiting=1), patience=0.1).settle()


async def test_a_message_on_its_way_into_a_service_is_not_stillness(clock: SimulatedClock) -> None:
    services = Services(clock)
    announced = Ledger(inbox={}, outbox={"enrolment.place.completed.v1": {"published": 1, "pending": 0}})
    services.ledger = {**services.ledger, "enrolment": announced}
    with pytest.raises(NotStillError, match="on their way to notifications, evaluation"):
        await SimulatedTime(clock, services, Broker(), patience=0.1).settle()


@pytest.mark.parametrize(("recorded", "in_the_broker"), [(1, 0), (0, 1)])
async def test_a_dead_letter_is_not_waited_for(clock: SimulatedClock, recorded: int, in_the_broker: int) -> None:
    services = Services(clock, dead=recorded)
    broker = Broker(dead=in_the_broker)
    await SimulatedTime(clock, services, broker, {"hr.employee.left.v1": 1}, patience=0.1).settle()
    assert unhandled(services.ledger, {"hr.employee.left.v1": 1}) == dict.fromkeys(SERVICES, 1)


async def test_inboxes_are_counted_again_only_when_something_was_taken_in_or_announced(clock: SimulatedClock) -> None:
    services = Services(clock)
    time = SimulatedTime(clock, services, Broker())
    await time.settle()
    counted = services.asked_for_ledgers
    await time.settle()
    assert services.asked_for_ledgers == counted
    services.announced = 1
    await time.settle()
    assert services.asked_for_ledgers > counted


@pytest.mark.parametrize(
    ("text", "length"), [("3d", timedelta(3)), ("4h", timedelta(hours=4)), ("90m", timedelta(0, 5400))]
)
def test_lengths_of_time_are_read_as_operators_write_them(text: str, length: timedelta) -> None:
    assert span(text) == length


@pytest.mark.parametrize("text", ["", "3", "d", "-3d", "0d", "3 days", "1.5h", "3w", "999999d"])
def test_another_way_to_write_a_length_of_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="like 3d, 4h or 90m"):
        span(text)
