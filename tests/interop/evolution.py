"""Gives calendar objects to Evolution's data server, as its mail reader does, and tells what the calendar then shows.

Run by the system's own Python, which has the bindings, inside a D-Bus session of its own. Standard input: a JSON list
of histories, each a list of calendar objects as text. Standard output: for each history, the entries after every step.
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any

import gi  # type: ignore[import-not-found, unused-ignore]

gi.require_version("ECal", "2.0")
gi.require_version("EDataServer", "1.2")
gi.require_version("ICalGLib", "3.0")
from gi.repository import ECal, EDataServer, ICalGLib  # type: ignore[import-not-found, unused-ignore]  # noqa: E402

NO_WAIT = 2**32 - 1
"""A calendar on this computer is there at once, and never says so."""


def new_calendar(registry: Any, name: str) -> Any:
    """An empty calendar on this computer."""
    source = EDataServer.Source.new_with_uid(name, None)
    source.set_display_name(name)
    source.set_parent("local-stub")
    source.get_extension(EDataServer.SOURCE_EXTENSION_CALENDAR).set_backend_name("local")
    registry.commit_source_sync(source, None)
    return ECal.Client.connect_sync(source, ECal.ClientSourceType.EVENTS, NO_WAIT, None)


def entries(calendar: Any) -> list[dict[str, object]]:
    """What the calendar shows."""
    _, found = calendar.get_object_list_sync("#t", None)
    return sorted((shown(calendar, event) for event in found), key=lambda one: str(one["uid"]))


def shown(calendar: Any, event: Any) -> dict[str, object]:
    """One entry, its times in UTC as the zone in the calendar says."""
    utc = ICalGLib.Timezone.get_utc_timezone()
    attendee = event.get_first_property(ICalGLib.PropertyKind.ATTENDEE_PROPERTY)

    def moment(kind: Any, time: Any) -> str:
        if not time.is_utc():
            parameter = event.get_first_property(kind).get_first_parameter(ICalGLib.ParameterKind.TZID_PARAMETER)
            time.set_timezone(calendar.get_timezone_sync(parameter.get_tzid(), None)[1])
        return datetime.fromtimestamp(time.convert_to_zone(utc).as_timet(), UTC).isoformat()

    return {
        "uid": event.get_uid(),
        "sequence": event.get_sequence(),
        "starts_at": moment(ICalGLib.PropertyKind.DTSTART_PROPERTY, event.get_dtstart()),
        "ends_at": moment(ICalGLib.PropertyKind.DTEND_PROPERTY, event.get_dtend()),
        "summary": event.get_summary(),
        "location": event.get_location(),
        "status": event.get_status().value_nick.upper(),
        "partstat": attendee.get_parameter_as_string("PARTSTAT"),
    }


def main() -> None:
    """Every history in a calendar of its own."""
    registry = EDataServer.SourceRegistry.new_sync(None)
    told = []
    for number, history in enumerate(json.load(sys.stdin)):
        calendar = new_calendar(registry, f"history-{number}")
        states = []
        for text in history:
            calendar.receive_objects_sync(ICalGLib.Component.new_from_string(text), ECal.OperationFlags.NONE, None)
            states.append(entries(calendar))
        told.append(states)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
