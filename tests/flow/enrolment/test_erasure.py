"""From HR's word that somebody is to be erased to nothing that names her."""

from datetime import date

import pytest

from shared.cloudevents import Reject
from shared.dead_letters.store import DeadLetters
from shared.delivery import Outcome
from shared.events.enrolment import ErasureCompleted
from shared.events.hr import EmployeeErased, EmployeeLeft
from tests.flow.enrolment.office import Office
from tests.flow.shared.dead_letters import buried
from tests.unit.enrolment.arrange import hr_says

ERASED = EmployeeErased(employee_id="E1", version=9)


async def somebody_who_left(office: Office) -> None:
    await office.publishes()
    left = EmployeeLeft(employee_id="E1", version=2, last_day=date(2026, 8, 31))
    await office.service.receives(hr_says("E1"), left)


async def test_nothing_that_names_her_is_left_and_the_answer_says_what_is(office: Office) -> None:
    await somebody_who_left(office)
    assert await office.service.receives(ERASED) == [Outcome.applied]
    employee, place = await office.employee("E1"), await office.place("E1")
    assert (employee.record, employee.career, employee.erased) == (None, (), True)
    assert (place.state, place.reason.code, [each.reason for each in place.history]) == (
        "withdrawn",
        "Erased",
        [None, None],
    )
    [answer] = office.service.said(ErasureCompleted)
    assert [kept.code for kept in answer.kept] == ["IdKept", "CountsKept"]


async def test_an_erasure_told_twice_is_answered_once(office: Office) -> None:
    await somebody_who_left(office)
    again = EmployeeErased(employee_id="E1", version=10)
    assert await office.service.receives(ERASED, again) == [Outcome.applied, Outcome.stale]
    assert len(office.service.said(ErasureCompleted)) == 1


async def test_an_erasure_of_somebody_unknown_keeps_later_facts_out(office: Office) -> None:
    assert await office.service.receives(ERASED) == [Outcome.applied]
    assert (await office.employee("E1")).record is None


async def test_somebody_who_is_employed_is_not_erased(office: Office) -> None:
    await office.service.receives(hr_says("E1"))
    with pytest.raises(Reject, match="let HR tell her last day first"):
        await office.service.receives(ERASED)
    assert (await office.employee("E1")).record


async def test_no_late_fact_brings_an_erased_person_back(office: Office) -> None:
    await somebody_who_left(office)
    await office.service.receives(ERASED)
    with pytest.raises(Reject, match="has been erased"):
        await office.service.receives(hr_says("E1", version=20))


async def test_what_died_about_her_is_forgotten_too(office: Office) -> None:
    await somebody_who_left(office)
    letter = buried(body=b'{"employee_id": "E1", "given_name": "Anna"}')
    letters = DeadLetters("enrolment", office.service.delivery.database)
    await letters.record(letter)
    await office.service.receives(ERASED)
    kept = await letters.get(letter.id)
    assert kept is not None
    assert (kept.state, kept.body) == ("discarded", None)
