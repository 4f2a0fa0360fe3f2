"""`ledstjarna backup`, `restore` and `reconcile`: getting all three services back after a disaster."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import httpx
import typer
from pymongo.errors import PyMongoError
from rich.console import Console

from deploy.backup.archive import DamagedBackupError
from deploy.backup.dump import PATIENCE_SECONDS, CannotBackUpError, back_up
from deploy.backup.reconcile import NotRestoredError, Report
from deploy.backup.reconcile import reconcile as bring_together
from deploy.backup.restore import NotEmptyError
from deploy.backup.restore import restore as put_back
from deploy.backup.sent_mails import SentMails
from deploy.ctl.asking import RunDir, asked, give_up, stack_in
from deploy.ctl.joining import broker_of, needed, simulated_clock
from deploy.local.endpoints import Endpoints
from shared.topology import SERVICES

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="Where the backup is.")]
out = Console(highlight=False, soft_wrap=True)


def backup(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Made; it must not be there yet.")],
    patience: Annotated[
        float, typer.Option(help="How many seconds to wait until nothing is on its way between services.")
    ] = PATIENCE_SECONDS,
    run_dir: RunDir = None,
) -> None:
    """Write all three databases, as they are at one moment, into a directory. The services go on meanwhile.

    Exit code 1: it is made, but events were on their way that no database held; they are listed in its manifest.
    """
    url = needed(stack_in(run_dir).mongo, "the database")
    try:
        manifest = back_up(url, directory, out.print, patience=patience)
    except (CannotBackUpError, PyMongoError, OSError) as error:
        give_up(f"No backup was made: {error}")
    out.print(f"{directory} holds all three databases as of {manifest.taken_at}. It holds people's data: lock it away.")
    if manifest.under_way:
        out.print(
            f"{len(manifest.under_way)} events were on their way and are not in it: make another when it is calm."
        )
        raise typer.Exit(1)


def restore(
    directory: Directory,
    replace: Annotated[bool, typer.Option("--replace", help="Let what is in the databases go.")] = False,
    run_dir: RunDir = None,
) -> None:
    """Put a backup into empty databases. Stop the services first; reconcile afterwards."""
    stack = stack_in(run_dir)
    _nobody_works(stack)
    try:
        manifest = put_back(needed(stack.mongo, "the database"), directory, out.print, replace=replace)
    except (DamagedBackupError, NotEmptyError, PyMongoError) as error:
        give_up(f"Nothing to work with has been restored: {error}")
    out.print(f"All is as of {manifest.taken_at}. Next: ledstjarna migrate, then ledstjarna reconcile.")


def reconcile(
    sent: Annotated[
        list[Path] | None,
        typer.Option(help="Log of the mail relay since the backup, or a directory of sent mails; can be repeated."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; else it is only told.")] = False,
    run_dir: RunDir = None,
) -> None:
    """Bring restored databases, the broker and the mails sent since the backup together. Services begin after it."""
    stack = stack_in(run_dir)
    _nobody_works(stack)
    url, broker = needed(stack.mongo, "the database"), broker_of(stack, "operator")
    now = simulated_clock(stack).now() if stack.clock else None
    try:
        known = SentMails.read(sent or [])
        report = asked(bring_together(url, broker, sent=known, now=now, act=yes))
    except (NotRestoredError, PyMongoError, OSError) as error:
        give_up(str(error))
    _show(report, was_told=bool(sent))


def _nobody_works(stack: Endpoints) -> None:
    for service in SERVICES:
        address = getattr(stack, service)
        try:
            httpx.get(f"{address}/health/live", timeout=3, trust_env=False)
        except httpx.HTTPError:
            continue
        give_up(f"{service} is up at {address}: stop the services first.")


def _show(report: Report, *, was_told: bool) -> None:
    told = asdict(report)
    for name in ("dropped", "kept", "under_way", "pending", "calendars_ahead"):
        out.print(f"{name.replace('_', ' ')}: {_words(told[name])}")
    out.print(
        f"mails: {report.mails_known} were sent and will not be again, {report.mails_forgotten} more are remembered"
    )
    out.print(
        f"       {report.mails_unsent} will be sent" + ("" if was_told else "; some may have been: say --sent LOG")
    )
    out.print(f"Now, about the time since {report.taken_at}:")
    for line in STILL_TO_DO:
        out.print(f"  * {line}")
    out.print("Done: start the services." if report.done else "Nothing has been changed: say --yes to do it.")


STILL_TO_DO: Sequence[str] = (
    "ask HR for a snapshot, and to send every erasure since then again",
    "tell the office: what it decided since then is to be decided again",
    "whoever answered an offer or a survey since then is asked again, by the links that she has or by a new mail",
    "invite anew the places under 'calendars ahead': ledstjarna mail reinvite PLACE",
)


def _words(found: object) -> str:
    if isinstance(found, dict):
        return ", ".join(f"{name} {count}" for name, count in found.items() if count) or "none"
    if isinstance(found, list):
        return ", ".join(each if isinstance(each, str) else " ".join(each.values()) for each in found) or "none"
    return str(found)
