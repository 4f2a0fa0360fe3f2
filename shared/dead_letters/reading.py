"""From a message to the dead letter that it is, whoever buried it, we or the broker, and however strange it looks."""

import hashlib
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from shared.cloudevents import Reject, unwrap
from shared.dead_letters.letters import REPLAY_COUNT, DeadLetter, Fault, State
from shared.topology import BINDINGS, dead_exchange

MOST_BODY: Final = 8 * 1024 * 1024
"""Bytes of a body that are kept (a document may have 16 MiB). Of a longer one none is: half a message is no message."""
MOST_TEXT: Final = 2000
MOST_TRACEBACK: Final = 6000
MOST_HEADER: Final = 1000

OURS: Final = ("services.", "shared.")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")
_VARIES: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\S*\d\S*")
_BY_THE_BROKER: Final = {"delivery_limit": "poison"}
_BURIED: Final = {
    "delivery_limit": "whoever took it ended or lost its connection each time: see why the service ended in its log"
}


@dataclass(frozen=True, slots=True)
class Buried:
    """A message as it lies among a service's dead letters, taken from there at `at`."""

    service: str
    headers: Mapping[str, Any]
    content_type: str | None
    message_id: str | None
    body: bytes
    at: datetime


def epitaph(error: Exception) -> dict[str, str]:
    """Headers that say what went wrong and where, without the values of variables: they may be personal."""
    fault = not isinstance(error, Reject)
    return {
        "dead-class": type(error).__name__,
        "dead-where": where(error) if fault else "",
        "dead-traceback": _frames(error)[-MOST_TRACEBACK:] if fault else "",
    }


def where(error: BaseException) -> str:
    """The innermost function of ours in which it happened; of anybody's if none of ours is there."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [frame for frame in frames if str(frame.f_globals.get("__name__", "")).startswith(OURS)]
    if not frames:
        return ""
    frame = (ours or frames)[-1]
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_name}"


def _frames(error: BaseException) -> str:
    """Where it came from, cause before effect; what each error says is left to the reason, in which nobody is named."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{_frames(cause)}\nwhich led to\n" if cause else ""
    return f"{before}{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}"


def read(message: Buried) -> DeadLetter:
    """The letter that a message is, whoever buried it, we or the broker, and whatever stands in it."""
    headers = message.headers
    event_id, event_type, correlation_id = _named(message)
    queue, sha256 = _queue(message), hashlib.sha256(message.body).hexdigest()
    died = as_text(headers.get("dead-at") or _broker_says(headers, "time") or "", 100)
    failed_at = _moment(headers.get("dead-at")) or message.at
    error = _fault(headers)
    whole = len(message.body) <= MOST_BODY
    return DeadLetter(
        id=f"{_as_id(event_id or as_text(message.message_id or '', 300) or sha256)}:{queue}",
        queue=queue,
        event_type=event_type,
        message_id=as_text(message.message_id or event_id, 300),
        event_id=event_id,
        correlation_id=correlation_id,
        causation_id=as_text(headers.get("ce-causationid") or "", 300),
        occurred_at=_moment(headers.get("ce-time")),
        first_failed_at=failed_at,
        last_failed_at=failed_at,
        died=died,
        deaths=1,
        attempts=_number(headers.get("dead-attempts")) or _number(headers.get("x-delivery-count")),
        replay_count=_number(headers.get(REPLAY_COUNT)),
        error=error,
        fingerprint=fingerprint(queue, event_type, error),
        headers=tuple((as_text(name, 300), _plain(value)) for name, value in headers.items() if _is_kept(name)),
        content_type=as_text(message.content_type or "", 300),
        body=message.body if whole else None,
        whole=whole,
        body_bytes=len(message.body),
        body_sha256=sha256,
        state=State.open,
    )


def fingerprint(queue: str, event_type: str, error: Fault) -> str:
    """The same for letters that died of the same cause: where it happened, or what was refused without its ids."""
    cause = error.where or _VARIES.sub("#", error.message)
    told = "|".join((queue, event_type, error.code, error.kind, cause))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _named(message: Buried) -> tuple[str, str, str]:
    """Id, type and correlation id: as whoever handles it reads them, else as the headers say."""
    try:
        read = unwrap(message.headers, message.content_type, message.message_id, message.body)
        named = (read.id, read.type, read.correlation_id)
    except Reject:
        told = message.headers
        event_id = told.get("ce-id") or message.message_id or ""
        named = (event_id, told.get("ce-type") or "unknown", told.get("ce-correlationid") or event_id)
    return as_text(named[0], 300), as_text(named[1], 200), as_text(named[2], 300)


def _queue(message: Buried) -> str:
    """Where it failed. The broker's word counts more: its headers are only there if it was not we who buried it."""
    told = (_broker_says(message.headers, "queue"), message.headers.get("dead-queue"))
    known = (name for name in told if isinstance(name, str) and name in BINDINGS)
    return next((name for name in known if name.startswith(f"{message.service}.")), dead_exchange(message.service))


def _fault(headers: Mapping[str, Any]) -> Fault:
    said = _broker_says(headers, "reason")
    if isinstance(said, str):
        code = _BY_THE_BROKER.get(said, as_text(said, 50))
        return Fault(
            code=code,
            kind="",
            message=_BURIED.get(said, f"the broker buried it: {code}"),
            where="",
            traceback="",
            by_broker=True,
        )
    return Fault(
        code=as_text(headers.get("dead-code") or "unknown", 50),
        kind=as_text(headers.get("dead-class") or "", 200),
        message=as_text(headers.get("dead-reason") or "it does not say why", MOST_TEXT),
        where=as_text(headers.get("dead-where") or "", 300),
        traceback=as_text(headers.get("dead-traceback") or "", MOST_TRACEBACK),
    )


def _broker_says(headers: Mapping[str, Any], what: str) -> Any:
    """What the broker's own headers tell of its newest burial: `queue`, `reason` or `time`; nothing if we buried it."""
    deaths = headers.get("x-death")
    newest = deaths[0] if isinstance(deaths, list) and deaths and isinstance(deaths[0], Mapping) else {}
    return newest.get(what) or headers.get(f"x-first-death-{what}")


def _is_kept(name: str) -> bool:
    """What the letter tells in fields of its own is not kept twice."""
    return name not in ("dead-traceback", "dead-reason")


def _as_id(told: str) -> str:
    """An id that can be typed and stand in an address."""
    return told if _ID.fullmatch(told) else f"sha256-{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def as_text(value: Any, most: int) -> str:
    """One text, cut to `most` characters, without halves of characters that a database cannot keep."""
    return str(value)[:most].encode("utf-8", "replace").decode()


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 < value < 2**31 else 0


def _moment(value: Any) -> datetime | None:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _plain(value: Any) -> Any:
    """A header's value as a database can keep it; what is no plain value is kept as it would be printed."""
    if isinstance(value, bool | float | datetime | bytes) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else str(value)
    return as_text(value, MOST_HEADER)
