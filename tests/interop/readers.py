"""Calendar readers that others wrote: three in Python, called here; three in JavaScript, run once for many mails."""

import base64
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import icalendar
import vobject
from ical.calendar_stream import IcsCalendarStream
from pydantic import TypeAdapter

from tests.interop import programs
from tests.interop.cases import Case, Reading

SCRIPT = Path(__file__).with_name("readers.mjs")
IN_JAVASCRIPT = ("ical.js", "node-ical", "ts-ics")
READING = TypeAdapter(Reading)


def by_icalendar(content: bytes) -> Reading:
    """As `icalendar` reads it."""
    calendar: Any = icalendar.Calendar.from_ical(content)
    event, *others = calendar.walk("VEVENT")
    attendee = event["ATTENDEE"]
    return Reading(
        method=str(calendar.get("METHOD", "")),
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        stamped_at=event["DTSTAMP"].dt.astimezone(UTC),
        starts_at=event["DTSTART"].dt.astimezone(UTC),
        ends_at=event["DTEND"].dt.astimezone(UTC),
        status=str(event.get("STATUS", "")),
        summary=str(event["SUMMARY"]),
        location=str(event["LOCATION"]),
        description=str(event.get("DESCRIPTION", "")),
        organizer=str(event["ORGANIZER"]).removeprefix("mailto:"),
        organizer_name=str(event["ORGANIZER"].params["CN"]),
        attendee=str(attendee).removeprefix("mailto:"),
        attendee_name=str(attendee.params["CN"]),
        partstat=str(attendee.params["PARTSTAT"]),
        is_alone=not others and not isinstance(attendee, list),
    )


def by_ical(content: bytes) -> Reading:
    """As `ical` reads it, which judges every value by its type."""
    calendar: Any = IcsCalendarStream.calendar_from_ics(content.decode())
    event, *others = calendar.events
    attendee, *guests = event.attendees
    return Reading(
        method=str(calendar.method),
        uid=event.uid,
        sequence=event.sequence,
        stamped_at=event.dtstamp.astimezone(UTC),
        starts_at=event.dtstart.astimezone(UTC),
        ends_at=event.dtend.astimezone(UTC),
        status=event.status.value,
        summary=event.summary,
        location=event.location,
        description=event.description,
        organizer=event.organizer.uri.removeprefix("mailto:"),
        organizer_name=event.organizer.common_name,
        attendee=attendee.uri.removeprefix("mailto:"),
        attendee_name=attendee.common_name,
        partstat=attendee.status,
        is_alone=not others and not guests,
    )


def by_vobject(content: bytes) -> Reading:
    """As `vobject` reads it, which goes by the zone that comes with the entry."""
    _forget_zone()
    calendar = vobject.readOne(content.decode())
    _forget_zone()
    event, *others = calendar.vevent_list
    attendee, *guests = event.attendee_list
    return Reading(
        method=calendar.method.value,
        uid=event.uid.value,
        sequence=int(event.sequence.value),
        stamped_at=event.dtstamp.value.astimezone(UTC),
        starts_at=event.dtstart.value.astimezone(UTC),
        ends_at=event.dtend.value.astimezone(UTC),
        status=event.status.value,
        summary=event.summary.value,
        location=event.location.value,
        description=event.description.value,
        organizer=event.organizer.value.removeprefix("mailto:"),
        organizer_name=event.organizer.cn_param,
        attendee=attendee.value.removeprefix("mailto:"),
        attendee_name=attendee.cn_param,
        partstat=attendee.partstat_param,
        is_alone=not others and not guests,
    )


def _forget_zone() -> None:
    """For vobject the first zone of a name that a process reads stands for all later ones."""
    vobject.icalendar.registerTzid("Europe/Stockholm", None)


IN_PYTHON: dict[str, Callable[[bytes], Reading]] = {
    "icalendar": by_icalendar,
    "ical": by_ical,
    "vobject": by_vobject,
}


def by_javascript(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """What every reader in JavaScript found in each mail, by the name of the reader; see `readers.mjs`."""
    given = [{"mail": _base64(case.mail), "calendar": _base64(case.calendar)} for case in cases]
    done = subprocess.run(  # noqa: S603 — a script of our own
        [programs.found("node"), str(SCRIPT)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        env=os.environ | {"TZ": "America/New_York"},  # no reader is right by the computer's own zone
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{done.stderr}\n{programs.HINT}"
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def reading(found: dict[str, Any]) -> Reading:
    """A reading that came as JSON."""
    return READING.validate_python(found)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
