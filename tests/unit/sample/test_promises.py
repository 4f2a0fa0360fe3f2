"""The judges of the year: a year in which all is well is found good, and every kind of breach is found out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from deploy.sample import office_promises, staff_promises
from deploy.sample.facts import Facts
from deploy.sample.promises import RULES, all_held, judge
from deploy.sample.show import table
from tests.unit.sample.arrange import (
    BEGINS,
    MOMENT,
    PEOPLE,
    a_belief,
    a_completed_place,
    a_good_year,
    a_mail,
    a_release,
    an_entry,
    broken,
    ledgers,
)


def test_a_year_in_which_all_is_well_is_found_good() -> None:
    assert broken(a_good_year()) == []
    assert all_held(judge(a_good_year()))


def with_entry(**changes: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(
        facts, entries={**facts.entries, f"u-{PEOPLE[0]}": [an_entry(PEOPLE[0]), an_entry(PEOPLE[0], **changes)]}
    )


def later(days: int = 1) -> datetime:
    return MOMENT + timedelta(days=days)


def one_left_with_her_invite(facts: Facts) -> Facts:
    places = [dict(place) for place in facts.places]
    places[0]["state"] = "withdrawn"
    facts.watch.left_at["C1", PEOPLE[0]] = MOMENT
    return replace(facts, places=places)


def one_was_mailed_after_her_last_day(facts: Facts) -> Facts:
    facts.town.leave(PEOPLE[0], date(2026, 9, 6))
    return facts


def one_group_was_overfull(facts: Facts) -> Facts:
    facts.watch.overfull.append("C1 had 15")
    return facts


def one_department_dominated(facts: Facts) -> Facts:
    facts.watch.one_sided.append("C1 had 6 of U0001")
    return facts


def with_mail(**changes: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, mails=[*facts.mails, a_mail(len(facts.mails) + 100, facts.town, **changes)])


def release_with(**figure: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(
        facts,
        releases=[a_release(facts.releases[0]["figures"][0] | figure)],
    )


def place_with(programme: str = "MLC", **changes: Any) -> Callable[[Facts], Facts]:
    """One more place, of somebody else, with something about it."""
    extra = a_completed_place("E100036") | {"programme": programme, "cohort_id": "C2"} | changes
    return lambda facts: replace(
        facts, places=[*facts.places, extra], cohorts={**facts.cohorts, "C2": facts.cohorts["C1"]}
    )


def one_who_left_waits(facts: Facts) -> Facts:
    register = {**facts.register, "E100036": {**facts.register["E100036"], "left": True}}
    return replace(place_with(state="queued")(facts), register=register)


BREACHES: dict[str, Callable[[Facts], Facts]] = {
    "every_staff_change_counts_once": lambda facts: replace(facts, ledgers=ledgers(applied=2)),
    "unreadable_messages_are_dead_letters": lambda facts: replace(facts, dead={**facts.dead, "evaluation": 2}),
    "every_event_is_handled_as_often_as_bound": lambda facts: replace(facts, ledgers=ledgers(completed=0)),
    "every_member_has_one_invite_per_session": with_entry(sequence=1, stamped=later(), starts_at=BEGINS + timedelta(1)),
    "nobody_outside_has_an_invite": one_left_with_her_invite,
    "one_uid_per_session_and_person": lambda facts: replace(
        facts, invitations=[*facts.invitations, dict(facts.invitations[0]) | {"uid": "another"}]
    ),
    "sequences_rise": with_entry(sequence=1, stamped=MOMENT),
    "no_message_id_twice": lambda facts: replace(
        facts, mails=[*facts.mails, replace(facts.mails[0], content=b"other bytes")]
    ),
    "no_mail_to_leavers": one_was_mailed_after_her_last_day,
    "mails_keep_working_hours": with_mail(date=MOMENT.replace(hour=20)),
    "news_comes_together": lambda facts: with_mail(kind="overview")(with_mail(kind="overview")(facts)),
    "answers_from_calendars_arrive": lambda facts: replace(facts, did={**facts.did, "answers from calendars": 1}),
    "no_group_is_overfull": one_group_was_overfull,
    "no_department_dominates": one_department_dominated,
    "releases_protect_those_who_answered": release_with(n=4),
    "every_group_has_its_result": lambda facts: replace(facts, releases=[]),
    "pages_were_as_they_should": lambda facts: replace(facts, surprises=["a form answered 500"]),
    "published_changes_are_true": release_with(value=24.0),
    "groups_together_find_the_true_effect": lambda facts: replace(
        facts, reports={"FLC": {"together": [{"indicator": "UM.change", "wave": "T1", "mean": a_belief(14.5)}]}}
    ),
    "weak_parts_are_recommended_to_be_changed": lambda facts: replace(
        facts, recommendations=[{"programme": "FLC", "findings": [{"indicator": "RX.depth"}]}]
    ),
    "every_skip_can_be_read": place_with(skips=[{"reason": {"code": "SessionClash", "text": {"sv": "", "en": "x"}}}]),
    "everybody_waits_once": lambda facts: place_with(state="queued")(place_with(state="offered")(facts)),
    "nobody_gone_has_a_place": one_who_left_waits,
    "nobody_is_offered_without_approval": place_with(approval={"state": "requested"}),
    "the_seat_follows_the_post": lambda facts: place_with("EXE", position="U1|senior")(
        place_with("EXE", position="U1|senior")(facts)
    ),
    "completion_follows_the_rule": place_with(),
    "networks_are_of_those_who_completed": lambda facts: replace(
        facts, networks=[dict(facts.networks[0]) | {"members": PEOPLE[1:]}]
    ),
}


@pytest.mark.parametrize(("promise", "breach"), BREACHES.items(), ids=list(BREACHES))
def test_a_breach_of_this_promise_is_found_out(promise: str, breach: Callable[[Facts], Facts]) -> None:
    assert promise in broken(breach(a_good_year()))


def test_every_promise_but_the_one_left_to_chance_can_be_broken() -> None:
    judged_elsewhere = {rule.__name__ for rule in (*staff_promises.RULES, *office_promises.RULES)}
    assert {rule.__name__ for rule in RULES} - BREACHES.keys() - judged_elsewhere == {"the_true_effect_is_found"}


def test_a_mail_at_night_about_a_session_of_tomorrow_is_no_breach() -> None:
    night = MOMENT.replace(hour=20)
    soon = with_entry(sequence=1, stamped=night, starts_at=night + timedelta(hours=12), message_id="<200@x>")
    assert "mails_keep_working_hours" not in broken(with_mail(date=night, message_id="<200@x>")(soon(a_good_year())))


def test_an_invite_that_was_cancelled_is_no_invite() -> None:
    cancelled = with_entry(method="CANCEL", sequence=1, stamped=later())(a_good_year())
    assert broken(cancelled) == ["every_member_has_one_invite_per_session"]


def test_a_mail_that_came_twice_with_the_same_bytes_is_forgiven() -> None:
    facts = a_good_year()
    assert broken(replace(facts, mails=[*facts.mails, facts.mails[0]])) == []


def test_one_who_has_left_the_municipality_may_keep_an_invite_that_cannot_be_taken_back() -> None:
    facts = a_good_year()
    facts.town.leave(PEOPLE[0], MOMENT.date())
    assert "nobody_outside_has_an_invite" not in broken(one_left_with_her_invite(facts))


def test_a_change_that_rests_on_too_few_must_not_be_published_at_all() -> None:
    facts = a_good_year()
    few = [submission for submission in facts.submissions if submission.employee_id in PEOPLE[:4]]
    assert "published_changes_are_true" in broken(replace(facts, submissions=few))
    told_nothing = replace(facts, submissions=few, releases=[a_release()])
    assert broken(told_nothing) == []


def test_the_table_has_a_row_for_every_promise() -> None:
    assert table(judge(a_good_year())).row_count == len(RULES)


def test_an_answer_to_another_groups_survey_is_none_to_this_ones() -> None:
    facts = a_good_year()
    before = facts.submissions[0]
    came_later = replace(before, asked_at=MOMENT - timedelta(days=1))
    assert "published_changes_are_true" in broken(replace(facts, submissions=[came_later, *facts.submissions[1:]]))
