"""What a mail that comes in is taken for, and what the office gets of it."""

from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from services.notifications.forwarding import LETTER, forwarded
from services.notifications.invites import Mailbox
from services.notifications.rules import incoming
from services.notifications.rules.bounces import Bounce
from tests.unit.notifications import incoming_mails as mails
from tests.unit.notifications.samples import SENDER

OURS = "a" * 40
OFFICE = Mailbox("Programkontoret", "kontoret@kommun.example")


def kind(raw: bytes, recipients: tuple[str, ...] = (), sender: str | None = mails.ASA) -> str:
    return incoming.classify(raw, recipients, sender).kind


def bounce(raw: bytes, recipients: tuple[str, ...] = ()) -> Bounce:
    told = incoming.classify(raw, recipients, "").told
    assert isinstance(told, Bounce)
    return told


def test_what_calendars_send_is_told_apart() -> None:
    for method, expected in (("REPLY", "reply"), ("COUNTER", "counter"), ("REFRESH", "refresh")):
        assert kind(mails.exchange(mails.calendar(method=method))) == expected


def test_what_a_person_writes_is_a_letter() -> None:
    assert kind(mails.letter()) == "human"
    assert kind(mails.letter(Auto_Submitted="no")) == "human"


@pytest.mark.parametrize(
    "field",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (vacation)"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"X_Ledstjarna_Message": OURS},
        {"Return_Path": "<>"},
    ],
)
def test_what_a_machine_writes_is_dropped(field: dict[str, str]) -> None:
    assert kind(mails.letter("Jag är på semester.", **field)) == "automatic"


def test_a_mail_from_nobody_is_a_machines() -> None:
    assert kind(mails.letter(), sender="") == "automatic"


def test_a_mail_that_came_back_is_known_by_the_address_it_came_back_to() -> None:
    told = bounce(mails.bounce("c" * 40), (f"b-{OURS}@studs.kommun.example",))
    assert told == Bounce(OURS, "5.1.1", is_final=True)
    assert told.is_hard


def test_a_mail_that_came_back_is_known_by_its_header_to_or_by_what_was_returned() -> None:
    assert bounce(mails.bounce("c" * 40, to=f"b-{OURS}")).message_id == OURS
    assert bounce(mails.bounce(OURS)).message_id == OURS
    assert bounce(mails.bounce(returned=False)).message_id is None


@pytest.mark.parametrize(
    ("status", "said", "is_hard"),
    [
        ("5.1.1", "550 User unknown", True),
        ("5.0.0", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        ("5.2.2", "552 5.2.2 Mailbox full", False),
        ("5.7.1", "554 5.7.1 Message refused", False),
    ],
)
def test_only_an_address_that_does_not_exist_is_given_up(status: str, said: str, is_hard: bool) -> None:
    assert bounce(mails.bounce(status=status, said=said)).is_hard is is_hard


def test_a_mail_that_came_back_with_bare_bytes_in_its_header_is_read_too() -> None:
    raw = mails.bounce(OURS).replace(b"Subject: Undelivered", "Subject: Går ej fram".encode("latin-1"))
    assert bounce(raw).message_id == OURS


def test_a_mail_that_is_only_late_has_not_come_back() -> None:
    told = bounce(mails.bounce(action="delayed", status="4.4.1", said="450 4.4.1 no answer"))
    assert (told.is_final, told.is_hard) == (False, False)


def test_a_letter_that_quotes_a_bounce_is_a_letter() -> None:
    assert kind(mails.letter("Final-Recipient: rfc822; x@kommun.example\r\nAction: failed\r\nStatus: 5.1.1")) == "human"


@pytest.mark.parametrize("depth", [3, 400, 5000])
def test_a_mail_nested_beyond_reason_is_still_taken(depth: int) -> None:
    nest = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth))
    assert kind(f"{mails.header()}\r\n{nest}".encode()) == "human"


def test_the_office_gets_a_letter_inside_a_mail_of_ours_and_answers_its_writer() -> None:
    raw = mails.letter(subject="Hej\r\n Åsa").replace("å".encode(), b"a").replace("Ö".encode(), b"O")
    raw = raw.replace("Å".encode(), b"A").replace("ä".encode(), b"a")
    mail = message_from_bytes(_passed_on(raw))
    assert (mail["From"], mail["Reply-To"]) == ("Ledarutveckling <ledarutveckling@kommun.example>", mails.ASA)
    assert mail["Auto-Submitted"] == "auto-forwarded"
    inner = mail.get_payload()[1].get_payload()[0]  # type: ignore[union-attr,index]
    assert inner.as_bytes().split() == raw.split()  # type: ignore[union-attr]


@pytest.mark.parametrize("subject", ["=?x-unknown?q?=FF?=", "=?utf-8?b?!!?=", "=?uté-8?q?a?=", "a\x00b", ""])
def test_a_subject_that_cannot_be_read_keeps_no_letter_from_the_office(subject: str) -> None:
    assert str(message_from_bytes(_passed_on(mails.letter(subject=subject)))["Subject"]).startswith("Vidarebefordrat")


def test_a_letter_that_not_every_server_could_carry_arrives_byte_by_byte() -> None:
    raw = mails.letter("å" * 2000, subject="=?x-unknown?q?=FF?=")
    mail = message_from_bytes(_passed_on(raw))
    assert _passed_on(raw).isascii()
    assert mail.get_payload()[1].get_payload(decode=True) == raw  # type: ignore[union-attr,index]


def _passed_on(raw: bytes) -> bytes:
    mail = incoming.classify(raw, (), mails.ASA).mail
    when = datetime(2026, 9, 2, tzinfo=UTC)
    return forwarded(mail, raw, LETTER, sender=SENDER, office=OFFICE, message_id=OURS, date=when)
