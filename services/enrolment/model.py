"""What enrolment keeps: frozen documents of employees, units, programmes, cohorts and places."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from services.enrolment.programme_file import ProgrammeFile
from shared.events.base import Fact, LocalisedText, Reason
from shared.events.hr import EmployeeChanged, EmployeeLeft
from shared.model import Document

PlaceState = Literal["queued", "offered", "confirmed", "completed", "declined", "expired", "withdrawn", "paused"]
OPEN: frozenset[PlaceState] = frozenset({"queued", "offered", "confirmed", "paused"})
"""States in which a person's place in a programme is not decided once and for all."""
SEATED: frozenset[PlaceState] = frozenset({"offered", "confirmed"})
"""States in which a place takes up a seat in a cohort."""

StaffFact = EmployeeChanged | EmployeeLeft


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
    left: bool = False
    on_leave: bool = False
    upcoming: tuple[StaffFact, ...] = ()
    """What HR has told and whose day has not come."""
    open_places: tuple[str, ...] = ()
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


class Session(Fact):
    """One meeting of a cohort; `attended` is none until attendance has been recorded."""

    session_id: str
    version: int
    module: str
    title: LocalisedText
    kind: str
    starts_at: datetime
    ends_at: datetime
    location: str
    attended: tuple[str, ...] | None = None

    @property
    def held(self) -> bool:
        """Whether attendance has been recorded."""
        return self.attended is not None


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
    state: Literal["scheduled", "composed", "completed"] = "scheduled"
    sessions: tuple[Session, ...]
    seats: tuple[str, ...] = ()
    department_limit: int | None = None
    """How many from one department may sit here; decided at composition, holds for every later seat."""
    seed: int = 0
    result_url: str | None = None

    @property
    def first_session(self) -> Session:
        """The session that comes first in time."""
        return min(self.sessions, key=lambda session: session.starts_at)

    def session(self, session_id: str) -> Session | None:
        """The session of that id, if it belongs to the cohort."""
        return next((session for session in self.sessions if session.session_id == session_id), None)


class Decision(Fact):
    """Something that was decided about a place, and why if that needs saying."""

    at: datetime
    state: PlaceState
    reason: Reason | None = None


class Skip(Fact):
    """A time when somebody further back in the queue got a seat before her."""

    at: datetime
    cohort_id: str
    reason: Reason


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
    priority: int = 0
    queued_at: datetime
    cohort_id: str | None = None
    offers: int = 0
    """How many times it has been offered; a link is good for one of them."""
    answer_by: datetime | None = None
    confirmed_at: datetime | None = None
    history: tuple[Decision, ...]
    skips: tuple[Skip, ...] = ()
    undelivered: Reason | None = None
    """Why the offer could not be delivered to her, if it could not."""

    @property
    def in_line(self) -> tuple[int, datetime, str]:
        """Where she stands in the queue, before any lot is drawn."""
        return self.priority, self.queued_at, self.id
