"""Finding a running stack, and what a program needs to take part in it."""

import os
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from deploy.local.endpoints import FILE, Endpoints
from shared.clock import SimulatedClock
from shared.cloudevents import explain
from shared.topology import SERVICES

VARIABLE: Final = "LEDSTJARNA_RUN_DIR"


class NoStackError(Exception):
    """There is no such stack, or it lacks what is needed; the message says what to do."""


def find_stack(run_dir: Path | None) -> Endpoints:
    """The stack in `run_dir`; else in the directory that LEDSTJARNA_RUN_DIR names; else the newest one under ./run.

    Raises:
        NoStackError: none is there.
    """
    chosen = run_dir or (Path(named) if (named := os.environ.get(VARIABLE)) else _newest())
    if chosen is None:
        raise NoStackError("No stack runs here: start one with ./start, or name its directory with --run-dir DIR.")
    try:
        return Endpoints.read(chosen)
    except OSError as error:
        raise NoStackError(f"{chosen} holds no {FILE} of a running stack: name another with --run-dir DIR.") from error
    except ValidationError as error:
        raise NoStackError(f"{chosen / FILE} is not as ./start writes it: {explain(error)}.") from error


def services_of(stack: Endpoints) -> dict[str, str]:
    """Address of each service. Raises `NoStackError` if one is not run."""
    return {service: needed(getattr(stack, service), f"the service {service}") for service in SERVICES}


def simulated_clock(stack: Endpoints) -> SimulatedClock:
    """The clock that can be moved. Raises `NoStackError` if the stack runs by the real one."""
    if stack.clock is None:
        raise NoStackError(
            "This stack runs by the real clock, which nobody can move: start one with --clock simulated."
        )
    return SimulatedClock(stack.clock)


def broker_of(stack: Endpoints, user: str) -> str:
    """The broker's address for one of its users. Raises `NoStackError` if it is not known."""
    return needed(stack.amqp_users.get(user), f"the broker as {user}")


def needed(address: str | None, what: str) -> str:
    """The address of something that may not be run. Raises `NoStackError` if it is not."""
    if address is None:
        raise NoStackError(f"This stack does not give {what}: start one with ./start.")
    return address


def _newest() -> Path | None:
    found = sorted(Path("run").glob(f"*/{FILE}"), key=lambda file: file.stat().st_mtime)
    return found[-1].parent if found else None
