"""What the office writes when it proposes a change, and what it is told if that cannot be read."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.enrolment.rules.change_commands import read
from shared.events.base import complaint

ADDED = {"cohort_id": "A", "module": "M2", "starts_at": "2026-10-20 09:00", "ends_at": "2026-10-20T12:00+02:00"}
WRITE_OUT = "write a day and a time, such as 2026-10-20T09:00"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("starts_at", "13:00", WRITE_OUT),
        ("starts_at", "tomorrow", WRITE_OUT),
        ("ends_at", 1792483200, WRITE_OUT),
        ("ends_at", "9999-10-20 12:00", "is no time to meet: correct the year"),
        ("module", "M 2", "is no code of a module: write letters a to z, digits and . _ ~ -, at most 31"),
    ],
)
def test_whoever_writes_what_cannot_be_read_is_told_how_to_write_it(field: str, value: Any, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read("add_session", ADDED | {"location": "Rådhuset", field: value})
    assert [complaint(dict(error)) for error in refused.value.errors()] == [words]


def test_a_time_may_have_an_offset_or_be_local() -> None:
    assert read("add_session", ADDED | {"location": "Rådhuset"}).model_dump()["ends_at"].tzinfo is not None
