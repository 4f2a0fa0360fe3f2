"""The commands `ledstjarna dead replay` and `discard`: what becomes of dead letters. Without --yes nothing does."""

import getpass
import re
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, NoReturn

import typer

from deploy.ctl.asking import RunDir, give_up
from deploy.ctl.dead.asking import Answers, AsJson, Desk, View, ask_each, end, service_of, service_with, wanted
from deploy.ctl.dead.faring import follow, refused, tell_fared, tell_refused, under_way
from deploy.ctl.office.asking import as_json, refuse
from deploy.ctl.office.showing import many, say, table, type_next
from shared.topology import SERVICES

Ids = Annotated[list[str] | None, typer.Argument(help="Letters, as `dead list` shows them.", metavar="LETTER")]
OfGroup = Annotated[str | None, typer.Option(help="Those of this group.", metavar="GROUP")]
OfQueue = Annotated[str | None, typer.Option(help="Those that failed in this queue.", metavar="QUEUE")]
OfError = Annotated[str | None, typer.Option(help="Those with this code (fault …) or class (KeyError …).")]
Reason = Annotated[str, typer.Option(help="Why; kept with each letter.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; else it is only told what would be done.")]
Force = Annotated[bool, typer.Option("--force", help="Also letters on their way, or that died in three replays.")]
Most = Annotated[int, typer.Option("--max", help="At most so many of a service, the oldest first.", min=1, max=1000)]


def replay(
    ids: Ids = None,
    *,
    group: OfGroup = None,
    queue: OfQueue = None,
    error: OfError = None,
    reason: Reason,
    most: Most = 100,
    rate: Annotated[str, typer.Option(help="How fast: 5/s.")] = "5/s",
    force: Force = False,
    yes: Yes = False,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Send dead letters again, each to the queue in which it failed and no other; what has been handled has no second
    effect, and what is under way already is only followed. Exit code 0: done, or would be; 1: some were refused or died
    again; 2: a service could not be asked; 130: you did not wait for it.
    """
    body = _order(reason, most, force=force) | {"rate": _rate(rate)}
    chosen = _choices(ids, group, queue, error)
    answers = _order_each(run_dir, "replay", body | {"dry_run": not yes}, chosen)
    if not yes:
        _rehearsed(answers, "sent again", json=json)
    tell_fared(answers, follow(run_dir, answers), json=json)


def discard(
    ids: Ids = None,
    *,
    group: OfGroup = None,
    queue: OfQueue = None,
    error: OfError = None,
    reason: Reason,
    most: Most = 100,
    force: Force = False,
    yes: Yes = False,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Close dead letters that need not be handled any more, for good: what stood in them is forgotten."""
    body = _order(reason, most, force=force) | {"dry_run": not yes}
    answers = _order_each(run_dir, "discard", body, _choices(ids, group, queue, error))
    if not yes:
        _rehearsed(answers, "discarded", json=json)
    if json:
        as_json(answers.said)
    else:
        say(f"{_total(answers, 'accepted')} discarded.")
        tell_refused(refused(answers))
        if left := _total(answers, "left"):
            say(f"{left} more wait: order again for them.")
    end(answers, 1 if refused(answers) else 0)


def _order(reason: str, most: int, *, force: bool) -> View:
    if not reason.strip():
        give_up("Give a reason: write --reason and why, in quotes.")
    try:
        runs = getpass.getuser()
    except (KeyError, OSError):
        runs = "unknown"
    return {"reason": reason.strip(), "max": most, "force": force, "on_behalf_of": runs}


def _rate(text: str) -> float:
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]+)?)(?:/s)?", text)
    if not found or not 0.1 <= float(found[1]) <= 100:
        give_up(f"{text!r} is no rate: write how many a second, from 0.1/s to 100/s, like 5/s.")
    return float(found[1])


def _choices(ids: list[str] | None, group: str | None, queue: str | None, error: str | None) -> dict[str, View]:
    """By service: which of its letters are meant; or the end, with one sentence."""
    if sum(map(bool, (ids, group, queue or error))) != 1:
        give_up("Say which letters in one way: name them, or give --group, or --queue or --error or both.")
    if not ids:
        way = wanted(group=group, queue=queue, error=error)
        return dict.fromkeys(service_with(queue) or SERVICES, way)
    by_service: dict[str, list[str]] = {}
    for letter_id in ids:
        by_service.setdefault(service_of(letter_id), []).append(letter_id)
    return {service: {"ids": hers} for service, hers in by_service.items()}


def _order_each(run_dir: RunDir, action: str, body: View, chosen: dict[str, View]) -> Answers:
    async def order(desk: Desk) -> View:
        return await desk.order(action, body | chosen[desk.service])

    answers = ask_each(run_dir, order, *chosen)
    found_it = any(one["accepted"] or one["refused"] for one in answers.said.values())
    group = next(iter(chosen.values())).get("group")
    if not found_it and answers.said:
        _nothing_meant(run_dir, action, group, answers)
    # a group is of one queue: when its service has answered, nothing is missing from the others
    return Answers(answers.said, ()) if found_it and group else answers


def _nothing_meant(run_dir: RunDir, action: str, group: str | None, answers: Answers) -> NoReturn:
    """Say why an order is about no letter, and end: well, if what it wanted has come about already."""
    if group is None:
        if answers.silent:
            end(answers)
        refuse("No dead letter that waits is meant by this: see `ledstjarna dead groups`.")
    looked = ask_each(run_dir, lambda desk: desk.all(group=group, state="all"), *answers.said)
    states = Counter(one["state"] for part in looked.said.values() for one in part)
    if not states and answers.silent:
        end(answers)
    if not states:
        refuse(f"There is no group {group}: see `ledstjarna dead groups`.")
    words = {"resolved": "handled", "discarded": "discarded"}
    ended = " and ".join(f"{many(count, 'letter')} {words.get(state, state)}" for state, count in states.items())
    say(f"Nothing of group {group} waits any more: {ended}.")
    end(looked, 0 if set(states) == {"resolved" if action == "replay" else "discarded"} else 1)


def _rehearsed(answers: Answers, what: str, *, json: bool) -> None:
    """Tell what would be done, and end."""
    if json:
        as_json(answers.said)
        end(answers)
    accepted, before = _total(answers, "accepted"), _total(answers, "replayed_before")
    say(f"{many(accepted, 'letter')} would be {what}; {before} of them had been replayed before.")
    queues = Counter[str]()
    for one in answers.said.values():
        queues.update(one["queues"])
    table(("letters", "queue"), ((count, queue) for queue, count in queues.most_common()), title="Where they failed")
    causes = [cause for one in answers.said.values() for cause in one["causes"]]
    table(("letters", "code", "why"), ((one["count"], one["code"], one["message"]) for one in causes), title="Why")
    on_their_way = [] if what == "discarded" else under_way(answers)
    tell_refused([one for one in refused(answers) if one not in on_their_way])
    if on_their_way:
        say(f"{len(on_their_way)} are under way already: with --yes they are followed to their end.")
    if left := _total(answers, "left"):
        say(f"{left} more are left for another time: --max says how many are taken at a time.")
    if accepted or on_their_way:
        type_next(("the same with --yes", "do it: nothing has been done yet"))
    end(answers)


def _total(answers: Answers, part: str) -> int:
    values: Iterable[object] = (one[part] for one in answers.said.values())
    return sum(len(value) if isinstance(value, list) else int(str(value)) for value in values)
