"""The judges of what the office did: what it planned must have been done to somebody, and show."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from deploy.sample import office_promises
from deploy.sample.facts import Facts
from tests.unit.sample.arrange import BEGINS, PEOPLE, PLAN, UNDONE, a_decision, a_good_year, an_entry, broken
from tests.unit.sample.test_staff_promises import with_diary, with_place


def with_group(cohort_id: str = "G", **changes: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, cohorts={**facts.cohorts, cohort_id: {**facts.cohorts[cohort_id], **changes}})


def with_session(which: str, cohort_id: str = "G", **changes: Any) -> Callable[[Facts], Facts]:
    def change(facts: Facts) -> Facts:
        sessions = facts.cohorts[cohort_id]["sessions"]
        changed = [{**one, **changes} if one["module"] == which else one for one in sessions]
        return with_group(cohort_id, sessions=changed)(facts)

    return change


def with_programme(code: str, **changes: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, programmes={**facts.programmes, code: {**facts.programmes[code], **changes}})


def with_goal(**changes: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, goals={"G3": {**facts.goals["G3"], **changes}})


def with_proposal(name: str, **changes: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, proposals={**facts.proposals, name: {**facts.proposals[name], **changes}})


def nothing_was_offered(facts: Facts) -> Facts:
    places = [{**p, "history": [d for d in p["history"] if d["state"] != "offered"]} for p in facts.places]
    return replace(facts, places=places)


def one_calendar_shows_what_was_undone(facts: Facts) -> Facts:
    moment = datetime.fromisoformat(UNDONE)
    told = [an_entry(PEOPLE[0]), an_entry(PEOPLE[0], sequence=1, starts_at=moment)]
    return replace(facts, entries={**facts.entries, f"u-{PEOPLE[0]}": told})


def one_is_invited_to(cohort_id: str, starts: timedelta) -> Callable[[Facts], Facts]:
    """She sat in a group, and her calendar shows a session of it that does not take place."""

    def change(facts: Facts) -> Facts:
        facts.watch.seats[cohort_id] = {PEOPLE[0]: "confirmed"}
        off = {**facts.cohorts["C1"]["sessions"][0], "session_id": "x", "starts_at": (BEGINS + starts).isoformat()}
        off |= {"cancelled": {"code": "x"} if cohort_id == "G" else None, "held": False}
        entries = {**facts.entries, "x": [an_entry(PEOPLE[0], uid="x", starts_at=BEGINS + starts)]}
        sessions = [*facts.cohorts[cohort_id]["sessions"], off]
        return with_group(cohort_id, sessions=sessions)(replace(facts, entries=entries))

    return change


def one_change_came_to_nothing(facts: Facts) -> Facts:
    first = next(change for change in facts.changes if change["state"] == "applied")
    return replace(facts, changes=[{**one, "state": "failed"} if one is first else one for one in facts.changes])


UNSEEN: dict[str, Callable[[Facts], Facts]] = {
    "change_place": with_session("M3", location="Sal A"),
    "reschedule_session": with_session("M3", starts_at=BEGINS.isoformat()),
    "add_session": with_session("X1", module="X2"),
    "cancel_session": with_session("M4", cancelled=None),
    "set_facilitators": with_group(facilitators=[]),
    "cancel_cohort": with_group("OFF", state="composed"),
    "revise_programme": with_programme("FLC", modules=[]),
    "adopt_revision": with_group(revision=1),
    "retire_programme": with_programme("POT", retired=False),
}
"""Each kind of change, applied without its effect."""

BREACHES: dict[str, Iterable[Callable[[Facts], Facts]]] = {
    "groups_were_proposed_and_exchanged": (
        nothing_was_offered,
        with_diary("grouping", exchanged=None),
        with_diary("grouping", apart=["E1", "E1"]),
        with_proposal("P1", state="accepted"),
        with_proposal("P2", state="proposed"),
    ),
    "two_who_swapped_have_each_others_seats": (
        with_place("swap", history=[]),
        with_place("swap", a_decision("confirmed", "SwappedGroups", cohort_id="F")),
    ),
    "favours_had_their_effect": (
        with_place("put_first", history=[]),
        with_place("put_first", priority=3, offers=0),
        with_place("take_back", a_decision("offered", cohort_id="F")),
        with_place("take_back", history=[]),
        with_place("withdraw", state="confirmed"),
        with_session("M1", "C1", corrections=[]),
        with_session("M1", "C1", attendance={PEOPLE[4]: {"kind": "absent", "hours": 0}}),
        lambda facts: replace(facts, networks=[{**facts.networks[0], "contact": PEOPLE[1]}]),
    ),
    "alumni_are_those_who_chose_it": (
        lambda facts: replace(facts, alumni=PEOPLE[1:4]),
        lambda facts: replace(facts, alumni=PEOPLE[1:2]),
    ),
    "changes_ended_as_the_office_wanted": (
        lambda facts: replace(facts, changes=facts.changes[1:]),
        one_change_came_to_nothing,
    ),
    "changes_show_where_they_should": (
        *UNSEEN.values(),
        with_session("M2", starts_at=UNDONE),
        with_session("M1", starts_at=UNDONE),
        with_group(state="cancelled"),
    ),
    "what_was_undone_was_not_heard_of": (one_calendar_shows_what_was_undone,),
    "nobody_is_invited_to_what_was_called_off": (
        one_is_invited_to("G", timedelta(days=40)),
        one_is_invited_to("OFF", timedelta(days=40)),
    ),
    "goals_read_as_reworded": (with_goal(text={"sv": "Som förr"}), with_goal(valid_to=None)),
}


@pytest.mark.parametrize(
    ("promise", "breach"), [(promise, breach) for promise, breaches in BREACHES.items() for breach in breaches]
)
def test_a_breach_of_this_promise_is_found_out(promise: str, breach: Callable[[Facts], Facts]) -> None:
    assert promise in broken(breach(a_good_year()))


def test_every_promise_about_the_office_can_be_broken() -> None:
    assert {rule.__name__ for rule in office_promises.RULES} == BREACHES.keys()


def test_every_kind_of_change_is_looked_for_and_found_missing() -> None:
    planned = {one.kind for one in PLAN.alterations}
    assert planned == UNSEEN.keys() == office_promises.SHOWN.keys()


@pytest.mark.parametrize("what", ["grouping", "swap", "alumni", *office_promises.EFFECTS])
def test_what_was_planned_and_done_for_nobody_is_a_promise_broken(what: str) -> None:
    facts = a_good_year()
    assert broken(replace(facts, diary=[entry for entry in facts.diary if entry.what != what])) != []


def test_an_invite_to_a_session_of_another_group_at_the_same_time_is_none_to_what_was_called_off() -> None:
    facts = one_is_invited_to("G", timedelta(0))(a_good_year())
    assert "nobody_is_invited_to_what_was_called_off" not in broken(facts)
