"""The command `ledstjarna`: what operators and the office do from a shell. Exit code 2: it could not be asked."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from deploy.ctl import dead, hr, instruments, mails, office, sent_mails
from deploy.ctl.asking import PATIENCE_SECONDS, RunDir, asked, give_up, stack_in
from deploy.ctl.calls import Calls
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
    """Write the passwords, tokens and keys that a deployment needs into a directory."""
    try:
        write_secrets(directory)
    except OSError as error:
        give_up(f"{directory} cannot be used: {error.strerror}; name a directory that can be made and written.")
    Console().print(f"Passwords, tokens and keys are in {directory}, each in a file: keep them out of any repository.")
