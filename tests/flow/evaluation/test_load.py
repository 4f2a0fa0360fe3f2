"""Somebody in many programmes: an end to being asked, and nobody learns whose."""

from collections import Counter

from prometheus_client import REGISTRY

from services.evaluation.model import InvitationStatus
from shared.events.enrolment import CohortScheduled, PlaceConfirmed
from shared.events.evaluation import InvitationsRequested
from tests.flow.evaluation.test_waves import statuses
from tests.flow.evaluation.town import OFFICE, T0_IS_CLOSED, T0_IS_OPEN, Town, confirmed
from tests.unit.evaluation.arrange import FIRST_DAY, a_schedule, a_session

GROUPS = range(1, 8)


def a_group(number: int) -> CohortScheduled:
    """One of seven groups that all begin on the same day."""
    session = a_session("M1", FIRST_DAY).model_copy(update={"session_id": f"FLC-{number}:M1"})
    return a_schedule(session).model_copy(update={"cohort_id": f"FLC-{number}"})


def a_place(person: str, number: int) -> PlaceConfirmed:
    changes = {"cohort_id": f"FLC-{number}", "place_id": f"FLC:{person}:{number}"}
    return confirmed(person).model_copy(update=changes)


def left_out() -> float:
    labels = {"wave": "T0", "of": "managers"}
    return REGISTRY.get_sample_value("ledstjarna_surveys_not_asked_people_total", labels) or 0


async def seven_groups(town: Town) -> None:
    """E1 is in all of them, and in each somebody else."""
    await town.service.receives(*map(a_group, GROUPS))
    await town.service.receives(*(a_place("E1", n) for n in GROUPS), *(a_place(f"F{n}", n) for n in GROUPS))


async def test_who_is_in_seven_groups_is_asked_six_times_and_the_others_each_time(town: Town) -> None:
    before = left_out()
    await seven_groups(town)
    await town.is_at(T0_IS_OPEN)
    asked = Counter(one.employee_id for event in town.service.said(InvitationsRequested) for one in event.recipients)
    assert asked == {"E1": 6, **{f"F{n}": 1 for n in GROUPS}}
    assert left_out() - before == 1


async def test_who_is_left_out_is_not_counted_as_silent(town: Town) -> None:
    await seven_groups(town)
    await town.is_at(T0_IS_CLOSED)
    rows = [row async for row in town.database["invitations"].find({"employee_id": "E1"})]
    assert [row["status"] for row in rows] == [InvitationStatus.silent] * 6


async def test_who_is_left_out_stays_so_when_others_come(town: Town) -> None:
    await seven_groups(town)
    await town.is_at(T0_IS_OPEN)
    await town.service.receives(*(a_place(f"G{n}", n) for n in GROUPS))
    asked = Counter(one.employee_id for event in town.service.said(InvitationsRequested) for one in event.recipients)
    assert asked["E1"] == 6
    assert set(await statuses(town)) == {"E1", *(f"F{n}" for n in GROUPS), *(f"G{n}" for n in GROUPS)}


async def test_no_list_says_who_was_left_out(town: Town) -> None:
    await seven_groups(town)
    await town.is_at(T0_IS_CLOSED)
    assert "E1" not in (await town.web.get("/api/waves", headers=OFFICE)).text
