"""The promises about what the office did: groups proposed, changes, favours, swaps, goals. What was planned and did not
happen is a promise broken."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import yaml

from deploy.sample.diary import Entry
from deploy.sample.facts import Facts, Promise, as_wanted, equal, none_of, reasons
from deploy.sample.favours import JOINING
from deploy.sample.moments import at, local_day
from deploy.sample.office import programme_text
from deploy.sample.plan import Alteration, Move


def groups_were_proposed_and_exchanged(facts: Facts) -> Promise:
    """A proposal was asked for again and accepted with two people exchanged and two apart as wished; it became offers,
    and those not accepted became nothing."""
    wanted = len(facts.plan.groupings)
    right = sum(_is_kept(entry, facts) for entry in facts.done("grouping"))
    accepted = sum(proposal["state"] == "accepted" for proposal in facts.proposals.values())
    text, found = (
        "Groups proposed were seated as accepted, exchange and wish included",
        f"{accepted}, {right} as wished",
    )
    return Promise(text, f"{wanted}, {wanted} as wished", found, wanted == accepted == right)


def _is_kept(entry: Entry, facts: Facts) -> bool:
    proposal = facts.proposals[entry.about["proposal_id"]]
    sits = {who: group["cohort_id"] for group in proposal["groups"] for who in group["employees"]}
    first, second = (group["cohort_id"] for group in proposal["groups"][:2])
    one, two = entry.about["exchanged"] or ("", "")
    kept_apart = len({sits.get(who, who) for who in entry.about["apart"]}) == 2
    return (
        (sits.get(one), sits.get(two)) == (second, first) and kept_apart and sits.items() <= _offered(entry.on, facts)
    )


def _offered(day: date, facts: Facts) -> set[tuple[str, str]]:
    """Who was offered a seat where on a day."""
    return {
        (place["employee_id"], str(decision["cohort_id"]))
        for place in facts.places
        for decision in place["history"]
        if decision["state"] == "offered" and local_day(datetime.fromisoformat(decision["at"])) == day
    }


def two_who_swapped_have_each_others_seats(facts: Facts) -> Promise:
    """Whoever swapped was moved to the other's group for that reason."""
    right = [entry for entry in facts.done("swap") if _took_over(entry, facts)]
    return equal("Two who swap groups have each other's seats", 2 * len(facts.plan.swaps), len(right))


def _took_over(entry: Entry, facts: Facts) -> bool:
    history = facts.place(entry.about["place_id"])["history"]
    why = [d for d in history if d["reason"] and d["reason"]["code"] == "SwappedGroups"]
    return [decision["cohort_id"] for decision in why] == [entry.about["to"]]


def favours_had_their_effect(facts: Facts) -> Promise:
    """Whoever was put first, lost an offer or a place, was noted wrongly, or became a contact: it shows."""
    planned = [favour.what for favour in facts.plan.favours if favour.what in EFFECTS]
    found = [entry.what for entry in facts.done(*EFFECTS) if EFFECTS[entry.what](entry, facts)]
    return as_wanted("What the office did for one person shows", planned, found)


def _is_first(entry: Entry, facts: Facts) -> bool:
    place = facts.place(entry.about["place_id"])
    return "PutFirst" in reasons(place, entry.on) and (place["priority"] == 2 or place["offers"] > 0)


def _is_taken_back(entry: Entry, facts: Facts) -> bool:
    place, group = facts.place(entry.about["place_id"]), entry.about["cohort_id"]
    offers = [d for d in place["history"] if d["state"] == "offered" and d["cohort_id"] == group]
    return "OfferTakenBack" in reasons(place, entry.on) and len(offers) == 1 and place["cohort_id"] != group


def _is_out(entry: Entry, facts: Facts) -> bool:
    place = facts.place(entry.about["place_id"])
    return (place["state"], place["reason"]["code"]) == ("withdrawn", "WithdrawnByOffice")


