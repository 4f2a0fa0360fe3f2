"""What is done about each incoming event, and about each thing that is due."""

from collections.abc import Iterable

from services.notifications.commands import calendars, contact_book, offers, posting
from services.notifications.contents import OfferMail
from services.notifications.model import CohortView, Contact, Membership, Message, SessionView, Standing, State
from services.notifications.rules import contacts, messages, places, reasons
from services.notifications.store import NotificationsTransaction as Tx
from shared import heartbeat
from shared.delivery import Outcome
from shared.events.enrolment import (
    CohortCancelled,
    CohortPlaceEvent,
    CohortScheduled,
    HeartbeatStarted,
    PlaceApprovalRequested,
    PlaceCompleted,
    PlaceConfirmed,
    PlaceDeclined,
    PlaceExpired,
    PlaceOffered,
    PlacePaused,
    PlaceWithdrawn,
    SessionCancelled,
    SessionRescheduled,
    StaffReconciled,
)
from shared.events.evaluation import InvitationsRequested, RemindersRequested, WaveClosed
from shared.events.hr import EmployeeChanged, EmployeeLeft
from shared.events.notifications import HeartbeatPassed
from shared.messaging import Subscription
from shared.model import Document, Timer
from shared.timers import Timers

hr = Subscription("hr")
enrolment = Subscription("enrolment")
evaluation = Subscription("evaluation")
timers = Timers()

Loads = Iterable[tuple[type[Document], str]]


def _of_person(event: EmployeeChanged | EmployeeLeft) -> Loads:
    return [(Contact, event.employee_id)]


def _of_place(event: CohortPlaceEvent) -> Loads:
    sessions = [(SessionView, fact.session_id) for fact in event.sessions]
    return [(Membership, event.place_id), (Contact, event.employee_id), (CohortView, event.cohort_id), *sessions]


@hr.handles(EmployeeChanged, loads=_of_person)
async def keep_contact_book(event: EmployeeChanged, tx: Tx) -> Outcome | None:
    """HR tells how an employee stands now: keep where she can be reached, and send what has waited for that."""
    before = await tx.contacts.get(event.employee_id)
    contact = contacts.told(before, event, tx.today)
    if contact is None:
        return Outcome.stale
    await contact_book.keep_contact(tx, before, contact)
    return None


@hr.handles(EmployeeLeft, loads=_of_person)
async def stop_writing_to_leaver(event: EmployeeLeft, tx: Tx) -> Outcome | None:
    """An employment ends: from the day after, nothing is sent to her."""
    before = await tx.contacts.get(event.employee_id)
    contact = contacts.told(before, event, tx.today)
    if contact is None:
        return Outcome.stale
    await contact_book.keep_contact(tx, before, contact)
    return None


@enrolment.handles(
    StaffReconciled, loads=lambda event: [(Contact, each.employee_id) for each in (*event.changed, *event.missing)]
)
async def reconcile_contact_book(event: StaffReconciled, tx: Tx) -> Outcome | None:
    """A portion of a snapshot has changed the staff: keep where people can be reached, and write to nobody who left."""
    news = False
    for told in event.changed:
        before = await tx.contacts.get(told.employee_id)
        if contact := contacts.reconciled(before, told, event.taken_at, tx.today):
            await contact_book.keep_contact(tx, before, contact)
            news = True
    for gone in event.missing:
        before = await tx.contacts.get(gone.employee_id)
        if contact := contacts.missing(before, gone.version, gone.last_day, event.taken_at):
            await contact_book.keep_contact(tx, before, contact)
            news = True
    return None if news else Outcome.stale


@enrolment.handles(HeartbeatStarted)
async def pass_heartbeat_on(event: HeartbeatStarted, tx: Tx) -> None:
    """A beat has come: pass it on to evaluation."""
    await heartbeat.came_to("notifications", event, tx)
    tx.save(HeartbeatPassed(version=event.version, beat_id=event.beat_id, started_at=event.started_at))


@timers.due(contact_book.CONTACT_CHANGES)
async def turn_page_of_contact_book(timer: Timer, tx: Tx) -> None:
    """A day has come for which HR had told something about her."""
    before = await tx.contacts.get(timer.subject)
    if before is not None:
        await contact_book.keep_contact(tx, before, contacts.on_its_day(before, tx.today))


