"""The commands `ledstjarna dead replay` and `discard`: what becomes of dead letters. Without --yes nothing does."""

import asyncio
import getpass
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from deploy.ctl.asking import RunDir, give_up
from deploy.ctl.dead.asking import Answers, AsJson, Desk, View, ask_each, end, service_of, service_with
from deploy.ctl.office.asking import as_json
from deploy.ctl.office.showing import say, table, type_next

Ids = Annotated[list[str] | None, typer.Argument(help="Letters, as `dead list` shows them.", metavar="LETTER")]
OfGroup = Annotated[str | None, typer.Option(help="Those of this group.", metavar="FINGERPRINT")]
Reason = Annotated[str, typer.Option(help="Why; kept with each letter.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; else it is only told what would be done.")]
Force = Annotated[bool, typer.Option("--force", help="Also letters on their way, or that died in three replays.")]
Most = Annotated[int, typer.Option("--max", help="At most so many of a service, the oldest first.", min=1, max=1000)]

UNDER_WAY: Final = ("waiting", "replaying")
LOOK_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = 60.0
"""How long it is waited for letters to be decided, after the last time that one was."""


def replay(
    ids: Ids = None,
    *,
    group: OfGroup = None,
    queue: Annotated[str | None, typer.Option(help="Those that failed in this queue.")] = None,
    reason: Reason,
    most: Most = 100,
    rate: Annotated[str, typer.Option(help="How fast: 5/s.")] = "5/s",
    force: Force = False,
    yes: Yes = False,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Send dead letters again, each to the queue in which it failed and no other; what has been handled has no second
    effect. Exit code 0: done, or would be; 1: some were refused or died again; 2: a service could not be asked.
    """
    body = _order(reason, most, force=force) | {"rate": _rate(rate)}
    chosen = _choices(ids, group, queue)
    answers = _order_each(run_dir, "replay", body | {"dry_run": not yes}, chosen, queue)
    if not yes:
        _rehearsed(answers, "sent again", json=json)
    replays = {service: one["replay_id"] for service, one in answers.said.items() if one["replay_id"]}
    fared = (
        ask_each(run_dir, lambda desk: _watch(desk, replays[desk.service]), *replays) if replays else Answers({}, ())
    )
    _tell_fared(answers, fared, json=json)


def discard(
    ids: Ids = None,
    *,
    group: OfGroup = None,
    reason: Reason,
    most: Most = 100,
    force: Force = False,
    yes: Yes = False,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Close dead letters that need not be handled any more, for good: what stood in them is forgotten."""
    body = _order(reason, most, force=force) | {"dry_run": not yes}
    answers = _order_each(run_dir, "discard", body, _choices(ids, group, None), None)
    if not yes:
        _rehearsed(answers, "discarded", json=json)
    if json:
        as_json(answers.said)
    else:
        say(f"{_total(answers, 'accepted')} discarded.")
        _tell_refused(answers)
    end(answers, 1 if _refused(answers) else 0)


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


def _choices(ids: list[str] | None, group: str | None, queue: str | None) -> dict[str, View]:
    """By service, or for all under "": which letters are meant; or the end, with one sentence."""
    if sum(bool(way) for way in (ids, group, queue)) != 1:
        give_up("Say which letters in one way: name them, or give --group, or --queue (to replay only).")
    if not ids:
        return {"": {"group": group} if group else {"queue": queue}}
    by_service: dict[str, list[str]] = {}
    for letter_id in ids:
        by_service.setdefault(service_of(letter_id), []).append(letter_id)
    return {service: {"ids": hers} for service, hers in by_service.items()}


def _order_each(run_dir: RunDir, action: str, body: View, chosen: dict[str, View], queue: str | None) -> Answers:
    services = service_with(queue) or tuple(service for service in chosen if service)

    async def order(desk: Desk) -> View:
        return await desk.order(action, body | chosen.get(desk.service, chosen.get("", {})))

    answers = ask_each(run_dir, order, *services)
    if not _total(answers, "accepted") and not _refused(answers) and not answers.silent:
        typer.echo("No dead letter that waits is meant by this: see `ledstjarna dead groups`.", err=True)
        raise typer.Exit(1)
    found_it = any(one["accepted"] or one["refused"] for one in answers.said.values())
    # a group is of one queue: when its service has answered, nothing is missing from the others
    return Answers(answers.said, ()) if found_it else answers


def _rehearsed(answers: Answers, what: str, *, json: bool) -> None:
    """Tell what would be done, and end."""
    if json:
        as_json(answers.said)
        end(answers)
    accepted, before = _total(answers, "accepted"), _total(answers, "replayed_before")
    say(f"{accepted} letters would be {what}; {before} of them had been replayed before.")
    queues = Counter[str]()
    for one in answers.said.values():
        queues.update(one["queues"])
    table(("letters", "queue"), ((count, queue) for queue, count in queues.most_common()), title="Where they failed")
    causes = [cause for one in answers.said.values() for cause in one["causes"]]
    table(("letters", "code", "why"), ((one["count"], one["code"], one["message"]) for one in causes), title="Why")
    _tell_refused(answers)
    if left := sum(one["left"] for one in answers.said.values()):
        say(f"{left} more are left for another time: --max says how many are taken at a time.")
    if accepted:
        type_next(("the same with --yes", "do it: nothing has been done yet"))
    end(answers)


async def _watch(desk: Desk, replay_id: str) -> View:
    """Follow a replay until all its letters are decided, or nothing happens for long."""
    is_seen = Console(stderr=True).is_terminal
    shown = Progress(console=Console(stderr=True), transient=True) if is_seen else nullcontext()
    loop = asyncio.get_running_loop()
    with shown as progress:
        bar = progress.add_task(f"replaying in {desk.service}", total=1) if progress else None
        before, since = -1, loop.time()
        while True:
            fared: View = await desk.get("replays", replay_id)
            under_way = sum(fared[each] for each in UNDER_WAY)
            if progress and bar is not None:
                progress.update(bar, total=fared["asked"], completed=fared["asked"] - under_way)
            if under_way != before:
                before, since = under_way, loop.time()
            if not under_way or loop.time() - since > PATIENCE_SECONDS:
                return fared
            await asyncio.sleep(LOOK_SECONDS)


def _tell_fared(ordered: Answers, fared: Answers, *, json: bool) -> None:
    counts = Counter[str]()
    for one in fared.said.values():
        counts.update({name: value for name, value in one.items() if isinstance(value, int)})
    if json:
        as_json({"ordered": ordered.said, "fared": fared.said})
    else:
        say(f"Of {counts['asked']} letters {counts['resolved']} are handled, {counts['died_again']} died again.")
        if under_way := sum(counts[each] for each in UNDER_WAY):
            say(
                f"{under_way} are still under way: the service goes on by itself, also after a restart. See where with"
                " `ledstjarna dead list`, and whether the queue is worked on with `ledstjarna status`."
            )
        if counts["refused"]:
            why = next(one["why_refused"] for one in fared.said.values() if one["why_refused"])
            say(f"{counts['refused']} could not be sent: {why}.")
        _tell_refused(ordered)
        say(f"{counts['arrivals']} others have died in the same queues meanwhile.")
        if left := sum(one["left"] for one in ordered.said.values()):
            say(f"{left} more wait: order again for them.")
    silent = Answers({}, (*ordered.silent, *fared.silent))
    end(silent, 1 if counts["died_again"] or counts["refused"] or _refused(ordered) else 0)


def _tell_refused(answers: Answers) -> None:
    rows = ((one["letter_id"], one["why"]) for one in _refused(answers))
    table(("letter", "why not"), rows, title="Not possible")


def _refused(answers: Answers) -> list[View]:
    return [each for one in answers.said.values() for each in one["refused"]]


def _total(answers: Answers, part: str) -> int:
    values: Iterable[object] = (one[part] for one in answers.said.values())
    return sum(len(value) if isinstance(value, list) else int(str(value)) for value in values)
