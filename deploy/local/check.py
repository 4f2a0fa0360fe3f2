"""What `./check` does once Python is set up: every judge in turn, the tests last."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from deploy.local import newer_broker
from deploy.local.extras import EXTRAS, made_ready
from deploy.local.mail import ROOT

_TOOLS = Path(sys.executable).parent  # of this virtual environment, whatever is on the PATH


@dataclass(frozen=True)
class Step:
    """One judge: what it looks at, and its command."""

    name: str
    command: Sequence[str]


STATIC = (
    Step("format", (str(_TOOLS / "ruff"), "format", "--check", "--quiet", ".")),
    Step("lint", (str(_TOOLS / "ruff"), "check", "--quiet", ".")),
    Step("types", (sys.executable, "-m", "mypy")),
    Step("imports", (str(_TOOLS / "lint-imports"),)),
    Step("generated files", (sys.executable, "-m", "deploy.generated", "--check")),
)
BENCH = Step("bench", (sys.executable, "-m", "tests.bench"))
SERVERLESS = ("tests/unit", "tests/attack", "tests/contract", "--ignore=tests/contract/test_openapi.py")
ALL = ("tests/unit", "tests/attack", "tests/flow", "tests/contract", "tests/integration")


def tests(options: argparse.Namespace) -> Step:
    """The test run that was asked for."""
    chosen = SERVERLESS if options.quick else ALL
    left_out = " and ".join(f"not {asked.marker}" for asked in EXTRAS.values() if asked.marker)
    return Step("tests", (sys.executable, "-m", "pytest", *chosen, "-m", left_out, *options.pytest))


def extra(name: str) -> bool:
    """Run tests that are not everybody's, once what they need is there."""
    asked = EXTRAS[name]
    hindrance = made_ready(asked, lambda what: say(f"        ./check --{name} {what}"))
    if hindrance:
        say(f"FAILED  {name}: {hindrance}, then ./check --{name} again")
        return False
    around = newer_broker.environment(asked.broker) if asked.broker else {}
    marked = ("-m", asked.marker) if asked.marker else ()
    return watch(Step(name, (sys.executable, "-m", "pytest", "-q", asked.folder, *marked)), around)


def judge(step: Step) -> bool:
    """Run one step, show what it says when it fails, tell how it went."""
    began = time.monotonic()
    done = subprocess.run(step.command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    well = done.returncode == 0
    say(f"{'ok    ' if well else 'FAILED'}  {step.name}  {time.monotonic() - began:.1f} s")
    if not well:
        say(done.stdout + done.stderr)
    return well


def watch(step: Step, around: Mapping[str, str] = MappingProxyType({})) -> bool:
    """Run one step and let it speak for itself; `around` is added to its environment."""
    say(f"        {step.name}: {' '.join(step.command[1:])}")
    done = subprocess.run(step.command, cwd=ROOT, stdin=subprocess.DEVNULL, env={**os.environ, **around}, check=False)
    return done.returncode == 0


def say(line: str) -> None:
    """One line, in order with what the steps print themselves."""
    print(line, flush=True)


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for; all that stands behind `--` is for pytest."""
    place = list(arguments).index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(
        prog="./check",
        usage=f"./check [--quick] [--bench] {' '.join(f'[--{name}]' for name in EXTRAS)} [-- PYTEST-ARGUMENTS]",
        description="Format, lint, types, import rules, generated files, tests; leaves with 0 when all is well.",
    )
    parser.add_argument("--quick", action="store_true", help="only what needs no server")
    parser.add_argument("--bench", action="store_true", help="measure against the floor, too")
    for name, asked in EXTRAS.items():
        parser.add_argument(f"--{name}", action="append_const", dest="extras", const=name, help=f"{asked.says}, too")
    parser.set_defaults(extras=[])
    options = parser.parse_args(arguments[:place])
    options.pytest = arguments[place + 1 :]
    return options


def main() -> int:
    """Run all steps even when one fails; the tests' own closing line is the last thing said."""
    options = read_options(sys.argv[1:])
    failed = [step.name for step in STATIC if not judge(step)]
    if options.bench and not watch(BENCH):
        failed.append(BENCH.name)
    failed += [name for name in options.extras if not extra(name)]
    if failed:
        say(f"FAILED so far: {', '.join(failed)}. The tests follow.")
    return 0 if watch(tests(options)) and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
