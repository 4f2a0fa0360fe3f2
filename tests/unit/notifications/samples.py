"""The example of every kind of mail, variants of it, and people to send them to."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.notifications import examples
from services.notifications.contents import Appointment, CalendarMail
from services.notifications.invites import Entry, Mailbox
from services.notifications.mails import Mailroom, mailbox
from services.notifications.model import Card
from shared.events import LocalisedText

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SENDER = mailbox("Ledarutveckling <ledarutveckling@kommun.example>")
MAILROOM = Mailroom(SENDER, STOCKHOLM, "Storköpings kommun")
WRITTEN, PROGRAMME, LINK, SESSION = examples.WRITTEN, examples.PROGRAMME, examples.LINK, examples.SESSION
ASA = Mailbox("Åsa Öberg", "asa.oberg@kommun.example")


def card(language: str = "sv", **other: str) -> Card:
    facts = {"given_name": "Åsa", "family_name": "Öberg", "email": ASA.address, "language": language}
    return Card.model_validate(facts | other)


def appointment(
    starts_at: datetime = datetime(2026, 11, 25, 12, tzinfo=UTC),
    title: LocalisedText = LocalisedText(sv="Uppdraget och målen", en="Mission and goals"),  # noqa: B008 — frozen
    location: str = "Stadshuset, sal A",
) -> Appointment:
    return Appointment(
        programme=PROGRAMME, title=title, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), location=location
    )


def calendar_mail(**other: object) -> CalendarMail:
    facts: dict[str, object] = {
        "kind": "invite",
        "uid": "5f2c@kommun.example",
        "sequence": 0,
        "stamped_at": WRITTEN,
        "appointment": SESSION,
    }
    return CalendarMail.model_validate(facts | other)


def entry(**other: object) -> Entry:
    facts: dict[str, object] = {
        "method": "REQUEST",
        "uid": "5f2c@kommun.example",
        "sequence": 0,
        "stamped_at": WRITTEN,
        "starts_at": SESSION.starts_at,
        "ends_at": SESSION.ends_at,
        "summary": "Ny som chef: Uppdraget och målen",
        "location": "Stadshuset, sal A",
        "description": "Ny som chef",
        "organizer": SENDER,
        "attendee": ASA,
    }
    return Entry(**(facts | other))  # type: ignore[arg-type]


MAILS = examples.EXAMPLES
