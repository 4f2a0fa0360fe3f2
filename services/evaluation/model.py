"""What evaluation keeps: cohorts as it knows them, waves, invitations, responses, releases."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from services.evaluation.instruments import Item, Library, Respondents
from shared.events import LocalisedText
from shared.events.evaluation import Figure, Finding
from shared.model import Document
from shared.workdays import WorkCalendar


@dataclass(frozen=True)
class Setup:
    """What every piece of work needs besides its data; made once, in `app.py`."""

    instruments: Library
    secret: bytes
    """Master secret of the pseudonyms. It is never stored beside the responses."""
    public_url: str
    zone: ZoneInfo
    k: int
    """No result rests on fewer people than this."""
    surveys_a_quarter: int = 6
    """Nobody is asked more often than this in 90 days."""
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    """The days on which people answer."""
    keep_days: int = 30
    """So long after a cohort's last wave its raw answers and its link key are kept."""


class Part(BaseModel):
    """A frozen piece of a document."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SessionView(Part):
    """One session as the newest event tells it."""

    session_id: str
    version: int
    told_by: int
    """Version of the cohort in the event that told of it."""
    starts_at: datetime
    ends_at: datetime
    cancelled: bool = False
    recorded_by: int = 0
    """Version of the cohort in the event that recorded who attended; 0 = not recorded."""
    attended: tuple[str, ...] = ()


class Cohort(Document):
    """A cohort with its sessions; `scheduled_by` 0 means that only news about single sessions has come so far."""

    collection: ClassVar[str] = "cohorts"

    programme: str = ""
    revision: int = 0
    title: LocalisedText = LocalisedText(sv="", en="")
    instruments: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    sessions: tuple[SessionView, ...] = ()
    scheduled_by: int = 0
    last_recorded: bool = False
    """Attendance of the last session has been recorded."""
    cancelled_by: int = 0

    @property
    def meetings(self) -> tuple[SessionView, ...]:
        """The sessions that take place."""
        return tuple(session for session in self.sessions if not session.cancelled)


class Membership(Document):
    """Whether the holder of a place (its id is this id) belongs to the cohort, by the place's newest version."""

    collection: ClassVar[str] = "memberships"

    employee_id: str
    cohort_id: str | None
    belongs: bool
    version: int


class Departure(Document):
    """Somebody (her id is this id) leaves the municipality; `version` is the one of her HR record."""

    collection: ClassVar[str] = "departures"

    version: int
    last_day: date


class Standing(Part):
    """What HR has said of somebody with one version of her record; it counts from the day on which it begins."""

    version: int
    begins: date
    manager_id: str | None = None
    employed: bool = True
    last_day: date | None = None


class NotInSnapshot(Part):
    """A snapshot of the staff, taken then, lacks somebody whose record had this version."""

    version: int
    last_day: date
    taken_at: datetime


class StaffMember(Document):
    """Whom somebody (her id is this id) has as manager on which day: all that is kept here of the staff register."""

    collection: ClassVar[str] = "staff"

    said: tuple[Standing, ...] = ()
    """What counts now or will on some day to come."""
    seen_at: datetime | None = None
    """When the newest snapshot that told of her was taken."""
    missing: NotInSnapshot | None = None


class WaveState(StrEnum):
    """A wave's life: planned → open → closed; missed when it could not open in time, cancelled with its cohort."""

    planned = "planned"
    open = "open"
    closed = "closed"
    missed = "missed"
    cancelled = "cancelled"


class InstrumentRef(Part):
    """The exact wording that was asked."""

    code: str
    version: int


class DailyCount(Part):
    """Participation as it is told while a wave is open: taken at most once a day."""

    taken_on: date
    invited: int
    answered: int


PULSE = "P"
"""The wave that is asked after a session, about that session."""


class Wave(Document):
    """One cohort, or those whom its members lead, asked at one time. `version` rises with each thing announced."""

    collection: ClassVar[str] = "waves"

    wave: str
    of: Respondents = "managers"
    session_id: str | None = None
    """The session that a pulse is about."""
    cohort_id: str
    programme: str
    revision: int
    title: LocalisedText
    state: WaveState
    opens_at: datetime
    closes_at: datetime
    instruments: tuple[InstrumentRef, ...]
    version: int = 0
    size: int = 0
    """How many belonged to the cohort when it opened: nobody can have met more of them."""
    counted: DailyCount | None = None
    members_told: int = 0
    """How often something about its cohort's members was told while it was planned: opening it at the same moment,
    which reads them, meets that."""

    @property
    def is_anonymous(self) -> bool:
        """Whether no key joins the answers to those in other waves: of employees, and of a pulse, they never are."""
        return self.of == "employees" or self.wave == PULSE

    def items(self, library: Library) -> tuple[Item, ...]:
        """What is asked, in order."""
        editions = (library.edition(ref.code, ref.version) for ref in self.instruments)
        return tuple(item for one in editions for item in one.items_in(self.wave, self.of))


class InvitationStatus(StrEnum):
    """How one person's invitation to a wave stands. It never says when."""

    invited = "invited"
    answered = "answered"
    silent = "silent"
    """The wave has closed without her answer."""
    undeliverable = "undeliverable"
    withdrawn = "withdrawn"


class Invitation(Document):
    """One person asked in one wave. Its id is the hash of the token in her link; the token itself is not kept.

    Whoever has the database alone can neither read the token nor make it.
    """

    collection: ClassVar[str] = "invitations"

    wave_id: str
    employee_id: str
    manager_id: str | None = None
    """Whom an employee is asked about."""
    status: InvitationStatus = InvitationStatus.invited
    nonce: str = ""
    """Chance from which, with the link key and the secret, the token can be made again for a reminder."""
    is_new: bool = False
    """She came after the wave had opened, and has seen no reminder pass: the next one is not for her yet."""


