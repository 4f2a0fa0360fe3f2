"""Letting messages go on their way, and taking them back while that is possible."""

from collections.abc import Sequence

from services.notifications.commands import suppressing
from services.notifications.contents import FORWARDED, PRIVATE_KINDS
from services.notifications.model import Contact, Letter, Message, State
from services.notifications.rules import messages, reasons
from services.notifications.store import NotificationsTransaction
from shared.model import Timer

WAITED_TOO_LONG = "waited_too_long"


async def post(tx: NotificationsTransaction, drafts: Sequence[Message]) -> None:
    """Let messages go on their way, wait for the person's contact, or end; one that exists already is left alone."""
    known = await tx.messages.get_many(draft.id for draft in drafts)
    people = await tx.contacts.get_many(draft.employee_id for draft in drafts)
    await suppressing.look_up(tx, people.values())
    for draft in drafts:
        if draft.id not in known:
            await send_off(tx, draft, await tx.contact(draft.employee_id))


async def send_off(tx: NotificationsTransaction, draft: Message, contact: Contact | None) -> None:
    """Put one message on its way as far as it gets today."""
    message = messages.routed(draft, contact, tx.now, tx.today)
    if message.state is State.rendered and await suppressing.is_suppressed(tx, contact):
        message = messages.ended(message, State.failed, reasons.SUPPRESSED)
    card = contact.best_card if contact else None
    if message.state is State.rendered and card and message.contents:
        content = tx.mailroom.render(message.id, message.contents, card, tx.now)
        message = messages.rendered(message, content)
        tx.save(Letter(id=message.id, address=tx.mailroom.address_of(card), content=content))
        tx.wake_sender()
    if message.state is State.waiting:
        contact = contact or Contact(id=message.employee_id)
        tx.save(contact.having(waiting=contact.waiting + 1), Timer.of(WAITED_TOO_LONG, message.id, message.deadline))
    tx.save(message, *messages.news(message))


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
