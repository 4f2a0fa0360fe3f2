"""One mail of every kind, and people to send them to."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.notifications.contents import (
    Appointment,
    ApprovalMail,
    CalendarMail,
    Contents,
    ExpiredMail,
    OfferMail,
    OverviewMail,
    ReminderMail,
    SurveyMail,
    WithdrawnMail,
)
from services.notifications.invites import Entry, Mailbox
from services.notifications.mails import Mailroom, mailbox
from services.notifications.model import Card
from shared.events import LocalisedText

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SENDER = mailbox("Ledarutveckling <ledarutveckling@kommun.example>")
MAILROOM = Mailroom(SENDER, STOCKHOLM, "Storköpings kommun")
WRITTEN = datetime(2026, 9, 1, 8, tzinfo=UTC)
ASA = Mailbox("Åsa Öberg", "asa.oberg@kommun.example")
PROGRAMME = LocalisedText(sv="Ny som chef", en="New as a manager")
LINK = "https://ledarskap.kommun.example/o/IjE2NmZmMzQi.aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRsTuV"


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


SESSION = appointment()
MOVED = appointment(datetime(2026, 11, 26, 12, tzinfo=UTC), location="Biblioteket, Röda rummet")
REFLECTION = appointment(
    datetime(2026, 12, 16, 12, tzinfo=UTC), LocalisedText(sv="Reflektion", en="Reflection"), "Folkets hus"
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


MAILS: dict[str, Contents] = {
    "offer": OfferMail(
        programme=PROGRAMME,
        sessions=(SESSION, REFLECTION),
        answer_by=datetime(2026, 9, 8, 21, 59, tzinfo=UTC),
        answer_url=LINK,
    ),
    "offer_expired": ExpiredMail(programme=PROGRAMME),
    "offer_withdrawn": WithdrawnMail(
        programme=PROGRAMME,
        reason=LocalisedText(sv="Gruppen har ställts in.", en="The group has been cancelled."),
    ),
    "approval": ApprovalMail(
        programme=PROGRAMME,
        person="Eva Lind",
        reason=LocalisedText(
            sv="Programmet är till för den som är ny i sin roll.",
            en="The programme is for those who are new in their role.",
        ),
        answer_by=datetime(2026, 9, 8, 6, tzinfo=UTC),
        answer_url=LINK.replace("/o/", "/a/"),
        escalated=True,
    ),
    "invite": calendar_mail(),
    "update": calendar_mail(kind="update", sequence=1, appointment=MOVED, before=SESSION, answer_wanted=True),
    "cancel": calendar_mail(
        kind="cancel",
        sequence=2,
        before=SESSION,
        cause="session",
        reason=LocalisedText(sv="Kursledaren är sjuk.", en="The facilitator is ill."),
    ),
    "reminder": ReminderMail(appointment=SESSION),
    "survey": SurveyMail(
        programme=PROGRAMME,
        wave="T0",
        closes_at=datetime(2026, 11, 24, 22, 59, tzinfo=UTC),
        minutes=6,
        url=LINK.replace("/o/", "/s/"),
    ),
    "overview": OverviewMail(
        news=(
            calendar_mail(appointment=REFLECTION, silent=True),
            calendar_mail(kind="update", sequence=1, appointment=MOVED, before=SESSION),
            calendar_mail(
                kind="cancel",
                sequence=2,
                before=SESSION,
                cause="session",
                reason=LocalisedText(sv="Kursledaren är sjuk.", en="The facilitator is ill."),
            ),
            ReminderMail(appointment=SESSION),
            ExpiredMail(programme=PROGRAMME),
        ),
        held_back=True,
    ),
}
