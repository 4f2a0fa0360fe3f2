"""What is answered about dead letters, and how they are asked for, as types: doors are described by these."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, Self

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.dead_letters import orders
from shared.dead_letters.letters import ALIVE, IS_GROUP, IS_LETTER, IS_QUEUE, DeadLetter, Entry, Fault, Replay, State
from shared.dead_letters.store import of_error
from shared.events.base import Line


def _moment(text: object) -> datetime:
    """A moment as it is written, in UTC; a number is none, though it could be taken for seconds since 1970."""
    try:
        moment = datetime.fromisoformat(str(text))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError("write a date or a moment, like 2026-11-25T08:00") from None


Moment = Annotated[datetime, BeforeValidator(_moment)]
LetterId = Annotated[str, StringConstraints(pattern=IS_LETTER)]
Fingerprint = Annotated[str, StringConstraints(pattern=IS_GROUP)]
QueueName = Annotated[str, StringConstraints(pattern=IS_QUEUE, max_length=100)]
ErrorName = Annotated[str, StringConstraints(min_length=1, max_length=200)]

OF_ERROR: Final = "A code such as fault or invalid, or a class such as KeyError."
BODY_IS_PRIVATE: Final = (
    "What is in it could be used in somebody's name: nobody is shown it. It can be replayed all the same."
)
ID: Final = "0193a1f0-7c1e-7b1a-9f0e-2f6f1c0a4b11:enrolment.hr"
AT: Final = "2026-11-25T08:00:00Z"
FAULT: Final = {
    "code": "fault",
    "kind": "KeyError",
    "message": "KeyError: 'U0412'",
    "where": "services.enrolment.commands.units.told",
    "traceback": "",
    "by_broker": False,
}


def told(example: Any) -> ConfigDict:
    """Of a model that is only answered."""
    return ConfigDict(
        json_schema_serialization_defaults_required=True, json_schema_extra={"examples": [example] if example else []}
    )


LETTER: Final[dict[str, Any]] = {
    "letter_id": ID,
    "queue": "enrolment.hr",
    "event_type": "hr.unit.changed.v1",
    "event_id": "0193a1f0-7c1e-7b1a-9f0e-2f6f1c0a4b11",
    "correlation_id": "0193a1f0-7c1e-7b1a-9f0e-2f6f1c0a4b11",
    "causation_id": "",
    "occurred_at": AT,
    "first_failed_at": AT,
    "last_failed_at": AT,
    "deaths": 1,
    "attempts": 0,
    "replay_count": 0,
    "error": FAULT,
    "fingerprint": "3f9a0c77b2d1",
    "body_bytes": 141,
    "state": "open",
    "closed_at": None,
    "replay": None,
}
WHOLE: Final = LETTER | {
    "message_id": LETTER["event_id"],
    "headers": {},
    "history": [],
    "body": None,
    "why_no_body": "",
}
GROUP: Final[dict[str, Any]] = {
    "fingerprint": "3f9a0c77b2d1",
    "queue": "enrolment.hr",
    "event_type": "hr.unit.changed.v1",
    "code": "fault",
    "kind": "KeyError",
    "where": FAULT["where"],
    "message": FAULT["message"],
    "example": ID,
    "count": 17,
    "first_failed_at": AT,
    "last_failed_at": AT,
    "replayed": 0,
    "replaying": 0,
    "under_way": 0,
}
ORDERED: Final[dict[str, Any]] = {
    "replay_id": "0193a1f1-0000-7000-8000-000000000001",
    "dry_run": False,
    "accepted": [ID],
    "refused": [],
    "queues": {"enrolment.hr": 1},
    "causes": [{"code": "fault", "message": FAULT["message"], "count": 1}],
    "replayed_before": 0,
    "left": 0,
}
FARED: Final[dict[str, Any]] = {
    "replay_id": ORDERED["replay_id"],
    "asked": 1,
    "waiting": 0,
    "replaying": 0,
    "resolved": 1,
    "died_again": 0,
    "refused": 0,
    "discarded": 0,
    "arrivals": 0,
    "why_refused": None,
    "example_died": None,
}


class Letter(BaseModel):
    """A dead letter without what stood in it."""

    model_config = told(LETTER)

    letter_id: str
    queue: str
    event_type: str
    event_id: str
    correlation_id: str
    causation_id: str
    occurred_at: datetime | None
    first_failed_at: datetime
    last_failed_at: datetime
    deaths: int
    attempts: int
    replay_count: int
    error: Fault
    fingerprint: str
    body_bytes: int
    state: State
    closed_at: datetime | None
    replay: Replay | None

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        """The letter as it is listed."""
        error = letter.error.model_copy(update={"traceback": ""})
        return cls.model_validate({**letter.model_dump(), "letter_id": letter.id, "error": error.model_dump()})


class LetterWhole(Letter):
    """All of a dead letter; its `body` only if it was asked for (as text, or in base64 if it is none), and else why."""

    model_config = told(WHOLE)

    message_id: str
    headers: dict[str, Any]
    history: list[Entry]
    body: str | None
    why_no_body: str

    @classmethod
    def shown(cls, letter: DeadLetter, *, body: bool) -> Self:
        """The letter as whoever looks into it sees it."""
        text, why = _body(letter, wanted=body)
        headers = {name: value if _is_plain(value) else str(value) for name, value in letter.headers}
        parts = {"letter_id": letter.id, "headers": headers, "body": text, "why_no_body": why}
        return cls.model_validate({**letter.model_dump(exclude={"body"}), **parts})


class Group(BaseModel):
    """Dead letters that died of one cause, and the newest of them as an example; `replayed` had been sent before,
    `replaying` are in their queue just now, and `under_way` are those and the ones that are still to be sent."""

    model_config = told(GROUP)

    fingerprint: str
    queue: str
    event_type: str
    code: str
    kind: str
    where: str
    message: str
    example: str
    count: int
    first_failed_at: datetime
    last_failed_at: datetime
    replayed: int
    replaying: int
    under_way: int


class GroupPage(BaseModel):
    """A part of the groups; `next` is the `after` of the part that follows."""

    model_config = told({"items": [GROUP], "next": None})

    items: list[Group]
    next: str | None


class LetterPage(BaseModel):
    """A part of the letters, the newest first; `next` is the `after` of the part that follows."""

    model_config = told({"items": [LETTER], "next": None})

    items: list[Letter]
    next: str | None


class WholePage(BaseModel):
    """A part of the letters with all that is known of them."""

    model_config = told({"items": [WHOLE], "next": None})

    items: list[LetterWhole]
    next: str | None


class Ordered(orders.Ordered):
    """What was ordered, or would be if it were no dry run. `left`: so many more match; order again for them."""

    model_config = told(ORDERED)


class Fared(orders.Fared):
    """How the letters of a replay fare; `arrivals` are others that died in the same queues since it was ordered."""

    model_config = told(FARED)


class Which(BaseModel):
    """Which letters: `ids`, or those of one `group`, or those of one `queue`, one `error`, or both."""

    ids: Annotated[list[LetterId], Field(max_length=1000)] = []
    group: Fingerprint | None = None
    queue: QueueName | None = None
    error: Annotated[ErrorName | None, Field(description=OF_ERROR)] = None
    reason: Annotated[Line, Field(min_length=1, description="Why; kept with each letter.")]
    on_behalf_of: Annotated[Line | None, Field(description="Who runs the program that asks.")] = None
    max: Annotated[int, Field(ge=1, le=1000, description="At most so many, the oldest first.")] = 100
    force: Annotated[bool, Field(description="Also letters that are on their way, or died in three replays.")] = False
    dry_run: Annotated[bool, Field(description="Only tell what it would do.")] = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(map(bool, (self.ids, self.group, self.queue or self.error))) != 1:
            raise ValueError("name the letters in one way: by ids, by group, or by queue or error or both")
        return self


class ToReplay(Which):
    """Which letters are to be sent again, why, and how fast."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"group": "3f9a0c77b2d1", "reason": "The unit is known now.", "rate": 5, "max": 100}]
        },
    )

    rate: Annotated[float, Field(ge=0.1, le=100, description="Letters a second.")] = 5


