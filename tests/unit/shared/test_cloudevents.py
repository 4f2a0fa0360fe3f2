"""Ids of events."""

import time
from uuid import RFC_4122, UUID

import pytest

from shared.cloudevents import NotYetKnown, Reject, unwrap, uuid7


def test_an_id_is_a_uuid_of_version_7_that_tells_its_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = UUID(uuid7())
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= after


def test_ids_are_written_as_everybody_writes_them_and_are_unique() -> None:
    ids = {uuid7() for _ in range(10_000)}
    assert len(ids) == 10_000
    assert all(str(UUID(each)) == each for each in ids)


@pytest.mark.parametrize(
    ("event_type", "may_be_known_elsewhere"), [("enrolment.place.praised.v1", True), ("hr.employee.praised.v1", False)]
)
def test_only_an_event_of_our_own_may_be_one_that_a_newer_version_knows(
    event_type: str, may_be_known_elsewhere: bool
) -> None:
    with pytest.raises(Reject) as rejected:
        unwrap({"ce-id": "1", "ce-type": event_type}, "application/json", None, b"{}").open()
    assert isinstance(rejected.value, NotYetKnown) == may_be_known_elsewhere
