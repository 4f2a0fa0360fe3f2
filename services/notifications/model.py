"""What this service keeps: whom it can reach, what it knows of cohorts and sessions, calendar identities, messages."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import ClassVar, Literal

from services.notifications.contents import Answered, Appointment, Contents, Part
from shared.events import Reason
from shared.model import Document

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When a message is due that need not wait: before any moment of a real clock."""


class Card(Part):
    """How to write to somebody."""

    given_name: str
    family_name: str
    email: str
    language: str

    @property
    def name(self) -> str:
        """Given name and family name."""
        return f"{self.given_name} {self.family_name}".strip()


class Word(Part):
    """What HR has said about her that holds from the day `begins`; without a card it is that she leaves."""

    version: int
    begins: date
    card: Card | None = None
    last_day: date | None = None


class Contact(Document):
    """Where an employee can be reached. `version` is HR's word that holds today, `upcoming` those that will."""

    collection: ClassVar[str] = "contacts"

    version: int = 0
    card: Card | None = None
    last_day: date | None = None
    upcoming: tuple[Word, ...] = ()
    judged_at: datetime | None = None
    """When the newest snapshot was taken that said whether she is still there."""
    waiting: int = 0
    """How many mails have begun to wait for her address. Written here, so that the address cannot come unnoticed in
    the same moment: the database refuses the second of the two transactions."""

    @property
    def best_card(self) -> Card | None:
        """How to write to her today; if that is not known, how it will be done: that is better than not at all."""
        return self.card or next((word.card for word in self.upcoming if word.card), None)

    def has_left(self, today: date) -> bool:
        """Whether her employment has ended before `today`."""
        return self.last_day is not None and self.last_day < today


class CohortView(Document):
    """A cohort as enrolment last told: only whether it still takes place matters here."""

    collection: ClassVar[str] = "cohorts"

    cancelled: bool = False
    reason: Reason | None = None


class SessionView(Document):
    """A session as the newest event told it. `version` is the session's own."""

    collection: ClassVar[str] = "sessions"

    cohort_id: str
    version: int
    appointment: Appointment
    cancelled: bool = False
    reason: Reason | None = None


class Standing(StrEnum):
    """How a person stands to a cohort, seen from her calendar. `asked_about`: whether she may go is not known yet."""

    asked_about = "asked_about"
    offered = "offered"
    confirmed = "confirmed"
    declined = "declined"
    expired = "expired"
    withdrawn = "withdrawn"
    paused = "paused"


class Membership(Document):
    """A place as enrolment last told; its id is the place's. `offer_id` is the mail that offered it, `approval_id` the
    one that asked a manager of hers whether she may go."""

    collection: ClassVar[str] = "memberships"

    version: int
    employee_id: str
    cohort_id: str | None
    standing: Standing
    round: int = 1
    offer_id: str | None = None
    approval_id: str | None = None
    excused: tuple[str, ...] = ()
    """Ids of the cohort's sessions that she need not attend: she attended the same with an earlier cohort."""


Method = Literal["REQUEST", "CANCEL"]


class Invitation(Document):
    """A calendar identity: one per session, person and round of her belonging to the cohort.

    `appointment` and `sequence` are those of the newest revision, `seen` is what may have reached her calendar.
    """

    collection: ClassVar[str] = "invitations"

    uid: str
    session_id: str
    cohort_id: str
    place_id: str
    employee_id: str
    round: int
    sequence: int
    stamped_at: datetime
    method: Method
    appointment: Appointment
    seen: Appointment | None = None
    answer_wanted: bool = False
    time_sequence: int = 0
    """SEQUENCE of the last revision that changed the time: an answer to an older one is to another time."""
    answer: Answered | None = None
    """What she has answered from her calendar, to this time."""
    answered_at: datetime | None = None
    """The newest answer's own time, to whichever time it was."""
    message_id: str | None = None
    reminder_id: str | None = None
    """The mail that reminds her of it; none if it was taken back, since then she has not been reminded."""


class State(StrEnum):
    """Where a message is in its life.

    `waiting` for the person's contact · `pending` until it may go: settled, in working hours, not too many a week ·
    `rendered`: its bytes are finished, and it is due · `leased` by a sender ·
    `transmitting`: the server has been asked to take it · `sent` · `deferred` to a later attempt · `failed` ·
    `ambiguous`: nobody knows whether the server took it · `superseded` by a newer revision · `expired` at its
    deadline · `withdrawn`: no longer to be said.
    """

    waiting = "waiting"
    pending = "pending"
    rendered = "rendered"
    leased = "leased"
    transmitting = "transmitting"
    sent = "sent"
    deferred = "deferred"
    failed = "failed"
    ambiguous = "ambiguous"
    superseded = "superseded"
    expired = "expired"
    withdrawn = "withdrawn"


