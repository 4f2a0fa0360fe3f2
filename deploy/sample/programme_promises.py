"""The promises about programmes: queue, groups, approvals, changes, snapshots, completion, networks."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from deploy.sample.facts import TOGETHER, Facts, Promise, equal, none_of
from deploy.sample.office import programme_files

OPEN: Final = frozenset({"queued", "offered", "confirmed", "paused"})


def every_skip_can_be_read(facts: Facts) -> Promise:
    """Whoever was passed over can read why, in both languages; the kinds of reasons are told."""
    skips = [(place["place_id"], skip) for place in facts.places for skip in place["skips"]]
    wordless = [who for who, skip in skips if not all(skip["reason"]["text"].get(lang) for lang in ("sv", "en"))]
    kinds = Counter(skip["reason"]["code"] for _, skip in skips)
    told = ", ".join(f"{count} {code}" for code, count in sorted(kinds.items())) or "nobody was skipped"
    return Promise("Everybody passed over can read why", "a reason each", told, not wordless)


def nobody_is_offered_without_approval(facts: Facts) -> Promise:
    """In a programme that asks the line manager, no offer without a yes."""
    asking = {code for code, file in programme_files().items() if file["approval"] == "line_manager"}
    wrong = [
        place["place_id"]
        for place in facts.places
        if place["programme"] in asking and place["offers"] and (place["approval"] or {}).get("state") != "approved"
    ]
    return none_of("Offers without the approval that was needed", wrong)


def nobody_gone_has_a_place(facts: Facts) -> Promise:
    """Who has left waits for nothing and sits nowhere."""
    gone = {who for who, employee in facts.register.items() if employee["left"]}
    wrong = [p["place_id"] for p in facts.places if p["state"] in OPEN and p["employee_id"] in gone]
    return none_of("Open places of people who have left", wrong)


def everybody_waits_once(facts: Facts) -> Promise:
    """Nobody has two open places in one programme."""
    held = Counter((p["programme"], p["employee_id"]) for p in facts.places if p["state"] in OPEN)
    return none_of("People with two open places in one programme", [str(who) for who, n in held.items() if n > 1])


def completion_follows_the_rule(facts: Facts) -> Promise:
    """Completed are those who attended enough of what was held, with what they had credit for; nobody else."""
    files = programme_files()
    wrong = []
    for place in facts.places:
        cohort = facts.cohorts.get(place["cohort_id"] or "")
        if cohort is None or cohort["state"] != "completed" or not place["confirmed_at"]:
            continue
        too_little = place["reason"]["code"] == "TooLittleAttendance"
        if place["state"] != "completed" and not too_little:
            continue
        enough = _share(place, cohort) + 1e-9 >= files[place["programme"]]["completion"]["attend_at_least"]
        wrong += [place["place_id"]] if enough != (place["state"] == "completed") else []
    return none_of("Completed without having attended enough, or the reverse", wrong)


def _share(place: Mapping[str, Any], cohort: Mapping[str, Any]) -> float:
    needed = [session for session in cohort["sessions"] if not session["cancelled"]]
    had = {credit["module"] for credit in place["credits"]}
    there = sum(s["module"] in had or place["employee_id"] in (s["attended"] or ()) for s in needed)
    return there / len(needed)


def who_came_back_goes_on(facts: Facts) -> Promise:
    """Whoever paused and came back has her credit, and is before all others in the queue until she is seated."""
    back = [p for p in facts.places if any((d["reason"] or {}).get("code") == "BackFromLeave" for d in p["history"])]
    wrong = [p["place_id"] for p in back if p["state"] == "queued" and p["priority"] != 1]
    states = ", ".join(f"{n} {state}" for state, n in sorted(Counter(p["state"] for p in back).items()))
    return Promise("Whoever comes back from leave goes on first in line", "priority", states or "nobody", not wrong)


def the_seat_follows_the_post(facts: Facts) -> Promise:
    """In a programme for posts, no two sit for one post, and every seated holder has it."""
    posts = {code for code, file in programme_files().items() if file["audience"].get("seat_of") == "post"}
    seated = [p for p in facts.places if p["programme"] in posts and p["state"] in TOGETHER]
    twice = [str(post) for post, n in Counter((p["cohort_id"], p["position"]) for p in seated).items() if n > 1]
    succeeded = sum(any((d["reason"] or {}).get("code") == "SucceededInPost" for d in p["history"]) for p in seated)
    return Promise("A seat of a post has one holder", "one", f"{succeeded} succeeded", not twice)


def changes_ended_as_the_office_wanted(facts: Facts) -> Promise:
    """Each change that the office approved has rippled; each that it took back has not."""
    wanted = Counter(alteration.ends for alteration in facts.plan.alterations)
    found = Counter(change["state"] for change in facts.changes)
    return Promise("Changes ended as the office wanted", _told(wanted), _told(found), wanted == found)


def what_was_undone_was_not_heard_of(facts: Facts) -> Promise:
    """A change undone in time has moved nothing: nobody's calendar shows what it wanted."""
    undone = {change["command"]["starts_at"] for change in facts.changes if change["state"] == "undone"}
    moments = {datetime.fromisoformat(moment) for moment in undone}
    shown = [entry.uid for history in facts.entries.values() for entry in history if entry.starts_at in moments]
    return none_of("Calendar entries of a change that was undone", shown)


