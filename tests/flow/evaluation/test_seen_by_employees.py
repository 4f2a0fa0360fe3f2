"""What employees see of their managers is told half a year later, each manager once; and goes with who is erased."""

from itertools import product

from services.evaluation.model import WaveState
from shared.events.evaluation import ReleasePublished
from tests.flow.evaluation.test_employees import led_by
from tests.flow.evaluation.test_erasure import erased, where
from tests.flow.evaluation.town import T0_IS_CLOSED, T0_IS_OPEN, T1_IS_CLOSED, T3_IS_CLOSED, T3_IS_OPEN, Town, held
from tests.flow.evaluation.town import confirmed as accepted
from tests.unit.evaluation.arrange import a_schedule

MANAGERS = tuple(f"M{number}" for number in range(1, 7))
LED = {manager: [f"{manager}-E{number}" for number in range(1, 6)] for manager in MANAGERS}
ITEMS = ("BE1", "BE2", "BE3")


async def a_cohort_with_employees(town: Town) -> None:
    await town.service.receives(a_schedule(instruments=("UM", "BE")), *map(accepted, MANAGERS))
    await town.service.receives(*(led_by(manager, person) for manager in MANAGERS for person in LED[manager]))


async def employees_answer(town: Town, wave: str, add: int, managers: tuple[str, ...] = MANAGERS) -> None:
    links = town.links(wave)
    for (number, manager), place in product(enumerate(managers), range(5)):
        value = 1 + (number + place) % 3 + add
        page = await town.web.post(links[LED[manager][place]], data=dict.fromkeys(ITEMS, str(value)))
        assert page.status_code == 200


async def test_it_is_told_half_a_year_later_over_managers_and_joined_to_nobody(town: Town) -> None:
    await a_cohort_with_employees(town)
    await town.is_at(T0_IS_OPEN)
    await employees_answer(town, "T0", 0)
    await town.is_at(T0_IS_CLOSED)
    await town.service.receives(held(*MANAGERS))
    await town.is_at(T1_IS_CLOSED)
    await town.is_at(T3_IS_OPEN)
    await employees_answer(town, "T3", 1)
    await town.is_at(T3_IS_CLOSED)
    [release] = town.service.said(ReleasePublished)
    assert (release.release_id, release.stage) == ("FLC-1:T3:release", "T3")
    change = next(f for f in release.figures if f.indicator == "BE.seen_change")
    assert (change.n, change.value, change.unit) == (6, 25.0, "change")
    assert {row["link"] for row in (await town.stored())["responses"]} == {None}


async def test_what_was_said_of_a_manager_goes_with_her(town: Town) -> None:
    await a_cohort_with_employees(town)
    await town.is_at(T0_IS_OPEN)
    await employees_answer(town, "T0", 0)
    await town.service.receives(erased("M1"))
    stored = await town.stored()
    assert len(stored["responses"]) == 25
    assert await where(town, "M1") == {"erased"}
    assert not any(row["employee_id"] in LED["M1"] for row in stored["invitations"])


async def test_what_an_erased_employee_said_stays_as_nobody_can_tell_which_it_is(town: Town) -> None:
    await a_cohort_with_employees(town)
    await town.is_at(T0_IS_OPEN)
    await employees_answer(town, "T0", 0)
    await town.service.receives(erased("M1-E1"), led_by("M2", "M1-E1", version=20))
    stored = await town.stored()
    assert len(stored["responses"]) == 30
    assert await where(town, "M1-E1") == {"erased"}
    assert {row["state"] for row in stored["waves"] if row["_id"] == "FLC-1:T0:employees"} == {WaveState.open}
