"""The life of one message: how it comes to be, where it goes first, and what an attempt to send it leads to."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from services.notifications.contents import (
    UNTOLD_KINDS,
    ApprovalMail,
    CalendarMail,
    CompletedMail,
    Contents,
    SurveyMail,
)
from services.notifications.mime import mailable
from services.notifications.model import AT_ONCE, Contact, Membership, Message, State
from services.notifications.rules import reasons
from services.notifications.rules.places import appointment
from shared.events import Reason
from shared.events.enrolment import PlaceApprovalRequested, PlaceCompleted
from shared.events.evaluation import InvitationsRequested, RemindersRequested
from shared.events.notifications import MessageBounced, MessageDelivered, MessageFailed

BACK_OFF = (1, 5, 15, 60)
"""Pauses before the next attempt, as multiples of the shortest; the last is repeated until the deadline."""

UNTIL_ASKED_ELSEWHERE = timedelta(days=7)
"""How long a question to a manager makes sense that has no deadline of its own."""

UNTIL_A_DIPLOMA_IS_OLD = timedelta(days=60)
"""How long it is tried to hand over a diploma."""

TRIES_OF_UNKNOWN_OUTCOME = 2
"""How often the same bytes are given to a server that never says whether it took them."""


def message_id(key: str, employee_id: str) -> str:
    """Id of the message that `key` stands for to somebody: the same today as after everything has been forgotten."""
    return sha256(f"{key}|{employee_id}".encode()).hexdigest()[:40]


def draft(
    contents: Contents,
    *,
    employee_id: str,
    regarding: str,
    key: str,
    deadline: datetime,
    now: datetime,
    order_key: str | None = None,
    sequence: int = 0,
) -> Message:
    """An intention to say something to somebody. The same `key` for the same person is the same message, once."""
    its_id = message_id(key, employee_id)
    return Message(
        id=its_id,
        kind=contents.kind,
        employee_id=employee_id,
        regarding=regarding,
        order_key=order_key or its_id,
        sequence=sequence,
        state=State.waiting,
        deadline=deadline,
        created_at=now,
        contents=contents,
    )


def surveys(event: InvitationsRequested | RemindersRequested, now: datetime) -> list[Message]:
    """A mail to everybody who is asked to answer, or reminded; none of them makes sense when the wave has closed."""
    again = isinstance(event, RemindersRequested)
    return [
        draft(
            SurveyMail(
                kind="survey_reminder" if again else "survey",
                programme=event.title,
                wave=event.wave,
                of=event.of,
                closes_at=event.closes_at,
                minutes=event.minutes,
                url=recipient.url,
            ),
            employee_id=recipient.employee_id,
            regarding=event.wave_id,
            key=f"survey|{event.wave_id}|{recipient.url}" + (f"|{event.version}" if again else ""),
            deadline=event.closes_at,
            now=now,
        )
        for recipient in event.recipients
    ]


def question(event: PlaceApprovalRequested, about: Contact | None, now: datetime) -> Message | None:
    """The mail by which a manager is asked whether somebody may go; none if the programme office is asked.

    Somebody whom HR has not told us about yet is not named: the page behind the link names her.
    """
    if event.approver_id is None or event.answer_url is None:
        return None
    answer_by = event.answer_by or now + UNTIL_ASKED_ELSEWHERE
    card = about.best_card if about else None
    contents = ApprovalMail(
        programme=event.title,
        person=card.name if card else None,
        reason=event.reason.text if event.reason else None,
        answer_by=answer_by,
        answer_url=event.answer_url,
        escalated=event.escalated,
    )
    return draft(
        contents,
        employee_id=event.approver_id,
        regarding=event.place_id,
        key=f"approval|{event.place_id}|{event.round}",
        deadline=answer_by,
        now=now,
    )


def diploma(event: PlaceCompleted, membership: Membership | None, now: datetime, today: date) -> Message:
    """The mail with the diploma of somebody who has completed: only what she attended with this cohort is listed."""
    excused = membership.excused if membership is not None else ()
    sessions = tuple(
        appointment(event.title, fact)
        for fact in event.sessions
        if fact.session_id not in excused and (not event.modules or fact.module in event.modules)
    )
    contents = CompletedMail(
        programme=event.title, completed_on=event.completed_on or today, hours=event.hours, sessions=sessions
    )
    return draft(
        contents,
        employee_id=event.employee_id,
        regarding=event.place_id,
        key=f"completed|{event.place_id}|{event.version}",
        deadline=now + UNTIL_A_DIPLOMA_IS_OLD,
        now=now,
    )


def routed(message: Message, contact: Contact | None, now: datetime, today: date) -> Message:
    """Where a message goes that nobody has rendered yet: pending until it may go, waiting for her contact, nowhere."""
    if contact is not None and contact.has_left(today):
        return ended(message, State.withdrawn, reasons.LEFT)
    if now >= message.deadline:
        return ended(message, State.expired, reasons.TOO_LATE)
    card = contact.best_card if contact is not None else None
    if card is None:
        return message
    if mailable(card.email) is None:
        return ended(message, State.failed, reasons.ADDRESS)
    return message.having(state=State.pending)


def need_not_go(message: Message, sent_before: Collection[str]) -> bool:
    """Whether it has reached her already, before a restore. A later revision of a calendar entry goes all the same:
    what the one with its SEQUENCE said is not known any more, and calendars take the one that is stamped later."""
    return message.id in sent_before and not (isinstance(message.contents, CalendarMail) and message.sequence > 0)


def gone_before(message: Message, now: datetime) -> Message:
    """A message that was sent before a restore, as sent."""
    return message.having(state=State.sent, sent_at=now, contents=None)


def ended(message: Message, state: State, reason: Reason) -> Message:
    """The message in a state that it does not leave."""
    return message.having(state=state, reason=reason, contents=None, next_at=None, lease=None)


def rendered(message: Message, content: bytes, now: datetime) -> Message:
    """The message once its bytes are finished and it is due; what they were made from is not needed any more."""
    is_silent = isinstance(message.contents, CalendarMail) and message.contents.silent
    return message.having(
        state=State.rendered,
        contents=None,
        sha256=sha256(content).hexdigest(),
        next_at=AT_ONCE,
        held_back=False,
        released_at=None if is_silent else now,
    )


class Result(StrEnum):
    """How an attempt to send ended. `unavailable`: the relay takes nothing now, which says nothing of this message."""

    sent = "sent"
    deferred = "deferred"
    failed = "failed"
    ambiguous = "ambiguous"
    unavailable = "unavailable"
    expired = "expired"


class Verdict(NamedTuple):
    """How an attempt ended, and the server's own words."""

    result: Result
    reply: str = ""


