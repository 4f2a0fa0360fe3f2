"""Who is asked after a snapshot of the staff lacked somebody."""

from datetime import date

from services.evaluation.model import InvitationStatus
from shared.delivery import Outcome
from shared.events.enrolment import Missing, StaffReconciled
from shared.events.hr import EmployeeLeft
from tests.flow.evaluation.test_waves import statuses
from tests.flow.evaluation.town import T0_IS_OPEN, Town

GONE = StaffReconciled(
    snapshot_id="S1",
    version=5,
    taken_at=T0_IS_OPEN,
    page=1,
    missing=(Missing(employee_id="E1", version=7, last_day=date(2026, 11, 9)),),
)


async def test_whoever_is_missing_from_the_staff_is_asked_no_more(town: Town) -> None:
    await town.has_a_cohort_of("E1", "E2")
    await town.is_at(T0_IS_OPEN)
    assert await town.service.receives(GONE, GONE) == [Outcome.applied, Outcome.stale]
    assert await statuses(town) == {"E1": InvitationStatus.withdrawn, "E2": InvitationStatus.invited}


async def test_a_departure_that_hr_tells_next_still_counts(town: Town) -> None:
    left = EmployeeLeft(employee_id="E1", version=8, last_day=date(2026, 11, 9))
    assert await town.service.receives(GONE, left) == [Outcome.applied, Outcome.held]
