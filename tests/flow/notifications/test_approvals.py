"""The mail by which a manager is asked whether somebody may go."""

from datetime import UTC, datetime

import pytest

from shared.delivery import Outcome
from shared.events import Event
from shared.events.enrolment import PlaceApprovalRequested
from shared.events.notifications import MessageFailed
from tests.flow.notifications.stage import (
    PROGRAMME,
    REASON,
    Notifications,
    employee,
    left,
    lines,
    messages,
    offered,
    sent,
    told,
    withdrawn,
)

EVA, BO = employee("EVA", given_name="Eva", manager_id="BO"), employee("BO", given_name="Bo", language="en")
ANSWER_BY = datetime(2026, 8, 24, 6, tzinfo=UTC)


def asked(approver_id: str | None = "EVA", version: int = 2, round_: int = 1) -> PlaceApprovalRequested:
    return PlaceApprovalRequested(
        place_id="P-E1",
        version=version,
        employee_id="E1",
        programme="FLC",
        title=PROGRAMME,
        approver_id=approver_id,
        answer_url=f"https://ledarskap.kommun.example/a/{approver_id}.secret" if approver_id else None,
        reason=REASON,
        round=round_,
        answer_by=ANSWER_BY if approver_id else None,
        escalated=round_ > 1,
    )


async def to_whom(service: Notifications) -> list[tuple[str, str]]:
    return [(message.employee_id, message.state.value) for message in await messages(service)]


async def test_question_says_who_which_programme_why_and_by_when(service: Notifications) -> None:
    await service.receives(employee(), EVA, asked())
    [question] = await messages(service)
    said = await lines(service, question)
    assert (question.kind, question.employee_id) == ("approval", "EVA")
    assert "https://ledarskap.kommun.example/a/EVA.secret" in said
    assert "måndag 24 augusti 2026 kl. 08.00" in said
    assert "Åsa Öberg står i kö till programmet Ny som chef. Kursledaren är sjuk." in " ".join(said)


async def test_same_question_twice_is_one_mail(service: Notifications) -> None:
    await service.receives(employee(), EVA, asked())
    assert await service.receives(asked()) == [Outcome.stale]
    assert len(await messages(service)) == 1


async def test_question_is_in_the_language_of_who_is_asked(service: Notifications) -> None:
    await service.receives(employee(), BO, asked("BO"))
    [question] = await messages(service)
    assert "Answer the question here:" in await lines(service, question)


async def test_question_is_withdrawn_from_one_manager_when_the_next_is_asked(service: Notifications) -> None:
    await service.receives(employee(), EVA, BO, asked(), asked("BO", version=3, round_=2))
    assert sorted(await to_whom(service)) == [("BO", "rendered"), ("EVA", "withdrawn")]


async def test_question_told_after_the_next_one_is_not_asked(service: Notifications) -> None:
    await service.receives(employee(), EVA, BO)
    answers = await service.receives(asked("BO", version=3, round_=2), asked())
    assert answers == [Outcome.applied, Outcome.stale]
    assert await to_whom(service) == [("BO", "rendered")]


@pytest.mark.parametrize("news", [withdrawn(version=3), offered(version=3), asked(None, version=3, round_=2)])
async def test_question_that_nobody_need_answer_any_more_is_not_sent(service: Notifications, news: Event) -> None:
    await service.receives(employee(), EVA, asked(), news)
    assert ("approval", "withdrawn") in await told(service)


async def test_question_that_was_sent_stays_sent_when_the_next_manager_is_asked(service: Notifications) -> None:
    await service.receives(employee(), EVA, BO, asked())
    await sent(service)
    await service.receives(asked("BO", version=3, round_=2))
    assert sorted(await to_whom(service)) == [("BO", "rendered"), ("EVA", "sent")]


async def test_question_waits_for_a_manager_whom_hr_tells_about_later(service: Notifications) -> None:
    await service.receives(employee(), asked())
    assert await told(service) == [("approval", "waiting")]
    await service.receives(EVA)
    assert await told(service) == [("approval", "rendered")]


async def test_question_to_a_manager_whom_nobody_tells_about_fails_at_its_deadline(service: Notifications) -> None:
    await service.receives(employee(), asked())
    await service.advance_to(ANSWER_BY)
    [failed] = service.said(MessageFailed)
    assert (failed.kind, failed.regarding, failed.employee_id) == ("approval", "P-E1", "EVA")


async def test_nobody_is_asked_who_has_left(service: Notifications) -> None:
    await service.receives(employee(), EVA, left("EVA", last_day=datetime(2026, 8, 1, tzinfo=UTC).date()), asked())
    assert await told(service) == [("approval", "withdrawn")]
