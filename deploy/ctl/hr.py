"""The commands `ledstjarna hr …`: staff changes from a file, and the snapshots that wait for an operator.

Exit codes of `import`: 0, every row is published or known already; 1, some rows were refused; 2, nothing could be done.
"""

from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from deploy.ctl import hr_changes, hr_csv
from deploy.ctl.asking import PATIENCE_SECONDS, RunDir, asked, give_up, stack_in
from deploy.ctl.calls import Calls
from deploy.ctl.hr_changes import SWEDISH_LEVELS, Changes
from deploy.ctl.hr_csv import COLUMNS, NEEDED, NotAnHrFileError, Sheet
from deploy.ctl.hr_known import Known
from deploy.ctl.joining import broker_of, needed, simulated_clock
from deploy.ctl.publishing import HrPublisher, NotPublishedError
from deploy.local.endpoints import Endpoints
from shared.cloudevents import uuid7
from shared.events.hr import LEVELS

app = typer.Typer(help="Staff from HR: files and snapshots.", no_args_is_help=True)

LONG = 1000
"""A file with more changes than this shows how far it has come."""

A_FEW, EVERYBODY = 5, 100_000
"""How many people of each kind of change are named."""

_PUBLISH_SECONDS = 60.0


def _headings() -> str:
    lines = [
        f"{column}{' *' if column in NEEDED else ''}: {', '.join(names) or '–'}" for column, names in COLUMNS.items()
    ]
    return "\n\n".join(lines)


HELP = f"""Publish what a CSV file of employees says as ordinary staff changes of HR.

The file is in UTF-8 or Windows-1252 (Latin-1), with commas, semicolons or tabs; its first line names the columns,
in any order, in English or Swedish (* is needed; capitals, spaces and hyphens do not matter):

{_headings()}

Days are written like 2026-08-31. Levels: {", ".join(LEVELS)}; in Swedish {", ".join(SWEDISH_LEVELS)}.

A row says how somebody stands as a whole. A column that the file lacks stays as it is known; an empty cell of
manager_id, employed_to or absent_from says that there is none. Without effective_from a change holds
from today, and a new employee from her first day. Who is not in the file is left alone: a file says nothing about
who has left.

If an HR system publishes changes too, take its versions into the file. A row with a version is HR's newest word:
what was known to come by older ones does not come. Without versions nothing is published unless you say
--count-versions: the next one is taken then, and HR's own message with that number is ignored when it comes. What is
known to come (a promotion, a last day) stays, and rows that say what is known are left out. What a file would end is
told; try it with --dry-run.

A row that is wrong is told with its line, the others go on. The same file may be imported again.
Exit code 0: every row is published or known already; 1: some were refused; 2: nothing could be done.
"""


