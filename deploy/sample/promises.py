"""The promises that must hold at the end of a year, judged by mails, APIs and ledgers."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import fmean
from typing import Any, Final

from deploy.ctl.standing import deliveries
from deploy.sample import mail_promises, office_promises, programme_promises, staff_promises
from deploy.sample.facts import TOGETHER, Facts, Promise, equal, none_of
from deploy.sample.moments import local_day
from deploy.sample.opinions import EFFECT, WEAK
from shared.topology import BINDINGS, HR, SERVICES

K: Final = 5
"""The smallest number of people a published figure may rest on."""

CHANGE: Final = "UM.change"
UNDERSTANDING: Final = ("UM1", "UM2", "UM3", "UM4", "UM5")


def judge(facts: Facts) -> list[Promise]:
    """Every promise, kept or not."""
    return [rule(facts) for rule in RULES]


def all_held(promises: Sequence[Promise]) -> bool:
    """Whether no promise was broken."""
    return all(promise.held is not False for promise in promises)


def every_staff_change_counts_once(facts: Facts) -> Promise:
    """Published = applied + stale + held, in each queue that HR's messages go to, less those nobody can read."""
    outcomes: Counter[str] = Counter()
    readable = 0
    for queue in (name for name in BINDINGS if name.endswith(f".{HR}")):
        for event_type in (event.type for event in BINDINGS[queue]):
            readable += facts.published.get(event_type, 0) - facts.malformed.get(event_type, 0)
            outcomes.update(facts.ledgers[queue.partition(".")[0]].inbox.get(queue, {}).get(event_type, {}))
    split = " + ".join(f"{outcomes[name]:,} {name}" for name in ("applied", "stale", "held"))
    held = readable == sum(outcomes.values()) == sum(outcomes[name] for name in ("applied", "stale", "held"))
    return Promise(
        "Every staff change published is applied, stale or held, once a service", f"{readable:,}", split, held
    )


def unreadable_messages_are_dead_letters(facts: Facts) -> Promise:
    """A message that cannot be handled waits among the dead letters of every service it was for."""
    expected = Counter(dict.fromkeys(SERVICES, 0))
    for queue in (name for name in BINDINGS if name.endswith(f".{HR}")):
        expected[queue.partition(".")[0]] += sum(facts.malformed.get(event.type, 0) for event in BINDINGS[queue])
    text = "Messages nobody can read are among the dead letters, nothing else is"
    return Promise(text, str(expected.total()), str(sum(facts.dead.values())), dict(expected) == dict(facts.dead))


def every_event_is_handled_as_often_as_bound(facts: Facts) -> Promise:
    """What a service announced, every service bound to it has handled once."""
    between = [one for one in deliveries(facts.ledgers, facts.published) if not one.queue.endswith(f".{HR}")]
    published, handled = sum(one.published for one in between), sum(one.handled for one in between)
    held = all(one.published == one.handled for one in between)
    return Promise("Every event is handled once by everybody bound to it", f"{published:,}", f"{handled:,}", held)


def every_member_has_one_invite_per_session(facts: Facts) -> Promise:
    """Each confirmed or completed place: one living calendar entry for each session that came after she had said yes,
    was not called off, and that she needs, at the time and place it has now."""
    live = Counter(
        (last.employee_id, last.starts_at, last.ends_at, last.location)
        for last in (history[-1] for history in facts.entries.values())
        if last.lives
    )
    expected, right = 0, 0
    for place in facts.places:
        if place["state"] in TOGETHER:
            for session in _hers(place, facts.cohorts[place["cohort_id"]]):
                expected += 1
                right += live[(place["employee_id"], *_when_and_where(session))] == 1
    return equal("Everybody in a group has one current invite per session", expected, right)


def nobody_outside_has_an_invite(facts: Facts) -> Promise:
    """No living calendar entry for a session that came after its owner had left the group, while she was employed."""
    last_days = facts.town.last_days
    members = {(p["cohort_id"], p["employee_id"]) for p in facts.places if p["state"] in TOGETHER}
    wrong = []
    for (cohort_id, employee_id), left_at in facts.watch.left_at.items():
        gone = employee_id in last_days and last_days[employee_id] <= local_day(left_at)
        if gone or (cohort_id, employee_id) in members:
            continue
        times = {_when_and_where(session)[0] for session in facts.cohorts[cohort_id]["sessions"]}
        wrong += [
            f"{employee_id} in {cohort_id}"
            for last in (history[-1] for history in facts.entries.values())
            if last.lives and last.employee_id == employee_id and last.starts_at in times and last.starts_at > left_at
        ]
    return none_of("Nobody out of a group keeps an invite to what comes after", wrong)


