"""A wave's life, from a cohort's schedule to its close."""

import asyncio
from datetime import date, timedelta

from services.evaluation import handlers
from services.evaluation.model import Invitation, InvitationStatus, Wave, WaveState
from services.evaluation.store import EvaluationTransaction, Reader
from shared.delivery import Outcome
from shared.events import LocalisedText, Reason
from shared.events.enrolment import CohortCancelled, PlaceConfirmed, PlaceWithdrawn, SessionRescheduled
from shared.events.evaluation import InvitationsRequested, ReleasePublished, RemindersRequested, WaveClosed, WaveOpened
from shared.events.hr import EmployeeLeft
from shared.events.notifications import MessageFailed
from tests.flow.evaluation.town import (
    BEFORE_IT_OPENS,
    T0_IS_CLOSED,
    T0_IS_OPEN,
    T1_IS_OPEN,
    Town,
    confirmed,
    held,
)
from tests.unit.evaluation.arrange import FIRST_DAY, TITLE, a_schedule, a_session, local

WHY = Reason(code="left", text=LocalisedText(sv="Slutat", en="Left"))


def withdrawn(person: str, version: int = 4) -> PlaceWithdrawn:
    return PlaceWithdrawn(
        place_id=f"FLC:{person}:1",
        version=version,
        employee_id=person,
        programme="FLC",
        title=TITLE,
        cohort_id="FLC-1",
        was="confirmed",
        reason=WHY,
    )


def moved(days: int) -> SessionRescheduled:
    return SessionRescheduled(
        cohort_id="FLC-1",
        version=2,
        programme="FLC",
        title=TITLE,
        session=a_session("M1", FIRST_DAY + timedelta(days=days), 2),
        previous_starts_at=FIRST_DAY,
        previous_location="Stadshuset",
    )


async def statuses(town: Town) -> dict[str, InvitationStatus]:
    rows = [Invitation.model_validate(row) async for row in town.database["invitations"].find()]
    return {row.employee_id: row.status for row in rows}


async def wave(town: Town, name: str) -> Wave:
    found = await Reader(town.database).get(Wave, f"FLC-1:{name}")
    assert found is not None
    return found


