"""Reading the Maildir: each mail once, and its bytes as they were sent."""

from datetime import UTC, datetime
from pathlib import Path

from deploy.sample.mailbox import Mailbox, without_transport

NOW = datetime(2026, 8, 17, 6, tzinfo=UTC)
MAIL = """Return-Path: <ledarutveckling@kommun.example>\r
Delivered-To: asa@kommun.example\r
From: Ledarutveckling <ledarutveckling@kommun.example>\r
To: =?utf-8?q?=C3=85sa_=C3=96berg?= <asa@kommun.example>\r
Subject: Erbjudande\r
Date: Mon, 17 Aug 2026 06:00:00 +0000\r
Message-ID: <1@kommun.example>\r
X-Ledstjarna-Kind: offer\r
Content-Type: text/plain; charset="utf-8"\r
Content-Transfer-Encoding: quoted-printable\r
\r
Svara h=C3=A4r:\r
http://127.0.0.1:8000/o/abc\r
"""


def box_with(directory: Path, *names: str) -> Mailbox:
    (directory / "new").mkdir(parents=True)
    for name in names:
        (directory / "new" / name).write_bytes(MAIL.encode())
    return Mailbox(directory)


def test_a_mail_is_read_with_its_text_in_the_right_letters(tmp_path: Path) -> None:
    (mail,) = box_with(tmp_path, "1").fetch(NOW)
    assert (mail.to, mail.kind, mail.seen) == ("asa@kommun.example", "offer", NOW)
    assert "Svara här:\nhttp://127.0.0.1:8000/o/abc" in mail.text.replace("\r\n", "\n")


def test_a_mail_is_fetched_once(tmp_path: Path) -> None:
    box = box_with(tmp_path, "1", "2")
    assert len(box.fetch(NOW)) == 2
    assert box.fetch(NOW) == []
    assert len(box.mails) == 2


def test_what_mail_servers_add_is_no_difference_between_two_copies() -> None:
    another_way = MAIL.replace("Return-Path: <ledarutveckling@kommun.example>", "Return-Path: <>")
    assert without_transport(MAIL.encode()) == without_transport(another_way.encode())


def test_a_header_of_the_sender_is_a_difference() -> None:
    assert without_transport(MAIL.encode()) != without_transport(MAIL.replace("<1@", "<2@").encode())
