"""What a rehearsal tells: whom a change touches, who is written to, which rules break, and when it is too much."""

from datetime import timedelta
from typing import Any

import pytest

from services.enrolment.model import Change, Cohort
from services.enrolment.rules import changes, group_rules, impact, meetings
from services.enrolment.rules.change_commands import (
    CancelCohort,
    Command,
    RetireProgramme,
    ReviseProgramme,
    kind_of,
    read,
)
from services.enrolment.rules.group_rules import BrokenRule
from services.enrolment.rules.impact import Impact, PersonTouched, Radius, Rehearsed
from services.enrolment.rules.people import Person
from services.enrolment.rules.refusal import Refusal
from shared.events import Event
from shared.events.base import LocalisedText, Reason
from shared.events.enrolment import (
    CohortCancelled,
    PersonQueued,
    PersonSkipped,
    PlaceApprovalRequested,
    PlaceWithdrawn,
)
from tests.unit.enrolment.arrange import NOW, a_cohort, a_place, the_file

WHY = Reason(code="X", text=LocalisedText(sv="Därför.", en="Because."))
TITLE = LocalisedText(sv="T", en="T")
PLACE: dict[str, Any] = {"place_id": "P1", "version": 1, "employee_id": "E1", "programme": "FLC", "title": TITLE}


def an_impact(touched: int = 0, managers: int = 250, told: bool = True, **more: Any) -> Impact:
    people = tuple(PersonTouched(employee_id=f"E{n}", told=told, because=("PersonQueued",)) for n in range(touched))
    return Impact(people=people, of=Radius(waiting_and_seated=100, managers=managers), **more)


def touched(*announced: Event, **members: tuple[str, ...]) -> dict[str, bool]:
    """Who is touched by what is announced, and whether she is written to."""
    by_cohort = {name.replace("_", "-"): them for name, them in members.items()}
    seen = Rehearsed(announced=announced, cohorts=(), places=(), members=by_cohort)
    return {person.employee_id: person.told for person in impact.people_touched(seen)}


def a_person(name: str, department: str = "D1", manager: str | None = None) -> Person:
    return Person(employee_id=name, place_id=f"FLC:{name}:1", department=department, manager_id=manager)


def composed(**group: Any) -> Cohort:
    return a_cohort(state="composed", content=the_file(group=group))


def test_waiting_and_being_passed_over_is_shown_and_not_mailed() -> None:
    queued = PersonQueued(**PLACE, reason=WHY)
    skipped = PersonSkipped(**PLACE, cohort_id="C", reason=WHY)
    assert touched(queued, skipped) == {"E1": False}


@pytest.mark.parametrize(("was", "told"), [("queued", False), ("offered", True), ("confirmed", True)])
def test_whoever_is_out_is_written_to_unless_she_only_waited(was: str, told: bool) -> None:
    out = PlaceWithdrawn.model_validate(PLACE | {"was": was, "reason": WHY})
    assert touched(out) == {"E1": told}


def test_what_happens_to_a_cohort_touches_its_members_and_an_approval_the_approver() -> None:
    cancelled = CohortCancelled(version=2, cohort_id="FLC-1", reason=WHY)
    asked = PlaceApprovalRequested(**PLACE, approver_id="E7")
    assert touched(cancelled, asked, FLC_1=("E2", "E3")) == {"E2": True, "E3": True, "E7": True}


def test_somebody_told_twice_by_one_change_is_one_person_and_one_mail() -> None:
    cohort = a_cohort()
    changed = meetings.move_to(cohort, None, "Sal B", NOW)
    assert not isinstance(changed, Refusal)
    seen = Rehearsed(announced=changed[1], cohorts=((cohort, changed[0]),), places=(), members={"FLC-1": ("E1",)})
    people = impact.people_touched(seen)
    assert (len(changed[1]), len(people), people[0].because) == (2, 1, ("SessionRescheduled",))
    assert [session.what for session in impact.sessions_touched(seen.cohorts)] == ["changed", "changed"]


@pytest.mark.parametrize(
    ("people", "managers", "confirm"),
    [(20, 20, None), (21, 84, None), (21, 83, 21), (100, 1000, None), (101, 1000, 101), (0, 0, None)],
)
def test_many_people_must_be_confirmed_and_a_group_or_two_need_not(
    people: int, managers: int, confirm: int | None
) -> None:
    assert an_impact(people, managers).confirm_people == confirm


def test_a_fingerprint_is_the_same_only_for_the_same_consequences() -> None:
    assert an_impact(3, managers=10).fingerprint == an_impact(3, managers=500).fingerprint
    assert an_impact(3).fingerprint != an_impact(4).fingerprint
    assert an_impact(3).fingerprint != an_impact(3, concerns=("there is no goal G1",)).fingerprint


def test_a_fingerprint_survives_being_stored() -> None:
    stored = an_impact(3).model_dump(mode="json")
    assert Impact.model_validate(stored).fingerprint == an_impact(3).fingerprint


