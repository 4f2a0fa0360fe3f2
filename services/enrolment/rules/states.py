"""The life of a place as data: every step it can take, when, and what follows. What is not here cannot happen."""

from typing import Final, Literal, NamedTuple

from services.enrolment.model import SEATED, PlaceState
from shared.events import Event
from shared.events.enrolment import (
    PersonQueued,
    PlaceCompleted,
    PlaceConfirmed,
    PlaceDeclined,
    PlaceExpired,
    PlaceOffered,
    PlacePaused,
    PlaceWithdrawn,
)

Step = Literal[
    "offer",
    "seat",
    "accept",
    "decline",
    "expire",
    "take_back",
    "withdraw",
    "requeue",
    "pause",
    "come_back",
    "swap",
    "complete",
]


class Transition(NamedTuple):
    """One step: from which state to which, on which condition, with which effect, and what is announced."""

    source: PlaceState
    step: Step
    target: PlaceState
    when: str
    then: str
    says: type[Event]

    @property
    def frees_seat(self) -> bool:
        """Whether the next in line can have her seat. A post's seat is kept for whoever succeeds her,
        or until she is back."""
        return self.source in SEATED and self.target not in SEATED


_NEXT = "the seat goes to the next in line"

TRANSITIONS: Final = (
    Transition(
        "queued",
        "offer",
        "offered",
        "a seat is free, she is approved and may sit there",
        "she has a deadline to answer",
        PlaceOffered,
    ),
    Transition(
        "queued",
        "seat",
        "confirmed",
        "she succeeds somebody in a post that has a seat",
        "the post's seat is hers",
        PlaceConfirmed,
    ),
    Transition(
        "queued",
        "withdraw",
        "withdrawn",
        "she left, is not in the audience any more, or was not approved",
        "she waits no longer",
        PlaceWithdrawn,
    ),
    Transition(
        "offered", "accept", "confirmed", "she says yes before the deadline", "she belongs to the group", PlaceConfirmed
    ),
    Transition("offered", "decline", "declined", "she says no before the deadline", _NEXT, PlaceDeclined),
    Transition("offered", "expire", "expired", "the deadline passes", _NEXT, PlaceExpired),
    Transition(
        "offered",
        "take_back",
        "queued",
        "the office takes the offer back",
        f"she keeps her place in line, and is not asked for this group again; {_NEXT}",
        PlaceWithdrawn,
    ),
    Transition(
        "offered", "withdraw", "withdrawn", "she left, or is on leave when the group begins", _NEXT, PlaceWithdrawn
    ),
    Transition(
        "offered", "requeue", "queued", "the group is cancelled", "she is among the first in line", PersonQueued
    ),
    Transition("confirmed", "decline", "declined", "she says no before the first session", _NEXT, PlaceDeclined),
    Transition(
        "confirmed", "withdraw", "withdrawn", "she left, or a policy of the programme says so", _NEXT, PlaceWithdrawn
    ),
    Transition(
        "confirmed",
        "requeue",
        "queued",
        "the group is cancelled",
        "she is among the first in line, with credit for what she attended",
        PersonQueued,
    ),
    Transition(
        "confirmed",
        "pause",
        "paused",
        "a leave covers a coming session, and the programme lets her pause",
        f"she keeps credit for what she attended; {_NEXT}, unless it is a post's",
        PlacePaused,
    ),
    Transition(
        "confirmed",
        "swap",
        "confirmed",
        "she and a colleague exchange groups",
        "each takes over the other's seat",
        PlaceConfirmed,
    ),
    Transition(
        "confirmed",
        "complete",
        "completed",
        "the group's last session is held and she attended enough",
        "she has her diploma and joins the network",
        PlaceCompleted,
    ),
    Transition(
        "paused",
        "come_back",
        "queued",
        "she is back from leave",
        "she is among the first in line, with credit for what she attended",
        PersonQueued,
    ),
    Transition(
        "paused",
        "seat",
        "confirmed",
        "she is back from leave, and the seat of her post was kept or is held for her",
        "the post's seat is hers again",
        PlaceConfirmed,
    ),
    Transition(
        "paused",
        "withdraw",
        "withdrawn",
        "she left, or is not in the audience any more",
        "the credit is kept in her history",
        PlaceWithdrawn,
    ),
    Transition(
        "withdrawn",
        "complete",
        "completed",
        "attendance is corrected, and was enough after all",
        "she has her diploma and joins the network",
        PlaceCompleted,
    ),
)
"""Every step that a place can take."""

STATES: Final[dict[tuple[PlaceState, Step], PlaceState]] = {(t.source, t.step): t.target for t in TRANSITIONS}