class Pauses(NamedTuple):
    """The database's time, and the shortest pause before another attempt."""

    wall: datetime
    shortest: timedelta


def after(message: Message, verdict: Verdict, now: datetime, pauses: Pauses) -> Message:
    """The message after an attempt. `now` is the domain's clock, the pauses go by the database's."""
    tried = message.having(lease=None, reply=verdict.reply or message.reply)
    match verdict.result:
        case Result.sent:
            sent_at = message.sent_at or now
            return tried.having(state=State.sent, sent_at=sent_at, attempts=message.attempts + 1, next_at=None)
        case Result.failed:
            return ended(_not_taken(tried), State.failed, reasons.refused(verdict.reply))
        case Result.expired:
            return ended(tried, State.expired, reasons.TOO_LATE)
        case Result.ambiguous:
            return _unclear(tried, pauses.wall + pauses.shortest)
        case Result.deferred:
            waiting = _not_taken(tried).having(attempts=message.attempts + 1)
            return waiting.having(state=State.deferred, next_at=pauses.wall + _pause(message, pauses.shortest))
        case Result.unavailable:
            return _not_taken(tried).having(state=State.deferred, next_at=pauses.wall)


def _pause(message: Message, shortest: timedelta) -> timedelta:
    """How long to wait after a refusal that may pass; up to a fifth longer, so that mails refused together come back
    apart. The same mail waits the same each time: chance has no part in decisions."""
    share = int(sha256(f"{message.id}|{message.attempts}".encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return BACK_OFF[min(message.attempts, len(BACK_OFF) - 1)] * shortest * (1 + share / 5)


def _not_taken(message: Message) -> Message:
    """The server has said that it did not take it: nothing has arrived, unless an earlier attempt is in doubt."""
    return message if message.unclear else message.having(data_started_at=None)


def _unclear(message: Message, next_at: datetime) -> Message:
    """Nobody knows whether it was taken: the same bytes once more, then somebody has to look."""
    unclear = message.unclear + 1
    doubted = message.having(state=State.ambiguous, unclear=unclear, next_at=next_at)
    return doubted if unclear < TRIES_OF_UNKNOWN_OUTCOME else ended(doubted, State.ambiguous, reasons.UNCLEAR)


def bounced(message: Message, reason: Reason, now: datetime) -> tuple[Message, MessageBounced] | None:
    """The message after it came back, and what others should hear; nothing if that is known, or it was never sent."""
    if message.bounced_at is not None or not message.may_have_arrived:
        return None
    facts = {"message_id": message.id, "kind": message.kind, "employee_id": message.employee_id}
    told = MessageBounced(version=1, regarding=message.regarding, reason=reason, **facts)
    return message.having(bounced_at=now, reason=reason), told


def news(message: Message) -> tuple[MessageDelivered | MessageFailed, ...]:
    """What others should hear of a message that has come to its end; letters passed on to the office are its own, and
    that somebody was reminded is hers."""
    if message.kind in UNTOLD_KINDS:
        return ()
    facts = {"message_id": message.id, "kind": message.kind, "employee_id": message.employee_id}
    if message.state is State.sent:
        return (MessageDelivered(version=1 + message.resent, regarding=message.regarding, **facts),)
    was_lost = message.is_over and message.state in (State.failed, State.expired, State.ambiguous)
    if was_lost and message.reason is not None:
        return (MessageFailed(version=1 + message.resent, regarding=message.regarding, reason=message.reason, **facts),)
    return ()
