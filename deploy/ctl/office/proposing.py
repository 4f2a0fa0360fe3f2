"""The commands `ledstjarna change propose …`: the kinds of change that the office makes often."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.ctl.asking import RunDir, give_up
from deploy.ctl.office.asking import Note, View, read_bytes
from deploy.ctl.office.changes import propose

app = typer.Typer(help="Propose a change and see its impact; nothing happens.", no_args_is_help=True)

Cohort = Annotated[str, typer.Argument(help="The cohort's id.", metavar="COHORT")]
Session = Annotated[str, typer.Argument(help="The session's id.", metavar="SESSION")]
Swedish = Annotated[str, typer.Option("--sv", help="Why, as those read it who would have come, in Swedish.")]
English = Annotated[str, typer.Option("--en", help="Why, in English.")]
Room = Annotated[str | None, typer.Option(help="Held here instead.")]


@app.command("move-session")
def move_session(
    cohort_id: Cohort,
    session_id: Session,
    *,
    to: Annotated[str, typer.Option(help="Its new start, local time.", metavar='"2026-10-20 09:00"')],
    until: Annotated[str | None, typer.Option(help="Its new end; else it stays as long.", metavar="TIME")] = None,
    room: Room = None,
    force: Annotated[bool, typer.Option("--force", help="Even past another module's session.")] = False,
    note: Note = "",
    run_dir: RunDir = None,
) -> None:
    """Hold a session at another time."""
    command: View = {"cohort_id": cohort_id, "session_id": session_id, "starts_at": to, "ends_at": until}
    propose(run_dir, "reschedule_session", command | {"location": room, "force": force}, note)


@app.command("cancel-session")
def cancel_session(
    cohort_id: Cohort, session_id: Session, *, sv: Swedish, en: English, note: Note = "", run_dir: RunDir = None
) -> None:
    """Call a session off."""
    command = {"cohort_id": cohort_id, "session_id": session_id, "reason": {"sv": sv, "en": en}}
    propose(run_dir, "cancel_session", command, note)


@app.command("add-session")
def add_session(
    cohort_id: Cohort,
    module: Annotated[str, typer.Argument(help="The module that it belongs to, or a code of its own.", metavar="CODE")],
    *,
    begins: Annotated[str, typer.Option("--from", help="Its start, local time.", metavar='"2026-10-20 09:00"')],
    until: Annotated[str, typer.Option(help="Its end.", metavar='"2026-10-20 12:00"')],
    room: Annotated[str, typer.Option(help="Where.")],
    sv: Annotated[str | None, typer.Option(help="What it is called in Swedish; else as its module.")] = None,
    en: Annotated[str | None, typer.Option(help="What it is called in English.")] = None,
    note: Note = "",
    run_dir: RunDir = None,
) -> None:
    """Hold a session besides those that there are."""
    if (sv is None) != (en is None):
        give_up("A title is in both languages: give --sv and --en, or neither.")
    title = {"sv": sv, "en": en} if sv is not None else None
    command: View = {"cohort_id": cohort_id, "module": module, "title": title, "location": room}
    propose(run_dir, "add_session", command | {"starts_at": begins, "ends_at": until}, note)


@app.command("room")
def room(
    cohort_id: Cohort,
    location: Annotated[str, typer.Argument(help="Where they meet instead.", metavar="ROOM")],
    session: Annotated[str | None, typer.Option(help="Only this session; else all to come.")] = None,
    note: Note = "",
    run_dir: RunDir = None,
) -> None:
    """Meet elsewhere, in one session or in all to come."""
    propose(run_dir, "change_place", {"cohort_id": cohort_id, "session_id": session, "location": location}, note)


@app.command("facilitators")
def facilitators(
    cohort_id: Cohort,
    names: Annotated[list[str], typer.Argument(help="Who leads it from now on.", metavar="NAME...")],
    note: Note = "",
    run_dir: RunDir = None,
) -> None:
    """Have others lead a cohort; those who do not any more no longer see it."""
    propose(run_dir, "set_facilitators", {"cohort_id": cohort_id, "facilitators": names}, note)


@app.command("cancel-cohort")
def cancel_cohort(cohort_id: Cohort, sv: Swedish, en: English, note: Note = "", run_dir: RunDir = None) -> None:
    """Call a whole cohort off; its people are first in line for the next."""
    propose(run_dir, "cancel_cohort", {"cohort_id": cohort_id, "reason": {"sv": sv, "en": en}}, note)


@app.command("revise")
def revise(
    file: Annotated[Path, typer.Argument(help="The programme as YAML.", metavar="FILE")],
    answers: Annotated[
        list[str] | None, typer.Option(help="A recommendation that it answers; may be repeated.", metavar="ID")
    ] = None,
    note: Note = "",
    run_dir: RunDir = None,
) -> None:
    """Publish or revise a programme."""
    try:
        text = read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        give_up(f"{file} is not in UTF-8: save it as such.")
    propose(run_dir, "revise_programme", {"file": text, "addresses": answers or []}, note)


@app.command("adopt")
def adopt(
    cohort_id: Cohort,
    revision: Annotated[int | None, typer.Option(help="Which revision; else the newest.")] = None,
    note: Note = "",
    run_dir: RunDir = None,
) -> None:
    """Let a cohort go on by another revision of its programme."""
    propose(run_dir, "adopt_revision", {"cohort_id": cohort_id, "revision": revision}, note)
