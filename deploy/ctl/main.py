"""The command `ledstjarna`: what operators and the office do from a shell. Exit code 2: it could not be asked."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from deploy.ctl import backups, dead, hr, instruments, mails, office, sent_mails, upgrades
from deploy.ctl.asking import PATIENCE_SECONDS, RunDir, asked, give_up, stack_in
from deploy.ctl.calls import Calls
from deploy.ctl.certificates import NoOpensslError, write_certificates
from deploy.ctl.clock import SimulatedTime, span
from deploy.ctl.doctor.command import doctor
from deploy.ctl.joining import broker_of, services_of, simulated_clock
from deploy.ctl.queues import Queues
from deploy.ctl.secrets import write_secrets
from deploy.ctl.standing import Standing
from deploy.ctl.status.command import status
from deploy.ctl.tracing import trace

app = typer.Typer(help="Ledstjärna from a shell.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)
clock = typer.Typer(help="The simulated clock of a local stack.", no_args_is_help=True)
office.add_to(app)
sent_mails.add_to(mails.app)
app.add_typer(clock, name="clock")
app.add_typer(dead.app, name="dead")
app.add_typer(hr.app, name="hr")
app.add_typer(instruments.app, name="instrument")
app.add_typer(mails.app, name="mail")
app.command("doctor")(doctor)
app.command("status")(status)
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
def secrets(directory: Annotated[Path, typer.Argument(help="Made if it is not there.", metavar="DIR")]) -> None:
    """Write the passwords, tokens and keys that a deployment needs into a directory.

    Done again after an upgrade, it adds what the new version needs besides, and leaves alone what is there.
    """
    try:
        made = write_secrets(directory)
    except (OSError, ValueError) as error:
        give_up(f"{directory} cannot be used: {error}")
    where = f"{directory}, each in a file: keep them out of any repository, and a copy of them in a safe"
    say(f"Made in {where}: {', '.join(made)}." if made else f"All were there already, in {where}.")


@app.command()
def certificates(
    directory: Annotated[Path, typer.Argument(help="Where the secrets are.", metavar="DIR")],
    name: Annotated[list[str] | None, typer.Option(help="By which others reach us; can be repeated.")] = None,
) -> None:
    """Write what TLS needs into DIR/tls: an authority of the deployment's own, and certificates for its servers.

    What is there is kept: to renew one, delete its .pem and do this again; to use your own, put it there.
    """
    try:
        made = write_certificates(directory, name or [])
    except FileNotFoundError as error:
        give_up(f"{error.filename} is missing: run `ledstjarna secrets {directory}` first.")
    except (OSError, ValueError, NoOpensslError) as error:
        give_up(str(error))
    say(f"Made in {directory / 'tls'}: {', '.join(made)}." if made else f"All were there already, in {directory}/tls.")


def say(sentence: str) -> None:
    """One sentence, wherever the terminal ends."""
    Console(highlight=False).print(sentence, soft_wrap=True, markup=False)
