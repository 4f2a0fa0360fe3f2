"""The commands `ledstjarna programme …`: programmes as files, whom they would touch, and who waits."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.ctl.asking import RunDir
from deploy.ctl.calls import RefusedError
from deploy.ctl.office import changes, impact
from deploy.ctl.office.asking import AsJson, Note, Office, View, as_json, ask, read_bytes
from deploy.ctl.office.showing import as_sentence, day, people, say, table, type_next, why

app = typer.Typer(help="Programmes as files, and their queues.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The programme as YAML.", metavar="FILE")]
Addresses = Annotated[
    list[str] | None,
    typer.Option(help="A recommendation of the evaluation that the file answers; can be given again.", metavar="ID"),
]
Code = Annotated[str, typer.Argument(help="The programme's code, such as FLC.", metavar="CODE")]
PRIORITY = {1: "returning", 2: "put first"}
STANDS = {
    "queued": "waiting",
    "offered": "offered a seat",
    "confirmed": "with a seat",
    "completed": "who completed it",
    "paused": "paused",
    "declined": "who declined",
    "expired": "who did not answer",
    "withdrawn": "who were taken out",
    "none": "without a place so far",
}
ALL = 10_000
"""As many names as enrolment gives."""


@app.command("apply")
def apply(
    file: File,
    confirm: Annotated[
        int | None, typer.Option(help="The number of people that `preview` asks to be confirmed.", metavar="N")
    ] = None,
    addresses: Addresses = None,
    run_dir: RunDir = None,
) -> None:
    """Publish a programme, or revise it if it reads differently now."""
    confirmed = {} if confirm is None else {"confirm_people": confirm}
    applied = _sent(run_dir, file, **confirmed, **_answering(addresses))
    say(f"{applied['code']} {applied['outcome']}, revision {applied['revision']}; {applied['queued']} people queued.")
    say(*(as_sentence(concern) for concern in applied["concerns"]))


@app.command("preview")
def preview(
    file: File,
    everybody: Annotated[bool, typer.Option("--everybody", help="Name all, not just the first.")] = False,
    addresses: Addresses = None,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Whom a programme file would touch if it were applied now; nothing is changed and nobody is told."""
    seen = _sent(
        run_dir, file, preview="true", names=ALL if everybody or json else impact.A_FEW, **_answering(addresses)
    )
    if json:
        as_json(seen)
        return
    would = {"published": "be new", "revised": "be revised", "unchanged": "stay as it is"}[seen["outcome"]]
    what = seen["impact"]
    say(f"{seen['code']} would {would} (revision {seen['revision']}).")
    say(f"It would bring in {people(seen['queued'])} and take out {people(len(what['withdrawn']))}.")
    _whom_it_is_for(seen["matched"])
    concerns = [each for each in seen["concerns"] if each not in what["concerns"]]
    impact.show(what | {"concerns": [*what["concerns"], *concerns]}, everybody=everybody)
    number = what["confirm_people"]
    answers = "".join(f" --addresses {each}" for each in addresses or ())
    confirmed = f" --confirm {number}" if number else ""
    type_next((f"ledstjarna programme apply {file}{answers}{confirmed}", "switch it on"))


def _whom_it_is_for(matched: View) -> None:
    stand = [f"{matched['new']} new"] if matched["new"] else []
    stand += [f"{number} {STANDS[state]}" for state, number in matched["states"].items()]
    away = f" On leave now: {matched['away']}." if matched["away"] else ""
    say(f"It is for {people(matched['count'])}{': ' if stand else ''}{', '.join(stand)}.{away}")
    rows = (
        (
            each["employee_id"],
            each["name"] or "–",
            each["unit_id"] or "–",
            ("new" if each["new"] else STANDS[each["state"] or "none"]) + (", on leave" if each["away"] else ""),
        )
        for each in matched["people"]
    )
    table(("person", "name", "unit", "stands"), rows, title="Whom it is for")
    if rest := matched["count"] - len(matched["people"]):
        say(f"and {rest} more: add --everybody to see them.")
    say("")


def _answering(addresses: list[str] | None) -> dict[str, list[str]]:
    return {"addresses": addresses} if addresses else {}


def _sent(run_dir: Path | None, file: Path, **params: Any) -> View:
    text = read_bytes(file)

    async def send(office: Office) -> View:
        try:
            return dict(await office.post("programmes", body=text, **params))
        except RefusedError as no:
            raise _with_lines(file, no) from no

    return ask(run_dir, send)


def _with_lines(file: Path, no: RefusedError) -> RefusedError:
    """What is wrong with a file, line by line; what a rule says is left as it is."""
    if no.status == 409:
        return no
    faults = [
        f"{file}, line {each['line']}, {each['field']}: {each['message']}" for each in no.problem.get("errors", ())
    ]
    return RefusedError(no.status, str(no), {"detail": "\n".join(faults) or f"{file}: {no}"})


@app.command("list")
def list_programmes(json: AsJson = False, run_dir: RunDir = None) -> None:
    """The programmes as they read now."""
    found = ask(run_dir, lambda office: office.all("programmes"))
    if json:
        as_json(found)
        return
    rows = (
        (
            each["code"],
            each["revision"],
            "retired" if each["retired"] else "open",
            each["title"]["sv"],
            ", ".join(one["recommendation_id"] for one in each["recommendations"]) or "–",
        )
        for each in found
    )
    table(("code", "revision", "is", "title", "to answer"), rows)
    say(*(_recommended(each["code"], one) for each in found for one in each["recommendations"]))
    if not found:
        say("There is no programme yet: write one as a file and apply it.")


def _recommended(code: str, one: View) -> str:
    """What is recommended about a programme, and how it is answered."""
    stands = "has been accepted and waits for" if one["state"] == "accepted" else "can be answered there or by"
    return (
        f"A change of {code}, revision {one['revision']}, is recommended: {one['url']}. It {stands} a revision: "
        f"ledstjarna programme apply FILE --addresses {one['recommendation_id']}"
    )


@app.command("queue")
def show_queue(code: Code, json: AsJson = False, run_dir: RunDir = None) -> None:
    """Who waits, first in line first: since when, why, and how often she was passed over."""

    async def line(office: Office) -> tuple[list[View], dict[str, str]]:
        found = await office.all("programmes", code, "queue")
        return found, {} if json else await office.names(each["employee_id"] for each in found)

    found, names = ask(run_dir, line)
    if json:
        as_json(found)
        return
    say(f"{people(len(found)).capitalize()} {'wait' if len(found) > 1 else 'waits'} for {code}.", "")
    rows = (
        (number, each["employee_id"], names[each["employee_id"]], day(each["queued_at"]), _turn(each))
        for number, each in enumerate(found, 1)
    )
    table(("no.", "person", "name", "since", "why"), rows)


def _turn(place: View) -> str:
    asked = place["approval"]
    lines = [f"{PRIORITY[place['priority']]}: " if place["priority"] in PRIORITY else "", why(place["reason"])]
    told = ["".join(lines)]
    if asked and asked["state"] == "requested":
        told.append(f"Waits for approval by {asked['approver_id'] or 'the office'}.")
    told += [f"Passed over in {skip['cohort_id']}: {why(skip['reason'])}" for skip in place["skips"]]
    return "\n".join(told)


@app.command("retire")
def retire(code: Code, note: Note = "", run_dir: RunDir = None) -> None:
    """Propose that a programme takes no more people; it ends when the change is approved."""
    changes.propose(run_dir, "retire_programme", {"code": code}, note)
