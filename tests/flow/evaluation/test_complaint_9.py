"""Complaint 9 about other systems: feedback asked before the session, or of people who were not there."""

from datetime import timedelta

from tests.flow.evaluation.town import T1_IS_OPEN, Town, held
from tests.unit.evaluation.arrange import FIRST_DAY, LAST_DAY


async def test_complaint_9_feedback_is_asked_once_attendance_is_recorded_and_only_of_those_who_were_there(
    town: Town,
) -> None:
    await town.has_a_cohort_of("E1", "E2", "E3")
    await town.is_at(FIRST_DAY + timedelta(hours=7))
    await town.service.receives(held("E1", last=False, version=5))
    await town.is_at(LAST_DAY + timedelta(hours=2))
    assert town.links("T1") == {}
    await town.is_at(LAST_DAY + timedelta(hours=7))
    await town.service.receives(held("E1", "E3"))
    await town.is_at(T1_IS_OPEN)
    assert set(town.links("T1")) == {"E1", "E3"}
