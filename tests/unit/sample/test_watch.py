"""The outsider's eye on the groups: it sees a group that is too large or one-sided, and who has left when."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.sample.municipality import FIRST_DAY, Municipality, found
from deploy.sample.office import Office
from deploy.sample.organisation import VILLAGE
from deploy.sample.watch import Watch

NOON = datetime(2026, 9, 1, 10, tzinfo=UTC)
MOST, MOST_OF_ONE = 14, 5
"""Of a group of first-line managers, as the programme's file says: 14, and 40 % of that from one department."""


class Groups(Office):
    """An office whose one group has the members it is given."""

    def __init__(self) -> None:
        self.members: dict[str, str] = {}

    async def cohorts(self) -> list[dict[str, Any]]:
        members = [{"employee_id": who, "state": state} for who, state in self.members.items()]
        return [{"cohort_id": "C1", "programme": "FLC", "members": members}]


@pytest.fixture(scope="module")
def town() -> Municipality:
    return found(1, VILLAGE)


def mixed(town: Municipality, count: int) -> list[str]:
    """People of whom no department has more than it may."""
    chosen: dict[str, list[str]] = {}
    for employee_id in town.people:
        of_hers = chosen.setdefault(town.department_of(employee_id, FIRST_DAY), [])
        if len(of_hers) < MOST_OF_ONE:
            of_hers.append(employee_id)
    return [employee_id for of_one in chosen.values() for employee_id in of_one][:count]


def of_one_department(town: Municipality, count: int) -> list[str]:
    department = town.department_of("E100010", FIRST_DAY)
    return [who for who in town.people if town.department_of(who, FIRST_DAY) == department][:count]


async def seen(town: Municipality, *pictures: Iterable[str]) -> Watch:
    """What the watch has seen after the group consisted of these people, one day after another."""
    office = Groups()
    watch = Watch(office, town)
    for number, picture in enumerate(pictures):
        office.members = dict.fromkeys(picture, "confirmed")
        announced = {"enrolment.place.confirmed.v1": {"published": number + 1}}
        await watch.look(NOON + timedelta(days=number), announced)
    return watch


async def test_a_full_group_is_fine_and_one_more_is_not(town: Municipality) -> None:
    assert (await seen(town, mixed(town, MOST))).overfull == []
    assert len((await seen(town, mixed(town, MOST + 1))).overfull) == 1


async def test_one_department_may_fill_its_share_and_no_more(town: Municipality) -> None:
    assert (await seen(town, of_one_department(town, MOST_OF_ONE))).one_sided == []
    assert len((await seen(town, of_one_department(town, MOST_OF_ONE + 1))).one_sided) == 1


async def test_a_group_that_was_too_large_for_a_day_is_remembered(town: Municipality) -> None:
    assert len((await seen(town, mixed(town, MOST + 1), mixed(town, 3))).overfull) == 1


async def test_it_is_seen_when_somebody_has_left(town: Municipality) -> None:
    stayed, gone = mixed(town, 2)
    watch = await seen(town, [stayed, gone], [stayed])
    assert watch.left_at == {("C1", gone): NOON + timedelta(days=1)}
