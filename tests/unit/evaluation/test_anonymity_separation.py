"""What is stored or said must not join an answer to a person; the proof must find it when it does."""

import hashlib
import hmac
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.evaluation.anonymity import joins, order_leaks

PERSON = {"E17": ["E17", "anna.berg@example.org", "Anna Berg", "tokentokentokentoken12"]}
RANDOM_ID = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
PSEUDONYM = "c0ffee" * 10


def a_response(**more: Any) -> dict[str, Any]:
    return {
        "_id": RANDOM_ID,
        "wave_id": "FLC-1:T1",
        "cohort_id": "FLC-1",
        "link": PSEUDONYM,
        "answers": {"Q": 3},
        **more,
    }


def test_a_response_as_it_should_be_joins_nothing() -> None:
    others = {"invitations": [{"_id": "h", "employee_id": "E17", "status": "answered"}], "link_keys": []}
    assert joins([a_response()], others, PERSON) == []
    assert order_leaks(a_response()) == []


@pytest.mark.parametrize(
    "field",
    [
        {"comment": "Anna Berg"},
        {"answers": {"Q": "E17"}},
        {"comments": ["ANNA.BERG@example.org"]},
        {"link": hashlib.sha256(b"E17").hexdigest()},
        {"link": hashlib.md5(b"anna.berg@example.org").hexdigest()},  # noqa: S324
    ],
)
def test_a_response_that_holds_or_is_made_of_a_persons_name_is_found(field: dict[str, Any]) -> None:
    assert joins([a_response(**field)], {}, PERSON)


def test_a_pseudonym_that_a_stored_salt_can_make_is_found() -> None:
    salt = "5a17" * 16
    made = hmac.digest(bytes.fromhex(salt), b"E17", "sha256").hex()
    assert joins([a_response(link=made)], {"link_keys": [{"_id": "FLC-1", "salt": salt}]}, PERSON)
    assert not joins([a_response(link=made)], {"link_keys": []}, PERSON)


@pytest.mark.parametrize("secret", [RANDOM_ID, PSEUDONYM])
def test_whoever_else_holds_a_responses_id_or_pseudonym_is_found(secret: str) -> None:
    outbox = [{"_id": 1, "body": f'{{"regarding": ["{secret}"]}}'.encode()}]
    [found] = joins([a_response()], {"outbox": outbox}, PERSON)
    assert (found.collection, found.field) == ("outbox", "body.regarding")


def test_what_is_found_is_not_quoted() -> None:
    told = repr(joins([a_response(answers={"Q": "Anna Berg"})], {"x": [{"y": PSEUDONYM}]}, PERSON))
    assert "Anna" not in told
    assert PSEUDONYM not in told


@pytest.mark.parametrize(
    "field",
    [
        {"answered_at": datetime(2027, 2, 3, tzinfo=UTC)},
        {"answers": {"Q": date(2027, 2, 3)}},
        {"language": "en"},
        {"ip": "127.0.0.1"},
        {"_id": "65f0c0ffee65f0c0ffee65f0"},
        {"_id": "8c5a3f3e-1dd2-11b2-8000-000000000000"},
    ],
)
def test_what_tells_when_or_where_a_response_was_sent_in_is_found(field: dict[str, Any]) -> None:
    assert order_leaks(a_response(**field))
