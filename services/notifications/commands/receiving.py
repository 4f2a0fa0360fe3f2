"""What is done about a mail that has come in, whichever door it took."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from services.notifications import forwarding
from services.notifications.commands.suppressing import suppress
from services.notifications.contents import FORWARDED, UNTOLD_KINDS
from services.notifications.invites import Mailbox
from services.notifications.metrics import counters
from services.notifications.model import Invitation, Letter, Message, Received, State
from services.notifications.rules import messages, reasons, replies, resending
from services.notifications.rules.bounces import Bounce
from services.notifications.rules.incoming import Incoming, Kind
from services.notifications.rules.replies import FromCalendar, Refusal
from services.notifications.rules.trust import Gate
from services.notifications.store import NotificationsTransaction
from shared.events.notifications import InvitationAnswered

FORWARD_FOR = timedelta(days=7)
"""How long it is tried to pass a letter on to the office; after that it is shown as expired, with its bytes."""
REFRESH_AFTER = timedelta(hours=1)
"""How old a letter must be before a calendar that asks for it gets it again."""
NOT_WORTH_A_LOOK = frozenset({Refusal.older, Refusal.of_another_time})
"""Answers that nobody need hear of: a newer one counts, or she has been asked anew."""


OUTCOMES: Mapping[Kind, tuple[str, ...]] = {
    "reply": ("accepted", "declined", "tentative", *Refusal),
    "counter": ("forwarded", *Refusal),
    "refresh": ("on_its_way", "sent_again", *Refusal),
    "bounce": ("unknown_message", "delayed", "bounced", "suppressed"),
    "automatic": ("dropped",),
    "human": ("forwarded",),
}
"""What can come of a mail of each kind that has not come before."""


@dataclass(frozen=True, slots=True)
class Reception:
    """Who vouches for whom, and where letters from people go."""

    gate: Gate
    office: Mailbox


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail as it came in: its bytes, its envelope as far as it is known, and when, by real time."""

    raw: bytes
    seen_at: datetime
    sender: str | None = None
    recipients: tuple[str, ...] = ()


async def take_in(tx: NotificationsTransaction, arrival: Arrival, mail: Incoming, reception: Reception) -> Received:
    """Do what a mail asks for, once; what came of it. The same mail again has the outcome `known`."""
    key = sha256(arrival.raw).hexdigest()
    known = await tx.documents(Received).get(key)
    if known is not None:
        return known.having(outcome="known")
    outcome, message_id = await _act(tx, mail, arrival.raw, reception)
    received = Received(
        id=key,
        kind=mail.kind,
        outcome=outcome,
        received_at=tx.now,
        seen_at=arrival.seen_at,
        message_id=message_id,
    )
    tx.save(received)
    return received


async def _act(
    tx: NotificationsTransaction, mail: Incoming, raw: bytes, reception: Reception
) -> tuple[str, str | None]:
    if mail.kind == "automatic":
        return "dropped", None
    if isinstance(mail.told, Bounce):
        return await _keep_bounce(tx, mail.told), mail.told.message_id
    if isinstance(mail.told, FromCalendar):
        return await _hear(tx, mail, mail.told, raw, reception)
    if isinstance(mail.told, Refusal):
        return _refused(tx, mail, mail.told, raw, reception)
    return "forwarded", _forward(tx, mail, raw, forwarding.LETTER, reception)


async def _hear(
    tx: NotificationsTransaction, mail: Incoming, told: FromCalendar, raw: bytes, reception: Reception
) -> tuple[str, str | None]:
    """What a calendar says, if it says so for whoever the entry belongs to."""
    entry = await tx.invitations.with_uid(told.uid)
    addresses = await _addresses(tx, entry) if entry else []
    refused = replies.refusal(told, mail.mail, entry, addresses, reception.gate)
    if refused is not None or entry is None:
        return _refused(tx, mail, refused or Refusal.unknown_entry, raw, reception)
    if mail.kind == "counter":
        return "forwarded", _forward(tx, mail, raw, forwarding.PROPOSAL, reception)
    if mail.kind == "refresh":
        return await _send_again(tx, entry), entry.message_id
    answer = replies.answer(told, entry, tx.now)
    if isinstance(answer, Refusal):
        return _refused(tx, mail, answer, raw, reception)
    _keep_answer(tx, entry, answer)
    return answer.said, entry.message_id


