"""Reminders of a survey: when, to whom, and by which link."""

import asyncio
from datetime import timedelta

from services.evaluation import handlers
from services.evaluation.model import InvitationStatus, LinkKey
from services.evaluation.rules import planning
from services.evaluation.store import EvaluationTransaction
from shared.events.evaluation import InvitationsRequested, RemindersRequested
from shared.events.notifications import MessageFailed
from shared.model import Timer
from shared.timers import TimerRunner
from tests.flow.evaluation.test_waves import WHY, moved, statuses, withdrawn
from tests.flow.evaluation.town import T1_IS_OPEN, Town, confirmed, held
from tests.unit.evaluation.arrange import SETUP, local

T0_OPENS = local(2026, 11, 4, 8)
FIRST, SECOND = local(2026, 11, 10, 8), local(2026, 11, 16, 8)
"""The fourth and the eighth working day after Wednesday the fourth of November."""


def reminded(town: Town, wave: str = "T0") -> list[set[str]]:
    return [
        {one.employee_id for one in event.recipients}
        for event in town.service.said(RemindersRequested)
        if event.wave == wave
    ]


async def test_those_who_have_not_answered_are_reminded_twice(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2", "E3")
    await town.is_at(T0_OPENS)
    await town.answers("E1", "T0")
    await town.is_at(FIRST)
    assert reminded(town) == [{"E2", "E3"}]
    await town.answers("E2", "T0")
    await town.is_at(SECOND)
    assert reminded(town) == [{"E2", "E3"}, {"E3"}]
    await town.is_at(local(2027, 1, 10, 8))
    assert len(reminded(town)) == 2


async def test_no_reminder_comes_before_its_day(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(local(2026, 11, 10, 7))
    assert reminded(town) == []


async def test_when_all_have_answered_nobody_is_reminded(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_OPENS)
    await town.answers("E1", "T0")
    await town.is_at(SECOND)
    assert reminded(town) == []


async def test_a_reminder_carries_the_same_link_which_takes_one_answer(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(FIRST)
    (invited,), (again,) = (
        town.service.said(kind)[0].recipients for kind in (InvitationsRequested, RemindersRequested)
    )
    assert invited == again
    link = again.url.removeprefix(SETUP.public_url)
    assert (await town.web.get(link)).status_code == 200
    assert (await town.web.post(link, data={"UM1": "4"})).status_code == 200
    assert (await town.web.post(link, data={"UM1": "4"})).status_code == 409


async def test_the_token_of_no_link_is_kept(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2")
    await town.is_at(FIRST)
    kept = str(await town.stored())
    assert not any(link.removeprefix("/s/") in kept for link in town.links("T0").values())


async def test_when_the_key_is_destroyed_no_link_can_be_made_again(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_OPENS)
    await town.database[LinkKey.collection].delete_many({})
    await town.is_at(SECOND)
    assert reminded(town) == []


async def test_whoever_is_out_or_was_never_reached_is_not_reminded(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2", "E3")
    await town.is_at(T0_OPENS)
    failed = MessageFailed(
        message_id="m1", version=1, kind="survey", employee_id="E2", regarding="FLC-1:T0", reason=WHY
    )
    await town.service.receives(withdrawn("E1"), failed)
    await town.is_at(FIRST)
    assert reminded(town) == [{"E3"}]


async def test_who_came_late_is_not_reminded_at_once(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(local(2026, 11, 9, 9))
    await town.service.receives(confirmed("E2"))
    await town.is_at(SECOND)
    assert reminded(town) == [{"E1"}, {"E1", "E2"}]


async def test_nobody_is_reminded_on_the_last_day(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_OPENS)
    await town.service.receives(moved(-14))  # the wave closes in the evening of the day of the first reminder
    await town.is_at(SECOND)
    assert reminded(town) == []


async def test_nobody_is_reminded_of_a_pulse(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    town.service.clock.moment = local(2026, 11, 25, 16)
    await town.service.receives(held("E1", last=False))
    await town.is_at(local(2026, 11, 25, 17))
    await town.is_at(T1_IS_OPEN)
    assert town.links("P")
    assert reminded(town, "P") == []


async def test_nobody_is_reminded_in_weeks_in_which_nobody_reads_mails(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.service.receives(moved(40))  # to the fourth of January: the wave opens on the fourteenth of December
    await town.is_at(local(2027, 1, 3, 12))
    assert reminded(town) == [{"E1"}]


async def test_an_answer_that_comes_as_reminders_are_decided_stays_answered(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(local(2026, 11, 9, 9))
    await town.service.receives(confirmed("E2"))  # late: the first reminder writes that it has passed her over
    decided, answered = asyncio.Event(), asyncio.Event()

    async def remind_slowly(tx: EvaluationTransaction) -> None:
        await handlers.remind(Timer.of(planning.REMIND, "FLC-1:T0", FIRST, number=1), tx)
        decided.set()
        await answered.wait()

    reminding = asyncio.create_task(town.service.delivery.run(remind_slowly))
    await decided.wait()
    assert (await town.answers("E2", "T0")).status_code == 200
    answered.set()
    await reminding
    assert (await statuses(town))["E2"] is InvitationStatus.answered


async def test_reminders_that_are_done_twice_after_a_crash_go_once(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(FIRST - timedelta(minutes=1))
    town.service.clock.moment = FIRST
    other = TimerRunner(handlers.timers, town.service.delivery, town.service.clock)
    await asyncio.gather(town.service.timers.run_due(FIRST), other.run_due(FIRST))
    await town.is_at(FIRST)
    assert reminded(town) == [{"E1"}]
