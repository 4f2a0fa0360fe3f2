"""The command `ledstjarna`: what operators and the office do from a shell. Exit code 2: it could not be asked."""

from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from deploy.ctl import backups, dead, hr, instruments, mails, office, sent_mails, upgrades
from deploy.ctl.asking import PATIENCE_SECONDS, RunDir, asked, give_up, stack_in
from deploy.ctl.calls import Calls, UnreachableError
from deploy.ctl.clock import SimulatedTime, span
from deploy.ctl.joining import broker_of, services_of, simulated_clock
from deploy.ctl.queues import Queues
from deploy.ctl.secrets import write_secrets
from deploy.ctl.standing import Progress, Standing
from deploy.ctl.tracing import trace
from deploy.local.endpoints import Endpoints

app = typer.Typer(help="Ledstjärna from a shell.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)
clock = typer.Typer(help="The simulated clock of a local stack.", no_args_is_help=True)
office.add_to(app)
sent_mails.add_to(mails.app)
app.add_typer(clock, name="clock")
app.add_typer(dead.app, name="dead")
app.add_typer(hr.app, name="hr")
app.add_typer(instruments.app, name="instrument")
app.add_typer(mails.app, name="mail")
app.command("trace")(trace)
app.command("migrate")(upgrades.migrate_stack)
for command in (backups.backup, backups.restore, backups.reconcile):
    app.command()(command)


@clock.command("advance", context_settings={"ignore_unknown_options": True})  # so that span() explains -1d
def advance(
    length: Annotated[str, typer.Argument(help="How far: 3d, 4h or 90m.", metavar="SPAN")], run_dir: RunDir = None
) -> None:
    """Move simulated time, doing in order whatever becomes due."""
    try:
        by = span(length)
    except ValueError as error:
        give_up(f"{error}.")
    stack = stack_in(run_dir)

    async def move() -> Any:
        hands, queues = simulated_clock(stack), Queues(broker_of(stack, "operator"))
        try:
            async with Calls(stack.tokens.operator, PATIENCE_SECONDS) as calls:
                await SimulatedTime(hands, Standing(calls, services_of(stack)), queues).advance(hands.now() + by)
        finally:
            await queues.close()
        return hands.now()

    Console().print(f"It is {asked(move()):%A %Y-%m-%d %H:%M} UTC now.")


@app.command()
def status(run_dir: RunDir = None) -> None:
    """How the services stand. Exit code 0: all well; 1: one is not ready; 2: one cannot be reached."""
    stack = stack_in(run_dir)
    ready, progress = asked(_look(stack))
    shown = Table(
        "service",
        "ready",
        "outbox",
        "in flight",
        "busy",
        "done until",
        "next due",
        box=None,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for service, how in progress.items():
        missing = [part for part, well in ready[service].items() if not well]
        counts = (how.outbox_pending, how.in_flight, how.busy)
        moments = [f"{moment:%Y-%m-%d %H:%M}" if moment else "–" for moment in (how.ran_until, how.next_due)]
        shown.add_row(service, f"no: {', '.join(missing)}" if missing else "yes", *map(str, counts), *moments)
    Console().print(shown)
    raise typer.Exit(0 if all(all(parts.values()) for parts in ready.values()) else 1)


@app.command()
def secrets(directory: Annotated[Path, typer.Argument(help="Made if it is not there.", metavar="DIR")]) -> None:
    """Write the passwords, tokens and keys that a deployment needs into a directory."""
    try:
        write_secrets(directory)
    except OSError as error:
        give_up(f"{directory} cannot be used: {error.strerror}; name a directory that can be made and written.")
    Console().print(f"Passwords, tokens and keys are in {directory}, each in a file: keep them out of any repository.")


async def _look(stack: Endpoints) -> tuple[dict[str, dict[str, bool]], dict[str, Progress]]:
    addresses = services_of(stack)
    ready = {}
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as anybody:
        for service, address in addresses.items():
            try:
                ready[service] = (await anybody.get(f"{address}/health/ready")).json()
            except httpx.TransportError as error:
                raise UnreachableError(f"{service} cannot be reached at {address}; is the stack running?") from error
    async with Calls(stack.tokens.operator, PATIENCE_SECONDS) as calls:
        return ready, await Standing(calls, addresses).progress()
