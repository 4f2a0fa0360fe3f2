"""How letters fare that were ordered to be sent again: followed to their end, and told."""

import asyncio
from collections import Counter
from typing import Final

import typer
from rich.console import Console
from rich.progress import Progress

from deploy.ctl.asking import RunDir
from deploy.ctl.dead.asking import Answers, Desk, View, ask_each, end
from deploy.ctl.office.asking import as_json
from deploy.ctl.office.showing import heading_of, indented, many, say, type_next

UNDECIDED: Final = ("waiting", "replaying")
LOOK_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = 60.0
"""How long it is waited for letters to be decided, after the last time that one was."""


def refused(answers: Answers) -> list[View]:
    """The letters with which it could not be done."""
    return [each for one in answers.said.values() for each in one["refused"]]


def under_way(answers: Answers) -> list[View]:
    """Those of them that need no order, because they are under way already."""
    return [each for each in refused(answers) if each["under_way"]]


def tell_refused(letters: list[View]) -> None:
    """Say with which letters it cannot be done, and why."""
    if letters:
        heading_of("Not possible")
    for one in letters:
        typer.echo(one["letter_id"])
        indented(one["why"])


def follow(run_dir: RunDir, ordered: Answers) -> Answers:
    """How the replays fare that were ordered, and those under which letters are under way already, by service."""
    replays = {
        service: sorted({one["replay_id"], *(each["under_way"] for each in one["refused"])} - {None})
        for service, one in ordered.said.items()
    }
    followed = [service for service, ids in replays.items() if ids]
    if not followed:
        return Answers({}, ())
    terminal = Console(stderr=True)
    try:
        with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
            return ask_each(run_dir, lambda desk: _watch(desk, replays[desk.service], progress), *followed)
    except KeyboardInterrupt:
        typer.echo("It goes on by itself; type it again to see how it fares.", err=True)
        raise typer.Exit(130) from None


async def _watch(desk: Desk, replays: list[str], progress: Progress) -> list[View]:
    """Follow replays until all their letters are decided, or nothing happens for long."""
    loop = asyncio.get_running_loop()
    bar = progress.add_task(f"replaying in {desk.service}", total=1)
    before, since = -1, loop.time()
    while True:
        fared: list[View] = [await desk.get("replays", replay) for replay in replays]
        asked, undecided = _count(fared, "asked"), _count(fared, *UNDECIDED)
        progress.update(bar, total=asked, completed=asked - undecided)
        if undecided != before:
            before, since = undecided, loop.time()
        if not undecided or loop.time() - since > PATIENCE_SECONDS:
            return fared
        await asyncio.sleep(LOOK_SECONDS)


def tell_fared(ordered: Answers, fared: Answers, *, json: bool) -> None:
    """Say what became of the letters, and end."""
    replays = [one for part in fared.said.values() for one in part]
    impossible = [one for one in refused(ordered) if not one["under_way"]]
    if json:
        as_json({"ordered": ordered.said, "fared": fared.said})
    else:
        if replays:
            _tell_replays(replays, len(under_way(ordered)))
            arrivals = sum(max(one["arrivals"] for one in part) for part in fared.said.values())
            say(f"{arrivals} others have died in the same queues meanwhile.")
        tell_refused(impossible)
        if left := sum(one["left"] for one in ordered.said.values()):
            say(f"{left} more wait: order again for them.")
        if died := next((one["example_died"] for one in replays if one["example_died"]), None):
            type_next((f"ledstjarna dead show {died}", "see why it died again: mend that first, then order it again"))
    silent = Answers({}, (*ordered.silent, *fared.silent))
    end(silent, 1 if impossible or _count(replays, "died_again", "refused") else 0)


def _tell_replays(replays: list[View], followed: int) -> None:
    counts = Counter({name: _count(replays, name) for name in replays[0] if isinstance(replays[0][name], int)})
    say(f"Of {many(counts['asked'], 'letter')} {counts['resolved']} are handled, {counts['died_again']} died again.")
    if followed:
        say(f"{followed} had been under way already; all that was ordered together with them is counted here.")
    if undecided := _count(replays, *UNDECIDED):
        say(
            f"{undecided} are still under way: the service goes on by itself, also after a restart. See where with"
            " `ledstjarna dead list`, and whether the queue is worked on with `ledstjarna status`."
        )
    if counts["refused"]:
        why = next(one["why_refused"] for one in replays if one["why_refused"])
        say(f"{counts['refused']} could not be sent: {why}.")


def _count(replays: list[View], *names: str) -> int:
    return sum(int(one[name]) for one in replays for name in names)
