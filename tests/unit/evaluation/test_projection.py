"""Cohorts and memberships by the newest event about each, in whatever order events come."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations

import pytest

from services.evaluation import projection
from services.evaluation.model import Cohort, Membership
from shared.events import Event, LocalisedText, Reason
from shared.events.enrolment import (
    CohortScheduled,
    PlaceConfirmed,
    PlaceEvent,
    PlaceWithdrawn,
    SessionEvent,
    SessionHeld,
    SessionRescheduled,
)
from shared.events.hr import EmployeeLeft
from tests.unit.evaluation.arrange import FIRST_DAY, LAST_DAY, TITLE, a_schedule, a_session

A_DAY_LATER = FIRST_DAY + timedelta(days=1)


def moved(version: int, session_version: int, days: int) -> SessionRescheduled:
    return SessionRescheduled(
        cohort_id="FLC-1",
        version=version,
        programme="FLC",
        title=TITLE,
        session=a_session("M1", FIRST_DAY + timedelta(days=days), session_version),
        previous_starts_at=FIRST_DAY,
        previous_location="Stadshuset",
    )


def held(version: int, *attended: str, last: bool = False) -> SessionHeld:
    session = a_session("M2", LAST_DAY) if last else a_session("M1", FIRST_DAY)
    return SessionHeld(
        cohort_id="FLC-1",
        version=version,
        programme="FLC",
        title=TITLE,
        session=session,
        attended=attended,
        last=last,
    )


def after(events: Sequence[Event]) -> Cohort:
    cohort = Cohort(id="FLC-1")
    for event in events:
        if isinstance(event, CohortScheduled):
            cohort = projection.scheduled(cohort, event)
        elif isinstance(event, SessionHeld):
            cohort = projection.held(cohort, event)
        elif isinstance(event, SessionEvent):
            cohort = projection.moved(cohort, event)
    return cohort


def confirmed(version: int, cohort_id: str = "FLC-1") -> PlaceConfirmed:
    return PlaceConfirmed(
        place_id="FLC:E1:1",
        version=version,
        employee_id="E1",
        programme="FLC",
        title=TITLE,
        cohort_id=cohort_id,
        sessions=(),
    )


def withdrawn(version: int) -> PlaceWithdrawn:
    return PlaceWithdrawn(
        place_id="FLC:E1:1",
        version=version,
        employee_id="E1",
        programme="FLC",
        title=TITLE,
        cohort_id="FLC-1",
        was="confirmed",
        reason=Reason(code="left", text=LocalisedText(sv="Slutat", en="Left")),
    )


HISTORY = (a_schedule(version=1), moved(2, 2, 1), moved(3, 3, 5), held(4, "E1", "E2"), held(5, "E1", last=True))


@pytest.mark.parametrize("order", list(permutations(range(5))))
def test_a_cohort_ends_up_the_same_in_whatever_order_its_news_comes(order: tuple[int, ...]) -> None:
    straight, mixed = after(HISTORY), after([HISTORY[number] for number in order])
    assert [(s.session_id, s.starts_at, s.attended) for s in mixed.sessions] == [
        (s.session_id, s.starts_at, s.attended) for s in straight.sessions
    ]
    assert (mixed.scheduled_by, mixed.last_recorded, mixed.waves) == (1, True, straight.waves)


def test_the_same_news_twice_changes_nothing() -> None:
    assert after([*HISTORY, *HISTORY]) == after(HISTORY)


def test_an_older_schedule_does_not_replace_a_newer_one() -> None:
    newer = a_schedule(a_session("M1", A_DAY_LATER, 2), version=3)
    assert after([newer, a_schedule(version=1)]) == after([newer])


def test_a_session_that_the_newer_schedule_dropped_does_not_come_back() -> None:
    without_first = a_schedule(a_session("M2", LAST_DAY), version=5)
    assert [s.session_id for s in after([a_schedule(), without_first, moved(4, 3, 1)]).sessions] == ["FLC-1:M2"]


def test_attendance_recorded_again_replaces_the_first_record() -> None:
    cohort = after([a_schedule(), held(2, "E1", "E2"), held(3, "E2")])
    assert cohort.sessions[0].attended == ("E2",)


@pytest.mark.parametrize(
    ("events", "belongs"),
    [
        ([confirmed(3)], True),
        ([confirmed(3), withdrawn(4)], False),
        ([withdrawn(4), confirmed(3)], False),
        ([confirmed(3), withdrawn(4), confirmed(5)], True),
    ],
)
def test_the_newest_news_about_a_place_decides_who_belongs(events: list[PlaceEvent], belongs: bool) -> None:
    membership: Membership | None = None
    for event in events:
        membership = projection.membership(membership, event) or membership
    assert membership is not None
    assert membership.belongs is belongs


def test_news_about_a_place_that_is_known_already_is_stale() -> None:
    known = projection.membership(None, confirmed(3))
    assert projection.membership(known, confirmed(3)) is None


def test_an_older_leaving_does_not_replace_a_newer_one() -> None:
    newer = projection.departure(None, EmployeeLeft(employee_id="E1", version=5, last_day=date(2026, 12, 31)))
    assert projection.departure(newer, EmployeeLeft(employee_id="E1", version=4, last_day=date(2026, 9, 1))) is None
