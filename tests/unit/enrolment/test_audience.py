"""Whom a programme queues, whom it takes by name, and whom it lets go."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from services.enrolment.rules import audience
from services.enrolment.rules.reasons import AppointedTo, LeftEmployment, MatchedAudience, NoLongerEligible, Nominated
from tests.unit.enrolment.arrange import TODAY, an_employee, the_file

named = partial(audience.reason_to_nominate, units={}, by="office")


def test_a_newly_appointed_manager_is_queued_with_her_appointment_as_the_reason() -> None:
    reason = audience.reason_to_queue(an_employee(), the_file(), TODAY)
    assert reason == AppointedTo(level="first_line", since=date(2026, 4, 1))


def test_an_appointment_long_ago_queues_nobody() -> None:
    assert audience.reason_to_queue(an_employee(effective_from="2025-03-09"), the_file(), TODAY) is None


def test_the_last_day_of_the_window_counts() -> None:
    assert audience.reason_to_queue(an_employee(effective_from="2025-03-10"), the_file(), TODAY)


def test_without_a_window_the_level_is_the_reason() -> None:
    file = the_file(audience={"appointed_within_days": None})
    assert audience.reason_to_queue(an_employee(), file, TODAY) == MatchedAudience(level="first_line")


@pytest.mark.parametrize(
    "changes",
    [{"open_places": ("FLC:E1:1",)}, {"completed": ("FLC",)}, {"left": True}],
    ids=["has a place", "has completed it", "has left"],
)
def test_some_are_not_queued_though_their_level_fits(changes: dict[str, Any]) -> None:
    assert audience.reason_to_queue(an_employee().having(**changes), the_file(), TODAY) is None


def test_an_open_place_in_another_programme_is_no_hindrance() -> None:
    employee = an_employee().having(open_places=("MLC:E1:1",))
    assert audience.reason_to_queue(employee, the_file(), TODAY)


def test_a_programme_by_nomination_queues_nobody_by_itself() -> None:
    assert audience.reason_to_queue(an_employee(), the_file(audience={"entry": "nominated"}), TODAY) is None


def test_a_nomination_does_not_ask_how_long_ago_she_was_appointed() -> None:
    assert named(an_employee(effective_from="2019-01-01"), the_file()) == Nominated()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"open_places": ("FLC:E1:1",)}, "already has a place"),
        ({"completed": ("FLC",)}, "has completed"),
        ({"left": True}, "not employed"),
    ],
)
def test_a_nomination_that_cannot_be_is_refused_with_the_reason(changes: dict[str, Any], words: str) -> None:
    assert words in str(named(an_employee().having(**changes), the_file()))


def test_a_nomination_at_the_wrong_level_names_both_levels() -> None:
    refusal = named(an_employee(level="senior"), the_file())
    assert refusal == "her level is senior, and the programme is for first_line"


def test_nobody_outside_the_units_of_a_programme_is_nominated() -> None:
    refusal = named(an_employee(), the_file(audience={"units": ["D1"]}), units={"U1": ("D2", None), "D1": (None, None)})
    assert refusal == "she works in U1, and the programme is for D1"


def test_whoever_waits_goes_when_her_level_does_not_fit_any_more() -> None:
    found = audience.hindrance(an_employee(level="middle"), the_file().audience)
    assert found == NoLongerEligible(level="middle")


def test_whoever_waits_goes_when_she_has_left() -> None:
    assert audience.hindrance(an_employee().having(left=True), the_file().audience) == LeftEmployment()


def test_nobody_loses_a_place_by_waiting_for_it() -> None:
    assert audience.hindrance(an_employee(effective_from="2020-01-01"), the_file().audience) is None
