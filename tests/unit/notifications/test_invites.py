"""Calendar entries, read back by independent readers."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.invites import Mailbox, calendar, next_stamp, uid
from services.notifications.mime import one_line
from services.notifications.zones import vtimezone
from tests.unit.notifications.reading import read_entry
from tests.unit.notifications.samples import STOCKHOLM, WRITTEN, entry

MOMENTS = {
    "winter": datetime(2027, 1, 19, 8, tzinfo=UTC),
    "summer": datetime(2027, 6, 8, 7, tzinfo=UTC),
    "just after summer begins": datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
    "just before summer ends": datetime(2027, 10, 30, 22, tzinfo=UTC),
    "the hour that the clock shows twice, first": datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    "the hour that the clock shows twice, second": datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
    "october, when an hour is easily lost": datetime(2027, 10, 5, 7, tzinfo=UTC),
}
TITLES = {
    "åäö": "Uppföljning på Öland: mål & åtgärder",
    "comma, semicolon, backslash": "Mål, medel; och \\n väg",
    "two hundred characters": "Ledarskapsutvecklingsprogrammets avslutning " * 5,
    "emoji across a fold": "x" * 63 + "🌟🌟🌟🌟🌟🌟",
}


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_two_readers_find_the_moment_that_was_meant(moment: datetime) -> None:
    content = calendar(entry(starts_at=moment, ends_at=moment + timedelta(hours=2)), STOCKHOLM)
    assert read_entry(content).starts_at == moment
    assert vobject.readOne(content.decode()).vevent.dtstart.value.astimezone(UTC) == moment


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())
def test_two_readers_find_the_title_that_was_written(title: str) -> None:
    content = calendar(entry(summary=title), STOCKHOLM)
    assert read_entry(content).summary == title
    assert vobject.readOne(content.decode()).vevent.summary.value == title


@given(
    title=st.text("\\;,n åö🌟x:\"^='", max_size=120).map(one_line).filter(bool),
    name=st.text(";,n åö🌟x:='", max_size=120).map(one_line).filter(bool),
)
def test_any_text_is_read_back_as_it_was_written(title: str, name: str) -> None:
    content = calendar(entry(summary=title, attendee=Mailbox(name, "asa@kommun.example")), STOCKHOLM)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    event = icalendar.Calendar.from_ical(content).walk("VEVENT")[0]
    assert (event["SUMMARY"], event["ATTENDEE"].params["CN"]) == (title, name)


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())
def test_lines_are_folded_by_octets_and_end_with_crlf(title: str) -> None:
    content = calendar(entry(summary=title), STOCKHOLM)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


def test_method_comes_before_any_component() -> None:
    lines = unfolded(calendar(entry(), STOCKHOLM))
    assert lines[:5][-1] == "METHOD:REQUEST"
    assert lines.index("METHOD:REQUEST") < lines.index("BEGIN:VTIMEZONE") < lines.index("BEGIN:VEVENT")


def test_there_is_one_entry_with_one_attendee_and_nothing_that_recurs() -> None:
    lines = unfolded(calendar(entry(), STOCKHOLM))
    event = lines[lines.index("BEGIN:VEVENT") :]
    assert lines.count("BEGIN:VEVENT") == 1
    assert len([line for line in event if line.startswith("ATTENDEE")]) == 1
    assert not [line for line in lines if line.startswith(("RDATE", "EXDATE", "RECURRENCE-ID"))]
    assert not [line for line in event if line.startswith("RRULE")]


def test_who_has_said_yes_is_not_asked_again() -> None:
    read = read_entry(calendar(entry(), STOCKHOLM))
    assert (read.partstat, read.rsvp, read.status) == ("ACCEPTED", "FALSE", "CONFIRMED")


def test_cancellation_says_so_in_both_spellings() -> None:
    read = read_entry(calendar(entry(method="CANCEL", sequence=2), STOCKHOLM))
    assert (read.method, read.status, read.sequence) == ("CANCEL", "CANCELLED", 2)


@pytest.mark.parametrize("name", ['Öberg, Åsa "Chefen"', "a;b:c", "^n^'", "  "])
def test_name_cannot_break_out_of_its_parameter(name: str) -> None:
    read = read_entry(calendar(entry(attendee=Mailbox(name, "asa@kommun.example")), STOCKHOLM))
    assert (read.attendee, read.partstat) == ("asa@kommun.example", "ACCEPTED")


def test_same_entry_is_the_same_bytes() -> None:
    assert calendar(entry(), STOCKHOLM) == calendar(entry(), STOCKHOLM)


def test_identity_is_opaque_and_differs_by_session_person_and_round() -> None:
    same = uid("S1", "E1", 1, "kommun.example")
    others = {uid("S2", "E1", 1, "k.se"), uid("S1", "E2", 1, "k.se"), uid("S1", "E1", 2, "k.se"), same}
    assert len(others) == 4
    assert same.endswith("@kommun.example")
    assert "E1" not in same
    assert len(same) < 200


def test_stamp_rises_even_when_the_clock_does_not() -> None:
    assert next_stamp(WRITTEN, WRITTEN) == WRITTEN + timedelta(seconds=1)
    assert next_stamp(WRITTEN, WRITTEN + timedelta(hours=1)) == WRITTEN + timedelta(hours=1, seconds=1)
    assert next_stamp(WRITTEN + timedelta(microseconds=7), None) == WRITTEN


def test_zone_rules_equal_the_law_in_every_hour_until_2040() -> None:
    changes = changes_by_rules(vtimezone(STOCKHOLM))
    moments = [moment for moment, _ in changes]
    moment, last = datetime(2024, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
    while moment < last:
        _, offset = changes[bisect_right(moments, moment) - 1]
        assert moment.astimezone(STOCKHOLM).utcoffset() == offset, moment
        moment += timedelta(hours=1)


def changes_by_rules(zone: bytes) -> list[tuple[datetime, timedelta]]:
    """When the clocks change and to which offset, as another library reads the rules."""
    found = []
    read: Any = icalendar.Timezone.from_ical(zone)
    for part in read.subcomponents:
        rule = rrulestr(part["RRULE"].to_ical().decode(), dtstart=part["DTSTART"].dt)
        for wall in rule.between(datetime(2023, 1, 1), datetime(2041, 1, 1)):  # noqa: DTZ001 — a wall clock
            moment = (wall - part["TZOFFSETFROM"].td).replace(tzinfo=UTC)
            found.append((moment, part["TZOFFSETTO"].td))
    return sorted(found)


@pytest.mark.parametrize("name", ["America/New_York", "Australia/Sydney", "Asia/Tokyo", "UTC", "Atlantic/Reykjavik"])
def test_other_zones_are_written_by_their_own_rules(name: str) -> None:
    zone = ZoneInfo(name)
    for moment in MOMENTS.values():
        content = calendar(entry(starts_at=moment, ends_at=moment + timedelta(hours=1)), zone)
        assert read_entry(content).starts_at == moment


def test_zone_that_follows_no_yearly_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="Africa/Casablanca"):
        vtimezone(ZoneInfo("Africa/Casablanca"))
