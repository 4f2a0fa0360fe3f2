"""Calendar entries as they travel by mail (iTIP, RFC 5546): one entry for one person, as finished bytes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Event, vCalAddress

from services.notifications.zones import vtimezone

PRODUCT = "-//Ledstjarna//Notifications//SV"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and the address that it stands for. The address is pure ASCII."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What follows the @ sign."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Entry:
    """One revision of one person's calendar entry. `stamped_at` and `sequence` rise with every revision."""

    method: Literal["REQUEST", "CANCEL"]
    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str
    organizer: Mailbox
    attendee: Mailbox
    answer_wanted: bool = False
    answer: Literal["accepted", "declined", "tentative"] | None = None


def uid(session_id: str, employee_id: str, round_: int, domain: str) -> str:
    """The identity of an entry for as long as it lives: opaque, and within the 200 bytes that Exchange tells apart."""
    return f"{sha256(f'{session_id}|{employee_id}|{round_}'.encode()).hexdigest()[:40]}@{domain}"


def next_stamp(now: datetime, before: datetime | None) -> datetime:
    """DTSTAMP of a new revision: now, in whole seconds, and later than the revision before."""
    stamp = now.astimezone(UTC).replace(microsecond=0)
    return stamp if before is None else max(stamp, before + timedelta(seconds=1))


def calendar(entry: Entry, zone: ZoneInfo) -> bytes:
    """The calendar object: METHOD first, the zone by rules, exactly one entry with exactly one attendee."""
    head = ["BEGIN:VCALENDAR", f"PRODID:{PRODUCT}", "VERSION:2.0", "CALSCALE:GREGORIAN", f"METHOD:{entry.method}", ""]
    starts, ends = _local(entry.starts_at, zone), _local(entry.ends_at, zone)
    zoned = vtimezone(zone) if zone in (starts.tzinfo, ends.tzinfo) else b""
    return b"".join(
        ["\r\n".join(head).encode(), zoned, _event(entry, starts, ends).to_ical(sorted=False), b"END:VCALENDAR\r\n"]
    )


def _event(entry: Entry, starts: datetime, ends: datetime) -> Event:
    cancelled = entry.method == "CANCEL"
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamped_at)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("summary", entry.summary)
    event.add("location", entry.location)
    event.add("description", entry.description)
    event.add("organizer", _organizer(entry.organizer))
    event.add("attendee", _attendee(entry))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    event.add("x-microsoft-cdo-busystatus", _busy(entry))
    event.add("x-microsoft-cdo-intendedstatus", "FREE" if cancelled else "BUSY")
    event.add("x-microsoft-disallow-counter", "TRUE")
    return event


def _organizer(mailbox: Mailbox) -> vCalAddress:
    address = vCalAddress(f"mailto:{mailbox.address}")
    address.params["CN"] = _plain(mailbox.name)
    return address


def _attendee(entry: Entry) -> vCalAddress:
    """She has said yes by her link, so she stands as accepted until her calendar says otherwise; she is asked anew only
    when the time has changed."""
    address = vCalAddress(f"mailto:{entry.attendee.address}")
    address.params["CUTYPE"] = "INDIVIDUAL"
    address.params["ROLE"] = "REQ-PARTICIPANT"
    address.params["PARTSTAT"] = "NEEDS-ACTION" if entry.answer_wanted else (entry.answer or "accepted").upper()
    address.params["RSVP"] = "TRUE" if entry.answer_wanted else "FALSE"
    address.params["CN"] = _plain(entry.attendee.name)
    return address


def _busy(entry: Entry) -> str:
    if entry.method == "CANCEL":
        return "FREE"
    return "TENTATIVE" if entry.answer_wanted else "BUSY"


def _plain(name: str) -> str:
    """A name without quotes: how to write them in a parameter is understood differently."""
    return name.replace('"', "").replace("^", "")


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment by the wall clock of `zone`; in UTC during the hour that the wall clock shows twice."""
    local = moment.astimezone(zone)
    is_shown_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return moment.astimezone(UTC) if is_shown_twice else local
