"""The commands `ledstjarna change …`: a change is proposed, seen with its impact, approved, undone or dropped."""

from pathlib import Path
from typing import Annotated, Final

import typer

from deploy.ctl.asking import RunDir
from deploy.ctl.office import impact
from deploy.ctl.office.asking import AsJson, View, as_json, ask
from deploy.ctl.office.showing import say, table, time, type_next

app = typer.Typer(help="Changes, seen before they happen.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The change's id.", metavar="ID")]
Everybody = Annotated[bool, typer.Option("--everybody", help="Name all, not just the first.")]

KINDS: Final = {
    "revise_programme": "revise a programme",
    "adopt_revision": "bring a cohort to another revision",
    "reschedule_session": "move a session",
    "cancel_session": "cancel a session",
    "add_session": "add a session",
    "change_place": "meet elsewhere",
    "set_facilitators": "have others lead a cohort",
    "cancel_cohort": "cancel a cohort",
    "retire_programme": "retire a programme",
}


def propose(run_dir: Path | None, kind: str, command: View, note: str) -> None:
    """Propose something and show what it would lead to; nothing happens."""
    body = {"kind": kind, "command": command, "note": note}
    show_change(ask(run_dir, lambda office: office.post("changes", body=body)))


@app.command("list")
def list_changes(
    state: Annotated[
        str | None, typer.Option(help="proposed, approved, applied, undone, failed or dropped.", metavar="STATE")
    ] = None,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Changes, the oldest first: how each stands, and how many people it touches."""
    found = ask(run_dir, lambda office: office.all("changes", **({"state": state} if state else {})))
    if json:
        as_json(found)
        return
    rows = (
        (each["change_id"], each["state"], time(each["at"]), _what(each, f", {each['impact']['touched']} people"))
        for each in found
    )
    table(("change", "is", "proposed", "what"), rows)
    if not found:
        say("There are no such changes.")


@app.command("show")
def show(
    change_id: Id,
    refresh: Annotated[bool, typer.Option("--refresh", help="What it would lead to as things stand now.")] = False,
    everybody: Everybody = False,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """One change and what it leads to, and whether things have moved since it was looked at."""
    seen = {"refresh": "true"} if refresh else {}
    change = ask(run_dir, lambda office: office.get("changes", change_id, **seen))
    if json:
        as_json(change)
        return
    show_change(change, refreshed=refresh, everybody=everybody)


@app.command("approve")
def approve(
    change_id: Id,
    confirm: Annotated[
        int | None, typer.Option(help="How many people it touches, where that is asked for.", metavar="N")
    ] = None,
    seen: Annotated[str | None, typer.Option(help="The impact that you have looked at, as `show` names it.")] = None,
    at_once: Annotated[bool, typer.Option("--at-once", help="Without the time in which it can be undone.")] = False,
    run_dir: RunDir = None,
) -> None:
    """Let a change take effect when it has settled; refused if it would lead to something that you have not seen."""
    body = {"confirm_people": confirm, "seen": seen, "at_once": at_once}
    change = ask(run_dir, lambda office: office.post("changes", change_id, "approve", body=body))
    what = change["impact"]
    say(f"Approved: {_what(change)}. {impact.figures(what)}")
    if at_once:
        say("It takes effect now and cannot be taken back unheard.")
        return
    say(f"It takes effect at {time(change['ripples_at'])}; until then nobody hears of it.")
    type_next((f"ledstjarna change undo {change_id}", "take it back before then"))


@app.command("undo")
def undo(change_id: Id, run_dir: RunDir = None) -> None:
    """Take back a change that has not taken effect; for one that has, propose what leads back."""
    change = ask(run_dir, lambda office: office.post("changes", change_id, "undo"))
    if change["change_id"] == change_id:
        say(f"Taken back: {_what(change)}. Nobody has heard of it.")
        return
    say(f"{change_id} has taken effect. This would lead back:", "")
    show_change(change)


@app.command("drop")
def drop(change_id: Id, run_dir: RunDir = None) -> None:
    """Do not pursue a proposal."""
    change = ask(run_dir, lambda office: office.post("changes", change_id, "drop"))
    say(f"Dropped: {_what(change)}.")


def show_change(change: View, *, refreshed: bool = False, everybody: bool = False) -> None:
    """Print a change with its impact, and what can be typed next."""
    say(f"{_what(change)}: {change['state']}{_when(change)}.", f"change {change['change_id']}")
    say(*([f"Note: {change['note']}"] if change["note"] else []), "")
    if change.get("problem"):
        say(f"It cannot be done: {change['problem']}.", "")
    elif change.get("stale") and not refreshed:
        say("Things have moved since this was looked at.", "")
    impact.show(change["impact"], everybody=everybody)
    if steps := _next(change, refreshed=refreshed):
        type_next(*steps)


def _next(change: View, *, refreshed: bool) -> list[tuple[str, str]]:
    name, number = change["change_id"], change["impact"]["confirm_people"]
    steps = []
    if change["state"] == "proposed" and not change.get("problem"):
        options = f" --confirm {number}" if number is not None else ""
        if change.get("stale") and not refreshed:
            steps.append((f"ledstjarna change show {name} --refresh", "see what it would lead to now"))
        else:
            options += f" --seen {change['impact']['fingerprint']}" if change.get("stale") else ""
            steps.append((f"ledstjarna change approve {name}{options}", "let it happen; 15 minutes remain to undo it"))
    if change["state"] == "proposed":
        steps.append((f"ledstjarna change drop {name}", "leave everything as it is"))
    if change["state"] == "approved":
        steps.append((f"ledstjarna change undo {name}", "take it back before anybody hears of it"))
    if change["state"] == "applied" and change["inverse"]:
        steps.append((f"ledstjarna change undo {name}", "propose what leads back"))
    return steps


def _what(change: View, more: str = "") -> str:
    command = change["command"]
    about = command.get("session_id") or command.get("cohort_id") or command.get("code") or ""
    if change["kind"] == "revise_programme":
        lines = str(command["file"]).splitlines()
        about = next((line[5:].partition("#")[0].strip() for line in lines if line.startswith("code:")), "")
    words = str(KINDS.get(change["kind"], change["kind"]))
    return f"{words[:1].upper()}{words[1:]}{f' ({about})' if about else ''}{more}"


def _when(change: View) -> str:
    if change["applied_at"]:
        return f" at {time(change['applied_at'])}"
    return f", takes effect at {time(change['ripples_at'])}" if change["ripples_at"] else ""
