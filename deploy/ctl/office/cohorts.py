"""The commands `ledstjarna cohort …` and `ledstjarna attendance …`: groups, their sessions, and who was there."""

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.ctl.asking import RunDir, give_up
from deploy.ctl.office.asking import AsJson, Office, View, as_json, ask, read_bytes
from deploy.ctl.office.showing import day, people, say, span, table, type_next, why

app = typer.Typer(help="Groups and their sessions.", no_args_is_help=True)
attendance = typer.Typer(help="Who was at a session.", no_args_is_help=True)

Cohort = Annotated[str, typer.Argument(help="The cohort's id.", metavar="COHORT")]
Programme = Annotated[str, typer.Option(help="The programme's code.", metavar="CODE")]
TAKEN = ("confirmed", "completed")
KINDS = ("present", "part", "absent")


@app.command("list")
def list_cohorts(
    programme: Annotated[str | None, typer.Option(help="Only those of this programme.", metavar="CODE")] = None,
    json: AsJson = False,
    run_dir: RunDir = None,
) -> None:
    """Cohorts, how full each is, and when it begins and ends."""
    wanted = {"programme": programme} if programme else {}
    found = ask(run_dir, lambda office: office.all("cohorts", **wanted))
    if json:
        as_json(found)
        return
    rows = (
        (
            each["cohort_id"],
            each["programme"],
            each["state"],
            f"{each['seats_taken']}/{each['group']['max']}{_kept(each)}",
            day(each["sessions"][0]["starts_at"] if each["sessions"] else None),
            day(each["sessions"][-1]["starts_at"] if each["sessions"] else None),
        )
        for each in found
    )
    table(("cohort", "programme", "is", "seats", "first", "last session"), rows)
    if not found:
        say("There is no cohort: ledstjarna cohort schedule.")


@app.command("show")
def show_cohort(cohort_id: Cohort, json: AsJson = False, run_dir: RunDir = None) -> None:
    """One cohort: its sessions, and everybody who has been offered a seat."""
    cohort = ask(run_dir, lambda office: office.get("cohorts", cohort_id))
    if json:
        as_json(cohort)
        return
    _show(cohort)


def _show(cohort: View) -> None:
    parts = [f"{cohort['programme']}, revision {cohort['revision']}", cohort["state"]]
    parts += [f"{cohort['seats_taken']} of {cohort['group']['max']} seats taken{_kept(cohort)}"]
    parts += [f"held in {cohort['language']}"] if cohort["language"] else []
    parts += [f"led by {', '.join(cohort['facilitators'])}"] if cohort["facilitators"] else []
    say(f"{cohort['cohort_id']}: {'; '.join(parts)}.")
    rows = (
        (
            each["session_id"],
            span(each["starts_at"], each["ends_at"]),
            f"{each['title']['sv']}, {each['location']}{_went(each)}",
        )
        for each in cohort["sessions"]
    )
    table(("session", "when", "what and where"), rows, title="Sessions")
    members = (
        (each["employee_id"], each["name"] or "–", each["unit"] or "–", each["state"], each["place_id"])
        for each in cohort["members"]
    )
    table(("person", "name", "unit", "is", "place"), members, title="People")
    kept = (
        (each["unit_id"], each["level"], day(each["since"]), each["place_id"] or "nobody: she has gone")
        for each in cohort["reserved"]
    )
    table(("unit", "level", "since", "its holder is away"), kept, title="Seats kept for posts")


def _kept(cohort: View) -> str:
    return f", {len(cohort['reserved'])} kept" if cohort["reserved"] else ""


def _went(session: View) -> str:
    if session["cancelled"]:
        return f"\ncancelled: {why(session['cancelled'])}"
    return f"\n{people(len(session['attended']))} attended" if session["attended"] is not None else ""


@app.command("schedule")
def schedule(
    cohort_id: Cohort,
    *,
    programme: Programme,
    first_day: Annotated[str, typer.Option(help="Day of the first session.", metavar="DAY")],
    start: Annotated[str, typer.Option(help="Local time at which sessions start.", metavar="HH:MM")],
    room: Annotated[str, typer.Option(help="Where.")],
    on: Annotated[
        list[str] | None, typer.Option(help="A module on a day of its own; may be repeated.", metavar="MODULE=DAY")
    ] = None,
    language: Annotated[str | None, typer.Option(help="sv or en, if it is held in one only.")] = None,
    facilitator: Annotated[list[str] | None, typer.Option(help="Who leads it; may be repeated.")] = None,
    run_dir: RunDir = None,
) -> None:
    """Schedule a cohort; its sessions follow the programme's modules."""
    days = dict(each.partition("=")[::2] for each in on or ())
    if wrong := [module for module, on_day in days.items() if not on_day]:
        give_up(f"--on {wrong[0]} names no day: write it like --on M2=2026-11-17.")
    body: View = {"cohort_id": cohort_id, "programme": programme, "first_day": first_day, "start_time": start}
    body |= {"location": room, "days": days, "language": language, "facilitators": facilitator or []}
    made = ask(run_dir, lambda office: office.post("cohorts", body=body))
    _show(made)
    type_next((f"ledstjarna cohort compose {cohort_id}", "choose the group from the queue and offer the seats"))