async def test_nobody_is_asked_before_the_wave_opens(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2")
    assert town.service.announced == []


async def test_when_the_first_wave_opens_each_member_gets_her_own_link(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2")
    await town.is_at(T0_IS_OPEN)
    links = town.links("T0")
    assert set(links) == {"E1", "E2"}
    assert len(set(links.values())) == 2
    assert all(len(link.removeprefix("/s/")) == 22 for link in links.values())


async def as_the_first_wave_opens(town: Town, told: PlaceConfirmed | PlaceWithdrawn) -> None:
    """It is handled before the wave opens and would be committed after it, when the members have been read."""
    handled, wave_is_open = asyncio.Event(), asyncio.Event()

    async def keep_slowly(tx: EvaluationTransaction) -> None:
        await handlers.keep_members(told, tx)
        handled.set()
        await wave_is_open.wait()

    kept = asyncio.create_task(town.service.delivery.run(keep_slowly))
    await handled.wait()
    await town.is_at(T0_IS_OPEN)
    wave_is_open.set()
    await kept
    await town.service.published()


async def test_who_accepts_as_the_wave_opens_is_asked(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await as_the_first_wave_opens(town, confirmed("E2"))
    assert set(town.links("T0")) == {"E1", "E2"}


async def test_who_withdraws_as_the_wave_opens_can_not_answer(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2")
    await as_the_first_wave_opens(town, withdrawn("E2"))
    assert await statuses(town) == {"E1": InvitationStatus.invited, "E2": InvitationStatus.withdrawn}


async def test_a_cohort_scheduled_late_is_asked_at_once_as_people_accept(town: Town) -> None:
    town.service.clock.moment = T0_IS_OPEN
    await town.service.receives(a_schedule())
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(confirmed("E1"))
    await town.service.receives(confirmed("E2"))
    assert [len(event.recipients) for event in town.service.said(InvitationsRequested)] == [1, 1]


async def test_the_versions_of_what_is_said_about_a_wave_rise(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(confirmed("E2"))
    await town.is_at(T0_IS_CLOSED)
    about = [event for event in town.service.announced if event.subject == "FLC-1:T0"]
    assert [(type(event), event.version) for event in about] == [
        (WaveOpened, 1),
        (InvitationsRequested, 2),
        (RemindersRequested, 3),
        (InvitationsRequested, 4),
        (RemindersRequested, 5),
        (WaveClosed, 6),
    ]


async def test_acceptance_told_twice_asks_once(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_IS_OPEN)
    assert await town.service.receives(confirmed("E2"), confirmed("E2")) == [Outcome.applied, Outcome.stale]
    assert [len(event.recipients) for event in town.service.said(InvitationsRequested)] == [1, 1]


async def test_acceptance_that_comes_before_the_schedule_counts(town: Town) -> None:
    await town.service.receives(confirmed("E1"), a_schedule())
    await town.is_at(T0_IS_OPEN)
    assert set(town.links("T0")) == {"E1"}


async def test_who_withdrew_before_the_acceptance_came_is_not_asked(town: Town) -> None:
    await town.service.receives(a_schedule(), withdrawn("E1"), confirmed("E1"), confirmed("E2"))
    await town.is_at(T0_IS_OPEN)
    assert set(town.links("T0")) == {"E2"}


async def test_who_withdraws_while_a_wave_is_open_can_answer_no_more(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2")
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(withdrawn("E1"))
    assert await statuses(town) == {"E1": InvitationStatus.withdrawn, "E2": InvitationStatus.invited}


async def test_who_comes_back_while_the_wave_is_open_gets_a_new_link(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_IS_OPEN)
    old = town.links("T0")["E1"]
    await town.service.receives(withdrawn("E1"), confirmed("E1", version=5))
    assert town.links("T0")["E1"] != old
    assert (await town.web.get(old)).status_code == 410
    assert (await town.web.get(town.links("T0")["E1"])).status_code == 200


async def test_who_has_a_new_place_in_the_cohort_keeps_her_link_when_the_end_of_the_old_one_is_told_late(
    town: Town,
) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(confirmed("E1").model_copy(update={"place_id": "FLC:E1:2"}), withdrawn("E1"))
    assert await statuses(town) == {"E1": InvitationStatus.invited}


async def test_who_left_is_asked_no_more(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2")
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(EmployeeLeft(employee_id="E1", version=8, last_day=T0_IS_OPEN.date() - timedelta(1)))
    assert await statuses(town) == {"E1": InvitationStatus.withdrawn, "E2": InvitationStatus.invited}


async def test_who_is_about_to_leave_can_answer_until_her_last_day_is_over(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    leaves = EmployeeLeft(employee_id="E1", version=8, last_day=date(2026, 11, 20))
    assert await town.service.receives(leaves) == [Outcome.held]
    await town.is_at(local(2026, 11, 20, 23))
    assert await statuses(town) == {"E1": InvitationStatus.invited}
    await town.is_at(local(2026, 11, 21, 1))
    assert await statuses(town) == {"E1": InvitationStatus.withdrawn}


async def test_a_leaving_told_again_after_a_new_place_does_not_count(town: Town) -> None:
    gone = EmployeeLeft(employee_id="E1", version=8, last_day=BEFORE_IT_OPENS.date() - timedelta(30))
    await town.service.receives(gone)
    await town.has_a_cohort_of("E1")
    assert await town.service.receives(gone) == [Outcome.stale]
    await town.is_at(T0_IS_OPEN)
    assert set(town.links("T0")) == {"E1"}


async def test_moving_the_first_session_moves_the_close_of_the_open_wave_and_says_so(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(moved(2))
    assert [event.closes_at for event in town.service.said(WaveOpened)] == [
        local(2026, 11, 24, 18),
        local(2026, 11, 26, 18),
    ]
    await town.is_at(local(2026, 11, 25, 12))
    assert (await wave(town, "T0")).state is WaveState.open
    await town.is_at(local(2026, 11, 26, 19))
    assert (await wave(town, "T0")).state is WaveState.closed


async def test_a_session_moved_before_the_schedule_is_known_moves_the_wave(town: Town) -> None:
    await town.service.receives(moved(7), a_schedule(), confirmed("E1"))
    assert (await wave(town, "T0")).opens_at == local(2026, 11, 11, 8)


async def test_after_the_programme_only_members_who_were_there_are_asked(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2", "E3")
    await town.is_at(FIRST_DAY + timedelta(hours=7))
    await town.service.receives(held("E1", "E3", last=False, version=5))
    await town.is_at(local(2027, 1, 20, 16))
    await town.service.receives(held("E1", "E3"), withdrawn("E3"))
    await town.is_at(T1_IS_OPEN)
    assert set(town.links("T1")) == {"E1"}


async def test_who_attended_is_asked_when_it_is_recorded_after_the_last_wave_has_opened(town: Town) -> None:
    """It opens without a record after a week; nobody would be asked about the programme at all."""
    await town.has_a_cohort_of("E1", "E2")
    await town.is_at(local(2027, 1, 29, 9))
    assert (await wave(town, "T1")).state is WaveState.open
    await town.service.receives(held("E1"), held("E1", version=10))
    assert [e.recipients[0].employee_id for e in town.service.said(InvitationsRequested) if e.wave == "T1"] == ["E1"]


async def test_attendance_recorded_twice_opens_the_last_wave_once(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(local(2027, 1, 20, 16))
    await town.service.receives(held("E1"), held("E1", version=10))
    await town.is_at(T1_IS_OPEN)
    await town.service.receives(held("E1", version=11))
    await town.is_at(local(2027, 1, 30, 16))
    assert [event.wave for event in town.service.said(WaveOpened)] == ["T0", "T1"]


async def test_a_cancelled_cohort_is_asked_nothing_and_gets_no_result(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(CohortCancelled(cohort_id="FLC-1", version=2, reason=WHY))
    assert (await town.web.get(town.links("T0")["E1"])).status_code == 410
    await town.is_at(local(2027, 3, 1, 9))
    assert [event.wave for event in town.service.said(WaveClosed)] == ["T0"]
    assert town.service.said(ReleasePublished) == []


async def test_a_cohort_whose_cancelling_came_first_is_never_asked(town: Town) -> None:
    await town.service.receives(CohortCancelled(cohort_id="FLC-1", version=2, reason=WHY))
    await town.has_a_cohort_of("E1")
    await town.is_at(local(2027, 3, 1, 9))
    assert town.service.announced == []


async def test_an_invitation_that_could_not_be_delivered_is_marked(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2")
    await town.is_at(T0_IS_OPEN)
    lost = MessageFailed(message_id="m1", version=1, kind="survey", employee_id="E1", regarding="FLC-1:T0", reason=WHY)
    await town.service.receives(lost)
    assert await statuses(town) == {"E1": InvitationStatus.undeliverable, "E2": InvitationStatus.invited}


async def test_who_could_not_be_reached_and_leaves_does_not_count_as_asked_afterwards(town: Town) -> None:
    """The number of people asked would rise by the one who left."""
    people = [f"E{number}" for number in range(1, 7)]
    await town.has_a_cohort_of(*people)
    await town.is_at(T0_IS_OPEN)
    lost = MessageFailed(message_id="m1", version=1, kind="survey", employee_id="E1", regarding="FLC-1:T0", reason=WHY)
    await town.service.receives(lost)
    await town.is_at(T0_IS_CLOSED)
    left = EmployeeLeft(employee_id="E1", version=8, last_day=T0_IS_OPEN.date())
    await town.service.receives(left)
    assert await Reader(town.database).participation("FLC-1:T0") == (5, 0)


async def test_another_message_that_failed_changes_nothing(town: Town) -> None:
    await town.has_a_cohort_of("E1")
    await town.is_at(T0_IS_OPEN)
    lost = MessageFailed(message_id="m1", version=1, kind="offer", employee_id="E1", regarding="FLC-1:T0", reason=WHY)
    await town.service.receives(lost)
    assert await statuses(town) == {"E1": InvitationStatus.invited}
