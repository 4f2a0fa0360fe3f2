"""What every part of the local stack has in common: start, readiness, stop with its own grace, a log."""

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import httpx

from deploy.local.ports import HOST, free_port, is_free
from deploy.local.process import CannotStart, PartDied, Program, last_lines


class Part(ABC):
    """One program of the stack with its own directory and log below the run directory; can be started again."""

    name: str
    grace_seconds: float = 20.0
    ready_within_seconds: float = 60.0

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self.log = run_dir / "logs" / f"{self.name}.log"
        self._program: Program | None = None

    @abstractmethod
    def command(self) -> Sequence[str | Path]:
        """The program and its arguments."""

    @abstractmethod
    def ports(self) -> Sequence[int]:
        """The ports of 127.0.0.1 that the program will listen on."""

    @abstractmethod
    async def is_ready(self) -> bool:
        """Whether the part can be used now, asked of itself; errors of a connection count as no."""

    def environment(self) -> Mapping[str, str]:
        """The program's environment."""
        return os.environ

    async def prepare(self) -> None:
        """What must be in place before each start."""
        self.log.parent.mkdir(parents=True, exist_ok=True)

    async def start(self) -> None:
        """Start the program and return when it is ready. Raises CannotStart or PartDied."""
        taken = [port for port in self.ports() if not is_free(port)]
        if taken:
            raise CannotStart(
                f"{self.name} cannot start: port {taken[0]} of {HOST} is taken by another program; "
                "end that program or try again, and free ports are chosen anew."
            )
        await self.prepare()
        self._program = await Program.begin(
            self.command(),
            environment=self.environment(),
            directory=self.run_dir,
            log=self.log,
            grace=self.grace_seconds,
        )
        await self._until_ready(self._program)

    async def _until_ready(self, program: Program) -> None:
        try:
            async with asyncio.timeout(self.ready_within_seconds):
                while program.running:
                    if await self.is_ready():
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise CannotStart(
                self.after_its_last_words(f"was not ready within {self.ready_within_seconds:.0f} seconds")
            ) from None
        raise PartDied(self.after_its_last_words("ended while it was starting"))

    @property
    def running(self) -> bool:
        """Whether the program runs."""
        return self._program is not None and self._program.running

    @property
    def pid(self) -> int:
        """The process id of the program itself."""
        if self._program is None:
            raise LookupError(f"{self.name} has not been started.")
        return self._program.pid

    async def ended(self) -> int:
        """Wait until the program has ended; its exit code, 128 + n for signal n."""
        return 0 if self._program is None else await self._program.ended()

    def kill(self) -> None:
        """SIGKILL the program, as a crash would."""
        if self._program is not None:
            self._program.kill()

    async def stop(self, *, hard: bool = False) -> None:
        """End the program with its grace, or at once when `hard`; returns when nothing of it is left."""
        if self._program is not None:
            await self._program.stop(hard=hard)

    def force(self) -> None:
        """Have the program and all it started killed, without waiting for it."""
        if self._program is not None:
            self._program.force()

    def after_its_last_words(self, what: str) -> str:
        """How the log ends, and below it `what` happened: the sentence stands last, where it is seen on a terminal."""
        words = last_lines(self.log)
        if not words:
            return f"{self.name} {what}; it wrote nothing to {self.log}."
        return f"{words}\n{self.name} {what}; above are the last lines of {self.log}."

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop(hard=True)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


class WebPart(Part):
    """A part that listens on one port and says there by HTTP whether it is ready."""

    ready_path = "/-/ready"

    def __init__(self, run_dir: Path) -> None:
        super().__init__(run_dir)
        self.port = free_port()

    @property
    def url(self) -> str:
        """Where its pages and its API are."""
        return f"http://{HOST}:{self.port}"

    def ports(self) -> Sequence[int]:
        return [self.port]

    async def is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.get(f"{self.url}{self.ready_path}", timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK
