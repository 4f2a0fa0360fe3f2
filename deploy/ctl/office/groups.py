"""The commands `ledstjarna groups …`: groups composed from one queue, looked at and changed before anybody is told."""

from typing import Annotated

import typer

from deploy.ctl.asking import RunDir, give_up
from deploy.ctl.office.asking import AsJson, Office, View, as_json, ask
from deploy.ctl.office.showing import heading_of, people, say, table, time, type_next, why

app = typer.Typer(help="Groups proposed from a queue.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The proposal's id.", metavar="ID")]
Person = Annotated[str, typer.Argument(help="Employee id.", metavar="PERSON")]
Pairs = Annotated[
    list[str] | None, typer.Option(metavar="A,B", help="Two people, if the rules allow; may be repeated.")
]
Seed = Annotated[int | None, typer.Option(help="Another lot, as good as the first.")]
Named = tuple[View, dict[str, str]]


@app.command("propose")
def propose(
    code: Annotated[str, typer.Argument(help="The programme's code.", metavar="CODE")],
    cohorts: Annotated[list[str], typer.Argument(help="The cohorts to be filled.", metavar="COHORT...")],
    *,
    seed: Seed = None,
    together: Pairs = None,
    apart: Pairs = None,
    run_dir: RunDir = None,
) -> None:
    """Compose groups for these cohorts from the programme's queue; nobody is told anything."""
    wishes = [_pair("together", each) for each in together or ()] + [_pair("apart", each) for each in apart or ()]
    body = {"programme": code, "cohorts": cohorts, "seed": seed or 0, "wishes": wishes}

    async def compose(office: Office) -> Named:
        return await _named(office, await office.post("proposals", body=body))

    _show(*ask(run_dir, compose))


def _pair(kind: str, text: str) -> dict[str, str]:
    one, comma, other = text.partition(",")
    if not comma or not one.strip() or not other.strip() or "," in other:
        give_up(f"--{kind} {text} does not name two people: write it like --{kind} E100231,E100007.")
    return {"kind": kind, "one": one.strip(), "other": other.strip()}


@app.command("list")
def list_proposals(json: AsJson = False, run_dir: RunDir = None) -> None:
    """All proposals, the oldest first."""
    found = ask(run_dir, lambda office: office.all("proposals"))
    if json:
        as_json(found)
        return
    rows = (
        (
            each["proposal_id"],
            each["programme"],
            each["state"],
            time(each["at"]),
            f"{each['seats']} seats in {', '.join(group['cohort_id'] for group in each['groups'])}",
        )
        for each in found
    )
    table(("proposal", "for", "is", "made", "what"), rows)
    if not found:
        say("No groups have been proposed.")


@app.command("show")
def show(proposal_id: Id, json: AsJson = False, run_dir: RunDir = None) -> None:
    """Each group, why it is mixed so, and who is passed over."""
    if json:
        as_json(ask(run_dir, lambda office: office.get("proposals", proposal_id)))
        return

    async def look(office: Office) -> Named:
        return await _named(office, await office.get("proposals", proposal_id))

    _show(*ask(run_dir, look))


@app.command("again")
def again(proposal_id: Id, seed: Seed = None, run_dir: RunDir = None) -> None:
    """Compose the same cohorts anew, from the queue as it is now and by another lot."""

    async def compose(office: Office) -> Named:
        return await _named(office, await office.post("proposals", proposal_id, "again", body={"seed": seed}))

    _show(*ask(run_dir, compose))


@app.command("swap")
def swap(
    proposal_id: Id,
    one: Person,
    other: Person,
    preview: Annotated[bool, typer.Option("--preview", help="Only tell what it would do.")] = False,
    run_dir: RunDir = None,
) -> None:
    """Exchange two people between groups, and tell what it does to the rules and to the mix."""
    body, how = {"one": one, "other": other}, {"preview": "true"} if preview else {}

    async def exchange(office: Office) -> Named:
        done = await office.post("proposals", proposal_id, "swap", body=body, **how)
        return done, await office.names((one, other))

    done, names = ask(run_dir, exchange)
    say(f"{one} {names[one]} and {other} {names[other]} {'would exchange' if preview else 'have exchanged'} groups.")
    before, after = done["before"], done["after"]
    say(f"Pairs from one department who sit together: {before['value']} before, {after['value']} after.")
    rows = ((each["cohort_id"], ", ".join(each["employees"]), why(each["reason"])) for each in after["broken"])
    table(("cohort", "people", "rule"), rows, title="Rules that are broken")
    if not after["broken"]:
        say("No rule is broken.")
    meant = " --force --note WHY" if after["broken"] else ""
    if preview:
        type_next((f"ledstjarna groups swap {proposal_id} {one} {other}", "exchange them"))
    else:
        type_next((f"ledstjarna groups accept {proposal_id}{meant}", "offer the seats"))


@app.command("accept")
def accept(
    proposal_id: Id,
    *,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the office itself.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Even if they break a rule; needs --note.")] = False,
    run_dir: RunDir = None,
) -> None:
    """Offer all the proposed seats."""
    body = {"note": note, "force": force}
    done = ask(run_dir, lambda office: office.post("proposals", proposal_id, "accept", body=body))
    cohorts = ", ".join(group["cohort_id"] for group in done["groups"])
    say(f"{people(done['seats']).capitalize()} {'is' if done['seats'] == 1 else 'are'} offered a seat in {cohorts}.")


async def _named(office: Office, proposal: View) -> Named:
    seated = [who for group in proposal["groups"] for who in group["employees"]]
    wished = [wish[side] for wish in proposal["unmet"] for side in ("one", "other")]
    return proposal, await office.names([*seated, *wished, *(each["employee_id"] for each in proposal["passed"])])


def _show(proposal: View, names: dict[str, str]) -> None:
    say(f"{proposal['proposal_id']} for {proposal['programme']}: {proposal['state']}, {proposal['seats']} seats.")
    say(why(proposal["seating"]), why(proposal["mix"]))
    for group in proposal["groups"]:
        heading_of(f"{group['cohort_id']} ({people(len(group['employees']))})")
        say(" ".join(why(each) for each in group["why"]))
        table(("person", "name"), ((who, names[who]) for who in group["employees"]))
    rows = (
        (each["employee_id"], names[each["employee_id"]], each["cohort_id"], why(each["reason"]))
        for each in proposal["passed"]
    )
    table(("person", "name", "first in", "why"), rows, title="Passed over")
    unmet = (
        (
            wish["kind"],
            f"{wish['one']} {names[wish['one']]} and {wish['other']} {names[wish['other']]}",
            why(wish["reason"]),
        )
        for wish in proposal["unmet"]
    )
    table(("wish", "who", "why"), unmet, title="Wishes that are not met")
    if proposal["state"] == "proposed":
        name = proposal["proposal_id"]
        type_next(
            (f"ledstjarna groups accept {name}", "offer the seats"),
            (f"ledstjarna groups swap {name} PERSON PERSON --preview", "see what an exchange would do"),
            (f"ledstjarna groups again {name}", "compose them anew"),
        )
