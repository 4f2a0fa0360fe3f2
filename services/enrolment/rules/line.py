"""Where somebody stands in the queue, told honestly: who came at the same moment shares her number."""

from collections.abc import Sequence

from services.enrolment.model import Place
from shared.events.base import Fact


class Position(Fact):
    """Her number, counted from 1; with how many others she shares it, among whom a lot decides; how many wait."""

    number: int
    shared_with: int
    waiting: int


def position(place: Place, queue: Sequence[Place]) -> Position:
    """Where the place stands among all that wait for the programme."""
    turn = place.priority, place.queued_at
    before = sum((other.priority, other.queued_at) < turn for other in queue)
    same = sum((other.priority, other.queued_at) == turn and other.id != place.id for other in queue)
    return Position(number=before + 1, shared_with=same, waiting=len(queue))
