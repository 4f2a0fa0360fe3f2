"""The judges of what HR said: what the plan wanted must have befallen somebody, with its consequence."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from deploy.sample import staff_promises
from deploy.sample.facts import Facts
from tests.unit.sample.arrange import MOMENT, PLAN, a_decision, a_good_year, a_mail, broken, ledgers


def place_of(what: str, facts: Facts, number: int = 0) -> str:
    return str(facts.done(what)[number].about["place_id"])


def with_place(what: str, *more: dict[str, Any], number: int = 0, **changes: Any) -> Callable[[Facts], Facts]:
    """The place that something befell, with something else decided about it."""

    def change(facts: Facts) -> Facts:
        place_id = place_of(what, facts, number)
        changed = [
            {**place, "history": [*place["history"], *more], **changes} if place["place_id"] == place_id else place
            for place in facts.places
        ]
        return replace(facts, places=changed)

    return change


def without_places_that_begin_with(why: str) -> Callable[[Facts], Facts]:
    def begins(place: Any) -> bool:
        return bool(place["history"][0]["reason"] and place["history"][0]["reason"]["code"] == why)

    return lambda facts: replace(facts, places=[place for place in facts.places if not begins(place)])


def with_diary(what: str, **about: Any) -> Callable[[Facts], Facts]:
    """Something that was done, otherwise."""
    return lambda facts: replace(
        facts,
        diary=[replace(e, about={**e.about, **about}) if e.what == what else e for e in facts.diary],
    )


def without_mail(*kinds: str) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, mails=[mail for mail in facts.mails if mail.kind not in kinds])


def one_heard_of_a_promotion_twice(facts: Facts) -> Facts:
    who = facts.done("promoted")[0].who
    return replace(facts, careers={**facts.careers, who: {**facts.careers[who], "Promoted": 2}})


def nobody_was_rehired(facts: Facts) -> Facts:
    who = facts.done("rehired")[0].who
    return replace(facts, careers={one: kinds for one, kinds in facts.careers.items() if one != who})


def one_was_written_to_where_she_was(facts: Facts) -> Facts:
    who = facts.done("renamed")[0].who
    old = facts.town.told[who][0]
    late = facts.mails[1].date
    return replace(facts, mails=[*facts.mails, a_mail(9, facts.town, to=getattr(old, "email", ""), date=late)])


def one_has(**there: Any) -> Callable[[Facts], Facts]:
    def change(facts: Facts) -> Facts:
        who = facts.done("moves")[0].who
        here = facts.register[who]
        record = {**here["record"], **{name: value for name, value in there.items() if name != "left"}}
        changed = {"left": there.get("left", here["left"]), "record": record}
        return replace(facts, register={**facts.register, who: changed})

    return change


def one_is_in_the_old_department(facts: Facts) -> Facts:
    moved = facts.done("moved")[0]
    return replace(facts, departments={**facts.departments, moved.about["people"][0]: moved.about["before"]})


def one_lost_her_place_with_her_unit(facts: Facts) -> Facts:
    who = facts.done("merged")[0].about["people"][0]
    lost = [a_decision("withdrawn", "NotInTheseUnits")]
    place = {**facts.places[-1], "place_id": "another", "employee_id": who, "state": "withdrawn", "history": lost}
    return replace(facts, places=[*facts.places, place])


def the_held_was_not_held(facts: Facts) -> Facts:
    enrolment = replace_outbox(ledgers()["enrolment"])
    return replace(facts, ledgers={**facts.ledgers, "enrolment": enrolment})


def replace_outbox(ledger: Any) -> Any:
    return ledger.model_copy(update={"outbox": {**ledger.outbox, staff_promises.HELD: {"published": 1, "pending": 0}}})


def queued_twice(what: str) -> Callable[[Facts], Facts]:
    def change(facts: Facts) -> Facts:
        who = facts.done(what)[0].who
        history = [a_decision("queued", "AppointedTo")]
        place = {**facts.places[-1], "place_id": "another", "employee_id": who, "state": "declined", "history": history}
        return replace(facts, places=[*facts.places, place])

    return change


BREACHES: dict[str, Iterable[Callable[[Facts], Facts]]] = {
    "staff_changes_are_told_apart": (one_heard_of_a_promotion_twice, nobody_was_rehired),
    "the_register_is_as_hr_has_it": (
        one_has(unit_id="U9999"),
        one_has(manager_id="E1"),
        one_has(email="old@kommun.example"),
        one_has(left=True),
    ),
    "snapshots_were_held_or_applied": (
        lambda facts: replace(facts, imports=[{**one, "state": "applied"} for one in facts.imports]),
        lambda facts: replace(facts, imports=facts.imports[:2]),
        the_held_was_not_held,
        with_diary("census", found={"Missing": 8}),
        with_diary("census", state="applied"),
    ),
    "files_say_what_is_wrong_and_go_on": (
        with_diary("file", faults=[]),
        with_diary("file", faults=[(2, "level", True)]),
        with_diary("file", right=False),
        with_diary("file", unchanged=0),
    ),
    "units_take_their_people_along": (
        one_is_in_the_old_department,
        one_lost_her_place_with_her_unit,
        with_diary("moved", people=[]),
        with_diary("merged", before="U1", after="U1"),
    ),
    "mail_goes_to_the_newest_address": (
        one_was_written_to_where_she_was,
        lambda facts: replace(facts, mails=[mail for mail in facts.mails if mail.date <= facts.mails[2].date]),
    ),
    "promotion_is_met_by_policy": (
        with_place("promoted", a_decision("withdrawn", "NoLongerEligible")),
        with_place("promoted", number=1, state="confirmed"),
        with_place("promoted", number=2, history=[]),
        without_places_that_begin_with("GoneToNextProgramme"),
    ),
    "leaves_pause_and_go_on": (
        with_place("parental_leave", credits=[]),
        with_place("parental_leave", offers=1, skips=[]),
        with_diary("parental_leave", until=PLAN.until),
    ),
    "departures_end_what_they_should": (
        with_place("leaves", state="confirmed"),
        with_place("stays", a_decision("withdrawn", "LeavesBeforeTheRest")),
        without_places_that_begin_with("StaysOn"),
    ),
    "other_changes_cost_no_seat": tuple(
        with_place(what, a_decision("withdrawn", why))
        for what, why in (
            ("moves", "NotInTheseUnits"),
            ("renamed", "LeftEmployment"),
            ("steps_down", "NoLongerEligible"),
        )
    ),
    "successors_take_the_seat": (
        with_place("succeeded", state="confirmed"),
        with_diary("succeeded", successor="E1"),
    ),
    "approvals_follow_the_manager": (without_mail("approval"), with_diary("new_manager", asked="E1")),
    "mistakes_move_nobody": (queued_twice("mistaken"), queued_twice("replaced")),
}


@pytest.mark.parametrize(
    ("promise", "breach"), [(promise, breach) for promise, breaches in BREACHES.items() for breach in breaches]
)
def test_a_breach_of_this_promise_is_found_out(promise: str, breach: Callable[[Facts], Facts]) -> None:
    assert promise in broken(breach(a_good_year()))


def test_every_promise_about_staff_can_be_broken() -> None:
    assert {rule.__name__ for rule in staff_promises.RULES} == BREACHES.keys()


@pytest.mark.parametrize("what", sorted({fate.what for fate in PLAN.fates} | {"renamed", "moved", "merged", "file"}))
def test_what_was_planned_and_befell_nobody_is_a_promise_broken(what: str) -> None:
    facts = a_good_year()
    assert broken(replace(facts, diary=[entry for entry in facts.diary if entry.what != what])) != []


def test_a_mail_of_the_day_on_which_she_was_renamed_may_go_to_the_old_address() -> None:
    facts = a_good_year()
    who = facts.done("renamed")[0].who
    old = getattr(facts.town.told[who][0], "email", "")
    same_day = facts.mails[1].date.replace(day=facts.done("renamed")[0].on.day)
    assert broken(replace(facts, mails=[*facts.mails, a_mail(9, facts.town, to=old, date=same_day)])) == []
    assert same_day > MOMENT
