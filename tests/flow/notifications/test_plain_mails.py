"""Offers, their expiry, reminders and surveys."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.delivery import Outcome
from shared.events import Event
from tests.flow.notifications.stage import (
    NEXT_MONTH,
    REASON,
    Notifications,
    completed,
    confirmed,
    employee,
    expired,
    lines,
    mail,
    messages,
    offered,
    rescheduled,
    sent,
    session,
    session_cancelled,
    survey,
    told,
    withdrawn,
)

MONDAY_MORNING = datetime(2026, 9, 14, 6, 0, tzinfo=UTC)
"""08:00 in Stockholm, two working days before the session on Wednesday 16 September."""


async def reminders(service: Notifications) -> list[str]:
    return [message.employee_id for message in await messages(service) if message.kind == "reminder"]


async def test_offer_carries_link_and_deadline_and_no_calendar(service: Notifications) -> None:
    await service.receives(employee(), offered())
    (offer,) = await messages(service)
    letter, said = await mail(service, offer), await lines(service, offer)
    assert "https://ledarskap.kommun.example/o/E1.secret" in said
    assert "måndag 24 augusti 2026 kl. 23.59" in said
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]


async def test_same_offer_twice_is_one_mail(service: Notifications) -> None:
    await service.receives(employee(), offered())
    assert await service.receives(offered()) == [Outcome.stale]
    assert len(await messages(service)) == 1


async def test_offer_told_after_its_deadline_is_not_sent(service: Notifications) -> None:
    await service.receives(employee())
    await service.advance_to(datetime(2026, 8, 25, tzinfo=UTC))
    await service.receives(offered())
    assert await told(service) == [("offer", "expired")]


async def test_offer_told_after_its_own_expiry_is_not_made(service: Notifications) -> None:
    await service.receives(employee())
    assert await service.receives(expired(), offered()) == [Outcome.applied, Outcome.stale]
    assert await told(service) == []


async def test_expiry_is_told_to_who_got_the_offer(service: Notifications) -> None:
    await service.receives(employee(), offered())
    await sent(service)
    await service.receives(expired())
    assert await told(service) == [("offer", "sent"), ("offer_expired", "rendered")]


async def test_expiry_is_not_told_to_who_never_got_the_offer(service: Notifications) -> None:
    await service.receives(offered(), expired(), employee())
    assert await told(service) == [("offer", "withdrawn")]


async def test_offer_taken_back_before_it_was_sent_is_not_sent(service: Notifications) -> None:
    await service.receives(employee(), offered(), withdrawn(version=3))
    assert await told(service) == [("offer", "withdrawn")]


async def test_whoever_has_the_offer_hears_that_it_holds_no_longer_and_why(service: Notifications) -> None:
    await service.receives(employee(), offered())
    await sent(service)
    await service.receives(withdrawn(version=3))
    assert await told(service) == [("offer", "sent"), ("offer_withdrawn", "rendered")]
    [notice] = [message for message in await messages(service) if message.kind == "offer_withdrawn"]
    assert REASON.text.sv in await lines(service, notice)


async def test_whoever_has_left_hears_nothing_of_her_offer(service: Notifications) -> None:
    await service.receives(employee(), offered())
    await sent(service)
    await service.receives(withdrawn(version=3, code="LeftEmployment"))
    assert await told(service) == [("offer", "sent")]


async def test_whoever_had_said_yes_hears_by_her_calendar_only(service: Notifications) -> None:
    await service.receives(employee(), offered(), confirmed())
    await sent(service)
    await service.receives(withdrawn(version=4))
    assert "offer_withdrawn" not in [kind for kind, _ in await told(service)]


async def test_reminder_comes_two_working_days_before_at_eight(service: Notifications) -> None:
    await service.receives(employee(), confirmed())
    await service.advance_to(MONDAY_MORNING - timedelta(seconds=1))
    assert await reminders(service) == []
    await service.advance_to(MONDAY_MORNING)
    assert await reminders(service) == ["E1"]


async def test_reminder_moves_with_its_session(service: Notifications) -> None:
    await service.receives(employee(), confirmed())
    await service.receives(rescheduled(session(1, version=2, starts_at=NEXT_MONTH + timedelta(days=1))))
    await service.advance_to(MONDAY_MORNING)
    assert await reminders(service) == []
    await service.advance_to(MONDAY_MORNING + timedelta(days=1))
    assert await reminders(service) == ["E1"]


async def test_session_moved_after_its_reminder_is_not_reminded_of_again(service: Notifications) -> None:
    await service.receives(employee(), confirmed())
    await service.advance_to(MONDAY_MORNING)
    await sent(service)
    await service.receives(rescheduled(session(1, version=2, starts_at=NEXT_MONTH + timedelta(days=7))))
    await service.advance_to(NEXT_MONTH + timedelta(days=7))
    assert await reminders(service) == ["E1"]


@pytest.mark.parametrize(
    "news",
    [
        rescheduled(session(1, version=2, starts_at=NEXT_MONTH + timedelta(days=7))),
        rescheduled(session(1, version=2, location="Biblioteket")),
        session_cancelled(session(1, version=2)),
        withdrawn(),
    ],
    ids=["moved", "elsewhere", "cancelled", "withdrawn"],
)
async def test_reminder_that_was_not_sent_yet_is_taken_back_when_it_is_no_longer_true(
    service: Notifications, news: Event
) -> None:
    await service.receives(employee(), confirmed())
    await sent(service)
    await service.advance_to(MONDAY_MORNING)
    await service.receives(news)
    assert [mail for mail in await told(service) if mail[0] == "reminder"] == [("reminder", "withdrawn")]


async def test_reminder_that_was_taken_back_comes_at_the_sessions_new_time(service: Notifications) -> None:
    await service.receives(employee(), confirmed())
    await sent(service)
    await service.advance_to(MONDAY_MORNING)
    await service.receives(rescheduled(session(1, version=2, starts_at=NEXT_MONTH + timedelta(days=7))))
    await service.advance_to(MONDAY_MORNING + timedelta(days=7))
    reminders = [mail for mail in await told(service) if mail[0] == "reminder"]
    assert reminders == [("reminder", "rendered"), ("reminder", "withdrawn")]


async def test_who_is_out_and_what_is_cancelled_is_not_reminded_of(service: Notifications) -> None:
    await service.receives(employee("E1"), employee("E2"), confirmed("E1"), confirmed("E2"))
    await service.receives(withdrawn("E1"), session_cancelled(session(2, version=2)))
    await service.advance_to(NEXT_MONTH + timedelta(days=60))
    assert await reminders(service) == ["E2"]


async def test_survey_is_asked_once_with_her_own_link(service: Notifications) -> None:
    await service.receives(employee("E1"), employee("E2"), survey("E1", "E2"))
    await service.receives(survey("E1", "E2", version=2))
    assert await told(service) == [("survey", "rendered"), ("survey", "rendered")]
    for asked in await messages(service):
        links = [line for line in await lines(service, asked) if "/s/" in line]
        assert links == [f"https://ledarskap.kommun.example/s/{asked.employee_id}"]


async def test_survey_that_has_closed_is_not_asked(service: Notifications) -> None:
    await service.receives(employee())
    await service.advance_to(datetime(2026, 9, 16, tzinfo=UTC))
    await service.receives(survey("E1"))
    assert await told(service) == [("survey", "expired")]


async def test_who_completes_gets_her_diploma_once(service: Notifications) -> None:
    await service.receives(employee(), confirmed(), completed())
    await service.receives(completed())
    (handed,) = [message for message in await messages(service) if message.kind == "completed"]
    letter, said = await mail(service, handed), await lines(service, handed)
    assert [part.get_content_type() for part in letter.iter_parts()] == ["multipart/alternative", "application/pdf"]
    assert {"onsdag 14 oktober 2026", "3,5", "  Träff 1"} <= set(said)
    assert "  Träff 2" not in said


async def test_completion_leaves_the_calendar_as_it_is(service: Notifications) -> None:
    await service.receives(employee(), confirmed(), completed())
    assert [kind for kind, _ in await told(service)] == ["completed", "invite", "invite"]


async def test_completion_told_before_the_yes_takes_nothing_from_it(service: Notifications) -> None:
    await service.receives(employee(), completed(), confirmed())
    assert [kind for kind, _ in await told(service)] == ["completed", "invite", "invite"]


async def test_diploma_lists_no_session_that_she_was_excused_from(service: Notifications) -> None:
    await service.receives(employee(), confirmed(excused=("FLC-1~S1",)), completed(modules=("M1", "M2")))
    (handed,) = [message for message in await messages(service) if message.kind == "completed"]
    said = await lines(service, handed)
    assert ("  Träff 1" in said, "  Träff 2" in said) == (False, True)
