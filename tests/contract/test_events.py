"""Every event ever published can be read for ever: a golden sample of each version is kept, and never changed."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.cloudevents import Reject, unwrap, uuid7, wrap
from shared.events import EVENT_TYPES
from tests.harness import START

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = {file.name.removesuffix(".json"): json.loads(file.read_text("utf-8")) for file in GOLDEN.glob("*.json")}


def test_every_event_has_a_golden_sample() -> None:
    assert sorted(EVENT_TYPES) == sorted(SAMPLES)


def as_far_as(sample: Any, written: Any) -> Any:
    """What was written, without the fields that have come since the sample, at any depth."""
    if isinstance(sample, dict):
        return {key: as_far_as(each, written[key]) for key, each in sample.items()}
    if isinstance(sample, list):
        return [as_far_as(each, other) for each, other in zip(sample, written, strict=True)]
    return written


@pytest.mark.parametrize("event_type", sorted(SAMPLES))
def test_a_golden_sample_is_read_and_written_without_loss(event_type: str) -> None:
    event = EVENT_TYPES[event_type].model_validate(SAMPLES[event_type])
    written = json.loads(event.model_dump_json(by_alias=True))
    assert as_far_as(SAMPLES[event_type], written) == SAMPLES[event_type]


@pytest.mark.parametrize("event_type", sorted(SAMPLES))
def test_fields_of_a_newer_sender_are_ignored(event_type: str) -> None:
    newer = SAMPLES[event_type] | {"a_field_from_the_future": {"x": 1}}
    assert EVENT_TYPES[event_type].model_validate(newer).subject


@pytest.mark.parametrize("event_type", sorted(SAMPLES))
def test_binary_and_structured_mode_carry_the_same_event(event_type: str) -> None:
    event = EVENT_TYPES[event_type].model_validate(SAMPLES[event_type])
    headers: dict[str, Any] = wrap(event, source="/test", time=START, cause=None, event_id=uuid7())
    body = event.model_dump_json(by_alias=True)
    binary = unwrap(headers, "application/json", headers["ce-id"], body.encode())
    attributes = {"specversion": "1.0", "id": headers["ce-id"], "type": event_type, "source": "/test"}
    whole = json.dumps(attributes | {"data": json.loads(body)}).encode()
    structured = unwrap({}, "application/cloudevents+json; charset=utf-8", None, whole)
    assert binary.open() == structured.open() == event
    assert binary.id == structured.id


@pytest.mark.parametrize(
    ("event_type", "change", "says"),
    [
        ("hr.employee.changed.v1", {"email": "asa@kommun.example\r\nBcc: all@kommun.example"}, "email"),
        ("hr.employee.changed.v1", {"email": "asa@kommun.example, eva@kommun.example"}, "not one mail address"),
        ("hr.employee.changed.v1", {"given_name": "Åsa\nÖberg"}, "given_name: is not one line of text"),
        ("hr.employee.changed.v1", {"level": "boss"}, "level"),
        ("hr.employee.changed.v1", {"version": 0}, "version"),
        ("hr.employee.changed.v1", {"employed_to": "2020-01-01"}, "before employed_from"),
        ("hr.employee.changed.v1", {"absent": {"from": "2027-02-01", "to": "2027-01-31"}}, "absent: to is before from"),
        ("hr.employee.left.v1", {"last_day": "soon"}, "last_day"),
    ],
)
def test_a_malformed_event_is_rejected_with_the_field_and_without_repeating_it(
    event_type: str, change: dict[str, Any], says: str
) -> None:
    body = json.dumps(SAMPLES[event_type] | change).encode()
    with pytest.raises(Reject) as rejected:
        unwrap({"ce-id": "1", "ce-type": event_type}, "application/json", None, body).open()
    assert says in rejected.value.reason
    assert "Bcc" not in rejected.value.reason
    assert rejected.value.code == "invalid"


@pytest.mark.parametrize(
    ("headers", "body", "says"),
    [
        ({"ce-id": "1", "ce-type": "hr.employee.changed.v2"}, b"{}", r"send hr\.employee\.changed\.v1"),
        ({"ce-id": "1", "ce-type": "hr.employee.danced.v1"}, b"{}", "a type we do not know"),
        ({"ce-id": "1"}, b"{}", "no header ce-type"),
        ({"ce-type": "hr.employee.left.v1"}, b"{}", "no header ce-id"),
        ({"ce-id": "1", "ce-type": "hr.employee.left.v1"}, b"{not json", "malformed"),
    ],
)
def test_a_message_that_is_no_event_of_ours_is_rejected_in_one_clear_sentence(
    headers: dict[str, Any], body: bytes, says: str
) -> None:
    with pytest.raises(Reject, match=says):
        unwrap(headers, "application/json", None, body).open()


def test_a_structured_message_without_data_is_rejected() -> None:
    with pytest.raises(Reject, match="needs specversion, id, type, source and data"):
        unwrap({}, "application/cloudevents+json", None, b'{"id": "1", "type": "hr.employee.left.v1"}')
