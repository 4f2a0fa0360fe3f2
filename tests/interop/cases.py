"""The mails that calendars of others are asked to read: every kind, at moments and in words easily got wrong."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import product

from services.notifications.contents import Appointment, CalendarMail
from shared.events import LocalisedText
from tests.unit.notifications.reading import content_of, parts, read_mail
from tests.unit.notifications.samples import ASA, MAILROOM, SENDER, WRITTEN, card

MOMENTS = {
    "winter": datetime(2027, 1, 19, 8, tzinfo=UTC),
    "summer": datetime(2027, 6, 8, 7, tzinfo=UTC),
    "october": datetime(2027, 10, 5, 7, tzinfo=UTC),
    "just before summer begins": datetime(2027, 3, 28, 0, 30, tzinfo=UTC),
    "just after summer begins": datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
    "the day summer begins": datetime(2027, 3, 28, 11, tzinfo=UTC),
    "just before summer ends": datetime(2027, 10, 30, 22, tzinfo=UTC),
    "the hour shown twice, first": datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    "the hour shown twice, second": datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
    "the day summer ends": datetime(2027, 10, 31, 11, tzinfo=UTC),
}
TITLES = {
    "plain": "Uppdraget",
    "åäö": "Uppföljning på Öland: mål & åtgärder",
    "two hundred characters": ("Ledarskapsutvecklingsprogrammets återkommande avslutning " * 4)[:199] + "!",
    "comma and semicolon": "Mål, medel; väg",
    "backslash": "C:\\temp och \\; samt \\, slut\\",
    "backslash before n": "Mål \\n väg",
    "newline": "Första raden\nandra raden",
}
KINDS = ("invite", "update", "cancel")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in the calendar object of a mail."""

    method: str
    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    status: str
    summary: str
    location: str
    description: str
    organizer: str
    organizer_name: str
    attendee: str
    attendee_name: str
    partstat: str
    is_alone: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A mail as it travels, the calendar object in it, and what everybody should find there."""

    name: str
    mail: bytes
    calendar: bytes
    meant: Reading

    @property
    def subject(self) -> str:
        """The subject as the standard library reads it."""
        return str(read_mail(self.mail)["Subject"])


def case(kind: str, moment: str = "summer", title: str = "plain") -> Case:
    """One mail about one session."""
    return made(contents(kind, MOMENTS[moment], TITLES[title]), f"{kind}, {moment}, {title}")


def cases() -> list[Case]:
    """Every kind at every moment with every title."""
    return [case(*one) for one in product(KINDS, MOMENTS, TITLES)]


def made(mail: CalendarMail, name: str = "") -> Case:
    """The mail, made by the same mailroom as all of ours."""
    letter = MAILROOM.render(sha256(mail.model_dump_json().encode()).hexdigest()[:40], mail, card(), WRITTEN)
    return Case(name, letter, calendar_of(letter), _meant(mail))


def calendar_of(mail: bytes) -> bytes:
    """The calendar object of a mail: its last alternative."""
    return content_of(parts(read_mail(mail))[-1])


def contents(
    kind: str,
    starts_at: datetime = MOMENTS["summer"],
    title: str = TITLES["plain"],
    uid: str = "5f2c90d1@kommun.example",
    sequence: int | None = None,
) -> CalendarMail:
    """What a mail says; the later of two revisions has the higher sequence."""
    number = KINDS.index(kind) * 6 if sequence is None else sequence
    appointment = Appointment(
        programme=LocalisedText(sv="Ny som chef", en="New as a manager"),
        title=LocalisedText(sv=title, en=title),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        location="Stadshuset, sal A; våning 2",
    )
    before = appointment.model_copy(update={"starts_at": starts_at - timedelta(days=1)})
    return CalendarMail.model_validate(
        {
            "kind": kind,
            "uid": uid,
            "sequence": number,
            "stamped_at": WRITTEN + timedelta(minutes=number),
            "appointment": appointment,
            "before": None if kind == "invite" else before,
            "answer_wanted": kind == "update",
            "cause": "session" if kind == "cancel" else None,
        }
    )


def _meant(mail: CalendarMail) -> Reading:
    appointment, is_cancelled = mail.appointment, mail.kind == "cancel"
    return Reading(
        method="CANCEL" if is_cancelled else "REQUEST",
        uid=mail.uid,
        sequence=mail.sequence,
        stamped_at=mail.stamped_at,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        status="CANCELLED" if is_cancelled else "CONFIRMED",
        summary=f"Ny som chef: {appointment.title.sv}".replace("\n", " "),  # one line is all that calendars show
        location=appointment.location,
        description="Ny som chef",
        organizer=SENDER.address,
        organizer_name=SENDER.name,
        attendee=ASA.address,
        attendee_name=ASA.name,
        partstat="NEEDS-ACTION" if mail.answer_wanted else "ACCEPTED",
        is_alone=True,
    )
