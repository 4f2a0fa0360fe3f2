"""What enrolment keeps: frozen documents of employees, units, programmes, cohorts and places."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from pydantic import Field

from services.enrolment.programme_file import ProgrammeFile
from shared.events.base import Fact, LocalisedText, Reason
from shared.events.hr import EmployeeChanged, EmployeeLeft, Level, UnitChanged
from shared.model import Document

PlaceState = Literal["queued", "offered", "confirmed", "completed", "declined", "expired", "withdrawn", "paused"]
OPEN: frozenset[PlaceState] = frozenset({"queued", "offered", "confirmed", "paused"})
"""States in which a person's place in a programme is not decided once and for all."""
SEATED: frozenset[PlaceState] = frozenset({"offered", "confirmed"})
"""States in which a place takes up a seat in a cohort."""

RETURNING, PRIORITISED, ORDINARY = 1, 2, 3
"""Classes of priority in the queue, first to last: back after a pause or a lost group; put first by the office; all."""

StaffFact = EmployeeChanged | EmployeeLeft


class CareerNote(Fact):
    """Something that changed for a person in her work, in words: what her timeline shows of it."""

    at: datetime
    on: date
    """The day from which it holds."""
    what: Reason


class Standing(Fact):
    """What one fact from HR said about her level: from which day, until when, or (no level) that she has left."""

    since: date
    version: int
    level: Level | None
    until: date | None = None


class Employee(Document):
    """A person as HR has told us she stands, today and on coming days, and where she stands in programmes.

    Her department is not kept: it follows from her unit when it is asked for.
    """

    collection: ClassVar[str] = "employees"

    version: int = 0
    """Version of the fact from HR that holds today."""
    record: EmployeeChanged | None = None
    """How she stands, or stood when she left; none while all that is known about her lies ahead, or that she left."""
    level_since: date | None = None
    levels: tuple[Standing, ...] = ()
    """What the newest facts said about her level, in whatever order they came: `level_since` follows from them."""
    left: bool = False
    on_leave: bool = False
    missing_version: int | None = None
    """The version she had when a snapshot lacked her, and so had left. HR's next version brings her back, and so does a
    newer snapshot that has her."""
    told_at: datetime | None = None
    """When the newest fact about her reached us: a snapshot that was taken before says nothing about her."""
    upcoming: tuple[StaffFact, ...] = ()
    """What HR has told and whose day has not come."""
    career: tuple[CareerNote, ...] = ()
    erased: bool = False
    """Whether everything that names her is gone; only her id is kept, so that nothing late brings her back."""
    alumni_since: datetime | None = None
    """When she chose to be on the list of all who have completed a programme."""
    open_places: tuple[str, ...] = ()
    offers: int = 0
    """How many seats she has been offered. Every offer writes this, so that the database refuses the second of two
    that do not see each other, or of one and what HR says of her."""
    completed: tuple[str, ...] = ()
    """Codes of the programmes that she has completed."""
    places: dict[str, int] = Field(default_factory=dict)
    """How many places she has had, by programme."""


class Unit(Document):
    """A part of the organisation. One without parent is a department; one that was merged lives on in another."""

    collection: ClassVar[str] = "units"

    version: int
    name: str
    parent_id: str | None = None
    merged_into: str | None = None


class Programme(Document):
    """A programme as it reads now; its id is its code."""

    collection: ClassVar[str] = "programmes"

    revision: int
    content: ProgrammeFile
    retired: bool = False


class Revision(Document):
    """A programme as it read in one of its revisions. Id: `<programme>~<number>`."""

    collection: ClassVar[str] = "revisions"

    programme: str
    number: int
    content: ProgrammeFile
    at: datetime
    by: str | None = None
    change_id: str | None = None
    addresses: tuple[str, ...] = ()
    """Recommendations of the evaluation that it answers."""
    retired: bool = False
    """Whether the programme was brought to an end by it."""


class Recommendation(Document):
    """That a revision of a programme be changed, as evaluation has told; without revision, only its end is known."""

    collection: ClassVar[str] = "recommendations"

    version: int
    programme: str
    revision: int = 0
    url: str = ""
    state: Literal["open", "accepted", "declined", "addressed"] = "open"


class Goal(Document):
    """A goal of the municipality, as it reads now and in its period."""

    collection: ClassVar[str] = "goals"

    version: int = 1
    text: LocalisedText
    valid_from: date | None = None
    valid_to: date | None = None


class Attendance(Fact):
    """How somebody was at a session: all of it, a part of it, or not; with the hours that she was there."""

    kind: Literal["present", "part", "absent"]
    hours: float


class Correction(Fact):
    """What a record of attendance said before it was corrected."""

    at: datetime
    by: str | None = None
    before: dict[str, Attendance]


