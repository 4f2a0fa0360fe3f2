"""Mail as it travels: the shape of Exchange's own invitations, safe headers, the same bytes every time."""

import base64
import email
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.invites import Mailbox
from services.notifications.mails import mailbox
from services.notifications.mime import Calendar, _plain_field, _plain_mailbox, body, head, mailable, one_line
from shared.events import LocalisedText
from tests.unit.notifications.reading import content_of, parts, read_entry, read_mail
from tests.unit.notifications.samples import (
    ASA,
    MAILROOM,
    MAILS,
    SENDER,
    WRITTEN,
    appointment,
    calendar_mail,
    card,
)

KINDS = pytest.mark.parametrize("kind", MAILS)
NASTY = st.text(
    st.one_of(
        st.sampled_from('\r\n\x00\t,;:<>"\\()@=?\u2028\u202e'),
        st.characters(exclude_categories=["Cs"], max_codepoint=0x2FFF),
    ),
    max_size=120,
)


def rendered(kind: str, language: str = "sv", **other: str) -> bytes:
    return MAILROOM.render("0f" * 20, MAILS[kind], card(language, **other), WRITTEN)


@KINDS
def test_same_mail_is_the_same_bytes(kind: str) -> None:
    assert rendered(kind) == rendered(kind)


@KINDS
def test_every_line_ends_with_crlf_and_none_is_too_long(kind: str) -> None:
    content = rendered(kind)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 78
    content.decode("ascii")


@pytest.mark.parametrize(("kind", "method"), [("invite", "REQUEST"), ("update", "REQUEST"), ("cancel", "CANCEL")])
def test_calendar_is_the_last_alternative_and_names_its_method(kind: str, method: str) -> None:
    mail = read_mail(rendered(kind))
    assert mail.get_content_type() == "multipart/alternative"
    plain, html, calendar = parts(mail)
    assert [plain.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert (calendar.get_content_type(), calendar.get_param("method")) == ("text/calendar", method)
    assert (calendar["Content-Transfer-Encoding"], calendar.get_content_disposition()) == ("base64", None)
    assert read_entry(content_of(calendar)).method == method


@pytest.mark.parametrize("kind", ["offer", "offer_expired", "reminder", "survey"])
def test_plain_mail_carries_no_calendar(kind: str) -> None:
    assert [part.get_content_type() for part in parts(read_mail(rendered(kind)))] == ["text/plain", "text/html"]


@pytest.mark.parametrize("kind", ["invite", "update", "cancel"])
def test_mail_that_ends_up_in_shared_calendars_has_no_link(kind: str) -> None:
    for part in parts(read_mail(rendered(kind))):
        assert b"http" not in content_of(part)


@pytest.mark.parametrize("kind", ["invite", "update", "cancel"])
def test_organizer_is_the_sender_and_the_attendee_the_recipient(kind: str) -> None:
    mail = read_mail(rendered(kind))
    entry = read_entry(content_of(parts(mail)[-1]))
    assert entry.organizer == mail["From"].addresses[0].addr_spec == SENDER.address
    assert entry.attendee == mail["To"].addresses[0].addr_spec == ASA.address


@KINDS
def test_headers_say_who_when_what_and_that_no_robot_should_answer(kind: str) -> None:
    mail = read_mail(rendered(kind))
    assert mail["Date"].datetime == WRITTEN
    assert mail["Message-ID"] == f"<{'0f' * 20}@kommun.example>"
    assert (mail["X-Ledstjarna-Kind"], mail["Auto-Submitted"]) == (kind, "auto-generated")
    assert "All" not in mail["X-Auto-Response-Suppress"]
    assert mail["To"].addresses[0].display_name == "Åsa Öberg"


@given(name=NASTY, subject=NASTY)
def test_no_text_breaks_out_of_its_header(name: str, subject: str) -> None:
    content = head(SENDER, Mailbox(name, ASA.address), subject, WRITTEN, {"X-Ledstjarna-Kind": "offer"})
    mail = read_mail(content + b"\r\nbody")
    assert mail.keys() == ["From", "To", "Subject", "Date", "X-Ledstjarna-Kind"]
    assert [address.addr_spec for address in mail["To"].addresses] == [ASA.address]
    assert mail.get_payload() == "body"


@pytest.mark.parametrize(
    "name", ["a" * 60 + " <x@other.example>, b", "Lindqvist, Åsa (vikarierande enhetschef, Norra) " * 3]
)
def test_long_name_that_must_be_quoted_names_nobody_else(name: str) -> None:
    mail = read_mail(head(SENDER, Mailbox(name, ASA.address), "Hej", WRITTEN, {}) + b"\r\nbody")
    assert [address.addr_spec for address in mail["To"].addresses] == [ASA.address]
    assert mail["To"].addresses[0].display_name.replace(" ", "") == name.replace(" ", "")  # 3.11 keeps folds as spaces


@settings(deadline=None)
@given(name=NASTY, title=NASTY, place=NASTY, address=NASTY)
def test_no_word_of_anybody_adds_a_header_or_a_recipient(name: str, title: str, place: str, address: str) -> None:
    meeting = appointment(title=LocalisedText(sv=title, en=title), location=place)
    person = card(given_name=name, email=f"{address}@kommun.example")
    if mailable(person.email) is None:
        person = card(given_name=name)
    mail = read_mail(MAILROOM.render("0f" * 20, calendar_mail(appointment=meeting), person, WRITTEN))
    assert mail.keys() == read_mail(rendered("invite")).keys()
    assert [one.addr_spec for one in mail["From"].addresses] == [SENDER.address]
    assert [one.addr_spec for one in mail["To"].addresses] == [mailable(person.email)]
    entry = read_entry(content_of(parts(mail)[-1]))
    assert (entry.organizer, entry.attendee) == (SENDER.address, mailable(person.email))


@given(address=NASTY)
def test_no_address_becomes_two_or_another(address: str) -> None:
    safe = mailable(address + "@kommun.example")
    if safe is not None:
        content = head(SENDER, Mailbox("Åsa", safe), "Hej", WRITTEN, {})
        assert [one.addr_spec for one in read_mail(content)["To"].addresses] == [safe]


@given(
    name=st.sampled_from(["Message-ID", "X-Ledstjarna-Message", "Content-Language", "List-Id"]),
    value=st.one_of(NASTY, st.from_regex(r"<?[A-Za-z0-9.@-]{1,90}>?", fullmatch=True)),
)
def test_field_that_is_written_directly_reads_as_the_library_writes_it(name: str, value: str) -> None:
    direct = _plain_field(name, value)
    if direct is not None:
        assert direct == SMTP.fold_binary(*SMTP.header_store_parse(name, value))


@given(name=st.one_of(NASTY, st.text(st.sampled_from("aÅö é-'ñ_ßİ字"), min_size=1, max_size=30)))
def test_mailbox_that_is_written_directly_reads_as_the_one_given(name: str) -> None:
    direct = _plain_mailbox("To", Mailbox(name, ASA.address))
    if direct is not None:
        (read,) = read_mail(direct + b"\r\nbody")["To"].addresses
        assert (read.display_name, read.addr_spec) == (one_line(name), ASA.address)


def test_line_break_in_a_field_is_refused() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        head(SENDER, ASA, "Hej", WRITTEN, {"X-Note": "a\r\nBcc: everybody@kommun.example"})


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("asa@kommun.example", "asa@kommun.example"),
        ("asa@räksmörgås.example", "asa@xn--rksmrgs-5wao1o.example"),
        ("åsa@kommun.example", None),
        ("a b@kommun.example", None),
        ("a,b@kommun.example", None),
        ("a@b@kommun.example", None),
        ("asa@", None),
        ("@kommun.example", None),
        ("asa@kommun example", None),
        ("", None),
    ],
)
def test_address_is_written_so_that_ordinary_servers_take_it_or_not_at_all(address: str, written: str | None) -> None:
    assert mailable(address) == written


