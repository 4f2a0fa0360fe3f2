"""Arranging in words: employees, programmes and cohorts with only what a test is about spelled out."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from services.enrolment import programme_file
from services.enrolment.model import Cohort, Employee, Place, Programme
from services.enrolment.programme_file import ProgrammeFile
from services.enrolment.rules import career, places, sessions
from services.enrolment.rules.reasons import Nominated
from services.enrolment.rules.refusal import Refusal
from services.enrolment.rules.sessions import Plan
from shared.events.hr import EmployeeChanged
from shared.workdays import WorkCalendar

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
TODAY = date(2026, 9, 1)

FLC = """\
code: FLC
title: {sv: Ny som chef, en: New as a manager}
purpose: {sv: Växa i rollen, en: Grow into the role}
goals: [G1, G4]
audience: {levels: [first_line], appointed_within_days: 540, excludes_completed: [FLC], entry: automatic}
approval: none
group: {min: 2, max: 4, max_share_per_department: 0.5, separate_manager_and_report: true}
offer: {answer_within_days: 7}
modules:
  - {code: M1, title: {sv: Uppdraget, en: The mission}, kind: seminar, hours: 6, after_days: 0}
  - {code: M2, title: {sv: Reflektion, en: Reflection}, kind: reflection, hours: 3, after_days: 28}
completion: {attend_at_least: 0.8}
policies: {on_promotion: finish, on_absence: pause, on_leaving: withdraw}
evaluation: {instruments: [UM, RX], waves: [T0, T1]}
"""


def hr_says(employee_id: str = "E1", version: int = 1, **changes: Any) -> EmployeeChanged:
    """What HR publishes about somebody: a first-line manager appointed this spring, unless said otherwise."""
    record = {
        "employee_id": employee_id,
        "version": version,
        "given_name": "Åsa",
        "family_name": "Öberg",
        "email": f"{employee_id.lower()}@kommun.example",
        "unit_id": "U1",
        "level": "first_line",
        "employed_from": "2021-03-01",
        "effective_from": "2026-04-01",
    }
    return EmployeeChanged.model_validate(record | changes)


def an_employee(employee_id: str = "E1", **changes: Any) -> Employee:
    """An employee as the register has her after what HR says."""
    return career.told(None, hr_says(employee_id, **changes), TODAY)[0]


@cache  # to read the text takes as long as all the rest of a test
def _flc() -> ProgrammeFile:
    return programme_file.read(FLC)


def the_file(**changes: Any) -> ProgrammeFile:
    """The programme of this module with some parts exchanged."""
    content = _flc().model_dump()
    for part, value in changes.items():
        content[part] = content[part] | value if isinstance(value, dict) else value
    return ProgrammeFile.model_validate(content)


def a_programme(**changes: Any) -> Programme:
    """The programme in its first revision."""
    content = the_file(**changes)
    return Programme(id=content.code, revision=1, content=content)


def a_cohort(first_day: date = date(2026, 10, 20), **changes: Any) -> Cohort:
    """A cohort of the programme, at nine in the morning local time."""
    plan = Plan(first_day=first_day, start=time(9), location="Sal A")
    scheduled = sessions.schedule("FLC-1", a_programme(), plan, zone=STOCKHOLM, calendar=WorkCalendar())
    assert not isinstance(scheduled, Refusal)
    return scheduled[0].having(**changes)


def a_place(state: str = "queued", employee_id: str = "E1") -> Place:
    """A place that has gone the usual way to `state`."""
    place = places.queue(an_employee(employee_id), a_programme(), Nominated(), NOW).place
    if state == "queued":
        return place
    cohort = a_cohort()
    taken = places.offer(place, cohort, "https://example/o/1", NOW + timedelta(days=7), NOW)
    assert isinstance(taken, places.Taken)
    if state == "confirmed":
        taken = places.accept(taken.place, cohort, NOW)
        assert isinstance(taken, places.Taken)
    return taken.place
