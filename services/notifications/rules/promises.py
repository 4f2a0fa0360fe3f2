"""What a place promises: a current invite to each session that is hers, and an offer while half its time is left.

Decided from how things stand now, so that a promise that was broken while nobody looked is found like any other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from services.notifications.mime import mailable
from services.notifications.model import Breach, Membership, Message, Promise, State
from services.notifications.rules import reasons
from services.notifications.rules.calendars import Seat
from shared.events import Reason
from shared.events.notifications import PromiseBroken

GRACE = timedelta(minutes=30)
"""How long a message may be on its way before somebody should hear of it."""

UNTOUCHED = (State.rendered, State.leased, State.deferred)
"""Where a message is that is to be sent; no server has had it if `data_started_at` says so, too."""


NEVER_SENT = (State.superseded, State.expired, State.withdrawn)
"""How a message ended that should have been sent after all, as when somebody did not leave."""


class Remedy(StrEnum):
    """What the watch does itself. `bring_in_line`: let the calendar be told what it should say · `render`: make the
    bytes that are gone, as none were sent · `new_round`: invite her anew, since the address has changed."""

    none = "none"
    bring_in_line = "bring_in_line"
    render = "render"
    new_round = "new_round"


class Flaw(NamedTuple):
    """Why a promise is broken, and what can be done about it."""

    reason: Reason
    remedy: Remedy = Remedy.none


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as far as it got: the address on its letter, if there is a letter, and her address today."""

    message: Message | None
    addressed_to: str | None = None
    address: str | None = None

    @property
    def has_new_address(self) -> bool:
        """Whether HR tells another address that mail can be sent to than the one that was written to."""
        now = mailable(self.address or "")
        return now is not None and now != self.addressed_to


def broken_invite(seat: Seat, sent: Sent, now: datetime) -> Flaw | None:
    """What is wrong with the invite to a session that is hers; nothing if she has it, or it may still come in time."""
    entry, message = seat.invitation, sent.message
    if not seat.is_hers or seat.session.appointment.starts_at <= now:
        return None
    if entry is None or entry.method == "CANCEL" or entry.appointment != seat.session.appointment:
        return Flaw(reasons.NO_INVITE, Remedy.bring_in_line)
    if message is None:  # whether it was sent cannot be known any more
        return Flaw(reasons.NO_INVITE, Remedy.new_round)
    if _was_delivered(message):
        return None
    if message.is_over:
        came_back = message.state is State.failed or message.bounced_at is not None
        unsent = message.state in NEVER_SENT or (came_back and sent.has_new_address)
        return Flaw(message.reason or reasons.NO_INVITE, Remedy.new_round if unsent else Remedy.none)
    return _delayed(sent, Remedy.render, is_late=now - _under_way_since(message) >= GRACE)


def broken_offer(sent: Sent, now: datetime) -> Flaw | None:
    """What is wrong with an open offer; nothing if she had it in time, or still may.

    None is healed here: what it said is known to enrolment only.
    """
    message = sent.message
    if message is None:
        return Flaw(reasons.NO_OFFER)
    half = message.created_at + (message.deadline - message.created_at) / 2
    if _was_delivered(message):
        return Flaw(reasons.LATE_OFFER) if message.sent_at is not None and message.sent_at > half else None
    if message.is_over:
        return Flaw(message.reason or reasons.NO_OFFER)
    return _delayed(sent, Remedy.none, is_late=now > half)


def _under_way_since(message: Message) -> datetime:
    return message.release_at or message.created_at


def _was_delivered(message: Message) -> bool:
    """Whether a server has taken it and it has not come back, be it that it is being sent again."""
    return message.bounced_at is None and (message.state is State.sent or message.sent_at is not None)


def _delayed(sent: Sent, remedy: Remedy, *, is_late: bool) -> Flaw | None:
    message = sent.message
    if message and message.state in UNTOUCHED and sent.addressed_to is None and message.data_started_at is None:
        return Flaw(reasons.NO_LETTER, remedy)
    if message is None or not is_late:
        return None
    return Flaw(reasons.NO_CONTACT if message.state is State.waiting else reasons.ON_ITS_WAY)


def breach(promise: Promise, place: Membership, regarding: str, flaw: Flaw, now: datetime) -> Breach:
    """A promise to her that is broken."""
    return Breach(
        id=f"{promise.value}|{place.id}|{regarding}",
        promise=promise,
        place_id=place.id,
        place_version=place.version,
        employee_id=place.employee_id,
        cohort_id=place.cohort_id or "",
        regarding=regarding,
        reason=flaw.reason,
        since=now,
    )


def noted(known: Breach | None, found: Breach) -> Breach | None:
    """What to write down of a broken promise; nothing if the same is known already."""
    if known is None or known.healed_at is not None:
        return found.having(times=known.times + 1 if known else 1)
    return known.having(reason=found.reason) if known.reason != found.reason else None


def news(known: Breach | None, kept: Breach) -> tuple[PromiseBroken, ...]:
    """What others should hear of it: once for each time that it broke."""
    if known is not None and known.healed_at is None:
        return ()
    return (
        PromiseBroken(
            place_id=kept.place_id, version=kept.place_version, employee_id=kept.employee_id, reason=kept.reason
        ),
    )
