"""Mails that ask for answers: how often, until when, and who learns of them."""

from datetime import UTC, datetime, timedelta

from services.notifications.commands import recording
from services.notifications.model import Letter, Message, State
from services.notifications.records import Records
from services.notifications.rules.messages import Pauses, Result, Verdict
from shared.events.evaluation import InvitationsRequested, RemindersRequested, WaveClosed
from shared.events.notifications import MessageDelivered, MessageFailed
from tests.flow.notifications.stage import Notifications, employee, left, survey, told


def reminder(*people: str, version: int = 3) -> RemindersRequested:
    """These have not answered the survey."""
    return RemindersRequested.model_validate(survey(*people, version=version).model_dump())


def closed() -> WaveClosed:
    return WaveClosed(wave_id="FLC-1~T0", wave="T0", cohort_id="FLC-1", programme="FLC", version=9)


async def everything(service: Notifications) -> list[Message]:
    """All messages, those of which nobody learns included."""
    rows = service.delivery.database[Message.collection].find().sort([("created_at", 1), ("_id", 1)])
    return [Message.model_validate(row) async for row in rows]


async def states(service: Notifications) -> list[tuple[str, str]]:
    return sorted((one.kind, one.state.value) for one in await everything(service))


async def letter_of(service: Notifications, kind: str) -> str:
    (message,) = [one for one in await everything(service) if one.kind == kind]
    row = await service.delivery.database[Letter.collection].find_one({"_id": message.id})
    assert row is not None
    return bytes(row["content"]).decode()


async def test_each_reminder_is_sent_once_with_the_same_link(service: Notifications) -> None:
    await service.receives(employee(), survey("E1"))
    await service.receives(reminder("E1"), reminder("E1"))
    await service.receives(reminder("E1", version=4))
    assert await states(service) == [("survey", "rendered")] + [("survey_reminder", "rendered")] * 2
    (message, *_) = [one for one in await everything(service) if one.kind == "survey_reminder"]
    row = await service.delivery.database[Letter.collection].find_one({"_id": message.id})
    assert row is not None
    assert b"/s/E1" in row["content"]


async def test_a_reminder_that_comes_before_the_invitation_is_sent_all_the_same(service: Notifications) -> None:
    await service.receives(employee(), reminder("E1"), survey("E1"))
    assert await states(service) == [("survey", "rendered"), ("survey_reminder", "rendered")]


async def test_nobody_can_look_up_who_was_reminded(service: Notifications) -> None:
    await service.receives(employee("E1"), employee("E2"), survey("E1", "E2"), reminder("E1"))
    records = Records(service.delivery.database)
    (secret,) = [one for one in await everything(service) if one.kind == "survey_reminder"]
    for wanted in ({}, {"employee_id": "E1"}, {"kind": "survey_reminder"}, {"state": "rendered"}):
        assert all(one.kind == "survey" for one in await records.messages(wanted, limit=99, after=None))
        assert all(one.kind == "survey" for one in await records.newest(wanted, 99))
    assert await records.message(secret.id) is None
    assert await told(service) == [("survey", "rendered")] * 2


async def test_no_event_tells_how_a_reminder_fared(service: Notifications) -> None:
    await service.receives(employee(), reminder("E1"), reminder("E2"))
    (sent, waiting) = sorted(await everything(service), key=lambda one: one.employee_id)
    said = {sent.id: Verdict(Result.sent, "250 2.0.0 queued")}
    pauses = Pauses(service.clock.now(), timedelta(minutes=1))
    await service.delivery.run(lambda tx: recording.record_attempts(tx, said, lambda _: True, pauses))
    await service.advance_to(waiting.deadline + timedelta(minutes=1))
    assert sorted(one.state.value for one in await everything(service)) == ["expired", "sent"]
    assert service.said(MessageDelivered) == []
    assert service.said(MessageFailed) == []


async def test_the_letter_of_a_reminder_is_forgotten_when_she_leaves_before_it_is_sent(service: Notifications) -> None:
    await service.receives(employee(), reminder("E1"))
    await service.receives(left(last_day=datetime(2026, 8, 14, tzinfo=UTC).date()))
    assert await service.delivery.database[Letter.collection].count_documents({}) == 0


async def test_nobody_is_written_to_about_a_wave_that_has_closed(service: Notifications) -> None:
    await service.receives(employee(), survey("E1", "E2"), reminder("E1"))
    await service.receives(closed())
    assert await states(service) == [("survey", "withdrawn")] * 2 + [("survey_reminder", "withdrawn")]
    await service.receives(employee("E2"))
    assert {one.state for one in await everything(service)} == {State.withdrawn}


async def test_a_reminder_that_comes_after_the_close_is_not_sent(service: Notifications) -> None:
    late: InvitationsRequested | RemindersRequested = reminder("E1")
    service.clock.moment = late.closes_at
    await service.receives(employee(), late)
    assert await states(service) == []


async def test_a_reminder_speaks_of_an_answer_that_has_not_come(service: Notifications) -> None:
    await service.receives(employee(), survey("E1"), reminder("E1"))
    assert "inte f=C3=A5tt ditt svar" in await letter_of(service, "survey_reminder")
    assert "inte f=C3=A5tt ditt svar" not in await letter_of(service, "survey")
