"""The promises about what HR said: each change told apart, and each with its consequence for whoever it befell. What
was planned and befell nobody is a promise broken."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from deploy.sample.careers import KINDS, expected
from deploy.sample.diary import Entry
from deploy.sample.facts import Facts, Promise, as_wanted, equal, reasons
from deploy.sample.mailbox import Mail
from deploy.sample.moments import local_day
from deploy.sample.office import programme_files
from deploy.sample.registers import SAME

LEAVING: Final = frozenset({"LeftEmployment", "LeavesBefore", "LeavesBeforeTheRest"})
PROMOTED: Final = frozenset({"PromotedOut", "GoneToNextProgramme", "NoLongerEligible"})
BY_HR: Final = LEAVING | PROMOTED | {"NotInTheseUnits", "LeftPost", "OnLeave"}
"""Reasons by which what HR says ends or pauses a place."""
HELD: Final = "enrolment.staff_import.held.v1"


def staff_changes_are_told_apart(facts: Facts) -> Promise:
    """The timelines of some people of every kind say just what HR's words about them meant."""
    until = facts.plan.until
    wanted = {who: expected(facts.town.told[who], until) for who in facts.careers}
    right = [who for who, kinds in wanted.items() if dict(kinds) == dict(facts.careers[who])]
    seen = {kind for who in right for kind in facts.careers[who]}
    text = "Each kind of change in somebody's work is told apart, once"
    told = f"{len(seen & KINDS)} kinds, {len(right)} people"
    return Promise(text, f"{len(KINDS)} kinds, {len(wanted)} people", told, seen >= KINDS and len(right) == len(wanted))


def mail_goes_to_the_newest_address(facts: Facts) -> Promise:
    """Nobody is written to at an address that she had before that day; who has a new one has got mail there."""
    strange = [mail for mail in facts.mails if mail.to not in _addresses(facts, mail)]
    heard = [entry for entry in facts.done("renamed") if entry.who and _is_written_to_anew(entry, facts)]
    wanted = sum(fate.what == "renamed" for fate in facts.plan.fates)
    found = f"{len(strange)} elsewhere, {len(heard)} renamed"
    held = not strange and len(heard) == wanted
    return Promise("Mail goes to the address that HR told last", f"0 elsewhere, {wanted} renamed", found, held)


def _addresses(facts: Facts, mail: Mail) -> set[str]:
    who, day = facts.town.owners[mail.to], local_day(mail.date)
    return {facts.town.standing(who, on).email for on in (day, day - timedelta(days=1))}


def _is_written_to_anew(entry: Entry, facts: Facts) -> bool:
    new = facts.town.standing(entry.who, entry.on).email
    return any(mail.to == new and local_day(mail.date) > entry.on for mail in facts.mails)


def promotion_is_met_by_policy(facts: Facts) -> Promise:
    """Who is promoted in the middle of a programme finishes it, goes on in the next, or is out."""
    policies = {code: file["policies"]["on_promotion"] for code, file in programme_files().items()}
    groups = {group.cohort_id: policies[group.programme] for group in facts.plan.groups}
    planned = [groups[fate.among] for fate in facts.plan.fates if fate.what == "promoted"]
    found = []
    for entry in facts.done("promoted"):
        place = facts.place(entry.about["place_id"])
        policy = policies[place["programme"]]
        found += [policy] if _met(policy, entry, place, facts) else []
    return as_wanted("Promoted mid-programme: she finishes, goes on or is out", planned, found)


def _met(policy: str, entry: Entry, place: Mapping[str, Any], facts: Facts) -> bool:
    """A place of hers in another programme begins with the reason for which this one ended, if she goes on."""
    why = [code for code in reasons(place, entry.on) if code in PROMOTED]
    if policy == "finish":
        return not why
    ended = {"withdraw": "PromotedOut", "transfer": "GoneToNextProgramme"}[policy]
    onward = [p for p in _places_of(entry.who, facts) if p is not place and reasons(p)[:1] == [ended]]
    return place["state"] == "withdrawn" and why == [ended] and bool(onward) == (policy == "transfer")


def _places_of(who: str, facts: Facts) -> list[Mapping[str, Any]]:
    return [place for place in facts.places if place["employee_id"] == who]


def leaves_pause_and_go_on(facts: Facts) -> Promise:
    """Who is away pauses; who is back waits with her credit, and was asked again or can read why not."""
    return _as_planned("Who is away pauses, and goes on with credit when back", facts, "parental_leave")


