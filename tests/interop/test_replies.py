"""Answers that another program writes to our invitations go in at our door and come out as what was answered."""

from collections.abc import AsyncIterator
from typing import Literal

import pytest

from services.notifications.commands.receiving import Arrival
from services.notifications.inbound import Inbox
from services.notifications.invites import Mailbox
from services.notifications.records import Records
from shared.documents import Database
from shared.events.notifications import InvitationAnswered
from tests.flow.notifications.stage import Notifications, confirmed, employee, invitations, notifications, sent
from tests.flow.notifications.test_inbound import RECEPTION, SEEN
from tests.interop.cases import calendar_of, contents, made
from tests.interop.gnus import answered
from tests.interop.readers import by_icalendar
from tests.unit.notifications.incoming_mails import PASSED
from tests.unit.notifications.samples import ASA

Answer = Literal["accepted", "tentative", "declined"]
ANSWERS: tuple[Answer, ...] = ("accepted", "tentative", "declined")
SHE = Mailbox("Åsa Öberg", "e1@kommun.example")


@pytest.fixture
async def service(database: Database) -> AsyncIterator[Notifications]:
    async with notifications(database) as running:
        yield running


@pytest.mark.parametrize("answer", ANSWERS)
def test_answer_names_our_entry_its_revision_and_who_answers(answer: Answer) -> None:
    asked = made(contents("update", sequence=11))
    read = by_icalendar(calendar_of(answered(asked.mail, ASA, answer)))
    assert (read.method, read.partstat) == ("REPLY", answer.upper())
    assert (read.uid, read.sequence, read.attendee) == (asked.meant.uid, 11, ASA.address)


@pytest.mark.parametrize("answer", ANSWERS)
async def test_answer_of_gnus_is_told_once_of_the_session_that_it_is_about(
    service: Notifications, answer: Answer
) -> None:
    reply = await her_reply(service, answer)
    assert await arrives(service, reply) == answer
    assert await arrives(service, reply) == "known"
    (told,) = service.said(InvitationAnswered)
    assert (told.place_id, told.session_id, told.answer) == ("P-E1", "FLC-1~S1", answer)


async def test_answer_of_gnus_by_somebody_else_is_not_believed(service: Notifications) -> None:
    forwarded_to = Mailbox("Bo", "bo@kommun.example")
    reply = await her_reply(service, "declined", forwarded_to)
    assert await arrives(service, reply) not in ANSWERS
    assert service.said(InvitationAnswered) == []


async def her_reply(service: Notifications, answer: Answer, who: Mailbox = SHE) -> bytes:
    """What Gnus answers to the invitation to her first session."""
    await service.receives(employee(), confirmed())
    await sent(service)
    (first,) = [one for one in await invitations(service) if one.session_id == "FLC-1~S1"]
    assert first.message_id is not None
    letter = await Records(service.delivery.database).letter(first.message_id)
    assert letter is not None
    return answered(letter.content, who, answer)


async def arrives(service: Notifications, reply: bytes) -> str:
    """Let an answer come in by way of the municipality's mail server, which vouches for it; what came of it."""
    raw = f"Authentication-Results: {PASSED}\r\n".encode() + reply
    received = await Inbox(service.delivery, RECEPTION).take(Arrival(raw, SEEN, SHE.address))
    await service.published()
    return received.outcome