class Session(Fact):
    """One meeting of a cohort; `attendance` is none until it has been recorded."""

    session_id: str
    version: int
    module: str
    title: LocalisedText
    kind: str
    starts_at: datetime
    ends_at: datetime
    location: str
    cancelled: Reason | None = None
    attendance: dict[str, Attendance] | None = None
    corrections: tuple[Correction, ...] = ()

    @property
    def held(self) -> bool:
        """Whether attendance has been recorded."""
        return self.attendance is not None

    @property
    def attended(self) -> tuple[str, ...] | None:
        """Who was there, for all of it or a part; none until attendance has been recorded."""
        if self.attendance is None:
            return None
        return tuple(sorted(who for who, how in self.attendance.items() if how.kind != "absent"))

    @property
    def hours(self) -> float:
        """How long it is."""
        return (self.ends_at - self.starts_at).total_seconds() / 3600

    @property
    def to_come(self) -> bool:
        """Whether it will still be held, as far as anybody knows."""
        return not self.held and self.cancelled is None


class KeptSeat(Fact):
    """A seat that waits for whoever is to hold a post, since when. `place_id`: the paused place of its holder, who has
    the seat again when she is back; none: she has gone."""

    post: str
    since: datetime
    place_id: str | None = None


class Cohort(Document):
    """A group that goes through a programme together, as the programme read when the cohort was scheduled.

    `seats` are the places that are offered or confirmed. Every change of a seat writes this document, so two
    transactions can never both take the last seat: the database refuses the second.
    """

    collection: ClassVar[str] = "cohorts"

    programme: str
    revision: int
    content: ProgrammeFile
    version: int = 1
    state: Literal["scheduled", "composed", "completed", "cancelled"] = "scheduled"
    sessions: tuple[Session, ...]
    seats: tuple[str, ...] = ()
    reserved: tuple[KeptSeat, ...] = ()
    """Seats of posts whose holder has gone, or is away."""
    language: Literal["sv", "en"] | None = None
    """The language it is held in; none: everybody is fine with it."""
    facilitators: tuple[str, ...] = ()
    """Names of those who lead it and may see it."""
    seed: int = 0
    result_url: str | None = None

    @property
    def free_seats(self) -> int:
        """How many seats can be offered: neither taken nor kept for a post."""
        return self.content.group.max - len(self.seats) - len(self.reserved)

    @property
    def first_session(self) -> Session:
        """The session that comes first in time, of those that are not cancelled."""
        meetings = [session for session in self.sessions if session.cancelled is None] or list(self.sessions)
        return min(meetings, key=lambda session: session.starts_at)

    @property
    def coming(self) -> tuple[Session, ...]:
        """The sessions that are neither held nor cancelled."""
        return tuple(session for session in self.sessions if session.to_come)

    def session(self, session_id: str) -> Session | None:
        """The session of that id, if it belongs to the cohort."""
        return next((session for session in self.sessions if session.session_id == session_id), None)


class Decision(Fact):
    """Something that was decided about a place, and why if that needs saying."""

    at: datetime
    state: PlaceState
    reason: Reason | None = None
    cohort_id: str | None = None
    """The cohort that the place is in from then on, or was in when it ended."""
    note: str = ""
    """What the office wrote about it, for itself."""


class Skip(Fact):
    """A time when somebody further back in the queue got a seat before her, or a seat stayed free beside her."""

    at: datetime
    cohort_id: str
    reason: Reason


class Approval(Fact):
    """What her line manager says about her going. `approver_id`: who is asked; none: the programme office."""

    state: Literal["requested", "approved", "refused"] = "requested"
    approver_id: str | None
    round: int = 1
    """Rises each time somebody else is asked; a link is good for one of them."""
    asked_at: datetime
    answer_by: datetime | None = None
    """When the next manager above is asked instead; none once it is decided, or with the office."""
    silent: tuple[str, ...] = ()
    """Who has been asked and could not be reached, or did not answer in time: they are not asked again."""
    decided_by: str | None = None
    decided_at: datetime | None = None
    note: str = ""
    """What whoever decided wrote to it."""


class Asked(Fact):
    """Somebody who was asked whether she may go, and is not any more; `reason` says why. No approver: the office."""

    approver_id: str | None
    round: int
    asked_at: datetime
    until: datetime
    reason: Reason


class Credit(Fact):
    """A session that she attended with an earlier cohort of the programme, and need not attend again."""

    module: str
    session_id: str
    cohort_id: str
    hours: float


class CalendarAnswer(Fact):
    """What she answered from her calendar about a session that began at `starts_at` then; `at` is its own time."""

    session_id: str
    starts_at: datetime
    answer: Literal["accepted", "declined", "tentative"]
    at: datetime


class Place(Document):
    """One person's place in one programme, from the queue to its end. Id: `<programme>:<employee_id>:<n>`."""

    collection: ClassVar[str] = "places"

    employee_id: str
    programme: str
    title: LocalisedText
    version: int = 1
    state: PlaceState = "queued"
    reason: Reason
    """Why she was queued, or why it ended."""
    priority: int = ORDINARY
    queued_at: datetime
    nominated_by: str | None = None
    approval: Approval | None = None
    asked_before: tuple[Asked, ...] = ()
    """Who was asked before whoever is asked, or has decided."""
    position: str | None = None
    """The post that the place belongs to, in a programme for holders of posts."""
    acting_for: str | None = None
    """The paused place whose seat she has while its holder is away."""
    credits: tuple[Credit, ...] = ()
    round: int = 1
    """Rises each time she comes back after having been out of a cohort."""
    not_in: tuple[str, ...] = ()
    """Cohorts in which an offer was taken back from her: she is not offered a seat there again."""
    cohort_id: str | None = None
    offers: int = 0
    """How many times it has been offered; a link is good for one of them."""
    answer_by: datetime | None = None
    confirmed_at: datetime | None = None
    history: tuple[Decision, ...]
    skips: tuple[Skip, ...] = ()
    undelivered: Reason | None = None
    """Why the offer could not be delivered to her, if it could not."""
    answers: tuple[CalendarAnswer, ...] = ()
    """What she has answered from her calendar, the newest for each session."""

    @property
    def in_line(self) -> tuple[int, datetime, str]:
        """Where she stands in the queue, before any lot is drawn."""
        return self.priority, self.queued_at, self.id


