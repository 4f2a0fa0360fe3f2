"""People, sessions and events for the tests of notifications, in words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from services.notifications import handlers
from services.notifications.mails import Mailroom, mailbox
from services.notifications.model import Invitation, Message
from services.notifications.records import Records
from services.notifications.rules.calm import Calm
from services.notifications.store import INDEXES, NotificationsTransaction
from shared.documents import Database, Unit
from shared.events import LocalisedText, Reason
from shared.events.enrolment import (
    CohortCancelled,
    PlaceCompleted,
    PlaceConfirmed,
    PlaceExpired,
    PlaceOffered,
    PlaceWithdrawn,
    SessionCancelled,
    SessionFact,
    SessionRescheduled,
)
from shared.events.evaluation import InvitationsRequested, SurveyRecipient
from shared.events.hr import EmployeeChanged, EmployeeLeft
from tests.harness import Harness, harness
from tests.unit.notifications.reading import ReadEntry, content_of, parts, read_entry, read_mail, text_of

ZONE = ZoneInfo("Europe/Stockholm")
PROGRAMME = LocalisedText(sv="Ny som chef", en="New as a manager")
REASON = Reason(code="ill", text=LocalisedText(sv="Kursledaren är sjuk.", en="The facilitator is ill."))
NEXT_MONTH = datetime(2026, 9, 16, 11, tzinfo=UTC)
MAILROOM = Mailroom(mailbox("Ledarutveckling <ledarutveckling@kommun.example>"), ZONE, "Storköpings kommun")
AT_ONCE = Calm(ZONE)

Notifications = Harness[NotificationsTransaction]


@asynccontextmanager
async def notifications(database: Database, calm: Calm = AT_ONCE) -> AsyncIterator[Notifications]:
    """The service without a sender: messages stay as its handlers left them."""

    def transaction(unit: Unit) -> NotificationsTransaction:
        return NotificationsTransaction(unit, mailroom=MAILROOM, calm=calm, wake=lambda: None)

    async with harness(
        database,
        name="notifications",
        transaction=transaction,
        subscriptions=(handlers.hr, handlers.enrolment, handlers.evaluation),
        timers=handlers.timers,
        indexes=INDEXES,
    ) as service:
        yield service


async def messages(service: Notifications) -> list[Message]:
    """All messages, in the order in which they came to be."""
    found = await Records(service.delivery.database).messages({}, limit=10_000, after=None)
    return sorted(found, key=lambda message: (message.created_at, message.sequence, message.regarding))


async def told(service: Notifications) -> list[tuple[str, str]]:
    """Kind and state of every message, sorted."""
    return sorted((message.kind, message.state.value) for message in await messages(service))


async def invitations(service: Notifications) -> list[Invitation]:
    """All calendar identities."""
    return await Records(service.delivery.database).invitations({}, limit=10_000, after=None)


async def mail(service: Notifications, message: Message) -> EmailMessage:
    """A message as its reader gets it."""
    letter = await Records(service.delivery.database).letter(message.id)
    assert letter is not None
    return read_mail(letter.content)


async def lines(service: Notifications, message: Message) -> list[str]:
    """The text of a message, line by line."""
    return text_of(await mail(service, message)).splitlines()


async def entry(service: Notifications, message: Message) -> ReadEntry:
    """The calendar entry that a message carries."""
    return read_entry(content_of(parts(await mail(service, message))[-1]))


async def sent(service: Notifications) -> None:
    """Let every message that is on its way be taken by a mail server."""
    collection = service.delivery.database["messages"]
    await collection.update_many({"state": "rendered"}, {"$set": {"state": "sent", "next_at": None}})


def employee(employee_id: str = "E1", version: int = 1, **other: object) -> EmployeeChanged:
    facts: dict[str, object] = {
        "employee_id": employee_id,
        "version": version,
        "given_name": "Åsa",
        "family_name": "Öberg",
        "email": f"{employee_id.lower()}@kommun.example",
        "language": "sv",
        "unit_id": "U1",
        "manager_id": "E9",
        "level": "first_line",
        "employed_from": date(2021, 3, 1),
        "employed_to": None,
        "absent": None,
        "effective_from": date(2026, 1, 1),
    }
    return EmployeeChanged.model_validate(facts | other)


def left(employee_id: str = "E1", version: int = 2, last_day: date = date(2026, 8, 31)) -> EmployeeLeft:
    return EmployeeLeft(employee_id=employee_id, version=version, last_day=last_day)


def session(
    number: int = 1, version: int = 1, starts_at: datetime | None = None, location: str = "Stadshuset, sal A"
) -> SessionFact:
    begins = starts_at or NEXT_MONTH + timedelta(days=28 * (number - 1))
    return SessionFact(
        session_id=f"FLC-1~S{number}",
        version=version,
        module=f"M{number}",
        title=LocalisedText(sv=f"Träff {number}", en=f"Session {number}"),
        kind="seminar",
        starts_at=begins,
        ends_at=begins + timedelta(hours=2),
        location=location,
    )


def offered(employee_id: str = "E1", version: int = 2, place_id: str | None = None, **other: object) -> PlaceOffered:
    facts: dict[str, object] = {
        "answer_by": datetime(2026, 8, 24, 21, 59, tzinfo=UTC),
        "answer_url": f"https://ledarskap.kommun.example/o/{employee_id}.secret",
    }
    return PlaceOffered.model_validate(_place(employee_id, version, place_id) | facts | other)


def expired(employee_id: str = "E1", version: int = 3) -> PlaceExpired:
    return PlaceExpired.model_validate(_place(employee_id, version, None))


def confirmed(
    employee_id: str = "E1", version: int = 3, place_id: str | None = None, **other: object
) -> PlaceConfirmed:
    return PlaceConfirmed.model_validate(_place(employee_id, version, place_id) | other)


def withdrawn(
    employee_id: str = "E1", version: int = 4, place_id: str | None = None, code: str = REASON.code
) -> PlaceWithdrawn:
    reason = REASON.model_copy(update={"code": code})
    return PlaceWithdrawn.model_validate(
        _place(employee_id, version, place_id) | {"was": "confirmed", "reason": reason}
    )


def completed(employee_id: str = "E1", version: int = 4, **other: object) -> PlaceCompleted:
    facts: dict[str, object] = {"completed_on": date(2026, 10, 14), "hours": 3.5, "modules": ("M1",)}
    return PlaceCompleted.model_validate(_place(employee_id, version, None) | facts | other)


def rescheduled(fact: SessionFact) -> SessionRescheduled:
    return SessionRescheduled(
        cohort_id="FLC-1",
        version=10 + fact.version,
        programme="FLC",
        title=PROGRAMME,
        session=fact,
        previous_starts_at=NEXT_MONTH,
        previous_location="Stadshuset, sal A",
    )


def session_cancelled(fact: SessionFact) -> SessionCancelled:
    return SessionCancelled(
        cohort_id="FLC-1", version=10 + fact.version, programme="FLC", title=PROGRAMME, session=fact, reason=REASON
    )


def cohort_cancelled() -> CohortCancelled:
    return CohortCancelled(cohort_id="FLC-1", version=20, reason=REASON)


def survey(*employee_ids: str, version: int = 1) -> InvitationsRequested:
    return InvitationsRequested(
        wave_id="FLC-1~T0",
        version=version,
        wave="T0",
        cohort_id="FLC-1",
        programme="FLC",
        title=PROGRAMME,
        closes_at=datetime(2026, 9, 15, 21, 59, tzinfo=UTC),
        minutes=6,
        recipients=tuple(
            SurveyRecipient(employee_id=one, url=f"https://ledarskap.kommun.example/s/{one}") for one in employee_ids
        ),
    )


def _place(employee_id: str, version: int, place_id: str | None) -> dict[str, object]:
    return {
        "place_id": place_id or f"P-{employee_id}",
        "version": version,
        "employee_id": employee_id,
        "programme": "FLC",
        "title": PROGRAMME,
        "cohort_id": "FLC-1",
        "sessions": [session(1), session(2)],
    }