def one_uid_per_session_and_person(facts: Facts) -> Promise:
    """A calendar entry belongs to one session, person and round; what notifications lists is what was mailed."""
    listed = Counter((one["session_id"], one["employee_id"], one["round"]) for one in facts.invitations)
    owners = {one["uid"]: one["employee_id"] for one in facts.invitations}
    mailed = {uid: {revision.employee_id for revision in history} for uid, history in facts.entries.items()}
    wrong = [f"{session} twice for {person}" for (session, person, _), times in listed.items() if times > 1]
    wrong += [f"{uid} is not hers" for uid, people in mailed.items() if people != {owners.get(uid)}]
    found = f"{len(mailed):,}" if not wrong else f"{len(wrong)} wrong, e.g. {wrong[0]}"
    return Promise("One UID per session, person and round", f"{len(owners):,}", found, not wrong)


def sequences_rise(facts: Facts) -> Promise:
    """Each mail about a calendar entry has a higher SEQUENCE and a later DTSTAMP than the one before."""
    wrong = [
        f"{uid[:12]}… {earlier.sequence} then {later.sequence}"
        for uid, history in facts.entries.items()
        for earlier, later in pairwise(history)
        if later.sequence <= earlier.sequence or later.stamped <= earlier.stamped
    ]
    return none_of("SEQUENCE and DTSTAMP rise with every update (exceptions)", wrong)


def releases_protect_those_who_answered(facts: Facts) -> Promise:
    """Every published figure rests on at least K people, and on no more than had a seat in the group."""
    wrong = [
        f"{figure['indicator']} of {release['cohort_id']} on {figure['n']}"
        for release in facts.releases
        for figure in release["figures"]
        if not K <= figure["n"] <= len(facts.watch.seats[release["cohort_id"]])
    ]
    return none_of(f"No published figure rests on fewer than {K} people", wrong)


def pages_were_as_they_should(facts: Facts) -> Promise:
    """Whatever people clicked and sent, they were met by a page that fitted."""
    return none_of("Pages that failed the people who opened them", facts.surprises)


def no_group_is_overfull(facts: Facts) -> Promise:
    """At no moment were more seats given than a group has."""
    return none_of("No group over its capacity, at any time", facts.watch.overfull)


def no_department_dominates(facts: Facts) -> Promise:
    """No seat was given beyond a department's share."""
    return none_of("No seat given beyond a department's share", facts.watch.one_sided)


def every_group_has_its_result(facts: Facts) -> Promise:
    """When a group is done, its result is published, or it is said that nothing can be; what came later, too, once."""
    done = sorted(cohort_id for cohort_id, cohort in facts.cohorts.items() if cohort["state"] == "completed")
    found = sorted(release["cohort_id"] for release in _after(facts))
    once = len({release["release_id"] for release in facts.releases}) == len(facts.releases)
    return Promise("Every finished group has one result", f"{len(done)}", f"{len(found)}", done == found and once)


def published_changes_are_true(facts: Facts) -> Promise:
    """The change in understanding that was published is the one that the people's own answers give, or none if too few
    answered both before and after."""
    right = 0
    for release in _after(facts):
        pairs = _pairs_of(facts.cohorts[release["cohort_id"]], facts)
        told = [figure for figure in release["figures"] if figure["indicator"] == CHANGE]
        right += _tells(told, pairs) if len(pairs) >= K else not told
    text = "Published change in understanding equals what people answered"
    return equal(text, len(_after(facts)), right)


def the_true_effect_is_found(facts: Facts) -> Promise:
    """How many of the 95 % intervals contain the effect that the simulated people really had. Chance has a say."""
    figures = [figure for one in _after(facts) for figure in one["figures"] if figure["indicator"] == CHANGE]
    inside = sum(figure["low"] <= EFFECT <= figure["high"] for figure in figures if figure["low"] is not None)
    return Promise(f"True effect ({EFFECT:+.0f}) within the interval", f"{len(figures)}", f"{inside}", None)


def groups_together_find_the_true_effect(facts: Facts) -> Promise:
    """What a programme's groups say together is where the truth is: within twice its 95 % interval, which chance alone
    leaves once in ten thousand; how often within the interval itself is told."""
    beliefs = [
        one["mean"]
        for report in facts.reports.values()
        for one in report["together"]
        if (one["indicator"], one["wave"]) == (CHANGE, "T1")
    ]
    off = [abs(one["value"] - EFFECT) / ((one["high"] - one["low"]) / 2) for one in beliefs]
    found = f"{sum(far <= 1 for far in off)} within, {sum(1 < far <= 2 for far in off)} near"
    text = f"Groups of a programme together find the true effect ({EFFECT:+.0f})"
    return Promise(text, f"{len(beliefs)}", found, all(far <= 2 for far in off))


