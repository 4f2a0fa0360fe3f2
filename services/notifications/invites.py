"""Calendar entries as they travel by mail (iTIP, RFC 5546): one entry for one person, as finished bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal
from zoneinfo import ZoneInfo

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
    return b"".join(["\r\n".join(head).encode(), zoned, _event(entry, starts, ends).encode(), b"END:VCALENDAR\r\n"])


def _event(entry: Entry, starts: datetime, ends: datetime) -> str:
    """The entry itself, written by hand: through the library it took as long as all the rest of the mail."""
    cancelled = entry.method == "CANCEL"
    lines = (
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTAMP{_moment(entry.stamped_at.astimezone(UTC))}",
        f"DTSTART{_moment(starts)}",
        f"DTEND{_moment(ends)}",
        f"SUMMARY:{_text(entry.summary)}",
        f"LOCATION:{_text(entry.location)}",
        f"DESCRIPTION:{_text(entry.description)}",
        f"ORGANIZER;CN={_plain(entry.organizer.name)}:mailto:{entry.organizer.address}",
        _attendee(entry),
        f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
        f"TRANSP:{'TRANSPARENT' if cancelled else 'OPAQUE'}",
        f"X-MICROSOFT-CDO-BUSYSTATUS:{_busy(entry)}",
        f"X-MICROSOFT-CDO-INTENDEDSTATUS:{'FREE' if cancelled else 'BUSY'}",
        "X-MICROSOFT-DISALLOW-COUNTER:TRUE",
        "END:VEVENT",
        "",
    )
    return "\r\n".join(map(_folded, lines))


def _attendee(entry: Entry) -> str:
    """She has said yes by her link, so she stands as accepted until her calendar says otherwise; she is asked anew only
    when the time has changed."""
    answered = f"{(entry.answer or 'accepted').upper()};RSVP=FALSE"
    stands = "NEEDS-ACTION;RSVP=TRUE" if entry.answer_wanted else answered
    name, address = _plain(entry.attendee.name), entry.attendee.address
    return f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={stands};CN={name}:mailto:{address}"


def _moment(moment: datetime) -> str:
    """A property's time: in UTC, or by the wall clock of the zone that it names."""
    if moment.tzinfo is UTC:
        return f":{moment:%Y%m%dT%H%M%SZ}"
    return f";TZID={moment.tzinfo}:{moment:%Y%m%dT%H%M%S}"


def _text(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11); whoever calls has made one line of it."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 bytes in a line, broken between characters and never within an escaped one (RFC 5545, 3.1)."""
    if len(line) < 75 and (line.isascii() or len(line.encode()) < 75):
        return line
    return "\r\n ".join(_pieces(line))


def _pieces(line: str) -> Iterator[str]:
    start = size = 0
    for at, character in enumerate(line):
        size += len(character.encode())
        if size >= 75:
            end = at - 1 if line[at - 1] == "\\" else at
            yield line[start:end]
            start, size = end, len(line[end : at + 1].encode())
    yield line[start:]


def _busy(entry: Entry) -> str:
    if entry.method == "CANCEL":
        return "FREE"
    return "TENTATIVE" if entry.answer_wanted else "BUSY"


def _plain(name: str) -> str:
    """A name as a parameter, without quotes in it: how to write them is understood differently."""
    bare = name.replace('"', "").replace("^", "")
    return f'"{bare}"'


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment by the wall clock of `zone`; in UTC during the hour that the wall clock shows twice."""
    local = moment.astimezone(zone)
    is_shown_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return moment.astimezone(UTC) if is_shown_twice else local
