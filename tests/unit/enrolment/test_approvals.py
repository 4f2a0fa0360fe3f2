"""Who is asked whether somebody may go, and what a link can still do."""

from typing import Any

import pytest

from services.enrolment.model import Employee, Place
from services.enrolment.rules import approvals, line
from services.enrolment.rules.approvals import Request, Superior
from services.enrolment.rules.places import Taken
from tests.unit.enrolment.arrange import NOW, a_place, an_employee

AWAY: dict[str, Any] = {"absent": {"from": "2026-08-01", "to": None}}


def here(employee_id: str) -> Superior:
    return Superior(employee_id, an_employee(employee_id))


def away(employee_id: str) -> Superior:
    return Superior(employee_id, an_employee(employee_id, **AWAY))


def gone(employee_id: str) -> Superior:
    return Superior(employee_id, an_employee(employee_id).having(left=True))


def only_named(employee_id: str) -> Superior:
    return Superior(employee_id, None)


def asked(place: Place, approver_id: str | None = "EVA") -> Place:
    return approvals.ask(place, Request(approver_id, NOW, "https://example/a/1", escalated=False), NOW).place


@pytest.mark.parametrize(
    ("above", "silent", "who"),
    [
        ([here("EVA"), here("BO")], (), "EVA"),
        ([away("EVA"), here("BO")], (), "BO"),
        ([gone("EVA"), away("BO"), here("CIA")], (), "CIA"),
        ([here("EVA"), here("BO")], ("EVA",), "BO"),
        ([only_named("EVA")], (), "EVA"),
        ([only_named("EVA")], ("EVA",), None),
        ([Superior("EVA", Employee(id="EVA")), here("BO")], (), "BO"),
        ([gone("EVA"), away("BO")], (), None),
        ([], (), None),
    ],
)
def test_the_nearest_manager_who_can_be_asked_is(above: list[Superior], silent: tuple[str, ...], who: str) -> None:
    assert approvals.approver(above, silent) == who


def test_each_question_has_a_round_of_its_own() -> None:
    first = asked(a_place())
    second = asked(first, "BO")
    assert [approvals.standing(second, round_) for round_ in (1, 2)] == ["elsewhere", "open"]


def test_a_decided_question_only_tells_how_it_was_decided() -> None:
    yes = approvals.approved(asked(a_place()), "EVA", "", NOW).place
    no = approvals.refused(asked(a_place()), "EVA", "", NOW)
    assert isinstance(no, Taken)
    assert [approvals.standing(place, 1) for place in (yes, no.place)] == ["approved", "refused"]


def test_a_question_about_somebody_who_waits_no_longer_is_over() -> None:
    assert approvals.standing(asked(a_place()).having(state="withdrawn"), 1) == "over"
    assert approvals.standing(a_place(), 1) == "over"


def test_why_she_waits_is_told_to_others_without_what_is_hers_alone() -> None:
    assert approvals.why_asked(a_place()).text.en == "The nomination comes from the programme office."
    private = a_place().reason.model_copy(update={"code": "BackFromLeave"})
    assert "leave" not in approvals.why_asked(a_place().having(reason=private)).text.en


@pytest.mark.parametrize(("code", "carried"), [("AskedAgain", True), ("AppointedTo", False)])
def test_a_yes_is_carried_over_only_to_who_let_an_offer_pass(code: str, carried: bool) -> None:
    before = approvals.approved(asked(a_place()), "EVA", "", NOW).place
    after = a_place().having(reason=a_place().reason.model_copy(update={"code": code}))
    assert (approvals.carried_over(after, before) is not None) is carried


def test_a_no_is_never_carried_over() -> None:
    no = approvals.refused(asked(a_place()), "EVA", "", NOW)
    assert isinstance(no, Taken)
    again = a_place().having(reason=a_place().reason.model_copy(update={"code": "AskedAgain"}))
    assert approvals.carried_over(again, no.place) is None


def test_a_number_in_line_is_shared_with_those_who_came_at_the_same_moment() -> None:
    hers, same, put_first = a_place(), a_place(employee_id="E2"), a_place(employee_id="E3").having(priority=2)
    assert line.position(hers, [put_first, hers, same]) == line.Position(number=2, shared_with=1, waiting=3)
