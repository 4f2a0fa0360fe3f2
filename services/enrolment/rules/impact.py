"""What a change leads to, told from its rehearsal: whom it touches, what they hear, what clashes, which rules break."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from services.enrolment.model import Cohort, Place, Session
from services.enrolment.rules.group_rules import BrokenRule
from services.enrolment.rules.reasons import LeftEmployment
from shared.events import Event
from shared.events.base import Fact, Reason
from shared.events.enrolment import (
    CohortCancelled,
    CohortScheduled,
    PersonQueued,
    PersonSkipped,
    PlaceApprovalRequested,
    PlaceEvent,
    PlaceWithdrawn,
    SessionCancelled,
    SessionRescheduled,
)
from shared.workdays import WorkCalendar

MANY = 100
"""A change that touches more people than this is approved with their number."""
MANY_OF_ALL = 0.25
"""So is one that touches a larger share of all managers than this, if they are more than a group or two."""
A_FEW = 20


class Moment(Fact):
    """When and where a session is, and what it is called."""

    starts_at: datetime
    ends_at: datetime
    location: str
    title: str


class SessionTouched(Fact):
    """A session that is not as it was."""

    session_id: str
    cohort_id: str
    what: Literal["added", "changed", "cancelled"]
    before: Moment | None = None
    after: Moment | None = None


class CohortTouched(Fact):
    """A cohort that is not as it was."""

    cohort_id: str
    programme: str
    members: int
    state: str
    revision: int


class PersonTouched(Fact):
    """Somebody who notices the change: by a mail (`told`), or because her place is another."""

    employee_id: str
    told: bool
    because: tuple[str, ...]
    """Names of the facts that are about her, such as PlaceOffered."""


class Decided(Fact):
    """A decision about somebody's place, with its reason."""

    employee_id: str
    place_id: str
    reason: Reason


class ShorterDeadline(Fact):
    """An open offer that must be answered earlier."""

    employee_id: str
    place_id: str
    before: datetime
    after: datetime


class Clash(Fact):
    """Somebody who is to be elsewhere, or away, at the time of a session that is added or moved."""

    employee_id: str
    session_id: str
    other: str
    """The other session's id, or `leave`."""
    on: date


class Radius(Fact):
    """How many people there are for a change to touch."""

    waiting_and_seated: int
    managers: int


class Impact(Fact):
    """All that a change leads to. `mails` is how many people are written to: one mail a person and change, at most."""

    cohorts: tuple[CohortTouched, ...] = ()
    sessions: tuple[SessionTouched, ...] = ()
    people: tuple[PersonTouched, ...] = ()
    queued: tuple[Decided, ...] = ()
    withdrawn: tuple[Decided, ...] = ()
    deadlines: tuple[ShorterDeadline, ...] = ()
    clashes: tuple[Clash, ...] = ()
    broken: tuple[BrokenRule, ...] = ()
    concerns: tuple[str, ...] = ()
    of: Radius

    @property
    def touched(self) -> int:
        """How many people notice it."""
        return len(self.people)

    @property
    def mails(self) -> int:
        """How many people are written to."""
        return sum(person.told for person in self.people)

    @property
    def share(self) -> float:
        """How large a share it touches of all who wait or have a seat; more than 1 if it queues others."""
        return self.touched / max(self.of.waiting_and_seated, 1)

    @property
    def confirm_people(self) -> int | None:
        """The number of people that must be named when it is approved; none if it touches few."""
        many_of_all = self.touched > A_FEW and self.touched > MANY_OF_ALL * self.of.managers
        return self.touched if self.touched > MANY or many_of_all else None

    @property
    def fingerprint(self) -> str:
        """The same for two impacts that are the same in all that the office decides by."""
        content = self.model_dump_json(exclude={"of"})
        return hashlib.sha256(content.encode()).hexdigest()[:20]


class Rehearsed(NamedTuple):
    """What a rehearsal has shown: what would be said, and every cohort and place before and after."""

    announced: Sequence[Event]
    cohorts: Sequence[tuple[Cohort | None, Cohort | None]]
    places: Sequence[tuple[Place | None, Place | None]]
    members: dict[str, tuple[str, ...]]
    """Those who belong to each touched cohort, before or after."""