async def _addresses(tx: NotificationsTransaction, entry: Invitation) -> list[str]:
    """Where she has been invited: the address of the last letter, and the one that she has now."""
    letter = await tx.documents(Letter).get(entry.message_id) if entry.message_id else None
    contact = await tx.contact(entry.employee_id)
    card = contact.best_card if contact else None
    return [*([letter.address] if letter else []), *([tx.mailroom.address_of(card)] if card else [])]


def _keep_answer(tx: NotificationsTransaction, entry: Invitation, answer: replies.Answer) -> None:
    """Her calendar shows the answer already, so nothing is sent: an answer that is answered makes two machines talk."""
    tx.save(
        entry.having(answer=answer.said, answered_at=answer.answered_at, answer_wanted=False),
        InvitationAnswered(
            version=entry.sequence + 1,
            place_id=entry.place_id,
            employee_id=entry.employee_id,
            session_id=entry.session_id,
            answer=answer.said,
            answered_at=answer.answered_at,
        ),
    )


async def _send_again(tx: NotificationsTransaction, entry: Invitation) -> str:
    """A calendar has lost an entry and asks for it: the same bytes once more."""
    message = await tx.messages.get(entry.message_id) if entry.message_id else None
    was_sent = message is not None and message.state is State.sent and message.sent_at is not None
    if message is None or not was_sent or tx.now < (message.sent_at or tx.now) + REFRESH_AFTER:
        return "on_its_way"
    tx.save(resending.again(message))
    tx.wake_sender()
    return "sent_again"


async def _keep_bounce(tx: NotificationsTransaction, bounce: Bounce) -> str:
    message = await tx.messages.get(bounce.message_id) if bounce.message_id else None
    if message is None:
        return "unknown_message"
    if not bounce.is_final:
        return "delayed"
    told = messages.bounced(message, reasons.bounced(bounce.status, hard=bounce.is_hard), tx.now)
    if told is None:
        return "known"
    tx.save(told[0], *(() if message.kind in UNTOLD_KINDS else told[1:]))
    for counter in counters(message, "bounced"):
        tx.count(counter)
    if not bounce.is_hard or message.kind == FORWARDED:
        return "bounced"
    await suppress(tx, message, bounce.status)
    return "suppressed"


def _refused(
    tx: NotificationsTransaction, mail: Incoming, why: Refusal, raw: bytes, reception: Reception
) -> tuple[str, str | None]:
    """It does not count. A person believes that she has answered, so the office is told; never about a machine's."""
    if why in NOT_WORTH_A_LOOK or mail.by_machine:
        return why.value, None
    return why.value, _forward(tx, mail, raw, forwarding.uncounted(why), reception)


def _forward(tx: NotificationsTransaction, mail: Incoming, raw: bytes, lead: str, reception: Reception) -> str:
    key = sha256(raw).hexdigest()
    message_id = sha256(f"{FORWARDED}|{key}".encode()).hexdigest()[:40]
    content = forwarding.forwarded(
        mail.mail,
        raw,
        lead,
        sender=tx.mailroom.sender,
        office=reception.office,
        message_id=message_id,
        date=tx.now,
    )
    letter = Message(
        id=message_id,
        kind=FORWARDED,
        employee_id="office",
        regarding=key[:40],
        order_key=message_id,
        state=State.pending,
        deadline=tx.now + FORWARD_FOR,
        created_at=tx.now,
    )
    tx.save(
        messages.rendered(letter, content, tx.now),
        Letter(id=message_id, address=reception.office.address, content=content),
    )
    tx.wake_sender()
    return message_id
