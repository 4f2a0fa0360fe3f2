"""Six calendar readers in three languages, and two mail readers, find in every mail of ours what was meant."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.interop.cases import Case, Reading, case, cases
from tests.interop.readers import IN_JAVASCRIPT, IN_PYTHON, by_javascript, reading
from tests.unit.notifications.reading import parts, read_mail
from tests.unit.notifications.samples import ASA, SENDER

CASES = cases()
HOUR = timedelta(hours=1)
Found = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def found() -> Found:
    """What the readers in JavaScript found, by the name of the case."""
    return dict(zip([one.name for one in CASES], by_javascript(CASES), strict=True))


def backslash_and_line_break(meant: Reading) -> Reading:
    """An escaped backslash before an n is taken for a backslash and a line break."""
    return replace(meant, summary=meant.summary.replace("\\n", "\\\n"))


def start_in_a_night_the_clocks_change(meant: Reading) -> Reading:
    """The change is taken to come an hour or two too early, so a start right before it is an hour off."""
    wrong = {"2027-03-28T00:30:00+00:00": -HOUR, "2027-10-30T22:00:00+00:00": HOUR}
    return replace(meant, starts_at=meant.starts_at + wrong.get(meant.starts_at.isoformat(), timedelta()))


def none(meant: Reading) -> Reading:
    """Most readers find what was meant."""
    return meant


FAULTS_OF_READERS: dict[str, Callable[[Reading], Reading]] = {
    "node-ical": backslash_and_line_break,
    "ts-ics": start_in_a_night_the_clocks_change,
}
"""What a reader makes of a right entry. Should one fail here after its reader was renewed, it has been mended."""


@pytest.mark.parametrize("reader", [*IN_PYTHON, *IN_JAVASCRIPT])
def test_reader_finds_what_was_meant(reader: str, found: Found) -> None:
    fault = FAULTS_OF_READERS.get(reader, none)
    for one in CASES:
        read = IN_PYTHON[reader](one.calendar) if reader in IN_PYTHON else reading(found[one.name][reader])
        assert read == fault(one.meant), one.name


@pytest.mark.parametrize("reader", ["mailparser", "postal-mime"])
def test_mail_reader_finds_addresses_subject_and_one_calendar(reader: str, found: Found) -> None:
    for one in CASES:
        read = found[one.name][reader]
        title = one.meant.summary.removeprefix("Ny som chef: ")
        assert title in read["subject"], one.name
        assert read["subject"] == one.subject
        assert read["sender"] == [[SENDER.name, SENDER.address]]
        assert read["to"] == [[ASA.name, ASA.address]]
        assert "Hej Åsa!" in read["text"]
        assert (read["calendars"], read["type"], read["method"]) == (1, "text/calendar", one.meant.method)
        assert read["calendar"].split() == one.calendar.decode().split()


def test_calendar_is_the_last_alternative_and_its_method_the_entrys() -> None:
    for one in CASES:
        mail = read_mail(one.mail)
        kinds = [part.get_content_type() for part in parts(mail)]
        assert (mail.get_content_type(), kinds[-1]) == ("multipart/alternative", "text/calendar")
        assert parts(mail)[-1].get_param("method") == one.meant.method


RULE_OF_AUTUMN = b"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"


def test_wrong_zone_rules_would_be_noticed() -> None:
    right = case("invite", "october")
    assert RULE_OF_AUTUMN in right.calendar
    wrong = replace(right, calendar=right.calendar.replace(RULE_OF_AUTUMN, b"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=9"))
    (found,) = by_javascript([wrong])
    readings = {name: read(wrong.calendar) for name, read in IN_PYTHON.items()}
    readings |= {name: reading(found[name]) for name in IN_JAVASCRIPT}
    late = {name for name, read in readings.items() if read.starts_at == right.meant.starts_at + HOUR}
    assert late == {"ical.js", "ts-ics", "vobject"}  # the others go by the zone's name


def test_no_zone_at_all_would_be_noticed() -> None:
    right = case("invite", "october")
    head, _, rest = right.calendar.partition(b"BEGIN:VTIMEZONE")
    bare: Case = replace(right, calendar=head + rest.partition(b"END:VTIMEZONE\r\n")[2])
    (found,) = by_javascript([bare])
    assert reading(found["ical.js"]).starts_at != right.meant.starts_at
