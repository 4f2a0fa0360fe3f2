"""The judges of the year: a year in which all is well is found good, and every kind of breach is found out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from deploy.ctl.standing import Ledger
from deploy.sample.facts import Facts
from deploy.sample.invitations import Revision
from deploy.sample.mailbox import Mail
from deploy.sample.municipality import Municipality, found
from deploy.sample.organisation import VILLAGE
from deploy.sample.people import Submission
from deploy.sample.plan import SHORT, Alteration, Census
from deploy.sample.promises import RULES, all_held, judge
from deploy.sample.show import table
from deploy.sample.watch import Watch

BEGINS = datetime(2026, 9, 29, 7, tzinfo=UTC)
ENDS = BEGINS + timedelta(hours=6)
MOMENT = datetime(2026, 9, 7, 10, tzinfo=UTC)
PEOPLE = [f"E{100_030 + number}" for number in range(6)]


class SeenYear(Watch):
    """A watch that has seen a year in which nothing was wrong."""

    def __init__(self, seats: Mapping[str, str]) -> None:
        self.seats = {"C1": dict(seats)}
        self.left_at = {}
        self.overfull = []
        self.one_sided = []


def a_mail(number: int, town: Municipality, **changes: Any) -> Mail:
    mail = Mail(
        file=str(number),
        to=town.people[PEOPLE[0]].email,
        kind="invite",
        message_id=f"<{number}@kommun.example>",
        date=MOMENT,
        subject="",
        text="",
        calendar=None,
        content=str(number).encode(),
        seen=MOMENT,
    )
    return replace(mail, **changes)


def an_entry(employee_id: str, **changes: Any) -> Revision:
    entry = Revision(
        uid=f"u-{employee_id}",
        method="REQUEST",
        sequence=0,
        stamped=MOMENT,
        starts_at=BEGINS,
        ends_at=ENDS,
        location="Sal A",
        employee_id=employee_id,
        message_id=f"<{employee_id}@kommun.example>",
    )
    return replace(entry, **changes)


def a_submission(employee_id: str, *, after: bool, step: int) -> Submission:
    moment = ENDS + timedelta(days=1) if after else BEGINS - timedelta(days=1)
    items = [f"UM{number}" for number in range(1, 6)] + (["RX1"] if after else [])
    return Submission(employee_id, moment, after, dict.fromkeys(items, str(step)))


def ledgers(**changed: int) -> dict[str, Ledger]:
    """A year in which HR published one change and one person leaving, and enrolment completed one place."""
    count = {"applied": 1, "enrolment_leaving": 1, "completed": 1} | changed
    completed = "enrolment.place.completed.v1"
    leaving = {"hr.employee.left.v1": {"held": 1}}
    changes = {"hr.employee.changed.v1": {"applied": 1}} | leaving
    counted = changes | {"hr.employee.changed.v1": {"applied": count["applied"]}}
    return {
        "enrolment": Ledger(inbox={"enrolment.hr": counted}, outbox={completed: {"published": 1, "pending": 0}}),
        "notifications": Ledger(inbox={"notifications.hr": changes}, outbox={}),
        "evaluation": Ledger(
            inbox={"evaluation.hr": leaving, "evaluation.enrolment": {completed: {"applied": count["completed"]}}},
            outbox={},
        ),
    }


def a_session() -> dict[str, Any]:
    return {
        "session_id": "C1:M1",
        "module": "M1",
        "starts_at": BEGINS.isoformat(),
        "ends_at": ENDS.isoformat(),
        "location": "Sal A",
        "cancelled": None,
        "attended": PEOPLE,
    }


def a_completed_place(person: str) -> dict[str, Any]:
    return {
        "place_id": f"MLC:{person}:1",
        "programme": "MLC",
        "employee_id": person,
        "state": "completed",
        "reason": {"code": "MatchedAudience"},
        "cohort_id": "C1",
        "confirmed_at": MOMENT.isoformat(),
        "credits": [],
        "skips": [{"reason": {"code": "SessionClash", "text": {"sv": "Krock.", "en": "Clash."}}}],
        "offers": 1,
        "approval": {"state": "approved"},
        "position": None,
        "priority": 3,
        "history": [{"reason": None}],
    }


UNDONE = "2026-10-30T13:07:00+01:00"
PLAN = replace(
    SHORT,
    alterations=(
        Alteration(date(2026, 10, 5), "reschedule_session", {"cohort_id": "C1", "starts_at": UNDONE}, ends="undone"),
    ),
    censuses=(Census(date(2026, 11, 11), lacking=0.4),),
)


def a_good_year() -> Facts:
    town = found(1, VILLAGE)
    figure = {"indicator": "UM.change", "n": 6, "value": 25.0, "low": 5.0, "high": 45.0}
    members = [{"employee_id": person, "state": "completed"} for person in PEOPLE]
    return Facts(
        town=town,
        mails=[a_mail(1, town)],
        entries={f"u-{person}": [an_entry(person)] for person in PEOPLE},
        places=[a_completed_place(person) for person in PEOPLE],
        cohorts={"C1": {"sessions": [a_session()], "members": members, "state": "completed"}},
        invitations=[
            {"session_id": "C1:M1", "employee_id": person, "round": 1, "uid": f"u-{person}"} for person in PEOPLE
        ],
        releases=[{"cohort_id": "C1", "figures": [figure]}],
        ledgers=ledgers(),
        dead={"enrolment": 1, "notifications": 1, "evaluation": 0},
        published={"hr.employee.changed.v1": 2, "hr.employee.left.v1": 1},
        malformed={"hr.employee.changed.v1": 1},
        submissions=[a_submission(p, after=after, step=4 if after else 3) for p in PEOPLE for after in (False, True)],
        surprises=[],
        did={},
        watch=SeenYear(dict.fromkeys(PEOPLE, "completed")),
        plan=PLAN,
        changes=[{"state": "undone", "command": {"starts_at": UNDONE}}],
        imports=[{"state": "rejected"}],
        networks=[{"network_id": "network:C1", "cohort_id": "C1", "members": PEOPLE, "contact": PEOPLE[0]}],
        register={who: {"left": False, "record": record.model_dump()} for who, record in town.people.items()},
    )


def broken(facts: Facts) -> list[str]:
    return [rule.__name__ for rule in RULES if rule(facts).held is False]


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


def release_with(**figure: Any) -> Callable[[Facts], Facts]:
    return lambda facts: replace(
        facts, releases=[{"cohort_id": "C1", "figures": [facts.releases[0]["figures"][0] | figure]}]
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


BACK = [{"reason": {"code": "BackFromLeave"}}]


BREACHES: dict[str, Callable[[Facts], Facts]] = {
    "every_staff_change_counts_once": lambda facts: replace(facts, ledgers=ledgers(applied=2)),
    "unreadable_messages_are_dead_letters": lambda facts: replace(facts, dead={**facts.dead, "evaluation": 1}),
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
    "no_group_is_overfull": one_group_was_overfull,
    "no_department_dominates": one_department_dominated,
    "releases_protect_those_who_answered": release_with(n=4),
    "every_group_has_its_result": lambda facts: replace(facts, releases=[]),
    "pages_were_as_they_should": lambda facts: replace(facts, surprises=["a form answered 500"]),
    "published_changes_are_true": release_with(value=24.0),
    "every_skip_can_be_read": place_with(skips=[{"reason": {"code": "SessionClash", "text": {"sv": "", "en": "x"}}}]),
    "everybody_waits_once": lambda facts: place_with(state="queued")(place_with(state="offered")(facts)),
    "nobody_gone_has_a_place": one_who_left_waits,
    "nobody_is_offered_without_approval": place_with(approval={"state": "requested"}),
    "who_came_back_goes_on": place_with(state="queued", history=BACK),
    "the_seat_follows_the_post": lambda facts: place_with("EXE", position="U1|senior")(
        place_with("EXE", position="U1|senior")(facts)
    ),
    "completion_follows_the_rule": place_with(),
    "networks_are_of_those_who_completed": lambda facts: replace(
        facts, networks=[dict(facts.networks[0]) | {"members": PEOPLE[1:]}]
    ),
    "changes_ended_as_the_office_wanted": lambda facts: replace(facts, changes=[]),
    "what_was_undone_was_not_heard_of": with_entry(
        sequence=1, stamped=later(), starts_at=datetime.fromisoformat(UNDONE)
    ),
    "snapshots_were_held_or_applied": lambda facts: replace(facts, imports=[{"state": "applied"}]),
    "the_register_is_as_hr_has_it": lambda facts: replace(
        facts, register={**facts.register, PEOPLE[0]: {**facts.register[PEOPLE[0]], "left": True}}
    ),
}


@pytest.mark.parametrize(("promise", "breach"), BREACHES.items(), ids=list(BREACHES))
def test_a_breach_of_this_promise_is_found_out(promise: str, breach: Callable[[Facts], Facts]) -> None:
    assert promise in broken(breach(a_good_year()))


def test_every_promise_but_the_one_left_to_chance_can_be_broken() -> None:
    assert {rule.__name__ for rule in RULES} - BREACHES.keys() == {"the_true_effect_is_found"}


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
    told_nothing = replace(facts, submissions=few, releases=[{"cohort_id": "C1", "figures": []}])
    assert broken(told_nothing) == []


def test_the_table_has_a_row_for_every_promise() -> None:
    assert table(judge(a_good_year())).row_count == len(RULES)
