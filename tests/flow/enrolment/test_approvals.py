"""Approval by the line manager: who is asked, who is asked next, and what an answer leads to."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import pytest
from httpx import AsyncClient

from services.enrolment.commands import approvals
from services.enrolment.model import Approval, Place
from services.enrolment.rules.refusal import Refusal
from services.enrolment.store import EnrolmentTransaction
from shared.delivery import Outcome
from shared.events.base import LocalisedText, Reason
from shared.events.enrolment import PlaceApprovalRequested, PlaceOffered, PlaceWithdrawn
from shared.events.hr import EmployeeChanged, EmployeeLeft
from shared.events.notifications import MessageFailed
from tests.flow.enrolment.conftest import LINKS
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import NOW, hr_says

R = TypeVar("R")
ASA, EVA, BO, CIA = "ASA", "EVA", "BO", "CIA"
"""Åsa's manager is Eva, hers is Bo, and his is Cia, who has none."""
ON_LEAVE: dict[str, Any] = {"absent": {"from": "2026-08-20", "to": "2026-12-31"}}
IN_TIME = datetime(2026, 9, 8, 8, tzinfo=UTC)
"""Five working days after NOW, which is a Tuesday."""


def asa(version: int = 1, **changes: Any) -> EmployeeChanged:
    return hr_says(ASA, version, **({"manager_id": EVA, "unit_id": "U2"} | changes))


def manager(employee_id: str, above: str | None, version: int = 1, **changes: Any) -> EmployeeChanged:
    return hr_says(employee_id, version, manager_id=above, level="middle", **changes)


async def does(office: Office, work: Callable[[EnrolmentTransaction], Awaitable[R]]) -> R:
    result = await office.service.delivery.run(work)
    await office.service.published()
    return result


async def programme(office: Office, **changes: Any) -> None:
    rules = {"min": 1, "max_share_per_department": 1.0}
    await office.publishes(**({"approval": "line_manager", "group": rules} | changes))


async def asked(office: Office, **eva: Any) -> None:
    """Åsa waits in a programme that wants her manager's approval."""
    await office.service.receives(manager(CIA, None), manager(BO, CIA), manager(EVA, BO, **eva))
    await programme(office)
    await office.service.receives(asa())


async def approval(office: Office) -> Approval:
    found = (await office.place(ASA)).approval
    assert found
    return found


def asked_in_turn(office: Office) -> list[tuple[str | None, int]]:
    return [(event.approver_id, event.round) for event in office.service.said(PlaceApprovalRequested)]


async def says(office: Office, *, approved: bool, round_: int = 1) -> str | None:
    return await does(office, lambda tx: approvals.answer(tx, f"FLC:{ASA}:1", round_, approved=approved))


def undelivered(version: int = 1, employee_id: str = EVA) -> MessageFailed:
    return MessageFailed(
        message_id="m1",
        version=version,
        kind="approval",
        employee_id=employee_id,
        regarding=f"FLC:{ASA}:1",
        reason=Reason(code="address", text=LocalisedText(sv="Adressen går inte.", en="No such address.")),
    )


async def test_her_own_manager_is_asked_with_a_link_and_five_working_days(office: Office) -> None:
    await asked(office)
    [event] = office.service.said(PlaceApprovalRequested)
    assert (event.approver_id, event.answer_by, event.escalated) == (EVA, IN_TIME, False)
    token = (event.answer_url or "").removeprefix("https://ledarskap.example/a/")
    assert LINKS.read("approval", token) == f"FLC:{ASA}:1|1"
    assert event.reason
    assert event.reason.text.en == "The programme is for those who are new in their role."


async def test_nobody_is_asked_where_the_programme_wants_no_approval(office: Office) -> None:
    await office.service.receives(manager(EVA, None))
    await programme(office, approval="none")
    await office.service.receives(asa())
    assert asked_in_turn(office) == []


async def test_nobody_is_asked_again_when_hr_says_the_same_again(office: Office) -> None:
    await asked(office)
    await office.service.receives(asa(version=2), manager(EVA, BO, 2))
    assert asked_in_turn(office) == [(EVA, 1)]


async def test_who_is_not_approved_yet_is_not_offered_a_seat(office: Office) -> None:
    await asked(office)
    await office.schedules()
    await office.composes()
    assert office.service.said(PlaceOffered) == []


