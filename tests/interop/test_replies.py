"""Answers that another program writes to our invitations go in at our door, and change the place they are about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import pytest

from deploy.local.mongo import Mongo
from services.enrolment import handlers as enrolment_handlers
from services.enrolment.store import INDEXES as ENROLMENT_INDEXES
from services.enrolment.store import EnrolmentTransaction
from services.notifications.commands.receiving import Arrival
from services.notifications.inbound import Inbox
from services.notifications.invites import Mailbox
from services.notifications.model import Invitation
from services.notifications.records import Records
from shared.delivery import connect
from shared.documents import Database
from shared.events.enrolment import PlaceConfirmed, PlaceDeclined
from shared.events.notifications import InvitationAnswered
from tests.flow.enrolment.conftest import LINKS
from tests.flow.enrolment.office import Office
from tests.flow.notifications.stage import Notifications, invitations, notifications, sent
from tests.flow.notifications.test_inbound import RECEPTION
from tests.harness import harness
from tests.interop.cases import calendar_of, contents, made
from tests.interop.gnus import Answer, answered
from tests.interop.readers import by_icalendar
from tests.unit.enrolment.arrange import NOW, STOCKHOLM, hr_says
from tests.unit.notifications.incoming_mails import PASSED
from tests.unit.notifications.samples import ASA

ANSWERS: tuple[Answer, ...] = ("accepted", "tentative", "declined")
LATER = NOW + timedelta(days=1)


class Town:
    """Enrolment and notifications, each on a database of its own, and somebody with a place in a group."""

    def __init__(self, office: Office, mails: Notifications) -> None:
        self.office, self.mails = office, mails
        self.she = ""

    async def confirms(self) -> None:
        """She says yes to her place, and gets her invitations."""
        (self.she, *_) = await self.office.everybody_accepts(4)
        confirmed = [one for one in self.office.service.said(PlaceConfirmed) if one.employee_id == self.she]
        await self.mails.receives(hr_says(self.she), *confirmed)
        await sent(self.mails)
        self.office.service.clock.moment = self.mails.clock.moment = LATER + timedelta(hours=1)

    async def answers(self, invitation: Invitation, answer: Answer, who: str | None = None) -> str:
        """An answer by Gnus comes in by way of the municipality's mail server, which vouches for it."""
        letter = await Records(self.mails.delivery.database).letter(invitation.message_id or "")
        assert letter is not None
        reply = answered(letter.content, Mailbox("Åsa Öberg", who or letter.address), answer, LATER)
        raw = f"Authentication-Results: {PASSED}\r\n".encode() + reply
        told = len(self.mails.said(InvitationAnswered))
        received = await Inbox(self.mails.delivery, RECEPTION).take(Arrival(raw, LATER, letter.address))
        await self.mails.published()
        await self.office.service.receives(*self.mails.said(InvitationAnswered)[told:])
        return received.outcome


@pytest.fixture
async def town(mongo: Mongo, database: Database) -> AsyncIterator[Town]:
    async with enrolment(mongo) as office, notifications(database) as mails:
        mails.clock.moment = NOW
        yield Town(office, mails)


@asynccontextmanager
async def enrolment(mongo: Mongo) -> AsyncIterator[Office]:
    own = connect(mongo.url_of("tests_interop_enrolment"))
    for name in await own.list_collection_names():
        await own[name].delete_many({})
    async with harness(
        own,
        name="enrolment",
        transaction=partial(EnrolmentTransaction, links=LINKS, zone=STOCKHOLM),
        subscriptions=(enrolment_handlers.hr, enrolment_handlers.notifications, enrolment_handlers.evaluation),
        timers=enrolment_handlers.timers,
        indexes=ENROLMENT_INDEXES,
        start=NOW,
    ) as service:
        yield Office(service)
    own.client.close()


@pytest.mark.parametrize("answer", ANSWERS)
def test_answer_names_our_entry_its_revision_and_who_answers(answer: Answer) -> None:
    asked = made(contents("update", sequence=11))
    read = by_icalendar(calendar_of(answered(asked.mail, ASA, answer, LATER)))
    assert (read.method, read.partstat, read.stamped_at) == ("REPLY", answer.upper(), LATER)
    assert (read.uid, read.sequence, read.attendee) == (asked.meant.uid, 11, ASA.address)


@pytest.mark.parametrize("answer", ANSWERS)
async def test_answer_from_a_calendar_is_kept_at_the_place(town: Town, answer: Answer) -> None:
    await town.confirms()
    first, *_ = await invitations(town.mails)
    assert await town.answers(first, answer) == answer
    assert await town.answers(first, answer) == "older"  # the same once more, in another mail
    place = await town.office.place(town.she)
    assert [(one.session_id, one.answer) for one in place.answers] == [(first.session_id, answer)]


async def test_noes_from_a_calendar_to_every_session_give_the_place_to_others(town: Town) -> None:
    await town.confirms()
    for invitation in await invitations(town.mails):
        await town.answers(invitation, "declined")
    assert (await town.office.place(town.she)).state == "declined"
    assert [one.employee_id for one in town.office.service.said(PlaceDeclined)] == [town.she]


async def test_answer_of_somebody_to_whom_the_invitation_was_passed_on_changes_nothing(town: Town) -> None:
    await town.confirms()
    first, *_ = await invitations(town.mails)
    assert await town.answers(first, "declined", who="bo@kommun.example") not in ANSWERS
    assert (await town.office.place(town.she)).answers == ()