def test_shares_and_mails_are_counted_by_person() -> None:
    quiet = an_impact(25, told=False)
    assert (quiet.touched, quiet.mails, quiet.share) == (25, 0, 0.25)


def test_deadlines_that_come_earlier_are_told_and_later_ones_are_not() -> None:
    before = a_place("offered").having(answer_by=NOW + timedelta(days=7))
    earlier = before.having(answer_by=NOW + timedelta(days=3))
    assert [each.after for each in impact.shorter_deadlines([(before, earlier)])] == [earlier.answer_by]
    assert impact.shorter_deadlines([(earlier, before)]) == ()


def test_each_rule_that_a_group_breaks_is_told_with_those_who_break_it() -> None:
    people = [a_person("E1"), a_person("E2"), a_person("E3", manager="E1"), a_person("E4", "D2")]
    broken = group_rules.broken_rules(composed(max=3), people)
    assert [(each.rule, each.employees) for each in broken] == [
        ("max", ()),
        ("max_share_per_department", ("E1", "E2", "E3")),
        ("separate_manager_and_report", ("E1", "E3")),
    ]
    assert [each.rule for each in group_rules.broken_rules(composed(min=2), [a_person("E1")])] == ["min"]


def test_a_group_that_drop_outs_left_with_too_many_from_one_department_breaks_its_share() -> None:
    """Five of fourteen may be from one department; of the nine that are left, three may."""
    cohort = composed(min=8, max=14, max_share_per_department=0.4)
    people = [a_person(f"E{n}", "D1" if n < 5 else f"D{n}") for n in range(14)]
    assert group_rules.broken_rules(cohort, people) == ()
    [broken] = group_rules.broken_rules(cohort, people[:9])
    assert (broken.rule, broken.detail) == ("max_share_per_department", "5 come from D1, and at most 3 may")


def test_a_rule_that_the_programme_does_not_have_is_not_broken() -> None:
    people = [a_person("E1"), a_person("E2", "D2", manager="E1")]
    assert group_rules.broken_rules(composed(separate_manager_and_report=False), people) == ()


def test_a_group_that_is_not_composed_breaks_no_rule() -> None:
    assert group_rules.broken_rules(a_cohort(), [a_person("E1")]) == ()


def test_what_was_broken_before_by_the_same_people_is_not_told_again() -> None:
    rule = BrokenRule(cohort_id="C", rule="min", detail="1 has a seat, and at least 2 should")
    other = BrokenRule(cohort_id="C", rule="max_share_per_department", employees=("E1", "E2"), detail="…")
    assert group_rules.newly_broken([rule], [rule, other]) == (other,)


def test_kinds_are_read_back_as_the_command_that_was_proposed() -> None:
    commands: list[Command] = [
        RetireProgramme(code="FLC"),
        ReviseProgramme(file="code: FLC", addresses=("R-1",)),
        CancelCohort.model_validate({"cohort_id": "FLC-1", "reason": {"sv": "a", "en": "b"}}),
    ]
    for command in commands:
        assert read(kind_of(command), command.model_dump(mode="json")) == command


def a_change(**more: Any) -> Change:
    return changes.proposed("C1", RetireProgramme(code="FLC"), an_impact(2), note="", by="office", now=NOW).having(
        **more
    )


def test_an_approved_change_waits_until_it_has_settled_unless_it_is_urgent() -> None:
    for at_once, wait in ((False, changes.SETTLING), (True, timedelta(0))):
        approved = changes.approved(
            a_change(), an_impact(2), seen=None, confirmed=None, by="office", now=NOW, at_once=at_once
        )
        assert not isinstance(approved, Refusal)
        assert approved.ripples_at == NOW + wait


@pytest.mark.parametrize("state", ["approved", "applied", "undone", "failed", "dropped"])
def test_only_a_proposed_change_is_approved_or_dropped(state: str) -> None:
    change = a_change(state=state)
    for answer in (
        changes.approved(change, an_impact(2), seen=None, confirmed=None, by="o", now=NOW, at_once=False),
        changes.dropped(change),
    ):
        assert isinstance(answer, Refusal)
        assert answer.slug == "change-not-proposed"


def test_a_change_seen_with_other_consequences_is_not_approved() -> None:
    stale = changes.approved(a_change(), an_impact(3), seen=None, confirmed=None, by="o", now=NOW, at_once=False)
    assert isinstance(stale, Refusal)
    fresh = an_impact(3).fingerprint
    seen = changes.approved(a_change(), an_impact(3), seen=fresh, confirmed=None, by="o", now=NOW, at_once=False)
    assert not isinstance(seen, Refusal)


def test_where_no_command_leads_back_the_office_is_told_what_to_do_instead() -> None:
    change = a_change(kind="cancel_cohort", state="applied")
    refused = changes.way_back(change)
    assert isinstance(refused, Refusal)
    assert "schedule another cohort" in refused.detail


def test_an_id_that_any_session_has_had_is_not_given_again() -> None:
    assert meetings.free_id("FLC-1", "M1", ["FLC-1:M1", "FLC-1:M1:2"]) == "FLC-1:M1:3"
