"""Steps that several doors take: load, decide, save."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from services.notifications.model import (
    PRIVATE_KINDS,
    Contact,
    ExpiredMail,
    Invitation,
    Letter,
    Membership,
    Message,
    ReminderMail,
    SessionView,
    Standing,
    State,
    WithdrawnMail,
)
from services.notifications.rules import calendars, contacts, messages, places, reasons, times
from services.notifications.rules.messages import Pauses, Verdict
from services.notifications.store import NotificationsTransaction
from shared.events import LocalisedText
from shared.events.enrolment import PlaceWithdrawn, SessionFact
from shared.model import Timer

CONTACT_CHANGES = "contact_changes"
REMINDER, WAITED_TOO_LONG = "reminder", "waited_too_long"

EXPIRY_NOTICE = timedelta(days=7)
"""How long after an offer expired, or was withdrawn, it still makes sense to say so."""


async def post(tx: NotificationsTransaction, drafts: Sequence[Message]) -> None:
    """Let messages go on their way, wait for the person's contact, or end; one that exists already is left alone."""
    known = await tx.messages.get_many(draft.id for draft in drafts)
    await tx.contacts.get_many(draft.employee_id for draft in drafts)
    for draft in drafts:
        if draft.id not in known:
            _send_off(tx, draft, await tx.contact(draft.employee_id))


def _send_off(tx: NotificationsTransaction, draft: Message, contact: Contact | None) -> None:
    message = messages.routed(draft, contact, tx.now, tx.today)
    card = contact.best_card if contact else None
    if message.state is State.pending and card and message.contents:
        content = tx.mailroom.render(message.id, message.contents, card, tx.now)
        message = messages.rendered(message, content)
        tx.save(Letter(id=message.id, address=tx.mailroom.address_of(card), content=content))
        tx.wake_sender()
    if message.state is State.waiting:
        contact = contact or Contact(id=message.employee_id)
        tx.save(contact.having(waiting=contact.waiting + 1), Timer.of(WAITED_TOO_LONG, message.id, message.deadline))
    tx.save(message, *messages.news(message))


async def keep_contact(tx: NotificationsTransaction, before: Contact | None, contact: Contact) -> None:
    """Write the contact book, and act on what has changed about whether she can be reached."""
    tx.save(contact)
    _look_again(tx, before, contact)
    if contact.has_left(tx.today):
        for message in await tx.messages.unsent_to(contact.id):
            _withdraw(tx, message, messages.ended(message, State.withdrawn, reasons.LEFT))
    elif contact.best_card is not None and contact.waiting:
        tx.save(contact.having(waiting=0))
        for message in await tx.messages.unsent_to(contact.id):
            if message.state is State.waiting:
                tx.cancel_timer(WAITED_TOO_LONG, message.id)
                _send_off(tx, message, contact)


def _look_again(tx: NotificationsTransaction, before: Contact | None, contact: Contact) -> None:
    """One timer a person, on the next day that changes something about writing to her."""
    day = contacts.next_day(contact, tx.today)
    if day:
        tx.save(Timer.of(CONTACT_CHANGES, contact.id, times.start_of(day, tx.zone)))
    elif before is not None and contacts.next_day(before, tx.today):
        tx.cancel_timer(CONTACT_CHANGES, contact.id)


def _withdraw(tx: NotificationsTransaction, before: Message, message: Message) -> None:
    if before.state is State.waiting:
        tx.cancel_timer(WAITED_TOO_LONG, before.id)
    _keep(tx, message)


def _keep(tx: NotificationsTransaction, message: Message) -> None:
    """Write down what has become of a message, and tell others if it is over."""
    tx.save(message, *messages.news(message))
    if message.is_over and message.kind in PRIVATE_KINDS:
        tx.forget_letter(message.id)


async def withdraw_offer(tx: NotificationsTransaction, membership: Membership) -> Message | None:
    """The offer that was made to her, taken back if it has not been sent."""
    offer = await tx.messages.get(membership.offer_id) if membership.offer_id else None
    if offer is not None and offer.is_unsent:
        taken_back = messages.ended(offer, State.withdrawn, reasons.NO_LONGER_TRUE)
        _withdraw(tx, offer, taken_back)
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
        _withdraw(tx, question, messages.ended(question, State.withdrawn, reasons.NO_LONGER_TRUE))


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


async def learn_sessions(
    tx: NotificationsTransaction, cohort_id: str, programme: LocalisedText, facts: Sequence[SessionFact]
) -> bool:
    """Keep sessions as an event told them and bring calendars in line; whether any of it was news."""
    known = await tx.sessions.get_many(fact.session_id for fact in facts)
    told = [places.newest(known.get(fact.session_id), cohort_id, programme, fact) for fact in facts]
    return await keep_sessions(tx, [session for session in told if session is not None])


async def keep_sessions(tx: NotificationsTransaction, sessions: Sequence[SessionView]) -> bool:
    """Keep sessions that have changed and bring the calendars of their cohort in line; whether there were any."""
    for session in sessions:
        tx.save(session)
        remind_at = times.reminder_at(session.appointment.starts_at, tx.zone)
        if session.cancelled or remind_at <= tx.now:
            tx.cancel_timer(REMINDER, session.id)
        else:
            tx.save(Timer.of(REMINDER, session.id, remind_at))
    if sessions:
        members = await tx.memberships.of_cohort(sessions[0].cohort_id)
        entries = await tx.invitations.of_sessions(session.id for session in sessions) if members else []
        await _bring_in_line(tx, members, sessions, entries)
    return bool(sessions)