@enrolment.handles(CohortScheduled)
async def learn_cohort(event: CohortScheduled, tx: Tx) -> Outcome | None:
    """A cohort has its sessions: know them, so that the newest of them is told whatever comes in which order."""
    news = await calendars.learn_sessions(tx, event.cohort_id, event.title, event.sessions)
    return None if news else Outcome.stale


@enrolment.handles(SessionRescheduled)
async def move_calendar_entries(event: SessionRescheduled, tx: Tx) -> Outcome | None:
    """A session has another time or place: the same entry in each member's calendar moves."""
    news = await calendars.learn_sessions(tx, event.cohort_id, event.title, [event.session])
    return None if news else Outcome.stale


@enrolment.handles(SessionCancelled)
async def cancel_calendar_entries(event: SessionCancelled, tx: Tx) -> Outcome | None:
    """A session will not take place: it leaves each member's calendar."""
    before = await tx.sessions.get(event.session.session_id)
    session = places.newest(before, event.cohort_id, event.title, event.session, event.reason)
    if session is None:
        return Outcome.stale
    await calendars.keep_sessions(tx, [session])
    return None


@enrolment.handles(CohortCancelled)
async def cancel_cohort(event: CohortCancelled, tx: Tx) -> None:
    """A cohort will not take place: all its sessions leave the calendars, and offers that were not sent are not made.
    For good, so order does not matter."""
    tx.save(CohortView(id=event.cohort_id, cancelled=True, reason=event.reason))
    await calendars.bring_cohort_in_line(tx, event.cohort_id)
    for membership in await tx.memberships.of_cohort(event.cohort_id):
        if membership.standing is Standing.offered:
            await offers.withdraw_offer(tx, membership)


@enrolment.handles(
    PlaceApprovalRequested, loads=lambda event: [(Membership, event.place_id), (Contact, event.employee_id)]
)
async def ask_whether_she_may_go(event: PlaceApprovalRequested, tx: Tx) -> Outcome | None:
    """A manager is asked about somebody: send the link; whoever was asked before is not asked any more."""
    membership = places.stands(await tx.memberships.get(event.place_id), event, Standing.asked_about)
    if membership is None:
        return Outcome.stale
    about = await tx.contact(event.employee_id)
    await offers.ask_for_approval(tx, membership, messages.question(event, about, tx.now))
    return None


@enrolment.handles(PlaceOffered, loads=_of_place)
async def offer_place(event: PlaceOffered, tx: Tx) -> Outcome | None:
    """A place is hers if she says so in time: tell her, with the link and the deadline."""
    membership = places.stands(await tx.memberships.get(event.place_id), event, Standing.offered)
    if membership is None:
        return Outcome.stale
    sessions = tuple(places.appointment(event.title, fact) for fact in event.sessions)
    offer = messages.draft(
        OfferMail(programme=event.title, sessions=sessions, answer_by=event.answer_by, answer_url=event.answer_url),
        employee_id=event.employee_id,
        regarding=event.place_id,
        key=f"offer|{event.place_id}|{event.version}",
        deadline=event.answer_by,
        now=tx.now,
    )
    tx.save(membership.having(offer_id=offer.id))
    await offers.withdraw_question(tx, membership)
    await calendars.learn_sessions(tx, event.cohort_id, event.title, event.sessions)
    cohort = await tx.cohorts.get(event.cohort_id)
    if cohort is None or not cohort.cancelled:
        await posting.post(tx, [offer])
    return None


@enrolment.handles(PlaceExpired, loads=_of_place)
async def tell_of_expiry(event: PlaceExpired, tx: Tx) -> Outcome | None:
    """She did not answer in time: say so, if the offer reached her."""
    membership = places.stands(await tx.memberships.get(event.place_id), event, Standing.expired)
    if membership is None:
        return Outcome.stale
    tx.save(membership)
    await offers.tell_of_expiry(tx, membership, event.title)
    return None


@enrolment.handles(PlaceConfirmed, loads=_of_place)
async def put_sessions_into_calendar(event: PlaceConfirmed, tx: Tx) -> Outcome | None:
    """She belongs to the cohort: each session still to come gets an entry in her calendar."""
    membership = places.stands(await tx.memberships.get(event.place_id), event, Standing.confirmed)
    if membership is None:
        return Outcome.stale
    tx.save(membership)
    await calendars.learn_sessions(tx, event.cohort_id, event.title, event.sessions)
    await calendars.bring_person_in_line(tx, membership)
    return None


