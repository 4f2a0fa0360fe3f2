"""Mail that comes in, behind both doors: what it changes, once, and who cannot change anything."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any

import pytest
from pymongo.errors import ConnectionFailure

from services.notifications.commands import recording
from services.notifications.commands.receiving import Arrival, Reception
from services.notifications.inbound import Inbox, LmtpDoor
from services.notifications.invites import Mailbox
from services.notifications.model import Invitation, Message, Received, State, Suppression
from services.notifications.rules.messages import Pauses, Result, Verdict
from services.notifications.rules.trust import Gate
from shared.events.enrolment import PlaceDeclined
from shared.events.notifications import InvitationAnswered, MessageBounced, MessageFailed
from tests.flow.notifications.stage import (
    NEXT_MONTH,
    Notifications,
    confirmed,
    employee,
    entry,
    invitations,
    mail,
    messages,
    rescheduled,
    sent,
    session,
    session_cancelled,
    survey,
    told,
)
from tests.harness import START
from tests.unit.notifications import incoming_mails as mails

E1 = "e1@kommun.example"
SEEN = datetime(2026, 11, 1, tzinfo=UTC)
RECEPTION = Reception(Gate("mx.kommun.example"), Mailbox("Programkontoret", "kontoret@kommun.example"))


async def arrives(service: Notifications, raw: bytes, *recipients: str, sender: str | None = E1) -> str:
    """Let a mail come in; what came of it."""
    inbox = Inbox(service.delivery, RECEPTION)
    received = await inbox.take(Arrival(raw, SEEN, sender, recipients))
    await service.published()
    return received.outcome


async def invited(service: Notifications) -> Invitation:
    """Her first session's entry, once it is in her calendar."""
    await service.receives(employee(), confirmed())
    await sent(service)
    return await first(service)


async def first(service: Notifications) -> Invitation:
    return next(each for each in await invitations(service) if each.session_id == "FLC-1~S1")


def reply(known: Invitation, said: str = "DECLINED", minutes: int = 10, method: str = "REPLY", **head: Any) -> bytes:
    who = f"ATTENDEE;PARTSTAT={said}:mailto:{E1}"
    at = START + timedelta(minutes=minutes)
    content = mails.calendar(attendee=who, uid=known.uid, sequence=known.sequence, at=at, method=method)
    return mails.exchange(content, **{"sender": E1, **head})