@app.command("release")
def release(
    cohort_id: Cohort,
    unit_id: Annotated[str, typer.Argument(help="The unit of the post.", metavar="UNIT")],
    level: Annotated[str, typer.Argument(help="The level of the post.", metavar="LEVEL")],
    run_dir: RunDir = None,
) -> None:
    """Keep a seat for a post no longer, as when the post is abolished: it goes to the next in line."""
    body = {"unit_id": unit_id, "level": level}
    cohort = ask(run_dir, lambda office: office.post("cohorts", cohort_id, "release-seat", body=body))
    taken = f"{cohort['seats_taken']} of {cohort['group']['max']} seats are taken{_kept(cohort)}"
    say(f"{cohort_id} keeps no seat for {level} in {unit_id} any more: {taken}.")


@app.command("compose")
def compose(
    cohort_id: Cohort,
    seed: Annotated[int, typer.Option(help="The lot among those queued at the same moment.")] = 0,
    run_dir: RunDir = None,
) -> None:
    """Choose the group from the queue and offer the seats at once; `groups propose` shows them first."""

    async def choose(office: Office) -> tuple[View, dict[str, str]]:
        group = await office.post("cohorts", cohort_id, "compose", body={"seed": seed})
        return group, await office.names([*group["offered"], *(each["employee_id"] for each in group["skipped"])])

    group, names = ask(run_dir, choose)
    say(f"{people(len(group['offered'])).capitalize()} offered a seat in {cohort_id}.")
    table(("person", "name"), ((who, names[who]) for who in group["offered"]), title="Offered")
    rows = ((each["employee_id"], names[each["employee_id"]], why(each["reason"])) for each in group["skipped"])
    table(("person", "name", "why"), rows, title="Passed over")


@attendance.command("record")
def record(
    cohort_id: Cohort,
    session_id: Annotated[str, typer.Argument(help="The session's id.", metavar="SESSION")],
    present: Annotated[
        str | None, typer.Option(help="Who was there all the time; all others were not.", metavar="ID,ID,…")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="CSV with employee_id, kind and hours.", metavar="CSV")] = None,
    run_dir: RunDir = None,
) -> None:
    """Record who was at a session; the newest record counts, and those before it are kept.

    A file has the columns employee_id, kind (present, part or absent) and hours (only with part).
    """
    if (present is None) == (file is None):
        give_up("Say who was there: either --present ID,ID or --file CSV.")
    body: View = {"attendance": _in_file(file)} if file else {"attended": _ids(present or "")}
    cohort = ask(
        run_dir, lambda office: office.post("cohorts", cohort_id, "sessions", session_id, "attendance", body=body)
    )
    session = next(each for each in cohort["sessions"] if each["session_id"] == session_id)
    expected = sum(member["state"] in TAKEN for member in cohort["members"])
    say(f"{len(session['attended'])} of {expected} attended {session_id}, {session['title']['sv']}.")


def _ids(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _in_file(file: Path) -> dict[str, Any]:
    try:
        text = read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        give_up(f"{file} is not in UTF-8: save it as such.")
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = list(csv.DictReader(text.splitlines(), delimiter=delimiter))
    if not rows or not {"employee_id", "kind"} <= rows[0].keys():
        give_up(
            f"{file} has no column employee_id and kind, or no row: write employee_id,kind,hours and one line each."
        )
    for number, each in enumerate(rows, 2):
        if each["kind"] not in KINDS:
            give_up(f"{file}, line {number}: {each['kind'] or 'nothing'} is no kind: write {', '.join(KINDS)}.")
    return {each["employee_id"]: {"kind": each["kind"]} | _hours(file, each.get("hours")) for each in rows}


def _hours(file: Path, hours: str | None) -> dict[str, float]:
    try:
        return {"hours": float(hours.replace(",", "."))} if hours else {}
    except ValueError:
        give_up(f"{file}: {hours} is no number of hours: write it like 2.5.")
