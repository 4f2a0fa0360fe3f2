"""The sample municipality: the same for the same seed, and built like a real one."""

from collections import Counter
from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from deploy.sample.municipality import FIRST_DAY, MANAGERS, Municipality, found
from deploy.sample.names import Addresses, Name
from deploy.sample.organisation import VILLAGE, apportion
from shared.events.hr import MailAddress


@pytest.fixture(scope="module")
def town() -> Municipality:
    return found(1)


def test_the_same_seed_makes_the_same_municipality(town: Municipality) -> None:
    again = found(1)
    assert (again.people, again.units) == (town.people, town.units)


def test_another_seed_makes_another_one(town: Municipality) -> None:
    assert found(2).people != town.people


def test_it_has_as_many_people_and_managers_as_the_real_one(town: Municipality) -> None:
    levels = Counter(person.level for person in town.people.values())
    assert (len(town.people), sum(levels[level] for level in MANAGERS), levels["potential"]) == (5_700, 250, 20)


def test_the_managers_are_most_often_on_the_first_line(town: Municipality) -> None:
    levels = Counter(person.level for person in town.people.values())
    assert levels["first_line"] > levels["middle"] > levels["senior"] > levels["executive"] >= 2


def test_units_are_in_three_levels(town: Municipality) -> None:
    def depth(unit_id: str) -> int:
        parent = town.units[unit_id].parent_id
        return 1 if parent is None else 1 + depth(parent)

    assert Counter(map(depth, town.units)) == {1: 10, 2: 45, 3: 345}


def test_no_two_people_share_an_address_and_all_can_be_mailed(town: Municipality) -> None:
    addresses = [person.email for person in town.people.values()]
    assert len(set(addresses)) == len(addresses)
    assert all(address.isascii() and TypeAdapter(MailAddress).validate_python(address) for address in addresses)


def test_names_lose_only_their_accents_in_an_address() -> None:
    addresses = Addresses()
    assert addresses.address_for(Name("Märta Åsa", "Đorđević O'Neill")) == "marta-asa.dordevic-oneill@kommun.example"
    assert addresses.address_for(Name("Märta Åsa", "Dordević ONeill")) == "marta-asa.dordevic-oneill2@kommun.example"


def test_everybodys_managers_lead_up_to_the_same_chief(town: Municipality) -> None:
    def chief_of(employee_id: str, steps: int = 0) -> str:
        manager = town.people[employee_id].manager_id
        assert steps < 10
        return employee_id if manager is None else chief_of(manager, steps + 1)

    assert len({chief_of(employee_id) for employee_id in town.people}) == 1


def test_enough_first_line_managers_are_new_for_several_groups(town: Municipality) -> None:
    since = FIRST_DAY - timedelta(days=540)
    new = [p for p in town.people.values() if p.level == "first_line" and p.effective_from > since]
    assert len(new) >= 4 * 14


def test_a_village_has_a_group_of_new_managers_too() -> None:
    since = FIRST_DAY - timedelta(days=540)
    village = found(1, VILLAGE)
    assert len(village.people) == 400
    assert sum(p.level == "first_line" and p.effective_from > since for p in village.people.values()) >= 28


def test_a_record_whose_day_has_not_come_does_not_stand_yet(town: Municipality) -> None:
    mine = found(1, VILLAGE)
    someone = mine.at_work(FIRST_DAY, "none")[0]
    mine.change(someone.employee_id, FIRST_DAY + timedelta(days=14), level="first_line")
    assert mine.standing(someone.employee_id, FIRST_DAY + timedelta(days=13)).level == "none"
    assert mine.standing(someone.employee_id, FIRST_DAY + timedelta(days=14)).level == "first_line"


def test_a_department_is_found_through_a_merged_unit() -> None:
    village = found(1, VILLAGE)
    someone = village.at_work(FIRST_DAY, "none")[0]
    elsewhere = next(
        p
        for p in village.at_work(FIRST_DAY, "none")
        if village.department_of(p.employee_id, FIRST_DAY) != village.department_of(someone.employee_id, FIRST_DAY)
    )
    village.reorganise(someone.unit_id, merged_into=elsewhere.unit_id)
    departments = {village.department_of(p.employee_id, FIRST_DAY) for p in (someone, elsewhere)}
    assert len(departments) == 1


@pytest.mark.parametrize(("count", "weights"), [(45, [0.38, 0.3, 0.08, 0.01, 0.02]), (7, [1, 1, 1]), (3, [9, 1, 1])])
def test_what_is_apportioned_is_all_there_and_nobody_goes_without(count: int, weights: list[float]) -> None:
    parts = apportion(count, weights)
    assert sum(parts) == count
    assert min(parts) >= 1
