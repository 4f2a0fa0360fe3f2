"""What enrolment says: programmes, cohorts and sessions, and every decision about a person's place."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.events.base import Event, Fact, Id, Line, LocalisedText, Reason, registered
from shared.events.hr import EmployeeChanged, UnitChanged


class ModuleFact(Fact):
    """A part of a programme: `hours` long, `after_days` days after the first session."""

    code: Id
    title: LocalisedText
    kind: str
    hours: float
    after_days: int


class SessionFact(Fact):
    """One meeting of a cohort. `version` rises with every change of the session."""

    session_id: Id
    version: int
    module: Id
    title: LocalisedText
    kind: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    location: Line


class EvaluationFact(Fact):
    """Which instruments are asked in which waves."""

    instruments: tuple[str, ...]
    waves: tuple[str, ...]


class EnrolmentEvent(Event):
    """A fact of enrolment; `change_id` joins all that follows from one change, so that a person hears of it once."""

    change_id: Id | None = None


@registered
class GoalRevised(EnrolmentEvent):
    """A municipal goal has been set or reworded."""

    type: ClassVar[str] = "enrolment.goal.revised.v1"
    about: ClassVar[str] = "goal_id"

    goal_id: Id
    text: LocalisedText
    valid_from: date | None = None
    valid_to: date | None = None


class ProgrammeFacts(EnrolmentEvent):
    """A programme as it reads in one revision; `version` is the revision."""

    about: ClassVar[str] = "programme"

    programme: Id
    title: LocalisedText
    purpose: LocalisedText
    goals: tuple[Id, ...]
    modules: tuple[ModuleFact, ...]
    evaluation: EvaluationFact


@registered
class ProgrammePublished(ProgrammeFacts):
    """A programme exists: its first revision."""

    type: ClassVar[str] = "enrolment.programme.published.v1"


@registered
class ProgrammeRevised(ProgrammeFacts):
    """A programme reads differently from now on; `addresses` are the recommendations it answers."""

    type: ClassVar[str] = "enrolment.programme.revised.v1"

    addresses: tuple[Id, ...] = ()


@registered
class ProgrammeRetired(EnrolmentEvent):
    """A programme takes no more people."""

    type: ClassVar[str] = "enrolment.programme.retired.v1"
    about: ClassVar[str] = "programme"

    programme: Id


@registered
class CohortScheduled(EnrolmentEvent):
    """A cohort of a programme has its sessions; it keeps the programme's `revision`."""

    type: ClassVar[str] = "enrolment.cohort.scheduled.v1"
    about: ClassVar[str] = "cohort_id"

    cohort_id: Id
    programme: Id
    revision: int
    title: LocalisedText
    sessions: tuple[SessionFact, ...]
    evaluation: EvaluationFact


@registered
class CohortCancelled(EnrolmentEvent):
    """A cohort will not take place."""

    type: ClassVar[str] = "enrolment.cohort.cancelled.v1"
    about: ClassVar[str] = "cohort_id"

    cohort_id: Id
    reason: Reason


@registered
class CohortCompleted(EnrolmentEvent):
    """A cohort's last session is held and everybody's participation is decided."""

    type: ClassVar[str] = "enrolment.cohort.completed.v1"
    about: ClassVar[str] = "cohort_id"

    cohort_id: Id
    programme: Id
    completed: tuple[Id, ...]


class SessionEvent(EnrolmentEvent):
    """Something happened to one session; `version` is the cohort's."""

    about: ClassVar[str] = "cohort_id"

    cohort_id: Id
    programme: Id
    title: LocalisedText
    session: SessionFact


@registered
class SessionRescheduled(SessionEvent):
    """A session got another time or location; `session` is how it stands now."""

    type: ClassVar[str] = "enrolment.session.rescheduled.v1"

    previous_starts_at: AwareDatetime
    previous_location: Line


@registered
class SessionCancelled(SessionEvent):
    """A session will not take place."""

    type: ClassVar[str] = "enrolment.session.cancelled.v1"

    reason: Reason


@registered
class SessionHeld(SessionEvent):
    """A session took place; `attended` were there. Recorded again, the newest version counts."""

    type: ClassVar[str] = "enrolment.session.held.v1"

    attended: tuple[Id, ...]
    last: bool


class PlaceEvent(EnrolmentEvent):
    """A decision about one person's place in a programme; `version` is the place's."""

    about: ClassVar[str] = "place_id"

    place_id: Id
    employee_id: Id
    programme: Id
    title: LocalisedText


@registered
class PersonQueued(PlaceEvent):
    """A person waits for a place, because of `reason`."""

    type: ClassVar[str] = "enrolment.person.queued.v1"

    reason: Reason


@registered
class PersonSkipped(PlaceEvent):
    """She has no seat in `cohort_id` because of `reason`, though somebody further back in the queue got one before her,
    or a seat stays free."""

    type: ClassVar[str] = "enrolment.person.skipped.v1"

    cohort_id: Id
    reason: Reason


class CohortPlaceEvent(PlaceEvent):
    """A decision about a place in a cohort, with the sessions that it is about."""

    cohort_id: Id
    sessions: tuple[SessionFact, ...]


