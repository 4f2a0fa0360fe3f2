"""Employees of those who take part: who of them is asked, and about whom."""

from datetime import date

import pytest

from services.evaluation.model import Invitation, InvitationStatus, Wave, WaveState
from services.evaluation.store import Reader
from shared.delivery import Outcome
from shared.events.enrolment import Missing, StaffReconciled
from shared.events.evaluation import InvitationsRequested, WaveOpened
from shared.events.hr import EmployeeChanged, EmployeeLeft
from tests.flow.evaluation.test_waves import withdrawn
from tests.flow.evaluation.town import T0_IS_CLOSED, T0_IS_OPEN, Town, confirmed
from tests.unit.evaluation.arrange import FIRST_DAY, a_schedule, a_session, local

OPENS = local(2026, 11, 4, 8)


def led_by(manager: str, person: str, version: int = 1, since: date = date(2026, 1, 1)) -> EmployeeChanged:
    """Somebody works under a manager."""
    return EmployeeChanged(
        employee_id=person,
        version=version,
        given_name="Eva",
        family_name="Ek",
        email=f"{person.lower()}@exempelkommun.se",
        unit_id="U1",
        manager_id=manager,
        level="none",
        employed_from=date(2020, 1, 1),
        effective_from=since,
    )


async def a_cohort_whose_employees_are_asked(town: Town, *people: str) -> None:
    await town.service.receives(a_schedule(instruments=("UM", "BE")), *map(confirmed, people))


async def asked(town: Town) -> dict[str, tuple[str | None, InvitationStatus]]:
    """The employees that have been asked, each with the manager whom she is asked about."""
    rows = [Invitation.model_validate(row) async for row in town.database["invitations"].find()]
    return {row.employee_id: (row.manager_id, row.status) for row in rows if "employees" in row.wave_id}


async def about(town: Town) -> dict[str, str | None]:
    return {person: manager for person, (manager, _) in (await asked(town)).items()}


