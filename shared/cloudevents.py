"""How an event travels: CloudEvents 1.0 over AMQP 0-9-1, binary mode out, binary or structured mode in.

Header names follow the CloudEvents RabbitMQ binding (`ce-` prefix); `correlationid` and `causationid` are
extensions that tie together all that follows from one staff change or one click. `staffchange` and `staffchangetime`
say which kind of staff change that was and when it was told: so it is known how long people wait until they are told.
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from shared.events.base import EVENT_TYPES, Event, complaint

JSON = "application/json"
STRUCTURED = "application/cloudevents+json"


class Reject(Exception):  # noqa: N818 — it is what the handler says, not what went wrong with it
    """A message that can never be handled, with one sentence for the person who finds it among the dead letters."""

    def __init__(self, reason: str, code: str = "rejected") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


COMMITTED_AT: Final = "committed-at"
"""Header with the machine's time at which an event of ours was written down: `ce-time` may be simulated."""

STAFF_CHANGE_KINDS: Final = ("joined", "promoted", "stepped_down", "moved", "left", "leave", "other")
"""What a change in somebody's work can be, as coarse as operators need it."""


@dataclass(frozen=True, slots=True)
class StaffChange:
    """The staff change that a chain of events began with: of which kind, and since when it was to be acted on."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """What led to something: the event or command before it, the first one of the whole chain, and the change of a
    programme and the staff change that it belongs to, if any. `at` is when the event before it is said to have been."""

    id: str
    correlation_id: str
    change_id: str | None = None
    at: datetime | None = None
    staff_change: StaffChange | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event on the wire: its attributes, and its body as JSON that has not been read yet."""

    id: str
    type: str
    correlation_id: str
    body: bytes | str | dict[str, Any]
    time: datetime | None = None
    staff_change: StaffChange | None = None
    causation_id: str | None = None

    @property
    def cause(self) -> Cause:
        """The cause of whatever is done because of this event."""
        return Cause(self.id, self.correlation_id, at=self.time, staff_change=self.staff_change)

    def open(self) -> Event:
        """The event inside.

        Raises:
            Reject: the type is unknown or the body is not what the type promises.
        """
        model = EVENT_TYPES.get(self.type)
        if model is None:
            raise Reject(_unknown(self.type), "unknown_type")
        try:
            if isinstance(self.body, dict):
                return model.model_validate(self.body)
            return model.model_validate_json(self.body)
        except ValidationError as error:
            raise Reject(f"{self.type} is malformed: {explain(error)}", "invalid") from error


def uuid7() -> str:
    """A unique id that rises with time (RFC 9562, version 7): 48 bits of milliseconds, 74 bits of chance."""
    milliseconds = time.time_ns() // 1_000_000
    bits = (milliseconds << 80) | (0x7 << 76) | (int.from_bytes(os.urandom(10)) & ((1 << 76) - 1))
    digits = f"{(bits & ~(0x3 << 62)) | (0x2 << 62):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def wrap(event: Event, *, source: str, time: datetime, cause: Cause | None, event_id: str) -> dict[str, str]:
    """The headers under which `event` is published in binary mode."""
    headers = {
        "ce-specversion": "1.0",
        "ce-id": event_id,
        "ce-type": event.type,
        "ce-source": source,
        "ce-subject": event.subject,
        "ce-time": time.isoformat(),
        "ce-sequence": f"{event.version:010d}",
        "ce-correlationid": cause.correlation_id if cause else event_id,
    }
    if cause and cause.staff_change:
        began = cause.staff_change
        headers |= {"ce-staffchange": began.kind, "ce-staffchangetime": began.at.isoformat()}
    return headers | {"ce-causationid": cause.id} if cause else headers


def unwrap(headers: Mapping[str, Any], content_type: str | None, message_id: str | None, body: bytes) -> Envelope:
    """Read the attributes of a message in binary or structured mode.

    Raises:
        Reject: it is no CloudEvent, or lacks what we cannot do without (an id and a type).
    """
    if (content_type or "").startswith(STRUCTURED):
        return _structured(body)
    event_type, event_id = headers.get("ce-type"), headers.get("ce-id") or message_id
    if not event_type or not event_id:
        missing = "ce-type" if not event_type else "ce-id"
        raise Reject(f"no header {missing}: send CloudEvents 1.0 in binary or structured mode", "invalid")
    return Envelope(
        str(event_id),
        str(event_type),
        str(headers.get("ce-correlationid") or event_id),
        body,
        moment_of(headers.get("ce-time")),
        _staff_change(headers),
        _text(headers.get("ce-causationid")),
    )


def _text(value: Any) -> str | None:
    return str(value) if value else None


def moment_of(value: Any) -> datetime | None:
    """A time as a sender wrote it; nothing if it is none, because nobody's message is refused for that."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _staff_change(headers: Mapping[str, Any]) -> StaffChange | None:
    kind, at = headers.get("ce-staffchange"), moment_of(headers.get("ce-staffchangetime"))
    return StaffChange(kind if kind in STAFF_CHANGE_KINDS else "other", at) if kind and at else None


def _structured(body: bytes) -> Envelope:
    try:
        event = json.loads(body)
        return Envelope(
            str(event["id"]),
            str(event["type"]),
            str(event.get("correlationid") or event["id"]),
            event["data"],
            moment_of(event.get("time")),
            causation_id=_text(event.get("causationid")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Reject("not a CloudEvent as JSON: it needs specversion, id, type, source and data", "invalid") from error


def _unknown(event_type: str) -> str:
    stem, _, version = event_type.rpartition(".v")
    known = sorted(name for name in EVENT_TYPES if name.rpartition(".v")[0] == stem)
    if known and version:
        return f"{event_type} is a version we do not read: send {' or '.join(known)}"
    return f"{event_type} is a type we do not know: see the list of events for those that exist"


def explain(error: ValidationError) -> str:
    """What is wrong and where, in one line and without repeating what was sent (it may be personal)."""
    return "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'body'}: {complaint(item)}"
        for item in error.errors(include_url=False, include_input=False)[:5]
    )