async def bring_person_in_line(tx: NotificationsTransaction, membership: Membership) -> None:
    """Let her calendar show the sessions of the cohort that she belongs to, and no longer those that she left."""
    entries = await tx.invitations.of_person(membership.employee_id)
    sessions = {entry.session_id for entry in entries if entry.place_id == membership.id}
    wanted = await tx.sessions.of_cohort(membership.cohort_id) if membership.cohort_id else []
    known = await tx.sessions.get_many(sessions)
    await _bring_in_line(tx, [membership], list({**known, **{view.id: view for view in wanted}}.values()), entries)


async def bring_cohort_in_line(tx: NotificationsTransaction, cohort_id: str) -> None:
    """Let the calendars of all members show what has become of the cohort."""
    members = await tx.memberships.of_cohort(cohort_id)
    sessions = await tx.sessions.of_cohort(cohort_id)
    entries = await tx.invitations.of_sessions(session.id for session in sessions)
    await _bring_in_line(tx, members, sessions, entries)


async def _bring_in_line(
    tx: NotificationsTransaction,
    members: Iterable[Membership],
    sessions: Sequence[SessionView],
    entries: Iterable[Invitation],
) -> None:
    newest = {(entry.session_id, entry.employee_id): entry for entry in entries}
    mails = [mail for entry in newest.values() for mail in (entry.message_id, entry.reminder_id) if mail]
    told = await tx.messages.get_many(mails)
    cohorts = await tx.cohorts.get_many(session.cohort_id for session in sessions)
    drafts: list[Message] = []
    for member in members:
        for session in sessions:
            entry = newest.get((session.id, member.employee_id))
            message = told.get(entry.message_id) if entry and entry.message_id else None
            seat = calendars.Seat(member, session, cohorts.get(session.cohort_id), entry, message)
            revision = calendars.revise(seat, tx.now, tx.mailroom.sender.domain)
            if revision is not None:
                reminder = told.get(entry.reminder_id) if entry and entry.reminder_id else None
                newest[session.id, member.employee_id] = _keep_invitation(tx, entry, revision.invitation, reminder)
                drafts += _keep_revision(tx, revision, message)
    await post(tx, drafts)


def _keep_invitation(
    tx: NotificationsTransaction, before: Invitation | None, after: Invitation, reminder: Message | None
) -> Invitation:
    """Write down a revision; a reminder of what was before it is not sent any more."""
    if before and after.sequence > before.sequence and reminder and reminder.is_unsent:
        _withdraw(tx, reminder, messages.ended(reminder, State.withdrawn, reasons.NO_LONGER_TRUE))
        after = after.having(reminder_id=None)
    tx.save(after)
    return after


def _keep_revision(
    tx: NotificationsTransaction, revision: calendars.Revision, last: Message | None
) -> tuple[Message, ...]:
    if revision.superseded is not None and last is not None:
        _withdraw(tx, last, revision.superseded)
    return () if revision.draft is None else (revision.draft,)


async def remind(tx: NotificationsTransaction, session: SessionView) -> None:
    """Remind everybody whose calendar shows the session; once per session and person, wherever it has been moved."""
    entries = await tx.invitations.of_sessions([session.id])
    newest = {entry.employee_id: entry for entry in entries}
    drafts = []
    for entry in newest.values():
        if entry.method == "REQUEST" and entry.reminder_id is None:
            reminder = messages.draft(
                ReminderMail(appointment=session.appointment),
                employee_id=entry.employee_id,
                regarding=session.id,
                key=f"reminder|{entry.uid}|{entry.sequence}",
                deadline=session.appointment.starts_at,
                now=tx.now,
            )
            tx.save(entry.having(reminder_id=reminder.id))
            drafts.append(reminder)
    await post(tx, drafts)


async def record_attempts(
    tx: NotificationsTransaction, attempts: Mapping[str, Verdict], sender: Callable[[Message], bool], pauses: Pauses
) -> list[Message]:
    """Keep how attempts to send ended, and tell others of those messages that are over.

    `sender` says whether a message is still in the hands of whoever tried; one that is not is decided by who has it.
    """
    found = await tx.messages.get_many(attempts)
    ended = [
        messages.after(message, attempts[message.id], tx.now, pauses) for message in found.values() if sender(message)
    ]
    kept = [await _if_still_to_be_said(tx, message) for message in ended]
    for message in kept:
        _keep(tx, message)
    return kept


async def _if_still_to_be_said(tx: NotificationsTransaction, message: Message) -> Message:
    """The message; withdrawn if the relay has put it off and meanwhile nobody wants it to be sent any more."""
    if not message.is_unsent:
        return message
    contact = await tx.contact(message.employee_id)
    if contact is not None and contact.has_left(tx.today):
        return messages.ended(message, State.withdrawn, reasons.LEFT)
    place = await tx.memberships.get(message.regarding) if message.kind in ("offer", "approval") else None
    if place is not None and not _still_true(message, place):
        return messages.ended(message, State.withdrawn, reasons.NO_LONGER_TRUE)
    return message


def _still_true(message: Message, place: Membership) -> bool:
    """Whether what a mail says about a place is how it stands."""
    if message.kind == "approval":
        return place.standing is Standing.asked_about and place.approval_id == message.id
    return place.standing is Standing.offered
