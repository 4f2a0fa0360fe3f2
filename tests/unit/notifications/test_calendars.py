"""Any history of edits: one identity per round, SEQUENCE and DTSTAMP strictly rising, and the last word is true."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.contents import Appointment, CalendarMail
from services.notifications.model import CohortView, Invitation, Membership, Message, SessionView, Standing, State
from services.notifications.rules.calendars import Revision, Seat, revise
from shared.events import LocalisedText, Reason
from tests.unit.notifications.samples import appointment

SESSION_STARTS = datetime(2026, 11, 25, 12, tzinfo=UTC)
REASON = Reason(code="ill", text=LocalisedText(sv="Sjuk", en="Ill"))


@dataclass
class Calendar:
    """A person's seat in a session as its history goes on, and all that was said about it."""

    now: datetime = SESSION_STARTS - timedelta(days=60)
    membership: Membership = field(
        default_factory=lambda: Membership(
            id="P1", version=1, employee_id="E1", cohort_id="C1", standing=Standing.confirmed
        )
    )
    session: SessionView = field(
        default_factory=lambda: SessionView(id="S1", cohort_id="C1", version=1, appointment=appointment(SESSION_STARTS))
    )
    cohort: CohortView = field(default_factory=lambda: CohortView(id="C1"))
    entries: dict[str, Invitation] = field(default_factory=dict)
    newest: Invitation | None = None
    said: list[Message] = field(default_factory=list)

    def settle(self) -> Revision | None:
        """Bring the calendar in line with how things stand."""
        last = self.said[-1] if self.newest and self.newest.message_id else None
        revision = revise(
            Seat(self.membership, self.session, self.cohort, self.newest, last), self.now, "kommun.example"
        )
        if revision is not None:
            self.newest = self.entries[revision.invitation.id] = revision.invitation
            if revision.superseded is not None:
                self.said[-1] = revision.superseded
            if revision.draft is not None:
                self.said.append(revision.draft.having(state=State.rendered))
        return revision

    def send(self) -> None:
        """Let arrive what is on its way."""
        self.said = [one.having(state=State.sent) if one.state is State.rendered else one for one in self.said]

    def move(self, hours: int) -> None:
        starts_at = SESSION_STARTS + timedelta(hours=hours)
        self.session = self.session.having(appointment=appointment(starts_at))

    def stand(self, standing: Standing) -> None:
        self.membership = self.membership.having(standing=standing)

    def cancel(self, cancelled: bool) -> None:
        self.session = self.session.having(cancelled=cancelled, reason=REASON if cancelled else None)


def shown(messages: list[Message]) -> dict[str, Appointment]:
    """What a calendar shows that has read these messages in order."""
    calendar: dict[str, Appointment] = {}
    for message in messages:
        assert isinstance(message.contents, CalendarMail)
        if message.contents.kind == "cancel":
            calendar.pop(message.contents.uid, None)
        else:
            calendar[message.contents.uid] = message.contents.appointment
    return calendar


EDITS = st.one_of(
    st.tuples(st.just("move"), st.integers(0, 400)),
    st.tuples(st.just("stand"), st.sampled_from([Standing.confirmed, Standing.withdrawn, Standing.paused])),
    st.tuples(st.just("cancel"), st.booleans()),
    st.tuples(st.just("send"), st.none()),
    st.tuples(st.just("wait"), st.integers(0, 3)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(EDITS, max_size=25))
def test_any_history_of_edits_keeps_calendars_right(history: list[tuple[str, object]]) -> None:
    calendar = Calendar()
    calendar.settle()
    for edit, value in history:
        if edit == "wait":
            assert isinstance(value, int)
            calendar.now += timedelta(seconds=value)
        elif edit == "send":
            calendar.send()
        else:
            getattr(calendar, edit)(value)
            calendar.settle()
    calendar.send()
    for identity in {message.order_key for message in calendar.said}:
        revisions = [message.contents for message in calendar.said if message.order_key == identity]
        mails = [mail for mail in revisions if isinstance(mail, CalendarMail)]
        assert [mail.sequence for mail in mails] == sorted({mail.sequence for mail in mails})
        assert [mail.stamped_at for mail in mails] == sorted({mail.stamped_at for mail in mails})
    assert len({entry.uid for entry in calendar.entries.values()}) == len(calendar.entries)
    arrived = [message for message in calendar.said if message.state is State.sent]
    hers = calendar.membership.standing is Standing.confirmed and not calendar.session.cancelled
    assert list(shown(arrived).values()) == ([calendar.session.appointment] if hers else [])


def test_superseded_revision_keeps_its_sequence_used() -> None:
    calendar = Calendar()
    calendar.settle()
    calendar.send()
    for hours in (1, 2, 3):
        calendar.move(hours)
        calendar.settle()
    assert [(message.sequence, message.state) for message in calendar.said] == [
        (0, State.sent),
        (1, State.superseded),
        (2, State.superseded),
        (3, State.rendered),
    ]


def test_update_names_what_she_saw_last_not_what_was_never_sent() -> None:
    calendar = Calendar()
    calendar.settle()
    calendar.send()
    calendar.move(1)
    calendar.settle()
    calendar.move(2)
    revision = calendar.settle()
    assert revision is not None
    assert revision.draft is not None
    assert isinstance(revision.draft.contents, CalendarMail)
    assert revision.draft.contents.before == appointment(SESSION_STARTS)


def test_nothing_is_said_about_a_session_that_has_begun() -> None:
    calendar = Calendar(now=SESSION_STARTS)
    assert calendar.settle() is None


def test_reason_of_her_own_absence_is_not_put_into_calendars() -> None:
    calendar = Calendar()
    seat = Seat(calendar.membership.having(standing=Standing.paused), calendar.session, calendar.cohort)
    assert (seat.cause, seat.reason) == ("place", None)


def test_cancelled_cohort_is_the_cause_before_anything_else() -> None:
    calendar = Calendar()
    calendar.cancel(True)
    cohort = CohortView(id="C1", cancelled=True, reason=REASON)
    assert Seat(calendar.membership, calendar.session, cohort).cause == "cohort"