async def test_those_whom_the_members_lead_are_asked_about_their_own_manager(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1", "M2")
    await town.service.receives(led_by("M1", "E1"), led_by("M1", "E2"), led_by("M2", "E3"), led_by("M9", "E9"))
    await town.is_at(T0_IS_OPEN)
    assert await about(town) == {"E1": "M1", "E2": "M1", "E3": "M2"}
    requested = [event for event in town.service.said(InvitationsRequested) if event.of == "employees"]
    assert [{one.employee_id for one in event.recipients} for event in requested] == [{"E1", "E2", "E3"}]


async def test_what_hr_has_said_counts_on_its_day(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1")
    await town.service.receives(
        led_by("M9", "E1"),
        led_by("M1", "E1", 2, date(2026, 11, 4)),
        led_by("M1", "E2"),
        led_by("M9", "E2", 2, date(2026, 11, 4)),
        led_by("M1", "E3"),
        EmployeeLeft(employee_id="E3", version=2, last_day=date(2026, 11, 3)),
        led_by("M1", "E4", 1, date(2026, 11, 5)),
    )
    await town.is_at(T0_IS_OPEN)
    assert await about(town) == {"E1": "M1"}


async def test_whoever_comes_while_the_wave_is_open_is_not_asked(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1")
    await town.service.receives(led_by("M1", "E1"), led_by("M2", "E3"))
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(led_by("M1", "E2"), confirmed("M2"))
    assert set(await about(town)) == {"E1"}
    assert set(town.links("T0")) == {"M1", "M2", "E1"}


async def test_a_member_is_not_asked_about_another_member(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1", "M2")
    await town.service.receives(led_by("M1", "M2"), led_by("M1", "E1"))
    await town.is_at(T0_IS_OPEN)
    assert await about(town) == {"E1": "M1"}


async def test_snapshots_tell_who_leads_whom(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1")
    snapshot = StaffReconciled(
        snapshot_id="S1",
        version=1,
        taken_at=local(2026, 11, 1),
        page=1,
        changed=(led_by("M1", "E1"),),
        missing=(Missing(employee_id="E2", version=1, last_day=date(2026, 11, 1)),),
    )
    assert await town.service.receives(snapshot, led_by("M1", "E2"), snapshot) == [
        Outcome.applied,
        Outcome.applied,
        Outcome.stale,
    ]
    await town.is_at(T0_IS_OPEN)
    assert await about(town) == {"E1": "M1"}


async def test_nobody_is_asked_about_who_is_out_of_the_group(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1", "M2")
    await town.service.receives(led_by("M1", "E1"), led_by("M2", "E2"))
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(withdrawn("M2"))
    assert await asked(town) == {"E1": ("M1", InvitationStatus.invited), "E2": ("M2", InvitationStatus.withdrawn)}


async def test_nobody_is_asked_about_who_has_left_the_municipality(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1")
    await town.service.receives(led_by("M1", "E1"))
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(EmployeeLeft(employee_id="M1", version=2, last_day=date(2026, 11, 9)))
    assert await asked(town) == {"E1": ("M1", InvitationStatus.withdrawn)}


async def test_an_employee_who_leaves_is_asked_no_more(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1")
    await town.service.receives(led_by("M1", "E1"))
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(EmployeeLeft(employee_id="E1", version=2, last_day=date(2026, 11, 9)))
    assert await asked(town) == {"E1": ("M1", InvitationStatus.withdrawn)}


async def wave_of_employees(town: Town) -> Wave:
    found = await Reader(town.database).get(Wave, "FLC-1:T0:employees")
    assert found is not None
    return found


async def test_when_hr_tells_late_of_the_staff_the_wave_opens_the_next_morning(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1")
    await town.is_at(OPENS)
    assert (await wave_of_employees(town)).state is WaveState.planned
    await town.service.receives(led_by("M1", "E1"))
    await town.is_at(local(2026, 11, 5, 8))
    assert await about(town) == {"E1": "M1"}
    assert [event.wave_id for event in town.service.said(WaveOpened)] == ["FLC-1:T0", "FLC-1:T0:employees"]


async def test_when_nobody_is_led_by_a_member_for_a_week_the_wave_is_missed(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1")
    await town.is_at(local(2026, 11, 12, 9))
    await town.service.receives(led_by("M1", "E1"))
    await town.is_at(T0_IS_CLOSED)
    assert (await wave_of_employees(town)).state is WaveState.missed
    assert await asked(town) == {}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
async def test_the_order_in_which_news_comes_does_not_matter(town: Town, order: tuple[int, ...]) -> None:
    news = [a_schedule(instruments=("UM", "BE")), confirmed("M1"), led_by("M1", "E1", 2), led_by("M9", "E1")]
    await town.service.receives(*(news[at] for at in order))
    await town.is_at(T0_IS_OPEN)
    assert await about(town) == {"E1": "M1"}


async def test_an_employee_of_two_groups_is_asked_for_one(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1")
    sessions = [a_session("M1", FIRST_DAY).model_copy(update={"session_id": "FLC-2:M1"})]
    other = a_schedule(*sessions, instruments=("UM", "BE")).model_copy(update={"cohort_id": "FLC-2"})
    place = confirmed("M1").model_copy(update={"place_id": "FLC:M1:2", "cohort_id": "FLC-2"})
    await town.service.receives(other, place, led_by("M1", "E1"))
    await town.is_at(T0_IS_OPEN)
    rows = [row async for row in town.database["invitations"].find({"employee_id": "E1"})]
    assert len(rows) == 1


async def test_employees_answers_hold_a_group_and_no_link(town: Town) -> None:
    await a_cohort_whose_employees_are_asked(town, "M1")
    await town.service.receives(led_by("M1", "E1"))
    await town.is_at(T0_IS_OPEN)
    await town.web.post(town.links("T0")["E1"], data={"BE1": "4"})
    (row,) = [row async for row in town.database["responses"].find()]
    assert row["link"] is None
    assert row["group"]
    assert not {"E1", "M1"} & {str(value) for value in row.values()}
