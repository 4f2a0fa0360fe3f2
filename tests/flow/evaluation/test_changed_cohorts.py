"""What a change of a running cohort does to its waves: in whatever order its events come."""

from datetime import timedelta
from itertools import permutations

import pytest

from services.evaluation.model import Cohort, Wave, WaveState
from services.evaluation.store import Reader
from shared.delivery import Outcome
from shared.events import LocalisedText, Reason
from shared.events.base import Event
from shared.events.enrolment import SessionCancelled, SessionHeld
from tests.flow.evaluation.town import Town, confirmed
from tests.unit.evaluation.arrange import FIRST_DAY, LAST_DAY, TITLE, a_schedule, a_session, local

WHY = Reason(code="ByOffice", text=LocalisedText(sv="Inställd.", en="Cancelled."))
BETWEEN = FIRST_DAY + timedelta(days=28)


def cancelled(name: str = "M2", version: int = 5) -> SessionCancelled:
    starts = {"M1": FIRST_DAY, "M2": LAST_DAY}[name]
    return SessionCancelled(
        cohort_id="FLC-1", version=version, programme="FLC", title=TITLE, session=a_session(name, starts, 2), reason=WHY
    )


def first_held(version: int = 4) -> SessionHeld:
    return SessionHeld(
        cohort_id="FLC-1",
        version=version,
        programme="FLC",
        title=TITLE,
        session=a_session("M1", FIRST_DAY),
        attended=("E1", "E2"),
        last=False,
    )


async def wave(town: Town, name: str = "T1") -> Wave:
    found = await Reader(town.database).get(Wave, f"FLC-1:{name}")
    assert found is not None
    return found


async def test_the_last_wave_does_not_wait_for_a_session_that_is_cancelled(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2")
    await town.is_at(FIRST_DAY + timedelta(days=1))
    await town.service.receives(first_held())
    await town.service.receives(cancelled())
    await town.is_at(FIRST_DAY + timedelta(days=2))
    assert (await wave(town)).state is WaveState.open
    assert set(town.links("T1")) == {"E1", "E2"}


@pytest.mark.parametrize("order", list(permutations([a_schedule(), first_held(), cancelled()])))
async def test_a_cancelled_session_is_not_waited_for_in_whatever_order_it_is_heard_of(
    town: Town, order: tuple[Event, ...]
) -> None:
    await town.service.receives(*map(confirmed, ("E1", "E2")))
    await town.is_at(FIRST_DAY + timedelta(days=1))
    for event in order:
        await town.service.receives(event)
    cohort = await Reader(town.database).get(Cohort, "FLC-1")
    assert cohort
    assert ([session.session_id for session in cohort.meetings], cohort.last_recorded) == (["FLC-1:M1"], True)


async def test_a_cancellation_heard_twice_is_news_once(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    assert await town.service.receives(cancelled(), cancelled()) == [Outcome.applied, Outcome.stale]


async def test_the_first_wave_moves_when_the_first_session_is_cancelled(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    before = (await wave(town, "T0")).opens_at
    await town.service.receives(cancelled("M1"))
    assert (await wave(town, "T0")).opens_at - before >= timedelta(days=50)


async def test_a_cohort_without_any_session_left_is_asked_nothing(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2")
    await town.service.receives(cancelled("M1"), cancelled("M2", version=6))
    await town.is_at(local(2027, 3, 1))
    assert town.service.announced == []


async def test_waves_follow_a_session_that_is_added_at_the_end(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    later = LAST_DAY + timedelta(days=28)
    sessions = [a_session("M1", FIRST_DAY), a_session("M2", LAST_DAY), a_session("M3", later)]
    await town.service.receives(a_schedule(*sessions, version=9))
    assert (await wave(town)).opens_at > later


async def test_a_schedule_without_a_session_and_its_cancellation_agree_in_any_order(town: Town) -> None:
    adopted = a_schedule(a_session("M1", FIRST_DAY), a_session("M3", BETWEEN), version=5)
    for events in permutations([adopted, cancelled()]):
        await town.database["cohorts"].delete_many({})
        await town.service.receives(a_schedule())
        for event in events:
            await town.service.receives(event)
        cohort = await Reader(town.database).get(Cohort, "FLC-1")
        assert cohort
        assert [session.session_id for session in cohort.meetings] == ["FLC-1:M1", "FLC-1:M3"]
