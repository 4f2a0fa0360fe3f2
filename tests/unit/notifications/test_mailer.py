"""What the relay's address says, and what its answers mean."""

import pytest
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPReadTimeoutError,
    SMTPRecipientRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from services.notifications.mailer import Relay, code_class, refused_at_data, refused_before_data
from services.notifications.rules.messages import Result

HER = "asa@kommun.example"


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://127.0.0.1:2525", Relay("127.0.0.1", 2525)),
        ("smtps://mail.kommun.example", Relay("mail.kommun.example", 465, tls=True)),
        (
            "smtp://led:h%40ml%C3%B6s@mail.kommun.example?starttls=1",
            Relay("mail.kommun.example", 587, starttls=True, username="led", password="h@mlös"),
        ),
    ],
)
def test_address_of_the_relay_says_how_to_reach_it(url: str, relay: Relay) -> None:
    assert Relay.at(url) == relay


@pytest.mark.parametrize("url", ["", "http://mail", "smtp://", "mail.kommun.example:25"])
def test_address_that_is_no_relay_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="write smtp://host:port"):
        Relay.at(url)


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (SMTPRecipientRefused(550, "5.1.1 no such user", HER), Result.failed),
        (SMTPRecipientRefused(450, "4.2.1 later", HER), Result.deferred),
        (SMTPRecipientRefused(552, "5.2.2 mailbox full", HER), Result.deferred),
        (SMTPRecipientRefused(550, "4.2.1 not now, whatever the first number says", HER), Result.deferred),
        (SMTPRecipientRefused(550, "5.1.10 no such user", HER), Result.failed),
        (SMTPRecipientRefused(550, "no such user, try 4.4.4 or 5.2.2", HER), Result.failed),
        (SMTPRecipientRefused(432, "4.3.2 concurrent connections limit exceeded", HER), Result.unavailable),
        (SMTPRecipientRefused(421, "4.7.0 closing", HER), Result.unavailable),
        (SMTPRecipientRefused(550, "5.7.60 not allowed to send as", HER), Result.unavailable),
        (SMTPSenderRefused(451, "4.3.0 busy", HER), Result.unavailable),
        (SMTPSenderRefused(550, "5.7.1 no", HER), Result.unavailable),
        (SMTPAuthenticationError(535, "5.7.30 basic sign-in is off"), Result.unavailable),
        (SMTPConnectError("refused"), Result.unavailable),
        (SMTPReadTimeoutError("silent"), Result.unavailable),
        (ConnectionResetError(), Result.unavailable),
    ],
)
def test_before_the_bytes_only_a_refused_recipient_is_about_the_mail(error: Exception, result: Result) -> None:
    assert refused_before_data(error).result is result


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (SMTPDataError(554, "5.7.1 refused"), Result.failed),
        (SMTPDataError(550, "5.7.60 not allowed to send as"), Result.unavailable),
        (SMTPDataError(552, "5.2.2 mailbox full"), Result.deferred),
        (SMTPDataError(452, "4.3.1 no space"), Result.deferred),
        (SMTPDataError(421, "4.3.2 closing"), Result.unavailable),
        (SMTPServerDisconnected("gone"), Result.ambiguous),
        (SMTPReadTimeoutError("silent"), Result.ambiguous),
        (ConnectionResetError(), Result.ambiguous),
    ],
)
def test_silence_after_the_bytes_is_in_doubt_and_an_answer_is_not(error: Exception, result: Result) -> None:
    assert refused_at_data(error).result is result


@pytest.mark.parametrize(
    ("reply", "counted"),
    [
        ("550 5.1.1 no such user", "5.1"),
        ("450 4.7.1 greylisted", "4.7"),
        ("550 no", "5xx"),
        ("450 5 minutes", "4xx"),
        ("2.0.0 queued", None),
        ("the connection was closed", None),
        ("", None),
    ],
)
def test_refusals_are_counted_by_what_they_are_about(reply: str, counted: str | None) -> None:
    assert code_class(reply) == counted


def test_words_of_the_server_are_shown_on_one_line() -> None:
    assert refused_at_data(SMTPDataError(554, "5.7.1 a\n5.7.1 b")).reply == "554 5.7.1 a 5.7.1 b"