def snapshots_were_held_or_applied(facts: Facts) -> Promise:
    """A snapshot that lacks too many was held and rejected; the whole one was applied."""
    wanted = Counter("rejected" if census.lacking else "applied" for census in facts.plan.censuses)
    found = Counter(each["state"] for each in facts.imports)
    return Promise("Snapshots were held or applied as they should", _told(wanted), _told(found), wanted == found)


def the_register_is_as_hr_has_it(facts: Facts) -> Promise:
    """Everybody at HR is in the register at the same unit and level; whoever left there has left here."""
    wrong = [
        who
        for who, record in facts.town.people.items()
        if record.effective_from <= facts.plan.until and not _agrees(who, facts)
    ]
    return equal(
        "The register says of everybody what HR says", len(facts.town.people), len(facts.register) - len(wrong)
    )


def _agrees(who: str, facts: Facts) -> bool:
    here = facts.register.get(who)
    last_day = facts.town.last_days.get(who)
    if here is None or here["left"] != bool(last_day and last_day < facts.plan.until):
        return False
    record = here["record"]
    told = facts.town.people[who]
    return here["left"] or (record["unit_id"], record["level"]) == (told.unit_id, told.level)


def networks_are_of_those_who_completed(facts: Facts) -> Promise:
    """A network has those who completed and are still employed, and a contact among them."""
    wrong = []
    for network in facts.networks:
        completed = {
            p["employee_id"]
            for p in facts.places
            if p["cohort_id"] == network["cohort_id"]
            and p["state"] == "completed"
            and not facts.register[p["employee_id"]]["left"]
        }
        members = set(network["members"])
        if members != completed or (members and network["contact"] not in members):
            wrong.append(network["network_id"])
    found = f"{len(facts.networks)} networks" if not wrong else f"{len(wrong)} wrong, e.g. {wrong[0]}"
    return Promise("A network has those who completed and are employed", "all", found, not wrong)


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {what}" for what, n in sorted(counts.items())) or "none"


RULES: Final[Sequence[Callable[[Facts], Promise]]] = (
    every_skip_can_be_read,
    everybody_waits_once,
    nobody_gone_has_a_place,
    nobody_is_offered_without_approval,
    who_came_back_goes_on,
    the_seat_follows_the_post,
    completion_follows_the_rule,
    networks_are_of_those_who_completed,
    changes_ended_as_the_office_wanted,
    what_was_undone_was_not_heard_of,
    snapshots_were_held_or_applied,
    the_register_is_as_hr_has_it,
)
