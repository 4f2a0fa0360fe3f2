"""What notifications refuses to start with, about mail that comes in."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.notifications.settings import Settings

OFFICE = "Programkontoret <kontoret@kommun.example>"


def settings(**other: Any) -> Settings:
    facts = {
        "amqp_url": "amqp://x",
        "mongo_url": "mongodb://x/n",
        "public_url": "https://ledarskap.kommun.example",
        "link_keys": "key",
        "tokens_file": "tokens.json",
        "smtp_url": "smtp://relay:25",
        "sender": "Ledarutveckling <ledarutveckling@kommun.example>",
    }
    return Settings(**(facts | other))


def test_no_door_is_open_unless_it_is_set() -> None:
    assert (settings().lmtp_address, settings(imap_url="", lmtp_listen="").reception) == (None, None)


def test_a_door_needs_somebody_who_reads_what_people_write() -> None:
    for door in ({"lmtp_listen": "127.0.0.1:24"}, {"imap_url": "imaps://a:b@host"}):
        with pytest.raises(ValidationError, match="LEDSTJARNA_OFFICE_MAILBOX"):
            settings(**door)
        assert settings(**door, office_mailbox=OFFICE).reception


def test_letters_to_the_sender_cannot_be_passed_on_to_the_sender() -> None:
    with pytest.raises(ValidationError, match="round in a circle"):
        settings(lmtp_listen="127.0.0.1:24", office_mailbox="Vi <LedarUtveckling@kommun.example>")


def test_the_door_listens_where_it_is_told_and_nowhere_else() -> None:
    assert settings(lmtp_listen="[::1]:24", office_mailbox=OFFICE).lmtp_address == ("::1", 24)
    with pytest.raises(ValidationError, match="write host:port"):
        settings(lmtp_listen="24", office_mailbox=OFFICE)


def test_domains_and_the_name_of_results_may_be_left_out() -> None:
    reception = settings(office_mailbox=OFFICE, authserv_id="", inside_domains=" Kommun.example, ").reception
    assert reception
    assert (reception.gate.authserv_id, set(reception.gate.inside)) == (None, {"kommun.example"})