@app.command("import", help=HELP)
def import_file(
    file: Annotated[Path, typer.Argument(help="The employees as CSV.", metavar="FILE")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Publish nothing; tell what would be.")] = False,
    count_versions: Annotated[
        bool,
        typer.Option("--count-versions", help="Take HR's next version for rows without one: no HR system publishes."),
    ] = False,
    run_dir: RunDir = None,
) -> None:
    """Publish a file of employees."""
    sheet = _read(file)
    stack = stack_in(run_dir)
    register, today = asked(_register(stack))
    changes = hr_changes.compare(sheet, register, today)
    for heading in sheet.ignored:
        typer.echo(f"{file}: the column {heading} is not one of ours and is left out.", err=True)
    for fault in changes.faults:
        typer.echo(f"{file}, line {fault.line}, {fault.column}: {fault.reason}.", err=True)
    for loss in changes.lost:
        typer.echo(f"{file}, line {loss.line}: {loss.what}.", err=True)
    if changes.numbered and not (dry_run or count_versions):
        give_up(f"Nothing is published: {_without_versions(changes)}")
    if not dry_run and changes.events:
        asked(_publish(stack, changes))
    typer.echo(_summary(changes, dry_run=dry_run))
    nothing = not (changes.events or changes.unchanged or changes.old)
    raise typer.Exit((2 if nothing else 1) if changes.faults else 0)


def _read(file: Path) -> Sheet:
    try:
        sheet = hr_csv.read(file.read_bytes())
    except OSError as error:
        give_up(f"{file} cannot be read: {error.strerror}.")
    except NotAnHrFileError as error:
        give_up(f"{file} {error}.")
    if not (sheet.rows or sheet.faults):
        give_up(f"{file} has headings and no employees: export them again.")
    return sheet


async def _register(stack: Endpoints) -> tuple[dict[str, Known], date]:
    """The staff register by employee, and the day it is where the municipality is."""
    address, after = f"{needed(stack.enrolment, 'the service enrolment')}/api/staff-register", ""
    found: dict[str, Known] = {}
    async with Calls(stack.tokens.operator, PATIENCE_SECONDS) as calls:
        while True:
            page = await calls.get(address, limit=500, **({"after": after} if after else {}))
            found |= {each["employee_id"]: Known.model_validate(each) for each in page["items"]}
            after = page["next"]
            if not after:
                return found, date.fromisoformat(page["today"])


async def _publish(stack: Endpoints, changes: Changes) -> None:
    clock = simulated_clock(stack).now if stack.clock else lambda: datetime.now(UTC)
    publisher = HrPublisher(broker_of(stack, "hr"), clock, _PUBLISH_SECONDS, source="/hr/file")
    letters = [publisher.letter(event) for event in changes.events]
    shown = Progress(console=Console(stderr=True), transient=True) if len(letters) > LONG else nullcontext()
    try:
        with shown as bar:
            task = bar.add_task("publishing", total=len(letters)) if bar else None
            await publisher.send(letters, lambda more: bar.advance(task, more) if bar and task is not None else None)
    except NotPublishedError as error:
        done = sum(publisher.published.values())
        give_up(f"{str(error).rstrip('?')}? {done} were published; import the file again, that is harmless.")
    finally:
        await publisher.close()


def _without_versions(changes: Changes) -> str:
    count = f"{changes.numbered} {'change carries' if changes.numbered == 1 else 'changes carry'}"
    return (
        f"{count} no version of HR. If one is counted up, HR's own message with that version is ignored when it comes,"
        " and what it says is lost. Take HR's versions into the file, or say --count-versions if HR publishes nothing."
    )


def _summary(changes: Changes, *, dry_run: bool) -> str:
    count = len(changes.events)
    by_field = ", ".join(f"{name} {times}" for name, times in changes.differences.most_common())
    parts = [f"{count} {'would be' if dry_run else 'are'} published ({changes.new} of them new)"]
    parts += [f"{changes.unchanged} say nothing new"] if changes.unchanged else []
    parts += [f"{changes.old} carry a version that is known already"] if changes.old else []
    refused = len({fault.line for fault in changes.faults})
    parts += [f"{refused} {'row is' if refused == 1 else 'rows are'} refused"] if refused else []
    lines = [f"{'; '.join(parts)}."]
    lines += [f"Different from what is known: {by_field}."] if by_field else []
    if changes.repeated:
        lines.append(f"{changes.repeated} of them only say again what is known to come, so that it still does.")
    if changes.numbered and dry_run:
        lines.append(f"It would need --count-versions: {_without_versions(changes)}")
    elif changes.numbered:
        lines.append(f"{changes.numbered} versions were counted up: an HR system that publishes must go on above them.")
    return "\n".join(lines)


@app.command("list")
def list_imports(run_dir: RunDir = None) -> None:
    """Snapshots of the staff and how each stands, newest first."""
    stack = stack_in(run_dir)
    found = asked(_ask(stack, "", limit=50))["items"]
    if not found:
        typer.echo("HR has sent no snapshot.")
        return
    shown = Table("snapshot", "taken, UTC", "pages", "state", "staff", "managers", "why", box=None, pad_edge=False)
    for each in found:
        shown.add_row(
            each["snapshot_id"],
            f"{datetime.fromisoformat(each['taken_at']):%Y-%m-%d %H:%M}",
            f"{len(each['received'])}/{each['pages']}",
            each["state"],
            str(each["staff_changed"]),
            str(each["managers_changed"]),
            each["reason"] or "",
        )
    Console().print(shown)


@app.command("show")
def show_import(
    snapshot_id: Annotated[str, typer.Argument(help="As `ledstjarna hr list` names it.", metavar="ID")],
    everybody: Annotated[bool, typer.Option("--everybody", help="Name all, not only a few of each kind.")] = False,
    run_dir: RunDir = None,
) -> None:
    """What a snapshot would change as things stand now, by reason. Nothing is changed."""
    stack = stack_in(run_dir)
    seen = asked(_ask(stack, f"/{snapshot_id}", preview="true", names=EVERYBODY if everybody else A_FEW))
    typer.echo(f"{seen['snapshot_id']} is {seen['state']}{_because(seen['reason'])}")
    preview = seen.get("preview")
    if preview is None:
        return
    typer.echo(f"It would change {preview['staff_changed']} of {preview['staff']} employed people,")
    typer.echo(f"{preview['managers_changed']} of {preview['managers']} managers.")
    for title, of in (("staff", "changes"), ("places", "places"), ("units", "units")):
        kinds = preview[of]
        counted = "units" if title == "units" else "people"
        shown = Table(title, counted, "who" if everybody else "for example", box=None, pad_edge=False)
        for kind in kinds:
            shown.add_row(kind["kind"], str(kind["count"]), ", ".join(kind["sample"]))
        if kinds:
            Console().print(shown)


@app.command("release")
def release_import(
    snapshot_id: Annotated[str, typer.Argument(help="As `ledstjarna hr list` names it.", metavar="ID")],
    run_dir: RunDir = None,
) -> None:
    """Let a held snapshot be applied, reconciled anew with the register as it is now."""
    released = asked(_tell(stack_in(run_dir), f"/{snapshot_id}/release", {}))
    counts = f"{released['staff_changed']} people, {released['managers_changed']} of them managers"
    typer.echo(f"{snapshot_id} is being applied, compared anew with the register as it is now: {counts}.")


@app.command("reject")
def reject_import(
    snapshot_id: Annotated[str, typer.Argument(help="As `ledstjarna hr list` names it.", metavar="ID")],
    reason: Annotated[str, typer.Option(help="Why it must not be applied; it is kept and shown.")],
    run_dir: RunDir = None,
) -> None:
    """Let a held snapshot change nothing."""
    asked(_tell(stack_in(run_dir), f"/{snapshot_id}/reject", {"reason": reason}))
    typer.echo(f"{snapshot_id} is rejected and changes nothing.")


async def _ask(stack: Endpoints, path: str, **params: str | int) -> Any:
    async with Calls(stack.tokens.operator, PATIENCE_SECONDS) as calls:
        return await calls.get(f"{needed(stack.enrolment, 'the service enrolment')}/api/staff-imports{path}", **params)


async def _tell(stack: Endpoints, path: str, body: dict[str, Any]) -> Any:
    address = f"{needed(stack.enrolment, 'the service enrolment')}/api/staff-imports{path}"
    async with Calls(stack.tokens.operator, PATIENCE_SECONDS) as calls:
        return await calls.post(address, once=uuid7(), json=body)


def _because(reason: str | None) -> str:
    return f": {reason}." if reason else "."
