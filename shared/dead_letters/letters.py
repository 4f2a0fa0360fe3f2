"""What a dead letter is: read from a message however strange it looks, grouped by its cause, and made whole again."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict

from shared.events.base import EVENT_TYPES
from shared.model import Document
from shared.topology import BINDINGS

REPLAY_COUNT: Final = "ledstjarna-replay-count"
"""Header of a message that is sent again; its age says nothing about how fast we are."""
REPLAY_AT: Final = "ledstjarna-replay-at"
REPLAY_BY: Final = "ledstjarna-replay-by"
NOT_SENT_AGAIN: Final = ("x-", "dead-", "ledstjarna-replay-")
"""Beginnings of headers that tell of a death or a replay, not of the event."""

IS_LETTER: Final = r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,149}:[a-z]+\.[a-z]+$"
IS_GROUP: Final = r"^[0-9a-f]{12}$"
IS_QUEUE: Final = r"^[a-z]+\.[a-z]+$"
"""How the id of a letter, of a group (its fingerprint) and the name of a queue are written."""

ENOUGH_REPLAYS: Final = 3
"""After so many replays that ended here again, only force sends a letter once more."""

PRIVATE: Final = ("evaluation.invitations.", "evaluation.reminders.")
"""Events whose body nobody is shown: with what is in it one could answer in somebody's name, or know who has not."""


class State(StrEnum):
    """How a dead letter stands: `open` waits for a person, `replaying` is on its way through its queue again."""

    open = "open"
    replaying = "replaying"
    resolved = "resolved"
    discarded = "discarded"


ALIVE: Final = (State.open, State.replaying)
"""States in which the message has had no effect yet, and may still."""


class Part(BaseModel):
    """A part of a letter."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Fault(Part):
    """Why a message could not be handled. `where` is the innermost function of ours in the traceback."""

    code: str
    kind: str
    message: str
    where: str
    traceback: str
    by_broker: bool = False


class Entry(Part):
    """Something that was done to a letter."""

    at: datetime
    actor: str
    action: str
    reason: str


class Replay(Part):
    """That a letter is to be sent again, or was: `waiting` until the broker has it; `refused` says why it has not."""

    id: str
    at: datetime
    by: str
    rate: float
    waiting: bool
    sent_at: datetime | None = None
    refused: str | None = None


class DeadLetter(Document):
    """A message that could not be handled, with its reason. `died` tells its last death from any other."""

    collection: ClassVar[str] = "dead_letters"

    queue: str
    event_type: str
    message_id: str
    event_id: str
    correlation_id: str
    causation_id: str
    occurred_at: datetime | None = None
    first_failed_at: datetime
    last_failed_at: datetime
    died: str
    deaths: int
    attempts: int
    replay_count: int
    error: Fault
    fingerprint: str
    headers: tuple[tuple[str, Any], ...]
    content_type: str
    body: bytes | None = None
    whole: bool
    body_bytes: int
    body_sha256: str
    state: State
    closed_at: datetime | None = None
    history: tuple[Entry, ...] = ()
    replay: Replay | None = None

    def row(self) -> dict[str, Any]:
        """The letter as it is kept."""
        return {name: value for name, value in self.model_dump(by_alias=True).items() if value is not None}

    @property
    def under_way(self) -> str | None:
        """The replay under which it is to be sent again, or has been and is not decided yet; nothing if it waits."""
        if self.replay is None or self.state not in ALIVE:
            return None
        return self.replay.id if self.replay.waiting or self.state is State.replaying else None

    @property
    def is_private(self) -> bool:
        """Whether nobody is shown its body."""
        return self.event_type.startswith(PRIVATE)


def label(event_type: str) -> str:
    """The type as metrics name it."""
    return event_type if event_type in EVENT_TYPES else "other"


def why_not(letter: DeadLetter, *, force: bool) -> str | None:
    """Why a letter cannot be sent again; nothing if it can."""
    waits, count = letter.replay is not None and letter.replay.waiting, letter.replay_count
    obstacles = (
        (letter.queue not in BINDINGS, "nobody knows the queue in which it failed: let whoever sent it send it again"),
        (letter.state not in ALIVE, f"it is {letter.state} already"),
        (
            not letter.whole,
            f"its {letter.body_bytes} bytes were too many to be kept: let whoever sent it send it again",
        ),
        (waits, "it is waiting to be sent already"),
        (
            letter.state is State.replaying and not force,
            "it has been sent and is not decided yet: wait, or use force if it got lost",
        ),
        (
            count >= ENOUGH_REPLAYS and not force,
            f"it was sent {count} times and died each time: mend the cause, then use force",
        ),
    )
    return next((why for stands, why in obstacles if stands), None)


def headers_again(letter: DeadLetter, at: datetime) -> dict[str, Any]:
    """The headers under which a letter is sent again."""
    kept = {name: value for name, value in letter.headers if name != "attempt" and not name.startswith(NOT_SENT_AGAIN)}
    by = letter.replay.by if letter.replay else ""
    return kept | {REPLAY_COUNT: letter.replay_count + 1, REPLAY_AT: at.isoformat(), REPLAY_BY: by}


def histogram(letters: Sequence[DeadLetter]) -> Iterator[tuple[str, str, int]]:
    """Code, reason and number of letters, the commonest cause first."""
    by_cause: dict[str, list[DeadLetter]] = {}
    for letter in letters:
        by_cause.setdefault(letter.fingerprint, []).append(letter)
    for same in sorted(by_cause.values(), key=len, reverse=True):
        yield same[0].error.code, same[0].error.message, len(same)
