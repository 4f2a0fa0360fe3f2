"""Mails about a place that is not hers yet: offers and questions, and taking them back."""

from datetime import timedelta

from services.notifications.commands.posting import post, withdraw
from services.notifications.contents import ExpiredMail, WithdrawnMail
from services.notifications.model import Membership, Message, State
from services.notifications.rules import messages, reasons
from services.notifications.store import NotificationsTransaction
from shared.events import LocalisedText
from shared.events.enrolment import PlaceWithdrawn

EXPIRY_NOTICE = timedelta(days=7)
"""How long after an offer expired, or was withdrawn, it still makes sense to say so."""


async def withdraw_offer(tx: NotificationsTransaction, membership: Membership) -> Message | None:
    """The offer that was made to her, taken back if it has not been sent."""
    offer = await tx.messages.get(membership.offer_id) if membership.offer_id else None
    if offer is not None and offer.is_unsent:
        taken_back = messages.ended(offer, State.withdrawn, reasons.NO_LONGER_TRUE)
        withdraw(tx, offer, taken_back)
        return taken_back
    return offer


async def ask_for_approval(tx: NotificationsTransaction, membership: Membership, question: Message | None) -> None:
    """Ask a manager whether she may go; who was asked before is not any more, and nobody is if there is no question."""
    await withdraw_question(tx, membership)
    tx.save(membership.having(approval_id=question.id if question else None))
    await post(tx, [question] if question else [])


async def withdraw_question(tx: NotificationsTransaction, membership: Membership) -> None:
    """The question whether she may go is not asked any more, if it has not been sent."""
    question = await tx.messages.get(membership.approval_id) if membership.approval_id else None
    if question is not None and question.is_unsent:
        withdraw(tx, question, messages.ended(question, State.withdrawn, reasons.NO_LONGER_TRUE))


async def tell_of_expiry(tx: NotificationsTransaction, membership: Membership, programme: LocalisedText) -> None:
    """Say that her offer has run out, if she can have seen it."""
    offer = await withdraw_offer(tx, membership)
    if offer is None or not offer.may_have_arrived:
        return
    notice = messages.draft(
        ExpiredMail(programme=programme),
        employee_id=membership.employee_id,
        regarding=membership.id,
        key=f"offer_expired|{offer.id}",
        deadline=tx.now + EXPIRY_NOTICE,
        now=tx.now,
    )
    await post(tx, [notice])


async def tell_of_withdrawal(tx: NotificationsTransaction, before: Membership, event: PlaceWithdrawn) -> None:
    """Say that her offer holds no longer, and why, if she can have seen it and works here still."""
    offer = await withdraw_offer(tx, before)
    if offer is None or not offer.may_have_arrived or event.reason.code == reasons.LEFT_EMPLOYMENT:
        return
    notice = messages.draft(
        WithdrawnMail(programme=event.title, reason=event.reason.text),
        employee_id=before.employee_id,
        regarding=before.id,
        key=f"offer_withdrawn|{offer.id}",
        deadline=tx.now + EXPIRY_NOTICE,
        now=tx.now,
    )
    await post(tx, [notice])