class Wish(Fact):
    """What the office would like of a grouping, if the rules allow it: two people together, or apart."""

    kind: Literal["together", "apart"]
    one: str
    other: str


class Seating(Fact):
    """One group of a proposal: who would sit there, and why this mix."""

    cohort_id: str
    employees: tuple[str, ...]
    why: tuple[Reason, ...] = ()


class Unmet(Wish):
    """A wish that a proposal does not meet, and why."""

    reason: Reason


class Overlooked(Fact):
    """Somebody in the queue whom a proposal gives no seat, and why: each reason once, if it is not one everywhere."""

    employee_id: str
    cohort_id: str
    """The first group that she does not sit in for this reason."""
    reason: Reason


class Proposal(Document):
    """Groups composed from a queue that nobody has been told about; accepted, they become offers."""

    collection: ClassVar[str] = "proposals"

    version: int = 1
    programme: str
    state: Literal["proposed", "accepted"] = "proposed"
    seed: int
    wishes: tuple[Wish, ...] = ()
    groups: tuple[Seating, ...]
    passed: tuple[Overlooked, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    value: float
    """How mixed it is: pairs of people from one department who sit together, over all groups. Less is better."""
    bound: float
    """No grouping of these people by the rules can have a lower value."""
    seats_exact: bool
    """Whether it is certain that no more people could have a seat, and nobody instead of somebody behind her."""
    exact: bool
    """Whether it is certain that nothing could be better: the seats, the wishes, the mix."""
    note: str = ""
    """What the office wrote when it insisted on seats that break a rule."""
    at: datetime
    by: str | None = None

    @property
    def gap(self) -> float:
        """How far the value may be from the best possible, as a share of it: 0 is optimal."""
        return max(0.0, self.value - self.bound) / max(self.value, 1.0)


class Change(Document):
    """A change of a programme or a cohort: proposed, seen with its impact, approved, rippled or undone."""

    collection: ClassVar[str] = "changes"

    version: int = 1
    kind: str
    """Which command it is; the commands know what `command` must hold."""
    command: dict[str, Any]
    note: str = ""
    state: Literal["proposed", "approved", "applied", "undone", "failed", "dropped"] = "proposed"
    impact: dict[str, Any] = Field(default_factory=dict)
    """What it was expected to lead to when it was last looked at."""
    at: datetime
    by: str | None = None
    approved_at: datetime | None = None
    approved_by: str | None = None
    ripples_at: datetime | None = None
    """When it takes effect; until then it can be undone and nobody has heard of it."""
    applied_at: datetime | None = None
    problem: str | None = None
    """Why it could not be applied after all."""
    inverse: dict[str, Any] | None = None
    """The command that would lead back, once it has been applied; none: there is no such command."""
    undoes: str | None = None
    """The change that this one takes back."""


class Network(Document):
    """Those who completed a programme together. Id: `network:<cohort>`."""

    collection: ClassVar[str] = "networks"

    version: int = 1
    cohort_id: str
    programme: str
    title: LocalisedText
    members: tuple[str, ...]
    contact: str | None = None
    formed_at: datetime


class StaffImport(Document):
    """A snapshot of the whole staff from HR: how far it has come, and what it would change."""

    collection: ClassVar[str] = "staff_imports"

    version: int = 1
    taken_at: datetime
    pages: int
    received: tuple[int, ...] = ()
    state: Literal["arriving", "held", "applying", "applied", "rejected", "superseded"] = "arriving"
    staff_changed: int = 0
    managers_changed: int = 0
    applied_pages: int = 0
    checked_until: str = ""
    """Up to whom (by id) those who are known have been looked for in it, once all pages are applied."""
    portions: int = 0
    """In how many steps it has been applied so far."""
    reason: str | None = None
    """Why it was rejected or superseded."""
    decided_by: str | None = None
    held_at: datetime | None = None
    """Since when it has waited for a person, if it had to."""

    @property
    def complete(self) -> bool:
        """Whether all its pages are in."""
        return len(self.received) == self.pages


class StaffImportPage(Document):
    """One page of a snapshot, until it has been applied. Id: `<snapshot>~<page>`."""

    collection: ClassVar[str] = "staff_import_pages"

    snapshot_id: str
    page: int
    employees: tuple[EmployeeChanged, ...]
    units: tuple[UnitChanged, ...] = ()