@enrolment.handles(PlaceDeclined, loads=_of_place)
async def respect_her_no(event: PlaceDeclined, tx: Tx) -> Outcome | None:
    """She has said no, perhaps after a yes: what is to come leaves her calendar."""
    return await _take_out(event, tx, Standing.declined)


@enrolment.handles(PlaceWithdrawn, loads=lambda event: [(Membership, event.place_id), (Contact, event.employee_id)])
async def take_out(event: PlaceWithdrawn, tx: Tx) -> Outcome | None:
    """She is out: what is to come leaves her calendar, and an offer that was not sent is not made. Of one that was sent
    she hears that it holds no longer."""
    before = await tx.memberships.get(event.place_id)
    outcome = await _take_out(event, tx, Standing.withdrawn)
    if outcome is None and before and before.standing is Standing.offered:
        await offers.tell_of_withdrawal(tx, before, event)
    return outcome


@enrolment.handles(PlacePaused, loads=_of_place)
async def pause(event: PlacePaused, tx: Tx) -> Outcome | None:
    """She is away for a while: what is to come leaves her calendar."""
    return await _take_out(event, tx, Standing.paused)


@enrolment.handles(PlaceCompleted, loads=_of_place)
async def hand_over_diploma(event: PlaceCompleted, tx: Tx) -> None:
    """She has completed the programme: congratulate her, and give her the diploma. Her calendar stays as it is."""
    membership = await tx.memberships.get(event.place_id)
    await posting.post(tx, [messages.diploma(event, membership, tx.now, tx.today)])


async def _take_out(event: CohortPlaceEvent | PlaceWithdrawn, tx: Tx, standing: Standing) -> Outcome | None:
    membership = places.stands(await tx.memberships.get(event.place_id), event, standing)
    if membership is None:
        return Outcome.stale
    tx.save(membership)
    await offers.withdraw_offer(tx, membership)
    await offers.withdraw_question(tx, membership)
    await calendars.bring_person_in_line(tx, membership)
    return None


def _of_asked(event: InvitationsRequested | RemindersRequested) -> Loads:
    return [(Contact, recipient.employee_id) for recipient in event.recipients]


@evaluation.handles(InvitationsRequested, loads=_of_asked)
async def ask_to_answer(event: InvitationsRequested, tx: Tx) -> None:
    """A wave is open: each person gets her own link, once."""
    await posting.post(tx, messages.surveys(event, tx.now))


@evaluation.handles(RemindersRequested, loads=_of_asked)
async def remind_to_answer(event: RemindersRequested, tx: Tx) -> None:
    """Some have not answered: they get their links once more, if the wave is still open."""
    if tx.now < event.closes_at:
        await posting.post(tx, messages.surveys(event, tx.now))


@evaluation.handles(WaveClosed)
async def ask_no_more(event: WaveClosed, tx: Tx) -> None:
    """A wave can not be answered any more, perhaps because its group will not meet: what has not gone stays here."""
    for message in await tx.messages.unsent(regarding=event.wave_id):
        posting.withdraw(tx, message, messages.ended(message, State.withdrawn, reasons.NO_LONGER_TRUE))


@timers.due(calendars.REMINDER)
async def remind_of_session(timer: Timer, tx: Tx) -> None:
    """A session is two working days away."""
    session = await tx.sessions.get(timer.subject)
    if session is not None and not session.cancelled and session.appointment.starts_at > tx.now:
        await calendars.remind(tx, session)


@timers.due(posting.SETTLED)
async def tell_what_has_settled(timer: Timer, tx: Tx) -> None:
    """The news for one person has settled: it goes, as one mail to read."""
    await posting.let_go(tx, timer.subject)


@timers.due(posting.NEXT_WEEK)
async def tell_what_was_held_back(timer: Timer, tx: Tx) -> None:
    """A new week has begun for somebody who had many mails in the last."""
    await posting.let_go_what_was_held_back(tx, timer.subject)


@timers.due(posting.WAITED_TOO_LONG)
async def give_up_waiting(timer: Timer, tx: Tx) -> None:
    """A message has waited for somebody's contact until it made no sense any more."""
    message = await tx.messages.get(timer.subject)
    if message is not None and message.state is State.waiting:
        expired: Message = messages.ended(message, State.expired, reasons.TOO_LATE)
        tx.save(expired, *messages.news(expired))
