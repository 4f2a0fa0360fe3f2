"""Bringing calendars in line with how things stand, and reminding of what is near."""

from collections.abc import Iterable, Sequence

from services.notifications.commands.posting import post, withdraw
from services.notifications.contents import ReminderMail
from services.notifications.model import Invitation, Membership, Message, SessionView, State
from services.notifications.rules import calendars, messages, places, reasons, times
from services.notifications.store import NotificationsTransaction
from shared.events import LocalisedText
from shared.events.enrolment import SessionFact
from shared.model import Timer

REMINDER = "reminder"


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
        remind_at = times.reminder_at(session.appointment.starts_at, tx.zone, tx.calm.calendar)
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
        withdraw(tx, reminder, messages.ended(reminder, State.withdrawn, reasons.NO_LONGER_TRUE))
        after = after.having(reminder_id=None)
    tx.save(after)
    return after


def _keep_revision(
    tx: NotificationsTransaction, revision: calendars.Revision, last: Message | None
) -> tuple[Message, ...]:
    if revision.superseded is not None and last is not None:
        withdraw(tx, last, revision.superseded)
    return () if revision.draft is None else (revision.draft,)


async def remind(tx: NotificationsTransaction, session: SessionView) -> None:
    """Remind everybody whose calendar shows the session and who has not answered there; once per session and person,
    wherever it has been moved."""
    entries = await tx.invitations.of_sessions([session.id])
    newest = {entry.employee_id: entry for entry in entries}
    drafts = []
    for entry in newest.values():
        if entry.method == "REQUEST" and entry.reminder_id is None and entry.answer is None:
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


async def invite_anew(tx: NotificationsTransaction, invitation_id: str) -> Invitation | None:
    """Take back a calendar entry, if it may stand in a calendar, and send another in its place; nothing if no such
    entry is hers or the session has begun."""
    entry = await tx.invitations.get(invitation_id)
    member = await tx.memberships.get(entry.place_id) if entry else None
    session = await tx.sessions.get(entry.session_id) if entry else None
    if entry is None or member is None or session is None:
        return None
    mails = await tx.messages.get_many(mail for mail in (entry.message_id, entry.reminder_id) if mail)
    message, reminder = mails.get(entry.message_id or ""), mails.get(entry.reminder_id or "")
    seat = calendars.Seat(member, session, await tx.cohorts.get(session.cohort_id), entry, message)
    revisions = calendars.anew(seat, tx.now, tx.mailroom.sender.domain)
    if revisions is None:
        return None
    end, begin = revisions
    _keep_invitation(tx, entry, end.invitation, reminder)
    tx.save(begin.invitation)
    await post(tx, [*_keep_revision(tx, end, message), *_keep_revision(tx, begin, None)])
    return begin.invitation