def _is_corrected(entry: Entry, facts: Facts) -> bool:
    sessions = facts.cohorts[entry.about["cohort_id"]]["sessions"]
    session = next(one for one in sessions if one["session_id"] == entry.about["session_id"])
    now, before = session["attendance"][entry.who], [one["before"].get(entry.who) for one in session["corrections"]]
    return (now["kind"], now["hours"]) == ("part", 2) and len(before) == 1 and before != [now]


def _is_contact(entry: Entry, facts: Facts) -> bool:
    network = next(one for one in facts.networks if one["network_id"] == entry.about["network_id"])
    return bool(network["contact"] == entry.who)


EFFECTS: Final[Mapping[str, Callable[[Entry, Facts], bool]]] = {
    "put_first": _is_first,
    "take_back": _is_taken_back,
    "withdraw": _is_out,
    "correct": _is_corrected,
    "contact": _is_contact,
}


def alumni_are_those_who_chose_it(facts: Facts) -> Promise:
    """On the list is whoever chose it on her own page, thought no better of it, and is employed still."""
    chose = facts.done("alumni")
    gone = {who for who, employee in facts.register.items() if employee["left"]}
    wanted = sorted(entry.who for entry in chose if entry.about["stays"] and entry.who not in gone)
    joined = JOINING * sum(favour.what == "alumni" for favour in facts.plan.favours)
    found = f"{len(chose)} joined, {len(facts.alumni)} on it"
    held = len(chose) == joined and sorted(facts.alumni) == wanted
    return Promise("Alumni are those who chose it", f"{joined} joined, {len(wanted)} on it", found, held)


def changes_ended_as_the_office_wanted(facts: Facts) -> Promise:
    """Each change that the office approved has rippled; each that it took back has not."""
    wanted = [alteration.ends for alteration in facts.plan.alterations]
    return as_wanted("Changes ended as the office wanted", wanted, [change["state"] for change in facts.changes])


def changes_show_where_they_should(facts: Facts) -> Promise:
    """What was applied can be seen in its group or programme, and what was undone or dropped cannot."""
    wanted: list[Alteration | Move] = [*facts.plan.alterations, *facts.plan.moves]
    right = [one for one in wanted if _shows(one, facts) == (isinstance(one, Move) or one.ends == "applied")]
    return equal("Each change shows where it should, or nowhere if undone", len(wanted), len(right))


def _shows(change: Alteration | Move, facts: Facts) -> bool:
    if isinstance(change, Move):
        session = _session(facts.cohorts[change.cohort_id], f"{change.cohort_id}:{change.module}")
        moved = _starts(session) == at(change.to_day, change.to_time)
        return moved and change.where in {None, session["location"]}
    return SHOWN[change.kind](change, facts)


def _session(cohort: Mapping[str, Any], session_id: str) -> Mapping[str, Any]:
    return next(one for one in cohort["sessions"] if one["session_id"] == session_id)


