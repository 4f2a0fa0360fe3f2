"""Calendar invitations as they stand in people's calendars, folded from the mails alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from icalendar import Calendar

from deploy.sample.mailbox import Mail


@dataclass(frozen=True)
class Revision:
    """One state of one calendar entry, as one mail said it."""

    uid: str
    method: str
    sequence: int
    stamped: datetime
    starts_at: datetime
    ends_at: datetime
    location: str
    employee_id: str
    message_id: str

    @property
    def lives(self) -> bool:
        """Whether the entry stands in her calendar after this."""
        return self.method == "REQUEST"


def revisions(mails: Iterable[Mail], owners: Mapping[str, str]) -> dict[str, list[Revision]]:
    """All that was said about each calendar entry by UID, in the order of arrival, a repeated mail once."""
    said: defaultdict[str, dict[str, Revision]] = defaultdict(dict)
    for mail in mails:
        if mail.calendar is not None:
            revision = _revision(mail.calendar, mail, owners)
            said[revision.uid].setdefault(mail.message_id, revision)
    return {uid: list(history.values()) for uid, history in said.items()}


def _revision(calendar: bytes, mail: Mail, owners: Mapping[str, str]) -> Revision:
    parsed: Any = Calendar.from_ical(calendar)
    (event,) = parsed.walk("VEVENT")
    attendee = str(event["ATTENDEE"]).lower().removeprefix("mailto:")
    return Revision(
        uid=str(event["UID"]),
        method=str(parsed["METHOD"]),
        sequence=int(event["SEQUENCE"]),
        stamped=event["DTSTAMP"].dt,
        starts_at=event["DTSTART"].dt.astimezone(UTC),
        ends_at=event["DTEND"].dt.astimezone(UTC),
        location=str(event.get("LOCATION", "")),
        employee_id=owners[attendee] if attendee == mail.to.lower() else f"{attendee}, but the mail went to another",
        message_id=mail.message_id,
    )
