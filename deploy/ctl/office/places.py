"""The commands `ledstjarna place …`, `approvals …` and `nominate`: one person's place, decided by the office."""

from typing import Annotated

import typer

from deploy.ctl.asking import RunDir, give_up
from deploy.ctl.office.asking import AsJson, Note, Office, View, as_json, ask
from deploy.ctl.office.showing import day, say, table, type_next, why

app = typer.Typer(help="One person's place.", no_args_is_help=True)
approvals = typer.Typer(help="Whose approval is waited for.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The place, such as FLC:E100231:1.", metavar="PLACE")]
Reason = Annotated[str, typer.Option("--note", help="Why; kept beside the decision.")]
Named = tuple[View, dict[str, str]]


def nominate(
    code: Annotated[str, typer.Argument(help="The programme's code.", metavar="CODE")],
    employee_id: Annotated[str, typer.Argument(help="Who is named.", metavar="EMPLOYEE")],
    by: Annotated[
        str | None, typer.Option(help="By which manager of hers; else by the office.", metavar="MANAGER")
    ] = None,
    run_dir: RunDir = None,
) -> None:
    """Name somebody for a programme: she is queued."""
    body = {"employee_id": employee_id, "by": by}

    async def name(office: Office) -> Named:
        return await _named(office, await office.post("programmes", code, "nominations", body=body))

    place, names = ask(run_dir, name)
    asked = place["approval"]
    waits = " and waits for approval" if asked and asked["state"] == "requested" else ""
    say(f"{_who(place, names)} is queued for {code}{waits}: {place['place_id']}.")


@app.command("take-back")
def take_back(place_id: Id, note: Note = "", run_dir: RunDir = None) -> None:
    """Take an offer back: the seat goes to the next in line, and she keeps her turn for another group."""
    place, names = _done(run_dir, place_id, "take-back", {"note": note})
    say(f"The offer to {_who(place, names)} is taken back; she is {place['state']} for {place['programme']}.")


@app.command("withdraw")
def withdraw(place_id: Id, note: Note = "", run_dir: RunDir = None) -> None:
    """End somebody's place; its seat, if it has one, goes to the next in line."""
    place, names = _done(run_dir, place_id, "withdraw", {"note": note})
    say(f"{_who(place, names)} is out of {place['programme']}.")


@app.command("first")
def put_first(
    place_id: Id,
    note: Reason,
    back: Annotated[bool, typer.Option("--back", help="Put her back where she was.")] = False,
    run_dir: RunDir = None,
) -> None:
    """Put somebody who waits before those who came in the ordinary way; she reads that it was the office."""
    place, names = _done(run_dir, place_id, "priority", {"first": not back, "note": note})
    where = "back in her ordinary turn" if back else "before those who came in the ordinary way"
    say(f"{_who(place, names)} is {where} in the queue for {place['programme']}.")


@app.command("swap")
def swap(
    one: Id,
    other: Id,
    *,
    note: Note = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only tell what it would do.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Even if it breaks a rule; needs --note.")] = False,
    run_dir: RunDir = None,
) -> None:
    """Let two colleagues with a seat exchange groups: each gets the other's sessions."""
    body = {"one": one, "other": other, "note": note, "force": force}
    how = {"preview": "true"} if preview else {}

    async def exchange(office: Office) -> Named:
        done = await office.post("places", "swap", body=body, **how)
        return done, await office.names(done[side]["employee_id"] for side in ("one", "other"))

    done, names = ask(run_dir, exchange)
    would = "would be" if preview else "is now"
    for side in ("one", "other"):
        say(f"{_who(done[side], names)} {would} in {done[side]['cohort_id']}.")
    rows = ((each["cohort_id"], each["employee_id"], why(each["reason"])) for each in done["broken"])
    table(("cohort", "person", "rule"), rows, title="Rules that this breaks")
    if preview:
        meant = " --force --note WHY" if done["broken"] else ""
        type_next((f"ledstjarna place swap {one} {other}{meant}", "let them exchange"))


def _done(run_dir: RunDir, place_id: str, step: str, body: View) -> Named:
    async def do(office: Office) -> Named:
        return await _named(office, await office.post("places", place_id, step, body=body))

    return ask(run_dir, do)


async def _named(office: Office, place: View) -> Named:
    return place, await office.names([place["employee_id"]])


def _who(place: View, names: dict[str, str]) -> str:
    return f"{names[place['employee_id']]} ({place['employee_id']})"


@approvals.command("list")
def list_approvals(json: AsJson = False, run_dir: RunDir = None) -> None:
    """Who waits for an approval, whose, and until when it can be given."""

    async def look(office: Office) -> tuple[list[View], dict[str, str]]:
        found = await office.all("approvals")
        people = [each[who] for each in found for who in ("employee_id", "approver_id")]
        return found, {} if json else await office.names(people)

    found, names = ask(run_dir, look)
    if json:
        as_json(found)
        return
    rows = (
        (
            each["place_id"],
            names[each["employee_id"]],
            day(each["asked_at"]),
            day(each["answer_by"]),
            f"{each['approver_id']} {names[each['approver_id']]}" if each["approver_id"] else "the office",
        )
        for each in found
    )
    table(("place", "name", "asked", "answer by", "is asked"), rows)
    if not found:
        say("No approval is waited for.")


@approvals.command("answer")
def answer(
    place_id: Id,
    how: Annotated[str, typer.Argument(help="yes or no.", metavar="yes|no")],
    note: Note = "",
    run_dir: RunDir = None,
) -> None:
    """Say whether she may go, whoever else is asked: after yes she can be offered a seat, after no she is out."""
    if how not in ("yes", "no"):
        give_up(f"{how} is no answer: write yes or no.")
    place, names = _done(run_dir, place_id, "approval", {"approved": how == "yes", "note": note})
    what = "may go and waits for a seat" if how == "yes" else "may not go and is out"
    say(f"{_who(place, names)} {what}: {place['programme']}.")