async def stored(service: Notifications, kind: type[Received] | type[Suppression]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = await service.delivery.database[kind.collection].find({}).to_list(None)
    return rows


async def forwards(service: Notifications) -> list[EmailMessage]:
    return [await mail(service, each) for each in await messages(service) if each.kind == "forwarded"]


@pytest.fixture(autouse=True)
def later(service: Notifications) -> None:
    service.clock.moment = START + timedelta(hours=2)


async def test_an_answer_from_her_calendar_is_kept_and_told(service: Notifications) -> None:
    known = await invited(service)
    assert await arrives(service, reply(known)) == "declined"
    after = await first(service)
    assert (after.answer, after.answered_at) == ("declined", START + timedelta(minutes=10))
    [told_of] = service.said(InvitationAnswered)
    assert (told_of.place_id, told_of.session_id, told_of.answer) == ("P-E1", "FLC-1~S1", "declined")
    assert told_of.answered_at == START + timedelta(minutes=10)


async def test_an_answer_is_never_answered(service: Notifications) -> None:
    known = await invited(service)
    before = await told(service)
    await arrives(service, reply(known))
    assert await told(service) == before


async def test_the_same_answer_twice_counts_once(service: Notifications) -> None:
    raw = reply(await invited(service))
    assert [await arrives(service, raw) for _ in range(2)] == ["declined", "known"]
    assert len(service.said(InvitationAnswered)) == 1


async def test_the_same_answer_at_two_doors_at_once_counts_once(service: Notifications) -> None:
    raw = reply(await invited(service))
    outcomes = await asyncio.gather(*(arrives(service, raw) for _ in range(6)))
    assert sorted(outcomes) == ["declined", *["known"] * 5]
    assert len(service.said(InvitationAnswered)) == 1


async def test_of_answers_that_overtook_each_other_the_newer_counts(service: Notifications) -> None:
    known = await invited(service)
    assert await arrives(service, reply(known, "ACCEPTED", 20)) == "accepted"
    assert await arrives(service, reply(known, "DECLINED", 10)) == "older"
    assert (await first(service)).answer == "accepted"


async def test_a_session_that_moves_is_asked_about_anew(service: Notifications) -> None:
    known = await invited(service)
    await arrives(service, reply(known, "ACCEPTED"))
    await service.receives(rescheduled(session(1, version=2, starts_at=NEXT_MONTH + timedelta(days=1))))
    assert (await first(service)).answer is None
    assert await arrives(service, reply(known, "DECLINED", 30)) == "of_another_time"
    assert (await first(service)).answer is None


async def test_a_new_room_keeps_her_answer_in_her_calendar(service: Notifications) -> None:
    known = await invited(service)
    await arrives(service, reply(known, "TENTATIVE"))
    await service.receives(rescheduled(session(1, version=2, location="Biblioteket")))
    update = next(each for each in await messages(service) if each.kind == "update")
    assert (await entry(service, update)).partstat == "TENTATIVE"
    assert (await first(service)).answer == "tentative"


async def test_only_who_has_not_answered_is_reminded(service: Notifications) -> None:
    known = await invited(service)
    await service.receives(employee("E2"), confirmed("E2"))
    await arrives(service, reply(known, "ACCEPTED"))
    await service.advance_to(NEXT_MONTH - timedelta(days=1))
    reminded = [each.employee_id for each in await messages(service) if each.kind == "reminder"]
    assert reminded == ["E2"]


@pytest.mark.parametrize(
    ("head", "outcome"),
    [
        ({"sender": "eve@evil.example"}, "not_the_author"),
        ({"checked": "mx.kommun.example; dmarc=fail header.from=kommun.example"}, "not_genuine"),
        ({"checked": "mx.evil.example; dmarc=pass header.from=kommun.example"}, "not_genuine"),
    ],
    ids=["stranger", "forged", "own word"],
)
async def test_nobody_answers_in_her_name_and_the_office_sees_the_attempt(
    service: Notifications, head: dict[str, Any], outcome: str
) -> None:
    assert await arrives(service, reply(await invited(service), **head)) == outcome
    assert (await first(service)).answer is None
    assert service.said(InvitationAnswered) == []
    assert len(await forwards(service)) == 1


async def test_somebody_who_was_not_invited_does_not_come_in_by_answering(service: Notifications) -> None:
    known = await invited(service)
    content = mails.calendar(attendee="ATTENDEE;PARTSTAT=ACCEPTED:mailto:bo@kommun.example", uid=known.uid)
    raw = mails.exchange(content, sender="bo@kommun.example")
    assert await arrives(service, raw, sender="bo@kommun.example") == "not_invited"
    assert {each.employee_id for each in await invitations(service)} == {"E1"}


async def test_an_answer_to_what_is_none_of_ours_goes_to_the_office(service: Notifications) -> None:
    assert await arrives(service, mails.exchange()) == "unknown_entry"
    assert len(await forwards(service)) == 1


async def test_a_bomb_is_not_opened_and_stops_nothing(service: Notifications) -> None:
    known = await invited(service)
    bomb = mails.calendar(uid=known.uid, more=tuple(f"ATTENDEE:mailto:a{n}@x.example" for n in range(50_000)))
    assert await arrives(service, mails.exchange(bomb, sender=E1)) == "too_large"
    assert await arrives(service, reply(known)) == "declined"


async def test_another_time_proposed_is_a_note_to_the_office(service: Notifications) -> None:
    known = await invited(service)
    assert await arrives(service, reply(known, method="COUNTER")) == "forwarded"
    [note] = await forwards(service)
    assert (note["To"], note["Reply-To"]) == ("Programkontoret <kontoret@kommun.example>", E1)
    assert await first(service) == known


async def test_a_calendar_that_lost_an_entry_gets_the_same_bytes_again(service: Notifications) -> None:
    known = await invited(service)
    invite = next(each for each in await messages(service) if each.id == known.message_id)
    await _was_sent(service, invite, hours_ago=2)
    bytes_before = (await mail(service, invite)).as_bytes()
    assert await arrives(service, reply(known, method="REFRESH")) == "sent_again"
    assert await arrives(service, reply(known, method="REFRESH", minutes=11)) == "on_its_way"
    again = next(each for each in await messages(service) if each.id == invite.id)
    assert (again.state, (await mail(service, again)).as_bytes()) == (State.rendered, bytes_before)


async def test_what_a_person_writes_reaches_the_office_once_and_is_then_forgotten(service: Notifications) -> None:
    raw = mails.letter("Kan jag komma senare?", subject="=?utf-8?q?Tr=C3=A4ffen?=")
    assert [await arrives(service, raw) for _ in range(2)] == ["forwarded", "known"]
    [passed_on] = await forwards(service)
    assert passed_on["Subject"] == "Vidarebefordrat: Träffen"
    [kept] = await stored(service, Received)
    assert not any(isinstance(value, bytes) for value in kept.values())


async def test_an_automatic_answer_is_dropped(service: Notifications) -> None:
    assert await arrives(service, mails.letter("Jag är ledig.", Auto_Submitted="auto-replied")) == "dropped"
    assert await messages(service) == []


async def test_a_mail_of_ours_that_comes_round_is_dropped(service: Notifications) -> None:
    await arrives(service, mails.letter())
    [passed_on] = await forwards(service)
    assert await arrives(service, passed_on.as_bytes()) == "dropped"


async def test_a_mail_that_comes_back_is_told_with_its_reason_once(service: Notifications) -> None:
    known = await invited(service)
    raw = mails.bounce(known.message_id or "", status="5.7.1", said="554 5.7.1 refused")
    again = mails.bounce(known.message_id or "", status="5.7.1", said="554 5.7.1 refused again")
    assert [await arrives(service, each, sender="") for each in (raw, raw, again)] == ["bounced", "known", "known"]
    [bounced] = service.said(MessageBounced)
    assert (bounced.message_id, bounced.reason.code) == (known.message_id, "bounced")
    assert await stored(service, Suppression) == []
    shown = next(each for each in await messages(service) if each.id == known.message_id)
    assert (shown.state, shown.bounced_at) == (State.sent, service.clock.now())


async def test_nothing_more_is_sent_to_an_address_that_does_not_exist(service: Notifications) -> None:
    known = await invited(service)
    to = f"b-{known.message_id}@studs.kommun.example"
    assert await arrives(service, mails.bounce("c" * 40), to, sender="") == "suppressed"
    await service.receives(survey("E1"))
    [failed] = service.said(MessageFailed)
    assert (failed.kind, failed.reason.code) == ("survey", "suppressed")
    [suppressed] = await stored(service, Suppression)
    assert (suppressed["employee_id"], suppressed["status"]) == ("E1", "5.1.1")
    assert E1 not in str(suppressed)


async def test_an_address_that_the_relay_refuses_at_once_is_given_up_too(service: Notifications) -> None:
    await service.receives(employee(), confirmed())
    one, other = await messages(service)
    pauses = Pauses(SEEN, timedelta(minutes=1))
    said = {
        one.id: Verdict(Result.failed, "550 5.7.1 not this mail"),
        other.id: Verdict(Result.failed, "550 5.1.1 <e1@kommun.example>: User unknown"),
    }
    await service.delivery.run(lambda tx: recording.record_attempts(tx, said, lambda _: True, pauses))
    assert [(each["message_id"], each["status"]) for each in await stored(service, Suppression)] == [
        (other.id, "5.1.1")
    ]


async def test_a_corrected_address_is_written_to_again(service: Notifications) -> None:
    known = await invited(service)
    await arrives(service, mails.bounce(known.message_id or ""), sender="")
    await service.receives(employee(version=2, email="asa@kommun.example"), survey("E1"))
    assert [each.state for each in await messages(service) if each.kind == "survey"] == [State.rendered]


async def test_a_full_mailbox_or_a_delay_gives_no_address_up(service: Notifications) -> None:
    known = await invited(service)
    late = mails.bounce(known.message_id or "", action="delayed", status="4.4.1", said="450 4.4.1 no answer")
    full = mails.bounce(known.message_id or "", status="5.2.2", said="552 5.2.2 full")
    assert [await arrives(service, each, sender="") for each in (late, full)] == ["delayed", "bounced"]
    assert await stored(service, Suppression) == []


async def test_a_bounce_of_nothing_that_we_sent_changes_nothing(service: Notifications) -> None:
    assert await arrives(service, mails.bounce("d" * 40), sender="") == "unknown_message"
    assert service.announced == []


async def test_after_her_no_only_what_she_has_not_declined_herself_is_cancelled(service: Notifications) -> None:
    known = await invited(service)
    await arrives(service, reply(known))
    no = PlaceDeclined.model_validate(confirmed(version=4).model_dump() | {"version": 4})
    await service.receives(no)
    cancelled = [each.regarding for each in await messages(service) if each.kind == "cancel"]
    assert cancelled == ["FLC-1~S2"]
    assert {each.method for each in await invitations(service)} == {"CANCEL"}


async def test_a_session_that_is_cancelled_is_told_to_who_declined_it(service: Notifications) -> None:
    known = await invited(service)
    await arrives(service, reply(known))
    await service.receives(session_cancelled(session(1, version=2)))
    assert [each.kind for each in await messages(service)].count("cancel") == 1


@asynccontextmanager
async def door(service: Notifications) -> AsyncIterator[LmtpDoor]:
    opened = LmtpDoor(Inbox(service.delivery, RECEPTION), "127.0.0.1", 0)
    task = asyncio.create_task(opened.run())
    try:
        async with asyncio.timeout(5):
            while not opened.port:  # noqa: ASYNC110 — plain waiting
                await asyncio.sleep(0.01)
        yield opened
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await service.published()


def deliver(port: int, raw: bytes, *recipients: str, sender: str = E1) -> dict[str, tuple[int, bytes]]:
    """As a mail server does; whom it could not deliver to."""
    with smtplib.LMTP("127.0.0.1", port) as client:
        return client.sendmail(sender, list(recipients) or [mails.US], raw)


async def test_a_mail_server_delivers_an_answer_and_a_bounce_at_the_door(service: Notifications) -> None:
    known = await invited(service)
    async with door(service) as opened:
        await asyncio.to_thread(deliver, opened.port, reply(known))
        own = f"b-{known.message_id}@studs.kommun.example"
        await asyncio.to_thread(partial(deliver, opened.port, mails.bounce("c" * 40), own, sender=""))
    assert [each.answer for each in service.said(InvitationAnswered)] == ["declined"]
    assert [each.message_id for each in service.said(MessageBounced)] == [known.message_id]


async def test_the_door_takes_one_recipient_and_asks_for_the_others_later(service: Notifications) -> None:
    async with door(service) as opened:
        refused = await asyncio.to_thread(deliver, opened.port, mails.letter(), mails.US, "other@kommun.example")
    assert {who: code for who, (code, _) in refused.items()} == {"other@kommun.example": 452}
    assert len(await forwards(service)) == 1


async def test_while_the_database_is_away_the_mail_server_keeps_the_mail(
    service: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await invited(service)
    run = service.delivery.run

    async def away(*_: object, **__: object) -> None:
        raise ConnectionFailure("away")

    async with door(service) as opened:
        monkeypatch.setattr(service.delivery, "run", away)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            await asyncio.to_thread(deliver, opened.port, reply(known))
        assert refused.value.smtp_code == 451
        monkeypatch.setattr(service.delivery, "run", run)
        await asyncio.to_thread(deliver, opened.port, reply(known))
    assert (await first(service)).answer == "declined"


async def _was_sent(service: Notifications, message: Message, hours_ago: int) -> None:
    at = service.clock.now() - timedelta(hours=hours_ago)
    change = {"$set": {"state": "sent", "sent_at": at, "next_at": None}}
    await service.delivery.database["messages"].update_one({"_id": message.id}, change)