class ToDiscard(Which):
    """Which letters need not be handled any more, and why."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={"examples": [{"ids": [ID], "reason": "HR has sent the unit again since."}]},
    )


@dataclass(frozen=True)
class Wanted:
    """Which letters are asked for; without `state` those that wait or are being replayed."""

    queue: QueueName | None = None
    event_type: Annotated[str | None, Query(max_length=200)] = None
    error: Annotated[str | None, Query(max_length=200, description=OF_ERROR)] = None
    correlation_id: Annotated[str | None, Query(max_length=300)] = None
    group: Fingerprint | None = None
    since: Annotated[Moment | None, Query(description="Died then or later; in UTC where it names no zone.")] = None
    state: State | Literal["all"] | None = None

    @property
    def query(self) -> dict[str, Any]:
        """As the database is asked."""
        exact = {
            "queue": self.queue,
            "event_type": self.event_type,
            "correlation_id": self.correlation_id,
            "fingerprint": self.group,
        }
        query: dict[str, Any] = {name: value for name, value in exact.items() if value is not None}
        if self.error is not None:
            query |= of_error(self.error)
        if self.since is not None:
            query["last_failed_at"] = {"$gte": self.since}
        if self.state != "all":
            query["state"] = self.state.value if self.state else {"$in": list(ALIVE)}
        return query


def _body(letter: DeadLetter, *, wanted: bool) -> tuple[str | None, str]:
    """What stands in a letter as text if it is wanted, or why it is not shown."""
    if letter.is_private:
        return None, BODY_IS_PRIVATE
    if letter.state not in ALIVE or not letter.whole:
        why = "it is closed" if letter.state not in ALIVE else f"{letter.body_bytes} bytes were too many"
        return None, f"It has not been kept: {why}."
    if not wanted or letter.body is None:
        return None, "Ask for it: it may hold personal data, and looking is noted."
    try:
        return letter.body.decode(), ""
    except UnicodeDecodeError:
        return base64.b64encode(letter.body).decode(), ""


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)