def sessions_touched(cohorts: Iterable[tuple[Cohort | None, Cohort | None]]) -> tuple[SessionTouched, ...]:
    """The sessions that come, change or go, first in time first."""
    found = []
    for before, after in cohorts:
        old = {session.session_id: session for session in before.sessions} if before else {}
        for session in after.sessions if after else ():
            what = _what_became_of(old.get(session.session_id), session)
            if after and what:
                found.append(
                    SessionTouched(
                        session_id=session.session_id,
                        cohort_id=after.id,
                        what=what,
                        before=_moment(old.get(session.session_id)),
                        after=_moment(session) if what != "cancelled" else None,
                    )
                )
    return tuple(sorted(found, key=_when))


def on_odd_days(sessions: Iterable[SessionTouched], zone: ZoneInfo, calendar: WorkCalendar) -> tuple[str, ...]:
    """What the office should look at: sessions that would be held when nobody works, or nobody is to meet."""
    days = [(each.session_id, each.after.starts_at.astimezone(zone).date()) for each in sessions if each.after]
    return tuple(
        f"{session_id} would be on {day}, a day on which nobody"
        f" {'is to meet' if calendar.is_working_day(day) else 'works'}: choose another if that is not meant"
        for session_id, day in days
        if not calendar.is_meeting_day(day)
    )


def _when(touched: SessionTouched) -> tuple[datetime, str]:
    moment = touched.after or touched.before
    if moment is None:
        raise AssertionError(f"{touched.session_id} neither was nor is")
    return moment.starts_at, touched.session_id


def _what_became_of(old: Session | None, new: Session) -> Literal["added", "changed", "cancelled"] | None:
    if old is None:
        return "added"
    if old.cancelled is None and new.cancelled is not None:
        return "cancelled"
    return "changed" if _moment(old) != _moment(new) else None


def _moment(session: Session | None) -> Moment | None:
    if session is None:
        return None
    return Moment(
        starts_at=session.starts_at, ends_at=session.ends_at, location=session.location, title=session.title.sv
    )


def people_touched(rehearsed: Rehearsed) -> tuple[PersonTouched, ...]:
    """Everybody about whom something would be said or decided, and whether she is written to."""
    because: dict[str, list[str]] = {}
    told: set[str] = set()
    with_news = {touched.cohort_id for touched in sessions_touched(rehearsed.cohorts)}
    for event in rehearsed.announced:
        for employee_id in _about(event, rehearsed.members):
            names = because.setdefault(employee_id, [])
            if type(event).__name__ not in names:
                names.append(type(event).__name__)
            if _is_written_about(event, with_news):
                told.add(employee_id)
    return tuple(
        PersonTouched(employee_id=who, told=who in told, because=tuple(sorted(names)))
        for who, names in sorted(because.items())
    )


def _about(event: Event, members: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    if isinstance(event, PlaceApprovalRequested):
        return (event.approver_id,) if event.approver_id else ()
    if isinstance(event, PlaceEvent):
        return (event.employee_id,)
    if isinstance(event, CohortScheduled | CohortCancelled | SessionCancelled | SessionRescheduled):
        return members.get(event.cohort_id, ())
    return ()


def _is_written_about(event: Event, with_news: Collection[str]) -> bool:
    """Whether notifications may write to those concerned. Waiting, and ceasing to wait, is shown and not mailed; of a
    schedule is written only where a session of it is not as it was (`with_news`: those cohorts)."""
    if isinstance(event, CohortScheduled):
        return event.cohort_id in with_news
    if isinstance(event, PersonQueued | PersonSkipped):
        return False
    if isinstance(event, PlaceWithdrawn):
        return event.was != "queued" and event.reason.code != LeftEmployment.__name__
    return True


def queued(announced: Iterable[Event]) -> tuple[Decided, ...]:
    """Who would wait, and why."""
    return tuple(_decided(event) for event in announced if isinstance(event, PersonQueued))


def withdrawn(announced: Iterable[Event]) -> tuple[Decided, ...]:
    """Who would be out, and why."""
    return tuple(_decided(event) for event in announced if isinstance(event, PlaceWithdrawn))


def _decided(event: PersonQueued | PlaceWithdrawn) -> Decided:
    return Decided(employee_id=event.employee_id, place_id=event.place_id, reason=event.reason)


def shorter_deadlines(places: Iterable[tuple[Place | None, Place | None]]) -> tuple[ShorterDeadline, ...]:
    """Open offers that must be answered earlier."""
    return tuple(
        ShorterDeadline(
            employee_id=after.employee_id, place_id=after.id, before=before.answer_by, after=after.answer_by
        )
        for before, after in places
        if before and after and before.answer_by and after.answer_by and after.answer_by < before.answer_by
    )