async def test_an_approved_person_is_offered_the_seat_that_is_free(office: Office) -> None:
    await asked(office)
    await office.schedules()
    await office.service.receives(hr_says("E1"), hr_says("E2"))  # they have no manager above: the office decides
    for who in ("E1", "E2"):
        await does(office, lambda tx, who=who: approvals.decide(tx, f"FLC:{who}:1", by="the office", approved=True))  # type: ignore[misc]
    await office.composes()
    assert await says(office, approved=True) == "open"
    await office.service.advance_to(NOW)
    assert {event.employee_id for event in office.service.said(PlaceOffered)} == {"E1", "E2", ASA}


async def test_a_refused_person_waits_no_longer_and_is_told_why(office: Office) -> None:
    await asked(office)
    await says(office, approved=False)
    [out] = office.service.said(PlaceWithdrawn)
    assert (out.was, out.reason.code) == ("queued", "NotApproved")
    assert (await office.employee(ASA)).open_places == ()


async def test_the_second_of_two_answers_changes_nothing(office: Office) -> None:
    await asked(office)
    await says(office, approved=True)
    assert await says(office, approved=False) == "approved"
    assert (await office.place(ASA)).state == "queued"


async def test_approval_stuck_with_an_absent_manager_goes_to_hers(office: Office) -> None:
    await asked(office, **ON_LEAVE)
    assert asked_in_turn(office) == [(BO, 1)]
    assert office.service.said(PlaceApprovalRequested)[0].escalated


async def test_approval_stuck_with_a_manager_who_goes_on_leave_goes_to_hers(office: Office) -> None:
    await asked(office)
    await office.service.receives(manager(EVA, BO, 2, **ON_LEAVE))
    assert asked_in_turn(office) == [(EVA, 1), (BO, 2)]


async def test_approval_stuck_with_a_former_manager_goes_to_the_new_one(office: Office) -> None:
    await asked(office)
    await office.service.receives(manager("NEW", BO), asa(version=2, manager_id="NEW"))
    assert asked_in_turn(office) == [(EVA, 1), ("NEW", 2)]
    assert await says(office, approved=False, round_=1) == "elsewhere"
    assert (await office.place(ASA)).state == "queued"


async def test_approval_stuck_with_a_manager_who_left_goes_to_hers(office: Office) -> None:
    await asked(office)
    await office.service.receives(EmployeeLeft(employee_id=EVA, version=2, last_day=date(2026, 8, 31)))
    assert asked_in_turn(office) == [(EVA, 1), (BO, 2)]


async def test_a_silent_manager_is_passed_over_after_five_working_days_until_the_office_has_it(office: Office) -> None:
    await asked(office)
    await office.service.advance_to(IN_TIME - timedelta(seconds=1))
    assert asked_in_turn(office) == [(EVA, 1)]
    await office.service.advance_to(NOW + timedelta(days=40))
    assert asked_in_turn(office) == [(EVA, 1), (BO, 2), (CIA, 3), (None, 4)]
    assert (await approval(office)).approver_id is None


async def test_a_silent_manager_is_not_asked_again_when_the_next_one_goes_on_leave(office: Office) -> None:
    await asked(office)
    await office.service.advance_to(IN_TIME)
    await office.service.receives(manager(BO, CIA, 2, **ON_LEAVE))
    assert asked_in_turn(office) == [(EVA, 1), (BO, 2), (CIA, 3)]


async def test_managers_in_a_circle_end_with_the_office(office: Office) -> None:
    await office.service.receives(manager(EVA, BO, **ON_LEAVE), manager(BO, EVA, **ON_LEAVE))
    await programme(office)
    await office.service.receives(asa())
    assert asked_in_turn(office) == [(None, 1)]


async def test_a_manager_whom_hr_tells_about_after_her_is_asked_and_has_her_full_time(office: Office) -> None:
    await programme(office)
    await office.service.receives(asa(), manager(EVA, None))
    await office.service.advance_to(IN_TIME - timedelta(seconds=1))
    assert asked_in_turn(office) == [(EVA, 1)]


async def test_a_manager_whom_hr_only_names_is_passed_over_the_next_working_day(office: Office) -> None:
    await programme(office)
    await office.service.receives(asa())
    await office.service.advance_to(NOW + timedelta(days=1))
    assert asked_in_turn(office) == [(EVA, 1), (None, 2)]


