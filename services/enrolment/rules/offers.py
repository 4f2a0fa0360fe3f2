"""How long a seat can be offered, by when she answers, and what the link of an offer can still do."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from services.enrolment.model import Cohort, Place, Session
from shared.events.hr import Absence
from shared.workdays import WorkCalendar

LAST_HOURS = timedelta(hours=24)
"""An offer must be answered at least this long before the first session that she is to attend."""
REFILL_UNTIL = timedelta(days=2)
"""A seat that becomes free later than this before that session stays free."""


def first_to_attend(cohort: Cohort, place: Place | None = None) -> Session:
    """The first session that the holder of the place must attend, gone by or not: for whoever has no credit, the
    group's first. Somebody who has credit for all of them is treated like everybody else."""
    done = {credit.module for credit in place.credits} if place else set()
    hers = [session for session in cohort.sessions if session.cancelled is None and session.module not in done]
    return min(hers, key=lambda session: session.starts_at) if hers else cohort.first_session


def may_fill(cohort: Cohort, now: datetime, place: Place | None = None) -> bool:
    """Whether there is still time to offer a seat of the cohort: to the holder of the place, or to a newcomer."""
    if cohort.state not in {"scheduled", "composed"} or all(session.cancelled for session in cohort.sessions):
        return False
    return first_to_attend(cohort, place).starts_at - now >= REFILL_UNTIL


def may_take_returners(cohort: Cohort, now: datetime) -> bool:
    """Whether there is a session so far ahead that somebody with credit for all before it could be offered a seat."""
    ahead = [session.starts_at for session in cohort.sessions if session.to_come]
    return cohort.state in {"scheduled", "composed"} and max(ahead, default=now) - now >= REFILL_UNTIL


def answer_deadline(cohort: Cohort, place: Place, now: datetime, calendar: WorkCalendar, zone: ZoneInfo) -> datetime:
    """When an offer made `now` must be answered: within the programme's working days, but well before her first
    session."""
    within = calendar.add_answering_days(now, cohort.content.offer.answer_within_days, zone)
    return min(within, latest_answer(cohort, place))


def latest_answer(cohort: Cohort, place: Place) -> datetime:
    """The last moment at which an offer to the holder of the place can be answered, whenever it was made."""
    return first_to_attend(cohort, place).starts_at - LAST_HOURS


Standing = Literal["open", "confirmed", "begun", "declined", "expired", "completed", "gone"]


def standing(place: Place, cohort: Cohort, round_: int, now: datetime) -> Standing:
    """What the link of one offer can still do: answer (`open`), change a yes to a no (`confirmed`), or only tell."""
    if place.offers != round_ or place.cohort_id != cohort.id:
        return "gone"
    if place.state == "offered":
        return "open" if place.answer_by and now <= place.answer_by else "expired"
    if place.state == "confirmed":
        return "confirmed" if now < first_to_attend(cohort, place).starts_at else "begun"
    if place.state in {"declined", "expired", "completed"}:
        return place.state
    return "gone"


def misses(sessions: Iterable[Session], absence: Absence) -> bool:
    """Whether a leave covers one of the sessions. Their days are taken in UTC: nobody meets around midnight."""
    return any(absence.covers(session.starts_at.date()) for session in sessions)
