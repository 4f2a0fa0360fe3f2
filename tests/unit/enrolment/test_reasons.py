"""Reasons as people read them."""

from datetime import date
from typing import Any, get_args

import pytest

from services.enrolment.rules import reasons
from services.enrolment.rules.reasons import Why, said

EXAMPLES: dict[str, dict[str, Any]] = {
    "AppointedTo": {"level": "first_line", "since": date(2026, 4, 1)},
    "MatchedAudience": {"level": "middle"},
    "NoLongerEligible": {"level": "none"},
    "DepartmentShareReached": {"limit": 3},
    "TooLittleAttendance": {"attended": 1, "sessions": 4},
    "TooFewHours": {"attended": 4.5, "hours": 9},
    "HasNotCompleted": {"programme": "FLC"},
    "SessionClash": {"on": date(2026, 10, 20), "programme": "Mellanchef"},
    "OtherLanguage": {"language": "en"},
    "GoneToNextProgramme": {"programme": {"sv": "Mellanchef", "en": "Middle managers"}},
    "PromotedOut": {"level": "middle"},
    "LeavesBefore": {"last_day": date(2026, 10, 1)},
    "LeavesBeforeTheRest": {"last_day": date(2026, 11, 1)},
    "ExcludedByCompleted": {"programme": "FLC"},
    "MissedRequired": {"module": {"sv": "Uppdraget", "en": "The mission"}},
}


@pytest.mark.parametrize("kind", get_args(Why), ids=lambda kind: kind.__name__)
def test_every_reason_can_be_said_in_both_languages(kind: type[Why]) -> None:
    reason = said(kind(**EXAMPLES.get(kind.__name__, {})))
    assert reason.code == kind.__name__
    assert reason.text.sv.endswith(".")
    assert reason.text.en.endswith(".")
    assert reason.text.sv != reason.text.en


def test_a_leave_with_a_known_end_says_it() -> None:
    assert said(reasons.OnLeave(until=date(2027, 2, 1))).text.sv == "Du är ledig till och med 1 februari 2027."
