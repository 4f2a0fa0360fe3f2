"""One realistic mail of every kind: what `ledstjarna mail preview` shows, and what tests and pictures are made of.

A new kind of mail gets its example here; everything that looks at every mail then looks at it too.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from services.notifications.contents import (
    Appointment,
    ApprovalMail,
    CalendarMail,
    CompletedMail,
    Contents,
    ExpiredMail,
    OfferMail,
    OverviewMail,
    ReminderMail,
    SurveyMail,
    WithdrawnMail,
)
from services.notifications.model import Card
from shared.events import LocalisedText

WRITTEN: Final = datetime(2026, 9, 1, 8, tzinfo=UTC)
PROGRAMME: Final = LocalisedText(sv="Ny som chef", en="New as a manager")
LINK: Final = (
    "https://ledarskap.kommun.example/o/IjE2NmZmMzQi.aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRsTuV"
)


def reader(language: str) -> Card:
    """Somebody who gets the examples."""
    return Card(given_name="Åsa", family_name="Öberg", email="asa.oberg@kommun.example", language=language)


def _session(starts_at: datetime, sv: str, en: str, location: str) -> Appointment:
    return Appointment(
        programme=PROGRAMME,
        title=LocalisedText(sv=sv, en=en),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        location=location,
    )


SESSION: Final = _session(
    datetime(2026, 11, 25, 12, tzinfo=UTC), "Uppdraget och målen", "Mission and goals", "Stadshuset, sal A"
)
MOVED: Final = _session(
    datetime(2026, 11, 26, 12, tzinfo=UTC), "Uppdraget och målen", "Mission and goals", "Biblioteket, Röda rummet"
)
REFLECTION: Final = _session(datetime(2026, 12, 16, 12, tzinfo=UTC), "Reflektion", "Reflection", "Folkets hus")
GOALS: Final = _session(
    datetime(2027, 1, 20, 12, tzinfo=UTC), "Mål och mått", "Goals and measures", "Stadshuset, sal B"
)
_UID: Final = "5f2c@kommun.example"

_ALL: Final[tuple[Contents, ...]] = (
    OfferMail(
        programme=PROGRAMME,
        sessions=(SESSION, REFLECTION),
        answer_by=datetime(2026, 9, 8, 21, 59, tzinfo=UTC),
        answer_url=LINK,
    ),
    ExpiredMail(programme=PROGRAMME),
    WithdrawnMail(
        programme=PROGRAMME,
        reason=LocalisedText(sv="Gruppen har ställts in.", en="The group has been cancelled."),
    ),
    ApprovalMail(
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
    CalendarMail(kind="invite", uid=_UID, sequence=0, stamped_at=WRITTEN, appointment=SESSION),
    CalendarMail(
        kind="update",
        uid=_UID,
        sequence=1,
        stamped_at=WRITTEN,
        appointment=MOVED,
        before=SESSION,
        answer_wanted=True,
    ),
    CalendarMail(
        kind="cancel",
        uid=_UID,
        sequence=2,
        stamped_at=WRITTEN,
        appointment=SESSION,
        before=SESSION,
        cause="session",
        reason=LocalisedText(sv="Kursledaren är sjuk.", en="The facilitator is ill."),
    ),
    ReminderMail(appointment=SESSION),
    SurveyMail(
        programme=PROGRAMME,
        wave="T0",
        closes_at=datetime(2026, 11, 24, 22, 59, tzinfo=UTC),
        minutes=6,
        url=LINK.replace("/o/", "/s/"),
    ),
    SurveyMail(
        kind="survey_reminder",
        programme=PROGRAMME,
        wave="T0",
        of="employees",
        closes_at=datetime(2026, 11, 24, 22, 59, tzinfo=UTC),
        minutes=3,
        url=LINK.replace("/o/", "/s/"),
    ),
    OverviewMail(
        news=(
            CalendarMail(kind="invite", uid=_UID, sequence=0, stamped_at=WRITTEN, appointment=REFLECTION, silent=True),
            CalendarMail(kind="update", uid=_UID, sequence=1, stamped_at=WRITTEN, appointment=MOVED, before=SESSION),
            CalendarMail(
                kind="cancel",
                uid=_UID,
                sequence=2,
                stamped_at=WRITTEN,
                appointment=GOALS,
                before=GOALS,
                cause="session",
                reason=LocalisedText(sv="Kursledaren är sjuk.", en="The facilitator is ill."),
            ),
            ExpiredMail(programme=PROGRAMME),
        ),
    ),
    CompletedMail(
        programme=PROGRAMME,
        completed_on=date(2026, 12, 16),
        hours=13.5,
        sessions=(SESSION, REFLECTION),
    ),
)
EXAMPLES: Final[Mapping[str, Contents]] = {contents.kind: contents for contents in _ALL}
"""By kind; the last one an overview of what has changed at one time."""