def _starts(session: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(session["starts_at"])


def _local(moment: str) -> datetime:
    day, _, clock = moment.partition("T")
    return at(date.fromisoformat(day), clock)


def _cohort(change: Alteration, facts: Facts) -> Mapping[str, Any]:
    return facts.cohorts[change.command["cohort_id"]]


def _is_held_there(change: Alteration, facts: Facts) -> bool:
    coming = [one for one in _cohort(change, facts)["sessions"] if local_day(_starts(one)) > change.on]
    return bool(coming) and {one["location"] for one in coming} == {change.command["location"]}


def _is_held_then(change: Alteration, facts: Facts) -> bool:
    session = _session(_cohort(change, facts), change.command["session_id"])
    return _starts(session) == _local(change.command["starts_at"])


def _is_added(change: Alteration, facts: Facts) -> bool:
    new = change.command
    added = [one for one in _cohort(change, facts)["sessions"] if one["module"] == new["module"]]
    return [(_starts(one), one["location"]) for one in added] == [(_local(new["starts_at"]), new["location"])]


def _is_revised(change: Alteration, facts: Facts) -> bool:
    file = yaml.safe_load(programme_text(change.command["file"]))
    now = facts.programmes[file["code"]]
    titles = [[module["title"] for module in one["modules"]] for one in (file, now)]
    return now["revision"] > 1 and titles[0] == titles[1]


def _is_adopted(change: Alteration, facts: Facts) -> bool:
    cohort = _cohort(change, facts)
    return bool(cohort["revision"] == facts.programmes[cohort["programme"]]["revision"] > 1)


SHOWN: Final[Mapping[str, Callable[[Alteration, Facts], bool]]] = {
    "change_place": _is_held_there,
    "reschedule_session": _is_held_then,
    "add_session": _is_added,
    "cancel_session": lambda c, facts: bool(_session(_cohort(c, facts), c.command["session_id"])["cancelled"]),
    "set_facilitators": lambda c, facts: _cohort(c, facts)["facilitators"] == c.command["facilitators"],
    "cancel_cohort": lambda c, facts: _cohort(c, facts)["state"] == "cancelled",
    "revise_programme": _is_revised,
    "adopt_revision": _is_adopted,
    "retire_programme": lambda c, facts: bool(facts.programmes[c.command["code"]]["retired"]),
}
"""How each kind of change is seen, whoever looks."""


def what_was_undone_was_not_heard_of(facts: Facts) -> Promise:
    """A change undone in time has moved nothing: nobody's calendar shows what it wanted."""
    undone = {change["command"]["starts_at"] for change in facts.changes if change["state"] == "undone"}
    moments = {datetime.fromisoformat(moment) for moment in undone}
    shown = [entry.uid for history in facts.entries.values() for entry in history if entry.starts_at in moments]
    return none_of("Calendar entries of a change that was undone", shown)


def nobody_is_invited_to_what_was_called_off(facts: Facts) -> Promise:
    """No living calendar entry for a session that was called off, alone or with its group."""
    live = {(last.employee_id, last.starts_at) for last in (h[-1] for h in facts.entries.values()) if last.lives}
    wrong = [
        f"{who} to {session['session_id']}"
        for cohort_id, cohort in facts.cohorts.items()
        for session in cohort["sessions"]
        if session["cancelled"] or (cohort["state"] == "cancelled" and not session["held"])
        for who in facts.watch.seats.get(cohort_id, ())
        if (who, _starts(session)) in live and not _needed_elsewhere(who, session, facts)
    ]
    return none_of("Invites to a session that was called off", wrong)


def _needed_elsewhere(who: str, off: Mapping[str, Any], facts: Facts) -> bool:
    """Whether she has another session at that very time."""
    return any(
        session["starts_at"] == off["starts_at"] and not session["cancelled"] and cohort["state"] != "cancelled"
        for cohort_id, cohort in facts.cohorts.items()
        if who in facts.watch.seats.get(cohort_id, ())
        for session in cohort["sessions"]
    )


def goals_read_as_reworded(facts: Facts) -> Promise:
    """A goal that was worded anew reads so, and has its period."""
    right = [
        new
        for new in facts.plan.rewordings
        if facts.goals[new.goal_id]["text"]["sv"] == new.sv
        and facts.goals[new.goal_id]["valid_to"] == new.valid_to.isoformat()
    ]
    return equal("Goals read as reworded, each in its period", len(facts.plan.rewordings), len(right))


RULES: Final[Sequence[Callable[[Facts], Promise]]] = (
    groups_were_proposed_and_exchanged,
    two_who_swapped_have_each_others_seats,
    favours_had_their_effect,
    alumni_are_those_who_chose_it,
    changes_ended_as_the_office_wanted,
    changes_show_where_they_should,
    what_was_undone_was_not_heard_of,
    nobody_is_invited_to_what_was_called_off,
    goals_read_as_reworded,
)
