"""What every command has in common: which stack it asks, how long it waits, and how it ends when it gets no answer."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from deploy.ctl.calls import RefusedError, UnreachableError
from deploy.ctl.clock import NotStillError
from deploy.ctl.joining import VARIABLE, NoStackError, find_stack
from deploy.local.endpoints import Endpoints

T = TypeVar("T")

RunDir = Annotated[
    Path | None,
    typer.Option(help=f"Run directory of the stack; else ${VARIABLE}, else the newest under ./run."),
]

PATIENCE_SECONDS = 5.0
_NOT_LET_IN = "The stack refuses the token in endpoints.json: it is of another run; name the right one with --run-dir."


def stack_in(run_dir: Path | None) -> Endpoints:
    """The running stack; or the end, with one sentence."""
    try:
        return find_stack(run_dir)
    except NoStackError as error:
        give_up(str(error))


def asked(question: Coroutine[Any, Any, T]) -> T:
    """The answer; or the end, with one sentence."""
    try:
        return asyncio.run(question)
    except RefusedError as error:
        give_up(_NOT_LET_IN if error.status in (401, 403) else str(error))
    except (NoStackError, UnreachableError, NotStillError) as error:
        give_up(str(error))


def give_up(sentence: str) -> NoReturn:
    """Say why nothing could be done, and end with code 2."""
    typer.echo(sentence, err=True)
    raise typer.Exit(2)
