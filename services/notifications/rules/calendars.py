"""What a person's calendar should say about a session, and the revision that brings it there, if one is needed.

Decided from how things stand, never from which event came: so it comes out the same in whatever order events arrive.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.notifications.contents import Appointment, CalendarMail, Cause
from services.notifications.invites import next_stamp, uid
from services.notifications.model import CohortView, Invitation, Membership, Message, SessionView, Standing, State
from services.notifications.rules import reasons
from services.notifications.rules.messages import draft, ended
from shared.events import LocalisedText


@dataclass(frozen=True, slots=True)
class Seat:
    """One person and one session, with the newest calendar identity between them and the last message about it."""

    membership: Membership
    session: SessionView
    cohort: CohortView | None = None
    invitation: Invitation | None = None
    message: Message | None = None

    @property
    def is_hers(self) -> bool:
        """Whether the session should stand in her calendar."""
        return self.cause is None

    @property
    def cause(self) -> Cause | None:
        """Why the session should not stand in her calendar, the widest cause first."""
        if self.cohort is not None and self.cohort.cancelled:
            return "cohort"
        if self.session.cancelled:
            return "session"
        belongs = self.membership.standing is Standing.confirmed
        expected = (
            self.membership.cohort_id == self.session.cohort_id and self.session.id not in self.membership.excused
        )
        return None if belongs and expected else "place"

    @property
    def reason(self) -> LocalisedText | None:
        """The reason that may be told. Why she herself is out is not put into calendars, which others can read."""
        told = {"cohort": self.cohort, "session": self.session}.get(self.cause or "")
        return told.reason.text if told is not None and told.reason is not None else None


@dataclass(frozen=True, slots=True)
class Revision:
    """The identity as it is from now on, what to say about it, and the message that need not be sent any more."""

    invitation: Invitation
    draft: Message | None = None
    superseded: Message | None = None


def revise(seat: Seat, now: datetime, domain: str) -> Revision | None:
    """The revision that the seat needs; nothing where her calendar is right, or the session has begun."""
    known = seat.invitation
    live = known if known is not None and known.method == "REQUEST" else None
    if seat.is_hers:
        if seat.session.appointment.starts_at <= now:
            return None
        if live is None:
            return _first(seat, now, domain)
        if live.appointment != seat.session.appointment:
            return _next(seat, live, now, "REQUEST")
        return None if live.place_id == seat.membership.id else Revision(live.having(place_id=seat.membership.id))
    if live is not None and live.place_id == seat.membership.id and live.appointment.starts_at > now:
        return _next(seat, live, now, "CANCEL")
    return None


def anew(seat: Seat, now: datetime, domain: str) -> tuple[Revision, Revision] | None:
    """The entry that she cannot have, or has lost, taken back, and another in its place: a new round with a UID of its
    own. Nothing if no entry is hers, or the session has begun.

    Calendars do not take up again what they were told to remove, nor what their owner removed from them.
    """
    live = seat.invitation
    if live is None or live.method == "CANCEL" or not seat.is_hers or seat.session.appointment.starts_at <= now:
        return None
    end = _next(seat, live, now, "CANCEL")
    return end, _first(replace(seat, invitation=end.invitation, message=None), now, domain)


def again(seat: Seat, now: datetime) -> Message | None:
    """The message of the newest revision as it was drafted, for one whose bytes are gone."""
    return None if seat.invitation is None else _drafted(seat, seat.invitation, now)


def _first(seat: Seat, now: datetime, domain: str) -> Revision:
    """A new round: calendars do not take back what they were told to remove, so it gets an identity of its own."""
    person, session = seat.membership.employee_id, seat.session
    last = seat.invitation.round if seat.invitation else 0
    round_ = max(seat.membership.round, last + 1)
    invitation = Invitation(
        id=f"{session.id}|{person}|{round_}",
        uid=uid(session.id, person, round_, domain),
        session_id=session.id,
        cohort_id=session.cohort_id,
        place_id=seat.membership.id,
        employee_id=person,
        round=round_,
        sequence=0,
        stamped_at=next_stamp(now, None),
        method="REQUEST",
        appointment=session.appointment,
    )
    return _said(seat, invitation, now, superseded=None)


def _next(seat: Seat, live: Invitation, now: datetime, method: Literal["REQUEST", "CANCEL"]) -> Revision:
    """The next revision of an identity: its SEQUENCE rises even if the one before was never sent."""
    seen = live.appointment if seat.message is not None and seat.message.may_have_arrived else live.seen
    told = seat.session.appointment if method == "REQUEST" else (seen or live.appointment)
    has_new_time = method == "REQUEST" and (seen is None or _moved(seen, told))
    invitation = live.having(
        sequence=live.sequence + 1,
        stamped_at=next_stamp(now, live.stamped_at),
        method=method,
        place_id=seat.membership.id,
        appointment=told,
        seen=seen,
        answer_wanted=method == "REQUEST" and seen is not None and (live.answer_wanted or has_new_time),
        time_sequence=live.sequence + 1 if has_new_time else live.time_sequence,
        answer=None if has_new_time else live.answer,
        message_id=None,
    )
    unsent = seat.message if seat.message is not None and seat.message.is_unsent else None
    return _said(seat, invitation, now, superseded=unsent)


def _moved(seen: Appointment, told: Appointment) -> bool:
    return (seen.starts_at, seen.ends_at) != (told.starts_at, told.ends_at)


def _said(seat: Seat, invitation: Invitation, now: datetime, superseded: Message | None) -> Revision:
    replaced = None if superseded is None else ended(superseded, State.superseded, reasons.SUPERSEDED)
    if invitation.method == "CANCEL" and (invitation.seen is None or _has_left_by_her_no(seat, invitation)):
        return Revision(invitation, superseded=replaced)
    message = _drafted(seat, invitation, now)
    return Revision(invitation.having(message_id=message.id), message, replaced)


def _drafted(seat: Seat, invitation: Invitation, now: datetime) -> Message:
    return draft(
        _contents(seat, invitation),
        employee_id=invitation.employee_id,
        regarding=invitation.session_id,
        key=calendar_key(invitation.uid, invitation.sequence),
        order_key=invitation.uid,
        sequence=invitation.sequence,
        deadline=invitation.appointment.starts_at,
        now=now,
    )


def calendar_key(uid: str, sequence: int) -> str:
    """What makes the message of one revision of a calendar entry."""
    return f"calendar|{uid}|{sequence}"


def _has_left_by_her_no(seat: Seat, invitation: Invitation) -> bool:
    """Whether her own calendar has taken the session out already, when she answered there that she will not come."""
    return invitation.answer == "declined" and seat.membership.standing is Standing.declined and seat.cause == "place"


def _contents(seat: Seat, invitation: Invitation) -> CalendarMail:
    cancelled = invitation.method == "CANCEL"
    changed: Literal["invite", "update"] = "invite" if invitation.seen is None else "update"
    return CalendarMail(
        kind="cancel" if cancelled else changed,
        uid=invitation.uid,
        sequence=invitation.sequence,
        stamped_at=invitation.stamped_at,
        appointment=invitation.appointment,
        before=invitation.seen,
        answer_wanted=invitation.answer_wanted,
        answer=invitation.answer,
        cause=(seat.cause or "anew") if cancelled else None,
        reason=seat.reason if cancelled else None,
    )
