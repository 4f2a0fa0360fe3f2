"""Versions side by side: what the last release publishes is read now, and what is published now could be read then."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.compatibility import RELEASED, contract, retired, unreadable

OFFERED = "enrolment.place.offered.v1"


@pytest.fixture(scope="module")
def released() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RELEASED.read_text("utf-8"))
    return found


def test_what_the_last_release_publishes_can_be_read_now(released: dict[str, Any]) -> None:
    assert unreadable(released, contract()) == []


def test_what_is_published_now_can_be_read_by_the_last_release(released: dict[str, Any]) -> None:
    assert unreadable(contract(), released) == []
    assert retired(contract(), released) == set()


def fact(now: dict[str, Any], kind: str = "writes") -> dict[str, Any]:
    schema: dict[str, Any] = now["$defs"][now[kind][OFFERED]["$ref"].removeprefix("#/$defs/")]
    return schema


def _new_field(now: dict[str, Any]) -> None:
    fact(now)["properties"]["mood"] = {"type": "string"}


def _lost_field(now: dict[str, Any]) -> None:
    fact(now)["required"].remove("place_id")
    del fact(now)["properties"]["place_id"]


def _other_type(now: dict[str, Any]) -> None:
    fact(now)["properties"]["version"] = {"type": "string"}


def _new_value(now: dict[str, Any]) -> None:
    now["$defs"]["InvitationAnswered"]["properties"]["answer"]["enum"].append("perhaps")


def _maybe_nothing(now: dict[str, Any]) -> None:
    fact(now)["properties"]["cohort_id"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (_new_field, None),
        (_lost_field, "place_id"),
        (_other_type, "version"),
        (_new_value, "perhaps"),
        (_maybe_nothing, "cohort_id"),
    ],
)
def test_a_change_that_an_older_reader_could_not_bear_is_seen(
    released: dict[str, Any], change: Callable[[dict[str, Any]], None], complaint: str | None
) -> None:
    now = copy.deepcopy(released)
    change(now)
    found = unreadable(now, released)
    assert (complaint is None) == (found == [])
    assert complaint is None or complaint in " ".join(found)


def test_an_event_that_is_no_longer_published_while_somebody_is_bound_to_it_is_seen(released: dict[str, Any]) -> None:
    now = copy.deepcopy(released)
    del now["writes"][OFFERED]
    assert retired(now, released) == {OFFERED}