def departures_end_what_they_should(facts: Facts) -> Promise:
    """Who leaves is out; who stays after all keeps her seat; who is back soon waits again."""
    text = "Leaving ends a place, staying keeps it, coming back begins anew"
    return _as_planned(text, facts, "leaves", "stays", "rehired")


def other_changes_cost_no_seat(facts: Facts) -> Promise:
    """Who moves, has a new name, or leads no more keeps the seat that she has said yes to."""
    return _as_planned("Who moves, is renamed or steps down keeps her seat", facts, "moves", "renamed", "steps_down")


def successors_take_the_seat(facts: Facts) -> Promise:
    """Who succeeds somebody in a post has its seat, and her predecessor has not."""
    return _as_planned("The seat of a post goes to the successor", facts, "succeeded")


def approvals_follow_the_manager(facts: Facts) -> Promise:
    """Whoever is the right one to ask now has got the question by mail."""
    text = "Approval is asked of the new manager, or of the next when she is away"
    return _as_planned(text, facts, "new_manager", "approver_away")


def mistakes_move_nobody(facts: Facts) -> Promise:
    """What HR takes back within a day, or before its day, queues nobody twice and takes nobody out."""
    return _as_planned("What HR takes back in time moves nobody to and fro", facts, "mistaken", "replaced")


def _as_planned(text: str, facts: Facts, *kinds: str) -> Promise:
    planned = [fate.what for fate in facts.plan.fates if fate.what in kinds]
    return as_wanted(
        text, planned, [one.what for one in facts.done(*kinds) if one.who and EFFECTS[one.what](one, facts)]
    )


def _has_left(entry: Entry, facts: Facts) -> bool:
    place = facts.place(entry.about["place_id"])
    if place["state"] == "completed":
        return not any(entry.who in network["members"] for network in facts.networks)
    return bool(place["state"] == "withdrawn" and place["reason"]["code"] in LEAVING)


def _has_stayed(entry: Entry, facts: Facts) -> bool:
    return LEAVING.isdisjoint(reasons(facts.place(entry.about["place_id"]), entry.on))


def _is_back(entry: Entry, facts: Facts) -> bool:
    before = facts.place(entry.about["place_id"])
    again = [p for p in _places_of(entry.who, facts) if p["programme"] == before["programme"]]
    return before["reason"]["code"] in LEAVING and any(reasons(place)[:1] == ["StaysOn"] for place in again)


def _has_paused(entry: Entry, facts: Facts) -> bool:
    place, back = facts.place(entry.about["place_id"]), entry.about["until"]
    credits_ = {credit["module"] for credit in place["credits"]}
    attended = {
        session["module"]
        for session in facts.cohorts[entry.about["cohort_id"]]["sessions"]
        if entry.who in (session["attended"] or ())
    }
    is_back = "BackFromLeave" in reasons(place, back) and attended <= credits_
    return "OnLeave" in reasons(place, entry.on) and is_back and _is_asked_again(place, back, facts)


def _is_asked_again(place: Mapping[str, Any], back: date, facts: Facts) -> bool:
    """By the first composition after she is back, if there is one."""
    groups = [group for group in facts.plan.groups if group.programme == place["programme"]]
    composed = any(group.composed_on and group.composed_on > back for group in groups)
    return not composed or place["offers"] > 1 or bool(place["skips"])


def _keeps_her_seat(entry: Entry, facts: Facts) -> bool:
    return BY_HR.isdisjoint(reasons(facts.place(entry.about["place_id"]), entry.on))


def _has_a_successor(entry: Entry, facts: Facts) -> bool:
    before = facts.place(entry.about["place_id"])
    after = _places_of(entry.about["successor"], facts)
    taken = [p for p in after if p["position"] == before["position"] and "SucceededInPost" in reasons(p, entry.on)]
    return bool(before["state"] == "withdrawn" and taken)


def _is_asked_about(entry: Entry, facts: Facts) -> bool:
    mails = [mail for mail in facts.mails if mail.kind == "approval" and local_day(mail.date) >= entry.on]
    asked = [mail.subject for mail in mails if facts.town.owners[mail.to] == entry.about["asked"]]
    names = [facts.town.standing(who, entry.on) for who in entry.about["waiting"]]
    return bool(names) and all(any(f"{n.given_name} {n.family_name}" in told for told in asked) for n in names)


def _waits_once(entry: Entry, facts: Facts) -> bool:
    places = _places_of(entry.who, facts)
    return len(places) == 1 and BY_HR.isdisjoint(reasons(places[0]))


