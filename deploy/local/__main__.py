"""What `./start` does once Python is set up: run the stack, live through the sample year, stay up until Ctrl-C."""

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markup import escape

from deploy.local.blueprint import DASHBOARDS, PARTS
from deploy.local.endpoints import FILE, Endpoints
from deploy.local.process import CannotStart, PartDied
from deploy.local.run_dir import RUNS_KEPT
from deploy.local.stack import Stack

KEPT, BROKEN, NOT_STARTED, INTERRUPTED = 0, 1, 2, 130


class Options(argparse.Namespace):
    """The arguments, typed."""

    once: bool
    empty: bool
    dashboards: bool
    run_dir: Path | None
    clock: Literal["real", "simulated"] | None
    seed: int


def read_options(arguments: list[str]) -> Options:
    """What was asked for; leaves with a usage line and code 2 when it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="./start",
        description="Run Ledstjärna on this machine and let a sample municipality live through a year.",
        epilog="Leaves with 0 when every promise was kept (with --empty: when it ran until stopped), 1 when one was "
        "not or a part died, 2 when the stack could not start or an argument makes no sense, 130 when it was "
        "interrupted before the year was over (with --empty: before all was up).",
    )
    parser.add_argument("--once", action="store_true", help="stop after the year instead of staying up")
    parser.add_argument("--empty", action="store_true", help="run no sample; the clock is then the real one")
    parser.add_argument(
        "--dashboards",
        action="store_true",
        help="show dashboards of it, too (needs Node 20 and Prometheus, installed when missing)",
    )
    parser.add_argument(
        "--run-dir",
        type=Path,
        metavar="DIR",
        help="where to write everything; an earlier run is erased (default: a new directory below ./run, where the "
        f"newest {RUNS_KEPT} finished runs are kept and older ones deleted)",
    )
    parser.add_argument(
        "--clock", choices=("real", "simulated"), help="only with --empty: the year needs a simulated one"
    )
    parser.add_argument("--seed", type=int, default=1, help="another municipality and another year (default: 1)")
    options = parser.parse_args(arguments, namespace=Options())
    if options.clock == "real" and not options.empty:
        parser.error(
            "--clock real goes only with --empty: the sample year takes minutes because its clock is simulated"
        )
    options.clock = options.clock or ("real" if options.empty else "simulated")
    return options


class Run:
    """One run of the command: its exit code grows with what happens."""

    def __init__(self, options: Options, console: Console, parts: Collection[str] = PARTS) -> None:
        self._options, self._console = options, console
        self._stack = Stack(
            options.run_dir,
            clock=options.clock or "simulated",
            parts=(*parts, *DASHBOARDS) if options.dashboards else parts,
            restart_services=not options.empty,
            news=lambda part, what: console.print(f"  [bold]{part}[/] {escape(what)}", highlight=False, soft_wrap=True),
        )
        self._code = NOT_STARTED

    async def __call__(self) -> int:
        """Start, show, stay up, stop; the exit code."""
        self._listen_to_signals()
        try:
            async with self._stack:
                try:
                    await self._use()
                finally:
                    self._console.print("Stopping; RabbitMQ takes some seconds.")
        except (CannotStart, PartDied) as reason:
            self._console.print(f"[red]{escape(str(reason))}[/]", highlight=False, soft_wrap=True)
            return NOT_STARTED if self._code == NOT_STARTED else BROKEN
        except asyncio.CancelledError:
            self._console.print("Interrupted; everything has been stopped.")
            return INTERRUPTED
        return self._code

    async def _use(self) -> None:
        if self._stack.endpoints.dashboards:
            self._console.print(f"  [bold]dashboards[/] are at {self._stack.endpoints.dashboards}", highlight=False)
        self._code = KEPT if self._options.empty else await self._live_through_the_year()
        self._console.print(addresses(self._stack.endpoints), highlight=False, soft_wrap=True, markup=False)
        if not self._options.once:
            await self._stay_up()

    async def _live_through_the_year(self) -> int:
        from deploy.sample import year  # noqa: PLC0415 - numpy and the like, only when needed

        self._code = BROKEN  # until shown otherwise
        kept = await year.run(self._stack.endpoints, seed=self._options.seed, console=self._console)
        return KEPT if kept else BROKEN

    async def _stay_up(self) -> None:
        self._console.print("Running until Ctrl-C.")
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    def _listen_to_signals(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        heard = 0

        def hear() -> None:
            nonlocal heard
            heard += 1
            if heard == 1 and task is not None:
                task.cancel()
            else:
                self._stack.force()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, hear)


def addresses(endpoints: Endpoints) -> str:
    """Where to look, and with which key."""
    services = {name: getattr(endpoints, name) for name in ("enrolment", "notifications", "evaluation")}
    lines = {name: f"{url}/docs" for name, url in services.items()}
    lines |= {"results": f"{endpoints.evaluation}/results", "token": f"{endpoints.tokens.office} (for /sign-in)"}
    if endpoints.management:
        lines["RabbitMQ"] = f"{endpoints.management} (name and password: amqp_users.operator in the file below)"
    lines |= {"dashboards": endpoints.dashboards} if endpoints.dashboards else {}
    lines |= {"Prometheus": f"{endpoints.prometheus} (/alerts: what fires)"} if endpoints.prometheus else {}
    lines |= {"MongoDB": str(endpoints.mongo), "mails": str(endpoints.maildir or endpoints.smtp)}
    lines["all of it"] = str(endpoints.run_dir / FILE)
    return "\n".join(f"  {name:<14} {value}" for name, value in lines.items())


def main(arguments: list[str], parts: Collection[str] = PARTS) -> int:
    """Read the arguments, run."""
    options = read_options(arguments)
    console = Console()
    try:
        return asyncio.run(_run(options, console, parts))
    except CannotStart as reason:
        console.print(f"[red]{escape(str(reason))}[/]", highlight=False, soft_wrap=True)
        return NOT_STARTED


async def _run(options: Options, console: Console, parts: Collection[str]) -> int:
    return await Run(options, console, parts)()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
