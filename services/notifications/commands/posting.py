"""Letting messages go on their way in calm, and taking them back while that is possible."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.notifications.commands import suppressing
from services.notifications.contents import FORWARDED, PRIVATE_KINDS
from services.notifications.metrics import counters
from services.notifications.model import Contact, Letter, Message, SentBefore, StaffChange, State
from services.notifications.rules import calm, messages, reasons
from services.notifications.store import NotificationsTransaction
from shared.cloudevents import Cause
from shared.model import Timer, timer_id

WAITED_TOO_LONG = "waited_too_long"
SETTLED, NEXT_WEEK = "settled", "next_week"


async def post(tx: NotificationsTransaction, drafts: Sequence[Message]) -> None:
    """Let messages go on their way, wait for the person's contact, or end; one that exists already is left alone."""
    known = await tx.messages.get_many(draft.id for draft in drafts)
    new = [draft for draft in drafts if draft.id not in known]
    people = await tx.contacts.get_many(draft.employee_id for draft in new)
    await suppressing.look_up(tx, people.values())
    sent_before = await tx.documents(SentBefore).get_many(draft.id for draft in new)
    for draft in new:
        if messages.need_not_go(draft, sent_before):
            tx.save(messages.gone_before(draft, tx.now))
            continue
        await send_off(tx, draft.having(**_because(tx.cause, draft)), await tx.contact(draft.employee_id))


def _because(cause: Cause | None, draft: Message) -> dict[str, Any]:
    """What a message is to know of what led to it; a private one is joined to nothing."""
    if cause is None:
        return {}
    if draft.kind in PRIVATE_KINDS:
        return {"change_id": cause.change_id}
    began = cause.staff_change
    return {
        "change_id": cause.change_id,
        "correlation_id": cause.correlation_id,
        "causation_id": cause.id,
        "staff_change": StaffChange(kind=began.kind, at=began.at) if began else None,
    }


async def send_off(tx: NotificationsTransaction, draft: Message, contact: Contact | None) -> None:
    """Put one message on its way as far as it gets now."""
    message = await _routed(tx, draft, contact)
    if message.state is State.pending:
        await _let_settle(tx, message, contact)
        return
    if message.state is State.waiting:
        contact = contact or Contact(id=message.employee_id)
        tx.save(contact.having(waiting=contact.waiting + 1), Timer.of(WAITED_TOO_LONG, message.id, message.deadline))
    keep(tx, message)


async def _routed(tx: NotificationsTransaction, message: Message, contact: Contact | None) -> Message:
    """Where a message goes: nowhere if mails to her come back."""
    routed = messages.routed(message, contact, tx.now, tx.today)
    if routed.state is State.pending and await suppressing.is_suppressed(tx, contact):
        for counter in counters(routed, "suppressed"):
            tx.count(counter)
        return messages.ended(routed, State.failed, reasons.SUPPRESSED)
    return routed


async def _let_settle(tx: NotificationsTransaction, message: Message, contact: Contact | None) -> None:
    """Keep a message until it may go, or let it go at once. One timer a person brings together what settles."""
    batch = await tx.documents(Timer).get(timer_id(SETTLED, message.employee_id))
    since = datetime.fromisoformat(batch.data["since"]) if batch else tx.now
    at = calm.departure(message, tx.calm, tx.now, since)
    if at <= tx.now:
        _render(tx, message, contact)
        return
    latest = calm.halfway(message)
    if batch:
        latest = min(latest, datetime.fromisoformat(batch.data["latest"]))
        at = max(tx.now, min(max(at, batch.due_at), latest))
    data = {"since": since.isoformat(), "latest": latest.isoformat()}
    tx.save(message.having(release_at=at), Timer.of(SETTLED, message.employee_id, at, **data))


async def let_go(tx: NotificationsTransaction, employee_id: str) -> None:
    """Let go what has settled for one person: one mail to read for all news, silent updates of the calendar.

    Whether it may go is asked again: after a standstill it may be night.
    """
    settled = [message for message in await tx.messages.pending_to(employee_id) if not message.held_back]
    since = tx.now - calm.LONGEST_SETTLING * tx.calm.settling
    waiting = {one.id: at for one in settled if (at := calm.departure(one, tx.calm, tx.now, since)) > tx.now}
    _wait(tx, employee_id, [one.having(release_at=waiting[one.id]) for one in settled if one.id in waiting])
    ready = [one for one in settled if one.id not in waiting]
    read = await tx.messages.released_since(employee_id, tx.calm.week_of(tx.now)) if tx.calm.a_week else 0
    await _depart(tx, employee_id, calm.departures(ready, tx.calm, tx.now, read))


def _wait(tx: NotificationsTransaction, employee_id: str, waiting: Sequence[Message]) -> None:
    """Let messages that have settled wait until mails go again."""
    if waiting:
        at = min(one.release_at or tx.now for one in waiting)
        data = {"since": tx.now.isoformat(), "latest": min(map(calm.halfway, waiting)).isoformat()}
        tx.save(*waiting, Timer.of(SETTLED, employee_id, at, **data))


async def let_go_what_was_held_back(tx: NotificationsTransaction, employee_id: str) -> None:
    """A new week: tell in one mail what could wait for it; after a standstill, when mails go again."""
    at = tx.calm.next_open(tx.now)
    if at > tx.now:
        tx.save(Timer.of(NEXT_WEEK, employee_id, at))
        return
    held = [message for message in await tx.messages.pending_to(employee_id) if message.held_back]
    entries = await tx.invitations.of_person(employee_id)
    await _depart(tx, employee_id, calm.digest(held, {entry.uid: entry.sequence for entry in entries}, tx.now))


async def _depart(tx: NotificationsTransaction, employee_id: str, departures: calm.Departures) -> None:
    contact = await tx.contact(employee_id)
    for message in departures.going:
        routed = await _routed(tx, message, contact)
        if routed.state is State.pending:
            _render(tx, routed, contact)
        else:
            keep(tx, routed)
    for message in departures.told_by_others:
        keep(tx, message)
    for message in departures.held_back:
        tx.save(message, Timer.of(NEXT_WEEK, employee_id, message.release_at or tx.now))


def _render(tx: NotificationsTransaction, message: Message, contact: Contact | None) -> None:
    """Make the bytes of a message; from now on the sender has it."""
    card = contact.best_card if contact else None
    if card is None or message.contents is None:
        raise ValueError("a message without a contact or contents has no bytes: it must wait")
    content = tx.mailroom.render(message.id, message.contents, card, tx.now)
    tx.save(Letter(id=message.id, address=tx.mailroom.address_of(card), content=content))
    keep(tx, messages.rendered(message, content, tx.now))
    tx.wake_sender()


def withdraw(tx: NotificationsTransaction, before: Message, message: Message) -> None:
    """Write down that a message will not be sent any more."""
    if before.state is State.waiting:
        tx.cancel_timer(WAITED_TOO_LONG, before.id)
    keep(tx, message)


def keep(tx: NotificationsTransaction, message: Message) -> None:
    """Write down what has become of a message, and tell others if it is over."""
    tx.save(message, *messages.news(message))
    is_with_office = message.kind == FORWARDED and message.state is State.sent
    if is_with_office or (message.is_over and message.kind in PRIVATE_KINDS):
        tx.forget_letter(message.id)
