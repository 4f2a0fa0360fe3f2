"""Answers from calendars, in the shapes that calendars give them, and who is believed."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest

from services.notifications.model import Invitation
from services.notifications.rules import replies
from services.notifications.rules.replies import Answer, FromCalendar, Refusal
from services.notifications.rules.trust import Gate
from tests.unit.notifications import incoming_mails as mails
from tests.unit.notifications.incoming_mails import ANSWERED, ASA, UID
from tests.unit.notifications.samples import SESSION

GATE = Gate("mx.kommun.example")
LATER = ANSWERED + timedelta(days=1)


def entry(**other: object) -> Invitation:
    facts: dict[str, object] = {
        "id": "S1|E1|1",
        "uid": UID,
        "session_id": "S1",
        "cohort_id": "C1",
        "place_id": "P1",
        "employee_id": "E1",
        "round": 1,
        "sequence": 0,
        "stamped_at": datetime(2026, 9, 1, tzinfo=UTC),
        "method": "REQUEST",
        "appointment": SESSION,
    }
    return Invitation.model_validate(facts | other)


def read(raw: bytes) -> FromCalendar:
    told = replies.read(message_from_bytes(raw))
    assert isinstance(told, FromCalendar), told
    return told


def judged(raw: bytes, known: Invitation | None = None, gate: Gate = GATE) -> Answer | Refusal:
    """What comes of a mail about the entry."""
    told = replies.read(message_from_bytes(raw))
    if not isinstance(told, FromCalendar):
        assert told is not None
        return told
    known = known or entry()
    why = replies.refusal(told, message_from_bytes(raw), known, [ASA], gate)
    return why or replies.answer(told, known, LATER)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (mails.exchange(), "accepted"),
        (mails.apple(), "declined"),
        (mails.gnus(), "tentative"),
        (mails.horde(), "accepted"),
        (mails.in_the_text(), "accepted"),
    ],
    ids=["exchange", "apple", "gnus", "horde", "text"],
)
def test_an_answer_is_read_in_each_shape_that_calendars_write(raw: bytes, said: str) -> None:
    told = read(raw)
    assert (told.uid, told.attendee, told.sequence, told.stamped_at) == (UID, ASA, 0, ANSWERED)
    assert judged(raw) == Answer(said, ANSWERED)  # type: ignore[arg-type]


def test_an_invitation_or_a_published_calendar_is_no_answer() -> None:
    for method in ("REQUEST", "PUBLISH", "CANCEL", "ADD"):
        assert replies.read(message_from_bytes(mails.exchange(mails.calendar(method=method)))) is None


def test_an_answer_to_two_sessions_at_once_is_to_none() -> None:
    both = mails.calendar().replace(b"END:VCALENDAR", b"BEGIN:VEVENT\r\nUID:other\r\nEND:VEVENT\r\nEND:VCALENDAR")
    assert judged(mails.exchange(both)) is Refusal.not_one_event


@pytest.mark.parametrize(
    "content",
    [
        mails.calendar(at="yesterday"),
        mails.calendar(at="20260902T093000"),
        mails.calendar(at="20260902"),
        mails.calendar().replace(b"SEQUENCE:0", b"SEQUENCE:often"),
        mails.calendar().replace(f"UID:{UID}".encode(), b"X-NOTHING:1"),
        mails.calendar().replace(b"SEQUENCE:0", b"DTSTAMP:20260903T093000Z\r\nSEQUENCE:0"),
        mails.calendar(more=(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ASA}",)),
        b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n",
        b"\xff\xfe nothing of the kind",
    ],
    ids=["word", "no zone", "date", "sequence", "no uid", "two stamps", "two attendees", "cut off", "noise"],
)
def test_an_answer_that_is_not_what_it_should_be_counts_for_nothing(content: bytes) -> None:
    assert judged(mails.exchange(content)) in {Refusal.unreadable, Refusal.not_one_event}


def test_an_answer_larger_than_an_answer_can_be_is_not_read() -> None:
    bomb = mails.calendar(more=("DESCRIPTION:" + "x" * replies.MAX_BYTES,))
    assert judged(mails.exchange(bomb)) is Refusal.too_large


def test_neither_yes_nor_no_is_no_answer() -> None:
    for said in ("NEEDS-ACTION", "DELEGATED", "PERHAPS"):
        assert judged(mails.exchange(mails.calendar(said))) is Refusal.no_answer


def test_somebody_to_whom_an_invitation_was_forwarded_is_not_let_in() -> None:
    content = mails.calendar(attendee="ATTENDEE;PARTSTAT=ACCEPTED:mailto:bo.ek@kommun.example")
    assert judged(mails.exchange(content, sender="bo.ek@kommun.example")) is Refusal.not_invited


def test_an_answer_in_her_name_from_another_address_is_refused() -> None:
    assert judged(mails.exchange(sender="bo.ek@kommun.example")) is Refusal.not_the_author


def test_an_assistant_in_the_same_organisation_answers_for_her() -> None:
    who = f'ATTENDEE;PARTSTAT=DECLINED;SENT-BY="mailto:bo.ek@kommun.example":mailto:{ASA}'
    assert judged(mails.exchange(mails.calendar(attendee=who), sender="bo.ek@kommun.example")) == Answer(
        "declined", ANSWERED
    )


def test_nobody_else_becomes_her_assistant_by_saying_so() -> None:
    who = f'ATTENDEE;PARTSTAT=DECLINED;SENT-BY="mailto:eve@evil.example":mailto:{ASA}'
    passed = "mx.kommun.example; dmarc=pass header.from=evil.example"
    raw = mails.exchange(mails.calendar(attendee=who), sender="eve@evil.example", checked=passed)
    assert judged(raw) is Refusal.not_the_author


@pytest.mark.parametrize(
    "checked",
    [
        None,
        "mx.kommun.example; dmarc=fail header.from=kommun.example",
        "mx.kommun.example; spf=pass; dkim=pass",
        "mx.kommun.example; dmarc=pass header.from=evil.example",
        "mx.evil.example; dmarc=pass header.from=kommun.example",
        'mx.kommun.example; spf=pass smtp.mailfrom="x; dmarc=pass"@evil.example',
        "mx.kommun.example; spf=fail (; dmarc=pass) smtp.mailfrom=evil.example",
        "mx.kommun.example; dmarc=pass header.from=kommun.example; dmarc=fail header.from=kommun.example",
        "mx.kommun.example; dmarc=fail header.from=kommun.example\r\n"
        "Authentication-Results: mx.kommun.example; dmarc=pass header.from=kommun.example",
    ],
    ids=["none", "fail", "no dmarc", "other domain", "other server", "quoted", "comment", "both", "below"],
)
def test_only_what_our_own_mail_server_found_makes_an_answer_genuine(checked: str | None) -> None:
    assert judged(mails.exchange(checked=checked)) is Refusal.not_genuine


def test_a_result_of_another_server_above_ours_changes_nothing() -> None:
    checked = f"mx.elsewhere.example; dmarc=fail\r\nAuthentication-Results: {mails.PASSED}"
    assert isinstance(judged(mails.exchange(checked=checked)), Answer)


def test_a_mailbox_inside_needs_no_check_unless_it_failed_one() -> None:
    inside = Gate("mx.kommun.example", frozenset({"kommun.example"}))
    assert isinstance(judged(mails.exchange(checked=None), gate=inside), Answer)
    assert isinstance(judged(mails.exchange(checked="mx.kommun.example; dmarc=none"), gate=inside), Answer)
    assert judged(mails.exchange(checked="mx.kommun.example; dmarc=fail"), gate=inside) is Refusal.not_genuine


def test_a_mail_that_claims_two_authors_has_none() -> None:
    raw = mails.exchange().replace(b"To: ", b"From: eve@evil.example\r\nTo: ", 1)
    assert judged(raw) is Refusal.not_the_author


def test_an_answer_to_a_time_that_is_no_more_does_not_count() -> None:
    moved = entry(sequence=2, time_sequence=2)
    assert judged(mails.exchange(mails.calendar(sequence=1)), moved) is Refusal.of_another_time
    assert isinstance(judged(mails.exchange(mails.calendar(sequence=2)), moved), Answer)


def test_an_answer_from_before_the_room_was_changed_counts() -> None:
    assert isinstance(judged(mails.exchange(), entry(sequence=3, time_sequence=0)), Answer)


def test_an_answer_to_a_cancelled_entry_does_not_count() -> None:
    assert judged(mails.exchange(), entry(method="CANCEL", sequence=1)) is Refusal.of_another_time


def test_an_answer_older_than_the_last_one_does_not_count() -> None:
    answered = entry(answer="declined", answered_at=ANSWERED)
    assert judged(mails.exchange(), answered) is Refusal.older
    newer = mails.calendar(at=ANSWERED + timedelta(seconds=1))
    assert isinstance(judged(mails.exchange(newer), answered), Answer)


def test_a_clock_that_is_fast_cannot_answer_before_the_mail_is_here() -> None:
    assert judged(mails.exchange(mails.calendar(at=LATER + timedelta(days=900)))) == Answer("accepted", LATER)
