"""What operators see of surveys points at nobody."""

import pytest
from prometheus_client import REGISTRY

from services.evaluation import form_counts
from services.evaluation.store import Reader
from shared.events.enrolment import HeartbeatStarted
from shared.events.evaluation import HeartbeatPassed
from shared.events.notifications import HeartbeatPassed as PassedNotifications
from tests.flow.evaluation.town import T0_IS_CLOSED, T0_IS_OPEN, Town
from tests.harness import START

SEVEN = [f"E{number}" for number in range(7)]


async def shown(town: Town) -> dict[str, float | None]:
    await form_counts.look(Reader(town.database), 5)
    states = ("sent", "submitted", "expired")
    return {one: REGISTRY.get_sample_value("ledstjarna_evaluation_forms", {"state": one}) for one in states}


NOTHING = {"sent": 0, "submitted": 0, "expired": 0}


async def test_forms_are_counted_when_their_wave_has_closed_and_not_as_they_come_in(town: Town) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    for person in SEVEN[:6]:
        await town.answers(person, "T0")
    assert await shown(town) == NOTHING
    await town.is_at(T0_IS_CLOSED)
    assert await shown(town) == {"sent": 7, "submitted": 6, "expired": 1}


@pytest.mark.parametrize("answered", [0, 4])
async def test_a_wave_that_so_few_answered_that_their_number_points_at_them_is_in_no_count(
    town: Town, answered: int
) -> None:
    await town.has_a_cohort_of(*SEVEN)
    await town.is_at(T0_IS_OPEN)
    for person in SEVEN[:answered]:
        await town.answers(person, "T0")
    await town.is_at(T0_IS_CLOSED)
    assert await shown(town) == NOTHING


async def test_a_beat_is_passed_on_with_the_moment_at_which_it_was_started(town: Town) -> None:
    beat = HeartbeatStarted(version=1, beat_id="B1", started_at=START)
    await town.service.receives(PassedNotifications.model_validate(beat.model_dump()))
    assert town.service.said(HeartbeatPassed) == [HeartbeatPassed(version=1, beat_id="B1", started_at=START)]