async def test_a_question_that_cannot_be_delivered_goes_on_at_once_and_once(office: Office) -> None:
    await asked(office)
    assert await office.service.receives(undelivered()) == [Outcome.applied]
    assert await office.service.receives(undelivered(version=2)) == [Outcome.stale]
    assert asked_in_turn(office) == [(EVA, 1), (BO, 2)]


async def test_an_undelivered_question_about_somebody_approved_meanwhile_changes_nothing(office: Office) -> None:
    await asked(office)
    await says(office, approved=True)
    assert await office.service.receives(undelivered()) == [Outcome.stale]
    assert (await approval(office)).state == "approved"


async def test_a_yes_outlives_the_manager_who_gave_it(office: Office) -> None:
    await asked(office)
    await says(office, approved=True)
    await office.service.receives(manager("NEW", BO), asa(version=2, manager_id="NEW"))
    assert ((await approval(office)).state, asked_in_turn(office)) == ("approved", [(EVA, 1)])


async def test_the_office_can_answer_whoever_is_asked_but_only_while_somebody_is(office: Office) -> None:
    await asked(office)
    place_id = f"FLC:{ASA}:1"
    done = await does(office, lambda tx: approvals.decide(tx, place_id, by="office", approved=True, note="Bo said so"))
    assert isinstance(done, Place)
    assert (done.approval and done.approval.note) == "Bo said so"
    again = await does(office, lambda tx: approvals.decide(tx, place_id, by="office", approved=False))
    assert isinstance(again, Refusal)


async def test_nobody_is_waited_for_when_the_programme_wants_no_approval_any_more(office: Office) -> None:
    await asked(office)
    await programme(office, approval="none")
    assert (await office.place(ASA)).approval is None


@pytest.mark.parametrize(
    "facts", [[asa(2, level="none")], [EmployeeLeft(employee_id=ASA, version=2, last_day=date(2026, 8, 31))]]
)
async def test_the_link_about_somebody_who_waits_no_longer_only_tells(
    office: Office, facts: list[EmployeeChanged | EmployeeLeft]
) -> None:
    await asked(office)
    await office.service.receives(*facts)
    await office.service.advance_to(NOW + timedelta(days=40))
    assert await says(office, approved=True) == "over"
    assert asked_in_turn(office) == [(EVA, 1)]


async def test_a_question_that_went_past_an_absent_manager_follows_when_somebody_else_is_above_her(
    office: Office,
) -> None:
    await asked(office, **ON_LEAVE)
    await office.service.receives(manager("NEW", CIA), manager(EVA, "NEW", 2, **ON_LEAVE))
    assert asked_in_turn(office) == [(BO, 1), ("NEW", 2)]


async def test_a_manager_who_comes_back_is_not_asked_what_her_own_manager_has_been_asked(office: Office) -> None:
    await asked(office, **ON_LEAVE)
    await office.service.receives(manager(EVA, BO, 2))
    assert asked_in_turn(office) == [(BO, 1)]


async def test_a_programme_that_begins_to_ask_asks_about_those_who_wait_and_leaves_offers_alone(
    office: Office,
) -> None:
    await office.service.receives(manager(CIA, None), manager(EVA, CIA))
    await programme(office, approval="none", group={"min": 1, "max": 1, "max_share_per_department": 1.0})
    await office.schedules()
    await office.service.receives(asa())
    await office.composes()
    await office.service.receives(hr_says("E1", manager_id=EVA))
    await programme(office)
    assert [(event.employee_id, event.approver_id) for event in office.service.said(PlaceApprovalRequested)] == [
        ("E1", EVA)
    ]
    assert (await office.place(ASA)).state == "offered"


async def test_it_is_told_who_was_asked_before_and_why_somebody_else_was_asked_then(
    office: Office, door: AsyncClient
) -> None:
    await asked(office)
    await office.service.advance_to(IN_TIME)
    await office.service.receives(manager(BO, CIA, 2, **ON_LEAVE))
    await says(office, approved=True, round_=3)
    moments = (await door.get(f"/api/people/{ASA}/timeline")).json()["items"]
    told = [
        (each["kind"], each["approver_id"], each["reason"] and each["reason"]["code"])
        for each in moments
        if each["kind"].startswith("approval")
    ]
    assert told == [
        ("approval_requested", EVA, None),
        ("approval_passed_on", EVA, "ApproverSilent"),
        ("approval_requested", BO, None),
        ("approval_passed_on", BO, "ApproverChanged"),
        ("approval_requested", CIA, None),
        ("approval_approved", CIA, None),
    ]
