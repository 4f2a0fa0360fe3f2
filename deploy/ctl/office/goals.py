"""The commands `ledstjarna goal …`: the municipality's goals that programmes serve."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from deploy.ctl.asking import RunDir, give_up
from deploy.ctl.office.asking import AsJson, Office, View, as_json, ask, read_bytes
from deploy.ctl.office.showing import say, table

app = typer.Typer(help="The municipality's goals.", no_args_is_help=True)

SHAPE = "write a list of goals, each like {id: G1, sv: …, en: …, from: 2027-01-01, to: 2030-12-31}"


@app.command("set")
def set_goals(
    what: Annotated[str, typer.Argument(help="A file of goals (YAML), or the id of one.", metavar="FILE|ID")],
    *,
    sv: Annotated[str | None, typer.Option(help="The goal in Swedish.")] = None,
    en: Annotated[str | None, typer.Option(help="The goal in English.")] = None,
    begins: Annotated[str | None, typer.Option("--from", help="In force from this day.", metavar="DAY")] = None,
    ends: Annotated[str | None, typer.Option("--to", help="In force to this day.", metavar="DAY")] = None,
    run_dir: RunDir = None,
) -> None:
    """Let one goal, or all those in a file, read like this from now on.

    A file is a list: - {id: G1, sv: …, en: …, from: 2027-01-01, to: 2030-12-31}; the days may be left out.
    """
    if (sv is None) != (en is None):
        give_up("A goal is in both languages: give --sv and --en.")
    if sv is None and (begins or ends):
        give_up("The days --from and --to go with --sv and --en; those of a file stand in the file.")
    if sv is None and not Path(what).exists():
        give_up(f"There is no file {what}; for one goal of that id, give --sv and --en.")
    goals = [{"id": what, "sv": sv, "en": en, "from": begins, "to": ends}] if sv else _in_file(Path(what))

    async def put(office: Office) -> None:
        for goal in goals:
            text = {"sv": goal["sv"], "en": goal["en"]}
            body = {"text": text, "valid_from": _day(goal.get("from")), "valid_to": _day(goal.get("to"))}
            await office.put("goals", str(goal["id"]), body=body)

    ask(run_dir, put)
    names = ", ".join(str(goal["id"]) for goal in goals)
    say(f"{names} {'reads' if len(goals) == 1 else 'read'} so from now on.")


def _day(value: Any) -> str | None:
    return None if value is None else str(value)


def _in_file(file: Path) -> list[View]:
    try:
        goals = yaml.safe_load(read_bytes(file))
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        give_up(f"{file}{f', line {where.line + 1}' if where else ''} is not YAML: {SHAPE}.")
    known = {"id", "sv", "en", "from", "to"}
    if not isinstance(goals, list) or not goals:
        give_up(f"{file} is no list of goals: {SHAPE}.")
    for number, goal in enumerate(goals, 1):
        if not isinstance(goal, dict) or not {"id", "sv", "en"} <= goal.keys() <= known:
            give_up(f"{file}, goal {number}: {SHAPE}.")
    return goals


@app.command("list")
def list_goals(
    on: Annotated[str | None, typer.Option(help="Only those in force on this day.", metavar="DAY")] = None,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """The goals, and whether each is in force."""
    found = ask(run_dir, lambda office: office.all("goals", **({"on": on} if on else {})))
    if json:
        as_json(found)
        return
    rows = (
        (
            each["goal_id"],
            "yes" if each["in_force"] else "no",
            each["valid_from"] or "–",
            each["valid_to"] or "–",
            f"{each['text']['sv']}\n{each['text']['en']}",
        )
        for each in found
    )
    table(("goal", "in force", "from", "to", "text"), rows)
    if not found:
        say("There are no goals yet: ledstjarna goal set FILE." if on is None else f"No goal is in force on {on}.")
