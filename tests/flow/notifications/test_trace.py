"""What notifications tells when somebody asks what happened about an id."""

from services.notifications.commands import recording
from services.notifications.model import Message
from services.notifications.records import Records
from services.notifications.rules.messages import Pauses, Result, Verdict
from services.notifications.tracing import MailStory
from shared.events.evaluation import RemindersRequested
from shared.trace import Step, Trace
from tests.flow.notifications.stage import Notifications, confirmed, employee, messages, offered, survey
from tests.flow.notifications.test_sender import SHORT, queue_of


async def told(service: Notifications, wanted: str) -> list[Step]:
    trace = Trace(service.delivery.database, "notifications")
    trace.also(MailStory(Records(service.delivery.database)).tell)
    return list((await trace.of(wanted, 500)).steps)


def in_short(steps: list[Step]) -> list[tuple[str, str]]:
    return [(step.kind, step.what) for step in steps]


async def taken(service: Notifications) -> list[Message]:
    """All that is due has been taken by the mail server."""
    queue = queue_of(service)
    claimed = [message for message, _ in await queue.claim(100)]
    verdicts = {message.id: Verdict(Result.sent) for message in claimed}
    pauses = Pauses(await queue.now(), SHORT)
    await service.delivery.run(lambda tx: recording.record_attempts(tx, verdicts, queue.is_mine, pauses))
    await service.published()
    return claimed


async def test_a_mail_s_story_begins_with_the_event_that_led_to_it(service: Notifications) -> None:
    await service.receives(employee())
    await service.receives(offered())
    [offer] = await taken(service)
    steps = (await told(service, "E1"))[1:]
    assert in_short(steps) == [
        ("received", "enrolment.place.offered.v1"),
        ("mail", "offer made"),
        ("mail", "offer taken by the mail server"),
        ("announced", "notifications.message.delivered.v1"),
    ]
    came, made, sent, said = steps
    assert (made.causation_id, sent.causation_id, said.causation_id) == (came.id, offer.id, offer.id)
    assert {made.correlation_id, said.correlation_id} == {came.correlation_id}


async def test_a_chain_a_place_and_a_mail_lead_to_the_same_mail(service: Notifications) -> None:
    await service.receives(employee(), offered())
    [offer] = await taken(service)
    assert offer.correlation_id
    for wanted in (offer.correlation_id, "P-E1", offer.id):
        assert ("mail", "offer made") in in_short(await told(service, wanted)), wanted


async def test_a_place_s_story_has_its_calendar_mails_and_no_others(service: Notifications) -> None:
    await service.receives(employee(), confirmed(), offered(place_id="P-other", cohort_id="FLC-2"))
    assert {step.what for step in await told(service, "P-E1") if step.kind == "mail"} == {"invite made"}
    assert {step.what for step in await told(service, "E1") if step.kind == "mail"} == {"invite made", "offer made"}


async def test_that_somebody_was_reminded_of_a_survey_is_in_no_story(service: Notifications) -> None:
    await service.receives(employee(), survey("E1"))
    reminder = RemindersRequested.model_validate(survey("E1", version=2).model_dump())
    await service.receives(reminder)
    assert len(await service.delivery.database["messages"].find().to_list(None)) == 2
    await taken(service)
    row = await service.delivery.database["messages"].find_one({"kind": "survey_reminder"})
    assert row
    assert (row["correlation_id"], row["causation_id"]) == (None, None)
    for wanted in ("E1", row["_id"], "FLC-1~T0"):
        steps = await told(service, wanted)
        assert not [step for step in steps if step.id == row["_id"] or "reminder made" in step.what], wanted
        assert not [
            step
            for step in steps
            if step.kind == "received" and "E1" in step.concerns and step.where[0].endswith("evaluation")
        ]


async def test_no_name_and_no_address_is_in_a_story(service: Notifications) -> None:
    await service.receives(employee(), offered(), confirmed())
    await taken(service)
    assert await messages(service)
    text = str(await told(service, "E1"))
    assert not [word for word in ("Åsa", "Öberg", "@", "https:", "Stadshuset") if word in text]