def test_one_line_drops_breaks_and_marks_that_turn_the_text() -> None:
    assert one_line(" a\r\nb\u2028c\x00\u202ed\t e ") == "a b c d e"


@given(words=st.lists(st.text("aåäöÖé:,–& ", min_size=1, max_size=40), min_size=1, max_size=12))
def test_subject_keeps_the_spaces_between_its_words(words: list[str]) -> None:
    subject = one_line("Inbjudan: " + " ".join(words))
    content = head(SENDER, ASA, subject, WRITTEN, {}) + b"\r\n"
    assert read_mail(content)["Subject"] == subject
    assert str(make_header(decode_header(email.message_from_bytes(content)["Subject"]))) == subject


def test_long_swedish_subject_comes_back_whole() -> None:
    subject = "Ändrad: " + "Ledarskapsutvecklingsprogrammets återträff på Öland " * 4
    assert read_mail(head(SENDER, ASA, subject, WRITTEN, {}))["Subject"] == subject.strip()


def test_text_of_any_shape_survives_its_encoding() -> None:
    said = "Rad ett =20\n.\nFrom here\n" + "å" * 200 + "\n"
    mail = read_mail(b"Subject: x\r\n" + body(said, "<p>å</p>", Calendar("REQUEST", b"BEGIN:X\r\n" * 40), "seed"))
    plain, html, calendar = parts(mail)
    assert content_of(plain).decode().replace("\r\n", "\n") == said
    assert content_of(html).decode().strip() == "<p>å</p>"
    assert content_of(calendar) == b"BEGIN:X\r\n" * 40
    assert base64.b64decode(str(calendar.get_payload())) == b"BEGIN:X\r\n" * 40


@pytest.mark.parametrize(
    "text", ["", "Namn", "a@b@c", "Namn <a+b@kommun.example>", "åsa@kommun.example", "A <a@b>, B <c@d.e>"]
)
def test_sender_that_calendars_could_not_answer_is_refused_at_start(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be the sender"):
        mailbox(text)


def test_date_is_the_one_given() -> None:
    later = MAILROOM.render("0f" * 20, MAILS["offer"], card(), datetime(2026, 9, 2, 8, tzinfo=UTC))
    assert later != rendered("offer")