def weak_parts_are_recommended_to_be_changed(facts: Facts) -> Promise:
    """A programme is recommended to be changed in the part that it does badly, and no other in any part."""
    weak = {
        release["programme"]
        for release in _after(facts)
        if release["title"]["sv"] in WEAK and any(f["indicator"].startswith("RX.") for f in release["figures"])
    }
    told = {
        one["programme"]
        for one in facts.recommendations
        for finding in one["findings"]
        if finding["indicator"].startswith("RX.")
    }
    text = "Programmes with a weak part, and no others, are recommended to be changed in one"
    return Promise(text, ", ".join(sorted(weak)) or "none", ", ".join(sorted(told)) or "none", weak == told)


def _after(facts: Facts) -> list[Mapping[str, Any]]:
    """The results of what was asked right after the programme."""
    return [release for release in facts.releases if release["release_id"].endswith(":T1:release")]


def _hers(place: Mapping[str, Any], cohort: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    since = datetime.fromisoformat(place["confirmed_at"])
    done = {credit["module"] for credit in place["credits"]}
    return [
        session
        for session in cohort["sessions"]
        if not session["cancelled"]
        and session["module"] not in done
        and datetime.fromisoformat(session["starts_at"]) > since
    ]


def _when_and_where(session: Mapping[str, Any]) -> tuple[datetime, datetime, str]:
    return datetime.fromisoformat(session["starts_at"]), datetime.fromisoformat(session["ends_at"]), session["location"]


def _pairs_of(cohort: Mapping[str, Any], facts: Facts) -> list[float]:
    """How much the understanding has changed of each member who answered both before and after, as one of this group:
    who came from another is asked anew."""
    begins = min(datetime.fromisoformat(session["starts_at"]) for session in cohort["sessions"])
    ended = max(datetime.fromisoformat(session["ends_at"]) for session in cohort["sessions"])
    members = {m["employee_id"]: _since(m["place_id"], facts) for m in cohort["members"] if m["state"] in TOGETHER}
    said: dict[str, dict[str, float]] = {employee_id: {} for employee_id in sorted(members)}
    for one in facts.submissions:
        in_time = one.at > ended if one.stage == "T1" else one.at < begins
        score = _understanding(one.answers) if one.stage in ("T0", "T1") else None
        if one.employee_id in members and in_time and one.asked_at >= members[one.employee_id] and score is not None:
            said[one.employee_id][one.stage] = score
    return [scores["T1"] - scores["T0"] for scores in said.values() if len(scores) == 2]


def _since(place_id: str, facts: Facts) -> datetime:
    """Since when she belongs to her group, to the second, as mails are dated."""
    came = [one["at"] for one in facts.place(place_id)["history"] if one["state"] == "confirmed"]
    return datetime.fromisoformat(came[-1]).replace(microsecond=0)


def _tells(told: Sequence[Mapping[str, Any]], pairs: Sequence[float]) -> bool:
    """Whether the one figure told is the mean of the pairs, to the decimal it is given with."""
    return [figure["n"] for figure in told] == [len(pairs)] and abs(told[0]["value"] - fmean(pairs)) < 0.051


def _understanding(answers: Mapping[str, str]) -> float | None:
    """A person's index 0–100 for the items UM1–UM5, if she answered at least half of them."""
    steps = [int(answers[item]) for item in UNDERSTANDING if answers.get(item, "").isdigit()]
    return (fmean(steps) - 1) * 25 if len(steps) >= 3 else None


RULES: Final[Sequence[Callable[[Facts], Promise]]] = (
    every_staff_change_counts_once,
    unreadable_messages_are_dead_letters,
    every_event_is_handled_as_often_as_bound,
    every_member_has_one_invite_per_session,
    nobody_outside_has_an_invite,
    one_uid_per_session_and_person,
    sequences_rise,
    *mail_promises.RULES,
    no_group_is_overfull,
    no_department_dominates,
    releases_protect_those_who_answered,
    every_group_has_its_result,
    pages_were_as_they_should,
    published_changes_are_true,
    groups_together_find_the_true_effect,
    weak_parts_are_recommended_to_be_changed,
    *staff_promises.RULES,
    *programme_promises.RULES,
    *office_promises.RULES,
    the_true_effect_is_found,
)
