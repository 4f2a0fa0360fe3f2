"""The promises about programmes: queue, approvals, posts, completion, networks."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from deploy.sample.facts import TOGETHER, Facts, Promise, none_of, reasons
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


def the_seat_follows_the_post(facts: Facts) -> Promise:
    """In a programme for posts, no two sit for one post, and every seated holder has it."""
    posts = {code for code, file in programme_files().items() if file["audience"].get("seat_of") == "post"}
    seated = [p for p in facts.places if p["programme"] in posts and p["state"] in TOGETHER]
    twice = [str(post) for post, n in Counter((p["cohort_id"], p["position"]) for p in seated).items() if n > 1]
    succeeded = sum("SucceededInPost" in reasons(place) for place in seated)
    return Promise("A seat of a post has one holder", "one", f"{succeeded} succeeded", not twice)


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


RULES: Final[Sequence[Callable[[Facts], Promise]]] = (
    every_skip_can_be_read,
    everybody_waits_once,
    nobody_gone_has_a_place,
    nobody_is_offered_without_approval,
    the_seat_follows_the_post,
    completion_follows_the_rule,
    networks_are_of_those_who_completed,
)
