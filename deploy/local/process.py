"""One program of the local stack: started under a guardian, watched, stopped, its last words kept."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

Stream = TypeVar("Stream", asyncio.StreamReader, asyncio.StreamWriter)

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_GUARDIAN = Path(__file__).with_name("guardian.py")


class CannotStart(Exception):  # noqa: N818 - reads as what happened
    """The stack, or a part of it, cannot start. The message is one sentence that says what to do."""


class PartDied(Exception):  # noqa: N818
    """A part ended that should run on. The message is the last lines of its log, then the sentence that names it."""


class Program:
    """A running program and its guardian; both have sessions of their own, so no key press reaches them."""

    def __init__(self, guardian: asyncio.subprocess.Process, pid: int) -> None:
        self._guardian = guardian
        self.pid = pid

    @classmethod
    async def begin(
        cls, command: Sequence[str | Path], *, environment: Mapping[str, str], directory: Path, log: Path, grace: float
    ) -> "Program":
        """Start `command`, its output appended to `log`; `grace` is the seconds it gets between asking and forcing."""
        with log.open("ab") as output:
            guardian = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(_GUARDIAN), str(grace), *map(str, command)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
                env=dict(environment),
                cwd=directory,
                start_new_session=True,
            )
        told = await _piped(guardian.stdout).readline()
        if not told.strip().isdigit():
            await guardian.wait()
            raise CannotStart(f"{command[0]} could not be run: {last_lines(log, 1)}")
        return cls(guardian, int(told))

    @property
    def running(self) -> bool:
        """Whether the program still runs, as far as is known."""
        return self._guardian.returncode is None

    async def ended(self) -> int:
        """Wait until the program and everything it started is gone; its exit code, 128 + n for signal n."""
        return await self._guardian.wait()

    def kill(self) -> None:
        """SIGKILL the program itself, as a crash would; what it started is cleared away by its guardian."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def stop(self, *, hard: bool = False) -> None:
        """Ask the program to end (or force it, when `hard`) and wait until it and all it started is gone."""
        self._tell(b"kill\n" if hard else b"stop\n")
        await self._guardian.wait()

    def force(self) -> None:
        """Have the program and all it started killed, without waiting for it."""
        self._tell(b"kill\n")

    def _tell(self, words: bytes) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):  # the guardian, or the loop, may be gone already
            _piped(self._guardian.stdin).write(words)


def _piped(stream: Stream | None) -> Stream:
    if stream is None:
        raise RuntimeError("A guardian is always started with pipes.")
    return stream


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log file, for people; empty when there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        lines = _COLOUR.sub("", file.read().decode(errors="replace")).splitlines()
    return "\n".join([line for line in lines if line.strip()][-count:])