EFFECTS: Final[Mapping[str, Callable[[Entry, Facts], bool]]] = {
    "leaves": _has_left,
    "stays": _has_stayed,
    "rehired": _is_back,
    "parental_leave": _has_paused,
    "moves": _keeps_her_seat,
    "renamed": _keeps_her_seat,
    "steps_down": _keeps_her_seat,
    "succeeded": _has_a_successor,
    "new_manager": _is_asked_about,
    "approver_away": _is_asked_about,
    "mistaken": _waits_once,
    "replaced": lambda entry, facts: not _places_of(entry.who, facts),
}
"""How it is seen what a fate led to, by its kind."""


def units_take_their_people_along(facts: Facts) -> Promise:
    """Whose unit is renamed, moved or merged belongs to the department above it now, and has lost no place by it."""
    done = [entry for entry in facts.diary if "unit" in entry.about]
    found = [entry.what for entry in done if _took_along(entry, facts)]
    return as_wanted("A unit takes its people along", [one.what for one in facts.plan.reorganisations], found)


def _took_along(entry: Entry, facts: Facts) -> bool:
    town, until = facts.town, facts.plan.until
    there = [who for who in entry.about["people"] if town.standing(who, until).unit_id == entry.about["unit"]]
    out = [p for who in there for p in _places_of(who, facts) if "NotInTheseUnits" in reasons(p, entry.on)]
    elsewhere = (entry.about["before"] != entry.about["after"]) == (entry.what != "renamed")
    right = all(facts.departments[who] == town.department_of(who, until) for who in there)
    return bool(entry.about["people"]) and elsewhere and right and not out


def snapshots_were_held_or_applied(facts: Facts) -> Promise:
    """A snapshot that changes too many was held, and showed an operator what it would change; a false one was rejected,
    a true one released, a small one applied."""
    decided = {entry.about["snapshot_id"]: entry for entry in facts.done("census")}
    wanted = [
        "rejected" if one.lacking else "released" if one.new_addresses else "applied" for one in facts.plan.censuses
    ]
    held = facts.ledgers["enrolment"].outbox.get(HELD, {}).get("published", 0)
    found = [_became(each["state"], decided.get(each["snapshot_id"])) for each in facts.imports]
    to_be_held = ["held"] * (len(wanted) - wanted.count("applied"))
    text = "Snapshots were held or applied as they should"
    return as_wanted(text, [*wanted, *to_be_held], [*found, *["held"] * held])


def _became(state: str, decision: Entry | None) -> str:
    if decision is None:
        return state
    return {"applied": "released"}.get(state, state) if _was_shown(decision) else f"{state} unseen"


def _was_shown(entry: Entry) -> bool:
    told = entry.about["found"]
    return bool(entry.about["state"] == "held" and entry.about["expected"].items() <= told.items())


def files_say_what_is_wrong_and_go_on(facts: Facts) -> Promise:
    """Of a file, the wrong row was told with line and column, what is known left out, the others published."""
    right = [
        entry
        for entry in facts.done("file")
        if entry.about["faults"] == [(3, "level", True)] and entry.about["right"] and entry.about["unchanged"] == SAME
    ]
    return equal("A file's wrong row is told, the others go on", len(facts.plan.files), len(right))


def the_register_is_as_hr_has_it(facts: Facts) -> Promise:
    """Everybody at HR is in the register at the same unit, level, manager, name and address; whoever left there has
    left here."""
    wrong = [who for who, told in facts.town.people.items() if told.effective_from <= facts.plan.until]
    wrong = [who for who in wrong if not _agrees(who, facts)]
    text = "The register says of everybody what HR says"
    return equal(text, len(facts.town.people), len(facts.register) - len(wrong))


def _agrees(who: str, facts: Facts) -> bool:
    here, told, last_day = facts.register.get(who), facts.town.people[who], facts.town.last_days.get(who)
    if here is None or here["left"] != bool(last_day and last_day < facts.plan.until):
        return False
    same = ("unit_id", "level", "manager_id", "family_name", "email")
    return here["left"] or all(here["record"][name] == getattr(told, name) for name in same)


RULES: Final[Sequence[Callable[[Facts], Promise]]] = (
    staff_changes_are_told_apart,
    the_register_is_as_hr_has_it,
    snapshots_were_held_or_applied,
    files_say_what_is_wrong_and_go_on,
    units_take_their_people_along,
    mail_goes_to_the_newest_address,
    promotion_is_met_by_policy,
    leaves_pause_and_go_on,
    departures_end_what_they_should,
    other_changes_cost_no_seat,
    successors_take_the_seat,
    approvals_follow_the_manager,
    mistakes_move_nobody,
)