@registered
class PlaceApprovalRequested(PlaceEvent):
    """Before she can be offered a place, `approver_id` is asked whether she may go; none: the programme office is.

    `round` rises each time somebody else is asked, and only the newest `answer_url` works. If nobody has answered by
    `answer_by`, the next manager above is asked. `escalated`: the one asked is not her own line manager. `reason` says
    why she waits for the programme, in words for the one who is asked.
    """

    type: ClassVar[str] = "enrolment.place.approval_requested.v1"

    approver_id: Id | None
    answer_url: str | None = None
    reason: Reason | None = None
    round: int = 1
    answer_by: AwareDatetime | None = None
    escalated: bool = False


@registered
class PlaceOffered(CohortPlaceEvent):
    """A place is hers if she says so by `answer_by`; `answer_url` is her signed link."""

    type: ClassVar[str] = "enrolment.place.offered.v1"

    answer_by: AwareDatetime
    answer_url: str


@registered
class PlaceConfirmed(CohortPlaceEvent):
    """She belongs to the cohort. `round` rises when she comes back after having been out; `excused` are the sessions
    that she need not attend, since she attended them with an earlier cohort."""

    type: ClassVar[str] = "enrolment.place.confirmed.v1"

    round: int = 1
    excused: tuple[Id, ...] = ()


@registered
class PlaceDeclined(CohortPlaceEvent):
    """She has said no; the seat goes to the next in the queue."""

    type: ClassVar[str] = "enrolment.place.declined.v1"


@registered
class PlaceExpired(CohortPlaceEvent):
    """She did not answer in time; the seat goes to the next in the queue."""

    type: ClassVar[str] = "enrolment.place.expired.v1"


@registered
class PlaceWithdrawn(PlaceEvent):
    """She is out: from the queue (no cohort), from an offer, or from a cohort she belonged to."""

    type: ClassVar[str] = "enrolment.place.withdrawn.v1"

    cohort_id: Id | None = None
    was: Literal["queued", "offered", "confirmed", "paused"]
    reason: Reason


@registered
class PlacePaused(CohortPlaceEvent):
    """She is away for a while and her seat is free; what she has attended is kept as credit."""

    type: ClassVar[str] = "enrolment.place.paused.v1"

    reason: Reason


@registered
class PlaceCompleted(CohortPlaceEvent):
    """She attended enough sessions: she has completed the programme."""

    type: ClassVar[str] = "enrolment.place.completed.v1"

    completed_on: date | None = None
    hours: float | None = None
    modules: tuple[Id, ...] = ()


@registered
class NetworkFormed(EnrolmentEvent):
    """The people who completed together are a network from now on."""

    type: ClassVar[str] = "enrolment.network.formed.v1"
    about: ClassVar[str] = "network_id"

    network_id: Id
    cohort_id: Id
    members: tuple[Id, ...]
    contact: Id | None = None


@registered
class NetworkChanged(EnrolmentEvent):
    """Somebody has joined or left a network, or another of them is its contact: how it stands now."""

    type: ClassVar[str] = "enrolment.network.changed.v1"
    about: ClassVar[str] = "network_id"

    network_id: Id
    cohort_id: Id
    members: tuple[Id, ...]
    contact: Id | None = None


@registered
class StaffImportHeld(Event):
    """A snapshot would change so many people that an operator has to look at it first."""

    type: ClassVar[str] = "enrolment.staff_import.held.v1"
    about: ClassVar[str] = "snapshot_id"

    snapshot_id: Id
    staff_changed: int
    managers_changed: int


@registered
class StaffImportApplied(Event):
    """A snapshot has been reconciled with the staff register."""

    type: ClassVar[str] = "enrolment.staff_import.applied.v1"
    about: ClassVar[str] = "snapshot_id"

    snapshot_id: Id
    staff_changed: int
    managers_changed: int


class Missing(Fact):
    """Somebody who is not in a snapshot and so has left; `version` is the one of her record, and not used up by it."""

    employee_id: Id
    version: int
    last_day: date


@registered
class StaffReconciled(Event):
    """A portion of a snapshot has been reconciled with the staff register; only what really changed is in it.

    Each record counts as HR's own word with its version; somebody who was missing from an older snapshot is there again
    with the version that she had. Of two snapshots the one with the later `taken_at` decides who is missing.
    """

    type: ClassVar[str] = "enrolment.staff_import.reconciled.v1"
    about: ClassVar[str] = "snapshot_id"

    snapshot_id: Id
    taken_at: AwareDatetime
    page: int
    changed: tuple[EmployeeChanged, ...] = ()
    units: tuple[UnitChanged, ...] = ()
    missing: tuple[Missing, ...] = ()


class Erasure(Event):
    """Answer to `hr.employee.erased`: what was erased, what is kept, and why."""

    about: ClassVar[str] = "employee_id"

    employee_id: Id
    erased: tuple[str, ...]
    kept: tuple[Reason, ...]


@registered
class ErasureCompleted(Erasure):
    """Enrolment has erased a person."""

    type: ClassVar[str] = "enrolment.privacy.erasure_completed.v1"


class Heartbeat(Event):
    """A beat that goes through all services, so that one sees whether events do. `started_at` is the machine's time."""

    about: ClassVar[str] = "beat_id"

    beat_id: Id
    started_at: AwareDatetime


@registered
class HeartbeatStarted(Heartbeat):
    """A minute has gone: a beat is on its way."""

    type: ClassVar[str] = "enrolment.heartbeat.started.v1"
