"""What notifications adds to a trace: mails and how they fared, answers from calendars, broken promises, addresses that
nothing is sent to. A reminder of a survey is not among them, as nowhere."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.notifications.model import Breach, Invitation, Message, Suppression
from services.notifications.records import Records
from shared.trace import Kind, Step


class MailStory:
    """Tells what was said to somebody or about something."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def tell(self, wanted: str) -> list[Step]:
        """All that is known about a person, a place, a mail, a change or a chain of events."""
        place = await self._records.membership(wanted)
        who = place.employee_id if place else wanted
        entries = await self._records.entries_of(who)
        if place:
            entries = [entry for entry in entries if entry.place_id == wanted]
            messages = await self._records.about_place(who, wanted, [entry.uid for entry in entries])
        else:
            messages = await self._records.about(wanted)
        breaches = await self._records.breaches_of(who)
        suppressed = [] if place else await self._records.suppressions_of(who)
        return [
            *(step for message in messages for step in _life_of(message)),
            *(step for entry in entries for step in _answer(entry)),
            *(step for one in breaches if not place or one.place_id == wanted for step in _breach(one)),
            *(_suppression(one) for one in suppressed),
        ]


def _life_of(message: Message) -> Iterator[Step]:
    why = message.reason.code if message.reason else ""
    yield _of(message, message.created_at, "made", f"now {message.state}" + (f", {why}" if why else ""))
    if message.sent_at:
        resent = f"resent {message.resent} times" if message.resent else ""
        yield _of(message, message.sent_at, "taken by the mail server", resent)
    if message.bounced_at:
        yield _of(message, message.bounced_at, "came back", why)


def _of(message: Message, at: datetime, what: str, outcome: str) -> Step:
    """One moment of a mail's life: it was made because of an event, all else because of the mail."""
    cause = message.causation_id if what == "made" else message.id
    joined = {"causation_id": cause, "correlation_id": message.correlation_id}
    about = [one for one in (message.employee_id, message.regarding, message.told_in) if one]
    return _step("mail", at, f"{message.kind} {what}", outcome, message.id, *about, **joined)


def _answer(entry: Invitation) -> Iterator[Step]:
    if entry.answer and entry.answered_at:
        about = (entry.employee_id, entry.place_id, entry.session_id)
        yield _step("answer", entry.answered_at, "from her calendar", entry.answer, entry.id, *about)


def _breach(breach: Breach) -> Iterator[Step]:
    about = (breach.place_id, breach.employee_id, breach.regarding)
    yield _step(
        "promise", breach.since, f"{breach.promise} promised", f"broken, {breach.reason.code}", breach.id, *about
    )
    if breach.healed_at:
        yield _step("promise", breach.healed_at, f"{breach.promise} promised", "kept again", breach.id, *about)


def _suppression(one: Suppression) -> Step:
    what = "nothing is sent to her address any more"
    return _step("mail", one.since, what, one.status, one.message_id, one.employee_id, causation_id=one.message_id)


def _step(kind: Kind, at: datetime, what: str, outcome: str, about: str, *concerns: str, **cause: Any) -> Step:
    return Step(
        service="notifications", at=at, kind=kind, what=what, outcome=outcome, id=about, concerns=concerns, **cause
    )