UNSENT = (State.waiting, State.pending, State.rendered, State.deferred)
"""States in which no sender holds a message."""


class StaffChange(Part):
    """The staff change that a message follows from: its kind, and when HR told it."""

    kind: str
    at: datetime


class Lease(Part):
    """Which sender has taken a message, until when by the database's time."""

    owner: str
    until: datetime


class Message(Document):
    """One mail to one person, an intention first; its id is the hash of what makes it this mail and no other.

    Messages with the same `order_key` (a calendar UID) are sent in the order of `sequence`, one at a time.
    `next_at`, the lease and `data_started_at` are moments of the database's clock; the others of the domain's.
    """

    collection: ClassVar[str] = "messages"

    kind: str
    employee_id: str
    regarding: str
    order_key: str
    sequence: int = 0
    state: State
    deadline: datetime
    created_at: datetime
    change_id: str | None = None
    """The change that led to it, if it was one that somebody decided."""
    correlation_id: str | None = None
    causation_id: str | None = None
    """The first event of the chain that it belongs to, and the one that led to it; of a private message neither."""
    staff_change: StaffChange | None = None
    """The staff change that it follows from, if it does; of a private message it is not kept."""
    contents: Contents | None = None
    release_at: datetime | None = None
    """When it may go, or went on its way, if it did not at once."""
    held_back: bool = False
    """Whether it is pending because she has had many mails this week."""
    released_at: datetime | None = None
    """When it went on its way as a mail to be read; none for a silent update of a calendar."""
    told_in: str | None = None
    """The overview that tells what it would have told."""
    sha256: str | None = None
    next_at: datetime | None = None
    attempts: int = 0
    unclear: int = 0
    lease: Lease | None = None
    data_started_at: datetime | None = None
    sent_at: datetime | None = None
    reply: str | None = None
    reason: Reason | None = None
    resent: int = 0
    """How often somebody has let the same bytes be sent again."""
    bounced_at: datetime | None = None
    """When it came back after a server had taken it; `reason` says why."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        ends = (State.sent, State.failed, State.superseded, State.expired, State.withdrawn)
        return self.state in ends or (self.state is State.ambiguous and self.next_at is None)

    @property
    def is_unsent(self) -> bool:
        """Whether it is certain that no server has been given it, and no sender holds it."""
        return self.state in UNSENT and self.data_started_at is None

    @property
    def may_have_arrived(self) -> bool:
        """Whether it may have reached the person, or still may without our doing."""
        return self.state in (State.leased, State.transmitting, State.sent, State.ambiguous) or (
            self.data_started_at is not None
        )


class Letter(Document):
    """The finished bytes of a message under its id, rendered once and never changed, and the address they go to.

    Those of a private kind are forgotten when the message is over.
    """

    collection: ClassVar[str] = "letters"

    address: str
    content: bytes


class SentBefore(Document):
    """A mail that was sent before the database was restored to a time at which it was not known: its id is the mail's.

    If it is written again, it is not sent again.
    """

    collection: ClassVar[str] = "sent_before"


class Promise(StrEnum):
    """What a place promises her: an `invite` to every session to come, an `offer` while half its time is left."""

    invite = "invite"
    offer = "offer"


class Breach(Document):
    """A promise to somebody that is broken, or was until `healed_at`; it is announced once for each time it breaks.

    `regarding` is the session, or the cohort of an offer.
    """

    collection: ClassVar[str] = "breaches"

    promise: Promise
    place_id: str
    place_version: int
    employee_id: str
    cohort_id: str
    regarding: str
    reason: Reason
    since: datetime
    times: int = 1
    healed_at: datetime | None = None


class Suppression(Document):
    """An address that does not work, under its hash: nothing is sent there any more. `message_id` is the mail that it
    did not take, and whose address that was is in `employee_id`. Another address is not concerned."""

    collection: ClassVar[str] = "suppressions"

    employee_id: str
    message_id: str
    status: str
    since: datetime


class Received(Document):
    """A mail that has come in, under the hash of its bytes: the same mail twice has one effect.

    Nothing of what it says is kept. `seen_at` is real time: it decides when this is forgotten.
    """

    collection: ClassVar[str] = "received"

    kind: str
    outcome: str
    received_at: datetime
    seen_at: datetime
    message_id: str | None = None
