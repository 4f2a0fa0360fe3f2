"""Signed mails: what a receiving server finds when it looks at the signature."""

import re
import subprocess
from pathlib import Path

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.mails import Mailroom
from services.notifications.signing import Signer
from tests.unit.notifications.samples import MAILS, SENDER, STOCKHOLM, WRITTEN, card


def _openssl(*arguments: str | Path) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout  # noqa: S603, S607 — a test's own key


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("dkim") / "key.pem"
    _openssl("genrsa", "-out", file, "2048")
    return file


@pytest.fixture(scope="module")
def public_key(key_file: Path) -> str:
    """As it stands in the domain's TXT record."""
    return "".join(_openssl("rsa", "-in", key_file, "-pubout").decode().splitlines()[1:-1])


@pytest.fixture(scope="module")
def signed(key_file: Path) -> bytes:
    return _room(key_file).render("0f" * 20, MAILS["invite"], card(), WRITTEN)


def _room(key_file: Path) -> Mailroom:
    signer = Signer.with_key_in(key_file, "ledstjarna", SENDER.domain)
    return Mailroom(SENDER, STOCKHOLM, "Storköpings kommun", signer=signer)


def is_good(content: bytes, public_key: str) -> bool:
    asked: list[bytes] = []

    def record(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return f"v=DKIM1; k=rsa; p={public_key}".encode()

    try:
        good = bool(dkim.verify(content, dnsfunc=record))
    except dkim.DKIMException:
        return False
    return good and asked == [b"ledstjarna._domainkey.kommun.example."]


def test_signature_is_good(signed: bytes, public_key: str) -> None:
    assert is_good(signed, public_key)


def test_same_mail_is_the_same_bytes_with_a_signature_too(signed: bytes, key_file: Path) -> None:
    assert _room(key_file).render("0f" * 20, MAILS["invite"], card(), WRITTEN) == signed


@settings(max_examples=60)
@given(share=st.floats(0, 1, exclude_max=True))
def test_changed_letter_in_the_body_breaks_it(signed: bytes, public_key: str, share: float) -> None:
    start = signed.index(b"\r\n\r\n") + 4
    letters = [found.start() for found in re.finditer(rb"[A-Za-z0-9]", signed) if found.start() >= start]
    at = letters[int(share * len(letters))]
    changed = signed[:at] + (b"x" if signed[at : at + 1] != b"x" else b"y") + signed[at + 1 :]
    assert not is_good(changed, public_key)


@pytest.mark.parametrize("header", ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"])
def test_header_that_readers_rely_on_cannot_be_changed(signed: bytes, public_key: str, header: str) -> None:
    changed = re.sub(rf"^{header}: ".encode(), f"{header}: x".encode(), signed, count=1, flags=re.MULTILINE)
    assert changed != signed
    assert not is_good(changed, public_key)


@pytest.mark.parametrize("header", ["From", "To", "Subject"])
def test_header_that_readers_rely_on_cannot_be_added(signed: bytes, public_key: str, header: str) -> None:
    assert not is_good(f"{header}: somebody@other.example\r\n".encode() + signed, public_key)


def test_trace_of_the_servers_on_its_way_breaks_nothing(signed: bytes, public_key: str) -> None:
    assert is_good(b"Received: from a by b\r\nReturn-Path: <x@kommun.example>\r\n" + signed, public_key)


def test_key_that_cannot_sign_is_noticed_at_start(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")
    for file in ("key.pem", "none.pem"):
        with pytest.raises(ValueError, match="LEDSTJARNA_DKIM_KEY_FILE"):
            Signer.with_key_in(tmp_path / file, "ledstjarna", "kommun.example")
