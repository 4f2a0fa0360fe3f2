"""How the simulated people's calendars answer: as the service's own reader of answers understands it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from deploy.sample.calendar_replies import reply_to, uid_in
from deploy.sample.temperament import answers_from_calendar
from services.notifications.invites import calendar
from services.notifications.rules.incoming import classify
from services.notifications.rules.replies import FromCalendar
from tests.unit.notifications.samples import entry

AT = datetime(2026, 9, 3, 13, 5, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Stockholm")
SENDER = "asa.oberg@kommun.example"


@pytest.mark.parametrize("said", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_an_answer_from_a_calendar_is_understood(said: str) -> None:
    asked = calendar(entry(), ZONE)
    mail = reply_to(asked, said, SENDER, AT)
    assert mail is not None
    told = classify(mail.as_bytes(), (str(mail["To"]),), SENDER)
    assert isinstance(told.told, FromCalendar)
    assert (told.kind, told.told.uid, told.told.said, told.told.attendee) == (
        "reply",
        uid_in(asked),
        said.lower(),
        SENDER,
    )
    assert told.told.stamped_at == AT


def test_an_entry_that_was_cancelled_is_not_answered() -> None:
    assert reply_to(calendar(entry(method="CANCEL"), ZONE), "ACCEPTED", SENDER, AT) is None


def test_most_leave_their_calendars_as_they_are_and_hardly_anybody_declines() -> None:
    said = [answers_from_calendar(1, f"E{number}", "U1") for number in range(3_000)]
    assert 0.66 < said.count(None) / len(said) < 0.74
    assert 0 < said.count("DECLINED") / len(said) < 0.02
