"""Promises about mails: each once, to nobody who has left, in calm."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import time, timedelta
from typing import Final

from deploy.sample.facts import Facts, Promise, none_of
from deploy.sample.invitations import Revision
from deploy.sample.mailbox import Mail
from deploy.sample.moments import ZONE, local_day

OPENS, CLOSES, SATURDAY = time(7), time(18), 5
SOON: Final = timedelta(hours=24)


def no_message_id_twice(facts: Facts) -> Promise:
    """A mail that comes again is the same mail to the last byte."""
    contents: dict[str, set[bytes]] = {}
    for mail in facts.mails:
        contents.setdefault(mail.message_id, set()).add(mail.content)
    return none_of("No Message-ID with two contents", [name for name, bodies in contents.items() if len(bodies) > 1])


def no_mail_to_leavers(facts: Facts) -> Promise:
    """Nobody gets a mail that was written after her last day."""
    wrong = []
    for mail in facts.mails:
        last_day = facts.town.last_days.get(facts.town.owners[mail.to])
        if last_day and (local_day(mail.date) > last_day or local_day(mail.seen) > last_day):
            wrong.append(f"{mail.kind} on {mail.seen:%Y-%m-%d}, last day {last_day}")
    return none_of("No mail to anybody after her last day", wrong)


def mails_keep_working_hours(facts: Facts) -> Promise:
    """Nobody is written to at night or in a weekend, unless it is about a session within a day."""
    urgent = {one.message_id for history in facts.entries.values() for one in history if _is_soon(one, history)}
    late = [mail for mail in facts.mails if not _is_in_hours(mail) and mail.message_id not in urgent]
    return none_of(
        "No mail at night or in a weekend that could wait", [f"{mail.kind} at {mail.date:%a %H:%M}" for mail in late]
    )


def news_comes_together(facts: Facts) -> Promise:
    """What is new for somebody at one moment is one mail to read."""
    overviews = Counter((mail.to, mail.date) for mail in facts.mails if mail.kind == "overview")
    return none_of(
        "No two overviews for one person at a time", [to for (to, _), count in overviews.items() if count > 1]
    )


def _is_in_hours(mail: Mail) -> bool:
    local = mail.date.astimezone(ZONE)
    return local.weekday() < SATURDAY and OPENS <= local.time() < CLOSES


def _is_soon(one: Revision, history: Sequence[Revision]) -> bool:
    """Whether the revision is about a session within a day, also one that has moved away from there."""
    return any(each.starts_at - one.stamped < SOON for each in history)


def answers_from_calendars_arrive(facts: Facts) -> Promise:
    """Each answer that a calendar sent is told once to whoever keeps the places."""
    sent = facts.did.get("answers from calendars", 0)
    told = facts.ledgers["notifications"].published("notifications.invitation.answered.v1")
    return Promise("Every answer from a calendar is known at its place", f"{sent}", f"{told}", sent == told)


RULES: Final[Sequence[Callable[[Facts], Promise]]] = (
    no_message_id_twice,
    no_mail_to_leavers,
    mails_keep_working_hours,
    news_comes_together,
    answers_from_calendars_arrive,
)
