"""Looking after what places promise: what is broken is written down, told once, and made whole where it can be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.notifications.commands.calendars import bring_person_in_line, invite_anew
from services.notifications.commands.posting import send_off
from services.notifications.commands.suppressing import is_suppressed, look_up
from services.notifications.model import Letter, Membership, Message, Promise, Standing, State
from services.notifications.rules import calendars, promises
from services.notifications.rules.calendars import Seat
from services.notifications.rules.promises import Flaw, Remedy, Sent
from services.notifications.store import NotificationsTransaction


@dataclass(frozen=True, slots=True)
class Owed:
    """One promise to one person; `seat` is that of an invite."""

    promise: Promise
    place: Membership
    regarding: str
    message_id: str | None
    seat: Seat | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """How many promises were looked at, and how many of them that had been broken are kept again."""

    looked_at: int
    healed: int


async def check(tx: NotificationsTransaction, cohort_ids: Sequence[str]) -> Checked:
    """Look after all that is promised to the members of some cohorts."""
    places = await tx.memberships.promised(cohort_ids)
    owed = [*await _invites(tx, cohort_ids, places), *await _offers(tx, cohort_ids, places)]
    flaws = await _flaws(tx, owed)
    found = [promises.breach(one.promise, one.place, one.regarding, flaw, tx.now) for one, flaw in flaws]
    known = await tx.breaches.get_many(breach.id for breach in found)
    for breach in found:
        before = known.get(breach.id)
        if kept := promises.noted(before, breach):
            tx.save(kept, *promises.news(before, kept))
    healed = await _close(tx, cohort_ids, {breach.id for breach in found})
    for one, flaw in flaws:
        await _heal(tx, one, flaw)
    return Checked(len(owed), healed)


async def _invites(tx: NotificationsTransaction, cohort_ids: Sequence[str], places: Sequence[Membership]) -> list[Owed]:
    sessions = [one for one in await tx.sessions.of_cohorts(cohort_ids) if one.appointment.starts_at > tx.now]
    cohorts = await tx.cohorts.get_many(cohort_ids)
    entries = await tx.invitations.of_sessions(one.id for one in sessions)
    newest = {(entry.session_id, entry.employee_id): entry for entry in entries}
    owed = []
    for place in places:
        for session in (one for one in sessions if one.cohort_id == place.cohort_id):
            entry = newest.get((session.id, place.employee_id))
            seat = Seat(place, session, cohorts.get(session.cohort_id), entry)
            if seat.is_hers:
                owed.append(Owed(Promise.invite, place, session.id, entry.message_id if entry else None, seat))
    return owed


async def _offers(tx: NotificationsTransaction, cohort_ids: Sequence[str], places: Sequence[Membership]) -> list[Owed]:
    cohorts = await tx.cohorts.get_many(cohort_ids)
    off = {cohort.id for cohort in cohorts.values() if cohort.cancelled}
    return [
        Owed(Promise.offer, place, place.cohort_id or "", place.offer_id)
        for place in places
        if place.standing is Standing.offered and place.cohort_id not in off
    ]


def _may_need_letter(message: Message) -> bool:
    return message.state is not State.sent or message.bounced_at is not None


async def _flaws(tx: NotificationsTransaction, owed: Sequence[Owed]) -> list[tuple[Owed, Flaw]]:
    """What is broken. Nothing is promised to somebody who has left: enrolment is about to hear of it, too."""
    await look_up(tx, (await tx.contacts.get_many(one.place.employee_id for one in owed)).values())
    told = await tx.messages.get_many(one.message_id for one in owed if one.message_id)
    letters = await tx.letters.get_many(message.id for message in told.values() if _may_need_letter(message))
    flaws = []
    for one in owed:
        contact = await tx.contact(one.place.employee_id)
        card = contact.best_card if contact else None
        works = card is not None and not await is_suppressed(tx, contact)
        sent = _sent(one, told, letters, card.email if card and works else None)
        flaw = promises.broken_invite(one.seat, sent, tx.now) if one.seat else promises.broken_offer(sent, tx.now)
        if flaw is not None and not (contact and contact.has_left(tx.today)):
            flaws.append((one, flaw))
    return flaws


def _sent(one: Owed, told: Mapping[str, Message], letters: Mapping[str, Letter], address: str | None) -> Sent:
    letter = letters.get(one.message_id or "")
    return Sent(told.get(one.message_id or ""), letter.address if letter else None, address)


async def _close(tx: NotificationsTransaction, cohort_ids: Sequence[str], broken: set[str]) -> int:
    """Write down which promises are kept again, or are none any more."""
    kept = [each for each in await tx.breaches.open_in(cohort_ids) if each.id not in broken]
    tx.save(*(each.having(healed_at=tx.now) for each in kept))
    return len(kept)


async def _heal(tx: NotificationsTransaction, one: Owed, flaw: Flaw) -> None:
    entry = one.seat.invitation if one.seat else None
    if flaw.remedy is Remedy.bring_in_line:
        await bring_person_in_line(tx, one.place)
    elif flaw.remedy is Remedy.new_round and entry:
        await invite_anew(tx, entry.id)
    elif flaw.remedy is Remedy.render and one.seat and (draft := calendars.again(one.seat, tx.now)):
        await send_off(tx, draft, await tx.contact(draft.employee_id))