DESTROY: Final = "destroy_answers"
"""The timer by which a cohort's answers are destroyed."""


class LinkKey(Document):
    """The random half of a cohort's link key (the id is the cohort's). Destroying it destroys every link in it."""

    collection: ClassVar[str] = "link_keys"

    salt: str


class Response(Document):
    """What somebody answered. Its id is a random UUID; it holds no time, language, address or token.

    `link` is the same for the same person in each wave of a cohort, and can be computed only with the link key. An
    anonymous wave has none. `group` stands for the manager whom an employee was asked about, in the same way.
    """

    collection: ClassVar[str] = "responses"

    wave_id: str
    cohort_id: str
    link: str | None
    group: str | None = None
    answers: dict[str, int | None]


class Comment(Document):
    """Something written in own words. Its id is random, and nothing joins it to the other answers of its writer."""

    collection: ClassVar[str] = "comments"

    wave_id: str
    cohort_id: str
    item: str
    text: str


WithheldBecause = Literal["names", "offends", "elsewhere", "empty"]


class Reading(Document):
    """That somebody at the office has read a comment (the id is the comment's) and what became of it; not its text.

    It is kept apart from the comment: what the office changes is written to the audit log with before and after.
    """

    collection: ClassVar[str] = "readings"

    wave_id: str
    item: str
    withheld: WithheldBecause | None = None
    """Why it is not to be shown; nothing when it was released."""
    final: bool = False
    """Its question has been published: nothing is decided anew."""


class PublishedComments(Document):
    """The comments on one question of a wave that a person let through, in a random order. Written once."""

    collection: ClassVar[str] = "published_comments"

    cohort_id: str
    wave: str
    item: str
    texts: tuple[str, ...]
    published_on: date


class Task(Document):
    """A task that a reader scores without knowing who wrote it, when or in which group."""

    collection: ClassVar[str] = "tasks"

    wave_id: str
    cohort_id: str
    link: str
    item: str
    text: str
    score: int | None = None
    """0 to 3, once it has been read."""


class Answers(Part):
    """What somebody has sent in: numbers, where nothing is "don't know" or skipped, and own words."""

    numbers: dict[str, int | None]
    comments: dict[str, str] = {}
    tasks: dict[str, str] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all has been answered."""
        return not self.comments and not self.tasks and all(number is None for number in self.numbers.values())


class Participation(Part):
    """How many were asked and answered in a wave; None where the number itself would point at somebody."""

    wave: str
    of: Respondents = "managers"
    asked: int | None
    answered: int | None
    pairs: int | None = None
    late: int | None = None
    """Asked here and not before the programme: they came late, and are in no pair."""


HiddenBecause = Literal["too_few", "difference", "homogeneous", "not_scored"]


class Hidden(Part):
    """A result that is not shown, and why; never how many it rested on."""

    indicator: str
    reason: HiddenBecause


class Release(Document):
    """What is published of a cohort's stage: after the programme, later, or after a session. Written once."""

    collection: ClassVar[str] = "releases"

    cohort_id: str
    stage: str = "T1"
    """The wave that it is about: T0 to T4, or P for a pulse."""
    programme: str
    revision: int
    title: LocalisedText
    k: int
    released_on: date
    figures: tuple[Figure, ...]
    hidden: tuple[Hidden, ...]
    participation: tuple[Participation, ...]
    instruments: tuple[InstrumentRef, ...]


class Destruction(Document):
    """Proof that a cohort's (its id is this id) link key and raw answers are gone, and when."""

    collection: ClassVar[str] = "destructions"

    version: int
    destroyed_at: datetime
    counts: dict[str, int | None]
    """How many documents of each kind; None where the number would point at somebody."""


class Erased(Document):
    """Somebody (her id is this id) has been erased: late news of her brings nothing back."""

    collection: ClassVar[str] = "erased"

    version: int


class Watched(Part):
    """An indicator that may be weak in a revision of a programme, as has been told."""

    revision: int
    indicator: str


class Programme(Document):
    """A programme (its code is this id) as its results stand. Whatever is decided about it writes it, so that two
    decisions at the same moment meet; `version` rises with each, and with each thing announced."""

    collection: ClassVar[str] = "programmes"

    version: int = 0
    watched: tuple[Watched, ...] = ()


class Revised(Document):
    """A revision of a programme that answers recommendations. Id: `<programme>~<revision>`."""

    collection: ClassVar[str] = "revisions"

    programme: str
    revision: int
    addresses: tuple[str, ...]


class RecommendationState(StrEnum):
    """A recommendation's life: open → accepted or declined by the office; addressed once a revision answers it."""

    open = "open"
    accepted = "accepted"
    declined = "declined"
    addressed = "addressed"


class Recommendation(Document):
    """That a revision of a programme be changed, and what the office said to it. The rule proposes, people decide."""

    collection: ClassVar[str] = "recommendations"

    version: int = 1
    programme: str
    revision: int
    title: LocalisedText
    cohort_ids: tuple[str, ...]
    release_ids: tuple[str, ...]
    rule_version: str
    findings: tuple[Finding, ...]
    recommended_on: date
    state: RecommendationState = RecommendationState.open
    decided_by: str | None = None
    decided_on: date | None = None
    reason: str | None = None
    """Why it was declined, in the office's own words."""
    addressed_by: int | None = None
    """The revision that answers it: groups of it and later ones are compared with those before."""


class Submission(StrEnum):
    """What became of a form that was sent in, or would become of it."""

    accepted = "accepted"
    empty = "empty"
    invalid = "invalid"
    already_answered = "already_answered"
    closed = "closed"
    withdrawn = "withdrawn"
    unknown = "unknown"
